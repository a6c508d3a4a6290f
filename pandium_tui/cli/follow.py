"""Waiting for a run or build at the command line, with its log on stderr."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from pandium_tui.engine.logs import LogReader

LOOK_INTERVAL = 0.2
"""Seconds between two looks."""

CHUNK = 1024 * 1024


LogStream = Annotated[
    Literal["err", "out"] | None, typer.Option("--stream", help="Only this stream, with the notes about the run.")
]


def follow_log(log: "LogReader", ended: Callable[[], bool], *, to_stderr: bool) -> None:
    """Print the records of a log as they come, until ``ended`` says so and all is printed."""
    offset = 0
    while True:
        last_look = ended()
        offset = print_log(log, offset, to_stderr=to_stderr)
        if last_look:
            return
        time.sleep(LOOK_INTERVAL)


def print_log(log: "LogReader", offset: int, *, to_stderr: bool) -> int:
    """Print the records of a log from a place on; returns where the next record will begin."""
    from pandium_tui.engine.logs import plain_line

    while True:
        page = log.read(offset, CHUNK)
        for record in page.records:
            typer.echo(plain_line(record), err=to_stderr)
        if page.end == offset:
            return offset
        offset = page.end


def log_records(log: "LogReader") -> list[dict[str, object]]:
    """The whole log as records for JSON."""
    place, records = 0, []
    while True:
        page = log.read(place, CHUNK)
        records += [record._asdict() for record in page.records]
        if page.end == place:
            return records
        place = page.end
