"""Reading the audit trail with plain SQL."""

import json
import sqlite3
from collections.abc import Sequence

from pandium_tui.storage.filtering.filters import EVERYTHING, Filter
from pandium_tui.storage.queries import PAGE, listed_by
from pandium_tui.storage.records import Activity, LaterChange, UndoableChange
from pandium_tui.storage.row_reading import moment

UNDOABLE = 2000
"""How many changes that can be undone are looked at for the newest acts."""

_ACTIVITIES = """
SELECT activity.id, activity.created_date, actor, action, activity.integration_id, tenant_id, release_id, run_id,
    detail, integration.name AS integration_name, tenant.name AS tenant_name, release.name AS release_name
FROM activity
LEFT JOIN integration ON integration.id = activity.integration_id
LEFT JOIN tenant ON tenant.id = activity.tenant_id
LEFT JOIN release ON release.id = activity.release_id
"""


def activities(
    reader: sqlite3.Connection,
    integration_id: int | None = None,
    *,
    before_id: int | None = None,
    limit: int = PAGE,
    matching: Filter = EVERYTHING,
    oldest_first: bool = False,
) -> list[Activity]:
    """The audit trail, newest first; or what came after ``before_id``, oldest first."""
    condition, values = matching.condition()
    beyond, first = listed_by("activity.id", before_id, oldest_first)
    where = "" if integration_id is None else " AND activity.integration_id = ?"
    rows = reader.execute(
        f"{_ACTIVITIES} WHERE {condition} AND {beyond}{where} ORDER BY {first} LIMIT ?",
        (*values, before_id, *([] if integration_id is None else [integration_id]), limit),
    )
    return [_activity_of(row) for row in rows]


def latest(reader: sqlite3.Connection, integration_id: int, actions: Sequence[str], limit: int) -> list[Activity]:
    """The newest of these actions on an integration, newest first."""
    rows = reader.execute(
        f"{_ACTIVITIES} WHERE activity.integration_id = ? AND action IN ({_marks(actions)})"
        " ORDER BY activity.id DESC LIMIT ?",
        (integration_id, *actions, limit),
    )
    return [_activity_of(row) for row in rows]


def undoable_changes(reader: sqlite3.Connection, actors: Sequence[str], act: str | None = None) -> list[UndoableChange]:
    """What somebody did that can be taken back, newest first: of one act, or the newest of all."""
    rows = reader.execute(
        "SELECT activity.id, activity.created_date, actor, action, activity.integration_id, tenant_id, undo,"
        " integration.name AS integration_name, tenant.name AS tenant_name"
        " FROM activity INDEXED BY ix_activity_undoable"
        " LEFT JOIN integration ON integration.id = activity.integration_id"
        " LEFT JOIN tenant ON tenant.id = tenant_id"
        f" WHERE actor IN ({_marks(actors)}) AND undo IS NOT NULL AND json_extract(undo, '$.act') "
        + ("IS NOT NULL" if act is None else "= ?")
        + " ORDER BY activity.id DESC LIMIT ?",
        (*actors, *(() if act is None else (act,)), UNDOABLE if act is None else -1),
    )
    return [
        UndoableChange(**{**dict(row), "created_date": moment(row["created_date"]), "undo": json.loads(row["undo"])})
        for row in rows
    ]


def later_changes(
    reader: sqlite3.Connection, integration_id: int | None, after_id: int, actions: Sequence[str]
) -> list[LaterChange]:
    """What of these actions was done on an integration and its tenants since, oldest first; None: on no integration."""
    rows = reader.execute(
        "SELECT id, actor, action, tenant_id, detail, json_extract(undo, '$.undoes') AS undoes FROM activity"
        f" WHERE integration_id IS ? AND id > ? AND action IN ({_marks(actions)}) ORDER BY id",
        (integration_id, after_id, *actions),
    )
    return [LaterChange(**dict(row)) for row in rows]


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _activity_of(row: sqlite3.Row) -> Activity:
    return Activity(**{**dict(row), "created_date": moment(row["created_date"])})
