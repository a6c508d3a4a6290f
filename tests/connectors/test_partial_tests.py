"""Connections whose login is not tried: what is found out, what is said not to be known, and that nothing is sent."""

import socket
import threading
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from pandium_tui.connectors import testing
from pandium_tui.connectors.catalogue import catalogue
from pandium_tui.connectors.definitions import Method

LOOPBACK = testing.TestOptions(seconds=5, loopback_http=True)
PASSWORD = "canary-partial-77"


class Server:
    """A server that greets each client, and keeps what they send."""

    def __init__(self, greeting: bytes) -> None:
        self.received = b""
        self._greeting = greeting
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = str(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        client, _ = self._socket.accept()
        with client:
            client.sendall(self._greeting)
            while chunk := client.recv(1024):
                self.received += chunk

    def end(self) -> None:
        self._thread.join(5)
        self._socket.close()


@pytest.fixture
def ssh_server() -> Iterator[Server]:
    server = Server(b"SSH-2.0-fake\r\n")
    yield server
    server.end()


def method(connector: str, name: str) -> Method:
    found = catalogue(None).find(connector)
    assert found is not None
    one = found.method(name)
    assert one is not None
    return one


def key(encryption: KeySerializationEncryption | None = None) -> str:
    made = ed25519.Ed25519PrivateKey.generate()
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


def test_without_ssh_a_server_is_reached_and_nothing_is_sent(
    ssh_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    values = {"host": "127.0.0.1", "port": ssh_server.port, "username": "u", "private_key": key(), "host_key": "x"}
    outcome = testing.test_connection(method("sftp", "ssh"), values, LOOPBACK)
    assert outcome.status == "cannot be tested"
    assert f"Private key can be opened and 127.0.0.1 answers on port {ssh_server.port}, but" in outcome.words
    assert "the program ssh is needed" in outcome.words
    ssh_server.end()
    assert ssh_server.received == b""


def test_what_is_no_ssh_server_and_what_does_not_answer() -> None:
    server = Server(b"220 ftp\r\n")
    values = {"host": "127.0.0.1", "port": server.port, "username": "u", "password": PASSWORD, "host_key": "x"}
    outcome = testing.test_connection(method("sftp", "ssh"), values, LOOPBACK)
    server.end()
    assert (outcome.status, "not as an ssh server" in outcome.words) == ("unreachable", True)
    gone = testing.test_connection(method("ftp", "password"), values, LOOPBACK)
    assert (gone.status, PASSWORD in gone.words) == ("unreachable", False)
    blocked = testing.test_connection(method("ftp", "password"), values)
    assert "private network" in blocked.words


@pytest.mark.parametrize(
    ("made_with", "given", "status"),
    [(None, "", "cannot be tested"), ("right", "right", "cannot be tested"), ("right", "wrong", "rejected"),
     ("right", "", "rejected"), (None, "needless", "cannot be tested")],
)  # fmt: skip
def test_a_key_must_open_with_its_passphrase(made_with: str | None, given: str, status: str) -> None:
    text = key(BestAvailableEncryption(made_with.encode()) if made_with else None)
    values = {"host": "", "username": "u", "private_key": text, "private_key_passphrase": given}
    outcome = testing.test_connection(method("sftp", "ssh"), values, LOOPBACK)
    assert outcome.status == status
    assert not given or given not in outcome.words
