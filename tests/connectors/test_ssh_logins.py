"""SFTP is logged in to, by the machine's own ssh against a real sshd; skipped where none is installed."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pandium_tui.connectors import testing
from tests.connectors.asking import method_of
from tests.waiting import wait_for

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
PASSPHRASE = "canary 'pass' $phrase-1"
OPTIONS = testing.TestOptions(seconds=20, loopback_http=True)

# As root it would need an account of its own for separation, and one to log in to.
USABLE = SSHD is not None and os.geteuid() != 0
pytestmark = pytest.mark.skipif(not USABLE, reason="no sshd, or root: logins by ssh were NOT tested")


@dataclass
class Server:
    folder: Path
    port: str
    user: str

    @property
    def host_key(self) -> str:
        return (self.folder / "host_key.pub").read_text()

    def key(self, name: str) -> str:
        return (self.folder / name).read_text()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An sshd that lets in with the key ``known``, which has a passphrase."""
    assert SSHD is not None
    with tempfile.TemporaryDirectory(dir="/tmp") as name, socket.create_server(("127.0.0.1", 0)) as free:
        folder, port = Path(name), str(free.getsockname()[1])
        for file, phrase in (("host_key", ""), ("known", PASSPHRASE), ("unknown", "")):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", phrase, "-f", folder / file], check=True)
        config = folder / "config"
        config.write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {folder}/known.pub\nStrictModes no\nSubsystem sftp internal-sftp\n"
        )
        free.close()
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stderr=log)
            try:
                wait_for(lambda: answers(port) or None, "the sshd")
                yield Server(folder, port, getpass.getuser())
            finally:
                process.terminate()
                process.wait(10)


def answers(port: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def outcome(server: Server, **values: str) -> testing.TestOutcome:
    base = {"host": "localhost", "port": server.port, "username": server.user, "host_key": server.host_key}
    found = testing.test_connection(method_of("sftp", "ssh"), {**base, **values}, OPTIONS)
    assert "canary" not in found.words
    return found


def fingerprint(server: Server) -> str:
    listed = subprocess.run(["ssh-keygen", "-l", "-f", server.folder / "host_key.pub"], capture_output=True, check=True)
    return listed.stdout.decode().split()[1]


def test_a_key_with_a_passphrase_lets_in(server: Server) -> None:
    before = set(Path(tempfile.gettempdir()).glob("pandium-tui-*"))
    found = outcome(server, private_key=server.key("known"), private_key_passphrase=PASSPHRASE)
    words = f"logged in at localhost with the private key; host key {fingerprint(server)}"
    assert (found.status, found.words) == ("connected", words)
    assert set(Path(tempfile.gettempdir()).glob("pandium-tui-*")) <= before
    by_fingerprint = outcome(
        server, private_key=server.key("known"), private_key_passphrase=PASSPHRASE, host_key=fingerprint(server)
    )
    assert by_fingerprint.status == "connected"


def test_what_does_not_let_in_is_told(server: Server) -> None:
    found = outcome(server, private_key=server.key("unknown"), password="canary-no-such-password")
    assert (found.status, "does not accept the private key and password of" in found.words) == ("rejected", True)
    unopened = outcome(server, private_key=server.key("known"), private_key_passphrase="another")
    assert (unopened.status, "passphrase" in unopened.words) == ("rejected", True)


def test_another_host_key_is_told_and_nothing_is_sent(server: Server) -> None:
    seen = (server.folder / "log").read_text()
    for other in ("SHA256:" + "A" * 43, (server.folder / "known.pub").read_text()):
        found = outcome(server, private_key=server.key("unknown"), host_key=other)
        assert (found.status, "shows another host key" in found.words) == ("rejected", True)
        assert fingerprint(server) in found.words
    assert server.user not in (server.folder / "log").read_text()[len(seen) :]


def test_a_host_key_that_was_not_entered_is_told_and_found(server: Server) -> None:
    given = {"private_key": server.key("known"), "private_key_passphrase": PASSPHRASE}
    first = outcome(server, **given, host_key="")
    assert (first.status, "which nobody has compared yet" in first.words) == ("connected", True)
    assert first.found == {"host_key": fingerprint(server)}
    assert outcome(server, **given, **first.found).found == {}
