"""The keyring: data keys, which seal the values, each wrapped by the key that lives outside the store.

One data key is active. Others are there only while values that do not open may still need them.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pandium_tui.storage.vault.errors import VaultLockedError
from pandium_tui.storage.vault.key_sources import FoundKey, KeySources
from pandium_tui.storage.vault.records import SealContext
from pandium_tui.storage.vault.sealing import (
    KEY_SIZE,
    Key,
    NotOpenedError,
    key_id_of,
    opened,
    opened_value,
    sealed,
)
from pandium_tui.storage.vault.secret import Secret

_CHECK = b"pandium-tui vault"
LOSS = (
    "Put the key back, or restore a backup of it with: pandium-tui vault restore FILE. When it is lost for good: "
    "pandium-tui vault reset-credentials."
)


@dataclass(frozen=True, slots=True)
class KeyringEntry:
    """A row of the keyring: a wrapped data key and the proof that unwrapping gave the right one."""

    id: str
    active: bool
    wrapped: bytes
    check_value: bytes
    backup_date: datetime | None


@dataclass(frozen=True, slots=True)
class SealedValue:
    """A row of the sealed values."""

    context: SealContext
    revision: int
    blob: bytes


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key, with the key of the fingerprints, which stays the same when data keys are renewed."""

    sealing: Key
    fingerprinting: bytes = field(repr=False)

    @classmethod
    def new(cls, fingerprinting: bytes | None = None) -> "DataKey":
        """A random one; with the fingerprints of another when given."""
        return cls(Key.new(), fingerprinting or Key.new().material)

    def wrapped(self, key: Key) -> bytes:
        """The data key under the outer key."""
        return sealed(key, "pandium-tui/keyring/v1", (self.sealing.id,), self.sealing.material + self.fingerprinting)

    def check_value(self) -> bytes:
        """Known words under the data key."""
        return sealed(self.sealing, "pandium-tui/check/v1", (), _CHECK)

    def fingerprint(self, secret: Secret) -> str:
        """Six hex digits by which people tell values apart."""
        return hmac.new(self.fingerprinting, secret.encoded(), hashlib.sha256).hexdigest()[:6]


@dataclass(frozen=True, slots=True)
class Keyring:
    """An opened keyring."""

    outer: FoundKey
    active: DataKey
    older: tuple[DataKey, ...]

    def open(self, value: SealedValue, context: SealContext) -> Secret:
        """The secret of a value that should belong to a context.

        Raises:
            NotOpenedError: it does not open.
        """
        key_id = key_id_of(value.blob)
        for data_key in (self.active, *self.older):
            if data_key.sealing.id == key_id:
                return opened_value(data_key.sealing, context, value.revision, value.blob)
        raise NotOpenedError

    def opens(self, value: SealedValue) -> bool:
        """Whether a value opens in the place where it lies."""
        try:
            self.open(value, value.context)
        except NotOpenedError:
            return False
        return True


def expected_key_id(entries: Sequence[KeyringEntry]) -> str | None:
    """The id of the outer key that opens a keyring, None when it has no readable active entry."""
    return next((key_id_of(entry.wrapped) for entry in entries if entry.active), None)


def find_and_unlock(entries: Sequence[KeyringEntry], sources: KeySources) -> Keyring:
    """Open a keyring with the key found in one of the sources.

    Raises:
        VaultLockedError: there is no usable key, another one, or the keyring itself is damaged.
    """
    wanted = expected_key_id(entries)
    if wanted is None:
        raise VaultLockedError(
            "The secrets are locked: the store's keyring is missing or damaged. Restore a copy of the store from "
            "backups/, or start anew with: pandium-tui vault reset-credentials."
        )
    search = sources.search(wanted)
    if search.found is not None:
        return unlock(entries, search.found)
    problems = "".join(f" {problem}" for problem in search.problems)
    if search.others:
        other = search.others[0]
        raise VaultLockedError(
            f"The secrets are locked: the {other.source} holds key {other.key.id}, but this store needs key {wanted}."
            f"{problems} {LOSS}",
            "mismatch",
            key_id=other.key.id,
            expected_key_id=wanted,
        )
    looked = problems or f" Looked for were {sources.places}."
    raise VaultLockedError(
        f"The secrets are locked: key {wanted} is missing or unusable.{looked} {LOSS}", expected_key_id=wanted
    )


def unlock(entries: Sequence[KeyringEntry], outer: FoundKey) -> Keyring:
    """Open a keyring with a key.

    Raises:
        VaultLockedError: the key is not the one of this keyring, or the keyring is damaged.
    """
    active: DataKey | None = None
    older = []
    for entry in entries:
        data_key = _unwrapped(entry, outer.key)
        if entry.active:
            active = data_key
        elif data_key is not None:
            older.append(data_key)
    if active is None:
        wanted = expected_key_id(entries)
        if wanted == outer.key.id:
            raise VaultLockedError(
                "The secrets are locked: the key is the right one, but the store's keyring is damaged. Restore a copy "
                "of the store from backups/, or start anew with: pandium-tui vault reset-credentials.",
                key_id=wanted,
                expected_key_id=wanted,
            )
        raise VaultLockedError(
            f"The {outer.source} holds key {outer.key.id}, but this store needs key {wanted}.",
            "mismatch",
            key_id=outer.key.id,
            expected_key_id=wanted,
        )
    return Keyring(outer, active, tuple(older))


def _unwrapped(entry: KeyringEntry, key: Key) -> DataKey | None:
    try:
        content = opened(key, "pandium-tui/keyring/v1", (entry.id,), entry.wrapped)
        data_key = DataKey(Key(content[:KEY_SIZE]), content[KEY_SIZE:])
        right = opened(data_key.sealing, "pandium-tui/check/v1", (), entry.check_value) == _CHECK
    except NotOpenedError:
        return None
    return data_key if right else None
