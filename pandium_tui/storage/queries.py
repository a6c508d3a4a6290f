"""The reads of the pages: plain SQL in, records out. Each takes a connection of ``Store.reading``.

Lists that can be long are paged by key (``before_id``), never by OFFSET. What hangs on one row (its last run, its
counts) is a correlated subquery on an index: measured 30 ms for 2,000 tenants over a million runs, where window
functions and GROUP BY take seconds.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pandium_tui.storage.engine_records import ActiveRun, DueTenant, OpenBuild, PolledIntegration
from pandium_tui.storage.filtering.filters import EVERYTHING, Filter
from pandium_tui.storage.records import (
    Counts,
    EngineProcess,
    Integration,
    Release,
    Run,
    Tenant,
    Trigger,
)
from pandium_tui.storage.row_reading import integration_of, moment, release_of, run_of, tenant_of, trigger_of
from pandium_tui.storage.times import from_text, to_text
from pandium_tui.storage.vocabulary import SETTINGS_OWNER

PAGE = 200
"""How many rows a page of a long list has when nothing else is asked for."""

_LATEST_RELEASE = (
    "(SELECT max(latest.id) FROM release AS latest"
    " WHERE latest.integration_id = {integration} AND latest.status = 'Ready')"
)

# The release a run would use now: pinned, else what the channel means.
_RESOLVED_RELEASE = (
    "CASE tenant.integration_release_channel WHEN 'Default' THEN integration.default_release_id"
    f" WHEN 'Latest' THEN {_LATEST_RELEASE.format(integration='tenant.integration_id')}"
    " ELSE tenant.integration_release_id END"
)


def _brief_columns(prefix: str) -> str:
    names = ("id", "phase", "mode", "created_date", "started_date", "completed_date")
    return ", ".join(f"{prefix}.{name} AS {prefix}_{name}" for name in names)


_INTEGRATIONS = f"""
SELECT integration.*, default_release.name AS default_release_name, latest_release.name AS latest_release_name,
    {_brief_columns("last_run")},
    (SELECT count(*) FROM tenant WHERE tenant.integration_id = integration.id AND NOT tenant.archived) AS tenants,
    (SELECT min(next_run) FROM tenant WHERE tenant.integration_id = integration.id) AS next_run,
    (SELECT count(*) FROM run INDEXED BY ix_run_active WHERE run.integration_id = integration.id
        AND run.phase IN ('Queued', 'Running') AND run.phase = 'Running') AS running,
    (SELECT count(*) FROM run INDEXED BY ix_run_active WHERE run.integration_id = integration.id
        AND run.phase IN ('Queued', 'Running') AND run.phase = 'Queued')
    + (SELECT count(*) FROM tenant JOIN run_trigger INDEXED BY ix_run_trigger_held
        ON run_trigger.tenant_id = tenant.id AND run_trigger.run_id IS NULL AND run_trigger.ended_date IS NULL
        WHERE tenant.integration_id = integration.id) AS queued,
    (SELECT count(*) FROM run WHERE run.integration_id = integration.id AND run.phase LIKE 'Failed%'
        AND run.completed_date >= :day_ago) AS failures_24h,
    (SELECT status FROM release WHERE release.id =
        (SELECT max(id) FROM release WHERE integration_id = integration.id)) AS newest_build_status,
    latest_release.id AS latest_release_id
FROM integration
LEFT JOIN release AS default_release ON default_release.id = integration.default_release_id
LEFT JOIN release AS latest_release ON latest_release.id = {_LATEST_RELEASE.format(integration="integration.id")}
LEFT JOIN run AS last_run ON last_run.id = (SELECT max(run.id) FROM run WHERE run.integration_id = integration.id)
"""


def integrations(
    reader: sqlite3.Connection, now: datetime, *, archived: bool = False, limit: int | None = None
) -> list[Integration]:
    """All integrations by name, or the first of them; those archived only when asked for."""
    rows = reader.execute(
        _INTEGRATIONS + " WHERE integration.archived <= :archived ORDER BY integration.name LIMIT :limit",
        {"day_ago": _day_before(now), "archived": archived, "limit": -1 if limit is None else limit},
    )
    return [integration_of(row) for row in rows]


def integration(reader: sqlite3.Connection, now: datetime, integration_id: int) -> Integration | None:
    """One integration, archived or not."""
    row = reader.execute(
        _INTEGRATIONS + " WHERE integration.id = :id", {"day_ago": _day_before(now), "id": integration_id}
    ).fetchone()
    return None if row is None else integration_of(row)


def integration_id_of_name(reader: sqlite3.Connection, name: str) -> int | None:
    """The id of the integration with this name."""
    return _single(reader.execute("SELECT id FROM integration WHERE name = ?", (name,)))


_RELEASES = f"""
SELECT release.*, integration.name AS integration_name,
    coalesce(integration.default_release_id = release.id, 0) AS is_default,
    coalesce({_LATEST_RELEASE.format(integration="release.integration_id")} = release.id, 0) AS is_latest,
    (SELECT count(*) FROM tenant WHERE tenant.integration_id = release.integration_id AND NOT tenant.archived
        AND {_RESOLVED_RELEASE} = release.id) AS tenants
