"""``pandium-tui undo``: take back what was done last."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pandium_tui.cli.bulk import DryRun, print_changes
from pandium_tui.cli.context import complain, of, reported
from pandium_tui.cli.output import AsJson, print_records
from pandium_tui.storage.times import to_text

if TYPE_CHECKING:
    from pandium_tui.hub.undo import Act


def undo(
    context: typer.Context,
    listed: Annotated[
        bool, typer.Option("--list", help="Only list what can be undone, newest first; undo takes the first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Also what was done in the app, without asking.")] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Undo what you did last of what can be undone; the topic tenants says what that is.

    Asks before it undoes what was done in the app. Ends with 1 when something of it is refused: it was changed since.
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
                    ("by", lambda one: one.actor),
                ),
                as_json,
                empty="There is nothing to undo.",
            )
            return
        if not found:
            raise NotFoundError("There is nothing to undo.")
        if not (found[0].is_by_command or yes or dry_run):
            _ask(found[0])
        undone = hub.undo(store, found[0].act, actor, dry_run=dry_run)
        if not as_json:
            typer.echo(f"{'Would undo' if dry_run else 'Undoing'} {undone.act.what}:", err=True)
        print_changes(undone.changes, as_json)


def _ask(act: "Act") -> None:
    from pandium_tui.hub.errors import RefusedError

    told = f"{act.what} of {', '.join(act.names)}, {to_text(act.date)}, was done in the app."
    if not sys.stdin.isatty():
        raise RefusedError(f"{told} Give --yes to undo it all the same.")
    complain(told)
    if not typer.confirm("Undo it?", err=True):
        raise RefusedError("Nothing was undone.")
