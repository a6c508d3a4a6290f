"""Signed assertions (JWT, RFC 7519): how somebody who has a private key shows it, without sending the key."""

import base64
import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING

from pandium_tui.connectors.private_keys import PrivateKeyError, UnknownKeyKindError, opened_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

LIFETIME = 300
"""Seconds for which an assertion is valid: it is used at once, and the vendors allow at most an hour."""


class AssertionKeyError(Exception):
    """The key cannot sign; the message is a sentence about it and holds no secret."""


def account_assertion(account_json: str, scope: str, token_url: str, now: datetime) -> str:
    """The assertion with which a service account asks for a token (RFC 7523, 2.1); ``now`` is in UTC.

    Raises:
        AssertionKeyError: its key cannot sign, or its file names another place to get tokens from.
    """
    account = json.loads(account_json)
    if account["token_uri"] != token_url:
        raise AssertionKeyError("The key file names another token_uri than the catalogue; nothing is sent there")
    header = {"alg": "RS256", **({"kid": account["private_key_id"]} if account.get("private_key_id") else {})}
    claims = {"iss": account["client_email"], "scope": scope, "aud": token_url, **_times(now)}
    return _signed(header, claims, _rsa_key(account["private_key"], "", "The key of the service account"))


def snowflake_assertion(account: str, username: str, private_key: str, passphrase: str, now: datetime) -> str:
    """The token with which a user of Snowflake signs in by key pair; ``now`` is in UTC.

    Raises:
        AssertionKeyError: the key cannot sign.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = _rsa_key(private_key, passphrase, "The private key")
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fingerprint = base64.b64encode(hashlib.sha256(public).digest()).decode()
    # A region belongs to the address only (docs.snowflake.com: "Using key-pair authentication").
    first = account.partition("-" if ".global" in account else ".")[0]
    user = f"{first}.{username}".upper()
    return _signed({"alg": "RS256"}, {"iss": f"{user}.SHA256:{fingerprint}", "sub": user, **_times(now)}, key)


def _times(now: datetime) -> dict[str, int]:
    return {"iat": int(now.timestamp()), "exp": int(now.timestamp()) + LIFETIME}


def _rsa_key(text: str, passphrase: str, what: str) -> "RSAPrivateKey":
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    try:
        key = opened_key(text, passphrase)
    except PrivateKeyError as error:
        raise AssertionKeyError(f"{what} {error}") from None
    except UnknownKeyKindError:
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size < 2048:
        raise AssertionKeyError(f"{what} must be an RSA key of at least 2048 bits")
    return key


def _signed(header: dict[str, str], claims: dict[str, object], key: "RSAPrivateKey") -> str:
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    return jwt.encode(header, claims, RSAKey.import_key(key))
