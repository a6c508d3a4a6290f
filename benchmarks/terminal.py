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

COLUMNS, LINES = 120, 36
FIRST_PAINT_CELLS = 20
"""So many visible characters count as the first paint."""

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


def measure_start(
    command: Sequence[str], environment: Mapping[str, str], awaited: str, *, patience: float = 60
) -> Start:
    """Start a program in a new terminal, wait for a text without blanks on its screen, and end it again.

    Raises:
        TimeoutError: the text did not come in so many seconds; says what was on the screen.
    """
    begun = time.monotonic()
    pid, terminal = pty.fork()
    if not pid:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.execvpe(command[0], list(command), dict(environment))
    output, first_paint = b"", 0.0
    try:
        while True:
            data = _read(terminal, begun + patience - time.monotonic())
            now = time.monotonic()
            output += data
            text = _NOT_TEXT.sub(b"", output).decode(errors="replace")
            if not data:
                raise TimeoutError(f"no {awaited!r} from {command[0]} {command[1]} but: {text[-2000:]}")
            processor = _processor_time(pid)
            if not first_paint and (len(text) >= FIRST_PAINT_CELLS or awaited in text):
                first_paint = now - begun
            if awaited in text:
                return Start(first_paint * 1000, (now - begun) * 1000, processor * 1000)
    finally:
        _end(pid, terminal)


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
