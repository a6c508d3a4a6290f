"""Text for the clipboard of the terminal that somebody sits at, however far away: OSC 52 (xterm, ctlseqs)."""

import asyncio
import base64
import subprocess
from collections.abc import Callable, Mapping

LARGEST_COPY = 74_994
"""Bytes: what is left of the 100,000 characters that many terminals take, after base64 and the sequence itself."""

_TMUX_SECONDS = 2.0

_SCREEN_PIECE = 254  # characters of one string that GNU screen passes through


async def send_to_clipboard(text: str, write: Callable[[str], None], environment: Mapping[str, str]) -> str:
    """Send a text to the clipboard of the person's terminal; what became of it, for the person.

    Args:
        text: what to send.
        write: writes to the terminal.
        environment: of this process; it tells what the terminal is in.
    """
    if is_too_large(text):
        return f"Nothing was copied: terminals take at most {LARGEST_COPY:,} bytes. Save it to a file instead."
    if await asyncio.to_thread(given_to_tmux, text, environment):
        return f"{len(text):,} characters are in a buffer of tmux and were sent to your terminal."
    write(clipboard_sequence(text, environment))
    return f"{len(text):,} characters were sent to your terminal."


def clipboard_sequence(text: str, environment: Mapping[str, str]) -> str:
    """What makes the terminal take a text into its clipboard; tmux and screen pass it on.

    Inside tmux it is sent twice: as it is, for ``set-clipboard on``, and wrapped, for ``allow-passthrough on``: which
    of them is set cannot be asked.

    Args:
        text: at most ``LARGEST_COPY`` bytes; see :func:`is_too_large`.
        environment: of this process; it tells what the terminal is in.
    """
    sequence = f"\x1b]52;c;{base64.b64encode(text.encode('utf-8', 'replace')).decode()}\a"
    if environment.get("TMUX"):
        return f"{sequence}\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\"
    if environment.get("TERM", "").startswith("screen"):
        pieces = [sequence[at : at + _SCREEN_PIECE] for at in range(0, len(sequence), _SCREEN_PIECE)]
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return sequence


def given_to_tmux(text: str, environment: Mapping[str, str]) -> bool:
    """Whether tmux took a text as its newest buffer, and for the clipboard of the terminal that it is in.

    A tmux that nobody configured drops what a program in it sends to the clipboard, but passes on what it is given
    itself (``-w``, since tmux 3.2).

    Args:
        text: at most ``LARGEST_COPY`` bytes; see :func:`is_too_large`.
        environment: of this process; it tells which tmux it is in, if any.
    """
    if not environment.get("TMUX"):
        return False
    command = ["tmux", "load-buffer", "-w", "-"]
    try:
        done = subprocess.run(
            command,
            input=text.encode("utf-8", "replace"),
            env=dict(environment),
            capture_output=True,
            timeout=_TMUX_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def is_too_large(text: str) -> bool:
    """Whether terminals would drop it without a word."""
    return len(text.encode("utf-8", "replace")) > LARGEST_COPY
