"""Where the manifest of a repository is, and reading and checking it there, whatever that file turns out to be."""

import difflib
import os
import stat
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pandium_tui.manifest.manifest import read_manifest
from pandium_tui.manifest.problem import Problem, quoted
from pandium_tui.manifest.yaml_reading import MAX_BYTES

MANIFEST_NAME = "PANDIUM.yaml"

_NAMES_LOOKED_AT = 10_000


class ManifestNotFoundError(Exception):
    """There is no manifest at the place asked for; the message says what was looked for, and what is near."""


class ManifestUnreadableError(Exception):
    """The file is there, but is no regular file or cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The file that was checked, or looked for in vain, and its problems."""

    file: Path
    problems: tuple[Problem, ...]


def locate_manifest(root: Path, path: str = "") -> Path:
    """The manifest of the repository whose work tree is ``root``.

    Args:
        root: the folder of the work tree.
        path: relative to the root: ``""`` for PANDIUM.yaml in it, a folder for PANDIUM.yaml in that, or a file.

    Returns:
        The file. Links in its folder are resolved, so that its parent is the folder in which to build and run. The
        file itself may be a link; it leads to a regular file inside the root.

    Raises:
        ManifestNotFoundError: there is no such file, or it is no regular file, or it is outside the root.
    """
    if path.startswith("/"):
        raise ManifestNotFoundError(f"the path {quoted(path)} must be relative to the root of the repository")
    shown = quoted(path or MANIFEST_NAME)
    if os.path.normpath(path or ".").split("/")[0] == "..":
        raise ManifestNotFoundError(f"{shown} leads out of the repository, which is not allowed")
    try:
        real_root = Path(os.path.realpath(root, strict=True))
        candidate = _candidate(real_root, path)
        folder = Path(os.path.realpath(candidate.parent, strict=True))
        target = Path(os.path.realpath(candidate, strict=True))
        is_regular = stat.S_ISREG(target.stat().st_mode)
    except FileNotFoundError:
        raise ManifestNotFoundError(_not_there(root, path)) from None
    except (OSError, ValueError) as error:
        raise ManifestNotFoundError(f"{shown} cannot be reached: {_reason(error)}") from None
    if not (folder.is_relative_to(real_root) and target.is_relative_to(real_root)):
        raise ManifestNotFoundError(f"{shown} leads out of the repository through a link, which is not allowed")
    if not is_regular:
        raise ManifestNotFoundError(f"{shown} is not a regular file")
    return folder / candidate.name


def read_file(file: Path) -> bytes:
    """The content of a manifest, at most one byte more than a manifest may have. Never waits for a pipe or a device.

    Raises:
        ManifestUnreadableError: it is not there, it is no regular file, or the system refuses to read it.
    """
    try:
        # Opening can act on a device even without waiting, so look first; and again, for it may have been replaced.
        _require_regular(file.stat())
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as opened:
            _require_regular(os.fstat(descriptor))
            return opened.read(MAX_BYTES + 1) or b""
    except (OSError, ValueError) as error:
        raise ManifestUnreadableError(f"the file cannot be read: {_reason(error)}") from None


def check_file(file: Path) -> tuple[Problem, ...]:
    """All problems of a manifest, by line. Never raises: a file that cannot be read is an error on line 1."""
    try:
        content = read_file(file)
    except ManifestUnreadableError as error:
        return (Problem("error", str(error), 1, 1, ""),)
    return read_manifest(content).problems


def check_folder(root: Path, path: str = "") -> CheckedFile:
    """All problems of the manifest of a repository. Never raises: no manifest is an error on line 1."""
    try:
        file = locate_manifest(root, path)
    except ManifestNotFoundError as error:
        return CheckedFile(root / path if path else root / MANIFEST_NAME, (Problem("error", str(error), 1, 1, ""),))
    return CheckedFile(file, check_file(file))


def _candidate(root: Path, path: str) -> Path:
    asked = root / path
    return asked / MANIFEST_NAME if asked.is_dir() else asked


def _require_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise ManifestUnreadableError("this is a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise ManifestUnreadableError("this is not a regular file but a device, a pipe or a socket")


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def _not_there(root: Path, path: str) -> str:
    if not root.is_dir():
        return f"there is no folder {quoted(str(root))}"
    candidate = _candidate(root, path)
    folder, name = candidate.parent, candidate.name
    place = "the root of the repository" if folder == root else quoted(str(folder.relative_to(root)))
    if not folder.is_dir():
        return f"there is no folder {place} in the repository"
    if candidate.is_symlink():
        return f"{quoted(name)} in {place} is a link that leads nowhere"
    near = _near_names(folder, name)
    advice = f"; there is {' and '.join(quoted(other) for other in near)}" if near else ""
    return f"there is no {quoted(name)} in {place}{advice}"


def _near_names(folder: Path, name: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = {entry.name.casefold(): entry.name for entry in islice(entries, _NAMES_LOOKED_AT)}
    except OSError:
        return []  # A folder may be entered without being readable; then there is nothing to suggest.
    return [names[close] for close in difflib.get_close_matches(name.casefold(), names, n=3, cutoff=0.8)]
