"""What the whole installation is doing, in one line at the bottom of every page."""

from typing import TYPE_CHECKING

from textual.widgets import Static

from pandium_tui.text import visible
from pandium_tui.widgets.when import When

if TYPE_CHECKING:
    from pandium_tui.hub.overview import Overview


class StatusLine(Static):
    """Scheduler, next fire, what runs and waits, and what failed. The app feeds it."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._line = ""

    def show(self, overview: "Overview", when: When, *, starting: bool = False) -> None:
        """Show these numbers; nothing is painted when they say the same as before.

        Args:
            overview: the numbers.
            when: how moments are told.
            starting: the engine of this app is to come and is not there yet.
        """
        line = status_words(overview, when, starting=starting)
        if line != self._line:
            self._line = line
            self.update(line, layout=False)


def status_words(overview: "Overview", when: When, *, starting: bool = False) -> str:
    """The line; words and symbols, so that it can be read without colours."""
    parts = [_scheduler_words(overview, when, starting)]
    if overview.held:
        parts.append(f"! {overview.held}")
    parts.append(f"{overview.running} running")
    parts.append(f"{overview.queued} queued")
    if overview.building:
        parts.append(f"{overview.building} building")
    parts.append(f"{'✗ ' if overview.failures_24h else ''}{overview.failures_24h} failed (24 h)")
    return " │ ".join(parts)


def _scheduler_words(overview: "Overview", when: When, starting: bool) -> str:
    if not overview.schedulers:
        return "○ Scheduler starts" if starting else "✗ Scheduler off: nothing fires"
    if overview.paused_by is not None:
        return f"‖ Paused by {visible(overview.paused_by)}: nothing fires"
    if overview.next_run is None:
        return "● Scheduler on"
    return f"● Scheduler on, next {when.relative(overview.next_run)}"
