# ruff: noqa: PTH104, PTH108
r"""Writing a log: what the supervisor does with the output of its child.

Standard library only, and no pathlib: it alone would take a fifth of the budget of a supervisor.

One record per line, ``2026-11-24T06:23:01.123Z out TEXT``, UTC; ``out``, ``err``, or ``sys`` for the supervisor's own
notes; ``out+`` when the line goes on in the next record of that stream. ``\r\n`` is stored as ``\n``, bytes that are
not UTF-8 as ``\xff``, other control characters as they are. A line is stored when it is complete.
:mod:`pandium_tui.engine.logs` reads it back.
"""

import errno
import os
import time

from pandium_tui.engine.redaction import MASK, Redactor

LINE_LIMIT = 16 * 1024  # bytes of one record's text, before bytes that are not UTF-8 are spelled out


def timestamp(digits: int) -> str:
    """The time now, UTC, as ISO 8601 with that many digits of the second's fraction."""
    seconds, fraction = divmod(time.time_ns(), 10**9)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{fraction:09d}"[: 20 + digits] + "Z"


def write_all(file: int, data: bytes) -> None:
    """Write all of it, however many calls it takes."""
    while data:
        data = data[os.write(file, data) :]


class LogPart:
    """One file of the log. It never ends within a record. One that exists is continued."""

    def __init__(self, path: str, capacity: int) -> None:
        self.path, self.capacity = path, capacity
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.size, self.lines = os.fstat(self.file).st_size, 0

    def append(self, records: bytes) -> int:
        """Append, and give back how many bytes were stored: fewer on a full disk."""
        stored = os.write(self.file, records)
        if stored < len(records):
            stored = records.rfind(b"\n", 0, stored) + 1
            os.ftruncate(self.file, self.size + stored)
        self.size += stored
        self.lines += records.count(b"\n", 0, stored)
        return stored


