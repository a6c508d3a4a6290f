"""What all forms share: checked while typing, nothing lost on an error, leaving with changes asks."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Checkbox, Footer, Input, Select, Static, TextArea
from textual.widgets.select import InvalidSelectValueError

from pandium_tui.hub.errors import HubError, InvalidError
from pandium_tui.screens.kept_draft import KeptDraft
from pandium_tui.storage.errors import StoreError
from pandium_tui.text import visible
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.key_words import key_of

Raw = dict[str, Any]
"""What stands in the fields, by their names."""


@dataclass(slots=True)
class Checked:
    """What is wrong by field, and hints that follow from what was typed."""

    problems: dict[str, str]
    hints: dict[str, str] = field(default_factory=dict)


class Form(ModalScreen[int | None]):
    """A form; its result is the id of what was saved, None when it was left.

    A form overrides ``heading``, ``fields``, ``check`` and ``save``. The last two are called in a thread.
    """

    DEFAULT_CSS = """
    Form { background: $background; }
    Form #heading { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    Form #heading { text-wrap: nowrap; text-overflow: ellipsis; }
    Form VerticalScroll { height: 1fr; padding: 1 1 0 1; scrollbar-gutter: stable; }
    Form #draft { display: none; height: auto; padding: 0 1; color: $text-warning; }
    Form #problem { display: none; padding: 0 1; color: $text-error; }
    Form #buttons { height: 1; padding: 0 1; }
    Form #buttons Button { margin-right: 2; min-width: 10; }
    """
    BINDING_GROUP_TITLE = "Form"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", "Save", id="form.save", tooltip="Save; what is wrong is shown at its field"),
        Binding("escape", "cancel", "Cancel", id="form.cancel", tooltip="Leave; asks when something was changed"),
        Binding("tab", "app.focus_next", "Next field", id="form.next", tooltip="To the next field; also Enter"),
        Binding(
            "shift+tab", "app.focus_previous", "Field before", show=False, id="form.before", tooltip="Back a field"
        ),
    ]
    SAVE_LABEL = "Save"
    FIELD_OF: ClassVar[dict[str, str]] = {}
    """The form's field for a field of the hub, where their names differ."""

    def __init__(self) -> None:
        super().__init__()
        self._fields: dict[str, Field] = {}
        self._initial: Raw = {}
        self._touched: set[str] = set()
        self._draft = KeptDraft(self, "")
        self.saving = False
        """Whether a save is on its way; until it has ended the form stays."""

    def heading(self) -> str:
        """What the form is for. May hold outside text."""
        return ""

    @property
    def draft_name(self) -> str:
        """Under which what was typed is kept when the form is not left by the person; "" for what is not kept."""
        return ""

    def fields(self) -> Iterable[Field]:
        """The fields, from the top."""
        return ()

    def without_secrets(self, name: str, value: Any) -> Any:
        """What of the value of a field may be kept in a draft."""
        return value

    def show_and_hide(self, raw: Raw) -> None:
        """Show and hide fields as the values ask for."""

    def check(self, raw: Raw) -> Checked:
        """What is wrong with the values."""
        return Checked({})

    def save(self, raw: Raw) -> int:
        """Save the values and give back the id. A HubError or StoreError is shown, and nothing typed is lost."""
        raise NotImplementedError

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys; the one that saves is called as the button is."""
        found = super().active_bindings
        for key, active in found.items():
            if active.binding.action == "submit":
                found[key] = active._replace(binding=replace(active.binding, description=self.SAVE_LABEL))
        return found

    def compose(self) -> ComposeResult:
        """Heading, fields, what is wrong with the whole, buttons."""
        yield Static(visible(self.heading()), id="heading", markup=False)
        yield Static(id="draft", markup=False)
        with VerticalScroll(can_focus=False):
            for one in self.fields():
                assert one.name is not None
                self._fields[one.name] = one
                yield one
        yield Static(id="problem", markup=False)
        with Horizontal(id="buttons"):
            yield Button(self.SAVE_LABEL, id="save", variant="primary", compact=True)
            yield Button("Cancel", id="cancel", compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self, event: events.Mount) -> None:
        """Remember what is there at first, and begin at the first field."""
        self.app.clear_notifications()  # they would lie over the fields
        self._initial = self._raw()
        self.show_and_hide(self._initial)
        next(one for one in self._fields.values() if one.display).control.focus()
        self._check()
        self._draft.name = self.draft_name
        self._restore_draft()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check while typing."""
        self._value_changed()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Check while typing."""
        self._value_changed()

    def on_select_changed(self, event: Select.Changed) -> None:
        """Check what was chosen."""
        self._value_changed()

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        """Check what was chosen."""
        self._value_changed()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field."""
        self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Save or leave."""
        if event.button.id == "save":
            self.action_submit()
        else:
            self.action_cancel()

    def changed_labels(self) -> list[str]:
        """The labels of the fields that would be lost."""
        raw = self._raw()
        return [self._label_of(name) for name in self._fields if raw[name] != self._initial[name]]

    @work(exclusive=True, group="leave")
    async def action_cancel(self) -> None:
        """Leave the form; changes are not lost without a question."""
        if self.saving:
            self.notify("Still saving. It can be left when that has ended.", timeout=4)
            return
        changed = self.changed_labels()
        if not changed or await self.app.push_screen_wait(
            Confirm(
                "Leave the form without saving?", [f"Changed: {', '.join(changed)}"], yes="Leave", no="Go on editing"
            )
        ):
            if changed:
                self._draft.forget()
            self.dismiss(None)

    def action_submit(self) -> None:
        """Save."""
        if not self.saving:
            self.saving = True
            self._submit()

    @work(group="save")
    async def _submit(self) -> None:
        raw = self._raw()
        self._touched.update(self._fields)
        refused = ""
        checked = Checked({})
        try:
            checked = await asyncio.to_thread(self.check, raw)
            if not checked.problems:
                self._show_problem("", working="Saving…")
                saved = await asyncio.to_thread(self.save, raw)
                self._draft.forget()
                self.dismiss(saved)
                return
        except InvalidError as error:
            checked = Checked(error.problems)
        except (HubError, StoreError) as error:
            refused = str(error)
        finally:
            self.saving = False
        self._show(checked)
        if refused:
            self._show_problem(refused)
        bad = next((one for one in self._fields.values() if one.problem), None)
        if bad is not None:
            bad.control.focus()

    def _value_changed(self) -> None:
        raw = self._raw()
        changed = {name for name in raw if raw[name] != self._initial.get(name)}
        if not changed and not self._touched:  # controls tell their first value too
            return
        self._touched |= changed
        self.show_and_hide(raw)
        self._check()
        self._note_draft(raw)

    @work(exclusive=True, group="draft")
    async def _restore_draft(self) -> None:
        """Put in what was typed before, and say so."""
        found = await self._draft.from_before(
            self._initial, self._label_of, lambda name: name in self._fields and not self._fields[name].is_secret
        )
        if found is None:
            return
        lost = []
        for name, value in found.values.items():
            try:
                self._fields[name].set_value(value)
            except (InvalidSelectValueError, TypeError, ValueError):
                lost.append(self._label_of(name))
        self._touched.update(found.values)
        told = found.told + (f" Not offered any more: {', '.join(lost)}." if lost else "")
        if found.values:
            told += f" {key_of(self, 'form.save')} saves, {key_of(self, 'form.cancel')} asks to discard it."
        line = self.query_one("#draft", Static)
        line.update(f"● {visible(told)}")
        line.display = True

    def _note_draft(self, raw: Raw) -> None:
        values, left_out = {}, []
        for name, one in self._fields.items():
            if raw[name] == self._initial[name]:
                continue
            kept = None if one.is_secret else self.without_secrets(name, raw[name])
            if kept != raw[name]:
                left_out.append(self._label_of(name))
            if kept is not None:
                values[name] = kept
        self._draft.note(values, self._initial, left_out)

    def _label_of(self, name: str) -> str:
        return self._fields[name].label or name

    @work(exclusive=True, group="check")
    async def _check(self) -> None:
        raw = self._raw()
        self._show(await asyncio.to_thread(self.check, raw))

    def _show(self, checked: Checked) -> None:
        problems = {self.FIELD_OF.get(name, name): problem for name, problem in checked.problems.items()}
        for name, one in self._fields.items():
            one.set_note(problems.get(name, "") if name in self._touched else "", checked.hints.get(name))
        self._show_problem("; ".join(problem for name, problem in problems.items() if name not in self._fields))

    def _show_problem(self, text: str, *, working: str = "") -> None:
        line = self.query_one("#problem", Static)
        line.update(f"✗ {visible(text)}" if text else working)
        line.display = bool(text or working)

    def _raw(self) -> Raw:
        return {name: one.value for name, one in self._fields.items()}
