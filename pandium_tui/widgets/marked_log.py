"""A log in which lines can be marked by keys, to be copied."""

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from pandium_tui.widgets.key_words import key_of
from pandium_tui.widgets.log_frame import LogFrame


class MarkedLog(LogFrame):
    """A log with a key that begins to mark whole lines; moving on marks more, or fewer.

    Lines are marked as far as they are in memory, some thousand: more than a terminal takes for its clipboard.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "mark", "Mark", show=False, id="log.mark", tooltip="Mark lines to copy, by moving up and down"),
    ]

    @property
    def marked(self) -> range:
        """The numbers of the lines that are marked; empty when none are, or when the log was left for another part."""
        window, ends = self.lines.window, self.lines.marks
        if window is None or ends is None or ends[1] not in window:
            return range(0)
        return range(max(min(ends), window.first), min(max(ends) + 1, window.after))

    def action_mark(self) -> None:
        """Mark the line that was found, else the last one on the screen; once more, mark none."""
        lines = self.lines
        seen = lines.seen()
        if self.marked or not seen:
            self.leave_marks()
            return
        first = lines.current if lines.current in seen else seen[-1]
        self.following = False
        self._mark(first, first)

    def leave_marks(self) -> None:
        """Mark none any more."""
        self.lines.marks = None
        self._marks_changed()

    def marked_text(self) -> str:
        """The lines that are marked, whole; empty when none are."""
        return "\n".join(map(self.lines.whole_line, self.marked))

    def action_scroll_rows(self, rows: int) -> None:
        """Mark up to so many lines further on; scroll when none are marked."""
        if self.marked:
            self._extend(rows)
        else:
            super().action_scroll_rows(rows)

    def action_scroll_pages(self, pages: int) -> None:
        """The same by screens."""
        if self.marked:
            self._extend(pages * max(self.lines.size.height - 1, 1))
        else:
            super().action_scroll_pages(pages)

    @work(group="move")
    async def _extend(self, by: int) -> None:
        async with self._reading():
            lines, window = self.lines, self.lines.window
            if window is None or lines.marks is None or not self.marked:
                return
            start, end = lines.marks
            while end + by < window.first and await window.grow_back():
                pass
            while end + by >= window.after and await window.grow_forward():
                pass
            end = min(max(end + by, window.first), window.after - 1)
            lines.bring_in_sight(end)
            self._mark(start, end)

    def _mark(self, start: int, end: int) -> None:
        self.lines.marks = (start, end)
        self._marks_changed()

    def _marks_changed(self) -> None:
        self.lines.paint()
        self._show_bar()
        self.refresh_bindings()

    def _bar_words(self) -> list[str]:
        words = super()._bar_words()
        if marked := len(self.marked):
            lines = "1 line" if marked == 1 else f"{marked:,} lines"
            words.append(f"{lines} marked, {key_of(self, 'log.copy')} copies")
        return words
