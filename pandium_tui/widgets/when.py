"""Moments, spans of time and phases as the pages say them: with a word and a symbol, never by colour alone."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.text import Text

NOTHING = "\u2013"
"""What stands for a value that is not there."""

_MARKS = {
    "Queued": ("○", "yellow"),
    "Building": ("●", "cyan"),
    "Running": ("●", "cyan"),
    "Ready": ("✓", "green"),
    "Succeeded": ("✓", "green"),
    "Failed": ("✗", "red"),
    "Cancelled": ("⊘", "magenta"),
}


@dataclass(frozen=True, slots=True)
class When:
    """How moments are shown on a page: in the person's time zone, and as seen from ``now``."""

    now: datetime
    zone: ZoneInfo

    def moment(self, moment: datetime | None) -> str:
        """Date and time of day in the zone, to the second."""
        return NOTHING if moment is None else f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    def relative(self, moment: datetime | None) -> str:
        """``2 m ago``, ``in 3 h``. Nothing shorter than a minute, so that it need not be painted every second."""
        if moment is None:
            return NOTHING
        seconds = (moment - self.now).total_seconds()
        if abs(seconds) < 60:
            return "just now" if seconds <= 0 else "in < 1 m"
        return f"in {_coarse(seconds)}" if seconds > 0 else f"{_coarse(-seconds)} ago"

    def both(self, moment: datetime | None) -> str:
        """The moment with its zone, and how far away it is."""
        if moment is None:
            return NOTHING
        return f"{self.moment(moment)} {moment.astimezone(self.zone):%Z} ({self.relative(moment)})"

    def lasted(self, start: datetime | None, end: datetime | None) -> str:
        """How long something took; what goes on is said in whole minutes so far."""
        if start is None:
            return NOTHING
        if end is not None:
            return span((end - start).total_seconds())
        minutes = int((self.now - start).total_seconds() // 60)
        return f"{_coarse(minutes * 60)} so far" if minutes > 0 else "< 1 m so far"


def span(seconds: float) -> str:
    """A span of time in its two largest units: ``0.4 s``, ``42 s``, ``3 m 10 s``, ``2 h 5 m``, ``3 d 4 h``."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    for size, unit, below, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {unit}" + (f" {rest} {small}" if rest else "")
    return f"{whole} s"


def phase_words(phase: str) -> str:
    """A run's phase or a release's status with its symbol, such as ``✗ Failed (Timeout)``."""
    return f"{_mark(phase)[0]} {phase}"


def phase_text(phase: str) -> Text:
    """The same, coloured, for a table."""
    return Text(phase_words(phase), style=_mark(phase)[1])


def _mark(phase: str) -> tuple[str, str]:
    return _MARKS.get(phase.partition(" ")[0], ("?", ""))


def _coarse(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds // 60:.0f} m"
