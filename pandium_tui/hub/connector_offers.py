"""What can be added to an integration, and Show Secret Keys: the variables that its code will see."""

from dataclasses import dataclass

from pandium_tui.connectors.catalogue import Catalogue, catalogue
from pandium_tui.connectors.definitions import Field, Method
from pandium_tui.connectors.variables import connection_keys, env_template, variables
from pandium_tui.hub.connectors import Connector, connectors, stored_connector, stored_method
from pandium_tui.storage import connector_queries
from pandium_tui.storage.database import Store


@dataclass(frozen=True, slots=True)
class MethodOffer:
    """A way to connect; ``pasted_token``: a sign-in that takes a pasted token for now."""

    id: str
    label: str
    pasted_token: bool
    note: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A connector that can be added.

    Attributes:
        name: what the integration would call it.
        catalogue_id: empty when the manifest names one that the catalogue does not have; a person chooses then.
        methods: the likeliest first.
        from_manifest: whether PANDIUM.yaml of the newest release names it.
        own: defined by a file of the person, not by this program.
    """

    name: str
    catalogue_id: str
    label: str
    methods: tuple[MethodOffer, ...]
    from_manifest: bool
    own: bool


@dataclass(frozen=True, slots=True)
class SecretKeys:
    """The variables of a connector, and the same as an ``.env`` template. There are no values in it.

    Attributes:
        names: in order, aliases among them.
        template: names and formats.
    """

    connector: str
    names: tuple[str, ...]
    template: str


def offered(store: Store, integration_id: int) -> list[Offer]:
    """What can be added: first what the manifest names and is not there yet, then all the catalogue has."""
    from pandium_tui.manifest.manifest import read_manifest

    known = catalogue(store.settings.connectors_folder)
    with store.reading() as reader:
        text = connector_queries.manifest_of_latest(reader, integration_id)
        there = {one.name for one in connector_queries.connectors(reader, integration_id)}
    manifest = read_manifest(text.encode()).manifest if text else None
    named = [name for name in (manifest.connectors if manifest else ()) if name not in there]
    offers = []
    for name in named:
        near = known.near(name)
        catalogue_id = name if known.find(name) else next(iter(near), "")
        offers.append(_offer(known, name, catalogue_id, from_manifest=True))
    offers += [_offer(known, name, name, from_manifest=False) for name in sorted(known.connectors) if name not in named]
    return offers


def catalogue_problems(store: Store) -> list[str]:
    """What is wrong in the person's own definitions; a line each."""
    return [str(problem) for problem in catalogue(store.settings.connectors_folder).problems]


def methods_of(store: Store, catalogue_id: str) -> tuple[MethodOffer, ...]:
    """The ways to connect of a connector of the catalogue; none when it is not there any more."""
    definition = catalogue(store.settings.connectors_folder).find(catalogue_id)
    return tuple(_method_offer(one) for one in definition.methods) if definition else ()


def provisioning_fields(store: Store, catalogue_id: str, method: str = "") -> tuple[Field, ...]:
    """What is entered once for the integration; without a method, for the first one of the connector."""
    definition = catalogue(store.settings.connectors_folder).find(catalogue_id)
    if definition is None:
        return ()
    found = definition.method(method) if method else definition.methods[0]
    return tuple(entry for entry in found.fields if entry.level == "provisioning") if found else ()


def connection_fields(store: Store, connector_id: int) -> tuple[Field, ...]:
    """What is entered for each connection; nothing where the keys are the person's own."""
    method = stored_method(store, stored_connector(store, connector_id))
    return tuple(entry for entry in method.fields if entry.level == "connection")


def secret_keys(store: Store, one: Connector) -> SecretKeys:
    """Show Secret Keys: works before and after connecting."""
    method = stored_method(store, stored_connector(store, one.id))
    with store.reading() as reader:
        connections = connector_queries.connections(reader, one.id)
    own_keys = sorted({key for connection in connections for key in connection.sealed}) if method.free_keys else []
    found = variables(one.name, connection_keys(method, own_keys))
    names = tuple(name for variable in found for name in variable.names)
    return SecretKeys(one.name, names, env_template(one.name, one.label, method, own_keys))


def keys_of_integration(store: Store, integration_id: int) -> list[SecretKeys]:
    """Show Secret Keys of all connectors of an integration."""
    return [secret_keys(store, one) for one in connectors(store, integration_id)]


def _offer(known: Catalogue, name: str, catalogue_id: str, *, from_manifest: bool) -> Offer:
    definition = known.find(catalogue_id)
    if definition is None:
        return Offer(name, "", name, (), from_manifest, own=False)
    rest = name.removeprefix(catalogue_id).lstrip("-_")
    methods = sorted(definition.methods, key=lambda method: method.id != rest)  # stable: "slack-oauth" puts oauth first
    return Offer(
        name,
        catalogue_id,
        definition.label,
        tuple(_method_offer(one) for one in methods),
        from_manifest,
        definition.own,
    )


def _method_offer(method: Method) -> MethodOffer:
    return MethodOffer(method.id, method.label, method.takes_pasted_token, method.note)
