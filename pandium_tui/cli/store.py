"""``pandium-tui store …``."""

from pathlib import Path
from typing import Annotated

import typer

from pandium_tui.cli.context import of, reported
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
