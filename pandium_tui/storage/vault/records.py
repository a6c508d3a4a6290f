"""What the vault is told and what it tells: plain values without any secret."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Scope = Literal["global", "tenant", "account"]


@dataclass(frozen=True, slots=True)
class SealContext:
    """What a sealed value belongs to. A value opens under exactly the context it was sealed with.

    Attributes:
        scope: a connection shared by all tenants, of one tenant, or an account for sources.
        tenant_id: the tenant's id, empty without a tenant.
        owner: UUID of the connection or account; never a name people can edit, never an id that can be reused.
        field: name of the value.
    """

    scope: Scope
    tenant_id: str
    owner: str
    field: str


@dataclass(frozen=True, slots=True)
class SealedField:
    """A sealed value without its content: what may be listed while the vault is locked.

    Attributes:
        fingerprint: six hex digits that tell values apart; equal values of one installation have equal ones.
    """

    name: str
    revision: int
    set_date: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True)
class VaultStatus:
    """Whether secrets can be used.

    Attributes:
        state: ``empty`` before the first secret, ``ok``, ``locked`` (no usable key), ``mismatch`` (another key).
        source: where the key comes from, in words.
        key_id: the key that was found.
        expected_key_id: the key that opens this store.
        data_key_id: the key the values are sealed with; the other one protects only this one.
        values: how many values are sealed.
        broken: of those looked at, what does not open although the key is right; empty while the vault is locked.
        backup_date: when the key was last backed up, None when it never was.
        older_keys: key files kept beside the current one; older copies of the store may need them.
        reason: what is wrong and what to do, empty when nothing is.
    """

    state: Literal["empty", "ok", "locked", "mismatch"]
    source: str | None
    key_id: str | None
    expected_key_id: str | None
    data_key_id: str | None
    values: int
    broken: tuple[SealContext, ...]
    backup_date: datetime | None
    older_keys: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did.

    Attributes:
        key_renewed: False when the key comes from outside (a credential, a variable) and only the data key is new.
        broken: values that did not open and were left as they are.
    """

    key_renewed: bool
    source: str
    key_id: str
    previous_key_id: str
    data_key_id: str
    values: int
    broken: tuple[SealContext, ...]


@dataclass(frozen=True, slots=True)
class KeyBackup:
    """A key backup that was written, or that was read and opens this store.

    Attributes:
        values: sealed values of this store that it opens.
        broken: values that it does not open.
    """

    file: str
    key_id: str
    created_date: datetime
    values: int
    broken: tuple[SealContext, ...]


@dataclass(frozen=True, slots=True)
class Restoration:
    """What restoring a key did.

    Attributes:
        was_open: the vault could be opened before, and nothing was changed.
    """

    key_id: str
    source: str
    was_open: bool
