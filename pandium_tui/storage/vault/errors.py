"""What can go wrong with secrets, in words for people. No message ever carries a value or a key."""

from typing import Literal

from pandium_tui.storage.errors import StoreError
from pandium_tui.storage.vault.records import SealContext


class VaultError(StoreError):
    """Something about secrets cannot be done; everything else goes on."""


class VaultLockedError(VaultError):
    """The key is missing, unusable or another one. Nothing on disk was changed.

    Attributes:
        state: ``locked`` without a usable key, ``mismatch`` when a key was found but not the one of this store.
        key_id: id of the key that was found, None without one.
        expected_key_id: id of the key that opens this store, None when even that cannot be told.
    """

    def __init__(
        self,
        message: str,
        state: Literal["locked", "mismatch"] = "locked",
        *,
        key_id: str | None = None,
        expected_key_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.state = state
        self.key_id = key_id
        self.expected_key_id = expected_key_id


class MissingSecretError(VaultError):
    """Nothing was sealed for this field."""


class BrokenSecretError(VaultError):
    """One value does not open although the key is right: it, or what it belongs to, was changed from outside.

    Attributes:
        context: which value.
    """

    def __init__(self, context: SealContext, reason: str) -> None:
        super().__init__(f"The secret {context.field} of {context.owner} cannot be opened: {reason}. Enter it again.")
        self.context = context


class BackupError(VaultError):
    """A key backup cannot be written, read, or does not belong to this store."""
