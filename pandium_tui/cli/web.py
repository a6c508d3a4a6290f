"""``pandium-tui web``: the app in a browser, by textual-serve."""

import getpass
import importlib.util
import shlex
import socket
import sys
from typing import Annotated
from urllib.parse import urlsplit

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.hub.errors import RefusedError

LOCAL = "127.0.0.1"
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - what is refused without the address
"""Listened on, each means all addresses of the machine; none is one."""


def web(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8765,
    host: Annotated[str, typer.Option(help="Address to listen on; only this machine can reach the usual one.")] = LOCAL,
    public_url: Annotated[
        str | None,
        typer.Option(help="What the browser calls it, where that differs: http://localhost:9000, https://pan.example."),
    ] = None,
) -> None:
    """Show the app in a browser until Ctrl+C. Needs the extra `web`."""
    with reported():
        address = _public_url(host, port, public_url)
        if importlib.util.find_spec("textual_serve") is None:
            raise RefusedError("The extra is not installed: pip install 'pandium-tui[web]'.")
        from pandium_tui.browser import BrowserServer

        here = of(context)
        here.store.close()  # opened and migrated here, so that what is wrong is told here and not in a browser
        command = shlex.join([sys.executable, "-m", "pandium_tui", "--home", str(here.settings.home)])
        server = BrowserServer(command, host, port, address)
        typer.echo(f"Open {server.address} in a browser; the address lets in whoever knows it.")
        if host == LOCAL:
            here_port = urlsplit(address).port or port
            tunnel = f"{here_port}:{LOCAL}:{port} {getpass.getuser()}@{socket.gethostname()}"
            typer.echo(f"From another machine first: ssh -L {tunnel}")
        elif not address.startswith("https:"):
            typer.echo(f"Anybody between can read along: there is no TLS. An ssh tunnel to {LOCAL} is safer.", err=True)
        server.serve()


def _public_url(host: str, port: int, given: str | None) -> str:
    if given is None:
        if host in EVERYWHERE:
            raise RefusedError(f"A browser cannot open {host}: say --public-url http://NAME:{port} too.")
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    try:
        parts = urlsplit(given.rstrip("/"))
        whole = parts.port != 0 and parts.scheme in ("http", "https") and parts.hostname
    except ValueError:  # no port, or no address in the brackets
        whole = None
    if not whole or parts.path or parts.query or parts.fragment:
        raise RefusedError(f"--public-url {given}: give scheme, host and port only, as in https://pandium.example.com.")
    return f"{parts.scheme}://{parts.netloc}"
