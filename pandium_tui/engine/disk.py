"""The free space of the disk that the home folder is on, and the floor below which nothing new is started."""

import shutil

from pandium_tui.settings import Settings

MEBIBYTE = 1024 * 1024


def lack_of_space(settings: Settings) -> str | None:
    """Why no run or build is started now: too little free space; None when there is enough.

    Raises:
        OSError: the home folder cannot be looked at.
    """
    free = shutil.disk_usage(settings.home).free
    if free >= settings.disk_floor:
        return None
    return f"held: {free // MEBIBYTE} MiB free, floor {settings.disk_floor // MEBIBYTE} MiB"