class Log:
    """The log on disk, cut in the middle when it grows over its limit.

    The first half of the limit goes to ``log``; what follows goes to two tail segments in turn, a quarter each, the
    older one being dropped for a new one. A segment is called ``log.tail-HEAD-OFFSET``: the size of ``log`` and the
    segment's place in the whole output, both in bytes. At the end all becomes one ``log``: the head, a note of what
    was cut, the tail; an empty ``log.cut-HEAD-OFFSET`` remembers the places, so that offsets stay what they were.
    """

    def __init__(self, path: str, limit: int) -> None:
        self.path, self.limit = path, limit
        self.parts = [LogPart(path, limit // 2)]
        self.cut_bytes = self.cut_lines = self.lost_bytes = 0
        self.problem = ""
        self._unsaid = 0  # lost bytes that the log does not mention yet

    def note(self, text: str) -> None:
        """Store a note of the supervisor's own."""
        self.write(sys_record(text))

    def write(self, records: bytes) -> None:
        """Store whole records. Never raises: what cannot be stored is counted, and the process goes on."""
        while records:
            part = self.parts[-1]
            room = max(part.capacity - part.size, 0)
            cut = len(records) if len(records) <= room else records.rfind(b"\n", 0, room) + 1
            if not cut and not part.size:
                cut = records.find(b"\n") + 1  # a single record larger than a whole part
            try:
                if cut:
                    self._store(part, records[:cut])
                else:
                    self._next_part()
            except OSError as error:
                cut = cut or len(records)
                self._lose(cut, str(error.strerror))
            records = records[cut:]

    def finish(self) -> int:
        """Make one file of the head and the tail; the size of the log in bytes."""
        try:
            os.close(self.parts[-1].file)
            if len(self.parts) > 1:
                return self._merged_size()
        except OSError as error:  # a reader can cope with the parts as they are
            self.problem = str(error.strerror)
        return sum(part.size for part in self.parts)

    def _store(self, part: LogPart, records: bytes) -> None:
        if self._unsaid:
            lost = f"{self._unsaid} bytes of the log were lost here: {self.problem}"
            self._unsaid = 0 if part.append(sys_record(lost)) else self._unsaid
        stored = part.append(records)
        if stored < len(records):
            self._lose(len(records) - stored, os.strerror(errno.ENOSPC))

    def _lose(self, count: int, problem: str) -> None:
        self.lost_bytes += count
        self._unsaid += count
        self.problem = problem

    def _next_part(self) -> None:
        offset = sum(part.size for part in self.parts) + self.cut_bytes
        part = LogPart(f"{self.path}.tail-{self.parts[0].size}-{offset}", self.limit // 4)
        os.close(self.parts[-1].file)
        self.parts.append(part)
        if len(self.parts) > 3:
            dropped = self.parts.pop(1)
            self.cut_bytes += dropped.size
            self.cut_lines += dropped.lines
            os.unlink(dropped.path)

    def _merged_size(self) -> int:
        merged, head = f"{self.path}.merged", self.parts[0]
        file = os.open(merged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            copy_into(file, head.path)
            if self.cut_bytes:
                os.close(os.open(f"{self.path}.cut-{head.size}-{head.size + self.cut_bytes}", os.O_CREAT, 0o600))
                lines = f"{self.cut_lines:,} lines ({readable_size(self.cut_bytes)})"
                write_all(file, sys_record(f"log over {readable_size(self.limit)}: {lines} were cut here"))
            for part in self.parts[1:]:
                copy_into(file, part.path)
            size = os.fstat(file).st_size
            os.rename(merged, self.path)
        except OSError:
            os.unlink(merged)
            raise
        finally:
            os.close(file)
        for part in self.parts[1:]:
            os.unlink(part.path)
        return size


def copy_into(file: int, path: str) -> None:
    """Append the content of the file at ``path``, through the kernel."""
    source = os.open(path, os.O_RDONLY)
    try:
        while os.sendfile(file, source, None, 1 << 30):
            pass
    finally:
        os.close(source)


def readable_size(size: int) -> str:
    """The number of bytes for people."""
    return f"{size} bytes" if size < 1024 * 1024 else f"{size / 1024 / 1024:.4g} MiB"


def sys_record(text: str) -> bytes:
    """A note of the supervisor's own as records, one per line of the text."""
    return as_records(f"{timestamp(3)} sys ".encode(), text.encode("utf-8", "backslashreplace") + b"\n")


def as_records(prefix: bytes, lines: bytes) -> bytes:
    """Whole lines as records: the prefix before each, all of it valid UTF-8."""
    try:
        lines.decode()
    except UnicodeDecodeError:
        lines = lines.decode("utf-8", "backslashreplace").encode()
    return prefix + lines[:-1].replace(b"\n", b"\n" + prefix) + b"\n"


class State:
    """The last line of stdout that is not blank, without the blanks around it, in memory of about its limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.redacted = False  # whether anything was masked in the stream
        self._last = b""
        self._begun = b""  # the line that has not ended yet

    def feed(self, data: bytes) -> None:
        """Take the next bytes of stdout."""
        ended, _, begun = (self._begun + data).rpartition(b"\n")
        last = ended.rstrip().rpartition(b"\n")[2].lstrip()
        self._last = self._bounded(last) or self._last
        self._begun = self._bounded(begun.lstrip())

    @property
    def is_masked(self) -> bool:
        """Whether a secret was taken out of the state itself."""
        return self.redacted and MASK in (self._begun.rstrip() or self._last)

    def result(self) -> tuple[str | None, str | None]:
        """The state and what is wrong with it; a state with a problem is not kept."""
        line = self._begun.rstrip() or self._last
        if not self.limit or not line:
            return None, None
        if len(line) > self.limit:
            return None, f"the last line of stdout is longer than the limit of {self.limit} bytes"
        if b"\0" in line:
            return None, "the last line of stdout contains a NUL character, which no variable can hand to the next run"
        try:
            return line.decode(), None
        except UnicodeDecodeError as error:
            return None, f"the last line of stdout is not UTF-8: byte {error.start + 1} is 0x{line[error.start]:02x}"

    def _bounded(self, line: bytes) -> bytes:
        """Of a line that is too long nothing matters but that it is too long."""
        return line if len(line) <= self.limit else b"." * (self.limit + 1)


class Stream:
    """One output of the child on its way into the log: redacted before anything is stored, shown or kept as state."""

    def __init__(self, name: str, log: Log, state: State | None = None, redactor: Redactor | None = None) -> None:
        self.name, self.log, self.state, self.redactor = name, log, state, redactor
        self._begun = b""  # the line that has not ended yet, at most LINE_LIMIT

    def feed(self, data: bytes) -> None:
        """Take the next bytes; what may be the beginning of a secret waits for those that follow."""
        self._store(self.redactor.feed(data) if self.redactor else data)

    def finish(self) -> None:
        """The stream has ended: store what was held back, and a last line that does not end in a newline."""
        if self.redactor:
            self._store(self.redactor.flush())
        if self._begun:
            self.log.write(as_records(f"{timestamp(3)} {self.name} ".encode(), self._begun + b"\n"))
            self._begun = b""
        if self.state and self.redactor:
            self.state.redacted |= self.redactor.found

    def _store(self, data: bytes) -> None:
        if self.state:
            self.state.feed(data)
        block = self._begun + data
        prefix = f"{timestamp(3)} {self.name} ".encode()
        records: list[bytes] = []
        start = 0
        while True:
            end = block.rfind(b"\n", start, start + LINE_LIMIT + 1) + 1
            if end:
                records.append(as_records(prefix, block[start:end].replace(b"\r\n", b"\n")))
            elif len(block) - start > LINE_LIMIT:
                end = _character_border(block, start + LINE_LIMIT)
                records.append(as_records(prefix[:-1] + b"+ ", block[start:end] + b"\n"))
            else:
                break
            start = end
        self._begun = block[start:]
        self.log.write(b"".join(records))


def _character_border(block: bytes, position: int) -> int:
    """The position, or up to three bytes before it, so that no UTF-8 character is divided."""
    for back in range(4):
        if block[position - back] & 0xC0 != 0x80:
            return position - back
    return position
