import base64
import json
import socket
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import pytest

from pandium_tui.connectors import testing
from pandium_tui.connectors.catalogue import catalogue
from tests.connectors.asking import GOOD, OPTIONS, Methods, method_of, outcome
from tests.connectors.conftest import Answer, StartVendor, replying


def checking(good: str, otherwise: Answer) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        fits = handler.headers["Authorization"] == good
        (replying(200, b'{"ok": true}') if fits else otherwise)(handler)

    return answer


def test_a_good_token(start_vendor: StartVendor, crm: Methods) -> None:
    before = datetime.now(UTC)
    vendor = start_vendor(checking(f"Bearer {GOOD}", replying(401)))
    found = outcome(crm("token"), vendor)
    assert found.status == "connected"
    assert found.words == f"127.0.0.1:{vendor.port} accepts the credentials"
    assert before <= found.at <= datetime.now(UTC)
    ((verb, path, headers),) = vendor.requests
    assert (verb, path) == ("GET", "/me")
    assert headers["Host"] == f"127.0.0.1:{vendor.port}"
    assert headers["Accept-Encoding"] == "identity"


def test_the_values_of_a_post_with_a_header(start_vendor: StartVendor, crm: Methods) -> None:
    bodies = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        bodies.append(json.loads(handler.rfile.read(int(handler.headers["Content-Length"]))))
        replying(200)(handler)

    vendor = start_vendor(answer)
    values = {"base_url": f"{vendor.url}/v2/", "account": "a/b?c#d", "api_key": GOOD}
    assert testing.test_connection(crm("header"), values, OPTIONS).status == "connected"
    ((verb, path, headers),) = vendor.requests
    assert (verb, path) == ("POST", "/v2/accounts/a%2Fb%3Fc%23d/check?limit=1")
    assert headers["X-Auth-Token"] == GOOD
    assert headers["Api-Version"] == "7"
    assert headers["Content-Type"] == "application/json"
    assert "Authorization" not in headers
    assert bodies == [{"query": "{me}"}]


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (replying(401, b'{"error": "invalid_auth"}'), "rejected", 'it says "invalid_auth"'),
        (replying(200, b'{"ok": false, "error": "invalid_auth"}'), "rejected", 'it says "invalid_auth"'),
        (replying(200, b'{"ok": 1}'), "rejected", "does not accept"),
        (replying(200, b"{}"), "rejected", "does not accept"),
        (replying(403, b'{"error": "no"}'), "accepted, right missing", "lack a right"),
        (replying(200, b'{"ok": false, "error": "missing_scope"}'), "accepted, right missing", "lack a right"),
        (replying(200, b"<html>Sign in</html>"), "unreachable", "other than JSON"),
        pytest.param(replying(200, b"[" * 50_000), "unreachable", "other than JSON", id="nested"),
        (replying(200, b'{"ok": true}' + b" " * 70_000), "unreachable", "too large"),
        (replying(200, b'{"ok": true}', Content_Encoding="gzip"), "unreachable", "compressed"),
        (replying(404), "unreachable", "nothing at the address"),
        (replying(429), "unreachable", "fewer requests"),
        (replying(503), "unreachable", "trouble of its own"),
        (replying(418), "unreachable", "HTTP 418"),
        (replying(204), "unreachable", "HTTP 204"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n"), "unreachable", "did not answer in HTTP"),
        (lambda handler: None, "unreachable", "did not answer in HTTP"),
    ],
)
def test_what_an_answer_means(start_vendor: StartVendor, crm: Methods, answer: Answer, status: str, words: str) -> None:
    found = outcome(crm("token"), start_vendor(answer))
    assert (found.status, words in found.words) == (status, True), found
    assert GOOD not in found.words


def test_control_characters_of_an_answer_are_shown_harmless(start_vendor: StartVendor, crm: Methods) -> None:
    found = outcome(crm("token"), start_vendor(replying(401, b'{"error": "a\\u001b[2Jb\\nc"}')))
    assert "␛[2Jb␊c" in found.words


