"""The reads behind pictures of the past and of schedules. Hours are the first 13 characters of a moment, in UTC."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pandium_tui.storage.times import to_text

Row = dict[str, Any]


def runs_of_tenant(reader: sqlite3.Connection, tenant_id: int, limit: int) -> list[Row]:
    """The newest runs of a tenant that ended, newest first."""
    rows = reader.execute(
        "SELECT id, phase, started_date, completed_date FROM run WHERE tenant_id = ?"
        " AND completed_date IS NOT NULL ORDER BY id DESC LIMIT ?",
        (tenant_id, limit),
    )
    return _rows(rows)


def recent_runs(reader: sqlite3.Connection, integration_id: int, count: int, tenants: int) -> list[Row]:
    """The newest runs that ended of each tenant of an integration, newest first; the tenants by name."""
    rows = reader.execute(
        "SELECT tenant.id AS tenant_id, tenant.name AS tenant_name, run.id, run.phase, run.started_date,"
        " run.completed_date FROM"
        " (SELECT id, name FROM tenant WHERE integration_id = :integration_id AND NOT archived"
        "  ORDER BY name LIMIT :tenants) AS tenant"
        " LEFT JOIN run ON run.id IN (SELECT id FROM run AS newest WHERE newest.tenant_id = tenant.id"
        "  AND newest.completed_date IS NOT NULL ORDER BY newest.id DESC LIMIT :count)"
        " ORDER BY tenant.name, run.id DESC",
        {"integration_id": integration_id, "count": count, "tenants": tenants},
    )
    return _rows(rows)


def recent_of_integrations(reader: sqlite3.Connection, count: int) -> list[Row]:
    """The newest runs that ended of each integration, newest first."""
    rows = reader.execute(
        "SELECT integration.id AS integration_id, run.id, run.phase, run.started_date, run.completed_date"
        " FROM integration JOIN run ON run.id IN (SELECT id FROM run AS newest"
        "  WHERE newest.integration_id = integration.id AND newest.completed_date IS NOT NULL"
        "  ORDER BY newest.id DESC LIMIT :count)"
        " WHERE NOT integration.archived ORDER BY integration.id, run.id DESC",
        {"count": count},
    )
    return _rows(rows)


def runs_by_hour(reader: sqlite3.Connection, integration_id: int | None, since: datetime) -> list[Row]:
    """How many runs were asked for in each hour, and how they ended: of an integration, or of all."""
    where = "" if integration_id is None else " AND integration_id = :integration_id"
    rows = reader.execute(
        "SELECT substr(created_date, 1, 13) AS hour, sum(phase = 'Succeeded') AS succeeded,"
        " sum(phase LIKE 'Failed%') AS failed, count(*) AS runs"
        f" FROM run WHERE id >= :first{where} AND created_date >= :since GROUP BY hour ORDER BY hour",
        {"first": _first_since(reader, since), "integration_id": integration_id, "since": to_text(since)},
    )
    return _rows(rows)


def failures_by_hour(reader: sqlite3.Connection, integration_id: int | None, since: datetime) -> list[Row]:
    """How many runs failed in each hour that had any: of an integration, or of all."""
    where = "" if integration_id is None else " WHERE integration.id = :integration_id"
    rows = reader.execute(
        "SELECT substr(run.completed_date, 1, 13) AS hour, count(*) AS failed FROM integration"
        " JOIN run ON run.integration_id = integration.id AND run.phase LIKE 'Failed%' AND run.completed_date >= :since"
        f"{where} GROUP BY hour ORDER BY hour",
        {"since": to_text(since), "integration_id": integration_id},
    )
    return _rows(rows)


def planned_tenants(reader: sqlite3.Connection, tenant_id: int | None, integration_id: int | None) -> list[Row]:
    """The tenants whose schedules fire, with their schedule and zone."""
    where = "next_run IS NOT NULL"
    if tenant_id is not None:
        where += " AND id = :tenant_id"
    elif integration_id is not None:
        where += " AND integration_id = :integration_id"
    rows = reader.execute(
        f"SELECT id, schedule, timezone FROM tenant WHERE {where}",
        {"tenant_id": tenant_id, "integration_id": integration_id},
    )
    return _rows(rows)


def _first_since(reader: sqlite3.Connection, since: datetime) -> int:
    """The id of about the first run of a time. Ids grow with time, so a bisection finds it without an index."""
    low, high = 1, reader.execute("SELECT coalesce(max(id), 0) + 1 FROM run").fetchone()[0]
    while low < high:
        middle = (low + high) // 2
        row = reader.execute("SELECT created_date FROM run WHERE id >= ? ORDER BY id LIMIT 1", (middle,)).fetchone()
        if row is not None and row["created_date"] < to_text(since):
            low = middle + 1
        else:
            high = middle
    return int(low)


def _rows(rows: Iterable[sqlite3.Row]) -> list[Row]:
    return [dict(row) for row in rows]
