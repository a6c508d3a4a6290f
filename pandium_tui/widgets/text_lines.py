"""Outside text of several lines, to read: only the lines on the screen are rendered, so that it may be long."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pandium_tui.text import visible


class TextLines(ScrollView, can_focus=True):
    """A text, with line numbers when asked for. Nothing of it is markup."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"text-lines--number"}
    DEFAULT_CSS = """
    TextLines { height: 1fr; scrollbar-size: 1 1; }
    TextLines > .text-lines--number { color: $text-muted; }
    """
    BINDING_GROUP_TITLE = "In a text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="text.down", tooltip="One line down"),
        Binding("k", "scroll_up", "Up", show=False, id="text.up", tooltip="One line up"),
        Binding("g", "scroll_home", "Top", show=False, id="text.top", tooltip="To the first line"),
        Binding("G", "scroll_end", "End", show=False, id="text.end", tooltip="To the last line"),
    ]

    def __init__(self, text: str = "", *, numbered: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._numbered = numbered
        self._told = False
        self._text: str | None = None
        self._lines: list[str] = []
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show this text; nothing happens when it is the same as before."""
        if text == self._text:
            return
        self._text = text
        self._told = False
        self._lay_out(text)

    def tell(self, sentence: str) -> None:
        """Say why there is no text: no line of it, so without a number."""
        self._text = None
        self._told = True
        self._lay_out(sentence)

    def _lay_out(self, text: str) -> None:
        self._lines = [visible(line) for line in text.splitlines()]
        width = max(map(cell_len, self._lines), default=0) + self._number_width
        self.virtual_size = Size(width, len(self._lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of the screen; the numbers stay where they are when the text is scrolled sideways."""
        left, top = self.scroll_offset
        width, number = self.size.width, top + y
        if number >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        gutter = f"{number + 1:>{self._number_width - 1}} " if self._number_width else ""
        text = Strip([Segment(self._lines[number], Style.null())]).crop(left, left + width - len(gutter))
        strip = Strip([Segment(gutter, self.get_component_rich_style("text-lines--number")), *text])
        return strip.apply_style(self.rich_style).adjust_cell_length(width, self.rich_style)

    @property
    def _number_width(self) -> int:
        return len(str(len(self._lines))) + 1 if self._numbered and not self._told else 0
