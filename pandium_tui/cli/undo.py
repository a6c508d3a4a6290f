"""``pandium-tui undo``: take back what was done last."""

from typing import Annotated

import typer

from pandium_tui.cli.bulk import DryRun, print_changes
from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import AsJson, print_records


def undo(
    context: typer.Context,
    listed: Annotated[
        bool, typer.Option("--list", help="Only list what can be undone, newest first; undo takes the first.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Undo your newest archive, restore, pause, resume, move or change of schedule options made by a command.

    Ends with 1 when something of it is refused: it was changed since.
    """
    from pandium_tui.hub import undo as hub
    from pandium_tui.hub.errors import NotFoundError

    with reported():
        store, actor = of(context).store, of(context).actor
        found = hub.acts(store, actor)
        if listed:
            print_records(
                found,
                (
                    ("when", lambda one: one.date),
                    ("what", lambda one: one.what),
                    ("of", lambda one: ", ".join(one.names)),
                ),
                as_json,
                empty="There is nothing to undo.",
            )
            return
        if not found:
            raise NotFoundError("There is nothing to undo.")
        undone = hub.undo(store, found[0].act, actor, dry_run=dry_run)
        if not as_json:
            typer.echo(f"{'Would undo' if dry_run else 'Undoing'} {undone.act.what}:", err=True)
        print_changes(undone.changes, as_json)
