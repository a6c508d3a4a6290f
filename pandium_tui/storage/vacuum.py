"""Giving back to the disk what deleted rows had taken up in the store's file."""

import os
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pandium_tui.storage.database import BUSY_TIMEOUT, Store
from pandium_tui.storage.errors import StoreError, StoreFullError, explained

MEBIBYTE = 1024 * 1024
SHORT = BUSY_TIMEOUT / 2
"""Seconds after which it gives up while others use the store. Writing back, which cannot be given up, takes less."""

_STEPS_INTERRUPT = 1000  # steps of SQLite's machine between two looks at the time


@dataclass(frozen=True, slots=True)
class Vacuumed:
    """Sizes of the store's file in bytes, and the seconds in which nobody else could write."""

    before: int
    after: int
    seconds: float


def vacuum(store: Store, *, shared: bool) -> Vacuumed:
    """Write the store's file anew, without holes. Readers read on meanwhile, writers wait.

    Args:
        store: the opened store.
        shared: whether others use it, an engine for example: then it is given up before their patience ends.

    Raises:
        StoreFullError: there is no room for a second copy.
        StoreError: others use the store and it takes longer than they wait; nothing was changed.
    """
    before = store.file.stat().st_size
    _check_space(store, before)
    with explained(store.file), closing(sqlite3.connect(store.file, timeout=BUSY_TIMEOUT)) as connection:
        connection.isolation_level = None
        begun = time.monotonic()
        if shared:
            connection.set_progress_handler(lambda: time.monotonic() - begun > SHORT, _STEPS_INTERRUPT)
        try:
            connection.execute("VACUUM")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            raise StoreError(
                f"It takes longer than the {SHORT:g} s an engine can wait for, so it was given up; nothing was "
                "changed. Stop the engines and leave every app (runs may go on), and try again."
            ) from error
        finally:
            connection.set_progress_handler(None, 0)
        seconds = time.monotonic() - begun
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return Vacuumed(before, store.file.stat().st_size, round(seconds, 2))


def _check_space(store: Store, size: int) -> None:
    """SQLite writes a copy into the temporary folder, and that to the write-ahead log."""
    folders = {one.stat().st_dev: one for one in (_temporary_folder(), store.file.parent)}
    both = len(folders) == 1
    for folder in folders.values():
        needed = size * (2 if both else 1) + (store.settings.disk_floor if folder == store.file.parent else 0)
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise StoreFullError(
                f"It needs {needed // MEBIBYTE} MiB of free space in {folder} (the size of the store, and the floor), "
                f"and there are {free // MEBIBYTE} MiB. Nothing was changed; pandium-tui store prune removes what is "
                "old."
            )


def _temporary_folder() -> Path:
    """Where SQLite writes its temporary files, https://www.sqlite.org/tempfiles.html section 5."""
    named = [os.environ.get("SQLITE_TMPDIR"), os.environ.get("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp"]  # noqa: S108
    usable = (one for one in named if one and Path(one).is_dir() and os.access(one, os.W_OK | os.X_OK))
    return Path(next(usable, "."))
