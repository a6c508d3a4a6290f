"""The store: one SQLite file, read through the standard driver and written through SQLModel sessions.

Pages read with plain SQL on read-only connections, so that opening the app does not wait for SQLModel (its import
costs twice what Textual's does). Writers begin with BEGIN IMMEDIATE: the SQLAlchemy default on SQLite loses updates,
and a deferred BEGIN fails at once with 'database is locked' when it turns into a writer (both measured).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pandium_tui.settings import Settings
from pandium_tui.storage.errors import StoreError, StoreLostError, StoreTooNewError, explained
from pandium_tui.storage.times import to_text, utc_now

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

SCHEMA_REVISION = "0005"
"""The newest migration. A test holds it against the folder of migrations."""

SQLITE_VERSION = sqlite3.sqlite_version

BUSY_TIMEOUT = 5.0
"""Seconds a writer waits for another one."""


class Store:
    """An opened store. Safe to share between threads; close it when done."""

    def __init__(self, settings: Settings) -> None:
        """Use :func:`open_store`, which checks and migrates first."""
        self.settings = settings
        self.file = settings.store_file
        self._idle_readers: list[sqlite3.Connection] = []
        self._watchers: list[sqlite3.Connection] = []
        self._opened = self._identity()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for a few short reads that see one state of the store. Never keep it over a wait.

        Raises:
            StoreError: the store cannot be read.
        """
        opened = self._refuse_another_file()
        with explained(self.file):
            reader = self._idle_readers.pop() if self._idle_readers else self._open_reader()
            usable = True
            try:
                reader.execute("BEGIN")
                yield reader
            except sqlite3.Error:
                usable = False
                raise
            finally:
                if usable:
                    reader.rollback()
                if usable and opened == self._opened:
                    self._idle_readers.append(reader)
                else:
                    reader.close()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in a write transaction: committed at the end of the block, rolled back when it raises.

        Keep it short, and never wait for a process, the network or a person inside. What was marked by
        :func:`leave_no_trace` is gone from the write-ahead log too when the block has ended.

        Raises:
            StoreError: the store cannot be written; nothing of the block was kept.
            sqlalchemy.exc.IntegrityError: a constraint was broken; nothing of the block was kept.
        """
        from sqlalchemy.exc import DBAPIError, IntegrityError
        from sqlmodel import Session

        self._refuse_another_file()
        with explained(self.file):
            try:
                with Session(self._writer, expire_on_commit=False) as session, session.begin():
                    # Begins the transaction now, so that what is read inside is what is written on.
                    session.connection()
                    yield session
                if session.info.get(_WITHOUT_TRACE):
                    self.truncate_log()
            except IntegrityError:
                raise
            except DBAPIError as error:
                if isinstance(error.orig, sqlite3.Error):
                    raise error.orig from None
                raise

    def watch(self) -> Callable[[], bool]:
        """A function that says whether anything was committed since it was last asked (the first answer is True).

        Call it from one thread only. It costs a few microseconds (``PRAGMA data_version``).
        """
        reader = self._open_reader()
        self._watchers.append(reader)
        # Who watches looks again soon; waiting long for a lock would hold up a screen.
        reader.execute("PRAGMA busy_timeout = 100")
        seen: int | None = None

        def changed() -> bool:
            nonlocal seen
            self._refuse_another_file()
            with explained(self.file):
                version = int(reader.execute("PRAGMA data_version").fetchone()[0])
            different = version != seen
            seen = version
            return different

        return changed

    def reopen(self) -> None:
        """Let go of a file that was removed or replaced, and go on with the one that stands in its place now.

        Every watch ends; begin new ones. Nobody may be in the middle of a write.

        Raises:
            StoreError: there is none, or it is of another version.
        """
        self._refuse_missing_file()
        with explained(self.file):
            revision = schema_revision(self.file)
        if revision != SCHEMA_REVISION:
            raise StoreError(
                f"The store {self.file} was replaced by one of another version ({revision or 'none'}). "
                "Leave every pandium-tui that has it open and start again."
            )
        self.close()
        self._opened = self._identity()

    def _refuse_another_file(self) -> tuple[int, int] | None:
        """Nothing is read from or written to a file that is not the store any more: it would be lost with it."""
        identity = self._identity()
        if identity != self._opened:
            self._refuse_missing_file()
            raise StoreLostError(
                f"The store {self.file} was removed or replaced while it was open. "
                "Leave every pandium-tui that has it open and start again, if it does not go on by itself."
            )
        return identity

    def _refuse_missing_file(self) -> None:
        if self._identity() is None:
            raise StoreLostError(
                f"The store {self.file} was removed or replaced while it was open: there is no such file now. "
                "Put it back, or leave every pandium-tui that has it open and start again."
            )

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self.file.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def truncate_log(self) -> None:
        """Empty the write-ahead log where nobody reads from it: what was deleted or overwritten lingers there.

        Best effort, at once: a log that is in use is emptied another time.
        """
        writer = sqlite3.connect(self.file, timeout=0, isolation_level=None)
        try:
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError:
            return  # somebody writes just now
        finally:
            writer.close()

    def close(self) -> None:
        """Close every connection that is not in use, and end every watch."""
        for connections in (self._idle_readers, self._watchers):
            while connections:
                connections.pop().close()
        if "_writer" in self.__dict__:
            self._writer.dispose()

    def _open_reader(self) -> sqlite3.Connection:
        with explained(self.file):
            reader = sqlite3.connect(
                self.file, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False, uri=False
            )
            reader.execute("PRAGMA query_only = ON")
            reader.row_factory = sqlite3.Row
            return reader

    @cached_property
    def _writer(self) -> Engine:
        from sqlalchemy import create_engine, event

        engine = create_engine(f"sqlite:///{self.file}", hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT})

        @event.listens_for(engine, "connect")
        def prepare(connection: sqlite3.Connection, _record: Any) -> None:
            # The driver's own transactions would begin too late: ours begin in the event below.
            connection.isolation_level = None
            for pragma in WRITER_PRAGMAS:
                connection.execute(pragma)

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine


_WITHOUT_TRACE = "without trace"


def leave_no_trace(session: Session) -> None:
    """Have what this transaction deletes leave the write-ahead log too, as soon as it is committed."""
    session.info[_WITHOUT_TRACE] = True


WRITER_PRAGMAS = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA foreign_keys = ON",
    # What was committed survives a power cut: a claimed tick or a recorded result must not be forgotten.
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA journal_size_limit = 67108864",
)


def open_store(settings: Settings) -> Store:
    """Open the store of the home folder; make or migrate it first when that is needed, after a backup copy.

    Raises:
        StoreTooNewError: a newer version of the program made it.
        StoreError: it cannot be opened, or the home folder cannot be made.
    """
    _refuse_shared_folder(settings)
    make_private_folder(settings.home)
    with explained(settings.store_file):
        revision = schema_revision(settings.store_file)
        if revision != SCHEMA_REVISION:
            with exclusive_migration(settings):
                _migrate(settings, schema_revision(settings.store_file))
    return Store(settings)


def _refuse_shared_folder(settings: Settings) -> None:
    """A folder that others use for other things is not made private under them."""
    home = settings.home
    if home.is_dir() and not settings.store_file.exists() and home.stat().st_mode & 0o077 and any(home.iterdir()):
        raise StoreError(
            f"The folder {home} can be read by others and holds other things: it cannot be a home folder. "
            "Give another one with --home, or make it private first (chmod 700)."
        )


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can use, or make the one that is there so.

    Raises:
        StoreError: it cannot be.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise StoreError(
            f"The home folder {folder} cannot be used: {error.strerror}. Give another one with --home."
        ) from error


def schema_revision(file: Path) -> str | None:
    """The revision of the store, None when there is none yet."""
    if not file.exists():
        return None
    connection = sqlite3.connect(file, timeout=BUSY_TIMEOUT)
    try:
        known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        if known is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])
    finally:
        connection.close()


def _migrate(settings: Settings, revision: str | None) -> None:
    if revision == SCHEMA_REVISION:
        return
    from pandium_tui.storage.migrations import known_revisions, upgrade

    if revision is not None and revision not in known_revisions():
        raise StoreTooNewError(
            f"The store {settings.store_file} was written by a newer pandium-tui (schema {revision}, "
            f"this version knows {SCHEMA_REVISION}). Nothing was changed. Install the newer version, "
            "or use another home folder with --home."
        )
    if settings.store_file.exists():
        _back_up(settings, revision)
    else:
        os.close(os.open(settings.store_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    upgrade(settings.store_file)


def _back_up(settings: Settings, revision: str | None) -> None:
    make_private_folder(settings.backups_folder)
    stamp = to_text(utc_now()).replace(":", "")
    copy = settings.backups_folder / f"store-{revision or 'empty'}-{stamp}.db"
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    source = sqlite3.connect(settings.store_file, timeout=BUSY_TIMEOUT)
    target = sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()


@contextmanager
def exclusive_migration(settings: Settings) -> Iterator[None]:
    """Keep others from making, migrating or replacing the store; the kernel lets go when the holder dies."""
    handle = os.open(settings.home / "migration.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
