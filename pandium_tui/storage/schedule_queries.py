"""The reads about schedules: what waits, what was skipped, what the installation remembers."""

import json
import sqlite3
from typing import Any

from pandium_tui.storage.records import HeldTrigger, Pause, SkippedSlots
from pandium_tui.storage.row_reading import moment, trigger_of

PAUSE = "pause"
"""The name by which the installation remembers that its engines are paused."""

SKIPPED_SHOWN = 200
"""How many skipped ranges of a tenant are shown at most."""

_HELD = """
SELECT run_trigger.id, run_trigger.tenant_id, run_trigger.source, mode, coalesce(length(payload), 0) AS payload_bytes,
    headers, scheduled_for, run_trigger.created_by, run_trigger.created_date, run_id, ended_date, ended_reason, note,
    not_before, tenant.name AS tenant_name, integration.name AS integration_name,
    (SELECT id FROM run WHERE run.tenant_id = tenant.id AND run.phase IN ('Queued', 'Running')) AS current_run_id
FROM run_trigger INDEXED BY ix_run_trigger_held
JOIN tenant ON tenant.id = run_trigger.tenant_id
JOIN integration ON integration.id = tenant.integration_id
WHERE run_id IS NULL AND ended_date IS NULL
"""


def remembered(reader: sqlite3.Connection, name: str) -> Any:
    """What the installation remembers by this name; None for nothing."""
    row = reader.execute("SELECT value FROM installation WHERE name = ?", (name,)).fetchone()
    return None if row is None else json.loads(row["value"])


def engines_pause(reader: sqlite3.Connection) -> Pause | None:
    """The pause of all engines; None when they work."""
    return pause_of(remembered(reader, PAUSE))


def pause_of(value: Any) -> Pause | None:
    """The pause that is remembered as this value."""
    return Pause(moment(value["since"]), value["by"]) if value else None


def held_triggers(reader: sqlite3.Connection, tenant_id: int | None = None) -> list[HeldTrigger]:
    """The triggers that wait, oldest first: of a tenant, or all."""
    where = "" if tenant_id is None else " AND run_trigger.tenant_id = :tenant_id"
    rows = reader.execute(f"{_HELD}{where} ORDER BY run_trigger.id", {"tenant_id": tenant_id})
    return [
        HeldTrigger(trigger_of(row), row["tenant_name"], row["integration_name"], row["current_run_id"]) for row in rows
    ]


def skipped_slots(reader: sqlite3.Connection, tenant_id: int, limit: int = SKIPPED_SHOWN) -> list[SkippedSlots]:
    """The slots of a tenant that did not run, newest first."""
    rows = reader.execute(
        "SELECT * FROM skipped_slots WHERE tenant_id = ? ORDER BY first_slot DESC LIMIT ?", (tenant_id, limit)
    )
    moments = ("first_slot", "last_slot", "created_date")
    return [SkippedSlots(**{**dict(row), **{name: moment(row[name]) for name in moments}}) for row in rows]
