"""A log on a page: search, one stream of it or all, and taking it out of the app."""

import asyncio
from datetime import UTC, tzinfo
from pathlib import Path
from typing import ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.widgets import Input

from pandium_tui.engine.logs import LogPage
from pandium_tui.text import shortened, visible
from pandium_tui.widgets.key_words import key_of
from pandium_tui.widgets.log_search import COUNTED_BYTES, ERRORS, LogSearch
from pandium_tui.widgets.log_taking import TakingError, copy_of, save_log, show_in
from pandium_tui.widgets.log_window import LogWindow
from pandium_tui.widgets.marked_log import MarkedLog
from pandium_tui.widgets.outside_programs import NoProgramError, editor, pager

STREAMS = {None: "err", "err": "out", "out": None}
"""Which stream is shown after which; None is all."""


class LogView(MarkedLog):
    """A log of any size with all that can be done about it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, so that what is typed on at once over a slow line goes into the field and is no key of the log.
        Binding("slash", "search", "Search", priority=True, id="log.search", tooltip="Search the whole log"),
        Binding("w", "wrap", "Wrap", id="log.wrap", tooltip="Long lines on several rows, or cut"),
        Binding("n", "find(True)", "Next", show=False, id="log.next", tooltip="Next line with the text searched for"),
        Binding("N", "find(False)", "Previous", show=False, id="log.previous", tooltip="Previous line with the text"),
        Binding("E", "first_error", "Error", show=False, id="log.error", tooltip="First line that tells of an error"),
        Binding("F", "stream", "Stream", show=False, id="log.stream", tooltip="Only stderr, only stdout, or both"),
        Binding("y", "copy", "Copy", show=False, id="log.copy", tooltip="Copy what is marked, or the screen"),
        Binding("S", "save", "Save", show=False, id="log.save", tooltip="Write the log into a file"),
        Binding("P", "open('pager')", "Pager", show=False, id="log.pager", tooltip="The log in your $PAGER"),
        Binding("f4", "open('editor')", "Editor", show=False, id="log.editor", tooltip="The log in your $EDITOR"),
        Binding(
            "escape", "leave_search", "End search", show=False, id="log.leave", tooltip="Leave marks, then the search"
        ),
    ]

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        zone: tzinfo = UTC,
        calm: bool = False,
    ) -> None:
        super().__init__(id=id, zone=zone, calm=calm)
        self._search: LogSearch | None = None
        self._searching = self._search_words = self._count_words = ""
        self._asked: Literal["search", "file"] = "search"
        self._field = Input(compact=True)

    def compose(self) -> ComposeResult:
        """The frame, and the field that takes the bar's place."""
        yield from super().compose()
        yield self._field

    def on_mount(self) -> None:
        """The field is for when something is asked."""
        self._field.cursor_blink = False
        self._field.display = False

    def _ask(self, what: Literal["search", "file"], placeholder: str) -> None:
        self._asked = what
        self._bar.display = False
        self._field.value, self._field.placeholder = "", placeholder
        self._field.display = True
        self.screen.set_focus(self._field)

    def action_search(self) -> None:
        """Ask what to search for."""
        self._ask("search", "Search for … (Enter; empty to forget)")

    def action_save(self) -> None:
        """Ask for the file to write the log into."""
        self._ask("file", "Save to file … (Enter; Esc leaves)")

    @on(Input.Submitted)
    def take_answer(self, event: Input.Submitted) -> None:
        """What was asked for was entered."""
        event.stop()
        self._leave_field()
        if self._asked == "search":
            self.search_for(LogSearch(event.value) if event.value else None)
        elif event.value:
            self.save(Path(event.value).expanduser())

    def search_for(self, search: LogSearch | None, *, from_start: bool = False) -> None:
        """Search on from the first row on the screen, or from the start of the log."""
        self._search = search
        self.lines.pattern = self._search.pattern if self._search else None
        self.lines.current = None
        self._searching = self._search_words = self._count_words = ""
        self.lines.paint()
        self._show_bar()
        self.refresh_bindings()
        if self._search is not None:
            self.find(True, from_start=from_start)
            self.count_found(self._search)

    def action_first_error(self) -> None:
        """Go to the first line that tells of an error; the keys of a search go on from there."""
        self.search_for(LogSearch("errors", ERRORS), from_start=True)

    def action_find(self, forward: bool) -> None:
        """The next or previous line."""
        if self._search is None:
            self.action_search()
        else:
            self.find(forward)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is the page's while there are no marks and no search to leave; an open field takes the key itself."""
        if action == "search":
            return not self._field.display
        return action != "leave_search" or self._search is not None or self._field.display or bool(self.marked)

    def action_leave_search(self) -> None:
        """Close the field, else mark no line any more, else stop and forget the search."""
        if self._field.display:
            self._leave_field()
            return
        if self.marked:
            self.leave_marks()
            return
        self.workers.cancel_group(self, "search")
        self._search = self.lines.pattern = self.lines.current = None
        self._searching = ""
        self.lines.paint()
        self._show_bar()
        self.refresh_bindings()

    def _leave_field(self) -> None:
        self._field.display = False
        self._bar.display = True
        self.screen.set_focus(self.lines)

    @work(group="search", exclusive=True)
    async def find(self, forward: bool, *, from_start: bool = False) -> None:
        """Search on from the line found last, or from the screen; at the end (start) of the log go on at the other."""
        search, window, reader = self._search, self.lines.window, self._reader
        if search is None or window is None or reader is None:
            return
        current = self.lines.current
        seen = current is not None and current in window
        piece, index = window.piece_of(current if current is not None and seen else self.lines.top[0])
        if from_start:
            legs = [search.forward(reader, 0)]
        elif forward:
            legs = [search.forward(reader, piece.start, index + seen), search.forward(reader, 0)]
        else:
            legs = [search.back(reader, piece.end, len(piece.lines) - index), search.back(reader, self._end)]
        with self._errors_told():
            self._search_words = "not found"
            for leg, again in zip(legs, ("", " from the other end"), strict=False):
                async for page, found in leg:
                    if found is not None:
                        self._searching = ""
                        self._search_words = f"found{again}"
                        await self._show_found(page, found)
                        return
                    part = f"{100 * page.start // max(self._end, 1)} %"
                    self._searching = f"searching{again}, at {part}, {key_of(self, 'log.leave')} stops"
                    self._show_bar()
        self._searching = ""
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
            lines.show_match(number)
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

    # --- One stream of it ---------------------------------------------------------------------------------------------

    @work(group="move")
    async def action_stream(self) -> None:
        """Show another stream, or all, from the end on."""
        if self._reader is None:
            return
        async with self._reading():
            self._reader = self._reader.only(STREAMS[self._reader.stream])
            if self.lines.window is None:
                return
            self.lines.window, self.lines.current, self.following = LogWindow(self._reader), None, True
            await self._to_end(self._end)
        self._show_bar()

    # --- Taking it out ------------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Give the terminal's clipboard the marked lines, or what the mouse selected, or the lines on the screen."""
        taken = self.marked_text() or self.screen.get_selected_text() or self.lines.screen_text()
        if self.marked:
            self.leave_marks()
        self.app.copy_to_clipboard(taken)

    @work(group="save")
    async def save(self, file: Path) -> None:
        """Write the log, as much of it as is shown, into a new file."""
        if self._reader is None:
            return
        try:
            count = await asyncio.to_thread(save_log, self._reader, file)
        except TakingError as error:
            self.notify(visible(str(error)), severity="error", markup=False)
            return
        self.notify(visible(f"{count:,} {'line' if count == 1 else 'lines'} saved in {file}"), markup=False)

    @work(group="open", exclusive=True)
    async def action_open(self, kind: str) -> None:
        """Show the log in the person's pager or editor; the app waits."""
        if self._reader is None:
            return
        try:
            command = pager() if kind == "pager" else editor()
            async with copy_of(self._reader) as file:
                with self.app.suspend():
                    show_in(command, file)
        except (NoProgramError, TakingError, SuspendNotSupported) as error:
            self.notify(visible(str(error)), severity="error", markup=False)
        self.app.refresh()

    def _bar_words(self) -> list[str]:
        words = super()._bar_words()
        if self._reader is not None and self._reader.stream is not None:
            words.append(f"only {self._reader.stream}")
        if self._search is not None:
            found = [self._searching or self._search_words, self._count_words]
            needle = shortened(visible(self._search.needle), 24)
            words.append(f"/{needle} {', '.join(filter(None, found))}")
        return words
