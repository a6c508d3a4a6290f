"""``pandium-tui web``: the app in a browser, by textual-serve."""

import getpass
import importlib.util
import shlex
import socket
import sys
from typing import Annotated

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.hub.errors import RefusedError

LOCAL = "127.0.0.1"


def web(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8765,
    host: Annotated[
        str, typer.Option(help="Address to listen on; only this machine can reach the usual one.")
    ] = "127.0.0.1",
) -> None:
    """Show the app in a browser until Ctrl+C. Needs the extra `web`."""
    with reported():
        if importlib.util.find_spec("textual_serve") is None:
            raise RefusedError("The extra is not installed: pip install 'pandium-tui[web]'.")
        from pandium_tui.browser import BrowserServer

        here = of(context)
        here.store.close()  # opened and migrated here, so that what is wrong is told here and not in a browser
        command = shlex.join([sys.executable, "-m", "pandium_tui", "--home", str(here.settings.home)])
        server = BrowserServer(command, host, port)
        typer.echo(f"Open {server.address} in a browser; the address lets in whoever knows it.")
        if host == "127.0.0.1":
            typer.echo(
                f"From another machine first: ssh -L {port}:127.0.0.1:{port} {getpass.getuser()}@{socket.gethostname()}"
            )
        else:
            typer.echo(
                "Anybody between can read along: there is no TLS. An ssh tunnel to 127.0.0.1 is safer.", err=True
            )
        server.serve()
