"""Taking a log out of the app, into a file or another program, as the plain lines that the command line prints."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pandium_tui.engine.logs import LogReader, plain_line

CHUNK = 1024 * 1024
"""Bytes read at once."""


class TakingError(Exception):
    """The log could not be taken out; the message says why and what to do."""


def save_log(reader: LogReader, file: Path) -> int:
    """Write a log into a new file that only its owner can read; how many lines it has.

    Raises:
        TakingError: there is such a file, or it cannot be written.
    """
    count = place = 0
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            while True:
                page = reader.read(place, CHUNK)
                stream.writelines(f"{plain_line(record)}\n" for record in page.records)
                count += len(page.records)
                if page.end == place:
                    return count
                place = page.end
    except FileExistsError:
        raise TakingError(f"{file} is there already: give another name.") from None
    except OSError as error:
        raise TakingError(f"{file} cannot be written: {error.strerror}.") from error


@asynccontextmanager
async def copy_of(reader: LogReader) -> AsyncIterator[Path]:
    """A file with the log that nobody else can read, for as long as it is looked at.

    Raises:
        TakingError: it cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="pandium-tui-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "log.txt"
        await asyncio.to_thread(save_log, reader, file)
        yield file


def show_in(command: list[str], file: Path) -> None:
    """Show a file in a program; returns when that has ended.

    Raises:
        TakingError: the program cannot be started.
    """
    try:
        subprocess.call([*command, str(file)])
    except OSError as error:
        raise TakingError(f"{command[0]} cannot be started: {error.strerror}.") from error
