"""A line of text to type."""

from typing import Any

from textual.widgets import Input

from pandium_tui.text import visible


class TextInput(Input):
    """A line of text that never writes a control character to the terminal, and whose cursor does not blink."""

    def __init__(self, value: str = "", placeholder: str = "", **options: Any) -> None:
        super().__init__(visible(value), placeholder, compact=True, **options)
        self.cursor_blink = False

    def insert_text_at_cursor(self, text: str) -> None:
        """Insert what was typed or pasted."""
        super().insert_text_at_cursor(visible(text))
