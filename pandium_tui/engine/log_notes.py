"""Notes in a build log before the build has a supervisor: what was fetched, checked out and found wrong."""

from pathlib import Path

from pandium_tui.engine.log_writer import sys_record


class LogNotes:
    """Appends notes to the log of a build; the supervisor goes on in the same file. Use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "log").open("ab")

    def note(self, text: str) -> None:
        """Write one line, time-stamped, as the program's own."""
        self._file.write(sys_record(text))
        self._file.flush()

    def __enter__(self) -> "LogNotes":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
