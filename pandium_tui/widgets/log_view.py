"""A log on a page: its lines, a bar that says where one is, search; it follows while the log grows."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, tzinfo
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from pandium_tui.engine.logs import LogPage, LogReader
from pandium_tui.text import shortened, visible
from pandium_tui.widgets.log_lines import LogLines
from pandium_tui.widgets.log_search import COUNTED_BYTES, LogSearch
from pandium_tui.widgets.log_window import LogWindow

FOLLOW_SECONDS = 0.25
"""How often a growing log is looked at, and so how often it is painted at most."""

SIDEWAYS = 20


class LogView(Vertical):
    """A log of any size. It starts at the end and follows; scrolling up pauses that, ``G`` takes it up again."""

    DEFAULT_CSS = """
    LogView { height: 1fr; }
    LogView > .log-bar { height: 1; background: $panel; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    LogView:focus-within > .log-bar { background: $primary; color: $text; text-style: bold; }
    """
    BINDING_GROUP_TITLE = "In a log"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("G,end", "follow", "Follow", id="log.follow", tooltip="To the end, and follow what comes"),
        # With priority, so that what is typed on at once over a slow line goes into the field and is no key of the log.
        Binding("slash", "search", "Search", priority=True, id="log.search", tooltip="Search the whole log"),
        Binding("w", "wrap", "Wrap", id="log.wrap", tooltip="Long lines on several rows, or cut"),
        Binding("n", "find(True)", "Next", show=False, id="log.next", tooltip="Next line with the text searched for"),
        Binding("N", "find(False)", "Previous", show=False, id="log.previous", tooltip="Previous line with the text"),
        Binding("T", "times", "Times", show=False, id="log.times", tooltip="Time of each line on or off"),
        Binding("down,j", "scroll_rows(1)", "Down", show=False, id="log.down", tooltip="One row down"),
        Binding("up,k", "scroll_rows(-1)", "Up", show=False, id="log.up", tooltip="One row up; pauses following"),
        Binding(
            "pagedown,space", "scroll_pages(1)", "Page down", show=False, id="log.page_down", tooltip="A page down"
        ),
        Binding("pageup", "scroll_pages(-1)", "Page up", show=False, id="log.page_up", tooltip="A page up"),
        Binding("g,home", "top", "Top", show=False, id="log.top", tooltip="To the start of the log"),
        Binding("right", "sideways(1)", "Right", show=False, id="log.right", tooltip="See more of long lines"),
        Binding("left", "sideways(-1)", "Left", show=False, id="log.left", tooltip="Back to the start of the lines"),
        Binding(
            "escape", "leave_search", "End search", show=False, id="log.leave", tooltip="Stop or forget the search"
        ),
    ]

    def __init__(self, *, id: str | None = None, zone: tzinfo = UTC) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.lines = LogLines()
        self.lines.zone = zone
        self.following = True
        self._reader: LogReader | None = None
        self._live = True
        self._end = 0
        self._search: LogSearch | None = None
        self._search_words = self._count_words = ""
        self._bar_text = ""
        self._lock = asyncio.Lock()
        self._bar = Static("", classes="log-bar", markup=False)
        self._field = Input(placeholder="Search for … (Enter; empty to forget)", compact=True)

    def compose(self) -> ComposeResult:
        """Lines, bar, and the search field that takes the bar's place."""
        yield self.lines
        yield self._bar
        yield self._field

    def on_mount(self) -> None:
        """Look at the log four times a second while it can grow."""
        self._field.cursor_blink = False
        self._field.display = False
        self._timer = self.set_interval(FOLLOW_SECONDS, self.look)
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

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self.lines.wrap = not self.lines.wrap
        self.lines.column = 0
        self._paint_again()

    def action_times(self) -> None:
        """Show the time of each line, or not."""
        self.lines.times = not self.lines.times
        self._paint_again()

    # --- Search -------------------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Ask what to search for."""
        self._bar.display = False
        self._field.value = ""
        self._field.display = True
        self.screen.set_focus(self._field)

    @on(Input.Submitted)
    def search_for(self, event: Input.Submitted) -> None:
        """Search for what was entered from the first row on the screen on."""
        event.stop()
        self._leave_field()
        self._search = LogSearch(event.value) if event.value else None
        self.lines.pattern = self._search.pattern if self._search else None
        self.lines.current = None
        self._search_words = self._count_words = ""
        self.lines.paint()
        self._show_bar()
        if self._search is not None:
            self.find(True)
            self.count_found(self._search)

    def action_find(self, forward: bool) -> None:
        """The next or previous line."""
        if self._search is None:
            self.action_search()
        else:
            self.find(forward)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is the page's as long as there is no search to leave; a field that is open takes the key itself."""
        if action == "search":
            return not self._field.display
        return action != "leave_search" or self._search is not None or self._field.display

    def action_leave_search(self) -> None:
        """Close the field, else stop and forget the search."""
        if self._field.display:
            self._leave_field()
            return
        self.workers.cancel_group(self, "search")
        self._search = self.lines.pattern = self.lines.current = None
        self.lines.paint()
        self._show_bar()

    def _leave_field(self) -> None:
        self._field.display = False
        self._bar.display = True
        self.screen.set_focus(self.lines)

    @work(group="search", exclusive=True)
    async def find(self, forward: bool) -> None:
        """Search on from the line found last, or from the screen; at the end (start) of the log go on at the other."""
        search, window, reader = self._search, self.lines.window, self._reader
        if search is None or window is None or reader is None:
            return
        current = self.lines.current
        seen = current is not None and current in window
        piece, index = window.piece_of(current if current is not None and seen else self.lines.top[0])
        if forward:
            legs = [search.forward(reader, piece.start, index + seen), search.forward(reader, 0)]
        else:
            legs = [search.back(reader, piece.end, len(piece.lines) - index), search.back(reader, self._end)]
        with self._errors_told():
            self._search_words = "not found"
            for leg, again in zip(legs, ("", " from the other end"), strict=True):
                async for page, found in leg:
                    if found is not None:
                        self._search_words = f"found{again}"
                        await self._show_found(page, found)
                        return
                    self._show_bar(f"searching{again}, at {100 * page.start // max(self._end, 1)} %, Esc stops")
        self._show_bar()

    async def _show_found(self, page: LogPage, index: int) -> None:
        """Show a record that was found in the upper third of the screen."""
        async with self._reading():
            lines, window = self.lines, self.lines.window
            if window is None:
                return
            above = lines.size.height // 3
            await window.open_at(page)
            number = window.first + index
            while number - window.first < above and await window.grow_back():
                pass
            while window.after - number < lines.size.height and await window.grow_forward():
                pass
            lines.current = number
            lines.top = min(lines.moved((number, 0), -above), lines.bottom())
            self.following = False
            lines.paint()
        self._show_bar()

    @work(group="count", exclusive=True)
    async def count_found(self, search: LogSearch) -> None:
        """Say how many lines have the text, when the log is small enough to tell at once."""
        if self._reader is None or self._end > COUNTED_BYTES:
            return
        with self._errors_told():
            count = await search.count(self._reader)
            if search is self._search:
                self._count_words = "1 line" if count == 1 else f"{count:,} lines" if count else ""
                self._show_bar()

    # --- What is said about it ----------------------------------------------------------------------------------------

    def _show_bar(self, searching: str = "") -> None:
        """Say where one is; painted only when it says something else."""
        text = " │ ".join(self._bar_words(searching))
        if text != self._bar_text:
            self._bar_text = text
            self._bar.update(Content(text), layout=False)

    def _bar_words(self, searching: str) -> list[str]:
        words = ["Log"]
        window = self.lines.window
        if window is not None and self._end:
            if self.following:
                words.append("▼ follows" if self._live else "■ end")
            else:
                words.append(f"‖ {self._percent(window)} %, {'G follows' if self._live else 'G goes to the end'}")
            words.append(_size(self._end))
        if self.lines.wrap:
            words.append("wrapped")
        if self._search is not None:
            found = [searching or self._search_words, self._count_words]
            needle = shortened(visible(self._search.needle), 24)
            words.append(f"/{needle} {', '.join(filter(None, found))}")
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
