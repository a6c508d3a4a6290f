"""The reads behind the view of what goes on: a line each, over all integrations, with a limit each."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pandium_tui.storage.times import to_text

LIMIT = 100
"""How many lines of one kind are read at most."""

_FAILING = """
SELECT run.id AS run_id, tenant.name AS tenant_name, integration.name AS integration_name, run.phase,
    coalesce(run.completed_date, run.created_date) AS date, succeeded.completed_date AS last_success
FROM tenant
JOIN integration ON integration.id = tenant.integration_id AND NOT integration.archived
JOIN run ON run.id = tenant.last_run_id AND run.phase LIKE 'Failed%'
LEFT JOIN run AS succeeded ON succeeded.id = tenant.last_successful_run_id
WHERE NOT tenant.archived
ORDER BY date DESC LIMIT :limit
"""

_FAILED_BUILDS = """
SELECT release.id AS release_id, release.name AS release_name, integration.name AS integration_name, release.reason,
    coalesce(release.completed_date, release.created_date) AS date
FROM integration
JOIN release ON release.status = 'Failed'
    AND release.id = (SELECT max(id) FROM release AS newest WHERE newest.integration_id = integration.id)
WHERE NOT integration.archived
ORDER BY date DESC LIMIT :limit
"""

_WEAK_CONNECTIONS = """
SELECT connector.name AS connector_name, connector.integration_id, integration.name AS integration_name,
    tenant.id AS tenant_id, tenant.name AS tenant_name, connection.expires_date AS date, connection.reconnect_reason,
    connection.test_status, connection.test_words
FROM connection
JOIN connector ON connector.id = connection.connector_id
JOIN integration ON integration.id = connector.integration_id AND NOT integration.archived
LEFT JOIN tenant ON tenant.id = connection.tenant_id
WHERE NOT connection.disabled AND NOT coalesce(tenant.archived, 0)
    AND (connection.expires_date <= :soon OR connection.reconnect_reason IS NOT NULL
        OR connection.test_status = 'rejected')
ORDER BY connection.expires_date IS NULL, connection.expires_date LIMIT :limit
"""

_RUNNING = """
SELECT run.id AS run_id, tenant.name AS tenant_name, integration.name AS integration_name, run.mode,
    run.started_date AS date
FROM run INDEXED BY ix_run_active
JOIN tenant ON tenant.id = run.tenant_id
JOIN integration ON integration.id = run.integration_id
WHERE run.phase IN ('Queued', 'Running') AND run.phase = 'Running'
ORDER BY run.started_date LIMIT :limit
"""

_COMING = """
SELECT tenant.id AS tenant_id, tenant.name AS tenant_name, integration.name AS integration_name, tenant.schedule,
    tenant.next_run AS date
FROM tenant INDEXED BY ix_tenant_next_run
JOIN integration ON integration.id = tenant.integration_id
WHERE tenant.next_run IS NOT NULL ORDER BY tenant.next_run LIMIT :limit
"""

Row = dict[str, Any]


def failing_tenants(reader: sqlite3.Connection) -> list[Row]:
    """Tenants whose last run failed, the latest failure first."""
    return _rows(reader.execute(_FAILING, {"limit": LIMIT}))


def failed_builds(reader: sqlite3.Connection) -> list[Row]:
    """Releases whose build failed, with none after them, the latest first."""
    return _rows(reader.execute(_FAILED_BUILDS, {"limit": LIMIT}))


def weak_connections(reader: sqlite3.Connection, soon: datetime) -> list[Row]:
    """Connections that expire before ``soon``, were rejected, or have to be made again."""
    return _rows(reader.execute(_WEAK_CONNECTIONS, {"limit": LIMIT, "soon": to_text(soon)}))


def running(reader: sqlite3.Connection) -> list[Row]:
    """The runs that go on, the longest first."""
    return _rows(reader.execute(_RUNNING, {"limit": LIMIT}))


def coming(reader: sqlite3.Connection, limit: int) -> list[Row]:
    """The tenants whose schedules fire next."""
    return _rows(reader.execute(_COMING, {"limit": limit}))


def _rows(rows: Iterable[sqlite3.Row]) -> list[Row]:
    return [dict(row) for row in rows]
