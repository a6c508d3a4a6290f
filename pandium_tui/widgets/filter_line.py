"""The line above a list in which its filter is typed."""

from rich.highlighter import Highlighter
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from pandium_tui.widgets.text_input import TextInput


class WrongPart(Highlighter):
    """Marks the part of a filter that cannot be used."""

    def __init__(self) -> None:
        super().__init__()
        self.place = (0, 0)

    def highlight(self, text: Text) -> None:
        """Style it."""
        if self.place[1]:
            text.stylize("underline red", *self.place)


class FilterLine(Horizontal):
    """A filter; while it is not shown, it cannot have the keys."""

    DEFAULT_CSS = """
    FilterLine { height: 1; padding: 0 1; }
    FilterLine Static { width: auto; }
    FilterLine Input { width: 1fr; }
    """

    def __init__(self, text: str, placeholder: str) -> None:
        super().__init__()
        self._wrong_part = WrongPart()
        self.field = TextInput(text, placeholder, highlighter=self._wrong_part)
        self.field.can_focus = False  # or a page that opens would give it the keys

    def compose(self) -> ComposeResult:
        """What it is, and the field."""
        yield Static("Filter: ", markup=False)
        yield self.field

    def show(self, shown: bool) -> None:
        """Show it, or take it away."""
        # Not by a class: what a style sheet shows is shown after a while, and could not be focused until then.
        self.display = self.field.can_focus = shown

    def mark(self, start: int, end: int) -> None:
        """Underline what is wrong; nothing where both are 0."""
        if (start, end) != self._wrong_part.place:
            self._wrong_part.place = start, end
            self.field.refresh()
