"""Something to be read before going on, such as all the reasons why something cannot be done."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from pandium_tui.text import visible


class Notice(ModalScreen[None]):
    """A title and lines, which may hold outside text."""

    DEFAULT_CSS = """
    Notice { align: center middle; background: $background; }
    Notice > Vertical { width: 76; max-width: 100%; height: auto; padding: 1 2; border: round $primary; }
    Notice VerticalScroll { height: auto; max-height: 16; margin-top: 1; }
    """
    BINDING_GROUP_TITLE = "Notice"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", "Back", id="notice.back", tooltip="Back to the page"),
    ]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._heading = title
        self._lines = tuple(lines)

    def compose(self) -> ComposeResult:
        """The title, and the lines to scroll in."""
        with Vertical():
            yield Static(visible(self._heading), markup=False)
            with VerticalScroll():
                yield Static("\n".join(f"- {visible(line)}" for line in self._lines), markup=False)
        yield Footer(compact=True, show_command_palette=False)
