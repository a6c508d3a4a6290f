"""Reading connectors and connections with plain SQL. Their secret values are the vault's business."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pandium_tui.storage.row_reading import moment, parsed
from pandium_tui.storage.times import from_text


@dataclass(frozen=True, slots=True)
class StoredConnector:
    """A connector of an integration, as it is stored.

    Attributes:
        uuid: owner of its sealed provisioning values.
        name: what the integration calls it; the names of its variables follow from it.
        catalogue_id: which connector of the catalogue it is.
        scope: ``global`` or ``tenant``.
        provisioning: the values that are not secret, by field.
        optional: whether runs start without a connection of it.
    """

    id: int
    uuid: str
    integration_id: int
    integration_name: str
    name: str
    catalogue_id: str
    scope: str
    method: str
    provisioning: Mapping[str, str]
    created_date: datetime
    modified_date: datetime
    optional: bool


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A connection, as it is stored.

    Attributes:
        uuid: owner of its sealed values.
        tenant_id: None for that of a global connector.
        method: how it was connected; another one than the connector's when that was changed since.
        plain: the values that are not secret, by field.
        sealed: the fields that have a secret value.
        proven_date: when the last run ended that used these values and succeeded.
    """

    id: int
    uuid: str
    connector_id: int
    tenant_id: int | None
    method: str
    plain: Mapping[str, str]
    sealed: frozenset[str]
    disabled: bool
    reconnect_reason: str | None
    expires_date: datetime | None
    tested_date: datetime | None
    test_status: str | None
    test_words: str | None
    created_date: datetime
    modified_date: datetime
    proven_date: datetime | None


_CONNECTORS = """
SELECT connector.*, integration.name AS integration_name
FROM connector JOIN integration ON integration.id = connector.integration_id
"""

_CONNECTIONS = """
SELECT connection.*,
    (SELECT json_group_array(field) FROM sealed_value WHERE owner = connection.uuid) AS sealed
FROM connection
"""


def connectors(reader: sqlite3.Connection, integration_id: int) -> list[StoredConnector]:
    """The connectors of an integration by name."""
    rows = reader.execute(
        _CONNECTORS + " WHERE connector.integration_id = ? ORDER BY connector.name", (integration_id,)
    )
    return [_connector_of(row) for row in rows]


def connector(reader: sqlite3.Connection, connector_id: int) -> StoredConnector | None:
    """One connector."""
    row = reader.execute(_CONNECTORS + " WHERE connector.id = ?", (connector_id,)).fetchone()
    return None if row is None else _connector_of(row)


def connections(reader: sqlite3.Connection, connector_id: int) -> list[StoredConnection]:
    """All connections of a connector."""
    rows = reader.execute(_CONNECTIONS + " WHERE connector_id = ? ORDER BY id", (connector_id,))
    return [_connection_of(row) for row in rows]


def connection(reader: sqlite3.Connection, connector_id: int, tenant_id: int | None) -> StoredConnection | None:
    """The connection of a tenant, or without one that of a global connector."""
    row = reader.execute(
        _CONNECTIONS + " WHERE connector_id = ? AND tenant_id IS ?", (connector_id, tenant_id)
    ).fetchone()
    return None if row is None else _connection_of(row)


def tenant_names(reader: sqlite3.Connection, integration_id: int) -> dict[int, str]:
    """The tenants of an integration that are not archived, by id, ordered by name."""
    rows = reader.execute(
        "SELECT id, name FROM tenant WHERE integration_id = ? AND NOT archived ORDER BY name", (integration_id,)
    )
    return {row["id"]: row["name"] for row in rows}


def manifest_of_latest(reader: sqlite3.Connection, integration_id: int) -> str | None:
    """The text of PANDIUM.yaml of the newest release that has one."""
    row = reader.execute(
        "SELECT manifest FROM release WHERE integration_id = ? AND manifest IS NOT NULL ORDER BY id DESC LIMIT 1",
        (integration_id,),
    ).fetchone()
    return None if row is None else str(row["manifest"])


def _connector_of(row: sqlite3.Row) -> StoredConnector:
    return StoredConnector(
        id=row["id"],
        uuid=row["uuid"],
        integration_id=row["integration_id"],
        integration_name=row["integration_name"],
        name=row["name"],
        catalogue_id=row["catalogue_id"],
        scope=row["scope"],
        method=row["method"],
        provisioning=_texts(parsed(row["provisioning"])),
        created_date=moment(row["created_date"]),
        modified_date=moment(row["modified_date"]),
        optional=bool(row["optional"]),
    )


def _connection_of(row: sqlite3.Row) -> StoredConnection:
    return StoredConnection(
        id=row["id"],
        uuid=row["uuid"],
        connector_id=row["connector_id"],
        tenant_id=row["tenant_id"],
        method=row["method"],
        plain=_texts(parsed(row["plain"])),
        sealed=frozenset(parsed(row["sealed"])),
        disabled=bool(row["disabled"]),
        reconnect_reason=row["reconnect_reason"],
        expires_date=from_text(row["expires_date"]),
        tested_date=from_text(row["tested_date"]),
        test_status=row["test_status"],
        test_words=row["test_words"],
        created_date=moment(row["created_date"]),
        modified_date=moment(row["modified_date"]),
        proven_date=from_text(row["proven_date"]),
    )


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()}
