"""``pandium-tui keys``: every action of the app, its keys and its name for config.toml."""

import sys

import typer

from pandium_tui.cli.context import WRONG_USAGE, of, reported
from pandium_tui.cli.output import AsJson, print_records
from pandium_tui.text import visible


def keys(context: typer.Context, as_json: AsJson = False) -> None:
    """List the actions of the app with their keys; exit status 2 when [keys] of config.toml has mistakes."""
    # Imported here: Textual and every screen.
    from pandium_tui.app import PandiumApp
    from pandium_tui.screens.actions import all_actions, problems_of

    with reported():
        chosen = of(context).settings.keys
    print_records(
        sorted(all_actions(PandiumApp, chosen).values(), key=lambda one: one.id),
        (
            ("action", lambda one: one.id),
            ("keys", lambda one: " ".join(one.keys)),
            ("where", lambda one: one.group),
            ("name", lambda one: one.name),
            ("does", lambda one: one.tooltip),
        ),
        as_json,
        empty="There are none.",
    )
    problems = problems_of(chosen, PandiumApp)
    for problem in problems:
        sys.stderr.write(f"pandium-tui: {visible(problem)}\n")
    if problems:
        raise typer.Exit(WRONG_USAGE)
