"""Showing a secret value at the command line: on a terminal, after a question."""

import sys

import typer

from pandium_tui.cli.context import Context
from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.revealing import SecretPlace, check_reveal, reveal
from pandium_tui.text import visible, visible_block


def refuse_off_terminal() -> None:
    """Refuse where what is printed would be kept or read by a program.

    Raises:
        RefusedError: stdin or stdout is no terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise RefusedError("A secret is shown on a terminal only, never written into a file or a pipe.")


def reveal_on_terminal(here: Context, place: SecretPlace, whose: str) -> None:
    """Show it after a yes; ``whose`` says what it belongs to. It is written into the activity; the value is not.

    Raises:
        RefusedError: the configuration forbids it, nothing was entered, or the answer was no.
        VaultError: it cannot be opened.
    """
    check_reveal(here.store, place)
    typer.echo(visible(f"{place.field} of {whose} will stand here in plain text, where scrollback keeps it."))
    if not typer.confirm("Show it?"):
        raise RefusedError("Nothing was shown.")
    typer.echo(visible_block(reveal(here.store, place, here.actor).reveal()))
