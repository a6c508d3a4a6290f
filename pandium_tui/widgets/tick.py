"""A box to tick that can be read without colours."""

from textual.content import Content
from textual.widgets import Checkbox


class Tick(Checkbox):
    """Textual's box always has its X and tells by the colour alone whether it is ticked; ours is empty when not.

    Its label may hold outside text: nothing of it is markup.
    """

    def __init__(self, label: str, value: bool = False, *, name: str | None = None) -> None:
        super().__init__(Content(label), value, name=name, compact=True)

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802 - Textual's name
        """What stands in the box."""
        return "X" if self.value else " "