def test_credentials_do_not_follow_a_redirect(start_vendor: StartVendor, crm: Methods) -> None:
    other = start_vendor(replying(200, b'{"ok": true}'))
    vendor = start_vendor(replying(302, b"", Location=f"http://localhost:{other.port}/me"))
    found = outcome(crm("token"), vendor)
    assert found.status == "unreachable"
    assert "localhost" in found.words
    assert len(vendor.requests) == 1
    assert other.requests == []


def test_a_redirect_to_nonsense(start_vendor: StartVendor, crm: Methods) -> None:
    found = outcome(crm("token"), start_vendor(replying(302, b"", Location="http://[")))
    assert (found.status, "redirects" in found.words) == ("unreachable", True)


def test_a_value_that_makes_the_address_too_long(start_vendor: StartVendor, crm: Methods) -> None:
    values = {"base_url": start_vendor(replying(200)).url, "account": "a" * 70_000, "api_key": GOOD}
    found = testing.test_connection(crm("header"), values, OPTIONS)
    assert (found.status, "too long" in found.words) == ("cannot be tested", True)


def test_a_huge_answer_is_not_read_to_its_end(start_vendor: StartVendor, crm: Methods) -> None:
    gone = threading.Event()

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(401)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65_536)
        finally:
            gone.set()

    assert outcome(crm("token"), start_vendor(endless)).status == "rejected"
    assert gone.wait(20)


@pytest.mark.parametrize("start", [b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\nX-Slow: ", b""])
def test_a_slow_answer_ends_in_time(start_vendor: StartVendor, crm: Methods, start: bytes) -> None:
    ended = threading.Event()

    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        try:
            while start and not vendor.closing.wait(0.02):
                handler.wfile.write(b"x")
            vendor.closing.wait()
        finally:
            ended.set()

    vendor = start_vendor(dripping)
    found = outcome(crm("token"), vendor, options=testing.TestOptions(seconds=1, loopback_http=True))
    assert found.status == "unreachable"
    assert "within 1 s" in found.words
    if start:
        assert ended.wait(20), "the connection stayed open"


def test_a_closed_port(crm: Methods) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: nobody else can answer there
        values = {"base_url": f"http://127.0.0.1:{taken.getsockname()[1]}", "access_token": GOOD}
        found = testing.test_connection(crm("token"), values, OPTIONS)
    assert found.status == "unreachable"
    assert "does not accept connections" in found.words


def test_a_host_that_is_not_known(crm: Methods) -> None:
    values = {"base_url": "https://nobody.invalid", "access_token": GOOD}
    found = testing.test_connection(crm("token"), values)
    assert found.status == "unreachable"
    assert "name of the host" in found.words


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1",
        "https://localhost",
        "https://2130706433",
        "https://169.254.169.254",
        "https://10.0.0.1",
        "https://100.64.0.1",
        "https://100.100.100.200",
        "https://[::1]",
        "https://[::ffff:10.0.0.1]",
        "https://[64:ff9b::a00:1]",
        "https://[fd00:ec2::254]",
        "https://[fe80::1]",
        "https://224.0.0.1",
        "https://0.0.0.0",
    ],
)
def test_addresses_inside_are_not_asked(crm: Methods, url: str) -> None:
    found = testing.test_connection(crm("token"), {"base_url": url, "access_token": GOOD})
    assert found.status == "cannot be tested"
    assert "private network" in found.words


@pytest.mark.parametrize("url", ["https://169.254.169.254", "https://[fd00:ec2::254]", "https://100.100.100.200"])
def test_metadata_addresses_are_never_asked(crm: Methods, url: str) -> None:
    options = testing.TestOptions(private_allowed=True, loopback_http=True)
    found = testing.test_connection(crm("token"), {"base_url": url, "access_token": GOOD}, options)
    assert found.status == "cannot be tested"


def test_http_needs_the_flag_and_goes_to_loopback_only(start_vendor: StartVendor, crm: Methods) -> None:
    vendor = start_vendor(replying(200, b'{"ok": true}'))
    found = outcome(crm("token"), vendor, options=testing.TestOptions(private_allowed=True))
    assert (found.status, found.words) == ("cannot be tested", "Base URL must begin with https://")
    values = {"base_url": "http://10.0.0.1", "access_token": GOOD}
    assert testing.test_connection(crm("token"), values, OPTIONS).status == "cannot be tested"
    assert vendor.requests == []


