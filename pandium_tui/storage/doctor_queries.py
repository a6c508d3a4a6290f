"""What the doctor reads."""

import json
import sqlite3
import time
from datetime import datetime

from pandium_tui.storage.times import from_text

RECENT = 1000
"""How many of the newest runs are looked at."""

_STEPS_INTERRUPT = 100_000  # steps of SQLite's machine between two looks at the time


def integrity_problems(reader: sqlite3.Connection, seconds: float) -> list[str]:
    """What is damaged, and which rows point to rows that are not there; a few lines of it.

    Raises:
        TimeoutError: it takes longer than this.
    """
    until = time.monotonic() + seconds
    reader.set_progress_handler(lambda: time.monotonic() > until, _STEPS_INTERRUPT)
    try:
        damaged = [str(row[0]) for row in reader.execute("PRAGMA quick_check(3)")]
        if damaged != ["ok"]:
            return damaged
        return [
            f"row {row[1]} of {row[0]} points to a {row[2]} that is not there"
            for row in reader.execute("PRAGMA foreign_key_check").fetchmany(3)
        ]
    except sqlite3.OperationalError as error:
        if time.monotonic() > until:
            raise TimeoutError from error
        raise
    finally:
        reader.set_progress_handler(None, 0)


def newest_moment(reader: sqlite3.Connection) -> datetime | None:
    """The latest time anything of the store was written with, as far as the newest rows tell."""
    row = reader.execute(
        "SELECT max(moment) FROM (SELECT max(created_date) AS moment FROM"
        " (SELECT created_date FROM activity ORDER BY id DESC LIMIT :recent)"
        " UNION ALL SELECT max(max(created_date), max(coalesce(completed_date, '')))"
        " FROM (SELECT created_date, completed_date FROM run ORDER BY id DESC LIMIT :recent)"
        " UNION ALL SELECT max(started_date) FROM engine)",
        {"recent": RECENT},
    ).fetchone()
    return from_text(row[0])


def misordered_runs(reader: sqlite3.Connection) -> list[int]:
    """Runs among the newest that ended before they began, or began before they were asked for."""
    rows = reader.execute(
        "SELECT id FROM (SELECT id, created_date, started_date, completed_date FROM run ORDER BY id DESC LIMIT ?)"
        " WHERE completed_date < started_date OR started_date < created_date ORDER BY id",
        (RECENT,),
    )
    return [row[0] for row in rows]


def clock_steps(reader: sqlite3.Connection) -> list[tuple[datetime | None, str, str]]:
    """When the clock was put forward or back, as the engines noted it lately: moment, what, by how much."""
    rows = reader.execute(
        "SELECT created_date, action, detail FROM (SELECT * FROM activity ORDER BY id DESC LIMIT ?)"
        " WHERE action IN ('clock went back', 'clock went forward') ORDER BY id DESC",
        (RECENT,),
    )
    return [(from_text(row[0]), row[1], row[2]) for row in rows]


def bases_in_use(reader: sqlite3.Connection) -> list[tuple[str, list[str]]]:
    """The bases that builds need: of each integration's newest release, with the names of the integrations."""
    rows = reader.execute(
        "SELECT base, json_group_array(integration.name) FROM release"
        " JOIN integration ON integration.id = release.integration_id"
        " WHERE release.id IN (SELECT max(id) FROM release WHERE base IS NOT NULL GROUP BY integration_id)"
        " AND NOT integration.archived GROUP BY base ORDER BY base"
    )
    return [(row[0], json.loads(row[1])) for row in rows]


def has_plans(reader: sqlite3.Connection) -> bool:
    """Whether any tenant has a slot that is planned."""
    return reader.execute("SELECT 1 FROM tenant WHERE next_run IS NOT NULL LIMIT 1").fetchone() is not None
