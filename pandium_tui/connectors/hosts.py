"""The host of a login that is no HTTP: looked up once, and only where tests may go."""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pandium_tui.connectors.addresses import Address, AddressError, is_blocked, resolved
from pandium_tui.connectors.definitions import Status
from pandium_tui.connectors.formats import format_problem

if TYPE_CHECKING:
    from pandium_tui.connectors.testing import TestOptions


class EndedError(Exception):
    """A test that ended early; the message is for a person and holds no secret."""

    def __init__(self, status: Status, words: str) -> None:
        """``status`` is the outcome."""
        super().__init__(words)
        self.status: Status = status


@dataclass(frozen=True, slots=True)
class Host:
    """``until`` is the moment of the monotonic clock at which the test must have ended."""

    name: str
    port: int
    addresses: tuple[Address, ...]
    until: float

    @property
    def left(self) -> float:
        """Seconds that remain, above zero: a timeout of zero would mean not to wait at all."""
        return max(0.01, self.until - time.monotonic())

    def connected(self) -> socket.socket:
        """A connection to the first address that accepts one.

        Raises:
            EndedError: none does.
        """
        for address in self.addresses:
            try:
                return socket.create_connection((str(address), self.port), timeout=self.left)
            except OSError:
                continue  # the next address may do better
        raise EndedError(
            "unreachable", f"{self.name} does not answer on port {self.port}; check the address and the network"
        )


def host_of(values: Mapping[str, str], options: "TestOptions") -> Host:
    """The host and port among the values, with the addresses a test may go to.

    Raises:
        EndedError: they are no host or port, are not known, or are inside a private network.
    """
    name, port_text, until = values["host"], values.get("port", ""), time.monotonic() + options.seconds
    if problem := format_problem("host", name):
        raise EndedError("cannot be tested", f"Host {problem}")
    if format_problem("number", port_text) or not 0 < int(port_text) < 65536:
        raise EndedError("cannot be tested", "Port must be a number from 1 to 65535")
    try:
        found = resolved(name, int(port_text), options.seconds)
    except AddressError as error:
        raise EndedError("unreachable", f"{name}: {error}") from None
    allowed = tuple(one for one in found if not is_blocked(one, options.private_allowed, options.loopback_http))
    if not allowed:
        words = f"{name} is inside a private network or this machine; tests do not go there"
        raise EndedError("cannot be tested", words)
    return Host(name, int(port_text), allowed, until)
