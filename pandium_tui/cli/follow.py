"""Waiting for a run or build at the command line, with its log on stderr."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from pandium_tui.text import visible

if TYPE_CHECKING:
    from pandium_tui.engine.logs import LogReader, LogRecord

LOOK_INTERVAL = 0.2
"""Seconds between two looks."""

CHUNK = 1024 * 1024


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
    """Print the records of a log from an offset on; returns where the next record will begin."""
    while True:
        records, following = log.read(offset, CHUNK)
        for record in records:
            typer.echo(line_of(record), err=to_stderr)
        if following == offset:
            return offset
        offset = following


def line_of(record: "LogRecord") -> str:
    """A record of a log as a line for people."""
    return f"{record.time} {record.stream} {visible(record.text)}"
