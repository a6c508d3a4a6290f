"""Receivers of notifications on loopback: a web server and a mail server that keep what they get."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class WebServer:
    """A web server.

    Attributes:
        url: where it listens.
        status: with which it answers.
        headers: with which it answers.
        requests: what it got: path, headers, body.
    """

    url: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def web_server() -> Iterator[WebServer]:
    """A web server while the block runs."""
    kept = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.requests.append((self.path, dict(self.headers), body))
            self.send_response(kept.status)
            for name, value in kept.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.url = f"http://127.0.0.1:{server.server_port}/hook"
        with serving(server):
            yield kept


@dataclass
class MailServer:
    """A mail server without encryption; ``mails`` has envelopes and contents, ``logins`` what was signed in with."""

    port: int = 0
    refuses: bool = False
    mails: list[tuple[list[str], str]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A mail server while the block runs."""
    kept = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            recipients: list[str] = []
            self.say("220 fake")
            while line := self.rfile.readline().decode().strip():
                match line.split()[0].upper():
                    case "EHLO":
                        self.say("250-fake\r\n250 AUTH PLAIN")
                    case "AUTH":
                        kept.logins.append(line.split()[2])
                        self.say("535 no" if kept.refuses else "235 yes")
                    case "RCPT":
                        recipients.append(line.partition(":")[2])
                        self.say("250 yes")
                    case "DATA":
                        self.say("354 go on")
                        lines = []
                        while (text := self.rfile.readline().decode()) != ".\r\n":
                            lines.append(text)
                        kept.mails.append((recipients, "".join(lines)))
                        self.say("250 kept")
                    case "QUIT":
                        self.say("221 bye")
                        return
                    case _:
                        self.say("250 yes")

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        kept.port = server.server_address[1]
        with serving(server):
            yield kept


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    """The server at work in a thread."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
