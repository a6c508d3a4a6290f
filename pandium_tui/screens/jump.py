"""Jump mode: a letter on everything that can have the keyboard, and that letter goes there."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.errors import NoWidget
from textual.geometry import Offset
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Label

LETTERS = "asdfghjklqwertyuiopzxcvbnm1234567890"
"""Those under the fingers first; also how many places can be jumped to at most."""


def places_of(screen: Screen[object]) -> dict[str, tuple[Widget, Offset]]:
    """What can have the keyboard and is in sight, from the top, each by its letter; and where the letter goes."""
    places = []
    for widget in screen.focus_chain:
        try:
            region = screen.find_widget(widget).visible_region
        except NoWidget:
            continue  # it is on a tab that is not shown
        if region.area:
            places.append((widget, region.offset))
    return dict(zip(LETTERS, places, strict=False))


class JumpScreen(ModalScreen[Widget | None]):
    """Letters over the page, which stays to be seen. The result is where the person wants to go."""

    DEFAULT_CSS = """
    JumpScreen Label { position: absolute; padding: 0 1; background: $accent; color: $text; text-style: bold; }
    """
    BINDING_GROUP_TITLE = "Jump"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+o", "dismiss(None)", "Back", id="jump.back", tooltip="Stay where the keyboard is"),
    ]

    def __init__(self, places: dict[str, tuple[Widget, Offset]]) -> None:
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
        """A letter at the beginning of each place."""
        for letter, (_, offset) in self._places.items():
            label = Label(letter)
            label.styles.offset = offset.x, offset.y
            yield label

    def on_key(self, event: events.Key) -> None:
        """A letter goes to its place; any other key stays."""
        if event.key in self._places:
            event.stop()
            self.dismiss(self._places[event.key][0])
