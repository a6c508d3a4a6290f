"""Whether a private key can be used, in words that repeat nothing of it."""

from typing import Any


class PrivateKeyError(Exception):
    """Why a key cannot be used: the end of a sentence that begins with what it is called."""


class UnknownKeyKindError(Exception):
    """The key may be in order; this program does not read its kind."""


def opened_key(text: str, passphrase: str) -> Any:
    """The key, as ``cryptography`` gives it. A passphrase that it does not need harms nobody.

    Raises:
        PrivateKeyError: it is no key, or does not open with the passphrase.
        UnknownKeyKindError: its kind is not known here.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    load = load_ssh_private_key if "OPENSSH PRIVATE KEY" in text else load_pem_private_key
    content = text.strip().encode("utf-8", "surrogatepass") + b"\n"
    password = passphrase.encode("utf-8", "surrogatepass") or None
    # The library's own words may repeat parts of the key and are not used.
    try:
        return load(content, password)
    except TypeError:
        # Either it needs a passphrase and has none, or the other way round.
        if password is None:
            raise PrivateKeyError("is encrypted, and its passphrase was not entered") from None
    except ValueError:
        raise PrivateKeyError("is not a key that can be read, or its passphrase is another one") from None
    except UnsupportedAlgorithm:
        raise UnknownKeyKindError from None
    return load(content, None)
