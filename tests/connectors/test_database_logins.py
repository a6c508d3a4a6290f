"""Databases are logged in to: by the drivers' own protocol, against servers on loopback."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pandium_tui.connectors import testing
from tests.connectors.asking import method_of
from tests.connectors.certificates import server_context
from tests.connectors.database_servers import (
    DRIBBLING_MYSQL,
    DRIBBLING_POSTGRESQL,
    GOOD,
    Client,
    DatabaseServer,
    mysql,
    postgresql,
)

OPTIONS = testing.TestOptions(seconds=15, loopback_http=True)
WRONG = "canary-db-wrong-42"
BOTH = pytest.mark.parametrize(("connector", "talk"), [("postgres", postgresql), ("mysql", mysql)])

Start = Callable[..., DatabaseServer]


@pytest.fixture
def start() -> Iterator[Start]:
    servers: list[DatabaseServer] = []

    def started(talk: Callable[[Client], None], folder: Path | None = None) -> DatabaseServer:
        context = server_context(folder, "localhost") if folder else None
        servers.append(DatabaseServer(talk, context))
        return servers[-1]

    yield started
    for server in servers:
        server.end()


def outcome(
    connector: str, server: DatabaseServer, options: testing.TestOptions = OPTIONS, **values: str
) -> testing.TestOutcome:
    plain = {"sslmode": "disable"} if connector == "postgres" else {"tls": "disabled"}
    entered = {"host": "localhost", "port": server.port, "database": "crm", "username": "sync", "password": GOOD}
    found = testing.test_connection(method_of(connector, "password"), {**entered, **plain, **values}, options)
    assert GOOD not in found.words
    assert WRONG not in found.words
    return found


@BOTH
def test_a_login_is_tried_and_said_to_be_one(start: Start, connector: str, talk: Callable[[Client], None]) -> None:
    server = start(talk)
    good = outcome(connector, server)
    assert (good.status, good.words) == ("connected", "logged in, and SELECT 1 was answered by localhost")
    wrong = outcome(connector, server, password=WRONG)
    assert (wrong.status, "does not accept the credentials" in wrong.words) == ("rejected", True)
    assert 'it says "' in wrong.words
    assert struct.pack("!i", 80877103) not in server.received, "TLS was asked for although it is disabled"
    lacking = outcome(connector, server, database="other")
    assert (lacking.status, "accepts the credentials, but" in lacking.words) == ("accepted, right missing", True)


@pytest.mark.parametrize(
    ("connector", "talk", "tls"),
    [("postgres", postgresql, {"sslmode": "require"}), ("mysql", mysql, {"tls": "required"})],
)
def test_without_the_tls_that_is_asked_for_no_password_is_sent(
    start: Start, connector: str, talk: Callable[[Client], None], tls: dict[str, str]
) -> None:
    server = start(talk)
    found = outcome(connector, server, **tls)
    assert (found.status, "TLS" in found.words) == ("unreachable", True)
    assert GOOD.encode() not in server.received
    assert b"sync" not in server.received


def test_certificates_are_checked_as_the_fields_say(start: Start, tmp_path: Path) -> None:
    server = start(postgresql, tmp_path)
    root = (tmp_path / "root.pem").read_text()
    assert outcome("postgres", server, sslmode="verify-full", ssl_root_cert=root).status == "connected"
    assert outcome("postgres", server, sslmode="require").status == "connected"
    sent = len(server.received)
    for untrusted in ({"sslmode": "verify-full"}, {"sslmode": "verify-ca"}):
        found = outcome("postgres", server, **untrusted)
        assert (found.status, "not trusted here; nothing was sent" in found.words) == ("unreachable", True)
    elsewhere = {"host": "127.0.0.1", "ssl_root_cert": root}
    assert outcome("postgres", server, sslmode="verify-full", **elsewhere).status == "unreachable"
    assert GOOD.encode() not in server.received[sent:]
    assert outcome("postgres", server, sslmode="verify-ca", **elsewhere).status == "connected"
    assert outcome("postgres", start(postgresql), sslmode="prefer").status == "connected"
    for tls, status in (("verify-identity", "unreachable"), ("required", "connected"), ("", "connected")):
        assert outcome("mysql", start(mysql, tmp_path), tls=tls).status == status
    assert "known are disabled" in outcome("mysql", server, tls="perhaps").words


@pytest.mark.parametrize(("connector", "talk"), [("postgres", DRIBBLING_POSTGRESQL), ("mysql", DRIBBLING_MYSQL)])
def test_a_server_that_never_ends_its_answer_is_left_in_time(
    start: Start, connector: str, talk: Callable[[Client], None]
) -> None:
    found = outcome(connector, start(talk), testing.TestOptions(seconds=0.5, loopback_http=True))
    assert (found.status, found.words) == ("unreachable", "localhost did not answer in time; try again later")
    blocked = outcome(connector, start(talk), testing.TestOptions(seconds=5))
    assert (blocked.status, "private network" in blocked.words) == ("cannot be tested", True)


ODD = [
    b"HTTP/1.0 400 Bad Request\r\n\r\n",
    b"",
    b"R\0\0\0\x08\0\0\0\x0a",
    b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0R\0\0\0\x0d\0\0\0\x0br=x,s",
    b"T\0\0\0\x05\0",
    b"E\0\0\0\x04",
    b"\x05\0\0\0\x0a8.0\0",
    b"\x01\0\0\0\x0a",
    b"\x03\0\0\0\xff\x15\x04",
    b"\x4a\0\0\0\x0a8.0\0\1\0\0\0" + b"\xff" * 65 + b"\x02\0\0\2\xfe\0",
]


@pytest.mark.parametrize("connector", ["postgres", "mysql"])
def test_what_is_no_database_is_told(start: Start, connector: str) -> None:
    answers = iter(ODD)
    server = start(lambda client: client.link.sendall(next(answers)))
    for answer in ODD:
        found = outcome(connector, server, testing.TestOptions(seconds=5, loopback_http=True))
        assert found.status in ("unreachable", "cannot be tested"), answer
        assert "localhost" in found.words, answer
