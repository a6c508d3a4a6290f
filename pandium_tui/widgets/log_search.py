"""Search through a whole log, a page at a time, so that it can be stopped and never holds much of it."""

import asyncio
import re
from collections.abc import AsyncIterator

from pandium_tui.engine.logs import LogPage, LogReader
from pandium_tui.text import uncoloured, visible

PAGE_BYTES = 256 * 1024
"""How much one step of a search reads."""

COUNTED_BYTES = 8 * 1024 * 1024
"""Up to this size of a log the lines that match are counted."""


ERRORS = re.compile(r"(?i:\b(?:errors?|exceptions?|traceback|fatal|panic|critical)\b)|\w(?:Error|Exception)\b")
"""What lines say that tell of an error, in the languages integrations are written in."""


class LogSearch:
    """Lines with a text in them; upper and lower case are the same unless the text has an upper-case letter.

    Args:
        needle: the text, or the name of what is searched for.
        pattern: what to search for in place of the text.
    """

    def __init__(self, needle: str, pattern: re.Pattern[str] | None = None) -> None:
        self.needle = needle
        flags = 0 if needle != needle.lower() else re.IGNORECASE
        self.pattern = pattern or re.compile(re.escape(visible(needle)), flags)

    def matches(self, text: str) -> bool:
        """Whether the text as it is shown has the needle in it."""
        return self.pattern.search(visible(uncoloured(text))) is not None

    async def forward(self, reader: LogReader, place: int, skip: int = 0) -> AsyncIterator[tuple[LogPage, int | None]]:
        """From the record ``skip`` after a place to the end: each page read, at last one with a match's index."""
        while True:
            page = await asyncio.to_thread(reader.read, place, PAGE_BYTES)
            if page.start == page.end:
                return
            found = await asyncio.to_thread(self._first, page, range(skip, len(page.records)))
            yield page, found
            if found is not None:
                return
            place, skip = page.end, max(0, skip - len(page.records))

    async def back(self, reader: LogReader, place: int, skip: int = 0) -> AsyncIterator[tuple[LogPage, int | None]]:
        """From the record that ends ``skip`` records before a place to the start, the same way."""
        while True:
            page = await asyncio.to_thread(reader.read_before, place, PAGE_BYTES)
            if page.start == page.end:
                return
            last = len(page.records) - 1 - skip
            found = await asyncio.to_thread(self._first, page, range(last, -1, -1))
            yield page, found
            if found is not None:
                return
            place, skip = page.start, max(0, skip - len(page.records))

    async def count(self, reader: LogReader) -> int:
        """How many records match."""
        place, count = 0, 0
        while True:
            page = await asyncio.to_thread(reader.read, place, PAGE_BYTES)
            if page.start == page.end:
                return count
            count += await asyncio.to_thread(
                lambda records: sum(self.matches(one.text) for one in records), page.records
            )
            place = page.end

    def _first(self, page: LogPage, indexes: range) -> int | None:
        return next((index for index in indexes if self.matches(page.records[index].text)), None)
