"""What keeps the store or the engine from working, on top of every page for as long as it lasts."""

from textual.widgets import Static

from pandium_tui.text import visible


class Banner(Static):
    """Takes no place while all is well. The app feeds it."""

    DEFAULT_CSS = """
    Banner { display: none; height: auto; max-height: 4; padding: 0 1; background: $error; color: $text; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._trouble = ""

    def show_trouble(self, trouble: str) -> None:
        """Say it; nothing when it is over. It may hold outside text."""
        if trouble != self._trouble:
            self._trouble = trouble
            self.update(f"\u2717 {visible(trouble)} What is shown may be old." if trouble else "")
            self.display = bool(trouble)
