"""Signing in with a signed assertion: what is sent, where, and what the answers mean."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from joserfc import jwt
from joserfc.jwk import RSAKey

from pandium_tui.connectors import testing
from pandium_tui.connectors.definitions import Method
from tests.connectors.asking import OPTIONS, method_of
from tests.connectors.conftest import StartVendor, Vendor, replying

KEY = rsa.generate_private_key(65537, 2048)
EMAIL = "sync@project.iam.example"


def pem(key: object = KEY, passphrase: str = "") -> str:
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()  # type: ignore[attr-defined]


def account(token_url: str, key: str = "") -> dict[str, str]:
    whole = {"type": "service_account", "client_email": EMAIL, "private_key": key or pem(), "private_key_id": "k1"}
    return {"service_account_json": json.dumps({**whole, "token_uri": token_url})}


def asking(vendor: Vendor, connector: str, method: str) -> Method:
    """The method of the catalogue, with its test at a vendor on loopback."""
    found = method_of(connector, method)
    assert found.test is not None
    return replace(found, test=replace(found.test, url=f"{vendor.url}/token"))


def granting(accepts: Callable[[dict[str, object]], bool]) -> Callable[[BaseHTTPRequestHandler], None]:
    """A token endpoint that checks the signature of the assertion, and what it claims."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        form = parse_qs(handler.rfile.read(int(handler.headers["Content-Length"])).decode())
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        token = jwt.decode(form["assertion"][0], RSAKey.import_key(KEY.public_key()), algorithms=["RS256"])
        assert token.header["kid"] == "k1"
        good = accepts(token.claims)
        said = json.dumps({"error_description": f"Not found; you sent {form['assertion'][0]}"}).encode()
        (replying(200, b'{"access_token": "ya29", "expires_in": 3599}') if good else replying(400, said))(handler)

    return answer


def test_a_service_account_gets_a_token(start_vendor: StartVendor) -> None:
    claims: list[dict[str, object]] = []
    vendor = start_vendor(granting(lambda found: not claims.append(found)))
    url = f"{vendor.url}/token"
    outcome = testing.test_connection(asking(vendor, "google", "service-account"), account(url), OPTIONS)
    assert (outcome.status, outcome.words) == ("connected", "the host accepts the credentials")
    (claimed,) = claims
    now = int(datetime.now(UTC).timestamp())
    assert (claimed["iss"], claimed["aud"]) == (EMAIL, url)
    assert now - 60 <= claimed["iat"] <= now < claimed["exp"] <= now + 300  # type: ignore[operator]
    assert [request[2].get("Authorization") for request in vendor.requests] == [None]


def test_one_that_is_refused_is_told_without_the_assertion(start_vendor: StartVendor) -> None:
    vendor = start_vendor(granting(lambda _: False))
    method = asking(vendor, "google", "service-account")
    outcome = testing.test_connection(method, account(f"{vendor.url}/token"), OPTIONS)
    assert (outcome.status, "eyJ" in outcome.words) == ("rejected", False)
    assert outcome.words.endswith(testing.WITHHELD)


def test_nothing_is_sent_to_a_token_endpoint_of_the_key_file(start_vendor: StartVendor) -> None:
    declared, other = start_vendor(replying(200)), start_vendor(replying(200, b'{"access_token": "x"}'))
    method = asking(declared, "google", "service-account")
    outcome = testing.test_connection(method, account(f"{other.url}/token"), OPTIONS)
    assert (outcome.status, "another token_uri" in outcome.words) == ("rejected", True)
    assert declared.requests == other.requests == []


@pytest.mark.parametrize(
    "key",
    [pem(ec.generate_private_key(ec.SECP256R1())), pem().replace("MII", "AAA", 1)],
    ids=["of another kind", "damaged"],
)
def test_a_key_that_cannot_sign_is_told_and_nothing_is_sent(start_vendor: StartVendor, key: str) -> None:
    vendor = start_vendor(replying(200))
    method = asking(vendor, "google", "service-account")
    outcome = testing.test_connection(method, account(f"{vendor.url}/token", key), OPTIONS)
    assert (outcome.status, "key of the service account" in outcome.words) == ("rejected", True)
    assert vendor.requests == []


@pytest.mark.parametrize(
    ("name", "expected"), [("acme-one", "ACME-ONE"), ("xy123.eu-west-1", "XY123"), ("ab-12.global", "AB")]
)
def test_a_key_pair_signs_in_at_snowflake(start_vendor: StartVendor, name: str, expected: str) -> None:
    seen: list[dict[str, object]] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        token = handler.headers["Authorization"].removeprefix("Bearer ")
        seen.append(jwt.decode(token, RSAKey.import_key(KEY.public_key()), algorithms=["RS256"]).claims)
        good = handler.headers["X-Snowflake-Authorization-Token-Type"] == "KEYPAIR_JWT"
        replying(200 if good else 401)(handler)

    vendor = start_vendor(answer)
    values = {"account": name, "username": "sync", "private_key": pem(passphrase="pass-phrase-1")}
    method = asking(vendor, "snowflake", "key-pair")
    assert testing.test_connection(method, values, OPTIONS).status == "rejected"
    assert vendor.requests == []
    outcome = testing.test_connection(method, {**values, "private_key_passphrase": "pass-phrase-1"}, OPTIONS)
    assert outcome.status == "connected"
    assert seen[0]["sub"] == f"{expected}.SYNC"
    assert str(seen[0]["iss"]).startswith(f"{expected}.SYNC.SHA256:")