def test_the_environment_of_the_program_is_not_used(
    start_vendor: StartVendor, crm: Methods, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = start_vendor(replying(200, b'{"ok": true}'))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    vendor = start_vendor(replying(200, b'{"ok": true}'))
    assert outcome(crm("token"), vendor).status == "connected"
    assert proxy.requests == []
    assert len(vendor.requests) == 1


def test_basic_and_a_path_that_needs_credentials(start_vendor: StartVendor) -> None:
    expected = "Basic " + base64.b64encode("Ada:pä:ss".encode()).decode()
    vendor = start_vendor(checking(expected, replying(401)))
    values = {"base_url": vendor.url, "test_path": "/v1/me", "username": "Ada", "password": "pä:ss"}
    method = method_of("basic", "password")
    assert testing.test_connection(method, values, OPTIONS).status == "connected"
    assert [path for _, path, _ in vendor.requests] == ["/v1/me", "/v1/me"]
    assert "Authorization" not in vendor.requests[1][2]
    assert testing.test_connection(method, {**values, "password": "other"}, OPTIONS).status == "rejected"
    found = testing.test_connection(method, {**values, "username": "a:b"}, OPTIONS)
    assert (found.status, "colon" in found.words) == ("cannot be tested", True)


def test_a_path_that_everybody_may_read_proves_nothing(start_vendor: StartVendor) -> None:
    vendor = start_vendor(replying(200))
    values = {"base_url": vendor.url, "test_path": "/", "api_key": GOOD}
    found = testing.test_connection(method_of("api_key", "bearer"), values, OPTIONS)
    assert found.status == "cannot be tested"
    assert "without credentials too" in found.words


@pytest.mark.parametrize(("prefix", "sent"), [("Token", f"Token {GOOD}"), ("", GOOD)])
def test_a_key_in_a_header_of_ones_own(start_vendor: StartVendor, prefix: str, sent: str) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        replying(200 if handler.headers["X-Key"] == sent else 401)(handler)

    vendor = start_vendor(answer)
    values = {"base_url": vendor.url, "test_path": "/me", "api_key": GOOD, "header_name": "X-Key"}
    if prefix:
        values["header_prefix"] = prefix
    method = method_of("api_key", "header")
    assert testing.test_connection(method, values, OPTIONS).status == "connected"
    found = testing.test_connection(method, {**values, "header_name": "Host"}, OPTIONS)
    assert found.status == "cannot be tested"


def test_what_cannot_be_tested_says_why() -> None:
    for connector in catalogue().connectors.values():
        for method in connector.methods:
            found = testing.test_connection(method, {})
            assert found.status == "cannot be tested"
            assert len(found.words) > 20
    found = testing.test_connection(method_of("api_key", "bearer"), {"api_key": GOOD})
    assert found.words == "Without Base URL and Path for the test there is nothing to test"


@pytest.mark.parametrize(
    ("connector", "method", "values"),
    [
        ("zendesk", "api-token", {"subdomain": "evil.example/", "email": "a@b", "api_token": GOOD}),
        ("zendesk", "api-token", {"subdomain": "evil.example", "email": "a@b", "api_token": GOOD}),
        ("marketo", "client-credentials", {"endpoint_host": "evil.example#", "access_token": GOOD}),
        ("bigcommerce", "access-token", {"store_hash": "..", "access_token": GOOD}),
        ("woocommerce", "keys", {"store_url": "http://a.example", "consumer_key": GOOD, "consumer_secret": GOOD}),
    ],
)
def test_a_value_cannot_lead_elsewhere(connector: str, method: str, values: dict[str, str]) -> None:
    found = testing.test_connection(method_of(connector, method), values)
    assert found.status == "cannot be tested"
    assert " must " in found.words


@pytest.mark.parametrize(
    "token", ["line\nbreak-0123456789", "nul\0-0123456789", "ümlaut-0123456789", "\ud800-0123456789"]
)
def test_a_token_that_no_header_can_carry(start_vendor: StartVendor, crm: Methods, token: str) -> None:
    vendor = start_vendor(replying(200))
    found = outcome(crm("token"), vendor, token)
    assert (found.status, vendor.requests) == ("cannot be tested", [])
    assert "0123456789" not in found.words
