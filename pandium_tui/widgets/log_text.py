"""How a record of a log is shown: its colours as the run meant them, every other control made visible."""

from dataclasses import dataclass

from rich.ansi import AnsiDecoder
from rich.style import Style

from pandium_tui.engine.logs import LogRecord
from pandium_tui.text import COLOUR, visible

SHOWN_CHARACTERS = 4000
"""A longer record is cut for display."""

Colours = tuple[tuple[int, int, Style], ...]
"""From which character to before which a style holds; in order, none over another."""


@dataclass(frozen=True, slots=True)
class Line:
    """A record made ready to be shown: its text moves no cursor and is not too long."""

    time: str
    stream: str
    text: str
    continued: bool
    colours: Colours = ()


def shown_line(record: LogRecord) -> Line:
    """The line that shows a record."""
    text, colours = coloured(record.text[:SHOWN_CHARACTERS])
    hidden = len(record.text) - SHOWN_CHARACTERS
    if hidden > 0:
        text += f" … ({hidden:,} more characters)"
    return Line(record.time, record.stream, text, record.continued, colours)


def coloured(text: str) -> tuple[str, Colours]:
    """The text as it is shown, and where in it which colours hold. A line begins without any."""
    if "\x1b[" not in text:
        return visible(text), ()
    decoder = AnsiDecoder()
    pieces: list[str] = []
    colours: list[tuple[int, int, Style]] = []
    length = 0
    for number, piece in enumerate(COLOUR.split(text)):
        if number % 2:
            decoder.decode_line(f"\x1b[{piece}mx")
            continue
        shown = visible(piece)
        if shown and decoder.style:
            colours.append((length, length + len(shown), decoder.style))
        pieces.append(shown)
        length += len(shown)
    return "".join(pieces), tuple(colours)
