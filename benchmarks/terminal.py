"""A program in a terminal of its own: when something is on its screen, and what that took."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

COLUMNS, LINES = 120, 36
FIRST_PAINT_CELLS = 20
"""So many visible characters count as the first paint."""
SAME_PAINT = 0.05
"""Seconds without output that part one paint from the next."""
QUIET = 0.15
"""Seconds without output after which a key has had all its answer."""

_NOT_TEXT = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|\x1b[\]P_^X].*?(?:\x07|\x1b\\)"  # OSC, DCS, APC, PM, SOS
    rb"|\x1b[ -/]*[0-~]"  # the other escape sequences
    rb"|[\x00-\x20]",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a program.

    Attributes:
        first_paint: milliseconds to the first visible cells.
        usable: milliseconds to the awaited text.
        processor: milliseconds of CPU time of the process up to there.
    """

    first_paint: float
    usable: float
    processor: float


@dataclass(frozen=True, slots=True)
class Output:
    """What a program wrote to its terminal in some time.

    Attributes:
        first: milliseconds to the first of it; 0 when there was none.
        count: bytes.
        paints: how often it wrote, with at least so long a pause before it that it is another paint.
        processor: milliseconds of CPU time of the process meanwhile.
    """

    first: float
    count: int
    paints: int
    processor: float


class Terminal:
    """A program in a new terminal; as a context it ends the program again."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = command
        self._begun = time.monotonic()
        self._pid, self._handle = pty.fork()
        if not self._pid:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
            os.execvpe(command[0], list(command), dict(environment))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _end(self._pid, self._handle)

    def wait_for(self, awaited: str, *, patience: float = 60) -> Start:
        """Wait for a text without blanks on the screen, counted from the start of the program.

        Raises:
            TimeoutError: the text did not come in so many seconds; says what was on the screen.
        """
        output, first_paint = b"", 0.0
        while True:
            data = _read(self._handle, self._begun + patience - time.monotonic())
            now = time.monotonic()
            output += data
            text = _NOT_TEXT.sub(b"", output).decode(errors="replace")
            if not data:
                raise TimeoutError(f"no {awaited!r} from {' '.join(self._command[:2])} but: {text[-2000:]}")
            processor = _processor_time(self._pid)
            if not first_paint and (len(text) >= FIRST_PAINT_CELLS or awaited in text):
                first_paint = now - self._begun
            if awaited in text:
                return Start(first_paint * 1000, (now - self._begun) * 1000, processor * 1000)

    def press(self, key: bytes, *, patience: float = 5) -> Output:
        """Type a key and take all that is written for it.

        Raises:
            TimeoutError: nothing was written in so many seconds.
        """
        os.write(self._handle, key)
        output = self.watch(patience, until_quiet=True)
        if not output.count:
            raise TimeoutError(f"{self._command[0]} wrote nothing for the key {key!r}")
        return output

    def watch(self, seconds: float, *, until_quiet: bool = False) -> Output:
        """Take all that is written in so many seconds, or up to the first pause after something was written."""
        begun, used = time.monotonic(), _processor_time(self._pid)
        first, last, count, paints = 0.0, 0.0, 0, 0
        while (now := time.monotonic()) < begun + seconds:
            left = begun + seconds - now
            data = _read(self._handle, min(left, QUIET) if until_quiet and count else left)
            now = time.monotonic()
            if not data:
                break
            first = first or now - begun
            paints += now - last >= SAME_PAINT
            last, count = now, count + len(data)
        return Output(first * 1000, count, paints, (_processor_time(self._pid) - used) * 1000)

    def resident(self) -> float:
        """MiB of memory that the process has now, shared pages included."""
        pages = Path(f"/proc/{self._pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def measure_start(
    command: Sequence[str], environment: Mapping[str, str], awaited: str, *, patience: float = 60
) -> Start:
    """Start a program in a new terminal, wait for a text without blanks on its screen, and end it again.

    Raises:
        TimeoutError: the text did not come in so many seconds; says what was on the screen.
    """
    with Terminal(command, environment) as terminal:
        return terminal.wait_for(awaited, patience=patience)


def _read(terminal: int, seconds: float) -> bytes:
    """The next output; nothing at the end of it or when it does not come in time."""
    readable, _, _ = select.select([terminal], [], [], max(seconds, 0))
    try:
        return os.read(terminal, 1 << 16) if readable else b""
    except OSError:  # Linux says EIO when nobody has the other end open
        return b""


def _processor_time(pid: int) -> float:
    """Seconds of CPU time of a process with all its threads, also those that have ended.

    The clock of another process is numbered as in the kernel's ``CPUCLOCK_SCHED`` (see clock_getcpuclockid(3)).
    """
    return time.clock_gettime((~pid << 3) | 2)


def _end(pid: int, terminal: int) -> None:
    """Ask the program to leave, take what it still writes, and make sure that it is gone."""
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 10
    while time.monotonic() < until and _read(terminal, until - time.monotonic()):
        pass
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(terminal)
