"""Logging in to an FTP server for a test: name, password and one question. No other connection is ever opened."""

import ftplib
import re
import socket
from collections.abc import Mapping
from typing import NoReturn

from pandium_tui.connectors.hosts import EndedError, Host
from pandium_tui.connectors.links import end_for_tls, linked, tls_context
from pandium_tui.connectors.speech import Speech

ANSWER_LIMIT = 64 * 1024
"""Characters that are read of all answers together."""

_IN_THE_CLEAR = "; the password crossed the network in clear text"


def log_in_by_ftp(host: Host, values: Mapping[str, str], speech: Speech) -> str:
    """What was found when the login worked; TLS is as ``tls_mode`` says: explicit (RFC 4217), implicit or none.

    Raises:
        EndedError: it did not work.
    """
    mode = values.get("tls_mode") or "explicit"
    if mode not in ("explicit", "implicit", "none"):
        raise EndedError("cannot be tested", "TLS is set to something unknown here; known are explicit, implicit, none")
    if re.search(r"[\r\n\0\ud800-\udfff]", values["username"] + values["password"]):
        raise EndedError(
            "cannot be tested", "FTP cannot carry a user name or password with a line break, NUL or half a character"
        )
    with linked(host) as (link, in_time):
        session = _Session(host, speech)
        try:
            if mode == "implicit":
                link = session.context.wrap_socket(link, server_hostname=host.name)
            session.greeted(link)
            if mode == "explicit":
                session.to_tls()
            session.log_in(values["username"], values["password"])
        except (OSError, EOFError, ftplib.Error) as error:
            in_time(error)
            end_for_tls(host, error, "FTP server")
        finally:
            session.close()
    return f"logged in, and PWD was answered by {host.name}{_IN_THE_CLEAR if mode == 'none' else ''}"


class _Session(ftplib.FTP_TLS):
    """A session on a connection that exists already, and ends when the server says too much."""

    def __init__(self, host: Host, speech: Speech) -> None:
        super().__init__(context=tls_context("name", ""))
        self._place = host
        self._speech = speech
        self._left = ANSWER_LIMIT

    def greeted(self, link: socket.socket) -> None:
        """Take over a connection, and read how the server begins."""
        self.host, self.sock, self.af = self._place.name, link, link.family
        self._listen()
        try:
            self.welcome = self.getresp()
        except ftplib.Error as error:
            self._end("unreachable", "does not accept sessions now", str(error))

    def to_tls(self) -> None:
        """Ask for TLS, before anything else is said."""
        try:
            self.auth()
        except ftplib.Error as error:
            self._end("unreachable", "does not offer TLS, which the TLS mode explicit asks for", str(error))
        self._listen()

    def log_in(self, user: str, password: str) -> None:
        """Log in, and ask for the folder one is in then."""
        try:
            answer = self.sendcmd(f"USER {user}")
        except ftplib.Error as error:
            self._refused(error)
        if not answer.startswith("3"):
            words = "lets this user in without asking for the password, so whether it is right is not known"
            self._end("cannot be tested", words, "")
        try:
            answer = self.sendcmd(f"PASS {password}")
        except ftplib.Error as error:
            self._refused(error)
        if not answer.startswith("2"):
            self._end("cannot be tested", "asks for an account besides the password, which no test has", answer)
        try:
            self.voidcmd("PWD")
        except ftplib.Error as error:
            words = "accepts the credentials, but they lack the right to a folder"
            self._end("accepted, right missing", words, str(error))

    def getline(self) -> str:
        """A line of an answer.

        Raises:
            EndedError: the server has said too much.
        """
        line: str = super().getline()
        self._left -= len(line) + 1
        if self._left < 0:
            raise EndedError("unreachable", f"{self._place.name} says too much for an FTP server; check host and port")
        return line

    def _listen(self) -> None:
        assert self.sock is not None
        # Answers are not always in the encoding that they should be in.
        self.file = self.sock.makefile("r", encoding="utf-8", errors="replace")

    def _refused(self, error: ftplib.Error) -> NoReturn:
        said = str(error)
        if said.startswith("530"):
            words = "does not accept the credentials; enter them again or make new ones there"
            self._end("rejected", words, said)
        self._end("unreachable", "could not be logged in to", said)

    def _end(self, status: str, words: str, said: str) -> NoReturn:
        quoted = self._speech.quotable(said) if said else ""
        saying = f'; it says "{quoted}"' if quoted else ""
        raise EndedError(status, f"{self._place.name} {words}{saying}") from None  # type: ignore[arg-type]
