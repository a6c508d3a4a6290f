"""What a person is told when the other side does not behave."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pandium_tui.sources.errors import FetchCancelledError, SourceError, explained, without_credentials
from pandium_tui.sources.repositories import RepositoryCache


class Misbehaving(BaseHTTPRequestHandler):
    """The first part of the path says how to answer."""

    released = threading.Event()

    def do_GET(self) -> None:
        behaviour = self.path.split("/")[1]
        if behaviour == "silent":
            self.released.wait(30)
        elif behaviour == "drop":
            self.connection.close()
        elif behaviour == "page":
            self._answer(200, "text/html", b"<html>\n<body>Welcome</body>\n</html>\n")
        elif behaviour == "garbage":
            self._answer(200, "application/x-git-upload-pack-advertisement", b"\x1b[31mgarbage garbage")
        elif behaviour == "elsewhere":
            self._answer(302, "text/plain", b"", Location="file:///etc")
        elif behaviour == "401":
            self._answer(401, "text/plain", b"", **{"WWW-Authenticate": 'Basic realm="x"'})
        else:
            self._answer(int(behaviour), "text/plain", b"no")

    def _answer(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        Misbehaving.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses connections: taken, but nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def failure(folder: Path, url: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        RepositoryCache(folder / "cache", silence_limit=1).fetch(url)
    assert [path.suffix for path in (folder / "cache").iterdir()] == [".lock"]
    assert str(caught.value).isprintable()
    return caught.value


@pytest.mark.parametrize(
    ("behaviour", "kind", "words"),
    [
        ("401", "credentials", "wants credentials"),
        ("403", "credentials", "wants credentials"),
        ("404", "url", "no git repository at"),
        ("page", "url", "no git repository at"),
        ("garbage", "url", "no git repository at"),
        ("503", "network", "error: 503"),
        ("drop", "network", "Empty reply"),
        ("elsewhere", "url", "transport that is not allowed"),
        ("silent", "timeout", "did not answer: no sign of life for 1 seconds"),
    ],
)
def test_answers_of_a_web_server(server: str, tmp_path: Path, behaviour: str, kind: str, words: str) -> None:
    error = failure(tmp_path, f"http://{server}/{behaviour}/repo.git")
    assert error.kind == kind
    assert words in str(error)
    assert f"{server}/{behaviour}/repo.git" in str(error)


def test_the_user_name_is_not_repeated(server: str, tmp_path: Path) -> None:
    error = failure(tmp_path, f"http://ada-secret@{server}/401/repo.git")
    assert error.kind == "credentials"
    assert "ada-secret" not in str(error)


@pytest.mark.parametrize("scheme", ["http", "https", "ssh", "git"])
def test_nobody_listens(closed_port: int, tmp_path: Path, scheme: str) -> None:
    error = failure(tmp_path, f"{scheme}://127.0.0.1:{closed_port}/repo")
    assert error.kind == "network"
    assert f"{scheme}://127.0.0.1:{closed_port}/repo does not answer" in str(error)


@pytest.mark.parametrize("scheme", ["ssh", "git"])
def test_a_server_that_says_nothing(silent_port: int, tmp_path: Path, scheme: str) -> None:
    assert failure(tmp_path, f"{scheme}://127.0.0.1:{silent_port}/repo").kind == "timeout"


def processes_about(text: str) -> list[bytes]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            command = file.read_bytes()
            if text.encode() in command:
                found.append(command)
    return found


def test_nothing_is_left_running_after_cancel(silent_port: int, tmp_path: Path) -> None:
    address = f"127.0.0.1:{silent_port}/repo"

    def connected() -> bool:
        return any(b"git-remote-http" in command for command in processes_about(address))

    with pytest.raises(FetchCancelledError):
        RepositoryCache(tmp_path / "cache").fetch(f"http://{address}", cancelled=connected)
    deadline = time.monotonic() + 10
    while processes_about(address) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_about(address) == []


def test_a_plain_server_behind_https(server: str, tmp_path: Path) -> None:
    error = failure(tmp_path, f"https://{server}/404/repo.git")
    assert error.kind == "network"
    assert "No safe connection" in str(error)


def test_local_paths_without_a_repository(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("text")
    for name in ("nothing", "folder", "file"):
        error = failure(tmp_path / f"for-{name}", str(tmp_path / name))
        assert error.kind == "url"
        assert f"no git repository at {tmp_path / name}" in str(error)


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        (
            "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.",
            "credentials",
        ),
        ("remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://x/y/'", "credentials"),
        ("ERROR: Repository not found.\nfatal: Could not read from remote repository.", "url"),
        ("Host key verification failed.\nfatal: Could not read from remote repository.", "network"),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", "network"),
        ("fatal: unable to access 'https://x/': server certificate verification failed. CAfile: none", "network"),
        ("ssh: connect to host x port 22: Connection timed out\nfatal: Could not read from remote", "timeout"),
        ("fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output", "disk"),
        ("error: unable to write file code/main.py", "disk"),
        ("fatal: something nobody foresaw", "git"),
        ("", "git"),
    ],
)
def test_words_of_git_that_need_a_real_remote(stderr: str, kind: str) -> None:
    error = explained(stderr, "https://ada:pw@example.com/repo")
    assert error.kind == kind
    assert "pw" not in str(error).replace("https://example.com/repo", "")


def test_credentials_are_taken_out_of_any_text() -> None:
    text = "redirecting to https://ada:p@ss@example.com/a, then ssh://git@host/b and mail@example.com"
    assert without_credentials(text) == "redirecting to https://example.com/a, then ssh://host/b and mail@example.com"
