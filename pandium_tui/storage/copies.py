"""Copies of the store, made while it is in use."""

import os
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

from pandium_tui.storage.database import BUSY_TIMEOUT, Store
from pandium_tui.storage.errors import StoreError, explained

PAGES = 2000
"""Pages copied at a time; between two, others can write."""


def copy_store(store: Store, file: Path) -> int:
    """Copy the store to a new file that only its owner can read, and check the copy; gives its size in bytes.

    Raises:
        StoreError: the file is there already or cannot be written, or the copy is damaged; no file is left then.
    """
    with explained(file):
        copy_file(store.file, file)
        return file.stat().st_size


def copy_file(source: Path, target: Path) -> None:
    """Copy a database to a new file that only its owner can read, and check the copy; without one on failure.

    Raises:
        StoreError: the file is there already, or the copy is damaged.
        OSError: it cannot be written.
        sqlite3.Error: the source cannot be read.
    """
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise StoreError(f"{target} is there already and was not touched. Name a file that is not.") from error
    with ExitStack() as on_failure:
        on_failure.callback(target.unlink)
        _copy(source, target)
        on_failure.pop_all()


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=BUSY_TIMEOUT)) as reader, closing(sqlite3.connect(target)) as writer:
        reader.backup(writer, pages=PAGES)
        # A copy is one file, with no write-ahead log beside it.
        writer.execute("PRAGMA journal_mode = DELETE")
        found = writer.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise StoreError(f"The copy of {source} is damaged ({found}): it may be too. Keep the last good copy.")
