"""A row of a table as a line of the screen."""

from collections.abc import Iterable

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip


def line_of(cells: Iterable[tuple[Text, int]], style: Style, console: Console, *, over: Style | None = None) -> Strip:
    """Cells side by side, each as wide as told and with a blank on both sides, in as few pieces as they have colours.

    DataTable lays out each cell as a paragraph, and marks each for the mouse: that takes eight times as long, and each
    piece repeats its colours on the way to the terminal.

    Args:
        cells: the text of each, and its width.
        style: what their own styles are added to.
        console: knows styles by their names.
        over: what wins over their own styles.
    """
    segments = [Segment(" ", style)]
    for text, width in cells:
        if text.cell_len > width:
            text = text.copy()
            text.truncate(width, overflow="ellipsis")
        if text.spans:
            segments += [Segment(part, style + own + over) for part, own, _ in text.render(console) if part]
        else:
            own = console.get_style(text.style, default=Style.null())
            segments.append(Segment(text.plain, style + own + over))
        segments.append(Segment(" " * (width - text.cell_len + 2), style))
    return Strip(segments).simplify()
