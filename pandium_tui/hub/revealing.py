"""Revealing a secret value: refused where the configuration forbids it, written down, the value never."""

from dataclasses import dataclass

from pandium_tui.engine.run_secrets import connection_context, provisioning_context
from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.connections import checked_owner
from pandium_tui.hub.connectors import stored_connector
from pandium_tui.hub.errors import RefusedError
from pandium_tui.storage import connector_queries
from pandium_tui.storage.connector_queries import StoredConnector
from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import SealContext, Secret, Vault


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """Where a secret value lies: that of a connection, or with ``provisioning`` one of the connector itself."""

    connector_id: int
    tenant_id: int | None
    field: str
    provisioning: bool = False


def check_reveal(store: Store, place: SecretPlace) -> None:
    """Whether :func:`reveal` may be asked for, before a person is asked.

    Raises:
        RefusedError: the configuration forbids it, or nothing was entered.
    """
    _found(store, place)


def reveal(store: Store, place: SecretPlace, actor: Actor) -> Secret:
    """A secret value in plain text, for a person to read. That it was revealed is in the audit trail, the value never.

    Raises:
        RefusedError: the configuration forbids it, or nothing was entered.
        VaultError: it cannot be opened.
    """
    one, context = _found(store, place)
    secret = Vault(store).open(context)
    with store.writing() as session:
        detail = f"{one.name}: {place.field}{' of the provisioning' if place.provisioning else ''}"
        note_activity(
            session,
            actor,
            "reveal secret",
            integration_id=one.integration_id,
            tenant_id=place.tenant_id,
            detail=detail,
        )
    return secret


def _found(store: Store, place: SecretPlace) -> tuple[StoredConnector, SealContext]:
    one = stored_connector(store, place.connector_id)
    whose = one.integration_name if place.provisioning else checked_owner(store, one, place.tenant_id)
    if not store.settings.reveal_secrets:
        raise RefusedError(
            "Secrets are write-only here (reveal_secrets = false in config.toml). Enter a new one instead."
        )
    if place.provisioning:
        owner = one.uuid
        context = provisioning_context(owner, place.field)
    else:
        with store.reading() as reader:
            found = connector_queries.connection(reader, place.connector_id, place.tenant_id)
        owner = found.uuid if found else ""
        context = connection_context(owner, place.tenant_id, place.field)
    if place.field not in [sealed.name for sealed in Vault(store).fields(owner)]:
        raise RefusedError(f"Connector {one.name} of {whose} has no secret value {place.field!r}.")
    return one, context
