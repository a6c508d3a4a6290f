"""Labelled facts: the upper part of most pages."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

from pandium_tui.text import shortened, visible

Fact = tuple[str, str]

TWO_COLUMNS_FROM = 96
"""Columns of the widget's own width (a screen of 100, less the margins)."""
GAP = 2


class Facts(Widget):
    """Facts in one column, in two where there is room. Only the lines that changed are painted again."""

    DEFAULT_CSS = """
    Facts { height: auto; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self, facts: Sequence[Fact] = (), *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._facts = tuple(facts)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is shown, as it was given."""
        return self._facts

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show these facts; values are outside text and may be of any length."""
        before, self._facts = self._facts, tuple(facts)
        if before == self._facts:
            return
        if [label for label, _ in before] != [label for label, _ in self._facts]:
            self.refresh(layout=True)
            return
        rows = self._rows(self.size.width)
        changed = {index % rows for index, fact in enumerate(self._facts) if fact != before[index]}
        self.refresh(*(Region(0, row, self.size.width, 1) for row in changed))

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line for each fact, or for two."""
        return self._rows(width)

    def render(self) -> Content:
        """The facts, column by column."""
        width = self.size.width
        rows = self._rows(width)
        columns = [self._facts[start : start + rows] for start in range(0, len(self._facts), rows)]
        column_width = (width - GAP * (len(columns) - 1)) // max(len(columns), 1)
        lines = []
        for row in range(rows):
            cells = [_line(column, row, column_width) for column in columns if row < len(column)]
            lines.append(Content(" " * GAP).join(cells))
        return Content("\n").join(lines)

    def _rows(self, width: int) -> int:
        columns = 2 if width >= TWO_COLUMNS_FROM else 1
        return max(-(-len(self._facts) // columns), 1)


def _line(column: Sequence[Fact], row: int, width: int) -> Content:
    label_width = max(len(label) for label, _ in column) + GAP
    label, value = column[row]
    room = max(width - label_width, 1)
    shown = shortened(visible(value), room)
    return Content.assemble((label.ljust(label_width), "dim"), shown, " " * (room - cell_len(shown)))
