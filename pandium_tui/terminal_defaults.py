"""What Textual reads from the environment when it is imported; so this module is imported before it.

Nothing ever animates. Over SSH the screen is painted at most ten times a second, and scrolling goes by whole lines.
What the person has set stays.

GNU screen hands COLORTERM on from the terminal around it, but before version 5 takes true colours for other codes.

The size of the screen is the terminal's: exported COLUMNS and LINES would keep the app from following a resize.
"""

import os
import sys

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
    os.environ.setdefault("TEXTUAL_FPS", "10")
    os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
if os.environ.get("STY"):
    os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")
if sys.__stdout__ is not None and sys.__stdout__.isatty():
    os.environ.pop("COLUMNS", None)
    os.environ.pop("LINES", None)
