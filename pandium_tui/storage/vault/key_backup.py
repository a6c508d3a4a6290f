"""A backup of the key: one small JSON file (0600) that a passphrase opens. It is no backup of the store.

The passphrase becomes a key through Argon2id (RFC 9106) with the parameters in the file, which are checked before use:
a file made by somebody else must not be able to take all memory.
"""

import base64
import binascii
import json
import os
import secrets
import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pandium_tui.storage.times import to_text, utc_now
from pandium_tui.storage.vault.errors import BackupError
from pandium_tui.storage.vault.sealing import KEY_SIZE, Key, NotOpenedError, opened, sealed
from pandium_tui.storage.vault.secret import Secret

FORMAT = "pandium-tui key backup"
VERSION = 1
_SALT_SIZE = 16
_SIZE_LIMIT = 64 * 1024
_DOMAIN = "pandium-tui/key-backup/v1"


@dataclass(frozen=True, slots=True)
class Argon2idCost:
    """How dear one try of a passphrase is. The defaults are the second choice of RFC 9106: 64 MiB, about 0.3 s."""

    iterations: int = 3
    lanes: int = 4
    memory_kib: int = 64 * 1024

    def acceptable(self) -> bool:
        """Whether it is neither a joke nor an attack."""
        numbers = (self.iterations, self.lanes, self.memory_kib)
        return all(type(number) is int for number in numbers) and (
            1 <= self.iterations <= 20 and 1 <= self.lanes <= 16 and 8 * 1024 <= self.memory_kib <= 1024 * 1024
        )


@dataclass(frozen=True, slots=True)
class OpenedBackup:
    """A key read from a backup."""

    key: Key
    created_date: datetime


def write_key_backup(file: Path, key: Key, passphrase: Secret, cost: Argon2idCost | None = None) -> OpenedBackup:
    """Write a new file; complete and on the disk when this returns.

    Raises:
        BackupError: the file exists or cannot be written.
    """
    cost = cost or Argon2idCost()
    salt = secrets.token_bytes(_SALT_SIZE)
    created = utc_now()
    document = {
        "format": FORMAT,
        "version": VERSION,
        "key_id": key.id,
        "created_date": to_text(created),
        "argon2id": {**asdict(cost), "salt": _to_base64(salt)},
        "sealed_key": _to_base64(
            sealed(_derived(passphrase, salt, cost), _DOMAIN, (key.id, to_text(created)), key.material)
        ),
    }
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as opened_file:
            os.fchmod(handle, 0o600)
            opened_file.write(json.dumps(document, indent=2) + "\n")
            opened_file.flush()
            os.fsync(handle)
    except FileExistsError:
        raise BackupError(f"{file} exists and was left alone: give another name for the backup.") from None
    except OSError as error:
        raise BackupError(f"The backup {file} cannot be written: {error.strerror}.") from None
    return OpenedBackup(key, created)


def read_key_backup(file: Path, passphrase: Secret) -> OpenedBackup:
    """Open a backup.

    Raises:
        BackupError: the file cannot be read, is no backup, or does not open with the passphrase.
    """
    document = _document(file)
    try:
        if (document["format"], document["version"]) != (FORMAT, VERSION):
            raise BackupError(f"{file} is a backup of version {document['version']!r}; this program reads {VERSION}.")
        numbers = document["argon2id"]
        cost = Argon2idCost(numbers["iterations"], numbers["lanes"], numbers["memory_kib"])
        salt = base64.b64decode(numbers["salt"], validate=True)
        blob = base64.b64decode(document["sealed_key"], validate=True)
        key_id, created = str(document["key_id"]), str(document["created_date"])
        created_date = datetime.fromisoformat(created)
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise BackupError(f"{file} is not a key backup, or it is damaged.") from None
    if not cost.acceptable() or len(salt) != _SALT_SIZE:
        raise BackupError(f"{file} is damaged: its Argon2id parameters are out of bounds. Nothing was computed.")
    try:
        material = opened(_derived(passphrase, salt, cost), _DOMAIN, (key_id, created), blob)
    except NotOpenedError:
        raise BackupError(f"{file} does not open: the passphrase is another one, or the file is damaged.") from None
    return OpenedBackup(Key(material), created_date)


def _document(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened_file:
            document = json.loads(opened_file.read(_SIZE_LIMIT))
    except OSError as error:
        raise BackupError(f"The backup {file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise BackupError(f"{file} is not a key backup, or it is damaged.")
    return document


def _derived(passphrase: Secret, salt: bytes, cost: Argon2idCost) -> Key:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    # The same passphrase typed on another keyboard may come composed differently.
    text = unicodedata.normalize("NFC", passphrase.reveal()).encode("utf-8", "surrogatepass")
    try:
        kdf = Argon2id(
            salt=salt, length=KEY_SIZE, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory_kib
        )
        return Key(kdf.derive(text))
    except UnsupportedAlgorithm:
        raise BackupError(
            "Key backups need Argon2id, which the OpenSSL of this Python's cryptography package lacks: "
            "install the package from a wheel (it brings OpenSSL 3.2 or newer)."
        ) from None


def _to_base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
