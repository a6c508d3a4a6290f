"""The secrets of a run: the ``PAN_SEC_*`` variables of exactly its tenant and of the global connectors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pandium_tui.connectors.catalogue import Catalogue, catalogue
from pandium_tui.connectors.checks import missing
from pandium_tui.connectors.definitions import Method
from pandium_tui.connectors.templates import placeholders
from pandium_tui.connectors.variables import VariableError, environment
from pandium_tui.storage import connector_queries
from pandium_tui.storage.connector_queries import StoredConnection, StoredConnector
from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import BrokenSecretError, MissingSecretError, SealContext, Vault, VaultLockedError
from pandium_tui.storage.vocabulary import BROKEN, DISABLED, LOCKED, NOT_CONNECTED, RECONNECT

CANNOT_BE_OPENED = (
    "is broken: it cannot be decrypted, since it was changed from outside or belongs to something else; enter it again"
)


class ConnectionUnusableError(Exception):
    """Why a run cannot have the secrets of a connector: names connector, tenant and cause, never a value."""


class UnusableError(Exception):
    """The cause alone, and what to do about it; ``status`` is one of ``CONNECTION_STATUSES``."""

    def __init__(self, status: str, cause: str) -> None:
        super().__init__(cause)
        self.status = status


@dataclass(frozen=True, slots=True)
class RunSecrets:
    """What a run receives, and what must be masked in what it prints."""

    environment: dict[str, str] = field(repr=False)
    to_mask: tuple[str, ...] = field(repr=False)


def run_secrets(store: Store, integration_id: int, tenant_id: int) -> RunSecrets:
    """The secrets of a run of this tenant, opened now; without those of optional connectors that nobody connected.

    Raises:
        ConnectionUnusableError: a connection is missing, or cannot be used.
        StoreError: the store cannot be read.
    """
    with store.reading() as reader:
        found = [
            (connector, connector_queries.connection(reader, connector.id, _owner(connector, tenant_id)))
            for connector in connector_queries.connectors(reader, integration_id)
        ]
        tenant = connector_queries.tenant_names(reader, integration_id).get(tenant_id, str(tenant_id))
    if not found:
        return RunSecrets({}, ())
    known = catalogue(store.settings.connectors_folder)
    variables: dict[str, str] = {}
    to_mask: list[str] = []
    for connector, connection in found:
        if connector.optional and (connection is None or connection.disabled):
            continue
        try:
            method = usable_method(known, connector, connection)
            assert connection is not None
            values = opened_values(store, method, connector, connection, fields=injected_fields(method))
            received = environment(connector.name, method, values)
        except (UnusableError, VariableError) as error:
            raise ConnectionUnusableError(f"{_of_whom(connector, tenant)}: {error}") from None
        variables |= received
        to_mask += secret_values(method, values, received)
    return RunSecrets(variables, tuple(dict.fromkeys(to_mask)))


def secret_values(method: Method, values: Mapping[str, str], received: Mapping[str, str]) -> Iterator[str]:
    """What of the values must not be seen: secret fields, and what is composed of them."""
    plain = {entry.name for entry in method.fields if not entry.secret}
    yield from (value for name, value in values.items() if name not in plain)
    yield from (value for name, value in received.items() if any(name.endswith(f"_{key}") for key in method.compose))


def usable_method(known: Catalogue, connector: StoredConnector, connection: StoredConnection | None) -> Method:
    """How this connection works.

    Raises:
        UnusableError: it does not; the text is the cause and what to do.
    """
    definition = known.find(connector.catalogue_id)
    method = definition.method(connector.method) if definition else None
    if method is None:
        what = f'"{connector.catalogue_id}"' if definition is None else f'the method "{connector.method}" of it'
        raise UnusableError(
            BROKEN, f"{what} is not in the catalogue any more; put its definition back, or remove the connector"
        )
    if connection is None:
        raise UnusableError(NOT_CONNECTED, "it is not connected; connect it first")
    if connection.disabled:
        raise UnusableError(DISABLED, "the connection is disabled; enable it first")
    if connection.method != connector.method:
        raise UnusableError(RECONNECT, "it was connected in another way than the connector uses now; reconnect it")
    if connection.reconnect_reason:
        raise UnusableError(RECONNECT, f"it must be reconnected: {connection.reconnect_reason}")
    return method


def opened_values(
    store: Store,
    method: Method,
    connector: StoredConnector,
    connection: StoredConnection,
    *,
    fields: frozenset[str] | None = None,
) -> dict[str, str]:
    """All values of a connection, those of the provisioning among them; with ``fields`` only these.

    Raises:
        UnusableError: a value is missing or cannot be opened; the text is the cause and what to do.
    """
    vault = Vault(store)
    values = {**connector.provisioning, **connection.plain}
    of_connector = {entry.name for entry in method.fields if entry.level == "provisioning" and entry.secret}
    sealed = [(name, provisioning_context(connector.uuid, name)) for name in sorted(of_connector)]
    sealed += [
        (name, connection_context(connection.uuid, connection.tenant_id, name)) for name in sorted(connection.sealed)
    ]
    for name, context in sealed:
        if fields is not None and name not in fields:
            continue
        entry = method.field(name)
        label = entry.label if entry else name
        try:
            values[name] = vault.open(context).reveal()
        except MissingSecretError:
            continue  # whether it is needed is looked at below
        except VaultLockedError as error:
            raise UnusableError(LOCKED, f"{label} is locked: {error}") from None
        except BrokenSecretError:
            raise UnusableError(BROKEN, f"{label} {CANNOT_BE_OPENED}") from None
    if fields is not None:
        values = {name: value for name, value in values.items() if name in fields}
    if lacking := _lacking(method, values, fields):
        raise UnusableError(RECONNECT, "; ".join(lacking))
    return values


def injected_fields(method: Method) -> frozenset[str] | None:
    """The fields that a run needs; None for all of them, where the keys are the person's own."""
    if method.free_keys:
        return None
    return frozenset(method.inject) | {name for text in method.compose.values() for name in placeholders(text)}


def provisioning_context(uuid: str, name: str) -> SealContext:
    """What a secret provisioning value of a connector is sealed for."""
    return SealContext("global", "", uuid, name)


def connection_context(uuid: str, tenant_id: int | None, name: str) -> SealContext:
    """What a secret value of a connection is sealed for; without a tenant, of a global one."""
    if tenant_id is None:
        return SealContext("global", "", uuid, name)
    return SealContext("tenant", str(tenant_id), uuid, name)


def _lacking(method: Method, values: Mapping[str, str], fields: frozenset[str] | None) -> list[str]:
    if method.free_keys:
        return [] if values else ["it has no values yet; enter them"]
    not_asked = () if fields is None else (entry.name for entry in method.fields if entry.name not in fields)
    return [f"{sentence}; enter it" for sentence in missing(method, {**dict.fromkeys(not_asked, "-"), **values})]


def _owner(connector: StoredConnector, tenant_id: int) -> int | None:
    return None if connector.scope == "global" else tenant_id


def _of_whom(connector: StoredConnector, tenant: str) -> str:
    if connector.scope == "global":
        return f"Connector {connector.name} of {connector.integration_name} (global, for tenant {tenant} too)"
    return f"Connector {connector.name} of tenant {connector.integration_name}/{tenant}"
