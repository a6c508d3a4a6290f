"""A store of one built integration whose tenants all fall due at one moment, for the benchmarks of the engine."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pandium_tui.settings import load_settings
from pandium_tui.storage.database import WRITER_PRAGMAS, Store, open_store
from pandium_tui.storage.times import to_text, utc_now


@contextmanager
def small_store(schedules: Sequence[str], due: datetime) -> Iterator[Store]:
    """A store in a temporary home with one tenant for each schedule; its runs do nothing (``bash -c :``)."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # runs that go on still write
        settings = replace(load_settings(Path(folder), {}), home=Path(folder) / "home")
        store = open_store(settings)
        now = to_text(utc_now())
        with plain_connection(store) as connection:
            connection.execute("BEGIN")
            connection.execute(
                "INSERT INTO integration (id, name, long_name, type, repository_path, paused_by_default, archived,"
                " created_date, modified_date) VALUES (1, 'crm', '', 'Internal', '', 0, 0, ?, ?)",
                (now, now),
            )
            connection.execute(
                "INSERT INTO release (id, integration_id, name, path, base, run_command, directory, path_entries,"
                " warnings, status, started_by, attempt, created_date, modified_date)"
                " VALUES (1, 1, '1', '', 'go', ':', '', '[]', '[]', 'Ready', 'cli', 1, ?, ?)",
                (now, now),
            )
            connection.executemany(
                "INSERT INTO tenant (name, integration_id, integration_release_channel, configs, paused,"
                " user_schedule, schedule, timezone, next_run, source, archived, metadata, created_date,"
                " modified_date) VALUES (?, 1, 'Latest', '{}', 0, ?, ?, 'UTC', ?, 'hub', 0, '{}', ?, ?)",
                [(f"t{number}", text, text, to_text(due), now, now) for number, text in enumerate(schedules)],
            )
            connection.execute("COMMIT")
        (settings.release_folder(1) / "source").mkdir(parents=True)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def plain_connection(store: Store) -> Iterator[sqlite3.Connection]:
    """The standard driver alone, as durable as the writers of the store."""
    with closing(sqlite3.connect(store.file, isolation_level=None)) as connection:
        for pragma in WRITER_PRAGMAS:
            connection.execute(pragma)
        yield connection
