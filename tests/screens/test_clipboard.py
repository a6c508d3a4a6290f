"""The clipboard of the terminal that a person sits at."""

import base64
import re

from pandium_tui.widgets.clipboard import LARGEST_COPY, clipboard_sequence, is_too_large

TEXT = "grüße\x1b]\n" * 40


def copied(sequence: str) -> str:
    """What a terminal takes from it."""
    found = re.fullmatch("\x1b\\]52;c;([A-Za-z0-9+/=]*)\a", sequence)
    assert found is not None, sequence
    return base64.b64decode(found[1]).decode()


def test_a_terminal_takes_it_as_it_is() -> None:
    assert copied(clipboard_sequence(TEXT, {"TERM": "xterm-256color"})) == TEXT


def test_tmux_takes_it_itself_or_passes_it_on() -> None:
    plain, wrapped = clipboard_sequence(TEXT, {"TMUX": "/tmp/x,1,0", "TERM": "tmux"}).split("\x1bPtmux;")
    assert copied(plain) == TEXT
    assert copied(wrapped.removesuffix("\x1b\\").replace("\x1b\x1b", "\x1b")) == TEXT


def test_screen_passes_it_on_in_pieces() -> None:
    pieces = clipboard_sequence(TEXT, {"TERM": "screen-256color"}).split("\x1b\\")
    assert max(map(len, pieces)) <= 256
    assert copied("".join(piece.removeprefix("\x1bP") for piece in pieces)) == TEXT


def test_what_terminals_would_drop_is_too_large() -> None:
    assert not is_too_large("x" * LARGEST_COPY)
    assert is_too_large("ü" * LARGEST_COPY)
