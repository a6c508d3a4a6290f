"""``pandium-tui tenant move``: to another release, after its form was asked about the settings."""

from typing import Annotated

import typer

from pandium_tui.cli.context import FAILED, of, reported
from pandium_tui.cli.output import AsJson, print_records
from pandium_tui.hub import tenants
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.settings_form import Move, move_tenants

CHANNELS = {"default": "Default", "latest": "Latest"}

Target = Annotated[
    str, typer.Option("--to", metavar="RELEASE", help="Id of a release to pin them to, or Default or Latest to follow.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell whose settings the release does not take.")]


def move(
    context: typer.Context,
    tenant: Annotated[list[str], typer.Argument(metavar="TENANT...", help="Ids, or integration/tenant.")],
    to: Target,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Move tenants to another release, and tell whose settings it does not take.

    Values are kept: a tenant whose settings do not fit needs attention, and its runs are refused until then. Look
    first with --dry-run. Ends with 1 when one was not moved.
    """
    with reported():
        store = of(context).store
        ids = [tenants.tenant(store, reference).id for reference in tenant]
        moves = move_tenants(store, ids, _target(to), of(context).actor, dry_run=dry_run)
        print_records(
            moves,
            (
                ("tenant", lambda one: one.tenant_name),
                ("release", lambda one: one.release_name),
                ("moved", lambda one: one.moved),
                ("what", _what),
            ),
            as_json,
            empty="No tenants.",
        )
        if any(one.problem for one in moves):
            raise typer.Exit(FAILED)


def _target(to: str) -> int | str:
    if to.casefold() in CHANNELS:
        return CHANNELS[to.casefold()]
    if not (to.isascii() and to.isdecimal()):
        raise InvalidError({"--to": f"{to!r} is neither the id of a release nor {' or '.join(CHANNELS.values())}"})
    return int(to)


def _what(move: Move) -> str:
    if move.problem:
        return f"refused: {move.problem}"
    unused = f"no run gets {', '.join(move.unused)}" if move.unused else ""
    needed = f"needs attention: {'; '.join(move.refused)}" if move.refused else "its settings fit"
    return "; ".join(part for part in (needed, unused) if part)
