"""Changing the connectors of an integration: add, remove, whose they are, and their provisioning."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pandium_tui.connectors.catalogue import catalogue
from pandium_tui.connectors.definitions import Method
from pandium_tui.engine.run_secrets import provisioning_context
from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.connection_values import checked_values
from pandium_tui.hub.connectors import Connector, colliding, connector, stored_connector
from pandium_tui.hub.errors import InvalidError, RefusedError, raise_if_any
from pandium_tui.hub.integrations import integration
from pandium_tui.storage import connector_queries
from pandium_tui.storage.connector_queries import StoredConnection, StoredConnector
from pandium_tui.storage.database import Store
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import Secret, Vault
from pandium_tui.storage.vocabulary import CONNECTOR_SCOPES

if TYPE_CHECKING:
    from sqlmodel import Session

    from pandium_tui.storage.setup_tables import ConnectionRow, ConnectorRow

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class ConnectorValues:
    """What a person may enter when a connector is added.

    Attributes:
        catalogue_id: empty for the connector of the catalogue that has this name.
        method: empty for the first method of the connector.
        provisioning: values of its fields of that level.
        optional: whether runs start without a connection of it.
    """

    name: str
    catalogue_id: str = ""
    method: str = ""
    scope: str = "tenant"
    provisioning: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What reprovisioning did; ``must_reconnect`` names whose connections cannot be used any more."""

    connector: Connector
    must_reconnect: tuple[str, ...]
    notices: tuple[str, ...]
    warnings: tuple[str, ...]


def add_connector(store: Store, integration_id: int, values: ConnectorValues, actor: Actor) -> Connector:
    """Add a connector; unless it is optional no run starts without a connection from then on.

    Raises:
        InvalidError: with what is wrong by field; two keys that would be one variable are named both.
        VaultError: a provisioning value cannot be sealed; nothing was added.
    """
    from sqlalchemy.exc import IntegrityError

    from pandium_tui.storage.setup_tables import ConnectorRow

    name = values.name.strip()
    parent = integration(store, integration_id)
    method = _chosen_method(store, values)
    checked = checked_values(name, method, "provisioning", values.provisioning)
    raise_if_any(_problems(store, parent.id, name, values.scope, method) | checked.problems)
    now = utc_now()
    row = ConnectorRow(
        uuid=str(uuid.uuid4()),
        integration_id=parent.id,
        name=name,
        catalogue_id=values.catalogue_id or name,
        scope=values.scope,
        method=method.id,
        optional=values.optional,
        created_date=now,
        modified_date=now,
    )
    try:
        with store.writing() as session:
            session.add(row)
            session.flush()
            _store_provisioning(store, session, row, method, checked.values)
            detail = f"{name}: {row.catalogue_id}, {method.label}, {row.scope}{', optional' if row.optional else ''}"
            note_activity(session, actor, "add connector", integration_id=parent.id, detail=detail)
    except IntegrityError as error:
        raise InvalidError({"name": f"{name!r} is there already"}) from error
    return connector(store, parent.id, name)


def affected_by_removal(store: Store, connector_id: int) -> list[str]:
    """Whose connections are deleted when the connector goes, or becomes somebody else's; a line each."""
    one, connections, tenants = _read(store, connector_id)
    lines = [_whose(one, connection, tenants) for connection in connections]
    return [f"The connection of {line} is deleted, with its secrets" for line in lines]


def remove_connector(store: Store, connector_id: int, actor: Actor, *, even_if_connected: bool = False) -> None:
    """Remove a connector with its provisioning and all its connections, for good.

    Raises:
        RefusedError: there are connections; the text names whose. ``even_if_connected`` removes it all the same.
    """
    from pandium_tui.storage.setup_tables import ConnectorRow

    one, _, _ = _read(store, connector_id)
    affected = affected_by_removal(store, connector_id)
    if affected and not even_if_connected:
        raise RefusedError(f"Connector {one.name} of {one.integration_name} is in use. {'. '.join(affected)}.")
    with store.writing() as session:
        _delete_connections(store, session, connector_id)
        Vault(store).forget(session, one.uuid)
        session.delete(session.get_one(ConnectorRow, connector_id))
        note_activity(session, actor, "remove connector", integration_id=one.integration_id, detail=one.name)


