"""Checking a PANDIUM.yaml before it is built."""

from pathlib import Path

from pandium_tui.hub.errors import InvalidError
from pandium_tui.manifest.location import CheckedFile, check_file, check_folder


def check_manifest(place: Path, path: str | None = None) -> CheckedFile:
    """Every problem of a manifest, sorted by line.

    Args:
        place: the file itself, or the folder of a repository.
        path: in a folder, the file or folder of the manifest as an integration would say it.

    Raises:
        InvalidError: a path was given for a file.
    """
    if place.is_dir():
        return check_folder(place, path or "")
    if path is not None:
        raise InvalidError({"path": f"only goes with a folder, and {place} is not one"})
    return CheckedFile(place, check_file(place))
