"""What a terminal shows, and the shortest way from there to what it shall show.

Textual paints again whatever lies where something may have changed. A list that scrolls by a row is painted whole, in
17 kB, although the terminal has nearly all of it, one line further down.
"""

import re
from functools import lru_cache
from itertools import groupby

from rich.cells import cell_len

Cell = tuple[str, str]
"""A character, and the numbers of its colours (SGR)."""
Line = list[Cell]

_UNKNOWN: Cell = ("", "")
_TOKEN = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|([^\x00-\x1f\x7f-\x9f]+)|(\n)")
_NEAR = (1, -1, 2, -2, 3, -3)
"""By how many lines those that moved are looked for: by a key, or by a turn of the wheel."""
_FEWEST_MOVED = 4
_EDGE = 2
"""Cells at the right edge of which a line that moved may have others: its part of a scroll bar."""
_GAP = 16
"""Cells that are rather sent again than jumped over: words stay whole."""


class TerminalScreen:
    """The lines of a terminal, as far as they are known, by their numbers from 1."""

    def __init__(self) -> None:
        self._lines: dict[int, Line] = {}

    def forget(self) -> None:
        """Nothing is known: all that is painted is sent."""
        self._lines = {}

    def shortened(self, painting: str, width: int) -> str:
        """What to send in place of what Textual painted on a terminal of this width.

        It is sent as it is, and nothing is known any more, where it holds something else than lines of text, or
        characters that are not one cell wide: terminals do not agree on those.
        """
        read = self._read(painting)
        if read is None:
            self.forget()
            return painting
        lines, cursor = read
        sent, colours = [self._move(lines, width)], ""
        for y, line in sorted(lines.items()):
            for x, cells in _changes(self._lines.get(y, []), line):
                sent.append(f"\x1b[{y};{x + 1}H")
                for wanted, same in groupby(cells, key=lambda cell: cell[1]):
                    sent += _change(colours, wanted), *(character for character, _ in same)
                    colours = wanted
        self._lines = self._lines | lines
        return "".join(sent) + _change(colours, "") + cursor

    def _read(self, painting: str) -> tuple[dict[int, Line], str] | None:
        """The lines painted on, whole, as they are then; and the last move of the cursor."""
        lines: dict[int, Line] = {}
        colours, cursor = "", ""
        y = x = end = 0
        for token in _TOKEN.finditer(painting):
            row, column, numbers, text, _ = token.groups()
            if token.start() != end or (text and (not y or not _is_plain(text))):
                return None
            end = token.end()
            if row:
                y, x, cursor = int(row), int(column) - 1, token.group()
            elif numbers is not None:
                colours = numbers if numbers != "0" else ""  # Textual goes back to none before it sets others
            elif text:
                line = lines.setdefault(y, [*self._lines.get(y, ())])
                line += [_UNKNOWN] * (x - len(line))
                line[x : x + len(text)] = [(character, colours) for character in text]
                x += len(text)
            else:
                y = 0  # a new line is followed by a move
        return (lines, cursor) if end == len(painting) else None

    def _move(self, lines: dict[int, Line], width: int) -> str:
        """Let the terminal move lines that come to stand elsewhere, where most of those painted on are such."""
        shown = self._lines
        for by in _NEAR:
            moved = [y for y, line in lines.items() if line != shown.get(y) and _is_alike(line, shown.get(y + by, []))]
            if len(moved) >= max(_FEWEST_MOVED, len(lines) // 2):
                places = {*moved, *(y + by for y in moved)}
                top, bottom = min(places), max(places)
                between = range(top, bottom + 1)
                if any(len(shown.get(y, [])) != width or _UNKNOWN in shown[y] for y in between):
                    continue
                for y in between:  # what stood beside what is painted moves along
                    lines.setdefault(y, shown[y])
                self._lines = shown | {y: shown[y + by] if y + by in between else [] for y in between}
                # Between margins, lines are deleted at the top or inserted there.
                return f"\x1b[{top};{bottom}r\x1b[{top};1H\x1b[{abs(by)}{'M' if by > 0 else 'L'}\x1b[r"
        return ""


def _is_alike(line: Line, other: Line) -> bool:
    return len(line) == len(other) and line[:-_EDGE] == other[:-_EDGE]


def _changes(before: Line, line: Line) -> list[tuple[int, Line]]:
    """The pieces of a line that are not as before, and where they begin."""
    if before == line:
        return []
    before = before + [_UNKNOWN] * (len(line) - len(before))
    pieces: list[tuple[int, Line]] = []
    begin = end = -1
    for x, (old, new) in enumerate(zip(before, line, strict=False)):
        if old != new:
            if begin < 0 or x - end > _GAP or _UNKNOWN in line[end:x]:
                if begin >= 0:
                    pieces.append((begin, line[begin:end]))
                begin = x
            end = x + 1
    return [*pieces, (begin, line[begin:end])] if begin >= 0 else pieces


def _is_plain(text: str) -> bool:
    return text.isascii() or all(map(_is_one_cell, text))


@lru_cache(maxsize=1024)
def _is_one_cell(character: str) -> bool:
    return cell_len(character) == 1


@lru_cache(maxsize=1024)
def _change(before: str, wanted: str) -> str:
    """What changes colours into others; of two only that which is different."""
    if before == wanted:
        return ""
    if not before or not wanted:
        return f"\x1b[{wanted or 0}m"
    (attributes, front, back), (its_attributes, its_front, its_back) = _parts(wanted), _parts(before)
    if attributes != its_attributes or (its_front and not front) or (its_back and not back):
        return f"\x1b[0;{wanted}m"
    return f"\x1b[{';'.join(new for new, old in ((front, its_front), (back, its_back)) if new != old)}m"


def _parts(colours: str) -> tuple[str, str, str]:
    """Attributes, colour and background, of which each may be empty."""
    found = re.fullmatch(
        r"(?P<attributes>(?:(?:\d|21|5[123])(?:;|$))*)"
        r"(?P<front>(?:38;2;\d+;\d+;\d+|38;5;\d+|[39]\d)?);?"
        r"(?P<back>(?:48;2;\d+;\d+;\d+|48;5;\d+|4\d|10\d)?)",
        colours,
    )
    return (found["attributes"], found["front"], found["back"]) if found else (colours, "", "")
