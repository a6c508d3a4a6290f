"""A fault of the program itself: what a person is shown of it, and the report with all that may be written down."""

import os
import platform
import re
import traceback
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pandium_tui import __version__
from pandium_tui.storage.times import to_text, utc_now

KEPT = 10
"""So many reports are kept, the newest ones."""
PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Crash:
    """What can be shown of a fault: neither the error's own words nor any value, for both may hold a secret."""

    error: str
    place: str
    report: str
    """Where the report is, or why there is none."""
    upgraded_to: str = ""
    """The version that replaced this one on the disk meanwhile, if one did."""
    page_failed: bool = False
    """Whether the page cannot be shown, so that the one before it is."""


def reported(error: BaseException, folder: Path, looking_at: str) -> Crash:
    """Write the report of an error (0600, without values of variables), and say what can be shown of it.

    Args:
        error: what was not caught.
        folder: where reports are kept; older ones than the newest ten are removed.
        looking_at: which pages were open; no names from outside.
    """
    file = folder / f"crash-{to_text(utc_now()).replace(':', '').replace('.', '-')}.txt"
    surroundings = (
        f"pandium-tui {__version__}, Textual {version('textual')}, Python {platform.python_version()}, "
        f"{platform.platform()}, TERM={os.environ.get('TERM', '')}\nOn: {looking_at}\n\n"
    )
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as text:
            text.write(surroundings)
            text.writelines(traceback.format_exception(error))
        for old in sorted(folder.glob("crash-*.txt"))[:-KEPT]:
            old.unlink(missing_ok=True)
        report = f"The report is in {file}."
    except OSError as problem:
        report = f"The report could not be written to {file}: {problem.strerror}."
    found = _version_on_disk()
    return Crash(type(error).__name__, _place(error), report, found if found != __version__ else "")


def _version_on_disk() -> str:
    """The version whose modules would be imported now."""
    try:
        text = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    except OSError:
        return __version__  # removed: what cannot be imported says so
    found = re.search(r'^__version__ = "([\w.+-]+)"', text, re.MULTILINE)
    return found[1] if found else __version__


def _place(error: BaseException) -> str:
    """The innermost line of the program's own on the way to the error."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(PACKAGE)]
    if not own:
        return "outside of its own modules"
    return f"{Path(own[-1].filename).relative_to(PACKAGE)}, line {own[-1].lineno}"
