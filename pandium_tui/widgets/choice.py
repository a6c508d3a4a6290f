"""A choice among things with names from outside."""

from collections.abc import Iterable
from typing import Any, TypeVar

from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual.widgets import Select
from textual.widgets._select import SelectOverlay

from pandium_tui.text import visible

T = TypeVar("T")


class Choice(Select[T]):
    """A :class:`Select` whose names are shown as they are: Textual's own takes brackets in them for markup.

    Typing goes to the first name with what was typed, also while the list is closed: then it opens.
    """

    def __init__(self, options: Iterable[tuple[RenderableType, T]], **more: Any) -> None:
        super().__init__(_as_they_are(options), **more)

    def set_options(self, options: Iterable[tuple[RenderableType, T]]) -> None:
        """Offer these instead."""
        super().set_options(_as_they_are(options))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters and digits are no keys of the page while a choice has the keyboard."""
        return character is not None and character.isalnum()

    async def _on_key(self, event: events.Key) -> None:
        if not self.expanded and self.check_consume_key(event.key, event.character):
            event.stop()
            self.action_show_overlay()
            choices = self.query_one(SelectOverlay)
            self.screen.set_focus(choices, scroll_visible=False)  # at once: the next letter is for it too
            choices.post_message(events.Key(event.key, event.character))


def _as_they_are(options: Iterable[tuple[RenderableType, T]]) -> list[tuple[RenderableType, T]]:
    return [(Text(visible(name)) if isinstance(name, str) else name, value) for name, value in options]
