"""How connections stand, without opening more than is needed, and so that one that is broken breaks no list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pandium_tui.connectors.catalogue import Catalogue
from pandium_tui.connectors.definitions import Method
from pandium_tui.engine.run_secrets import CANNOT_BE_OPENED, UnusableError, usable_method
from pandium_tui.storage.connector_queries import StoredConnection, StoredConnector
from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import SealedField, Vault
from pandium_tui.storage.vocabulary import BROKEN, CONNECTED, EXPIRING, LOCKED, NEVER_TESTED, RECONNECT, WARNED_BEFORE


@dataclass(frozen=True, slots=True)
class ValueState:
    """One value of a connection or of the provisioning.

    Attributes:
        value: None when it is secret or was not entered.
        is_set: whether it was entered.
        fingerprint: six hex digits that tell secret values apart without showing them.
        set_date: when a secret value was entered.
    """

    name: str
    label: str
    secret: bool
    value: str | None
    is_set: bool
    fingerprint: str | None
    set_date: datetime | None


@dataclass(frozen=True, slots=True)
class VaultView:
    """What of the vault can be used now: why nothing can, and the (owner, field) of values that do not open."""

    locked: str
    broken: frozenset[tuple[str, str]]


def view_of_vault(store: Store, listed: Iterable[StoredConnection | None]) -> VaultView:
    """Look once, for all connections of a list; at none of the others."""
    status = Vault(store).status({one.uuid for one in listed if one is not None})
    locked = status.reason if status.state in ("locked", "mismatch") else ""
    return VaultView(locked, frozenset((context.owner, context.field) for context in status.broken))


def status_of(
    known: Catalogue,
    connector: StoredConnector,
    connection: StoredConnection | None,
    vault: VaultView,
    now: datetime,
) -> tuple[str, str]:
    """One of ``CONNECTION_STATUSES``, and a sentence about it."""
    try:
        method = usable_method(known, connector, connection)
    except UnusableError as error:
        return error.status, str(error)
    assert connection is not None
    broken = [name for name in sorted(connection.sealed) if (connection.uuid, name) in vault.broken]
    if connection.sealed and vault.locked:
        return LOCKED, vault.locked
    if broken:
        return BROKEN, f"{_label(method, broken[0])} {CANNOT_BE_OPENED}"
    if connection.test_status == "rejected":
        return RECONNECT, connection.test_words or ""
    if connection.expires_date is not None and connection.expires_date <= now:
        return RECONNECT, f"it expired on {connection.expires_date:%Y-%m-%d}; enter a new one"
    if connection.expires_date is not None and connection.expires_date - now < WARNED_BEFORE:
        left = _in_days(connection.expires_date - now)
        found = f". {connection.test_words}" if connection.test_words else ""
        return EXPIRING, f"it expires {left}, on {connection.expires_date:%Y-%m-%d}; enter a new one before{found}"
    words = connection.test_words or method.untested
    if connection.test_status == "connected":
        return CONNECTED, words
    if connection.proven_date is not None:
        proven = f"proven by a run at {connection.proven_date:%Y-%m-%d %H:%M} UTC"
        return CONNECTED, f"{proven}; {connection.test_words}" if connection.test_words else proven
    return NEVER_TESTED, words


def _in_days(span: timedelta) -> str:
    if span < timedelta(days=1):
        return "in less than a day"
    return f"in {span.days} day{'' if span.days == 1 else 's'}"


def value_states(
    method: Method | None,
    level: str,
    plain: Mapping[str, str],
    sealed: list[SealedField],
) -> tuple[ValueState, ...]:
    """The values of a level, those of the method first, without the content of any secret."""
    by_name = {one.name: one for one in sealed}
    fields = [entry for entry in method.fields if entry.level == level] if method else []
    states = [
        _state(entry.name, entry.label, entry.secret, plain.get(entry.name), by_name.get(entry.name))
        for entry in fields
    ]
    named = {entry.name for entry in fields}
    states += [_state(name, name, True, None, one) for name, one in by_name.items() if name not in named]
    return tuple(states)


def _state(name: str, label: str, secret: bool, value: str | None, sealed: SealedField | None) -> ValueState:
    return ValueState(
        name=name,
        label=label,
        secret=secret,
        value=None if secret else value,
        is_set=sealed is not None if secret else bool(value),
        fingerprint=sealed.fingerprint if sealed else None,
        set_date=sealed.set_date if sealed else None,
    )


def _label(method: Method, name: str) -> str:
    entry = method.field(name)
    return entry.label if entry else name
