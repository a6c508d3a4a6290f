"""One change to several: ``--dry-run``, and how what came of it is printed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from pandium_tui.cli.context import FAILED
from pandium_tui.cli.output import print_records

if TYPE_CHECKING:
    from pandium_tui.hub.bulk import Change

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would change for each, and what is refused.")]


def print_changes(changes: Sequence["Change"], as_json: bool) -> None:
    """Print what was done to each, or would be; ends with 1 when something is refused."""
    print_records(
        changes,
        (
            ("name", lambda one: one.name),
            ("done", lambda one: one.done),
            ("what", _what),
        ),
        as_json,
        empty="Nothing to change.",
    )
    if any(one.problem for one in changes):
        raise typer.Exit(FAILED)


def _what(one: "Change") -> str:
    if one.problem:
        return one.problem if one.done else f"refused: {one.problem}"
    return "; ".join([one.effect, *one.attention])
