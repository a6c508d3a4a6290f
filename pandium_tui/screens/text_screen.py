"""A text that is too long for its place on a page, on a screen of its own."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from pandium_tui.text import visible
from pandium_tui.widgets.text_lines import TextLines


class TextScreen(ModalScreen[None]):
    """A title and a text to scroll in."""

    DEFAULT_CSS = """
    TextScreen { background: $background; }
    TextScreen > Static { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    TextScreen > Static { text-wrap: nowrap; text-overflow: ellipsis; }
    TextScreen > TextLines { padding: 0 1; }
    """
    BINDING_GROUP_TITLE = "Text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back", id="text.back", tooltip="Back to the page"),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._heading = title
        self._text = text

    def compose(self) -> ComposeResult:
        """Title, text, keys."""
        yield Static(visible(self._heading), markup=False)
        yield TextLines(self._text)
        yield Footer(compact=True, show_command_palette=False)
