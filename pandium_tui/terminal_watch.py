"""Whether there is a terminal, and leaving when it is gone.

With SIGHUP ignored (nohup) nothing tells a program that its terminal was closed, and Textual's input thread spins for
ever. And a screen that is being written to a dead connection blocks the event loop, so that not even a signal handler
runs. So a thread of its own looks.
"""

import os
import select
import sys
import termios
import threading
import time
from collections.abc import Callable

LOOK_EVERY = 0.5
"""Seconds between two looks."""
GRACE = 2.0
"""Seconds the app has to leave by itself once the terminal is gone."""
STATUS = 129
"""Exit status of a program that ended because of SIGHUP, as shells tell it."""
IN_BROWSER = "TEXTUAL_DRIVER"
"""The variable that is set where the app is shown in a browser."""


def has_terminal() -> bool:
    """Whether there is a screen to draw on and a keyboard to read, or a browser that stands for both."""
    streams = (sys.__stdin__, sys.__stderr__)
    return IN_BROWSER in os.environ or all(stream is not None and stream.isatty() for stream in streams)


def watch_terminal(leave: Callable[[], None], last_wish: Callable[[], None]) -> None:
    """Begin to look, in a thread.

    Args:
        leave: asks the app to leave; called from the thread when the terminal is gone.
        last_wish: what must be done before the process is ended because the app did not leave.
    """
    handle = sys.__stdin__.fileno() if sys.__stdin__ else 0
    # In a browser there is no terminal: a server has the other end of a pipe.
    gone = is_closed if IN_BROWSER in os.environ else is_gone

    def look() -> None:
        while not gone(handle):
            time.sleep(LOOK_EVERY)
        leave()
        time.sleep(GRACE)
        last_wish()
        os._exit(STATUS)

    threading.Thread(target=look, name="terminal watch", daemon=True).start()


def is_gone(handle: int) -> bool:
    """Whether this file handle is no terminal any more."""
    try:
        termios.tcgetattr(handle)
    except termios.error:
        return True
    return False


def is_closed(handle: int) -> bool:
    """Whether nobody has the other end of this pipe any more."""
    poller = select.poll()
    poller.register(handle, 0)
    return any(event & (select.POLLHUP | select.POLLERR) for _, event in poller.poll(0))
