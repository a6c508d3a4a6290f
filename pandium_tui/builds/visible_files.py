"""Which files of this machine a build or run needs to see: the system's, the toolchain's, the certificates."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pandium_tui.builds.languages import LANGUAGES
from pandium_tui.builds.passed_variables import BUILD_VARIABLES, PASSED_VARIABLES

# Programs, libraries and their settings; Nix and Guix keep theirs in folders of their own.
_SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix/store", "/gnu/store",
    "/run/current-system", "/var/lib/ca-certificates", "/sys/devices/system/cpu",
)  # fmt: skip
# Often links to somewhere else, which must be there too.
_LINKED_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/localtime")


def visible_files(
    language: str, path_entries: Iterable[str | Path], more: Sequence[str | Path], host: Mapping[str, str] | None = None
) -> list[str]:
    """The files and folders of this machine to show to builds and runs in a language; all exist.

    Args:
        language: a key of ``LANGUAGES``.
        path_entries: ``Toolchain.path_entries`` of its build.
        more: what else is asked for.
        host: the variables of this machine that name certificates and packages. Without it those of this process.
    """
    host = os.environ if host is None else host
    wanted = [Path(one) for one in (*_SYSTEM, *_LINKED_FILES, *more)]
    for entry in map(Path, path_entries):
        wanted += [entry, *_installations(entry, LANGUAGES[language].programs, Path(host.get("HOME") or "/").resolve())]
    for name in (*PASSED_VARIABLES, *BUILD_VARIABLES):
        # Lists of folders, and addresses such as file:///srv/wheels; the other addresses name no file.
        words = re.split(r"[:\s]+", host.get(name) or "")
        wanted += [Path(word) for word in words if word.startswith("/") and word.strip("/")]
    found = (path for one in wanted if os.access(one, os.R_OK) for path in (one, one.resolve()))
    return list(dict.fromkeys(map(str, found)))


def _installations(entry: Path, programs: Sequence[str], home: Path) -> Iterator[Path]:
    """The whole installations behind a folder on PATH: their libraries lie beside the folder of the program."""
    folders = {entry.resolve()}
    folders.update(program.resolve().parent for pattern in programs for program in entry.glob(pattern))
    for folder in folders:
        # What lies beside /bin, ~/bin and ~/.local/bin is no part of an installation, but all the rest.
        alone = folder.parent in (Path("/"), home, home / ".local")
        yield folder.parent if folder.name in ("bin", "sbin") and not alone else folder
