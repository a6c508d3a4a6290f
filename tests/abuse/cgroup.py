"""A limit of processes for this process and all it starts, where root may make one: versions 1 and 2 of cgroups."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOTS = (Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup"))


@contextmanager
def at_most(processes: int) -> Iterator[Path | None]:
    """A cgroup with this limit around the block; None, and no limit, where none can be made."""
    made = next(filter(None, (_made(root, processes) for root in _ROOTS)), None)
    if made is None:
        yield None
        return
    before = made.parent / _own_group(made.parent).lstrip("/")
    (made / "cgroup.procs").write_text(str(os.getpid()))
    try:
        yield made
    finally:
        (before / "cgroup.procs").write_text(str(os.getpid()))
        made.rmdir()


def _made(root: Path, processes: int) -> Path | None:
    folder = root / f"pandium-tui-abuse-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError:
        return None
    try:
        (folder / "pids.max").write_text(str(processes))
    except OSError:
        folder.rmdir()
        return None
    return folder


def _own_group(root: Path) -> str:
    """Where this process is in the hierarchy, cgroups(7)."""
    for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
        _, controllers, place = line.split(":", 2)
        if controllers == ("pids" if root.name == "pids" else ""):
            return place
    return "/"
