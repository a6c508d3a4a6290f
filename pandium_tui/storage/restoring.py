"""Putting a copy of the store in the place of the store, when nobody uses it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pandium_tui.settings import Settings
from pandium_tui.storage.copies import copy_file
from pandium_tui.storage.database import exclusive_migration, make_private_folder, schema_revision
from pandium_tui.storage.errors import StoreError, StoreTooNewError, explained
from pandium_tui.storage.times import to_text, utc_now


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place.

    Attributes:
        revision: the schema of the copy; an older one was brought up to date.
        kept: the store that was there before, None when there was none.
    """

    revision: str
    kept: Path | None


def restore_store(settings: Settings, file: Path) -> Restored:
    """Put a copy of the store in its place. The store that was there is kept beside it.

    The copy is copied, checked and brought to the present schema first; then it takes the place of the store in one
    step. The file it came from stays as it is.

    Raises:
        StoreTooNewError: a newer version of the program wrote the copy.
        StoreError: the copy is damaged or none, or somebody uses the store; then nothing was changed.
    """
    if not file.is_file():
        raise StoreError(f"{file} is not there, or is no file. Name a copy that store backup made.")
    make_private_folder(settings.home)
    stamp = to_text(utc_now()).replace(":", "")
    fresh = settings.home / f"store-restoring-{stamp}.db"
    with exclusive_migration(settings), explained(settings.store_file):
        try:
            revision = _prepare(settings, file, fresh)
            with _nobody_else(settings.store_file):
                kept = _keep(settings.store_file, f"store-before-restore-{stamp}.db")
                fresh.replace(settings.store_file)
                _sync_folder(settings.home)
        finally:
            for suffix in ("", "-wal", "-shm", "-journal"):
                fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    return Restored(revision, kept)


def _prepare(settings: Settings, file: Path, fresh: Path) -> str:
    """Copy, check and bring up to date; gives the schema the copy had."""
    from pandium_tui.storage.migrations import known_revisions, newest_revision, upgrade

    with explained(file):
        copy_file(file, fresh)
        revision = schema_revision(fresh)
    if revision is None:
        raise StoreError(f"{file} is a database, but no store of pandium-tui. Nothing was changed.")
    if revision not in known_revisions():
        raise StoreTooNewError(
            f"{file} was written by a newer pandium-tui (schema {revision}, this version knows {newest_revision()}). "
            "Nothing was changed. Install the newer version."
        )
    with closing(sqlite3.connect(fresh)) as reader:
        lost = reader.execute("PRAGMA foreign_key_check").fetchmany(1)
    if lost:
        raise StoreError(f"{file} is damaged: rows of {lost[0][0]} have lost what they belong to. Nothing was changed.")
    upgrade(fresh)
    with closing(sqlite3.connect(fresh)) as writer, writer:
        for table, folder in (("run", settings.home / "runs"), ("release", settings.home / "releases")):
            _skip_ids(writer, table, folder)
    return revision


def _skip_ids(writer: sqlite3.Connection, table: str, folder: Path) -> None:
    """Give new rows no number that a folder has: what the copy does not know of may still be at work in it."""
    names = [one.name for one in folder.iterdir()] if folder.is_dir() else []
    highest = max((int(name) for name in names if name.isdecimal()), default=0)
    known = writer.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    if known is None:
        writer.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, highest))
    elif known[0] < highest:
        writer.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (highest, table))


@contextmanager
def _nobody_else(store_file: Path) -> Iterator[None]:
    """Hold the store so that nobody else can use it.

    Raises:
        StoreError: somebody has it open.
    """
    if not store_file.exists():
        yield
        return
    if users := _users(store_file):
        raise StoreError(
            f"The store {store_file} is in use by {', '.join(users)}. Nothing was changed: leave every app, stop the "
            "engines (serve), and try again. Runs may go on."
        )
    with closing(sqlite3.connect(store_file, timeout=0, isolation_level=None)) as holder:
        try:
            # Also empties the write-ahead log into the file, so that what is kept is one file.
            holder.execute("PRAGMA journal_mode = DELETE")
            holder.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            # A damaged store cannot be held, and is what people restore a copy for.
        yield


def _users(store_file: Path) -> list[str]:
    """The other processes that have the store open, as far as this user may see them."""
    status = store_file.stat()
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid() and _has_open(process, status):
            name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
            found.append(f"process {process.name} ({name})")
    return found


def _has_open(process: Path, status: os.stat_result) -> bool:
    try:
        return any(os.path.samestat(status, one.stat()) for one in (process / "fd").iterdir())
    except OSError:  # it ended meanwhile, or is another user's
        return False


def _keep(store_file: Path, name: str) -> Path | None:
    if not store_file.exists():
        return None
    kept = store_file.with_name(name)
    # A log left by a damaged store must not be taken for one of the new store.
    for suffix in ("-wal", "-journal"):
        log = store_file.with_name(store_file.name + suffix)
        if log.exists():
            log.replace(kept.with_name(kept.name + suffix))
    store_file.with_name(f"{store_file.name}-shm").unlink(missing_ok=True)
    os.link(store_file, kept)
    return kept


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
