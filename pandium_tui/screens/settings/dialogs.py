"""What the page of settings asks for: a field to go to, a file to write or read."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from pandium_tui.hub.errors import InvalidError
from pandium_tui.screens.form import Form, Raw
from pandium_tui.text import visible
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.text_input import TextInput

NO_FIELD = "No field has this in its label, name or help."


class FindField(ModalScreen[int | None]):
    """Fields by a part of their label, name or help; the result is the number of the one chosen."""

    DEFAULT_CSS = """
    FindField { background: $background; }
    FindField Static { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    FindField OptionList { height: 1fr; border: none; text-wrap: nowrap; text-overflow: ellipsis; }
    FindField Input { margin: 0 1; }
    """
    BINDING_GROUP_TITLE = "Find a field"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", id="find.back", tooltip="Back to the form"),
        Binding("down", "step(1)", "Down", show=False, priority=True, id="find.down", tooltip="To the next found"),
        Binding("up", "step(-1)", "Up", show=False, priority=True, id="find.up", tooltip="To the one found before"),
    ]

    def __init__(self, fields: list[tuple[int, str, str]]) -> None:
        """The fields: number, what is shown, and what is searched."""
        super().__init__()
        self._fields = fields

    def compose(self) -> ComposeResult:
        """A line to type in, and what is found."""
        yield Static("Find a field", markup=False)
        yield TextInput("", "part of a label, name or help")
        yield OptionList(compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self, event: events.Mount) -> None:
        """All fields at first."""
        self.query_one(Input).focus()
        self._find("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find while typing."""
        self._find(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the field."""
        found = self.query_one(OptionList).highlighted_option
        if found is not None and found.id is not None:
            self.dismiss(int(found.id))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """So does a click."""
        self.dismiss(int(event.option_id or 0))

    def action_step(self, step: int) -> None:
        """Move in what was found, from the line."""
        found = self.query_one(OptionList)
        if found.highlighted is not None:
            found.highlighted = (found.highlighted + step) % found.option_count

    def _find(self, text: str) -> None:
        found = self.query_one(OptionList)
        found.clear_options()
        wanted = text.casefold()
        options = [
            Option(Content(visible(words)), str(number))
            for number, words, searched in self._fields
            if wanted in searched.casefold()
        ]
        found.add_options(options or [Option(NO_FIELD, disabled=True)])
        found.highlighted = 0 if options else None


class FileForm(Form):
    """Asks for a file, and does something with it; the result is 1."""

    FIELD_OF: ClassVar[dict[str, str]] = {"configs": "file"}

    def __init__(self, heading: str, hint: str, act: Callable[[Path], Any], label: str) -> None:
        super().__init__()
        self._heading = heading
        self._hint = hint
        self._act = act
        self.SAVE_LABEL = label

    def heading(self) -> str:
        """What happens with the file."""
        return self._heading

    def fields(self) -> Iterable[Field]:
        """Its path."""
        yield Field("file", "File", TextInput("", "such as ~/settings.yaml"), self._hint)

    def save(self, raw: Raw) -> int:
        """Do it."""
        if not raw["file"].strip():
            raise InvalidError({"file": "is required"})
        self._act(Path(raw["file"].strip()).expanduser())
        return 1
