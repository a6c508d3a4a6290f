"""The reads about schedules: what waits, what was skipped, what the installation remembers."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pandium_tui.storage.records import Pause, Trigger
from pandium_tui.storage.row_reading import moment, trigger_of

PAUSE = "pause"
"""The name by which the installation remembers that its engines are paused."""

SKIPPED_SHOWN = 200
"""How many skipped ranges are shown at most."""


@dataclass(frozen=True, slots=True)
class HeldTrigger:
    """A trigger that no run has taken up yet; ``current_run_id`` is the run its tenant is busy with."""

    trigger: Trigger
    tenant_name: str
    integration_name: str
    current_run_id: int | None


@dataclass(frozen=True, slots=True)
class SkippedSlots:
    """Slots of a tenant, one after the other, that did not run; ``blocking_run_id`` is the run in their way."""

    id: int
    tenant_id: int
    tenant_name: str
    integration_name: str
    first_slot: datetime
    last_slot: datetime
    slots: int
    reason: str
    blocking_run_id: int | None
    created_date: datetime


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

_SKIPPED = """
SELECT skipped_slots.*, tenant.name AS tenant_name, integration.name AS integration_name
FROM skipped_slots
JOIN tenant ON tenant.id = skipped_slots.tenant_id
JOIN integration ON integration.id = tenant.integration_id
WHERE 1
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


def held_triggers(
    reader: sqlite3.Connection, tenant_id: int | None = None, integration_id: int | None = None
) -> list[HeldTrigger]:
    """The triggers that wait, oldest first: of a tenant, of an integration, or all."""
    rows = reader.execute(
        f"{_HELD}{_scope(tenant_id, integration_id)} ORDER BY run_trigger.id",
        {"tenant_id": tenant_id, "integration_id": integration_id},
    )
    return [
        HeldTrigger(trigger_of(row), row["tenant_name"], row["integration_name"], row["current_run_id"]) for row in rows
    ]


def running_by_integration(reader: sqlite3.Connection) -> dict[int, int]:
    """How many runs go on, by integration."""
    rows = reader.execute(
        "SELECT integration_id, count(*) FROM run INDEXED BY ix_run_active"
        " WHERE phase IN ('Queued', 'Running') AND phase = 'Running' GROUP BY integration_id"
    )
    return {row[0]: row[1] for row in rows}


def skipped_slots(
    reader: sqlite3.Connection,
    tenant_id: int | None = None,
    integration_id: int | None = None,
    limit: int = SKIPPED_SHOWN,
) -> list[SkippedSlots]:
    """The slots that did not run, newest first: of a tenant, of an integration, or all."""
    rows = reader.execute(
        f"{_SKIPPED}{_scope(tenant_id, integration_id)} ORDER BY first_slot DESC, skipped_slots.id DESC LIMIT :limit",
        {"tenant_id": tenant_id, "integration_id": integration_id, "limit": limit},
    )
    moments = ("first_slot", "last_slot", "created_date")
    return [SkippedSlots(**{**dict(row), **{name: moment(row[name]) for name in moments}}) for row in rows]


def _scope(tenant_id: int | None, integration_id: int | None) -> str:
    if tenant_id is not None:
        return " AND tenant.id = :tenant_id"
    return "" if integration_id is None else " AND tenant.integration_id = :integration_id"
