"""The forms of one row of a list or table. What was typed into one and not taken over is a draft."""

from typing import Any, ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from pandium_tui.manifest.form.fields import Field
from pandium_tui.manifest.form.form import Form
from pandium_tui.manifest.form.json_values import same
from pandium_tui.screens.kept_draft import KeptDraft
from pandium_tui.screens.settings.field_block import FieldBlock
from pandium_tui.screens.settings.form_view import WIDE_SCREENS, FormView
from pandium_tui.screens.settings.unsaved import FormDraft, unsaved_labels
from pandium_tui.text import visible
from pandium_tui.widgets.confirm import Confirm

VALUE, TEXT = "value", "text"
"""The names in the draft of an entry: of its value, and of a text that could not be read as one yet."""


class RowEditing(ModalScreen[Any]):
    """What both forms share."""

    DEFAULT_CSS = """
    RowEditing { background: $background; }
    RowEditing #heading { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    RowEditing #heading { text-wrap: nowrap; text-overflow: ellipsis; }
    RowEditing #draft { display: none; height: auto; padding: 0 1; color: $text-warning; }
    RowEditing #problem { display: none; height: auto; padding: 0 1; color: $text-error; }
    RowEditing #place { height: 1fr; }
    RowEditing VerticalScroll { height: 1fr; padding: 0 1; }
    """
    BINDING_GROUP_TITLE = "Row"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "accept", "Take over", id="row.accept", tooltip="Take the row over into the form"),
        Binding("escape", "cancel", "Cancel", id="row.cancel", tooltip="Leave the row as it was; asks when changed"),
    ]
    HORIZONTAL_BREAKPOINTS = WIDE_SCREENS

    def __init__(self, heading: str) -> None:
        super().__init__()
        self._heading = heading

    def compose(self) -> ComposeResult:
        """Heading, what is said of a draft, the place for the fields, keys."""
        yield Static(visible(self._heading), id="heading", markup=False)
        yield Static(id="draft", markup=False)
        yield Vertical(id="place")
        yield Static(id="problem", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self, event: events.Mount) -> None:
        """The fields come when it is known what was typed before."""
        self._begin()

    @work(group="begin")
    async def _begin(self) -> None:
        told = await self.begin(self.query_one("#place", Vertical))
        if told:
            self._say("#draft", f"● {told}")

    async def begin(self, place: Vertical) -> str:
        """Make the fields; what to say of a draft."""
        raise NotImplementedError

    def changed_labels(self) -> list[str]:
        """The labels of the fields that would be lost."""
        return []

    def forget_draft(self) -> None:
        """What was typed was taken over, or is discarded."""

    @work(exclusive=True, group="leave")
    async def action_cancel(self) -> None:
        """Leave the row as it was; what was typed is not lost without a question."""
        if changed := self.changed_labels():
            affected = [f"Changed: {', '.join(changed)}"]
            question = Confirm("Leave the row as it was?", affected, yes="Leave", no="Go on editing")
            if not await self.app.push_screen_wait(question):
                return
            self.forget_draft()
        self.dismiss()

    def complain(self, text: str) -> None:
        """Say what is wrong."""
        self._say("#problem", f"✗ {text}")

    def _say(self, where: str, text: str) -> None:
        line = self.query_one(where, Static)
        line.update(visible(text))
        line.display = True


class RowForm(RowEditing):
    """The form of one row of a table; its result is the row."""

    def __init__(self, heading: str, form: Form, row: dict[str, Any], draft_name: str) -> None:
        super().__init__(heading)
        self._form = form
        self._row = row
        self._draft_name = draft_name
        self._draft = FormDraft(self, draft_name)

    async def begin(self, place: Vertical) -> str:
        """The fields, with what was typed before."""
        secret = self._form.definition.secrets
        begun = await self._draft.from_before(self._form, self._row, secret)
        view = FormView(self._form, *begun, draft_name=self._draft_name, secret=secret)
        await place.mount(view)
        await view.go_to_first()
        return self._draft.told

    def on_form_view_changed(self, event: FormView.Changed) -> None:
        """Note what was entered."""
        self._draft.note(self.query_one(FormView), self._row)

    def changed_labels(self) -> list[str]:
        """The labels of the fields that would be lost."""
        return [label for view in self.query(FormView) for label in unsaved_labels(view, self._row)]

    def forget_draft(self) -> None:
        """What was typed was taken over, or is discarded."""
        self._draft.forget()

    def action_accept(self) -> None:
        """Give the row back, unless something is wrong with it."""
        view = self.query_one(FormView)
        problems = [f"{label}: {error}" for label, error in view.unreadable.items()]
        problems += [problem.text for problem in view.state.problems if problem.blocks_saving]
        if problems:
            view.touch_all()
            self.complain("; ".join(problems))
        else:
            self._draft.forget()
            self.dismiss(view.values_to_save)


class EntryForm(RowEditing):
    """One value of a list; its result is a tuple with it."""

    def __init__(self, heading: str, field: Field, value: Any, draft_name: str) -> None:
        super().__init__(heading)
        self._field = field
        self._first = self._value = value
        self._draft = KeptDraft(self, "" if field.secret else draft_name)

    async def begin(self, place: Vertical) -> str:
        """The field, with what was typed before."""
        found = await self._draft.from_before({VALUE: [self._first]}, lambda _: self._field.label)
        kept = found.values if found else {}
        (self._value,) = kept.get(VALUE, [self._first])
        text = kept.get(TEXT)
        scroll = VerticalScroll(FieldBlock(self._field, self._value, text and (text[0], text[1])), can_focus=False)
        await place.mount(scroll)
        self._show()
        scroll.query_one(FieldBlock).control.query("*").focus()
        return found.told if found else ""

    def on_field_block_edited(self, event: FieldBlock.Edited) -> None:
        """Remember what was entered."""
        event.block.control.heard()
        if not event.block.error:
            self._value = event.value
        values = {} if same(self._value, self._first) else {VALUE: [self._value]}
        self._draft.note(
            values | ({TEXT: list(event.block.typed)} if event.block.typed else {}), {VALUE: [self._first]}
        )
        self._show()

    def on_input_submitted(self) -> None:
        """Enter takes it over."""
        self.action_accept()

    def changed_labels(self) -> list[str]:
        """The label, when another value stands there."""
        unread = any(block.typed for block in self.query(FieldBlock))
        return [self._field.label or "Value"] if unread or not same(self._value, self._first) else []

    def forget_draft(self) -> None:
        """What was typed was taken over, or is discarded."""
        self._draft.forget()

    def action_accept(self) -> None:
        """Give the value back."""
        block = self.query_one(FieldBlock)
        if block.error or self._value is None:
            self.complain(f"{self._field.label}: {block.error or 'enter a value, or leave with Esc'}")
        else:
            self._draft.forget()
            self.dismiss((self._value,))

    def _show(self) -> None:
        self.query_one(FieldBlock).show(self._value, self._field.options, (), (), "", enabled=True)
