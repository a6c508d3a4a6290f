"""The driver of the terminal: Textual's, which sends no more than what changed."""

import re
from typing import Any

from textual.drivers.linux_driver import LinuxDriver

from pandium_tui.terminal_screen import TerminalScreen

_PAINTING = re.compile(r"\x1b\[\d+;\d+H")
_WHOLE = "\x1b[1;1H"
_OTHER_SCREEN = "\x1b[?1049"


class BriefDriver(LinuxDriver):
    """Paintings of a part of the screen are shortened by what it shows already.

    What begins in the corner goes out as it is: it is what Textual paints when anything may be wrong, after a change of
    the size, on a new page, when the person comes back from the shell or presses Ctrl+L.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._shown = TerminalScreen()
        self._whole = ""

    def write(self, data: str) -> None:
        """Send a painting, shortened, or anything else as it is."""
        if data.startswith(_WHOLE):
            self._shown.forget()
            self._whole = data  # read when it is needed, not while somebody waits to see it
        elif _PAINTING.match(data):
            width = self._app.size.width
            if self._whole:
                self._shown.shortened(self._whole, width)
                self._whole = ""
            data = self._shown.shortened(data, width)
        elif _OTHER_SCREEN in data:
            self._shown.forget()
            self._whole = ""
        super().write(data)
