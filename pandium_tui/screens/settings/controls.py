"""What a value is filled in with: a control for each kind of field. Each tells what was entered by ``Entered``."""

from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Static, TextArea

from pandium_tui.manifest.form.choices import Option, as_title
from pandium_tui.manifest.form.fields import Field
from pandium_tui.manifest.form.json_values import same
from pandium_tui.manifest.form.values import format_value, parse_input
from pandium_tui.text import visible, visible_block
from pandium_tui.widgets.field import LinesInput
from pandium_tui.widgets.text_input import TextInput
from pandium_tui.widgets.token_input import TokenInput

MOST_LINES = 10
"""How tall a control of several lines gets."""

SECONDS_SHOWN = 20
"""How long what is typed as a secret is shown."""

MOMENT_EXAMPLES = {
    "date": "2024-05-31, today, +3d",
    "time": "13:45, now",
    "date-time": "2024-05-31 13:45, now, today 9:00",
}


@dataclass
class Entered(Message):
    """What a person entered: a value, ``None`` for nothing; or what is wrong with the text."""

    value: Any
    error: str = ""


def focus_target(widget: Widget) -> Widget | None:
    """The first widget inside that can be gone to."""
    return next(
        (
            one
            for one in widget.query("*")
            if one.focusable and all(above.display for above in one.ancestors_with_self if isinstance(above, Widget))
        ),
        None,
    )


class Control(Vertical):
    """The frame of a control; a subclass shows values and tells by ``enter`` what a person entered."""

    DEFAULT_CSS = """
    Control { height: auto; width: 1fr; }
    Control Input, Control Select, Control TextArea, Control Checkbox { width: 1fr; background: $surface; }
    Control Input:focus, Control TextArea:focus { background: $panel; }
    Control RadioSet { width: 1fr; border: none; padding: 0; background: $surface; }
    Control RadioSet:focus { background: $panel; }
    Control SelectionList { border: none; padding: 0; background: $surface; }
    Control SelectionList:focus { background: $panel; }
    Control:disabled { opacity: 60%; }
    """

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self._unheard = 0

    def enter(self, value: Any, error: str = "") -> None:
        """Tell what a person entered."""
        self._unheard += 1
        self.post_message(Entered(value, error))

    def heard(self) -> None:
        """What was told has come to the form."""
        self._unheard -= 1

    @property
    def is_heard(self) -> bool:
        """Whether the form knows what stands here; until it does, what it shows is older and would undo typing."""
        return self._unheard == 0

    def put(self, value: Any, options: tuple[Option, ...], stale: tuple[Any, ...]) -> None:
        """Show a value, and offer these choices; what a person is entering is only changed when it differs."""

    def text(self) -> str:
        """What stands there, to be edited elsewhere."""
        return ""

    def set_text(self, text: str) -> None:
        """Enter a text that was edited elsewhere."""


class _Written(Control):
    """A control that holds a text. What cannot be shown as it is stays as it is until it is edited."""

    def __init__(self, field: Field, value: Any) -> None:
        super().__init__(field)
        self._value = value
        self._shown = self._as_text(value)

    def put(self, value: Any, options: tuple[Option, ...], stale: tuple[Any, ...]) -> None:
        if not same(value, self._value):
            self._value = value
            self._shown = self._as_text(value)
            self._write(self._shown)

    def text(self) -> str:
        shown = self._read()
        return self._as_text(self._value, plain=True) if shown == self._as_text(self._value) else shown

    def set_text(self, text: str) -> None:
        parsed = parse_input(self.field, text)
        if parsed.error is None:
            self._value = parsed.value
            self._shown = self._as_text(parsed.value)
            self._write(self._shown)
            self.enter(parsed.value)
        else:
            self._write(text)
            self._entered()

    def _entered(self) -> None:
        """Tell what the text means."""
        text = self._read()
        if text == self._shown:
            self.enter(self._value)
            return
        parsed = parse_input(self.field, text)
        self._shown, self._value = text, parsed.value
        self.enter(parsed.value, parsed.error or "")

    def _as_text(self, value: Any, *, plain: bool = False) -> str:
        text = format_value(self.field, value)
        return text if plain else visible_block(text)

    def _read(self) -> str:
        raise NotImplementedError

    def _write(self, text: str) -> None:
        raise NotImplementedError


class LineInput(TextInput):
    """A line; of several pasted ones the first, and it says so."""

    def _on_paste(self, event: events.Paste) -> None:
        if "\n" in event.text.strip("\n"):
            self.notify(
                "Only the first line was pasted: this value is one line.",
                severity="warning",
            )


