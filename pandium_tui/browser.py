"""The app in a browser: textual-serve, closed to everybody who does not know the address that was printed.

textual-serve lets in whoever reaches the port, and that is any web page open in the person's browser too: its script
may open a WebSocket to 127.0.0.1 and press keys. So the address carries a secret, which becomes a cookie, and a
WebSocket is taken only from our own page (RFC 6455, 10.2).
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web
from textual_serve.server import Server

COOKIE = "pandium-tui"
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:"
"""What the page may load: only what is served here, where textual-serve's own asks a font of another host."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BrowserServer(Server):
    """A server of the app for one person.

    Args:
        command: what starts the app, for a shell.
        host: the address to listen on.
        port: the port to listen on.
        public_url: what a browser calls it, scheme and host and port; no path.
    """

    def __init__(self, command: str, host: str, port: int, public_url: str) -> None:
        super().__init__(command, host, port, title="pandium-tui", public_url=public_url)
        self._secret = secrets.token_urlsafe(24)
        self._policy = f"{POLICY}; connect-src 'self' {self.public_url.replace('http', 'ws', 1)}"

    @property
    def address(self) -> str:
        """Where a browser finds the app; whoever knows it is let in."""
        return f"{self.public_url}/?key={self._secret}"

    def initialize_logging(self) -> None:
        """None: the server's own would print local variables with each fault."""

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: who started it says where it is."""

    async def _make_app(self) -> web.Application:
        app: web.Application = await super()._make_app()
        app.middlewares.append(self._guard)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._is(request.query.get("key", "")):
            entrance = web.HTTPFound("/")
            secure = self.public_url.startswith("https:")
            entrance.set_cookie(COOKIE, self._secret, httponly=True, samesite="Strict", secure=secure)
            raise entrance
        if not self._is(request.cookies.get(COOKIE, "")):
            raise web.HTTPForbidden(text="Open the address that pandium-tui web has printed.")
        if request.path == "/ws" and request.headers.get("Origin") != self.public_url:
            raise web.HTTPForbidden(text="Another page's WebSocket.")
        answer = await handler(request)
        if not answer.prepared:  # the WebSocket has answered already
            answer.headers["Content-Security-Policy"] = self._policy
        return answer

    def _is(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._secret.encode())
