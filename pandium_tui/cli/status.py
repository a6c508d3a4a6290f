"""``pandium-tui status``."""

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import AsJson, print_records


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Say what fails, what runs now, what fires next, and what will soon be in the way."""
    from pandium_tui.hub.cockpit import cockpit
    from pandium_tui.hub.looking import record_what_ended

    with reported():
        store = of(context).store
        record_what_ended(store)
        print_records(
            cockpit(store),
            (
                ("", lambda one: "!" if one.wrong else ""),
                ("what", lambda one: one.kind),
                ("of", lambda one: one.subject),
                ("how", lambda one: one.words),
                ("when", lambda one: one.date),
            ),
            as_json,
            empty="Nothing goes on.",
        )
