"""Text for the clipboard of the terminal that somebody sits at, however far away: OSC 52 (xterm, ctlseqs)."""

import base64
from collections.abc import Mapping

LARGEST_COPY = 74_994
"""Bytes: what is left of the 100,000 characters that many terminals take, after base64 and the sequence itself."""

_SCREEN_PIECE = 254  # characters of one string that GNU screen passes through


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


def is_too_large(text: str) -> bool:
    """Whether terminals would drop it without a word."""
    return len(text.encode("utf-8", "replace")) > LARGEST_COPY
