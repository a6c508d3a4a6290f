"""Database servers on loopback that know one password: only the messages of a login, and one answer."""

import contextlib
import hashlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable

GOOD = "canary-db-good-41"
SCRAMBLE = b"12345678abcdefghijkl"


class DatabaseServer:
    """Answers each client by a function, in a thread; ``received`` is all that came in."""

    def __init__(self, talk: "Callable[[Client], None]", context: ssl.SSLContext | None = None) -> None:
        self.context = context
        self.received = b""
        self._ended = False
        self._talk = talk
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = str(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            link, _ = self._socket.accept()
            with link, contextlib.suppress(OSError, ssl.SSLError, EOFError):
                if self._ended:
                    return
                client = Client(self, link)
                try:
                    self._talk(client)
                finally:
                    client.link.close()

    def end(self) -> None:
        self._ended = True
        socket.create_connection(("127.0.0.1", int(self.port))).close()
        self._thread.join(10)
        self._socket.close()


class Client:
    def __init__(self, server: DatabaseServer, link: socket.socket) -> None:
        self.server, self.link = server, link
        link.settimeout(10)

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            chunk = self.link.recv(size - len(data))
            if not chunk:
                raise EOFError
            data += chunk
            self.server.received += chunk
        return data

    def to_tls(self) -> None:
        assert self.server.context is not None
        self.link = self.server.context.wrap_socket(self.link, server_side=True)


def postgresql(client: Client) -> None:
    """Asks for the password, as a server does that has ``password`` in its pg_hba.conf."""
    (size, code) = struct.unpack("!ii", client.read(8))
    if code == 80877103:  # wants TLS
        client.link.sendall(b"N" if client.server.context is None else b"S")
        if client.server.context is not None:
            client.to_tls()
        size, code = struct.unpack("!ii", client.read(8))
    parts = client.read(size - 8).split(b"\0")
    started = dict(zip(parts[::2], parts[1::2], strict=False))
    client.link.sendall(b"R" + struct.pack("!ii", 8, 3))
    (size,) = struct.unpack("!xi", client.read(5))
    if client.read(size - 4).rstrip(b"\0") != GOOD.encode():
        client.link.sendall(_postgresql_error(b"28P01", b'password authentication failed for user "sync"'))
        return
    if started[b"database"] != b"crm":
        client.link.sendall(_postgresql_error(b"3D000", b'database "other" does not exist'))
        return
    client.link.sendall(b"R" + struct.pack("!ii", 8, 0) + b"Z" + struct.pack("!i", 5) + b"I")
    (size,) = struct.unpack("!xi", client.read(5))
    assert client.read(size - 4).rstrip(b"\0").strip(b"; ") == b"SELECT 1"
    column = b"?column?\0" + struct.pack("!ihihih", 0, 0, 23, 4, -1, 0)
    rows = _message(b"T", struct.pack("!h", 1) + column) + _message(b"D", struct.pack("!hi", 1, 1) + b"1")
    client.link.sendall(rows + _message(b"C", b"SELECT 1\0") + _message(b"Z", b"I"))
    client.read(5)


def mysql(client: Client) -> None:
    """Knows ``mysql_native_password``; offers TLS where the server has a certificate."""
    capabilities = 0x0001 | 0x0008 | 0x0200 | 0x8000 | 0x80000 | (0x0800 if client.server.context else 0)
    greeting = b"\x0a8.0.fake\0" + struct.pack("<i", 1) + SCRAMBLE[:8] + b"\0"
    greeting += struct.pack("<HBHHB", capabilities & 0xFFFF, 45, 2, capabilities >> 16, 21) + b"\0" * 10
    client.link.sendall(_packet(0, greeting + SCRAMBLE[8:] + b"\0mysql_native_password\0"))
    number, answer = _packet_of(client)
    if client.server.context is not None and struct.unpack("<I", answer[:4])[0] & 0x0800:
        client.to_tls()
        number, answer = _packet_of(client)
    once = hashlib.sha1(GOOD.encode()).digest()
    mixed = hashlib.sha1(SCRAMBLE + hashlib.sha1(once).digest()).digest()
    if bytes(a ^ b for a, b in zip(once, mixed, strict=True)) not in answer:
        client.link.sendall(_packet(number + 1, b"\xff\x15\x04#28000Access denied for user 'sync'"))
        return
    if b"crm\0" not in answer:
        client.link.sendall(_packet(number + 1, b"\xff\x19\x04#42000Unknown database 'other'"))
        return
    fine = b"\0\0\0\x02\0\0\0"
    client.link.sendall(_packet(number + 1, fine))
    while (asked := _packet_of(client)[1])[:1] == b"\x03":
        if asked[1:] != b"SELECT 1":
            client.link.sendall(_packet(1, fine))
            continue
        column = b"\x03def\0\0\0\x011\0\x0c" + struct.pack("<HIBHB", 63, 1, 3, 0, 0) + b"\0\0"
        end = b"\xfe\0\0\x02\0"
        sent = (b"\x01", column, end, b"\x011", end)
        client.link.sendall(b"".join(_packet(place, data) for place, data in enumerate(sent, start=1)))


def dribbling(beginning: bytes) -> Callable[[Client], None]:
    """The beginning of a long message, then a byte now and then: a timeout of the socket alone would never end."""

    def talk(client: Client) -> None:
        client.link.sendall(beginning)
        while client.link.send(b"\0"):
            threading.Event().wait(0.05)

    return talk


DRIBBLING_POSTGRESQL = dribbling(b"N\0\1\0\0")
DRIBBLING_MYSQL = dribbling(b"\xff\xff\0\0")


def _message(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("!i", len(data) + 4) + data


def _postgresql_error(code: bytes, text: bytes) -> bytes:
    return _message(b"E", b"SFATAL\0C" + code + b"\0M" + text + b"\0\0")


def _packet(number: int, data: bytes) -> bytes:
    return struct.pack("<I", len(data))[:3] + bytes([number]) + data


def _packet_of(client: Client) -> tuple[int, bytes]:
    head = client.read(4)
    return head[3], client.read(int.from_bytes(head[:3], "little"))