FROM release JOIN integration ON integration.id = release.integration_id
"""


def releases(
    reader: sqlite3.Connection,
    integration_id: int,
    *,
    before_id: int | None = None,
    limit: int = PAGE,
    matching: Filter = EVERYTHING,
    oldest_first: bool = False,
) -> list[Release]:
    """The releases of an integration, newest first; or those after ``before_id``, oldest first."""
    condition, values = matching.condition()
    beyond, first = listed_by("release.id", before_id, oldest_first)
    rows = reader.execute(
        f"{_RELEASES} WHERE release.integration_id = ? AND {condition} AND {beyond} ORDER BY {first} LIMIT ?",
        (integration_id, *values, before_id, limit),
    )
    return [release_of(row) for row in rows]


def release(reader: sqlite3.Connection, release_id: int) -> Release | None:
    """One release."""
    row = reader.execute(_RELEASES + " WHERE release.id = ?", (release_id,)).fetchone()
    return None if row is None else release_of(row)


_TENANTS = f"""
SELECT tenant.*, integration.name AS integration_name, resolved.id AS release_id, resolved.name AS release_name,
    {_brief_columns("last_run")}, {_brief_columns("current_run")}, {_brief_columns("last_successful_run")},
    (SELECT count(*) FROM run_trigger INDEXED BY ix_run_trigger_held WHERE run_trigger.tenant_id = tenant.id
        AND run_trigger.run_id IS NULL AND run_trigger.ended_date IS NULL) AS held_triggers,
    (SELECT json_group_array(field) FROM sealed_value WHERE owner = '{SETTINGS_OWNER}' || tenant.id) AS sealed_configs
FROM tenant
JOIN integration ON integration.id = tenant.integration_id
LEFT JOIN release AS resolved ON resolved.id = {_RESOLVED_RELEASE}
LEFT JOIN run AS last_run ON last_run.id = tenant.last_run_id
LEFT JOIN run AS last_successful_run ON last_successful_run.id = tenant.last_successful_run_id
LEFT JOIN run AS current_run ON current_run.tenant_id = tenant.id AND current_run.phase IN ('Queued', 'Running')
"""


def tenants(
    reader: sqlite3.Connection,
    integration_id: int | None = None,
    *,
    archived: bool = False,
    matching: Filter = EVERYTHING,
) -> list[Tenant]:
    """The tenants of one integration or of all, by name; those archived only when asked for."""
    condition, values = matching.condition()
    where = "" if integration_id is None else " AND tenant.integration_id = ?"
    rows = reader.execute(
        f"{_TENANTS} WHERE tenant.archived <= ? AND {condition}{where} ORDER BY integration.name, tenant.name",
        (archived, *values, *([] if integration_id is None else [integration_id])),
    )
    return [tenant_of(row) for row in rows]


def tenant(reader: sqlite3.Connection, tenant_id: int) -> Tenant | None:
    """One tenant, archived or not."""
    row = reader.execute(_TENANTS + " WHERE tenant.id = ?", (tenant_id,)).fetchone()
    return None if row is None else tenant_of(row)


def tenant_id_of_name(reader: sqlite3.Connection, integration_id: int, name: str) -> int | None:
    """The id of the tenant with this name in the integration."""
    return _single(
        reader.execute("SELECT id FROM tenant WHERE integration_id = ? AND name = ?", (integration_id, name))
    )


RUNS = """
SELECT run.*, tenant.name AS tenant_name, integration.name AS integration_name, release.name AS release_name,
    (SELECT group_concat(DISTINCT run_trigger.source) FROM run_trigger WHERE run_trigger.run_id = run.id) AS sources
