"""A question before something that is hard to take back."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Footer, Static

from pandium_tui.text import visible


class Confirm(ModalScreen[bool]):
    """Asks; the answer is no unless the person says yes. ``affected`` names what it is about, a line each."""

    # Opaque: under a translucent modal every change of the page behind it paints the whole screen again.
    DEFAULT_CSS = """
    Confirm { align: center middle; background: $background; }
    Confirm > Vertical { width: 72; max-width: 100%; height: auto; padding: 1 2; border: round $primary; }
    Confirm Horizontal { height: auto; margin-top: 1; }
    Confirm Button { margin-right: 2; min-width: 10; }
    Confirm .question { height: auto; max-height: 20vh; }
    Confirm .affected { height: auto; max-height: 40vh; margin-top: 1; }
    Confirm .affected Static { height: auto; }
    """
    BINDING_GROUP_TITLE = "Question"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes", tooltip="Do it"),
        Binding("n,escape", "answer(False)", "No", id="confirm.no", tooltip="Leave everything as it is"),
        Binding("left,right", "other_button", "Other button", show=False, id="confirm.other", tooltip="Change button"),
        Binding("down,j", "scroll(1)", "Down", show=False, id="confirm.down", tooltip="See more of what is affected"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="confirm.up", tooltip="See what stands above"),
    ]

    def __init__(self, question: str, affected: Sequence[str] = (), *, yes: str = "Yes", no: str = "Cancel") -> None:
        super().__init__()
        self._question = question
        self._affected = tuple(affected)
        self._labels = (no, yes)

    def compose(self) -> ComposeResult:
        """The question, what is affected, and two buttons."""
        with Vertical():
            yield Static(visible(self._question), classes="question", markup=False)
            if self._affected:
                with VerticalScroll(classes="affected", can_focus=False):
                    yield Static("\n".join(visible(line) for line in self._affected), markup=False)
            with Horizontal():
                yield Button(self._labels[0], id="no", compact=True)
                yield Button(self._labels[1], id="yes", variant="warning", compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self, event: events.Mount) -> None:
        """The harmless answer has the focus."""
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button is an answer."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        """A key is an answer."""
        self.dismiss(answer)

    def action_other_button(self) -> None:
        """Go to the other button."""
        self.focus_next(Button)

    def action_scroll(self, lines: int) -> None:
        """Scroll what is affected."""
        for affected in self.query(".affected"):
            affected.scroll_relative(y=lines, animate=False)
