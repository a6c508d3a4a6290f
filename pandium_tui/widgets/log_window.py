"""A few thousand lines of a log around one place, however large the log is."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from pandium_tui.engine.logs import LogPage, LogReader
from pandium_tui.widgets.log_text import Line, shown_line

PAGE_BYTES = 64 * 1024
"""How much of the log one step reads."""

KEPT_LINES = 4000
"""The window drops what is far away as long as this many lines stay: more than a screen and a page can have."""

FAR_BEHIND = 1024 * 1024
"""Bytes that a following window skips rather than reads: a flood is not shown line by line."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the window that is read and dropped as a whole."""

    start: int
    end: int
    lines: tuple[Line, ...]


class LogWindow:
    """Consecutive lines, numbered: a line keeps its number while others come and go on both sides.

    No number is used twice: after the window was opened at another place, the old numbers are not in it.

    The file is read in a thread; the lines change only in the event loop. One reading call at a time, please.
    """

    def __init__(self, reader: LogReader) -> None:
        self.reader = reader
        self._pieces: deque[Piece] = deque([Piece(0, 0, ())])
        self._lines: deque[Line] = deque()
        self.first = 0
        """The number of the first line."""

    @property
    def after(self) -> int:
        """The number after the last line."""
        return self.first + len(self._lines)

    @property
    def start(self) -> int:
        """The place in the log where the window begins."""
        return self._pieces[0].start

    @property
    def end(self) -> int:
        """The place in the log where the window ends."""
        return self._pieces[-1].end

    @property
    def is_empty(self) -> bool:
        """Whether it has no lines."""
        return not self._lines

    def line(self, number: int) -> Line:
        """The line of a number from ``first`` to before ``after``."""
        return self._lines[number - self.first]

    def __contains__(self, number: int) -> bool:
        return self.first <= number < self.after

    def piece_of(self, number: int) -> tuple[Piece, int]:
        """The piece that holds a line, and the line's index in it; the nearest one of the window."""
        index = max(number - self.first, 0)
        for piece in self._pieces:
            if index < len(piece.lines):
                return piece, index
            index -= len(piece.lines)
        return self._pieces[-1], len(self._pieces[-1].lines)

    async def open_at(self, page: LogPage) -> None:
        """Show these records; ``first`` is the number of the first of them."""
        self._begin(await asyncio.to_thread(_piece, page))

    async def open_start(self) -> None:
        """Show the start of the log."""
        self._begin(await self._read(self.reader.read, 0))

    async def open_end(self) -> None:
        """Show the end of the log."""
        end = await asyncio.to_thread(self.reader.end)
        self._begin(await self._read(self.reader.read_before, end or 0))

    async def grow_back(self) -> bool:
        """Add what is before the window; False at the start of the log."""
        if self.start == 0:
            return False
        piece = await self._read(self.reader.read_before, self.start)
        if piece.start == piece.end:
            return False
        self._pieces.appendleft(piece)
        self._lines.extendleft(reversed(piece.lines))
        self.first -= len(piece.lines)
        while len(self._lines) - len(self._pieces[-1].lines) >= KEPT_LINES:
            for _ in self._pieces.pop().lines:
                self._lines.pop()
        return True

    async def grow_forward(self) -> bool:
        """Add what follows the window; False at the end of the log."""
        piece = await self._read(self.reader.read, self.end)
        if piece.start == piece.end:
            return False
        self._pieces.append(piece)
        self._lines.extend(piece.lines)
        while len(self._lines) - len(self._pieces[0].lines) >= KEPT_LINES:
            dropped = len(self._pieces.popleft().lines)
            for _ in range(dropped):
                self._lines.popleft()
            self.first += dropped
        return True

    async def catch_up(self, end: int) -> None:
        """Go to the end of the log, which is known to be at ``end``."""
        if end - self.end > FAR_BEHIND or end < self.end:
            await self.open_end()
            return
        while self.end < end and await self.grow_forward():  # not for ever: who writes may be faster
            pass

    def _begin(self, piece: Piece) -> None:
        self.first = self.after + 1
        self._pieces = deque([piece])
        self._lines = deque(piece.lines)

    async def _read(self, read: Callable[[int, int], LogPage], place: int) -> Piece:
        return await asyncio.to_thread(lambda: _piece(read(place, PAGE_BYTES)))


def _piece(page: LogPage) -> Piece:
    return Piece(page.start, page.end, tuple(map(shown_line, page.records)))