def change_scope(
    store: Store, connector_id: int, scope: str, actor: Actor, *, even_if_connected: bool = False
) -> Connector:
    """Make a connector global, or each tenant's own. No secret changes hands: connections of before are deleted.

    Raises:
        InvalidError: there is no such scope.
        RefusedError: there are connections; the text names whose. ``even_if_connected`` deletes them.
    """
    from pandium_tui.storage.setup_tables import ConnectorRow

    if scope not in CONNECTOR_SCOPES:
        raise InvalidError({"scope": f"must be one of {', '.join(CONNECTOR_SCOPES)}"})
    one, _, _ = _read(store, connector_id)
    if scope != one.scope:
        affected = affected_by_removal(store, connector_id)
        if affected and not even_if_connected:
            raise RefusedError(f"Connector {one.name} of {one.integration_name} is in use. {'. '.join(affected)}.")
        with store.writing() as session:
            _delete_connections(store, session, connector_id)
            row = session.get_one(ConnectorRow, connector_id)
            row.scope, row.modified_date = scope, utc_now()
            detail = f"{one.name}: {one.scope} to {scope}"
            note_activity(session, actor, "change connector scope", integration_id=one.integration_id, detail=detail)
    return connector(store, one.integration_id, one.name)


def set_optional(store: Store, connector_id: int, optional: bool, actor: Actor) -> Connector:
    """Let runs start without a connection of it, then without its variables; or not any more."""
    from pandium_tui.storage.setup_tables import ConnectorRow

    one = stored_connector(store, connector_id)
    with store.writing() as session:
        session.get_one(ConnectorRow, connector_id).optional = optional
        action = "make connector optional" if optional else "make connector required"
        note_activity(session, actor, action, integration_id=one.integration_id, detail=one.name)
    return connector(store, one.integration_id, one.name)


def affected_by_provisioning(
    store: Store, connector_id: int, given: Mapping[str, Secret], method: str = ""
) -> list[str]:
    """Who must reconnect when these values are provisioned; a line each, none when nobody must."""
    one, connections, tenants = _read(store, connector_id)
    if not _reconnect_reason(one, given, method):
        return []
    return [f"{_whose(one, connection, tenants)} must reconnect" for connection in connections]


def provision(
    store: Store,
    connector_id: int,
    given: Mapping[str, Secret],
    actor: Actor,
    *,
    method: str = "",
    even_if_connected: bool = False,
) -> Provisioned:
    """Change provisioning values; an empty one is taken away, one that is not given stays.

    With another client id, or another method, all connections must be made anew; with another client secret none.

    Raises:
        InvalidError: with what is wrong by field.
        RefusedError: somebody must reconnect; the text names who. ``even_if_connected`` does it all the same.
        VaultError: a value cannot be sealed; nothing was changed.
    """
    from pandium_tui.storage.setup_tables import ConnectorRow

    one, _, _ = _read(store, connector_id)
    values = ConnectorValues(one.name, one.catalogue_id, method or one.method, one.scope)
    chosen = _chosen_method(store, values)
    checked = checked_values(one.name, chosen, "provisioning", given)
    checked.raise_problems()
    if chosen.id != one.method:
        raise_if_any(_problems(store, one.integration_id, one.name, one.scope, chosen, without=one.id))
    affected = affected_by_provisioning(store, connector_id, given, method)
    if affected and not even_if_connected:
        raise RefusedError(f"After this change of connector {one.name}: {'; '.join(affected)}.")
    reason = _reconnect_reason(one, given, method)
    with store.writing() as session:
        row = session.get_one(ConnectorRow, connector_id)
        if chosen.id != row.method:
            Vault(store).forget(session, row.uuid)
            row.method, row.provisioning = chosen.id, {}
        _store_provisioning(store, session, row, chosen, checked.values)
        row.modified_date = utc_now()
        for connection in _connection_rows(session, connector_id):
            connection.reconnect_reason = reason or connection.reconnect_reason
            connection.proven_date = None
            if reason or checked.values.keys() & chosen.test_fields():
                connection.tested_date = connection.test_status = connection.test_words = None
        detail = f"{one.name}: {', '.join([*checked.values, *([chosen.label] if method else [])]) or 'nothing'}"
        note_activity(session, actor, "provision connector", integration_id=one.integration_id, detail=detail)
    return Provisioned(
        connector(store, one.integration_id, one.name), tuple(affected), checked.notices, checked.warnings
    )


