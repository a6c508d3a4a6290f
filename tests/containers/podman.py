"""Podman, where it works here, with a base image made from this machine."""

import subprocess
from pathlib import Path

from tests.containers.host_image import write_image

Way = tuple[tuple[str, ...], tuple[str, ...]]
"""Arguments of the program itself, and of each ``run``."""

IMAGE = "localhost/pandium-tui-test-base:1"
# Each is right on some machines only: a virtual machine without CAP_SYS_RESOURCE, one with both versions of cgroups.
_WAYS: tuple[Way, ...] = (
    ((), ()),
    (("--runtime", "runc", "--cgroup-manager", "cgroupfs"), ()),
    (
        ("--runtime", "runc", "--cgroup-manager", "cgroupfs"),
        ("--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096"),
    ),
)


def podman(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """A call of the program for a test's own purposes."""
    return subprocess.run(["podman", *arguments], capture_output=True, text=True, check=False, timeout=120)


class PodmanMissingError(Exception):
    """Containers do not run here; the text says why."""


def find_way(folder: Path) -> Way:
    """Arguments with which containers run here; imports the image.

    Args:
        folder: for the image, which is removed from it again.

    Raises:
        PodmanMissingError: there are none.
    """
    archive = folder / "base.tar"
    try:
        write_image(archive)
        imported = podman("import", "-q", str(archive), IMAGE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PodmanMissingError(str(error)) from error
    finally:
        archive.unlink(missing_ok=True)
    said = imported.stderr
    if imported.returncode == 0:
        for engine_arguments, container_arguments in _WAYS:
            tried = podman(
                *engine_arguments, "run", "--rm", "--pull=never", "--read-only", "--cap-drop=all", "--memory=100m",
                "--cpus=1", "--pids-limit=50", *container_arguments, IMAGE, "true",
            )  # fmt: skip
            if tried.returncode == 0:
                return engine_arguments, container_arguments
            said = tried.stderr
    raise PodmanMissingError(f"podman says {said.strip()[-300:]}")
