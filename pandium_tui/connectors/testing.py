"""Testing a connection: one small request that shows whether the vendor accepts the credentials.

The rules: https only, to addresses in public, resolved once and then kept; nothing of the environment (proxies,
netrc) is used; no redirect is followed; ten seconds and 64 KiB; credentials only in headers, a signed assertion in the
body; and nothing that an answer or an error says is repeated when it shares a run of characters with a secret.
"""

import asyncio
import base64
import json
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

import httpx

from pandium_tui.connectors.addresses import Address, AddressError, Target, is_blocked, resolved, target
from pandium_tui.connectors.assertions import AssertionKeyError, account_assertion, snowflake_assertion
from pandium_tui.connectors.database_logins import log_in_to_mysql, log_in_to_postgresql
from pandium_tui.connectors.definitions import LOGIN_FIELDS, ConnectionTest, Credentials, Method, Status
from pandium_tui.connectors.formats import format_problem, header_name_problem
from pandium_tui.connectors.ftp_logins import log_in_by_ftp
from pandium_tui.connectors.hosts import EndedError, host_of
from pandium_tui.connectors.partial_tests import partly_tested
from pandium_tui.connectors.signatures import AwsKeys, aws_signature_headers
from pandium_tui.connectors.speech import Speech
from pandium_tui.connectors.ssh_logins import SshLogin, log_in_by_ssh, ssh_is_there
from pandium_tui.connectors.templates import filled, placeholders
from pandium_tui.connectors.verdicts import Answer, Verdict, verdict

ANSWER_LIMIT = 64 * 1024
"""Bytes of an answer that are read at most."""

WITHHELD = "its own words are not shown because they repeat a part of a secret"


