"""What can be found out about a connection whose login cannot be tried: whether its key opens, and its host answers.

No credential leaves this machine here.
"""

import json
import socket
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pandium_tui.connectors.addresses import Address, AddressError, is_blocked, resolved
from pandium_tui.connectors.definitions import Field, Method, Status
from pandium_tui.connectors.formats import format_problem
from pandium_tui.connectors.private_keys import PrivateKeyError, UnknownKeyKindError, opened_key

if TYPE_CHECKING:
    from pandium_tui.connectors.testing import TestOptions

_BANNER_LIMIT = 255
"""Bytes of the line with which an ssh server begins (RFC 4253, 4.2)."""


def partly_tested(method: Method, values: Mapping[str, str], options: "TestOptions") -> tuple[Status, str]:
    """``rejected`` when a key cannot be opened, ``unreachable`` when the host does not answer, else what is not known.

    It never says connected: nobody was asked whether the credentials are right.
    """
    known = []
    for entry, key in _keys(method, values):
        problem = _key_problem(key, values.get(f"{entry.name}_passphrase", ""))
        if problem:
            return "rejected", f"{entry.label} {problem}; enter it again"
        known.append(f"{entry.label} {'can be opened' if problem == '' else 'is of a kind that is not read here'}")
    if method.kind in ("database", "ssh") and values.get("host"):
        status, words = _reached(method, values, options)
        if status is not None:
            return status, words
        known.append(words)
    if not known:
        return "cannot be tested", method.untested
    return "cannot be tested", f"{' and '.join(known)}, but whether it lets you in was not tried. {method.untested}"


def _keys(method: Method, values: Mapping[str, str]) -> Iterator[tuple[Field, str]]:
    for entry in method.fields:
        value = values.get(entry.name, "")
        if not value or format_problem(entry.format, value):
            continue
        if entry.format == "private key":
            yield entry, value
        elif entry.format == "service account":
            yield entry, json.loads(value)["private_key"]


def _key_problem(text: str, passphrase: str) -> str | None:
    """Why a private key cannot be used; empty when it can, ``None`` when that is not known."""
    try:
        opened_key(text, passphrase)
    except PrivateKeyError as error:
        return str(error)
    except UnknownKeyKindError:
        return None
    return ""


def _reached(method: Method, values: Mapping[str, str], options: "TestOptions") -> tuple[Status | None, str]:
    host, port_text = values["host"], values.get("port", "")
    if problem := format_problem("host", host):
        return "cannot be tested", f"Host {problem}"
    if format_problem("number", port_text) or not 0 < int(port_text) < 65536:
        return "cannot be tested", "Port must be a number from 1 to 65535"
    port, until = int(port_text), time.monotonic() + options.seconds
    try:
        found = resolved(host, port, options.seconds)
    except AddressError as error:
        return "unreachable", f"{host}: {error}"
    allowed = [one for one in found if not is_blocked(one, options.private_allowed, options.loopback_http)]
    if not allowed:
        return "cannot be tested", f"{host} is inside a private network or this machine; tests do not go there"
    for address in allowed:
        try:
            greeting = _greeting(address, port, until, wanted=method.kind == "ssh")
        except OSError:
            continue  # the next address may do better
        if method.kind == "ssh" and not greeting.startswith(b"SSH-"):
            return "unreachable", f"{host} answers on port {port}, but not as an ssh server; check the port"
        return None, f"{host} answers on port {port}"
    return "unreachable", f"{host} does not answer on port {port}; check the address and the network"


def _greeting(address: Address, port: int, until: float, *, wanted: bool) -> bytes:
    """What the server says first, when that is wanted."""
    with socket.create_connection((str(address), port), timeout=_left(until)) as connection:
        text = b""
        while wanted and len(text) < _BANNER_LIMIT and b"\n" not in text:
            connection.settimeout(_left(until))
            chunk = connection.recv(_BANNER_LIMIT)
            if not chunk:
                break
            text += chunk
        return text


def _left(until: float) -> float:
    """Seconds that remain, above zero: a timeout of zero would mean not to wait at all."""
    return max(0.01, until - time.monotonic())
