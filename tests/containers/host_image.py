"""A base image without a registry: this machine's bash, coreutils and Python, with the libraries they need."""

import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable
from pathlib import Path

PROGRAMS = ("bash", "cat", "chmod", "env", "id", "ls", "mkdir", "sleep", "touch", "true")
_LIBRARY = re.compile(r"(/\S+) \(0x")
_LEFT_OUT = {"test", "tests", "site-packages", "idlelib", "lib2to3", "ensurepip", "tkinter", "__pycache__"}


def write_image(file: Path) -> None:
    """Write the tar archive that ``podman import`` and ``docker import`` take."""
    standard = Path(sysconfig.get_path("stdlib"))
    python = Path(os.path.realpath(sys.executable))
    programs = {f"usr/bin/{name}": Path(os.path.realpath(_found(name))) for name in PROGRAMS}
    needed = _libraries([*programs.values(), python, *(standard / "lib-dynload").glob("*.so")])
    with tarfile.open(file, "w") as archive:
        for name in ("usr", "usr/bin", "etc", "proc", "sys", "dev", "run", "home"):
            _add_folder(archive, name)
        _add_folder(archive, "tmp", 0o1777)
        _add_link(archive, "bin", "usr/bin")
        for name, source in programs.items():
            archive.add(source, name)
        for library in sorted(needed):
            archive.add(os.path.realpath(library), str(library).lstrip("/"))
        for entry in sorted(standard.iterdir()):
            if entry.name not in _LEFT_OUT:
                archive.add(entry, str(entry).lstrip("/"), filter=_without_caches)
        archive.add(python, str(python).lstrip("/"))
        for name in ("python", "python3"):
            _add_link(archive, f"usr/bin/{name}", str(python))


def _found(program: str) -> str:
    found = shutil.which(program, path="/usr/bin:/bin")
    if found is None:
        raise FileNotFoundError(f"{program} is not on this machine")
    return found


def _libraries(programs: Iterable[Path]) -> set[Path]:
    told = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=False).stdout
    return {Path(name) for name in _LIBRARY.findall(told)}


def _without_caches(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if Path(entry.name).name in _LEFT_OUT else entry


def _add_folder(archive: tarfile.TarFile, name: str, mode: int = 0o755) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    archive.addfile(entry, io.BytesIO())


def _add_link(archive: tarfile.TarFile, name: str, target: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    archive.addfile(entry)
