"""A tab that is edited in place: checked while typing, nothing lost on an error, changes told before they are left."""

import asyncio
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Checkbox, Input, Select, Static
from textual.widgets.select import InvalidSelectValueError

from pandium_tui.hub.errors import HubError, InvalidError
from pandium_tui.screens.form import Checked, Raw
from pandium_tui.screens.kept_draft import KeptDraft
from pandium_tui.storage.errors import StoreError
from pandium_tui.text import visible
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.key_words import key_of


class EditedPane(Vertical):
    """A pane overrides ``check`` and ``save``, which are called in a thread, and ``reload``.

    Beside the fields it has two lines, ``#unsaved`` and ``#problem``.

    What stands in it follows the store until something is typed, and is left alone from then on.
    """

    DEFAULT_CSS = """
    EditedPane #unsaved { display: none; height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    EditedPane #problem { display: none; height: auto; padding: 0 1; color: $text-error; }
    """
    BINDING_GROUP_TITLE = "Editing"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="pane.save", tooltip="Save all of this tab"),
        Binding("ctrl+r", "revert", "Revert", show=False, id="pane.revert", tooltip="Drop what was changed here"),
    ]

    def __init__(self, draft_name: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """The pane; ``draft_name`` is what what was typed is kept under until it is saved."""
        super().__init__(id=id)
        self._draft = KeptDraft(self, draft_name)
        self._draft_words = ""
        self._fields: dict[str, Field] = {}
        self._stored: Raw = {}
        self._touched: set[str] = set()
        self._saving = False
        self._is_changed = False

    def check(self, raw: Raw) -> Checked:
        """What is wrong with the values."""
        return Checked({})

    def save(self, raw: Raw) -> str:
        """Save the values and give back what to tell. A HubError or StoreError is shown, and nothing typed is lost."""
        raise NotImplementedError

    def raw(self) -> Raw:
        """What stands in the fields now, by name."""
        return {name: one.value for name, one in self._fields.items()}

    def put(self, name: str, value: Any) -> None:
        """Put a value into a field."""
        self._fields[name].set_value(value)

    def kept_value(self, name: str, value: Any) -> Any:
        """The value of a field as a draft keeps it."""
        return value

    def value_kept(self, name: str, kept: Any) -> Any:
        """The value of a field that a draft kept."""
        return kept

    def label_of(self, name: str) -> str:
        """What a person calls a field."""
        return self._fields[name].label

    def changed(self) -> list[str]:
        """The names of the fields whose values are not saved."""
        if not self._stored:
            return []
        raw = self.raw()
        return [name for name, value in self._stored.items() if raw[name] != value]

    def changed_labels(self) -> list[str]:
        """The labels of the fields that would be lost."""
        return [self.label_of(name) for name in self.changed()]

    def follow(self, stored: Raw) -> None:
        """Show what the store says now, unless something was changed here."""
        if stored == self._stored:
            return
        if self._stored and self.changed():
            revert, save = key_of(self, "pane.revert"), key_of(self, "pane.save")
            self._show_problem(
                f"It was changed elsewhere meanwhile: {revert} shows that, {save} saves what stands here."
            )
            return
        self._put_all(stored)

    async def restore_draft(self) -> None:
        """Put in what was typed before and not saved, and say so; once, after the fields are there."""
        if self._draft.has_looked:
            return
        found = await self._draft.from_before(
            {name: self.kept_value(name, value) for name, value in self._stored.items()},
            self.label_of,
            lambda name: name in self._stored,
        )
        if found is None:
            return
        lost = []
        for name, kept in found.values.items():
            try:
                self.put(name, self.value_kept(name, kept))
            except (InvalidSelectValueError, TypeError, ValueError, KeyError):
                lost.append(name)
        self._draft_words = found.told
        if lost:
            self._draft_words += f" Not offered any more: {', '.join(self.label_of(name) for name in lost)}."
        self.value_changed()

    def forget_draft(self) -> None:
        """What was typed is discarded."""
        self._draft_words = ""
        self._draft.forget()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What was not changed needs no saving."""
        if action in ("save", "revert"):
            return self._is_changed or None
        return super().check_action(action, parameters)

    def reason_against(self, action: str) -> str:
        """What was not changed needs no saving."""
        return {"save": "Nothing to save.", "revert": "Nothing was changed."}.get(action, "") if self._stored else ""

    def action_revert(self) -> None:
        """Drop what was changed here."""
        self.forget_draft()
        self._stored = {}
        self._touched.clear()
        self.reload()

    def reload(self) -> None:
        """Read what the store says now, and ``follow`` it."""

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check while typing."""
        self.value_changed()

    def on_select_changed(self, event: Select.Changed) -> None:
        """Check what was chosen."""
        self.value_changed()

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        """Check what was chosen."""
        self.value_changed()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field."""
        self.screen.focus_next()

    def value_changed(self) -> None:
        """Something was typed, chosen, or put there."""
        self._touched.update(self.changed())
        self._note_draft()
        self._tell_unsaved()
        self._check()

    def action_save(self) -> None:
        """Save."""
        if not self._saving and self._stored:
            self._saving = True
            self._save()

    @work(group="save")
    async def _save(self) -> None:
        raw = self.raw()
        self._touched.update(self._fields)
        try:
            checked = await asyncio.to_thread(self.check, raw)
            self._show(checked)
            if not checked.problems:
                told = await asyncio.to_thread(self.save, raw)
                self._stored = raw
                self._touched.clear()
                self.forget_draft()
                self._show_problem("")
                self.notify(visible(told), timeout=6, markup=False)
                self.reload()
                self.value_changed()
                return
        except InvalidError as error:
            self._show(Checked(error.problems))
        except (HubError, StoreError) as error:
            self._show_problem(str(error))
        finally:
            self._saving = False
        bad = next((one for one in self._fields.values() if one.problem), None)
        if bad is not None:
            bad.control.focus()

    @work(exclusive=True, group="check")
    async def _check(self) -> None:
        checked = await asyncio.to_thread(self.check, self.raw())
        if not self.was_left:
            self._show(checked)

    @property
    def was_left(self) -> bool:
        """Whether its page was left, and its fields are being taken down."""
        return not any(page in self.app.screen_stack for page in self.ancestors)

    def _put_all(self, stored: Raw) -> None:
        self._stored = dict(stored)
        self._touched.clear()
        with self.prevent(Input.Changed, Select.Changed, Checkbox.Changed):
            for name, value in stored.items():
                self.put(name, value)
        self._show_problem("")
        self._tell_unsaved()
        self._check()

    def _tell_unsaved(self) -> None:
        labels = self.changed_labels()
        if self._is_changed != bool(labels):
            self._is_changed = bool(labels)
            self.screen.refresh_bindings()
        line = self.query_one("#unsaved", Static)
        words = f"● {self._draft_words}".rstrip("● ")
        if labels:
            drop = f" {key_of(self, 'pane.revert')} drops it. " if words else "● "
            words += f"{drop}Not saved ({key_of(self, 'pane.save')}): {', '.join(labels)}"
        line.update(visible(words))
        line.display = bool(words)

    def _note_draft(self) -> None:
        raw = self.raw()
        changed = [name for name in self.changed() if not (name in self._fields and self._fields[name].is_secret)]
        self._draft.note(
            {name: self.kept_value(name, raw[name]) for name in changed},
            {name: self.kept_value(name, self._stored[name]) for name in changed},
        )

    def _show(self, checked: Checked) -> None:
        for name, one in self._fields.items():
            problem = checked.problems.get(name, "") if name in self._touched else ""
            one.set_note(problem, checked.hints.get(name))
        rest = "; ".join(problem for name, problem in checked.problems.items() if name not in self._fields)
        if rest:
            self._show_problem(rest)

    def _show_problem(self, text: str) -> None:
        line = self.query_one("#problem", Static)
        line.update(f"✗ {visible(text)}" if text else "")
        line.display = bool(text)
