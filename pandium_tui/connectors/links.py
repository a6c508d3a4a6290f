"""A connection to a server that a test logs in to: it is cut when the time is over, and TLS is checked."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

from pandium_tui.connectors.hosts import EndedError, Host


@contextlib.contextmanager
def linked(host: Host) -> Iterator[tuple[socket.socket, Any]]:
    """A connection that is cut when the time is over, and what tells that this was why it ended.

    A timeout of the socket alone would begin again with each byte that arrives.
    """
    link = host.connected()
    over = threading.Event()
    # TLS takes the socket over; another one of the same connection can cut it all the same.
    guard = link.dup()

    def cut() -> None:
        over.set()
        with contextlib.suppress(OSError):
            guard.shutdown(socket.SHUT_RDWR)

    def in_time(error: Exception) -> None:
        if over.is_set() or any(isinstance(cause, TimeoutError) for cause in causes(error)):
            raise EndedError("unreachable", f"{host.name} did not answer in time; try again later") from None

    timer = threading.Timer(host.left, cut)
    timer.start()
    try:
        yield link, in_time
    finally:
        timer.cancel()
        guard.close()
        link.close()


def tls_context(checked: str, root: str) -> ssl.SSLContext:
    """TLS in which ``name`` and chain of the certificate are checked, the ``chain`` only, or ``none`` of both.

    Raises:
        EndedError: the root certificate cannot be read.
    """
    context = ssl.create_default_context()
    try:
        if root:
            context = ssl.create_default_context(cadata=root)
    except (ssl.SSLError, ValueError):
        raise EndedError("cannot be tested", "The root certificate cannot be read; enter it again") from None
    context.check_hostname = checked == "name"
    context.verify_mode = ssl.CERT_NONE if checked == "none" else ssl.CERT_REQUIRED
    return context


def end_for_tls(host: Host, error: BaseException, what: str) -> NoReturn:
    """End the test by what an error of a connection means; ``what`` the server should have been.

    Raises:
        EndedError: always.
    """
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(cause):
            words = "has a certificate that is not valid for it or not trusted here; nothing was sent"
            raise EndedError("unreachable", f"{host.name} {words}") from None
        if isinstance(cause, ssl.SSLError) or "SSL is required" in str(cause):
            raise EndedError("unreachable", f"{host.name} does not speak TLS as it should; nothing was sent") from None
    raise EndedError("unreachable", f"{host.name} broke off, or is no such {what}; check host and port") from None


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and those that led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
