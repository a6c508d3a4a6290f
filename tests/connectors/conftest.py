import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import pytest

from pandium_tui.connectors.catalogue import catalogue
from pandium_tui.connectors.definitions import Method

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Vendor:
    """A service on loopback: what it was asked, and how it answers."""

    answer: Answer
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def replying(status: int, body: bytes = b"{}", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


class StartVendor(Protocol):
    def __call__(self, answer: Answer, context: ssl.SSLContext | None = None) -> Vendor: ...


@pytest.fixture
def start_vendor() -> Iterator[StartVendor]:
    servers: list[tuple[ThreadingHTTPServer, Vendor, threading.Thread]] = []

    def start(answer: Answer, context: ssl.SSLContext | None = None) -> Vendor:
        vendor = Vendor(answer)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                vendor.requests.append((self.command, self.path, dict(self.headers)))
                # The client goes away when it has read enough.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    vendor.answer(self)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        vendor.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, vendor, thread))
        return vendor

    yield start
    for server, vendor, thread in servers:
        vendor.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


CRM = """
version: 1
connectors:
  - id: crm
    label: CRM
    methods:
      - id: token
        label: Token
        kind: static
        fields:
          - {name: base_url, label: Base URL, format: url}
          - {name: access_token, label: Access token, secret: true}
        inject: {base_url: BASE_URL, access_token: ACCESS_TOKEN}
        test:
          url: "{base_url}/me"
          credentials: {how: bearer, token: "{access_token}"}
          expect: [{path: ok, equals: true}]
          answers: [{path: error, one_of: [missing_scope], means: "accepted, right missing"}]
          said: error
      - id: header
        label: Header
        kind: static
        fields:
          - {name: base_url, label: Base URL, format: url}
          - {name: account, label: Account}
          - {name: api_key, label: API key, secret: true}
        inject: {api_key: API_KEY}
        test:
          method: POST
          url: "{base_url}/accounts/{account}/check?limit=1"
          headers: {Api-Version: "7"}
          json: {query: "{me}"}
          credentials: {how: header, name: X-Auth-Token, value: "{api_key}"}
"""


@pytest.fixture
def crm(tmp_path: Path) -> Callable[[str], Method]:
    """The methods of a connector that a user has defined."""
    (tmp_path / "crm.yaml").write_text(CRM)

    def method(method_id: str) -> Method:
        known = catalogue(tmp_path)
        assert known.problems == ()
        connector = known.find("crm")
        assert connector is not None
        found = connector.method(method_id)
        assert found is not None
        return found

    return method
