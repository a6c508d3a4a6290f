"""A line for a secret: drawn as dots, and neither copied nor cut."""

from pandium_tui.widgets.text_input import TextInput


class TokenInput(TextInput):
    """A password line; Textual masks only the drawing, and would copy the plain text."""

    def __init__(self, placeholder: str = "paste it here") -> None:
        super().__init__("", placeholder, password=True)

    def action_copy(self) -> None:
        """Nothing: what is masked does not leave."""

    def action_cut(self) -> None:
        """Nothing: what is masked does not leave."""

    @property
    def selected_text(self) -> str:
        """Nothing: a selection would be copied by the screen."""
        return ""
