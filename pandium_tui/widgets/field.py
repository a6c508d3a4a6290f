"""A field of a form: its label, its control, and under it a line that helps or what is wrong."""

from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Select, Static, TextArea

from pandium_tui.text import visible, visible_block
from pandium_tui.widgets.token_input import TokenInput


class LinesInput(TextArea):
    """Several lines of text, with the promises of a ``TextInput``."""

    def __init__(self, text: str = "", **options: Any) -> None:
        super().__init__(visible_block(text), compact=True, soft_wrap=False, **options)
        self.cursor_blink = False

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = visible_block(event.text)


class Field(Vertical):
    """One question of a form. ``name`` is the field's name in problems and values."""

    DEFAULT_CSS = """
    Field { height: auto; margin-bottom: 1; }
    Field > Horizontal { height: auto; }
    Field .label { width: 22; height: 1; }
    Field .note { margin-left: 22; color: $text-muted; }
    Field.-bad .note { color: $text-error; }
    Field.-bad .label { color: $text-error; text-style: bold; }
    Field Input, Field Select, Field TextArea, Field Checkbox { width: 1fr; background: $surface; }
    Field Input:focus, Field TextArea:focus { background: $panel; }
    Field TextArea { height: 7; }
    """

    def __init__(self, name: str, label: str, control: Widget, hint: str) -> None:
        super().__init__(name=name)
        self.label = label
        self.control = control
        self.is_secret = isinstance(control, TokenInput)
        """Whether what is entered is sealed, or never kept: then no draft has it."""
        self._help = self._hint = hint
        self._problem = ""

    def compose(self) -> ComposeResult:
        """Label and control side by side, the note below."""
        with Horizontal():
            yield Static(self.label, classes="label", markup=False)
            yield self.control
        note = Static(self._hint, classes="note", markup=False)
        note.display = bool(self._hint)
        yield note

    @property
    def value(self) -> Any:
        """What the control holds; None for a choice that was not made."""
        match self.control:
            case Input(value=value):
                return value
            case TextArea(text=text):
                return text
            case Select(selection=selection):
                return selection
            case Checkbox(value=checked):
                return checked
        raise TypeError(f"no value is known of {type(self.control).__name__}")

    def set_value(self, value: Any) -> None:
        """Put a value into the control; for a choice, one that it offers."""
        match self.control:
            case Input():
                self.control.value = visible(value)
            case TextArea():
                self.control.text = visible_block(value)
            case Select():
                self.control.value = Select.NULL if value is None else value
            case Checkbox():
                self.control.value = value

    @property
    def problem(self) -> str:
        """What is wrong with it, empty when nothing is known to be."""
        return self._problem

    def set_note(self, problem: str, hint: str | None = None) -> None:
        """Show what is wrong, or (without a problem) the hint.

        Args:
            problem: what is wrong; empty for nothing.
            hint: replaces the one before; empty for the one it was made with, None for no change.
        """
        self._problem = problem
        if hint is not None:
            self._hint = hint or self._help
        text = f"✗ {visible(problem)}" if problem else visible_block(self._hint)
        note = self.query_one(".note", Static)
        if str(note.content) != text:
            note.update(text)
            note.display = bool(text)
        self.set_class(bool(problem), "-bad")
