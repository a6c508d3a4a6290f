"""What can go wrong with the store, in words for people."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StoreError(Exception):
    """The store could not be used. The message says what happened, to which file, and what to do."""


class StoreTooNewError(StoreError):
    """The store was written by a newer version of the program."""


class StoreLockedError(StoreError):
    """Another process holds the store's write lock for longer than we wait."""


class StoreLostError(StoreError):
    """The file was removed or replaced while it was open."""


class StoreFullError(StoreError):
    """There is no space left where the store lives."""


class StoreDamagedError(StoreError):
    """The file is no store, or not a whole one."""


@contextmanager
def explained(file: Path) -> Iterator[None]:
    """Turn the database driver's errors about ``file`` into a :class:`StoreError`.

    Errors of constraints are not errors of the store: they pass through for the caller to explain.
    """
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.Error as error:
        raise _error_for(file, str(error)) from error
    except OSError as error:
        raise StoreError(f"{file}: {error.strerror or error}. Check that the folder exists and is yours.") from error


def _is_full(file: Path) -> bool:
    """Whether the disk is full: SQLite may call that an I/O error."""
    try:
        room = os.statvfs(file.parent)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < 64 * 1024


def _error_for(file: Path, message: str) -> StoreError:
    if "locked" in message or "busy" in message:
        return StoreLockedError(
            f"The store {file} is locked by another process for longer than we wait. "
            "Nothing was changed; try again, and look for a long backup or a stuck process that has it open."
        )
    if "full" in message or _is_full(file):
        return StoreFullError(f"No space left for the store {file}. Nothing was changed; free some space, try again.")
    if "readonly" in message or "read-only" in message:
        return StoreError(f"The store {file} cannot be written. Check the owner and mode of the file and its folder.")
    if "not a database" in message or "malformed" in message:
        return StoreDamagedError(
            f"The store {file} is damaged or is not a store ({message}). Restore a copy from backups/."
        )
    if "unable to open" in message:
        return StoreError(f"The store {file} cannot be opened. Check the owner and mode of the file and its folder.")
    return StoreError(f"The store {file} answered: {message}.")
