"""What can be found out about a connection whose login cannot be tried: whether its key opens, and its host answers.

No credential leaves this machine here.
"""

import contextlib
import json
import socket
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pandium_tui.connectors.definitions import Field, Method, Status
from pandium_tui.connectors.formats import format_problem
from pandium_tui.connectors.hosts import EndedError, Host, host_of
from pandium_tui.connectors.private_keys import PrivateKeyError, UnknownKeyKindError, opened_key

if TYPE_CHECKING:
    from pandium_tui.connectors.testing import TestOptions

_BANNER_LIMIT = 255
"""Bytes of the line with which an ssh server begins (RFC 4253, 4.2)."""


def partly_tested(method: Method, values: Mapping[str, str], options: "TestOptions") -> tuple[Status, str]:
    """``rejected`` when a key cannot be opened, ``unreachable`` when the host does not answer, else what is not known.

    It never says connected: nobody was asked whether the credentials are right.

    Raises:
        EndedError: the host does not answer, or may not be asked.
    """
    known = []
    for entry, key in _keys(method, values):
        problem = _key_problem(key, values.get(f"{entry.name}_passphrase", ""))
        if problem:
            return "rejected", f"{entry.label} {problem}; enter it again"
        known.append(f"{entry.label} {'can be opened' if problem == '' else 'is of a kind that is not read here'}")
    if method.kind in ("database", "ssh") and values.get("host"):
        known.append(_reached(method, values, options))
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


def _reached(method: Method, values: Mapping[str, str], options: "TestOptions") -> str:
    host = host_of(values, options)
    with host.connected() as connection:
        if method.kind == "ssh" and not _greeting(connection, host).startswith(b"SSH-"):
            words = f"{host.name} answers on port {host.port}, but not as an ssh server; check the port"
            raise EndedError("unreachable", words)
    return f"{host.name} answers on port {host.port}"


def _greeting(connection: socket.socket, host: Host) -> bytes:
    """What the server says first."""
    text = b""
    with contextlib.suppress(OSError):  # what was said until then counts
        while len(text) < _BANNER_LIMIT and b"\n" not in text:
            connection.settimeout(host.left)
            chunk = connection.recv(_BANNER_LIMIT)
            if not chunk:
                break
            text += chunk
    return text
