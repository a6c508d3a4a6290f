"""Connections: the credentials of tenants (or of an integration, for a global connector), and how they stand."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from pandium_tui.connectors.catalogue import Catalogue, catalogue
from pandium_tui.connectors.definitions import Method
from pandium_tui.engine.run_secrets import UnusableError, connection_context, opened_values
from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.connection_states import ValueState, VaultView, status_of, value_states, view_of_vault
from pandium_tui.hub.connection_values import checked_values, missing_problems, warnings_by_field
from pandium_tui.hub.connectors import colliding, stored_connector, stored_method
from pandium_tui.hub.errors import InvalidError, NotFoundError, RefusedError
from pandium_tui.hub.tenants import tenant
from pandium_tui.storage import connector_queries
from pandium_tui.storage.connector_queries import StoredConnection, StoredConnector
from pandium_tui.storage.database import Store
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import Secret, Vault
from pandium_tui.storage.vocabulary import CONNECTED, EXPIRING

if TYPE_CHECKING:
    from sqlmodel import Session

    from pandium_tui.connectors.testing import TestOptions
    from pandium_tui.storage.setup_tables import ConnectionRow

TRANSIENT = ("unreachable", "cannot be tested")
"""What a test may find that says nothing about the credentials: what was proven before stays proven."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection of a tenant or of an integration, made or still to be made.

    Attributes:
        connector: its name in the integration.
        tenant_id: None for a global connector.
        whose: the tenant (``crm/acme``), or the integration with a slash (``crm/``).
        status: one of ``CONNECTION_STATUSES``; ``connected`` only after a test or a run that succeeded.
        words: a sentence about the status.
        values: its values, the content of secret ones left out.
        free_keys: whether the keys of its values are the person's own.
        pasted_token: a token is pasted where a sign-in would obtain one; nothing renews it.
        trap: why a simpler test of it would lie; empty when nothing is known.
        optional: whether runs start without it.
        proven_date: when the last run ended that used its values as they are and succeeded.
    """

    connector_id: int
    connector: str
    label: str
    integration_id: int
    tenant_id: int | None
    whose: str
    scope: str
    method: str
    method_label: str
    status: str
    words: str
    values: tuple[ValueState, ...]
    free_keys: bool
    pasted_token: bool
    trap: str
    expires_date: datetime | None
    tested_date: datetime | None
    modified_date: datetime | None
    optional: bool
    proven_date: datetime | None

    @property
    def is_good(self) -> bool:
        """Whether a test or a run has proven it; one that ends soon may never have been tried."""
        proven = self.tested_date is not None or self.proven_date is not None
        return self.status == CONNECTED or (self.status == EXPIRING and proven)


@dataclass(frozen=True, slots=True)
class SavedConnection:
    """A connection after it was set; what was corrected, and what to look at."""

    connection: Connection
    notices: tuple[str, ...]
    warnings: tuple[str, ...]


def connections(store: Store, tenant_id: int) -> list[Connection]:
    """All that runs of a tenant need, by connector; the global ones among them."""
    owner = tenant(store, tenant_id)
    with store.reading() as reader:
        found = [
            (one, connector_queries.connection(reader, one.id, None if one.scope == "global" else tenant_id))
            for one in connector_queries.connectors(reader, owner.integration_id)
        ]
    if not found:
        return []
    known = catalogue(store.settings.connectors_folder)
    vault = view_of_vault(store, [entry for _, entry in found])
    name = f"{owner.integration_name}/{owner.name}"
    return [
        _record(store, known, vault, one, connection, None if one.scope == "global" else tenant_id, name)
        for one, connection in found
    ]


def connection(store: Store, connector_id: int, tenant_id: int | None) -> Connection:
    """One connection; without a tenant that of a global connector.

    Raises:
        NotFoundError: there is no such connector or tenant.
        RefusedError: the connector is global and a tenant was given, or the other way round.
    """
    one = stored_connector(store, connector_id)
    name = checked_owner(store, one, tenant_id)
    with store.reading() as reader:
        found = connector_queries.connection(reader, connector_id, tenant_id)
    known = catalogue(store.settings.connectors_folder)
    return _record(store, known, view_of_vault(store, [found]), one, found, tenant_id, name)


def look_at_values(
    store: Store, connector_id: int, tenant_id: int | None, given: Mapping[str, Secret]
) -> tuple[dict[str, str], dict[str, str]]:
    """What is wrong with the values of a connection, and what to look at; by field. For use while typing."""
    one = stored_connector(store, connector_id)
    method = stored_method(store, one)
    with store.reading() as reader:
        found = connector_queries.connection(reader, connector_id, tenant_id)
    kept = frozenset([*found.plain, *found.sealed]) if found and found.method == one.method else frozenset()
    names = (kept - given.keys()) | {name for name, secret in given.items() if secret.reveal()}
    problems = {} if method.free_keys else missing_problems(method, "connection", names)
    problems |= checked_values(one.name, method, "connection", given).problems
    return problems, warnings_by_field(one.name, method, "connection", given)


def set_connection(
    store: Store,
    connector_id: int,
    tenant_id: int | None,
    given: Mapping[str, Secret],
    actor: Actor,
    *,
    expires: date | None = None,
) -> SavedConnection:
    """Connect or reconnect: store these values. An empty one is taken away, one that is not given stays.

    Raises:
        InvalidError: with what is wrong by field.
        VaultError: a value cannot be sealed; nothing was changed.
    """
    one = stored_connector(store, connector_id)
    checked_owner(store, one, tenant_id)
    method = stored_method(store, one)
    checked = checked_values(one.name, method, "connection", given)
    checked.raise_problems()
    with store.writing() as session:
        row, made = _row(session, one, tenant_id), False
        if row is None or row.method != one.method:
            row, made = _begin_anew(store, session, row, one, tenant_id), True
        names = _store_values(store, session, row, method, checked.values)
        _raise_missing(method, names)
        if method.free_keys:
            keys = frozenset(names)
            if collision := colliding(store, one.integration_id, one.name, method, keys, without=one.id):
                raise InvalidError({next(iter(checked.values), "keys"): collision})
        row.modified_date = utc_now()
        row.disabled = False
        row.reconnect_reason = row.tested_date = row.test_status = row.test_words = row.proven_date = None
        row.expires_date = datetime.combine(expires, time(), UTC) if expires else None
        action = "connect" if made else "reconnect"
        detail = f"{one.name}: {', '.join(checked.values)}"
        note_activity(session, actor, action, integration_id=one.integration_id, tenant_id=tenant_id, detail=detail)
    return SavedConnection(connection(store, connector_id, tenant_id), checked.notices, checked.warnings)


def disconnect(store: Store, connector_id: int, tenant_id: int | None, actor: Actor) -> Connection:
    """Delete a connection and its secrets for good.

    Raises:
        RefusedError: there is none.
    """
    one = stored_connector(store, connector_id)
    whose = checked_owner(store, one, tenant_id)
    with store.writing() as session:
        row = _existing(session, one, tenant_id, whose)
        Vault(store).forget(session, row.uuid)
        session.delete(row)
        note_activity(
            session, actor, "disconnect", integration_id=one.integration_id, tenant_id=tenant_id, detail=one.name
        )
    return connection(store, connector_id, tenant_id)


def set_disabled(store: Store, connector_id: int, tenant_id: int | None, disabled: bool, actor: Actor) -> Connection:
    """Keep a connection from being used without deleting it, or let it be used again.

    Raises:
        RefusedError: there is none.
    """
    one = stored_connector(store, connector_id)
    whose = checked_owner(store, one, tenant_id)
    with store.writing() as session:
        row = _existing(session, one, tenant_id, whose)
        # A run that goes on did not have what is enabled now: it must not count as its proof.
        row.disabled, row.modified_date = disabled, utc_now()
        action = "disable connection" if disabled else "enable connection"
        note_activity(session, actor, action, integration_id=one.integration_id, tenant_id=tenant_id, detail=one.name)
    return connection(store, connector_id, tenant_id)


def test_connection(
    store: Store, connector_id: int, tenant_id: int | None, actor: Actor, options: "TestOptions | None" = None
) -> Connection:
    """Ask the vendor whether it accepts the credentials. Blocks up to ten seconds: call it in a thread.

    A vendor that cannot be asked now takes nothing away from what an earlier test has proven.

    Raises:
        RefusedError: there is no connection, or its values are incomplete or cannot be opened.
    """
    from pandium_tui.connectors import testing

    one = stored_connector(store, connector_id)
    whose = checked_owner(store, one, tenant_id)
    method = stored_method(store, one)
    with store.reading() as reader:
        found = connector_queries.connection(reader, connector_id, tenant_id)
    if found is None:
        raise RefusedError(_not_connected(one, whose))
    if found.method != one.method:
        raise RefusedError(f"Connector {one.name} of {whose} was connected in another way. Reconnect it.")
    try:
        values = opened_values(store, method, one, found)
    except UnusableError as error:
        raise RefusedError(f"Connector {one.name} of {whose} cannot be tested: {error}.") from None
    options = options or testing.TestOptions(private_allowed=store.settings.test_private_addresses)
    outcome = testing.test_connection(method, values, options)
    with store.writing() as session:
        row = _row(session, one, tenant_id)
        # Whoever changed the values meanwhile did not have these tested.
        if row is not None and row.modified_date == found.modified_date:
            row.test_words = outcome.words
            # The vendor knows better than who entered a day; where it says nothing that day stays.
            row.expires_date = outcome.expires or row.expires_date
            row.plain = {**row.plain, **outcome.found}
            if outcome.status not in TRANSIENT or row.test_status is None:
                row.tested_date, row.test_status = outcome.at, outcome.status
            detail = f"{one.name}: {outcome.status}"
            note_activity(
                session, actor, "test connection", integration_id=one.integration_id, tenant_id=tenant_id, detail=detail
            )
    return connection(store, connector_id, tenant_id)


def _record(
    store: Store,
    known: Catalogue,
    vault: VaultView,
    one: StoredConnector,
    found: StoredConnection | None,
    tenant_id: int | None,
    whose: str,
) -> Connection:
    definition = known.find(one.catalogue_id)
    method = definition.method(one.method) if definition else None
    status, words = status_of(known, one, found, vault, utc_now())
    sealed = Vault(store).fields(found.uuid) if found else []
    return Connection(
        connector_id=one.id,
        connector=one.name,
        label=definition.label if definition else one.catalogue_id,
        integration_id=one.integration_id,
        tenant_id=tenant_id,
        whose=f"{one.integration_name}/" if one.scope == "global" else whose,
        scope=one.scope,
        method=one.method,
        method_label=method.label if method else one.method,
        status=status,
        words=words,
        values=value_states(method, "connection", found.plain if found else {}, sealed),
        free_keys=bool(method and method.free_keys),
        pasted_token=bool(method and method.takes_pasted_token),
        trap=method.test.trap if method and method.test else "",
        expires_date=found.expires_date if found else None,
        tested_date=found.tested_date if found and found.test_status == "connected" else None,
        modified_date=found.modified_date if found else None,
        optional=one.optional,
        proven_date=found.proven_date if found else None,
    )


def checked_owner(store: Store, one: StoredConnector, tenant_id: int | None) -> str:
    """Whose connection it is, in words."""
    if one.scope == "global":
        if tenant_id is not None:
            raise RefusedError(
                f"Connector {one.name} of {one.integration_name} is global: it is connected once for all tenants, "
                f"as {one.integration_name}/."
            )
        return f"{one.integration_name}/"
    if tenant_id is None:
        raise RefusedError(
            f"Connector {one.name} of {one.integration_name} is connected by each tenant; name one of its tenants."
        )
    owner = tenant(store, tenant_id)
    if owner.integration_id != one.integration_id:
        raise NotFoundError(f"Tenant {owner.integration_name}/{owner.name} has no connector {one.name}.")
    return f"{owner.integration_name}/{owner.name}"


def _row(session: "Session", one: StoredConnector, tenant_id: int | None) -> "ConnectionRow | None":
    from sqlmodel import select

    from pandium_tui.storage.setup_tables import ConnectionRow

    return session.exec(
        select(ConnectionRow).where(ConnectionRow.connector_id == one.id, ConnectionRow.tenant_id == tenant_id)
    ).first()


def _existing(session: "Session", one: StoredConnector, tenant_id: int | None, whose: str) -> "ConnectionRow":
    row = _row(session, one, tenant_id)
    if row is None:
        raise RefusedError(_not_connected(one, whose))
    return row


def _begin_anew(
    store: Store, session: "Session", row: "ConnectionRow | None", one: StoredConnector, tenant_id: int | None
) -> "ConnectionRow":
    """A connection without values: what was entered for another method means nothing in this one."""
    from pandium_tui.storage.setup_tables import ConnectionRow

    now = utc_now()
    if row is not None:
        Vault(store).forget(session, row.uuid)
        row.method, row.plain = one.method, {}
        return row
    row = ConnectionRow(
        uuid=str(uuid.uuid4()),
        connector_id=one.id,
        tenant_id=tenant_id,
        method=one.method,
        created_date=now,
        modified_date=now,
    )
    session.add(row)
    session.flush()
    return row


def _store_values(
    store: Store, session: "Session", row: "ConnectionRow", method: Method, values: Mapping[str, str]
) -> frozenset[str]:
    """Store them, and give back the names of all that the connection has now."""
    from sqlmodel import select

    from pandium_tui.storage.tables import SealedValueRow

    vault = Vault(store)
    plain = dict(row.plain)
    for name, value in values.items():
        entry = method.field(name)
        if entry is not None and not entry.secret:
            plain.pop(name, None)
            plain |= {name: value} if value else {}
        elif value:
            vault.seal(session, connection_context(row.uuid, row.tenant_id, name), Secret(value))
        else:
            vault.forget(session, row.uuid, name)
    row.plain = plain
    sealed = session.exec(select(SealedValueRow.field).where(SealedValueRow.owner == row.uuid)).all()
    return frozenset([*plain, *sealed])


def _raise_missing(method: Method, names: frozenset[str]) -> None:
    if method.free_keys and not names:
        raise InvalidError({"keys": "name at least one, such as API_KEY, and give it a value"})
    if problems := missing_problems(method, "connection", names):
        raise InvalidError(problems)


def _not_connected(one: StoredConnector, whose: str) -> str:
    return f"Connector {one.name} of {whose} is not connected. Connect it first."