class LineControl(_Written):
    """A text, number, date or time in one line."""

    def compose(self) -> ComposeResult:
        proposals = [visible(one.title) for one in self.field.options]
        yield LineInput(
            self._shown,
            MOMENT_EXAMPLES.get(self.field.kind, visible(self.field.placeholder)),
            suggester=SuggestFromList(proposals, case_sensitive=False) if proposals else None,
            max_length=self.field.longest,
        )

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._read() != self._shown:
            self._entered()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Words such as ``today`` become the day they mean, numbers are written in their usual way."""
        text = self._as_text(self._value)
        if self._value is not None and self.field.kind in MOMENT_EXAMPLES and text != self._read():
            self._shown = text
            self._write(text)

    def _as_text(self, value: Any, *, plain: bool = False) -> str:
        text = format_value(self.field, value)
        return text if plain else visible(text)

    def _read(self) -> str:
        return self.query_one(Input).value

    def _write(self, text: str) -> None:
        with self.prevent(Input.Changed):
            self.query_one(Input).value = visible(text)


class LinesControl(_Written):
    """A text of several lines, or JSON."""

    def compose(self) -> ComposeResult:
        area = LinesInput(self._shown)
        area.styles.height = min(max(self.field.rows or 4, 3), MOST_LINES)
        yield area

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self._read() != self._shown:
            self._entered()

    def _read(self) -> str:
        return self.query_one(TextArea).text

    def _write(self, text: str) -> None:
        with self.prevent(TextArea.Changed):
            self.query_one(TextArea).text = visible_block(text)


class SecretLine(TokenInput):
    """A secret while it is typed; what is stored never stands in it."""

    BINDING_GROUP_TITLE = "In a secret"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f9",
            "show_typed",
            "Show typed",
            id="settings.secret.typed",
            tooltip="Show what is typed here, for 20 seconds or until the field is left; not what is stored",
        ),
    ]

    def action_show_typed(self) -> None:
        """Show it, or hide it again."""
        self.password = not self.password
        if not self.password:
            self.set_timer(SECONDS_SHOWN, self._hide)

    def on_blur(self) -> None:
        """Hide it when it is left."""
        self._hide()

    def _hide(self) -> None:
        self.password = True


class SecretControl(Control):
    """A secret: what is stored never gets into the widget. Typing replaces it; backspace on nothing removes it."""

    STORED = "******** stored; type to replace it, backspace to remove it"

    def __init__(self, field: Field, value: Any) -> None:
        super().__init__(field)
        self._stored = value
        self._told = value

    def compose(self) -> ComposeResult:
        yield SecretLine(self._placeholder())

    def put(self, value: Any, options: tuple[Option, ...], stale: tuple[Any, ...]) -> None:
        entry = self.query_one(TokenInput)
        if not same(value, self._told):
            self._stored = self._told = value
            with self.prevent(Input.Changed):
                entry.value = ""
            entry.placeholder = self._placeholder()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._told = event.value or self._stored
        self.enter(self._told)

    def on_key(self, event: events.Key) -> None:
        entry = self.query_one(TokenInput)
        if event.key == "backspace" and not entry.value and self._stored is not None:
            self._stored = self._told = None
            entry.placeholder = self._placeholder()
            self.enter(None)

    def _placeholder(self) -> str:
        return self.STORED if self._stored is not None else "not set; type or paste it here"


class YesBox(Checkbox):
    """A box that differs by more than its colour."""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802 - Textual's name
        """Its mark."""
        return "X" if self.value else " "


class CheckControl(Control):
    """Yes or no."""

    def __init__(self, field: Field, value: Any) -> None:
        super().__init__(field)
        self._first = value is True

    def compose(self) -> ComposeResult:
        yield YesBox("Yes", value=self._first, compact=True)

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        event.stop()
        self.enter(event.value)

    def put(self, value: Any, options: tuple[Option, ...], stale: tuple[Any, ...]) -> None:
        with self.prevent(Checkbox.Changed):
            self.query_one(Checkbox).value = value is True


class FixedControl(Control):
    """A value that is only shown."""

    def __init__(self, field: Field, value: Any) -> None:
        super().__init__(field)
        self._value = value

    def compose(self) -> ComposeResult:
        yield Static(self._words(self._value), markup=False)

    def put(self, value: Any, options: tuple[Option, ...], stale: tuple[Any, ...]) -> None:
        self.query_one(Static).update(self._words(value))

    def _words(self, value: Any) -> str:
        if self.field.secret:
            return "********" if value is not None else "-"
        return visible_block(as_title(value)) if value is not None else "-"


def control_for(field: Field, value: Any) -> Control:
    """A new control for a field; the value is shown by the first ``put``."""
    from pandium_tui.screens.settings.choice_controls import MOST_RADIO, ChoiceControl, RadioControl, SeveralControl
    from pandium_tui.screens.settings.rows_editor import RowsControl

    match field.kind:
        case "password":
            return SecretControl(field, value)
        case "boolean":
            return CheckControl(field, value)
        case "choice" if field.as_radio and 0 < len(field.options) <= MOST_RADIO and field.depends_on is None:
            return RadioControl(field, value)
        case "choice" | "alternatives":
            return ChoiceControl(field)
        case "multichoice":
            return SeveralControl(field)
        case "list" | "table":
            return RowsControl(field, value)
        case "readonly":
            return FixedControl(field, value)
        case "multiline" | "json" | "object":
            return LinesControl(field, value)
        case _ if isinstance(value, str) and "\n" in value:
            return LinesControl(field, value)  # one line could not hold it
        case _:
            return LineControl(field, value)
