"""A container engine for real: Podman, where it works here, with a base image made from this machine."""

import fcntl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pandium_tui.builds.containers import LABEL, installation_of
from pandium_tui.engine.engine import Engine
from pandium_tui.settings import Settings
from pandium_tui.storage.database import open_store
from tests.containers.host_image import write_image
from tests.scenario import Scenario

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


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to lock: Podman 4 fails now and then to list images while another process removes one."""
    return tmp_path_factory.getbasetemp().parent / "podman.lock"


@pytest.fixture(scope="session")
def way(alone: Path, tmp_path_factory: pytest.TempPathFactory) -> Way:
    """Arguments with which containers run here; skips, with the reason, where they do not."""
    with alone.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _way(tmp_path_factory)


def _way(tmp_path_factory: pytest.TempPathFactory) -> Way:
    archive = tmp_path_factory.mktemp("image") / "base.tar"
    try:
        write_image(archive)
        imported = podman("import", "-q", str(archive), IMAGE)
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"CONTAINERS ARE NOT TESTED HERE: {error}")
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
    pytest.skip(f"CONTAINERS ARE NOT TESTED HERE: podman says {said.strip()[-300:]}")


@pytest.fixture
def contained(way: Way, alone: Path, tmp_path: Path) -> Iterator[Scenario]:
    """A store whose releases are built and run by Podman; nothing of it is left afterwards."""
    home = tmp_path / "home"
    settings = Settings(home=home, kill_grace=1, executor="podman", engine_arguments=way[0], container_arguments=way[1])
    home.mkdir(mode=0o700)
    settings.base_images_file.write_text(f'go = "{IMAGE}"\npython = "{IMAGE}"\n')
    with alone.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        store = open_store(settings)
        with Engine(store, "cli", schedules=False) as engine:
            yield Scenario(store, engine, tmp_path)
        store.close()
        mine = f"label={LABEL}.installation={installation_of(home)}"
        images = podman("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", mine).stdout.split()
        if images:
            podman(*way[0], "rmi", "-f", *images)
