"""``pandium-tui manifest …``."""

from pathlib import Path
from typing import Annotated

import typer

from pandium_tui.cli.context import FAILED, reported
from pandium_tui.cli.output import AsJson, print_json
from pandium_tui.text import visible

app = typer.Typer(help="PANDIUM.yaml: check a file or a folder.", no_args_is_help=True)


@app.callback()
def manifests() -> None:
    """PANDIUM.yaml: check a file or a folder."""


@app.command()
def check(
    place: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", help="A file, or a repository's folder.")],
    path: Annotated[
        str | None, typer.Option(help="In a folder: where PANDIUM.yaml is, as the integration would say it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check PANDIUM.yaml: every problem with file, line and column. Ends with 1 when there is an error."""
    from pandium_tui.hub.manifests import check_manifest

    with reported():
        checked = check_manifest(place, path)
        if as_json:
            print_json(checked.problems)
        for problem in () if as_json else checked.problems:
            where = f"{checked.file}:{problem.line}:{problem.column}"
            typer.echo(visible(f"{where}: {problem.severity}: {problem.message}"))
        if any(problem.severity == "error" for problem in checked.problems):
            raise typer.Exit(FAILED)
