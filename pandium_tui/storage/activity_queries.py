"""Reading the audit trail with plain SQL."""

import sqlite3

from pandium_tui.storage.filtering.filters import EVERYTHING, Filter
from pandium_tui.storage.queries import PAGE, listed_by
from pandium_tui.storage.records import Activity
from pandium_tui.storage.row_reading import moment


def activities(
    reader: sqlite3.Connection,
    integration_id: int | None = None,
    *,
    before_id: int | None = None,
    limit: int = PAGE,
    matching: Filter = EVERYTHING,
) -> list[Activity]:
    """The audit trail, newest first."""
    condition, values = matching.condition()
    beyond, first = listed_by("activity.id", before_id, oldest_first=False)
    where = "" if integration_id is None else " AND activity.integration_id = ?"
    rows = reader.execute(
        f"SELECT * FROM activity WHERE {condition} AND {beyond}{where} ORDER BY {first} LIMIT ?",
        (*values, before_id, *([] if integration_id is None else [integration_id]), limit),
    )
    return [Activity(**{**dict(row), "created_date": moment(row["created_date"])}) for row in rows]
