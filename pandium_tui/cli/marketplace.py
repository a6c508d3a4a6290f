"""``pandium-tui marketplace …``."""

from pathlib import Path
from typing import Annotated

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import AsJson, print_record

app = typer.Typer(help="The marketplace of all published integrations.", no_args_is_help=True)


# Without a callback Typer would take the only command for the group itself.
@app.callback()
def marketplace() -> None:
    """The marketplace of all published integrations."""


@app.command()
def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Made when needed.")],
    as_json: AsJson = False,
) -> None:
    """Write listing.json and HTML pages of all published integrations; files of an earlier export are replaced."""
    from pandium_tui.hub.marketplace import export_marketplace

    with reported():
        print_record(export_marketplace(of(context).store, folder.absolute()), as_json)