FROM run
JOIN tenant ON tenant.id = run.tenant_id
JOIN integration ON integration.id = run.integration_id
LEFT JOIN release ON release.id = run.release_id
"""


def runs(
    reader: sqlite3.Connection,
    *,
    integration_id: int | None = None,
    tenant_id: int | None = None,
    before_id: int | None = None,
    limit: int = PAGE,
    matching: Filter = EVERYTHING,
    oldest_first: bool = False,
) -> list[Run]:
    """Runs of a tenant, of an integration, or of all: newest first; or those after ``before_id``, oldest first."""
    condition, values = chosen_runs(integration_id, tenant_id, matching)
    beyond, first = listed_by("run.id", before_id, oldest_first)
    rows = reader.execute(
        f"{RUNS} WHERE {condition} AND {beyond} ORDER BY {first} LIMIT ?", (*values, before_id, limit)
    )
    return [run_of(row) for row in rows]


def chosen_runs(integration_id: int | None, tenant_id: int | None, matching: Filter) -> tuple[str, list[Any]]:
    """The condition, with its values, for runs of a tenant, else of an integration, else of all, that match."""
    condition, values = matching.condition()
    if tenant_id is not None:
        return f"{condition} AND run.tenant_id = ?", [*values, tenant_id]
    if integration_id is not None:
        return f"{condition} AND run.integration_id = ?", [*values, integration_id]
    return condition, list(values)


def run(reader: sqlite3.Connection, run_id: int) -> Run | None:
    """One run."""
    row = reader.execute(RUNS + " WHERE run.id = ?", (run_id,)).fetchone()
    return None if row is None else run_of(row)


_TRIGGERS = """
SELECT id, tenant_id, source, mode, coalesce(length(payload), 0) AS payload_bytes, headers, scheduled_for, created_by,
    created_date, run_id, ended_date, ended_reason, note, not_before
