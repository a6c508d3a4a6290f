"""``pandium-tui store …``."""

from pathlib import Path
from typing import Annotated

import typer

from pandium_tui.cli.context import complain, of, reported
from pandium_tui.cli.output import AsJson, print_record
from pandium_tui.hub import upkeep as hub

app = typer.Typer(help="The store and its folders: what they take up, what is old.", no_args_is_help=True)


@app.command()
def usage(context: typer.Context, as_json: AsJson = False) -> None:
    """Say what takes up the disk, in bytes."""
    with reported():
        print_record(hub.usage(of(context).store), as_json)


@app.command()
def prune(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove old runs, and the files of releases nobody can use, as an engine does every hour.

    The settings keep_run_days and keep_runs say what is kept.
    """
    with reported():
        print_record(hub.prune(of(context).store, of(context).actor, dry_run=dry_run), as_json)


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that is not there yet.")],
    as_json: AsJson = False,
) -> None:
    """Copy the store to a file, also while it is in use, and check the copy.

    Sealed values can only be opened with the vault's key, which is not in it: vault backup.
    """
    with reported():
        print_record(hub.back_up(of(context).store, file.absolute(), of(context).actor), as_json)


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A copy that store backup made.")],
    as_json: AsJson = False,
) -> None:
    """Put a copy in the place of the store, when no app and no engine uses it; keep what was there beside it.

    What was done since the copy was made is not in it: schedules may run again what they ran since.
    """
    with reported():
        done = hub.restore(of(context).settings, file.absolute(), of(context).actor)
        print_record(done, as_json)
        if done.vault_reason:
            complain(done.vault_reason)


@app.command()
def vacuum(context: typer.Context, as_json: AsJson = False) -> None:
    """Give back to the disk what deleted rows had taken up; sizes in bytes.

    Writers wait meanwhile. While an engine is at work it gives up after a few seconds and changes nothing.
    """
    with reported():
        print_record(hub.vacuum(of(context).store, of(context).actor), as_json)
