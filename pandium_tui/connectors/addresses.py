"""Where a test goes: the address made of a person's values, and which machines it may reach."""

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from pandium_tui.connectors.definitions import Method
from pandium_tui.connectors.formats import format_problem, url_problem
from pandium_tui.connectors.templates import filled, placeholders

# Services inside a cloud that hand out credentials to whoever can reach them; the link-local ones need no list.
_METADATA = frozenset({ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressError(Exception):
    """An address that no test goes to; the message is a sentence for a person and holds no secret."""


@dataclass(frozen=True, slots=True)
class Target:
    """An absolute http or https address, taken apart. ``path`` has the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host, and port where it is not the usual one, as in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _port(self.scheme) else f"{host}:{self.port}"


def target(method: Method, template: str, values: Mapping[str, str], http_allowed: bool = False) -> Target:
    """The address of a test. Values are checked against the format of their field before they are put in.

    Raises:
        AddressError: a value does not fit where it stands.
    """
    schemes = ("https", "http") if http_allowed else ("https",)
    encoded: dict[str, str] = {}
    for name in placeholders(template):
        entry = method.field(name)
        assert entry is not None
        value = values[name]
        problem = url_problem(value, schemes) if entry.format == "url" else format_problem(entry.format, value)
        if value in (".", ".."):
            problem = "must not be only dots"
        if problem:
            raise AddressError(f"{entry.label} {problem}")
        match entry.format:
            case "url":
                encoded[name] = value.rstrip("/")
            case "path":
                encoded[name] = quote(value, safe="/%")
            case _:
                encoded[name] = quote(value, safe="")
    parts = urlsplit(filled(template, encoded))
    path = re.sub(r"^$", "/", parts.path) + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname or "", parts.port or _port(parts.scheme), path)


def resolved(host: str, port: int, seconds: float) -> tuple[Address, ...]:
    """The addresses of a host, in the order of the system. Waits at most ``seconds``.

    Raises:
        AddressError: the name is unknown or the answer took too long.
    """
    # The system's resolver cannot be interrupted: it is left behind in a thread that nothing waits for.
    answers: queue.SimpleQueue[tuple[Address, ...] | None] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(_looked_up(host, port)), daemon=True, name="name lookup").start()
    try:
        found = answers.get(timeout=max(0.0, seconds))
    except queue.Empty:
        raise AddressError("the name of the host was not resolved in time; check the network of this machine") from None
    if not found:
        raise AddressError("the name of the host is not known; check how it is spelled")
    return found


def is_blocked(address: Address, private_allowed: bool = False, loopback_allowed: bool = False) -> bool:
    """Whether no test may go there.

    Link-local, metadata and multicast addresses are always blocked; private ones, loopback among them, unless
    ``private_allowed``; loopback alone can be allowed with ``loopback_allowed``.
    """
    inner = _embedded(address)
    if inner is not None:
        return is_blocked(inner, private_allowed, loopback_allowed)
    if address.is_loopback:
        return not (private_allowed or loopback_allowed)
    if address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA:
        return True
    return not (address.is_global or private_allowed)


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _looked_up(host: str, port: int) -> tuple[Address, ...] | None:
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    return tuple(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in entries))


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
