"""What is sent to a terminal in place of what Textual paints shows the same, and is less."""

import re
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.terminal_screen import TerminalScreen

WIDTH, HEIGHT = 12, 14
RED, BLUE, ON_BLUE = "38;2;200;0;0;48;2;9;9;9", "38;2;0;0;200;48;2;9;9;9", "1;38;5;7;48;2;0;0;200"


class Terminal:
    """A terminal that knows what is sent to it here; to each cell it has a character and its colours."""

    def __init__(self) -> None:
        self.cells = [[("?", "")] * WIDTH for _ in range(HEIGHT)]

    def take(self, sent: str) -> None:
        y = x = 0
        top, bottom = 0, HEIGHT - 1
        colours: dict[str, str] = {}
        for numbers, letter, text in re.findall(r"\x1b\[([\d;]*)([A-Za-z])|([^\x1b]+)", sent):
            values = [int(number) for number in numbers.split(";") if number]
            match letter:
                case "H":
                    y, x = values[0] - 1, values[1] - 1
                case "r":
                    top, bottom = (values[0] - 1, values[1] - 1) if values else (0, HEIGHT - 1)
                    y = x = 0
                case "M" | "L":
                    assert y == top
                    for _ in range(values[0]):
                        gone, come = (top, bottom) if letter == "M" else (bottom, top)
                        del self.cells[gone]
                        self.cells.insert(come, [("?", "")] * WIDTH)
                case "m":
                    colours = changed(colours, numbers)
                case _:
                    now = ";".join(colours.values())
                    written = [(character, now) for character in text.replace("\n", "")]
                    self.cells[y][x : x + len(written)] = written
                    x += len(written)


def changed(colours: dict[str, str], numbers: str) -> dict[str, str]:
    """What attributes, colour and background are after an SGR sequence."""
    colours = dict(colours)
    for part in re.findall(r"[34]8;2;\d+;\d+;\d+|[34]8;5;\d+|\d+", numbers):
        if part == "0":
            colours.clear()
        elif re.match(r"[39]\d", part):
            colours["colour"] = part
        elif re.match(r"4\d|10\d", part):
            colours["ground"] = part
        else:
            colours[part] = part
    return dict(sorted(colours.items()))


def painted(lines: Iterable[tuple[int, int, str, str]]) -> str:
    """As Textual paints pieces of lines: their places from 1, texts and colours."""
    pieces = [f"\x1b[{y};{x}H\x1b[{colours}m{text}\x1b[0m" for y, x, text, colours in lines]
    return "\n".join(pieces) + "\x1b[1;2H"


def listed(first: int, cursor: int) -> str:
    """A list of ten rows from ``first``, with a cursor in it and a scroll bar beside it."""
    rows = []
    for place in range(10):
        rows.append((place + 3, 1, f"row {first + place:<6}", ON_BLUE if place == cursor else RED))
        rows.append((place + 3, 11, "##" if place == first % 10 else "  ", BLUE))
    return painted(rows)


def test_a_list_that_scrolls_is_moved_by_the_terminal() -> None:
    terminal, plain, screen = Terminal(), Terminal(), TerminalScreen()
    for first, cursor in ((1, 0), (1, 9), (2, 9), (3, 9), (2, 0), (5, 0), (5, 0)):
        painting = listed(first, cursor)
        sent = screen.shortened(painting, WIDTH)
        terminal.take(sent)
        plain.take(painting)
        assert terminal.cells == plain.cells
        if first in (2, 3):
            assert len(sent) < len(painting) / 3
    assert sent == "\x1b[1;2H"


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(0, 9)), max_size=8))
def test_however_a_list_scrolls_the_terminal_shows_the_same(looks: list[tuple[int, int]]) -> None:
    terminal, plain, screen = Terminal(), Terminal(), TerminalScreen()
    for first, cursor in looks:
        terminal.take(screen.shortened(listed(first, cursor), WIDTH))
        plain.take(listed(first, cursor))
        assert terminal.cells == plain.cells


def test_what_is_not_lines_of_plain_text_is_sent_as_it_is_and_nothing_is_known_then() -> None:
    screen = TerminalScreen()
    plain = painted([(2, 1, "text", RED)])
    assert "text" in screen.shortened(plain, WIDTH)
    assert "text" not in screen.shortened(plain, WIDTH)
    for odd in (painted([(2, 1, "名前", RED)]), painted([(3, 1, "e\u0301", RED)]), f"{plain}\x1b]8;;x\x1b\\a", "text"):
        assert screen.shortened(odd, WIDTH) == odd
        assert "text" in screen.shortened(plain, WIDTH)


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.integers(1, HEIGHT),
                st.integers(1, WIDTH),
                st.text("ab ●", min_size=1, max_size=WIDTH),
                st.sampled_from([RED, BLUE, ON_BLUE, "31", "3;91;41"]),
            ),
            min_size=1,
            max_size=2 * HEIGHT,
        ),
        max_size=6,
    )
)
def test_whatever_is_painted_the_terminal_shows_the_same(paintings: list[list[tuple[int, int, str, str]]]) -> None:
    terminal, plain, screen = Terminal(), Terminal(), TerminalScreen()
    for pieces in paintings:
        painting = painted((y, x, text[: WIDTH + 1 - x], colours) for y, x, text, colours in pieces)
        terminal.take(screen.shortened(painting, WIDTH))
        plain.take(painting)
        assert terminal.cells == plain.cells
