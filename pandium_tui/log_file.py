"""The file in which the program tells of its own faults."""

import logging
import os

from pandium_tui.settings import Settings


def log_to_file(settings: Settings) -> None:
    """Send what the program has to say about its own faults to ``pandium-tui.log`` (0600) in the home folder."""
    root = logging.getLogger("pandium_tui")
    if root.handlers:
        return
    file = settings.home / "pandium-tui.log"
    handler: logging.Handler
    try:
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
        handler = logging.FileHandler(file, encoding="utf-8")
    except OSError:
        # Nowhere to tell of faults is no reason not to start: what cannot be written shows itself where it matters.
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.propagate = False
