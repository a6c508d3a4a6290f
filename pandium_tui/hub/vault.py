"""The vault as the front doors see it: its state, its key, and the audit trail of what was done to them."""

from pathlib import Path

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError
from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import KeyBackup, Restoration, Rotation, Secret, Vault, VaultStatus

PASSPHRASE_LENGTH = 12
"""Characters a new passphrase has at least: its file may be tried by anybody who finds it, for ever."""


def vault_status(store: Store) -> VaultStatus:
    """Whether secrets can be used, and why not."""
    return Vault(store).status()


def rotate_vault(store: Store, actor: Actor) -> Rotation:
    """Renew the data key and, when it lies in our own file, the key.

    Raises:
        VaultError: the vault is locked or empty, or the new key cannot be written.
    """
    vault = Vault(store)
    with store.writing() as session:
        done = vault.rotate(session)
        keys = f"key {done.previous_key_id} to {done.key_id}, " if done.key_renewed else ""
        note_activity(session, actor, "vault.rotate", detail=f"{keys}data key {done.data_key_id}")
    with store.writing() as session:
        vault.put_key_in_place(session)
    return done


def back_up_key(store: Store, file: Path, passphrase: Secret, actor: Actor) -> KeyBackup:
    """Write a backup of the key, without which a copy of the store has no secrets.

    Raises:
        InvalidError: the passphrase is too short.
        VaultError: the vault is locked or empty, or the file exists or cannot be written.
    """
    if len(passphrase.reveal()) < PASSPHRASE_LENGTH:
        raise InvalidError({"passphrase": f"must have at least {PASSPHRASE_LENGTH} characters, better several words"})
    vault = Vault(store)
    backup = vault.backup(file, passphrase)
    with store.writing() as session:
        vault.note_backup(session, backup)
        note_activity(session, actor, "vault.backup", detail=f"key {backup.key_id} to {file}")
    return backup


def verify_key_backup(store: Store, file: Path, passphrase: Secret) -> KeyBackup:
    """Prove that a backup opens this store.

    Raises:
        BackupError: it does not, and why.
    """
    return Vault(store).verify(file, passphrase)


def restore_key(store: Store, file: Path, passphrase: Secret, actor: Actor) -> Restoration:
    """Put the key of a backup back, when it is the key of this store.

    Raises:
        BackupError: the backup does not open, or not this store.
        VaultError: the key file cannot be written.
    """
    done = Vault(store).restore(file, passphrase)
    if not done.was_open:
        with store.writing() as session:
            note_activity(session, actor, "vault.restore", detail=f"key {done.key_id} from {file}")
    return done


def reset_credentials(store: Store, actor: Actor) -> int:
    """Delete every sealed value and the keyring; how many values it were. Asks nothing, cannot be undone."""
    with store.writing() as session:
        count = Vault(store).reset_credentials(session)
        note_activity(session, actor, "vault.reset-credentials", detail=f"{count} sealed values deleted")
    return count
