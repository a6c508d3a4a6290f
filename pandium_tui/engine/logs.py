"""Reading the log of a run or build, of any size, while it is written or after; see :mod:`.log_writer`.

A place in a log is its offset in bytes in everything the supervisor stored. Places stay what they are while the log
grows, when its middle is cut out and when its parts are joined at the end: who follows a log never begins again.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from pandium_tui.engine.log_writer import LINE_LIMIT, readable_size
from pandium_tui.text import uncoloured, visible

CHUNK_BYTES = 64 * 1024
_RECORD_LIMIT = 8 * LINE_LIMIT  # what is longer is no record of ours and is read in pieces
_ATTEMPTS = 10
_TIME_LENGTH = len("2026-11-24T06:23:01.123Z")
_MARKS = {f"{stream}{mark}".encode(): (stream, mark == "+") for stream in ("out", "err", "sys") for mark in ("", "+")}

_T = TypeVar("_T")


class LogRecord(NamedTuple):
    """One record of a log.

    Attributes:
        place: where it begins.
        time: when it was stored, ``2026-11-24T06:23:01.123Z`` (UTC); empty when that is not known.
        stream: ``out``, ``err``, or ``sys`` for a note of the supervisor's and for what is no record.
        text: outside text, to be made visible before it is shown.
        continued: the printed line goes on in the next record of its stream.
    """

    place: int
    time: str
    stream: str
    text: str
    continued: bool


def plain_line(record: LogRecord) -> str:
    """A record as a line of text that is safe to print anywhere."""
    return f"{record.time} {record.stream} {visible(uncoloured(record.text))}"


@dataclass(frozen=True, slots=True)
class LogPage:
    """Consecutive records; reading goes on at ``end``, reading back at ``start``."""

    start: int
    end: int
    records: list[LogRecord]


class _Part(NamedTuple):
    """A stretch of the log in one file, or one that was cut out and is told by a single record."""

    start: int
    end: int
    file: Path
    position: int = 0  # of ``start`` in the file
    cut: LogRecord | None = None


class LogReader:
    """A log in a folder. There need not be one yet: it is then empty.

    Args:
        folder: of the run or build.
        name: of the log's file.
        stream: ``out`` or ``err`` for the records of that stream alone, with the supervisor's notes; a page may then
            have no records and still not be the last: that one begins where it ends.
    """

    def __init__(self, folder: Path, name: str = "log", stream: str | None = None) -> None:
        self.file = folder / name
        self.stream = stream
        self._name = re.compile(re.escape(name) + r"\.(tail|cut)-(\d+)-(\d+)")

    def only(self, stream: str | None) -> "LogReader":
        """The same log, of one stream or of all."""
        return LogReader(self.file.parent, self.file.name, stream)

    def end(self) -> int | None:
        """The place after everything stored so far, in bytes; None when there is no log."""
        return self._patiently(lambda parts: parts[-1].end if parts else None)

    def read(self, place: int, limit: int = CHUNK_BYTES) -> LogPage:
        """Records from a place on, about ``limit`` bytes of them; none at the (present) end.

        Args:
            place: 0, or a place that a page or record has named.
            limit: bytes; a page may be shorter where the log is in parts, and longer for one long record.
        """
        return self._of_stream(self._patiently(lambda parts: self._read(parts, place, limit)))

    def read_before(self, place: int, limit: int = CHUNK_BYTES) -> LogPage:
        """Records up to a place, about ``limit`` bytes of them; none at the start."""
        return self._of_stream(self._patiently(lambda parts: self._read_before(parts, place, limit)))

    def tail(self, lines: int) -> LogPage:
        """The last records; ``end`` is the place to follow from."""
        page = self.read_before(self.end() or 0)
        start, end, records = page.start, page.end, page.records
        while len(records) < lines and start > 0:
            page = self.read_before(start)
            start, records = page.start, page.records + records
        records = records[max(len(records) - lines, 0) :]
        return LogPage(records[0].place if records else end, end, records)

    def _of_stream(self, page: LogPage) -> LogPage:
        if self.stream is None:
            return page
        return LogPage(page.start, page.end, [one for one in page.records if one.stream in (self.stream, "sys")])

    def _read(self, parts: list[_Part], place: int, limit: int) -> LogPage:
        part = next((part for part in parts if place < part.end), None)
        if part is None:
            return LogPage(place, place, [])
        if part.cut:
            return LogPage(place, part.end, [part.cut])
        data = _piece(part, place, min(place + limit, part.end))
        whole = data.rfind(b"\n") + 1
        if not whole:
            data = _piece(part, place, min(place + _RECORD_LIMIT, part.end))
            begun = len(data) < _RECORD_LIMIT and part is parts[-1]
            whole = data.find(b"\n") + 1 or (0 if begun else len(data))
        return LogPage(place, place + whole, _records(place, data[:whole]))

    def _read_before(self, parts: list[_Part], place: int, limit: int) -> LogPage:
        part = next((part for part in reversed(parts) if part.start < place), None)
        if part is None:
            return LogPage(0, 0, [])
        if part.cut:
            return LogPage(part.start, place, [part.cut])
        stop = min(place, part.end)
        start = max(stop - limit, part.start)
        data = _piece(part, start, stop)
        whole = data.rfind(b"\n") + 1  # the very last record may be stored in part only, so far
        first = data.find(b"\n", 0, max(whole - 1, 0)) + 1 if start > part.start else 0
        if whole > first and (first or start == part.start):
            return LogPage(start + first, start + whole, _records(start + first, data[first:whole]))
        if start > part.start and limit < _RECORD_LIMIT:
            return self._read_before(parts, place, _RECORD_LIMIT)
        if start == part.start and part is parts[-1]:
            return self._read_before(parts, start, limit)
        return LogPage(start, stop, _records(start, data))

    def _patiently(self, look: Callable[[list[_Part]], _T]) -> _T:
        """Look again when a part has vanished meanwhile, dropped for a newer one or joined with the others."""
        for _ in range(_ATTEMPTS):
            try:
                return look(self._parts())
            except FileNotFoundError:
                continue
        return look([])

    def _parts(self) -> list[_Part]:
        try:
            before = self.file.stat()
        except FileNotFoundError:
            return []
        found = sorted(
            (int(match[3]), match[1], int(match[2]), Path(entry.path))
            for entry in os.scandir(self.file.parent)
            if (match := self._name.fullmatch(entry.name))
        )
        whole = _Part(0, before.st_size, self.file)
        if self.file.stat().st_ino != before.st_ino:
            raise FileNotFoundError(self.file)  # the parts have just been joined
        if not found:
            return [whole]
        head = found[0][2]
        if whole.end > head:
            cuts = [offset for offset, kind, _, _ in found if kind == "cut"]
            return _joined(whole, head, cuts[0]) if cuts else [whole]
        parts = [_Part(0, head, self.file)]
        for offset, kind, _, file in found:
            if kind == "tail":
                if offset > parts[-1].end:
                    parts.append(_gap(parts[-1].end, offset))
                parts.append(_Part(offset, offset + file.stat().st_size, file))
        return parts


def _joined(whole: _Part, head: int, offset: int) -> list[_Part]:
    """The parts of a log that was cut: head, the note of it, tail."""
    note, _, _ = _piece(whole, head, head + _RECORD_LIMIT).partition(b"\n")
    (record,) = _records(head, note + b"\n")
    tail = head + len(note) + 1
    return [
        _Part(0, head, whole.file),
        _Part(head, offset, whole.file, cut=record),
        _Part(offset, offset + whole.end - tail, whole.file, tail),
    ]


def _gap(start: int, end: int) -> _Part:
    text = f"the log is over its limit: {readable_size(end - start)} were cut here so far"
    return _Part(start, end, Path(), cut=LogRecord(start, "", "sys", text, False))


def _piece(part: _Part, start: int, stop: int) -> bytes:
    with part.file.open("rb") as file:
        return os.pread(file.fileno(), stop - start, part.position + start - part.start)


def _records(place: int, data: bytes) -> list[LogRecord]:
    records: list[LogRecord] = []
    if not data:
        return records
    for line in data.removesuffix(b"\n").split(b"\n"):
        time, _, rest = line.partition(b" ")
        mark, _, text = rest.partition(b" ")
        if mark in _MARKS and len(time) == _TIME_LENGTH:
            stream, continued = _MARKS[mark]
        else:
            time, stream, continued, text = b"", "sys", False, line
        records.append(
            LogRecord(
                place, time.decode("ascii", "replace"), stream, text.decode("utf-8", "backslashreplace"), continued
            )
        )
        place += len(line) + 1
    return records
