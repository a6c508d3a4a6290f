"""A line for a secret of a connection: its mask has the same width for every value, and it keeps several lines."""

from rich.text import Text
from textual import events
from textual.strip import Strip
from textual.widgets import Input

from pandium_tui.widgets.token_input import TokenInput

MASK = "\u2022" * 8
"""What stands for a secret value, whatever its length."""


class SecretInput(TokenInput):
    """Takes a paste as it is, line breaks included (a key in PEM has many), and never shows how long it is.

    A short text that begins with @ is the path of a file and is shown: it is no secret.
    """

    def insert_text_at_cursor(self, text: str) -> None:
        """Insert what was typed or pasted; control characters are the secret's own, and never drawn."""
        Input.insert_text_at_cursor(self, text)

    def _on_paste(self, event: events.Paste) -> None:
        # Textual would take the first line only.
        event.prevent_default()
        event.stop()
        if event.text:
            self.replace(event.text, *self.selection)

    @property
    def shows_path(self) -> bool:
        """Whether the path of a file stands in it."""
        return self.value.startswith("@") and not self.value.startswith("@@") and self.value.isprintable()

    def watch_value(self) -> None:
        """A path is drawn, a secret is not."""
        self.password = not self.shows_path

    def render_line(self, y: int) -> Strip:
        """The mask, and the cursor behind it."""
        if y != 0 or not self.value or self.shows_path:
            return super().render_line(y)
        text = Text(f"{MASK} ", end="")
        if self.has_focus and self._cursor_visible:
            text.stylize(self.get_component_rich_style("input--cursor"), len(MASK), len(MASK) + 1)
        width = self.scrollable_content_region.width
        strip = Strip(self.app.console.render(text, self.app.console_options.update_width(max(width, len(MASK) + 1))))
        return strip.crop(0, width).extend_cell_length(width).apply_style(self.rich_style)
