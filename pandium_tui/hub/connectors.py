"""Connectors of integrations: how they stand and who is connected."""

from dataclasses import dataclass
from itertools import chain

from pandium_tui.connectors.catalogue import Catalogue, catalogue
from pandium_tui.connectors.checks import missing
from pandium_tui.connectors.definitions import Method
from pandium_tui.connectors.variables import collisions, connection_keys
from pandium_tui.hub.connection_states import ValueState, status_of, value_states, view_of_vault
from pandium_tui.hub.errors import NotFoundError, RefusedError
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.naming import suggestion
from pandium_tui.storage import connector_queries
from pandium_tui.storage.connector_queries import StoredConnector
from pandium_tui.storage.database import Store
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import Vault
from pandium_tui.storage.vocabulary import CONNECTED, EXPIRING, NEVER_TESTED

USABLE = (CONNECTED, NEVER_TESTED, EXPIRING)


@dataclass(frozen=True, slots=True)
class Connector:
    """A connector of an integration.

    Attributes:
        name: what the integration calls it; its variables are named after it.
        catalogue_id: which connector of the catalogue it is.
        label: what people call it.
        scope: ``global``: one connection for all tenants; ``tenant``: one for each.
        problem: what is missing before it can be used, empty when nothing is.
        provisioning: the values that are entered once for the integration.
        status: of the global connection, None for one that tenants connect.
        words: about that status.
        connected: tenants whose connection can be used.
        not_connected: the other tenants.
        pasted_token: a token is pasted where a sign-in would obtain one; nothing renews it.
        optional: whether runs start without a connection of it.
    """

    id: int
    integration_id: int
    integration_name: str
    name: str
    catalogue_id: str
    label: str
    method: str
    method_label: str
    scope: str
    problem: str
    provisioning: tuple[ValueState, ...]
    status: str | None
    words: str
    connected: tuple[str, ...]
    not_connected: tuple[str, ...]
    pasted_token: bool
    optional: bool


def connectors(store: Store, integration_id: int) -> list[Connector]:
    """The connectors of an integration by name, and who is connected."""
    with store.reading() as reader:
        found = connector_queries.connectors(reader, integration_id)
        connections = {one.id: connector_queries.connections(reader, one.id) for one in found}
        tenants = connector_queries.tenant_names(reader, integration_id)
    if not found:
        return []
    known = catalogue(store.settings.connectors_folder)
    vault = view_of_vault(store, chain.from_iterable(connections.values()))
    now = utc_now()
    records = []
    for one in found:
        by_tenant = {connection.tenant_id: connection for connection in connections[one.id]}
        statuses = {
            tenant_id: status_of(known, one, by_tenant.get(tenant_id), vault, now)
            for tenant_id in ([None] if one.scope == "global" else tenants)
        }
        connected = [name for key, name in tenants.items() if statuses.get(key, ("", ""))[0] in USABLE]
        status, words = statuses.get(None, (None, ""))
        if one.scope == "global":
            connected = list(tenants.values()) if status in USABLE else []
        method = _method(known, one)
        provisioning = value_states(method, "provisioning", one.provisioning, Vault(store).fields(one.uuid))
        definition = known.find(one.catalogue_id)
        records.append(
            Connector(
                id=one.id,
                integration_id=one.integration_id,
                integration_name=one.integration_name,
                name=one.name,
                catalogue_id=one.catalogue_id,
                label=definition.label if definition else one.catalogue_id,
                method=one.method,
                method_label=method.label if method else one.method,
                scope=one.scope,
                problem=_problem(method, provisioning),
                provisioning=provisioning,
                status=status,
                words=words,
                connected=tuple(connected),
                not_connected=tuple(name for name in tenants.values() if name not in connected),
                pasted_token=bool(method and method.takes_pasted_token),
                optional=one.optional,
            )
        )
    return records


def connector(store: Store, integration_id: int, reference: int | str) -> Connector:
    """One connector of an integration by its name or id.

    Raises:
        NotFoundError: there is none.
    """
    known = connectors(store, integration_id)
    found = next((one for one in known if str(reference) in (one.name, str(one.id))), None)
    if found is None:
        near = suggestion(str(reference), [one.name for one in known])
        name = integration(store, integration_id).name
        raise NotFoundError(f"Integration {name} has no connector {str(reference)!r}.{near}")
    return found


def stored_method(store: Store, one: StoredConnector) -> Method:
    """How a connector works.

    Raises:
        RefusedError: its definition is gone.
    """
    method = _method(catalogue(store.settings.connectors_folder), one)
    if method is None:
        raise RefusedError(
            f"Connector {one.name} of {one.integration_name}: {one.catalogue_id} with the method {one.method} is not "
            "in the catalogue any more. Put its definition back, or remove the connector."
        )
    return method


def stored_connector(store: Store, connector_id: int) -> StoredConnector:
    """A connector as it is stored.

    Raises:
        NotFoundError: there is none with this id.
    """
    with store.reading() as reader:
        found = connector_queries.connector(reader, connector_id)
    if found is None:
        raise NotFoundError(f"There is no connector {connector_id} any more.")
    return found


def colliding(
    store: Store, integration_id: int, name: str, method: Method, keys: frozenset[str], *, without: int | None = None
) -> str:
    """Which two keys would be one variable if this connector had these; empty when none."""
    known = catalogue(store.settings.connectors_folder)
    with store.reading() as reader:
        others = [one for one in connector_queries.connectors(reader, integration_id) if one.id != without]
        entered = {one.id: connector_queries.connections(reader, one.id) for one in others}
    pairs = []
    for one in others:
        of_other = _method(known, one)
        names = sorted({key for connection in entered[one.id] for key in connection.sealed})
        pairs.append((one.name, connection_keys(of_other, names) if of_other else ()))
    found = collisions([*pairs, (name, connection_keys(method, sorted(keys)))])
    return str(found[0]) if found else ""


def _problem(method: Method | None, provisioning: tuple[ValueState, ...]) -> str:
    if method is None:
        return "its definition is not in the catalogue any more: put it back, or remove the connector"
    entered = {value.name: "-" for value in provisioning if value.is_set}
    return "; ".join(missing(method, entered, "provisioning"))


def _method(known: Catalogue, one: StoredConnector) -> Method | None:
    definition = known.find(one.catalogue_id)
    return definition.method(one.method) if definition else None
