"""``pandium-tui serve``: the engine without a screen."""

import signal
import threading

import typer

from pandium_tui.cli.context import complain, of, reported
from pandium_tui.cli.output import AsJson, print_json

REPORT_INTERVAL = 1.0
"""Seconds between two looks at what troubles the engine."""


def serve(context: typer.Context, as_json: AsJson = False) -> None:
    """Fire schedules and work on runs and builds until SIGTERM or Ctrl+C. Runs that go on then go on."""
    with reported():
        here = of(context)
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        # A hung-up terminal is no reason to stop firing schedules.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with here.engine("serve", schedules=True) as engine:
            typer.echo(f"The engine works on {here.settings.home}. Stop it with Ctrl+C or SIGTERM.", err=True)
            if as_json:
                print_json({"engine": engine.id, "home": str(here.settings.home), "working": True})
            told: str | None = None
            while not stopping.wait(REPORT_INTERVAL):
                if engine.trouble != told and engine.trouble is not None:
                    complain(engine.trouble)
                told = engine.trouble
            if as_json:
                print_json({"engine": engine.id, "home": str(here.settings.home), "working": False})
        typer.echo("The engine has stopped. Runs that go on are recorded when it starts again.", err=True)
