"""FTP servers are logged in to: against servers on loopback that speak as much of the protocol as a login needs."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pandium_tui.connectors import ftp_logins, links, testing
from tests.connectors.asking import method_of
from tests.connectors.certificates import server_context
from tests.connectors.database_servers import GOOD, Client, DatabaseServer, dribbling

OPTIONS = testing.TestOptions(seconds=15, loopback_http=True)
WRONG = "canary-ftp-wrong-42"

Start = Callable[..., DatabaseServer]


def read_line(client: Client) -> str:
    line = b""
    while not line.endswith(b"\r\n"):
        line += client.read(1)
    return line.decode().rstrip()


def ftp(client: Client) -> None:
    """Knows the user ``sync``; one called ``open`` needs no password, ``locked`` may not see a folder."""
    user = ""
    client.link.sendall("220-Hello\r\n  grüezi\r\n220 ready\r\n".encode("latin-1"))
    while True:
        command, _, argument = read_line(client).partition(" ")
        match command:
            case "AUTH" if client.server.context is not None:
                client.link.sendall(b"234 go on\r\n")
                client.to_tls()
            case "USER":
                user = argument
                client.link.sendall(b"230 in\r\n" if user == "open" else b"331 password\r\n")
            case "PASS" if argument == GOOD:
                client.link.sendall(b"230-Welcome\r\n230 in\r\n")
            case "PASS":
                client.link.sendall(f"530 no such password: {argument}\r\n".encode())
            case "PWD":
                client.link.sendall(b"550 no\r\n" if user == "locked" else b'257 "/" is here\r\n')
            case _:
                client.link.sendall(b"502 not here\r\n")


def implicit(client: Client) -> None:
    client.to_tls()
    ftp(client)


@pytest.fixture
def start() -> Iterator[Start]:
    servers: list[DatabaseServer] = []

    def started(talk: Callable[[Client], None], folder: Path | None = None) -> DatabaseServer:
        servers.append(DatabaseServer(talk, server_context(folder, "localhost") if folder else None))
        return servers[-1]

    yield started
    for server in servers:
        server.end()


def outcome(server: DatabaseServer, options: testing.TestOptions = OPTIONS, **values: str) -> testing.TestOutcome:
    entered = {"host": "localhost", "port": server.port, "username": "sync", "password": GOOD, "tls_mode": "none"}
    found = testing.test_connection(method_of("ftp", "password"), {**entered, **values}, options)
    assert GOOD not in found.words
    assert WRONG not in found.words
    return found


def test_a_login_is_tried_and_said_to_be_one(start: Start) -> None:
    server = start(ftp)
    good = outcome(server)
    words = "logged in, and PWD was answered by localhost; the password crossed the network in clear text"
    assert (good.status, good.words) == ("connected", words)
    wrong = outcome(server, password=WRONG)
    assert (wrong.status, wrong.words) == (
        "rejected", "localhost does not accept the credentials; enter them again or make new ones there"
    )  # fmt: skip
    lacking = outcome(server, username="locked")
    assert (lacking.status, 'it says "550 no"' in lacking.words) == ("accepted, right missing", True)
    unasked = outcome(server, username="open")
    assert (unasked.status, "without asking for the password" in unasked.words) == ("cannot be tested", True)
    assert server.received.count(b"PASS") == 3
    for odd in (f"{GOOD}\r\nDELE x", "\ud800"):
        assert outcome(server, password=odd).status == "cannot be tested"
    assert b"DELE" not in server.received


def test_tls_is_as_the_mode_says_and_nothing_is_sent_without_it(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = start(ftp)
    found = outcome(without, tls_mode="explicit")
    assert (found.status, "does not offer TLS" in found.words) == ("unreachable", True)
    assert outcome(without, tls_mode="implicit").status == "unreachable"
    folders = {mode: tmp_path / mode for mode in ("explicit", "implicit")}
    for folder in folders.values():
        folder.mkdir()
    servers = {"explicit": start(ftp, folders["explicit"]), "implicit": start(implicit, folders["implicit"])}
    roots = "".join((folder / "root.pem").read_text() for folder in folders.values())
    untrusted = [outcome(server, tls_mode=mode) for mode, server in servers.items()]
    assert [(one.status, "not trusted here; nothing was sent" in one.words) for one in untrusted] == [
        ("unreachable", True)
    ] * 2
    assert not any(b"USER" in one.received for one in (without, *servers.values()))

    def trusting(checked: str, _: str) -> ssl.SSLContext:
        return links.tls_context(checked, roots)

    monkeypatch.setattr(ftp_logins, "tls_context", trusting)
    for mode, server in servers.items():
        good = outcome(server, tls_mode=mode)
        assert (good.status, good.words) == ("connected", "logged in, and PWD was answered by localhost")
        assert outcome(server, tls_mode=mode, host="127.0.0.1").status == "unreachable", "another name than it is for"
    assert [server.received.count(b"PASS") for server in servers.values()] == [1, 1]


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.0 400 Bad Request\r\n\r\n", b"421 full\r\n", b"220-" + b"x" * 9000, b"220-x\r\n" * 20_000]
)
def test_what_is_no_ftp_server_is_told(start: Start, said: bytes) -> None:
    found = outcome(start(lambda client: client.link.sendall(said)))
    assert (found.status, "localhost" in found.words) == ("unreachable", True)


def test_a_server_that_never_ends_its_answer_is_left_in_time(start: Start) -> None:
    found = outcome(start(dribbling(b"220-x")), testing.TestOptions(seconds=0.5, loopback_http=True))
    assert (found.status, found.words) == ("unreachable", "localhost did not answer in time; try again later")
    blocked = outcome(start(ftp), testing.TestOptions(seconds=5))
    assert (blocked.status, "private network" in blocked.words) == ("cannot be tested", True)
