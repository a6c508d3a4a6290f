"""The vault: how secrets are kept in the store. Its errors and records are in ``errors`` and ``records``."""

from pandium_tui.storage.vault.errors import (
    BackupError,
    BrokenSecretError,
    MissingSecretError,
    VaultError,
    VaultLockedError,
)
from pandium_tui.storage.vault.records import (
    KeyBackup,
    Restoration,
    Rotation,
    Scope,
    SealContext,
    SealedField,
    VaultStatus,
)
from pandium_tui.storage.vault.secret import Secret
from pandium_tui.storage.vault.vault import Vault

__all__ = [
    "BackupError",
    "BrokenSecretError",
    "KeyBackup",
    "MissingSecretError",
    "Restoration",
    "Rotation",
    "Scope",
    "SealContext",
    "SealedField",
    "Secret",
    "Vault",
    "VaultError",
    "VaultLockedError",
    "VaultStatus",
]
