"""``pandium-tui find``: what has this name or id."""

from typing import Annotated

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import AsJson, print_records
from pandium_tui.hub import search


def find(
    context: typer.Context,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="A part of a name, or an id; a kind may go before it: 'run 12'.")
    ],
    as_json: AsJson = False,
) -> None:
    """Find integrations, tenants, releases and runs by name or id, as Ctrl+P does in the app."""
    with reported():
        found = search.find(of(context).store, text)
    print_records(
        found,
        (
            ("kind", lambda one: one.kind),
            ("id", lambda one: one.id),
            ("name", lambda one: one.name),
            ("detail", lambda one: one.detail),
            ("archived", lambda one: one.archived),
        ),
        as_json,
        empty="Nothing has that name or id.",
    )
