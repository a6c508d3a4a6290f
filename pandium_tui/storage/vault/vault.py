"""The vault: secrets of connections and accounts, sealed in the store, opened by a key that lives outside of it.

Whatever is wrong with the key locks secrets only, and changes nothing on disk. The key is made with the first secret
and never again. That a whole store was put back to an older copy cannot be noticed here.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pandium_tui.storage.database import Store, leave_no_trace
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import rows
from pandium_tui.storage.vault.errors import (
    BackupError,
    BrokenSecretError,
    MissingSecretError,
    VaultError,
    VaultLockedError,
)
from pandium_tui.storage.vault.key_backup import OpenedBackup, read_key_backup, write_key_backup
from pandium_tui.storage.vault.key_sources import FoundKey, KeySources
from pandium_tui.storage.vault.keyring import (
    DataKey,
    Keyring,
    expected_key_id,
    find_and_unlock,
    unlock,
)
from pandium_tui.storage.vault.records import (
    KeyBackup,
    Restoration,
    Rotation,
    SealContext,
    SealedField,
    VaultStatus,
)
from pandium_tui.storage.vault.sealing import Key, NotOpenedError, sealed_value
from pandium_tui.storage.vault.secret import Secret

if TYPE_CHECKING:
    from sqlmodel import Session

_NOTHING_SEALED = "No secret was sealed yet, so there is no key"


class Vault:
    """The secrets of a store. Keeps nothing opened: the key is looked for, and checked, each time."""

    def __init__(self, store: Store, environment: Mapping[str, str] | None = None) -> None:
        """A vault over a store; ``environment`` in place of the process's own."""
        self._store = store
        self._sources = KeySources(store.settings.vault_key_file, os.environ if environment is None else environment)

    def status(self, owners: Collection[str] | None = None) -> VaultStatus:
        """Whether secrets can be used, and why not. Changes nothing.

        Opens every value to find broken ones; with ``owners`` only theirs: a page that shows a few connections is read
        again whenever the store changes, and must not cost more the more others there are.
        """
        with self._store.reading() as reader:
            entries, values, count = rows.keyring(reader), rows.values(reader, owners), rows.count(reader)
        expected = expected_key_id(entries)
        status = VaultStatus(
            state="empty",
            source=None,
            key_id=None,
            expected_key_id=expected,
            data_key_id=next((entry.id for entry in entries if entry.active), None),
            values=count,
            broken=(),
            backup_date=next((entry.backup_date for entry in entries if entry.active), None),
            older_keys=self._sources.kept_files(expected),
            reason="",
        )
        if not entries and not count:
            search = self._sources.search(None)
            source = None if search.found is None else search.found.source
            return replace(status, source=source, reason=" ".join(search.problems))
        try:
            keyring = find_and_unlock(entries, self._sources)
        except VaultLockedError as error:
            return replace(status, state=error.state, key_id=error.key_id, reason=str(error))
        broken = tuple(value.context for value in values if not keyring.opens(value))
        return replace(
            status,
            state="ok",
            source=keyring.outer.source,
            key_id=keyring.outer.key.id,
            broken=broken,
            reason="" if not broken else "Values that do not open were changed from outside: enter them again.",
        )

    def seal(self, session: Session, context: SealContext, secret: Secret) -> None:
        """Seal a secret inside the caller's write transaction, in place of the one before; makes the first key.

        Raises:
            VaultLockedError: the key is missing, unusable or another one.
            VaultError: the first key cannot be written.
        """
        from pandium_tui.storage.tables import SealedValueRow

        active = self._keyring_for_sealing(session).active
        row = rows.value_row(session, context)
        revision = rows.first_revision() if row is None else row.revision + 1
        values = {
            **asdict(context),
            "revision": revision,
            "blob": sealed_value(active.sealing, context, revision, secret),
            "fingerprint": active.fingerprint(secret),
            "set_date": utc_now(),
        }
        session.add(SealedValueRow(**values) if row is None else row.sqlmodel_update(values))
        session.flush()

    def open(self, context: SealContext) -> Secret:
        """Open a secret.

        Raises:
            MissingSecretError: nothing was sealed for it.
            VaultLockedError: the key is missing, unusable or another one.
            BrokenSecretError: the value was changed, or belongs to something else.
        """
        with self._store.reading() as reader:
            value = rows.value(reader, context)
            entries = rows.keyring(reader)
        if value is None:
            raise MissingSecretError(f"Nothing was entered yet for the secret {context.field} of {context.owner}.")
        keyring = find_and_unlock(entries, self._sources)
        try:
            return keyring.open(value, context)
        except NotOpenedError:
            raise BrokenSecretError(context, "it was changed from outside, or belongs to something else") from None

    def fields(self, owner: str) -> list[SealedField]:
        """What is sealed for an owner, by name, without opening anything."""
        with self._store.reading() as reader:
            return rows.fields(reader, owner)

    def forget(self, session: Session, owner: str, field: str | None = None) -> None:
        """Delete everything sealed for an owner, or one field of it, inside the caller's write transaction.

        After the commit it is gone from the write-ahead log as well.
        """
        for row in rows.value_rows(session, owner):
            if field in (None, row.field):
                session.delete(row)
                leave_no_trace(session)
        session.flush()

    def rotate(self, session: Session) -> Rotation:
        """Renew the data key, and the key too when it lies in our own file; call :meth:`put_key_in_place` afterwards.

        All of it is in the caller's write transaction: before its commit the old keys are in force, after it the new
        ones, and both keys are on the disk. Values that do not open stay as they are, and so do the data keys then.

        Raises:
            VaultLockedError: the key is missing, unusable or another one.
            VaultError: nothing was sealed yet, or the new key cannot be written.
        """
        entries = rows.keyring_entries(session)
        if not entries:
            raise VaultError(f"{_NOTHING_SEALED} to rotate.")
        keyring = find_and_unlock(entries, self._sources)
        previous = keyring.outer
        key = previous.key
        if previous.renewable:
            key = Key.new()
            self._sources.keep(key)
        fresh = DataKey.new(keyring.active.fingerprinting)
        leave_no_trace(session)
        values, broken = _seal_anew(session, keyring, fresh)
        kept = (keyring.active, *keyring.older) if broken else ()
        backup_date = None if previous.renewable else next(entry.backup_date for entry in entries if entry.active)
        rows.replace_keyring(session, fresh, kept, key, backup_date)
        return Rotation(
            previous.renewable, previous.source, key.id, previous.key.id, fresh.sealing.id, values, tuple(broken)
        )

    def put_key_in_place(self, session: Session) -> None:
        """Make the key file hold the key in force, in a write transaction after the one that rotated.

        When this is never reached the key is found all the same, under its id.

        Raises:
            VaultError: the files cannot be renamed.
        """
        wanted = expected_key_id(rows.keyring_entries(session))
        if wanted is not None:
            self._sources.put_in_place(wanted)

    def backup(self, file: Path, passphrase: Secret) -> KeyBackup:
        """Write a backup of the key that a passphrase opens; takes a good part of a second.

        Raises:
            VaultLockedError: the key is missing, unusable or another one.
            VaultError: there is no key yet.
            BackupError: the file exists or cannot be written.
        """
        with self._store.reading() as reader:
            entries = rows.keyring(reader)
        if not entries:
            raise VaultError(f"{_NOTHING_SEALED} to back up.")
        key = find_and_unlock(entries, self._sources).outer.key
        return self._told(file, write_key_backup(file, key, passphrase))

    def note_backup(self, session: Session, backup: KeyBackup) -> None:
        """Remember that the key was backed up, unless it was renewed meanwhile."""
        rows.note_backup(session, backup.key_id, backup.created_date)

    def verify(self, file: Path, passphrase: Secret) -> KeyBackup:
        """Prove that a backup opens this store, without using the key that is in place.

        Raises:
            BackupError: it cannot be read, does not open with the passphrase, or is of another key.
        """
        return self._told(file, read_key_backup(file, passphrase))

    def restore(self, file: Path, passphrase: Secret) -> Restoration:
        """Put the key of a backup back into the key file. Any other key found there is kept beside it.

        Raises:
            BackupError: it cannot be read, does not open with the passphrase, or is not the key of this store.
            VaultError: the key file cannot be written.
        """
        backup = read_key_backup(file, passphrase)
        self._told(file, backup)
        found = self._sources.search(backup.key.id).found
        if found is not None:
            return Restoration(backup.key.id, found.source, was_open=True)
        return Restoration(backup.key.id, self._sources.put_back(backup.key).source, was_open=False)

    def reset_credentials(self, session: Session) -> int:
        """Delete every sealed value and the keyring, inside the caller's write transaction; how many values it were.

        For a key that is lost for good. Asks nothing, cannot be undone; key files are left alone.
        """
        return rows.delete_all(session)

    def _keyring_for_sealing(self, session: Session) -> Keyring:
        entries = rows.keyring_entries(session)
        if entries or rows.has_values(session):
            return find_and_unlock(entries, self._sources)
        search = self._sources.search(None)
        if search.problems:
            raise VaultLockedError(f"No first key is made while one is there that is unusable: {search.problems[0]}")
        outer = search.found or self._sources.create()
        data_key = DataKey.new()
        rows.replace_keyring(session, data_key, (), outer.key, None)
        return Keyring(outer, data_key, ())

    def _told(self, file: Path, backup: OpenedBackup) -> KeyBackup:
        """What a backup opens of this store."""
        with self._store.reading() as reader:
            entries, values = rows.keyring(reader), rows.values(reader)
        if not entries:
            raise BackupError(f"{_NOTHING_SEALED} of this store that {file} could be.")
        try:
            keyring = unlock(entries, FoundKey(backup.key, f"backup {file}", renewable=False))
        except VaultLockedError as error:
            raise BackupError(str(error)) from None
        broken = tuple(value.context for value in values if not keyring.opens(value))
        return KeyBackup(str(file), backup.key.id, backup.created_date, len(values) - len(broken), broken)


def _seal_anew(session: Session, keyring: Keyring, fresh: DataKey) -> tuple[int, list[SealContext]]:
    """Seal every value under a fresh data key; how many, and those that did not open."""
    count = 0
    broken = []
    for row in rows.value_rows(session):
        value = rows.value_of_row(row)
        try:
            secret = keyring.open(value, value.context)
        except NotOpenedError:
            broken.append(value.context)
            continue
        row.blob = sealed_value(fresh.sealing, value.context, value.revision, secret)
        count += 1
    session.flush()
    return count, broken