FROM run_trigger
"""


def triggers_of_run(reader: sqlite3.Connection, run_id: int) -> list[Trigger]:
    """The triggers bundled into a run, oldest first."""
    return [trigger_of(row) for row in reader.execute(_TRIGGERS + " WHERE run_id = ? ORDER BY id", (run_id,))]


def trigger(reader: sqlite3.Connection, trigger_id: int) -> Trigger | None:
    """One trigger."""
    row = reader.execute(_TRIGGERS + " WHERE id = ?", (trigger_id,)).fetchone()
    return None if row is None else trigger_of(row)


def engine_processes(reader: sqlite3.Connection) -> list[EngineProcess]:
    """The processes that said they run an engine."""
    rows = reader.execute("SELECT * FROM engine ORDER BY started_date")
    return [
        EngineProcess(**{**dict(row), "schedules": bool(row["schedules"]), "started_date": moment(row["started_date"])})
        for row in rows
    ]


def counts(reader: sqlite3.Connection, now: datetime) -> Counts:
    """The numbers of the status line."""
    row = reader.execute(
        """
        SELECT
            (SELECT count(*) FROM run INDEXED BY ix_run_active
                WHERE phase IN ('Queued', 'Running') AND phase = 'Running') AS running,
            (SELECT count(*) FROM run INDEXED BY ix_run_active
                WHERE phase IN ('Queued', 'Running') AND phase = 'Queued')
            + (SELECT count(*) FROM run_trigger INDEXED BY ix_run_trigger_held
                WHERE run_id IS NULL AND ended_date IS NULL) AS queued,
            (SELECT count(*) FROM release WHERE status IN ('Queued', 'Building')) AS building,
            (SELECT count(*) FROM integration JOIN run ON run.integration_id = integration.id
                AND run.phase LIKE 'Failed%' AND run.completed_date >= :day_ago) AS failures_24h,
            (SELECT min(next_run) FROM tenant WHERE next_run IS NOT NULL) AS next_run
        """,
        {"day_ago": _day_before(now)},
    ).fetchone()
    return Counts(
        running=row["running"],
        queued=row["queued"],
        building=row["building"],
        failures_24h=row["failures_24h"],
        next_run=from_text(row["next_run"]),
    )


def due_tenants(reader: sqlite3.Connection, now: datetime, limit: int) -> list[DueTenant]:
    """The tenants whose planned slot has come, the longest overdue first, so many at most."""
    rows = reader.execute(
        "SELECT tenant.id, schedule, timezone, next_run, integration_id, catch_up, catch_up_window FROM tenant"
        " JOIN integration ON integration.id = tenant.integration_id"
        " WHERE next_run IS NOT NULL AND next_run <= ? ORDER BY next_run LIMIT ?",
        (to_text(now), limit),
    )
    return [
        DueTenant(
            row["id"],
            row["schedule"],
            row["timezone"],
            moment(row["next_run"]),
            row["integration_id"],
            bool(row["catch_up"]),
            row["catch_up_window"],
        )
        for row in rows
    ]


def next_run(reader: sqlite3.Connection) -> datetime | None:
    """The earliest planned slot of any tenant."""
    return from_text(reader.execute("SELECT min(next_run) FROM tenant WHERE next_run IS NOT NULL").fetchone()[0])


def active_runs(reader: sqlite3.Connection) -> list[ActiveRun]:
    """Every run that has not ended."""
    rows = reader.execute(
        "SELECT id, phase, attempt, claimed_by, cancel_requested_by, created_date FROM run INDEXED BY ix_run_active"
        " WHERE phase IN ('Queued', 'Running') ORDER BY id"
    )
    return [
        ActiveRun(
            row["id"],
            row["phase"],
            row["attempt"],
            row["claimed_by"],
            row["cancel_requested_by"] is not None,
            moment(row["created_date"]),
        )
        for row in rows
    ]


def open_builds(reader: sqlite3.Connection) -> list[OpenBuild]:
    """Every release that is queued or building, oldest first."""
    rows = reader.execute(
        "SELECT id, integration_id, status, attempt, claimed_by, cancel_requested_by, created_date FROM release"
        " INDEXED BY ix_release_open WHERE status IN ('Queued', 'Building') ORDER BY id"
    )
    return [
        OpenBuild(
            row["id"],
            row["integration_id"],
            row["status"],
            row["attempt"],
            row["claimed_by"],
            row["cancel_requested_by"] is not None,
            moment(row["created_date"]),
        )
        for row in rows
    ]


_POLLED = """
SELECT id, repository_url AS url, repository_tracking_branch AS branch, polling_interval AS interval,
    polled_date AS date, polled_commit AS "commit"
FROM integration WHERE NOT archived AND type = 'Internal' AND repository_url <> ''
"""


def polled_integrations(reader: sqlite3.Connection) -> list[PolledIntegration]:
    """The integrations whose tracking branch may be followed."""
    return [PolledIntegration(**{**dict(row), "date": from_text(row["date"])}) for row in reader.execute(_POLLED)]


def polled_integration(reader: sqlite3.Connection, integration_id: int) -> PolledIntegration | None:
    """One of them; None when it is not to be followed any more."""
    row = reader.execute(_POLLED + " AND id = ?", (integration_id,)).fetchone()
    return None if row is None else PolledIntegration(**{**dict(row), "date": from_text(row["date"])})


def has_held_triggers(reader: sqlite3.Connection, now: datetime) -> bool:
    """Whether any trigger waits to be bundled into a run, and need not wait for its time."""
    found = reader.execute(
        "SELECT 1 FROM run_trigger INDEXED BY ix_run_trigger_held WHERE run_id IS NULL AND ended_date IS NULL"
        " AND coalesce(not_before, '') <= ? LIMIT 1",
        (to_text(now),),
    ).fetchone()
    return found is not None


def _single(rows: Iterable[Any]) -> int | None:
    row = next(iter(rows), None)
    return None if row is None else int(row[0])


def listed_by(key: str, before_id: int | None, oldest_first: bool) -> tuple[str, str]:
    """The condition for what lies beyond a key, the value of its ``?``, and the order of a list."""
    sign, most, direction = (">", -1, "ASC") if oldest_first else ("<", 2**63 - 1, "DESC")
    return f"{key} {sign} coalesce(?, {most})", f"{key} {direction}"


def _day_before(now: datetime) -> str:
    return to_text(now - timedelta(hours=24))
