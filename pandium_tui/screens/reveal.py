"""Showing a secret value: asked for by itself, for a short time, one at a time, and gone when nobody looks."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Footer, Select, Static

from pandium_tui.hub.connection_states import ValueState
from pandium_tui.storage.vault import Secret
from pandium_tui.text import visible_block
from pandium_tui.widgets.choice import Choice

SHOWN_FOR = 20.0
"""Seconds."""


class RevealQuestion(ModalScreen[str | None]):
    """Which value, and whether really; the result is the name of its field."""

    DEFAULT_CSS = """
    RevealQuestion { align: center middle; background: $background; }
    RevealQuestion > Vertical { width: 72; max-width: 100%; height: auto; padding: 1 2; border: round $warning; }
    RevealQuestion Select, RevealQuestion Horizontal { height: auto; margin-top: 1; }
    RevealQuestion Button { margin-right: 2; min-width: 10; }
    """
    BINDING_GROUP_TITLE = "Reveal"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "dismiss(None)", "No", id="reveal.no", tooltip="Show nothing"),
    ]

    def __init__(self, whose: str, values: Sequence[ValueState]) -> None:
        super().__init__()
        self._whose = whose
        self._choices = [(value.label, value.name) for value in values]

    def compose(self) -> ComposeResult:
        """The question, the values, two buttons."""
        with Vertical():
            yield Static(
                f"Show {_what(self._choices)} of {self._whose}?\n\nIt stands on this screen for {SHOWN_FOR:g} seconds, "
                "where tmux, recordings and people can see it. That it was shown is written into the activity; the "
                "value is not.",
                markup=False,
            )
            choice = Choice(self._choices, value=self._choices[0][1], allow_blank=False, compact=True)
            choice.display = len(self._choices) > 1
            yield choice
            with Horizontal():
                yield Button("Cancel", id="no", compact=True)
                yield Button("Show", id="yes", variant="warning", compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self, event: events.Mount) -> None:
        """The harmless answer has the focus."""
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button is an answer."""
        chosen = self.query_one(Select).selection
        self.dismiss(str(chosen) if event.button.id == "yes" and chosen is not None else None)


def _what(choices: Sequence[tuple[str, str]]) -> str:
    return choices[0][0] if len(choices) == 1 else "a secret"


class RevealScreen(ModalScreen[None]):
    """The value, until the time is over, a key is pressed, or the screen, the terminal or the app loses the focus."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    RevealScreen { align: center middle; background: $background; }
    RevealScreen > Vertical { width: 100%; max-height: 100%; height: auto; padding: 1 2; border: round $warning; }
    RevealScreen #value { margin: 1 0; height: auto; max-height: 14; overflow-y: auto; }
    """
    BINDING_GROUP_TITLE = "A secret"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,space", "hide", "Hide", id="reveal.hide", tooltip="Hide it now"),
    ]

    def __init__(self, title: str, secret: Secret) -> None:
        super().__init__()
        self._heading = title
        self._secret: Secret | None = secret

    def compose(self) -> ComposeResult:
        """What it is, the value, how long it stays."""
        assert self._secret is not None
        with Vertical():
            yield Static(self._heading, markup=False)
            yield Static(visible_block(self._secret.reveal()), id="value", markup=False)
            yield Static(f"It hides after {SHOWN_FOR:g} s, and when this terminal loses the focus.", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self, event: events.Mount) -> None:
        """Its time begins."""
        self.set_timer(SHOWN_FOR, self.action_hide)
        self.app.app_suspend_signal.subscribe(self, lambda _: self.action_hide())
        self.watch(self.app, "app_focus", self._focus_changed, init=False)

    def on_screen_suspend(self) -> None:
        """Another screen lies over it."""
        self._wipe()

    def on_screen_resume(self) -> None:
        """What lay over it is gone, and so is the value."""
        if self._secret is None:
            self.dismiss()

    def action_hide(self) -> None:
        """Hide it."""
        self._wipe()
        if self.is_current:
            self.dismiss()

    def _focus_changed(self, focused: bool) -> None:
        if not focused:
            self.action_hide()

    def _wipe(self) -> None:
        self._secret = None
        for line in self.query("#value").results(Static):
            line.update("hidden")