@dataclass(frozen=True, slots=True)
class TestOptions:
    """``seconds`` is the time for everything, name lookup included.

    ``private_allowed`` lets a test go to private addresses, for services of one's own; link-local and metadata
    addresses stay blocked. ``loopback_http`` allows plain http, to loopback only: for the tests of this program.
    """

    seconds: float = 10.0
    private_allowed: bool = False
    loopback_http: bool = False


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What a test found. ``words`` is one safe line for a person; ``at`` is the UTC time at which it ended.

    ``expires`` is when the credential ends, in UTC, where the vendor's answer said so. ``found`` are values of plain
    fields that were left empty, as the test found them.
    """

    status: Status
    words: str
    at: datetime
    expires: datetime | None = None
    found: Mapping[str, str] = field(default_factory=dict)


DEFAULT_OPTIONS = TestOptions()


def test_connection(method: Method, values: Mapping[str, str], options: TestOptions = DEFAULT_OPTIONS) -> TestOutcome:
    """Test the values of a connection (provisioning values among them). Never raises for what others answer.

    Blocks up to ``options.seconds``: call it from a thread, never on an event loop.
    """
    speech = Speech(_secrets(method, values))
    try:
        return _tested(method, method.with_defaults(values), options, speech)
    except _CannotTestError as error:
        return _outcome("cannot be tested", str(error))
    except _UnreachableError as error:
        return _outcome("unreachable", str(error))


class _CannotTestError(Exception):
    """The message is for a person and holds no secret."""


class _UnreachableError(Exception):
    """The message is for a person and holds no secret."""


@dataclass(frozen=True, slots=True, repr=False)
class _Request:
    """Everything of a request. Without a repr: it holds the credentials."""

    method: str
    target: Target
    addresses: tuple[Address, ...]
    headers: dict[str, str]
    content: bytes | None
    until: float
    expires_header: str = ""


def _tested(method: Method, values: dict[str, str], options: TestOptions, speech: Speech) -> TestOutcome:
    test = method.test
    if test is None:
        tried = _tried_without_http(method, values, options, speech)
        told = speech.quotable(values.get("host", "")) is not None
        return tried if told else replace(tried, words=f"{tried.status}; {WITHHELD}")
    until = time.monotonic() + options.seconds
    _require(method, values)
    place = _target(method, test, values, options)
    given = {**_left_empty(method), **values}
    try:
        content = _content(test, given, speech)
        credentials = _credential_headers(test.credentials, given, place, speech)
    except AssertionKeyError as error:
        return _outcome("rejected", f"{error}; enter it again")
    host = speech.quotable(place.authority) or "the host"
    request = _Request(
        method=test.method,
        target=place,
        addresses=_addresses(place, host, options),
        headers={**_plain_headers(test, place), **credentials},
        content=content,
        until=until,
        expires_header=test.expires_header,
    )
    found = _asked(test, request, host, options)
    if found.status == "connected" and test.compare_anonymous:
        anonymous = {name: value for name, value in request.headers.items() if name not in credentials}
        bare = _Request(request.method, place, request.addresses, anonymous, request.content, until)
        if _asked(test, bare, host, options).status == "connected":
            raise _CannotTestError(f"{host} gives this answer without credentials too; choose a path that needs them")
    return _outcome(found.status, _words(host, found, speech), found.expires)


def _tried_without_http(method: Method, values: dict[str, str], options: TestOptions, speech: Speech) -> TestOutcome:
    """A login where the method names one, else what can be found out without."""
    try:
        if method.login is None or method.login == "ssh":
            status, words = partly_tested(method, values, options)
            if method.login is None or status == "rejected":
                return _outcome(status, words)
            if not ssh_is_there():
                return _outcome(status, f"{words.strip()} For that the program ssh is needed on this machine")
        if lacking := [method.field(name) for name in LOGIN_FIELDS[method.login] if name not in values]:
            labels = " and ".join(entry.label for entry in lacking if entry)
            return _outcome("cannot be tested", f"Without {labels} there is nothing to test")
        host = host_of(values, options)
        if method.login == "ssh":
            return _with_host_key(method, values, log_in_by_ssh(host, values, speech))
        log_in = {"postgresql": log_in_to_postgresql, "mysql": log_in_to_mysql, "ftp": log_in_by_ftp}[method.login]
        return _outcome("connected", log_in(host, values, speech))
    except EndedError as error:
        return _outcome(error.status, str(error))


def _with_host_key(method: Method, values: Mapping[str, str], login: SshLogin) -> TestOutcome:
    """The outcome of a login; a host key that was not entered is found, for the next logins to be compared with."""
    entry = method.field("host_key")
    outcome = _outcome("connected", login.words)
    if entry is None or entry.secret or entry.level != "connection" or values.get(entry.name):
        return outcome
    return replace(outcome, found={entry.name: login.host_key})


def _require(method: Method, values: Mapping[str, str]) -> None:
    assert method.test is not None
    in_address, needed = placeholders(method.test.url), method.test_fields()
    missing = [
        entry.label
        for entry in method.fields
        if entry.name not in values and (entry.name in in_address or (entry.name in needed and not entry.optional))
    ]
    if missing:
        raise _CannotTestError(f"Without {' and '.join(missing)} there is nothing to test")


def _left_empty(method: Method) -> dict[str, str]:
    return {entry.name: "" for entry in method.fields if entry.optional}


def _target(method: Method, test: ConnectionTest, values: Mapping[str, str], options: TestOptions) -> Target:
    try:
        return target(method, test.url, values, http_allowed=options.loopback_http)
    except AddressError as error:
        raise _CannotTestError(str(error)) from None


def _addresses(place: Target, host: str, options: TestOptions) -> tuple[Address, ...]:
    """Where the request may go. It is sent to these addresses, so that a second lookup cannot change them."""
    try:
        found = resolved(place.host, place.port, options.seconds)
    except AddressError as error:
        raise _UnreachableError(f"{host}: {error}") from None
    if place.scheme == "http":
        allowed = [address for address in found if address.is_loopback]
    else:
        allowed = [a for a in found if not is_blocked(a, options.private_allowed, options.loopback_http)]
    if not allowed:
        raise _CannotTestError(f"{host} is inside a private network or this machine; tests do not go there")
    return tuple(allowed)


def _plain_headers(test: ConnectionTest, place: Target) -> dict[str, str]:
    headers = {"Host": place.authority, "User-Agent": "pandium-tui", "Accept": "*/*", "Accept-Encoding": "identity"}
    if test.json is not None:
        headers["Content-Type"] = "application/json"
    if test.credentials.how == "service_account":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return {**headers, **test.headers}


def _content(test: ConnectionTest, values: Mapping[str, str], speech: Speech) -> bytes | None:
    """The body: what the catalogue says, or the request of a service account for a token."""
    if test.credentials.how != "service_account":
        return None if test.json is None else json.dumps(test.json).encode()
    parts = {name: filled(template, values) for name, template in test.credentials.templates.items()}
    assertion = account_assertion(parts["service_account"], parts["scope"], test.url, datetime.now(UTC))
    speech.add(assertion)
    return urlencode({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}).encode()


def _credential_headers(
    credentials: Credentials, values: Mapping[str, str], place: Target, speech: Speech
) -> dict[str, str]:
    match credentials.how:
        case "bearer":
            return {"Authorization": _header_value(f"Bearer {filled(credentials.token, values)}")}
        case "basic":
            user, password = filled(credentials.username, values), filled(credentials.password, values)
            if ":" in user:
                raise _CannotTestError("The user name must not contain a colon; HTTP cannot carry it")
            pair = f"{user}:{password}".encode("utf-8", "surrogatepass")
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        case "header":
            name = filled(credentials.name, values)
            if problem := header_name_problem(name):
                raise _CannotTestError(f"The name of the header {problem}")
            return {name: _header_value(filled(credentials.value, values))}
        case "aws_signature":
            parts = {name: filled(template, values) for name, template in credentials.templates.items()}
            keys = AwsKeys(parts["access_key"], parts["secret_key"], parts["session_token"])
            url = f"{place.scheme}://{place.authority}{place.path}"
            signed = aws_signature_headers(keys, parts["region"], parts["service"], url, datetime.now(UTC))
            return {name: _header_value(value) for name, value in signed.items()}
        case "snowflake_key_pair":
            parts = {name: filled(template, values) for name, template in credentials.templates.items()}
            token = snowflake_assertion(**parts, now=datetime.now(UTC))
            speech.add(token)
            return {"Authorization": _header_value(f"Bearer {token}")}
        case "service_account":
            return {}


def _header_value(value: str) -> str:
    value = value.strip()
    if not re.fullmatch(r"[\x20-\x7e]+", value):
        raise _CannotTestError(
            "The credentials contain a line break or another character that no request can carry; enter them again"
        )
    return value


def _asked(test: ConnectionTest, request: _Request, host: str, options: TestOptions) -> Verdict:
    try:
        return verdict(test, asyncio.run(_fetch(request, options.seconds)))
    except TimeoutError:
        raise _UnreachableError(f"{host} did not answer within {options.seconds:g} s; try again later") from None
    except httpx.InvalidURL:
        raise _CannotTestError("The address of the test is too long; check the values that form it") from None
    except httpx.HTTPError as error:
        # The texts of these errors can hold the address, headers and values: only their kind is used.
        raise _UnreachableError(f"{host} {_trouble(error, request.target)}") from None


async def _fetch(request: _Request, seconds: float) -> Answer:
    """The answer of the first address that accepts a connection.

    Raises:
        TimeoutError: not everything arrived in time.
        httpx.HTTPError: no connection, or not an answer in HTTP.
    """
    timeout = httpx.Timeout(seconds, connect=seconds / len(request.addresses))
    async with (
        asyncio.timeout(request.until - time.monotonic()),
        httpx.AsyncClient(verify=httpx.create_ssl_context(), trust_env=False, timeout=timeout) as client,
    ):
        for address in request.addresses[:-1]:
            try:
                return await _fetch_from(client, request, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing was sent: the next address may do better
        return await _fetch_from(client, request, request.addresses[-1])


async def _fetch_from(client: httpx.AsyncClient, request: _Request, address: Address) -> Answer:
    place = request.target
    literal = f"[{address}]" if address.version == 6 else str(address)
    url = f"{place.scheme}://{literal}:{place.port}{place.path}"
    # The certificate is checked for the name, although the address is used.
    extensions = {"sni_hostname": place.host} if place.scheme == "https" else {}
    try:
        async with client.stream(
            request.method, url, headers=request.headers, content=request.content, extensions=extensions
        ) as response:
            expires = response.headers.get(request.expires_header, "") if request.expires_header else ""
            return Answer(response.status_code, await _body(response), _redirected_to(response), expires)
    except httpx.TimeoutException as error:
        if isinstance(error, httpx.ConnectTimeout):
            raise
        raise TimeoutError from None


def _redirected_to(response: httpx.Response) -> str:
    try:
        return urlsplit(response.headers.get("Location", "")).hostname or ""
    except ValueError:
        return ""


async def _body(response: httpx.Response) -> bytes | None:
    if response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        return None
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > ANSWER_LIMIT:
            return None
    return body


def _trouble(error: httpx.HTTPError, place: Target) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "has a certificate that is not valid for it or not trusted here; check the address"
        if isinstance(cause, ssl.SSLError):
            return f"does not speak TLS as it should on port {place.port}; check the address"
        cause = cause.__cause__ or cause.__context__
    match error:
        case httpx.ConnectTimeout():
            return f"does not answer on port {place.port}; check the address and the network"
        case httpx.ConnectError():
            return f"does not accept connections on port {place.port}; check the address and the network"
        case _:
            return "broke off or did not answer in HTTP; check the address"


def _words(host: str, found: Verdict, speech: Speech) -> str:
    sentence = f"{host} {found.reason}"
    if not found.said:
        return sentence
    said = speech.quotable(found.said)
    return f"{sentence}; {WITHHELD}" if said is None else f'{sentence}; it says "{said}"'


def _secrets(method: Method, values: Mapping[str, str]) -> list[str]:
    """All values that are secret, and what is made of them: user name and password are sent as one."""
    secrets = []
    for name, value in values.items():
        entry = method.field(name)
        if entry is not None and entry.format == "service account" and not format_problem(entry.format, value):
            # What else stands in it is no secret, the address of the vendor among it.
            secrets.append(json.loads(value)["private_key"])
        elif entry is None or entry.secret:
            secrets.append(value)
    test = method.test
    if test is not None and test.credentials.how == "basic":
        known = method.with_defaults(values)
        if {*placeholders(test.credentials.username), *placeholders(test.credentials.password)} <= known.keys():
            user, password = filled(test.credentials.username, known), filled(test.credentials.password, known)
            secrets.append(f"{user}:{password}")
    return secrets


def _outcome(status: Status, words: str, expires: datetime | None = None) -> TestOutcome:
    return TestOutcome(status, words, datetime.now(UTC), expires)
