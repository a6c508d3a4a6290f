"""Sealing: AES-256-GCM bound to what the value belongs to.

A blob is ``version(1) key id(4) nonce(12) ciphertext and tag(16)``. Its associated data is the domain, the first two
parts of the blob, and each part of the context behind its length (without lengths, "ab" "c" and "a" "bc" would be the
same). Nonces are random: safe for 2^32 values a key (NIST SP 800-38D), far more than a store ever holds.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from pandium_tui.storage.vault.records import SealContext
from pandium_tui.storage.vault.secret import Secret

KEY_SIZE = 32
VERSION = b"\x01"
_ID_SIZE = 4
_NONCE_SIZE = 12
_TAG_SIZE = 16
_HEADER_SIZE = len(VERSION) + _ID_SIZE


class NotOpenedError(Exception):
    """A blob does not open: another key, another context, or changed bytes. They cannot be told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A 256-bit key that does not show itself."""

    material: bytes = field(repr=False)

    @classmethod
    def new(cls) -> "Key":
        """A random key."""
        return cls(secrets.token_bytes(KEY_SIZE))

    @property
    def id(self) -> str:
        """Eight hex digits that name the key and give nothing of it away."""
        return hashlib.sha256(b"pandium-tui/key-id/v1\0" + self.material).digest()[:_ID_SIZE].hex()


def sealed(key: Key, domain: str, parts: Sequence[str], content: bytes) -> bytes:
    """Seal content; it opens with the same key, domain and parts only."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    header = VERSION + bytes.fromhex(key.id)
    nonce = secrets.token_bytes(_NONCE_SIZE)
    return header + nonce + AESGCM(key.material).encrypt(nonce, content, _associated(domain, header, parts))


def opened(key: Key, domain: str, parts: Sequence[str], blob: bytes) -> bytes:
    """The content of what :func:`sealed` gave.

    Raises:
        NotOpenedError: it does not open.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    header, nonce = blob[:_HEADER_SIZE], blob[_HEADER_SIZE : _HEADER_SIZE + _NONCE_SIZE]
    if key_id_of(blob) != key.id:
        raise NotOpenedError
    associated = _associated(domain, header, parts)
    try:
        return AESGCM(key.material).decrypt(nonce, blob[_HEADER_SIZE + _NONCE_SIZE :], associated)
    except InvalidTag:
        raise NotOpenedError from None


def key_id_of(blob: bytes) -> str | None:
    """The id of the key a blob was sealed with, None for what is no blob."""
    if len(blob) < _HEADER_SIZE + _NONCE_SIZE + _TAG_SIZE or not blob.startswith(VERSION):
        return None
    return blob[len(VERSION) : _HEADER_SIZE].hex()


def sealed_value(key: Key, context: SealContext, revision: int, secret: Secret) -> bytes:
    """Seal a secret for its place and revision."""
    return sealed(key, "pandium-tui/value/v1", _parts(context, revision), secret.encoded())


def opened_value(key: Key, context: SealContext, revision: int, blob: bytes) -> Secret:
    """The secret of what :func:`sealed_value` gave.

    Raises:
        NotOpenedError: it does not open.
    """
    return Secret.decoded(opened(key, "pandium-tui/value/v1", _parts(context, revision), blob))


def _parts(context: SealContext, revision: int) -> tuple[str, ...]:
    return (context.scope, context.tenant_id, context.owner, context.field, str(revision))


def _associated(domain: str, header: bytes, parts: Sequence[str]) -> bytes:
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return domain.encode() + b"\0" + header + b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