def reset_values(one: Connector) -> dict[str, Secret]:
    """What :func:`provision` is given to take all provisioning values away."""
    return {value.name: Secret("") for value in one.provisioning if value.is_set}


def _problems(
    store: Store, integration_id: int, name: str, scope: str, method: Method, *, without: int | None = None
) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not _NAME.fullmatch(name):
        problems["name"] = "may have lower-case letters, digits, inner hyphens and underscores, at most 63 characters"
    if scope not in CONNECTOR_SCOPES:
        problems["scope"] = f"must be one of {', '.join(CONNECTOR_SCOPES)}"
    with store.reading() as reader:
        taken = {one.name for one in connector_queries.connectors(reader, integration_id) if one.id != without}
    if name in taken:
        problems["name"] = f"{name!r} is there already"
    elif collision := colliding(store, integration_id, name, method, frozenset(), without=without):
        problems["name"] = collision
    return problems


def _chosen_method(store: Store, values: ConnectorValues) -> Method:
    known = catalogue(store.settings.connectors_folder)
    wanted = values.catalogue_id or values.name
    definition = known.find(wanted)
    if definition is None:
        near = known.near(wanted)
        raise InvalidError(
            {"catalogue_id": f"{wanted!r} is not in the catalogue" + (f"; near: {', '.join(near)}" if near else "")}
        )
    method = definition.method(values.method) if values.method else definition.methods[0]
    if method is None:
        known_ids = ", ".join(one.id for one in definition.methods)
        raise InvalidError({"method": f"{values.method!r} is no method of {definition.label}; it has {known_ids}"})
    return method


def _store_provisioning(
    store: Store, session: "Session", row: "ConnectorRow", method: Method, values: Mapping[str, str]
) -> None:
    vault = Vault(store)
    plain = dict(row.provisioning)
    for name, value in values.items():
        entry = method.field(name)
        assert entry is not None
        if not entry.secret:
            plain.pop(name, None)
            plain |= {name: value} if value else {}
        elif value:
            vault.seal(session, provisioning_context(row.uuid, name), Secret(value))
        else:
            vault.forget(session, row.uuid, name)
    row.provisioning = plain


def _reconnect_reason(one: StoredConnector, given: Mapping[str, Secret], method: str) -> str:
    if method and method != one.method:
        return "the connector uses another way to connect now"
    before = one.provisioning.get("client_id")
    if before and "client_id" in given and given["client_id"].reveal().strip() != before:
        return "the client ID of the integration was changed"
    return ""


def _read(store: Store, connector_id: int) -> tuple[StoredConnector, list[StoredConnection], dict[int, str]]:
    one = stored_connector(store, connector_id)
    with store.reading() as reader:
        return (
            one,
            connector_queries.connections(reader, connector_id),
            connector_queries.tenant_names(reader, one.integration_id),
        )


def _whose(one: StoredConnector, connection: StoredConnection, tenants: Mapping[int, str]) -> str:
    if connection.tenant_id is None:
        return f"{one.integration_name} (global)"
    return f"tenant {one.integration_name}/{tenants.get(connection.tenant_id, f'{connection.tenant_id}, archived')}"


def _connection_rows(session: "Session", connector_id: int) -> list["ConnectionRow"]:
    from sqlmodel import select

    from pandium_tui.storage.setup_tables import ConnectionRow

    return list(session.exec(select(ConnectionRow).where(ConnectionRow.connector_id == connector_id)))


def _delete_connections(store: Store, session: "Session", connector_id: int) -> None:
    for row in _connection_rows(session, connector_id):
        Vault(store).forget(session, row.uuid)
        session.delete(row)
    session.flush()
