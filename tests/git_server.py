"""A git host on loopback that lets nobody in without the right user and token."""

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class GitHost(ThreadingHTTPServer):
    """Serves the bare repositories of a folder through ``git http-backend``, for fetch and push."""

    daemon_threads = True

    def __init__(self, folder: Path, username: str, token: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.expected = "Basic " + base64.b64encode(f"{username}:{token}".encode()).decode()
        self.seen: list[str | None] = []
        self.redirect_to: str | None = None
        self.on_entered: Any = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def repository(self, name: str) -> Path:
        """A new empty repository, as http-backend accepts pushes to."""
        folder = self.folder / name
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", folder], check=True)
        subprocess.run(["git", "-C", folder, "config", "http.receivepack", "true"], check=True)
        return folder


@contextmanager
def git_host(folder: Path, username: str = "x-access-token", token: str = "right") -> Iterator[GitHost]:
    """A host that is there while the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    host = GitHost(folder, username, token)
    thread = threading.Thread(target=host.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield host
    finally:
        host.shutdown()
        thread.join()
        host.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: GitHost

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *arguments: Any) -> None:
        pass

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        given = self.headers.get("Authorization")
        self.server.seen.append(given)
        if self.server.redirect_to:
            self.send_response(301)
            self.send_header("Location", self.server.redirect_to + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif given != self.server.expected:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            if self.server.on_entered:
                self.server.on_entered()
            self._run_backend(body)

    def _run_backend(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.server.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "HOME": os.devnull,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "REMOTE_USER": "tester",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
