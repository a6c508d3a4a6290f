"""``pandium-tui engine …``."""

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import AsJson, print_json
from pandium_tui.hub import pausing as hub
from pandium_tui.text import visible

app = typer.Typer(help="The engines of this installation: pause, resume, status.", no_args_is_help=True)


@app.command()
def pause(context: typer.Context, as_json: AsJson = False) -> None:
    """Fire no schedule and start no run until resumed; what runs goes on."""
    with reported():
        hub.pause_engines(of(context).store, of(context).actor)
        _tell(context, as_json)


@app.command()
def resume(context: typer.Context, as_json: AsJson = False) -> None:
    """Go on; each tenant catches up by the rule of its integration."""
    with reported():
        hub.resume_engines(of(context).store, of(context).actor)
        _tell(context, as_json)


@app.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Say whether the engines are paused, since when and by whom."""
    with reported():
        _tell(context, as_json)


def _tell(context: typer.Context, as_json: bool) -> None:
    found = hub.engines_pause(of(context).store)
    if as_json:
        print_json({"paused": found is not None, "since": found and found.since, "by": found and found.by})
    elif found is None:
        typer.echo("The engines are not paused.")
    else:
        typer.echo(f"Paused since {found.since:%Y-%m-%d %H:%M:%S} UTC by {visible(found.by)}.")
