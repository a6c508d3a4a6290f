"""``pandium-tui demo``."""

from typing import TYPE_CHECKING, Annotated

import typer

from pandium_tui.cli.context import FAILED, Context, complain, of, reported
from pandium_tui.cli.output import AsJson, print_json
from pandium_tui.cli.release import wait_for_build
from pandium_tui.cli.run import wait_for_end, wait_for_start
from pandium_tui.hub import demo as hub
from pandium_tui.hub import runs
from pandium_tui.storage.records import Release, Run

if TYPE_CHECKING:
    from pandium_tui.engine.engine import Engine


def demo(
    context: typer.Context,
    headless: Annotated[bool, typer.Option("--headless", help="Only do it and say what happened.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try it: the bundled sample is built and run in a home folder of its own, then the app opens on it."""
    from pandium_tui.opening import open_app

    with reported():
        settings = hub.demo_settings(of(context).settings)
        hub.clear_demo_home(settings.home)
        here = Context(settings.home)
        typer.echo(f"The demo lives in {settings.home}.", err=as_json)
        steps: list[Release | Run] = []
        with here.engine("demo", schedules=False) as engine:
            story = hub.demo_story(
                here.store,
                here.actor,
                lambda release: wait_for_build(here, release),
                lambda trigger_id: _wait_for_run(here, trigger_id, engine),
            )
            for words, outcome in story:
                steps.append(outcome)
                typer.echo(_line(words, outcome), err=as_json)
        failure = hub.demo_failure(steps)
        if failure is not None:
            complain(f"The demo did not go as it should: {failure}.")
            raise typer.Exit(FAILED)
        if as_json:
            print_json({"home": str(settings.home), "steps": steps})
        typer.echo("All went well.", err=as_json)
        if not headless:
            raise typer.Exit(open_app(settings.home))


def _wait_for_run(here: Context, trigger_id: int, engine: "Engine") -> Run:
    run = wait_for_start(here, runs.trigger(here.store, trigger_id), engine, patient=True)
    assert run is not None
    return wait_for_end(here, run)


def _line(words: str, outcome: Release | Run) -> str:
    if isinstance(outcome, Release):
        return f"{words}: {outcome.name} is {outcome.status} ({outcome.toolchain})"
    return f"{words}: run {outcome.id} {outcome.phase}, state {outcome.state}"
