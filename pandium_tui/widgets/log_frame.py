"""The frame of a log: its lines and a bar that says where one is; it follows while the log grows, and moves about."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, tzinfo
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from pandium_tui.engine.logs import LogReader
from pandium_tui.text import visible
from pandium_tui.widgets.key_words import key_of
from pandium_tui.widgets.log_lines import LogLines, Times
from pandium_tui.widgets.log_window import LogWindow

FOLLOW_SECONDS = 0.25
"""How often a growing log is looked at, and so how often it is painted at most."""
CALM_FOLLOW_SECONDS = 1.0
"""The same with reduced motion."""

SIDEWAYS = 20

NEXT_TIMES: dict[Times, Times] = {"clock": "elapsed", "elapsed": "off", "off": "clock"}


class LogFrame(Vertical):
    """A log of any size. It starts at the end and follows; scrolling up pauses that, ``G`` takes it up again."""

    DEFAULT_CSS = """
    LogFrame { height: 1fr; }
    LogFrame > .log-bar { height: 1; background: $panel; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    LogFrame:focus-within > .log-bar { background: $primary; color: $text; text-style: bold; }
    """
    BINDING_GROUP_TITLE = "In a log"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("G,end", "follow", "Follow", id="log.follow", tooltip="To the end, and follow what comes"),
        Binding("T", "times", "Times", show=False, id="log.times", tooltip="Time of day, since the start, or none"),
        Binding("down,j", "scroll_rows(1)", "Down", show=False, id="log.down", tooltip="One row down"),
        Binding("up,k", "scroll_rows(-1)", "Up", show=False, id="log.up", tooltip="One row up; pauses following"),
        Binding(
            "pagedown,space", "scroll_pages(1)", "Page down", show=False, id="log.page_down", tooltip="A page down"
        ),
        Binding("pageup", "scroll_pages(-1)", "Page up", show=False, id="log.page_up", tooltip="A page up"),
        Binding("g,home", "top", "Top", show=False, id="log.top", tooltip="To the start of the log"),
        Binding("right", "sideways(1)", "Right", show=False, id="log.right", tooltip="See more of long lines"),
        Binding("left", "sideways(-1)", "Left", show=False, id="log.left", tooltip="Back to the start of the lines"),
    ]

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        zone: tzinfo = UTC,
        calm: bool = False,
    ) -> None:
        """A log whose times are of a zone; a ``calm`` one is painted less often while it grows."""
        super().__init__(id=id)
        self._calm = calm
        self.lines = LogLines()
        self.lines.zone = zone
        self.following = True
        self._reader: LogReader | None = None
        self._live = True
        self._end = 0
        self._bar_text = ""
        self._lock = asyncio.Lock()
        self._bar = Static("", classes="log-bar", markup=False)

    def compose(self) -> ComposeResult:
        """Lines and bar."""
        yield self.lines
        yield self._bar

    def on_mount(self) -> None:
        """Look at the log a few times a second while it can grow."""
        self._timer = self.set_interval(CALM_FOLLOW_SECONDS if self._calm else FOLLOW_SECONDS, self.look)
        self._show_bar()

    def show_log(self, reader: LogReader | None, *, live: bool) -> None:
        """Show a log from now on, or say that the log shown can grow or has got its end.

        Args:
            reader: taken the first time; None when there is nothing to read yet.
            live: somebody may still write to it.
        """
        self._reader = self._reader or reader
        changed, self._live = live != self._live, live
        self._timer.resume()
        self.look()
        if changed:
            self._show_bar()

    @work(group="look")
    async def look(self) -> None:
        """Show what has changed in the file."""
        reader = self._reader
        if reader is None or self._lock.locked():
            return
        async with self._reading():
            live = self._live
            end = await asyncio.to_thread(reader.end)
            await self._take_end(reader, end)
            if not live:
                self._timer.pause()
        self._show_bar()

    async def _take_end(self, reader: LogReader, end: int | None) -> None:
        lines = self.lines
        if not end:
            self._say_nothing_there(end)
        elif lines.window is None:
            lines.window = LogWindow(reader)
            await self._to_end(end)
        elif end != self._end and self.following:
            await self._to_end(end)
        self._end = end or 0

    async def _to_end(self, end: int) -> None:
        window = self.lines.window
        assert window is not None
        if end != window.end:
            await window.catch_up(end)
        while window.after - window.first < self.lines.size.height and await window.grow_back():
            pass
        self.lines.top = self.lines.bottom()
        self.lines.paint()

    def _say_nothing_there(self, end: int | None) -> None:
        if end is None:
            notice = "No log yet: it has not started."
            if self.lines.window is not None:
                notice = "The log was removed from the disk."
            elif not self._live:
                notice = "There is no log: nothing was started, or it was removed."
        else:
            notice = "Nothing printed so far." if self._live else "Nothing was printed."
        if self.lines.window is not None or notice != self.lines.notice:
            self.lines.window, self.lines.notice = None, notice
            self.lines.paint()

    @on(LogLines.Resized)
    def fit(self, event: LogLines.Resized) -> None:
        """The size of the screen changed."""
        event.stop()
        self._paint_again()
        if self.following:
            self.action_follow()

    def _paint_again(self) -> None:
        if self.following:
            self.lines.top = self.lines.bottom()
        else:
            self.lines.settle()
        self.lines.paint()
        self._show_bar()

    # --- Moving about -------------------------------------------------------------------------------------------------

    @on(LogLines.Wheel)
    def wheel(self, event: LogLines.Wheel) -> None:
        """The mouse wheel."""
        event.stop()
        self.scroll_by(event.rows)

    def action_scroll_rows(self, rows: int) -> None:
        """Scroll by rows, down when positive."""
        self.scroll_by(rows)

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll by screens less a row."""
        self.scroll_by(pages * max(self.lines.size.height - 1, 1))

    @work(group="move")
    async def scroll_by(self, rows: int) -> None:
        """Scroll by some screens at most; what is not in memory is read first. Going up pauses following."""
        async with self._reading():
            lines, window = self.lines, self.lines.window
            if window is None or window.is_empty:
                return
            while lines.top[0] - window.first < -rows and await window.grow_back():
                pass
            while window.after - lines.top[0] < rows + lines.size.height and rows > 0 and await window.grow_forward():
                pass
            top = min(lines.moved(lines.top, rows), lines.bottom())
            if top != lines.top:
                self.following = self.following and rows > 0
                lines.top = top
                lines.paint()
        self._show_bar()

    @work(group="move")
    async def action_top(self) -> None:
        """Go to the start of the log, which pauses following."""
        async with self._reading():
            if (window := self.lines.window) is None:
                return
            await window.open_start()
            while window.after - window.first < self.lines.size.height and await window.grow_forward():
                pass
            self.lines.top = (window.first, 0)
            self.following = self.lines.top >= self.lines.bottom()
            self.lines.paint()
        self._show_bar()

    @work(group="move")
    async def action_follow(self) -> None:
        """Go to the end of the log and follow it."""
        self.following = True
        async with self._reading():
            if self._reader is None or self.lines.window is None:
                return
            end = await asyncio.to_thread(self._reader.end)
            await self._to_end(end or 0)
        self._show_bar()

    def action_sideways(self, direction: int) -> None:
        """See more of lines that are cut."""
        most = max(self.lines.widest() - self.lines.text_width + 1, 0)
        column = 0 if self.lines.wrap else min(max(self.lines.column + direction * SIDEWAYS, 0), most)
        if column != self.lines.column:
            self.lines.column = column
            self.lines.paint()
            self._show_bar()

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self.lines.wrap = not self.lines.wrap
        self.lines.column = 0
        self._paint_again()

    @work(group="move")
    async def action_times(self) -> None:
        """Tell the time of each line another way."""
        lines, reader = self.lines, self._reader
        if lines.began is None and reader is not None:
            with self._errors_told():
                first = (await asyncio.to_thread(reader.only(None).read, 0)).records[:1]
                lines.began = next((datetime.fromisoformat(one.time) for one in first if one.time), None)
        lines.times = NEXT_TIMES[lines.times]
        self._paint_again()

    # --- What is said about it ----------------------------------------------------------------------------------------

    def _show_bar(self) -> None:
        """Say where one is; painted only when it says something else."""
        text = " │ ".join(self._bar_words())
        if text != self._bar_text:
            self._bar_text = text
            self._bar.update(Content(text), layout=False)

    def _bar_words(self) -> list[str]:
        words = ["Log"]
        window = self.lines.window
        if window is not None and self._end:
            if self.following:
                words.append("▼ follows" if self._live else "■ end")
            else:
                onwards = f"{key_of(self, 'log.follow')} {'follows' if self._live else 'goes to the end'}"
                words.append(f"‖ {self._percent(window)} %, {onwards}")
            words.append(_size(self._end))
        if self.lines.wrap:
            words.append("wrapped")
        if self.lines.column:
            words.append(f"→ from column {self.lines.column + 1}")
        return words

    def _percent(self, window: LogWindow) -> int:
        """How much of the log is above the screen."""
        piece, index = window.piece_of(self.lines.top[0])
        place = piece.start + (piece.end - piece.start) * index // max(len(piece.lines), 1)
        return 100 * place // self._end

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[None]:
        """One change of the window at a time."""
        async with self._lock:
            with self._errors_told():
                yield

    @contextmanager
    def _errors_told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.lines.window = None
            self.lines.notice = f"The log cannot be read: {visible(error.strerror or str(error))}."
            self.lines.paint()


def _size(count: int) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count} {unit}"
        count //= 1000
    return f"{count} GB"
