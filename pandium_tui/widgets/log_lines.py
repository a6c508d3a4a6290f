"""Paints the part of a log that fits on the screen, line by line, and knows how to move about in it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import ClassVar, Literal

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from pandium_tui.widgets.log_text import Line
from pandium_tui.widgets.log_window import LogWindow

Place = tuple[int, int]
"""The number of a line, and the row of it (a wrapped line has several)."""

Times = Literal["clock", "elapsed", "off"]
"""How the time of a line is told: the time of day, how long after the log began, not at all."""

TIME_WIDTH = 9
STREAM_WIDTH = 5
WHEEL_ROWS = 3


class LogLines(Widget, can_focus=True):
    """The visible rows of a :class:`LogWindow`, from ``top`` on. Nothing of the log is taken for markup."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log-lines--dim",
        "log-lines--out",
        "log-lines--sys",
        "log-lines--match",
        "log-lines--current",
    }
    DEFAULT_CSS = """
    LogLines { height: 1fr; min-height: 1; }
    LogLines > .log-lines--dim { color: $text-muted; }
    LogLines > .log-lines--out { color: $text-success; }
    LogLines > .log-lines--sys { color: $text-warning; text-style: italic; }
    LogLines > .log-lines--match { text-style: reverse; }
    LogLines > .log-lines--current { text-style: reverse bold underline; }
    """

    @dataclass
    class Wheel(Message):
        """The mouse wheel asks to scroll by rows, down when positive."""

        rows: int

    class Resized(Message):
        """There is more or less room."""

    def __init__(self) -> None:
        super().__init__()
        self.zone: tzinfo = UTC
        self.window: LogWindow | None = None
        self.notice = "No log yet."
        self.top: Place = (0, 0)
        self.column = 0
        self.wrap = False
        self.times: Times = "clock"
        self.began: datetime | None = None
        """When the log began, for times that count from there."""
        self.pattern: re.Pattern[str] | None = None
        self.current: int | None = None
        self.marks: tuple[int, int] | None = None
        """The numbers of the line with which marking began, and of the one where it is now."""
        self._visible: list[Place] = []
        self._visible_size = self.size

    @property
    def text_width(self) -> int:
        """Columns left for the text of a line."""
        return max(self.size.width - STREAM_WIDTH - (0 if self.times == "off" else TIME_WIDTH), 10)

    def paint(self) -> None:
        """Paint what is to be seen from ``top`` on."""
        self._find_visible()
        self.refresh()

    def rows_of(self, number: int) -> list[str]:
        """The rows that a line of the window takes: one, or several when it is wrapped."""
        assert self.window is not None
        text = self.window.line(number).text
        if not self.wrap or len(text) * 2 <= self.text_width:
            return [text]
        return chop_cells(text, self.text_width) or [""]

    def moved(self, place: Place, by: int) -> Place:
        """The place so many rows further down (up, when negative), or the last (first) one of the window."""
        window = self.window
        assert window is not None
        number, row = place
        row += by
        while row < 0 and number > window.first:
            number -= 1
            row += len(self.rows_of(number))
        while row > 0 and row >= (rows := len(self.rows_of(number))):
            if number + 1 >= window.after:
                return number, rows - 1
            row -= rows
            number += 1
        return number, max(row, 0)

    def bottom(self) -> Place:
        """The top place with which the window's last row is the last on the screen."""
        window = self.window
        if window is None or window.is_empty:
            return (0, 0)
        last = window.after - 1
        return self.moved((last, len(self.rows_of(last)) - 1), 1 - max(self.size.height, 1))

    def settle(self) -> None:
        """Bring ``top`` back into bounds after lines or the width changed, and leave no empty rows below the end."""
        window = self.window
        if window is None or window.is_empty:
            self.top = (0, 0)
            return
        number = min(max(self.top[0], window.first), window.after - 1)
        self.top = min((number, min(self.top[1], len(self.rows_of(number)) - 1)), self.bottom())

    def widest(self) -> int:
        """Columns of the widest line on the screen."""
        if (window := self.window) is None:
            return 0
        return max((cell_len(window.line(number).text) for number, _ in self._visible if number in window), default=0)

    def seen(self) -> list[int]:
        """The numbers of the lines on the screen."""
        return [number for number, _ in self._visible if self.window is not None and number in self.window]

    def bring_in_sight(self, number: int) -> None:
        """Scroll no further than a line needs to be seen."""
        last = (number, len(self.rows_of(number)) - 1)
        if (number, 0) < self.top:
            self.top = (number, 0)
        elif last > self.moved(self.top, max(self.size.height, 1) - 1):
            self.top = self.moved(last, 1 - max(self.size.height, 1))

    def whole_line(self, number: int) -> str:
        """A line as it is on the screen, but not cut."""
        assert self.window is not None
        line = self.window.line(number)
        return "".join(segment.text for segment in self._prefix(line, 0, number)) + line.text

    def show_match(self, number: int) -> None:
        """Go sideways so far that the first match in a line is seen, if it is not."""
        assert self.window is not None
        text = self.window.line(number).text
        match = None if self.wrap or self.pattern is None else self.pattern.search(text)
        if match is None:
            return
        start, end = cell_len(text[: match.start()]), cell_len(text[: match.end()])
        # The last column has the sign that a line goes on.
        if start < self.column or end >= self.column + self.text_width:
            self.column = 0 if end < self.text_width else max(start - self.text_width // 3, 0)

    def render_line(self, y: int) -> Strip:
        """A row of the screen."""
        base = self.rich_style
        if self.size != self._visible_size:  # a new size is painted before anybody hears of it
            self._find_visible()
        if self.window is not None and y < len(self._visible) and self._visible[y][0] in self.window:
            strip = self._strip(*self._visible[y], y)
        elif y == 0 and not self._visible:
            strip = Strip([Segment(self.notice, self._style("dim"))])
        else:
            strip = Strip([])
        return strip.adjust_cell_length(self.size.width, base).apply_offsets(0, y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What the mouse selected, as it is on the screen."""
        return selection.extract(self.screen_text()), "\n"

    def screen_text(self) -> str:
        """What is on the screen, as text."""
        return "\n".join(self.render_line(y).text.rstrip() for y in range(self.size.height))

    def selection_updated(self, selection: Selection | None) -> None:
        """The mouse selected more or less."""
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Tell who knows how to fill the room."""
        self.post_message(self.Resized())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        event.stop()
        self.post_message(self.Wheel(WHEEL_ROWS))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel."""
        event.stop()
        self.post_message(self.Wheel(-WHEEL_ROWS))

    def _find_visible(self) -> None:
        self._visible, self._visible_size = self._rows_from(self.top), self.size

    def _rows_from(self, place: Place) -> list[Place]:
        window = self.window
        if window is None:
            return []
        number, row = place
        places: list[Place] = []
        while number in window and len(places) < self.size.height:
            places += [(number, one) for one in range(row, len(self.rows_of(number)))]
            number, row = number + 1, 0
        return places[: self.size.height]

    def _strip(self, number: int, row: int, y: int) -> Strip:
        assert self.window is not None
        line = self.window.line(number)
        rows = self.rows_of(number)
        styles = self._styles_of(line, number, sum(map(len, rows[:row])), rows[row])
        text = Strip(styles)
        if not self.wrap:
            cut = text.cell_length > self.column + self.text_width
            text = text.crop(self.column, self.column + self.text_width - cut)
            if cut:
                text = Strip([*text, Segment("…", self._style("dim"))])
        strip = Strip([*self._prefix(line, row, number), *text])
        if self.marks is not None and min(self.marks) <= number <= max(self.marks):
            return strip.apply_style(self.screen.get_component_rich_style("screen--selection"))
        return self._selected(strip, y)

    def _prefix(self, line: Line, row: int, number: int) -> list[Segment]:
        """Time of day, the stream with a ``+`` when its line goes on in its next record, and the found line's mark."""
        clock = "" if self.times == "off" else f"{self._time_of(line):<{TIME_WIDTH}}"
        stream = f"{line.stream}{'+' if line.continued else ' '}"
        if row:
            clock, stream = " " * len(clock), "    "
        mark = ">" if number == self.current and not row else " "
        return [Segment(clock + stream, self._style("dim")), Segment(mark, self.rich_style)]

    def _time_of(self, line: Line) -> str:
        try:
            moment = datetime.fromisoformat(line.time)
        except ValueError:
            return ""  # a note about the log that is not of any time
        if self.times == "clock" or self.began is None:
            return f"{moment.astimezone(self.zone):%H:%M:%S}"
        return _elapsed((moment - self.began).total_seconds())

    def _styles_of(self, line: Line, number: int, start: int, text: str) -> list[Segment]:
        """The text of a row, which begins at a character of its line, in the run's colours and with matches marked."""
        style = self._style(line.stream) if line.stream in ("out", "sys") else self.rich_style
        laid = [(from_, to, colour) for from_, to, colour in line.colours]
        if self.pattern is not None:
            found = self._style("current" if number == self.current else "match")
            # In the whole line: a match may go over the end of a row.
            laid += [(*match.span(), found) for match in self.pattern.finditer(line.text)]
        edges = {0, len(text)}
        for from_, to, _ in laid:
            edges |= {min(max(edge - start, 0), len(text)) for edge in (from_, to)}
        cuts = sorted(edges)
        return [
            Segment(text[left:right], sum((one for from_, to, one in laid if from_ <= left + start < to), style))
            for left, right in pairwise(cuts)
        ] or [Segment("", style)]

    def _selected(self, strip: Strip, y: int) -> Strip:
        selection = self.text_selection
        span = None if selection is None else selection.get_span(y)
        if span is None:
            return strip
        start, end = span
        end = strip.cell_length if end == -1 else min(end, strip.cell_length)
        if start >= end:
            return strip
        style = self.screen.get_component_rich_style("screen--selection")
        return Strip.join([strip.crop(0, start), strip.crop(start, end).apply_style(style), strip.crop(end)])

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"log-lines--{name}")


def _elapsed(seconds: float) -> str:
    """As narrow as the time of day: ``+0:07.4``, ``+12:07``, ``+3h12:07``."""
    minutes, rest = divmod(max(seconds, 0), 60)
    if minutes < 10:
        return f"+{minutes:.0f}:{int(rest * 10) / 10:04.1f}"
    hours, minutes = divmod(int(minutes), 60)
    return f"+{hours}h{minutes:02}:{int(rest):02}" if hours else f"+{minutes}:{int(rest):02}"
