"""The fields of a listing as a form inside a tab."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from pandium_tui.hub.listing_checks import located
from pandium_tui.hub.listing_content import (
    FIELD_BY_NAME,
    LISTING_FIELDS,
    ListingContent,
    ListingField,
    changed_content,
    text_of,
    value_from_text,
)
from pandium_tui.hub.listings import WordsInUse
from pandium_tui.text import visible, visible_block
from pandium_tui.widgets.field import Field, LinesInput
from pandium_tui.widgets.list_suggester import ListSuggester
from pandium_tui.widgets.text_input import TextInput

Texts = dict[str, str]
"""What stands in the fields, by their names."""


class ListingForm(VerticalScroll):
    """All fields in sections. It says ``Edited`` when something was typed; what is wrong is told to it.

    Only fields that a person changed are read from the controls: what cannot be shown as it is stays as it was.
    """

    DEFAULT_CSS = """
    ListingForm { padding: 0 1; scrollbar-gutter: stable; }
    ListingForm .section { margin-bottom: 1; text-style: bold; background: $panel; }
    ListingForm #state { margin-bottom: 1; height: auto; }
    ListingForm .long TextArea { height: 9; }
    ListingForm .short TextArea { height: 4; }
    """

    class Edited(Message):
        """A field was changed."""

    def __init__(self, content: ListingContent, words: WordsInUse) -> None:
        super().__init__()
        self._content = content
        self._initial: Texts = {}
        self._touched: set[str] = set()
        suggesters = {"categories": words.categories, "tags": words.tags}
        self._fields = {field.name: _field(field, content, suggesters) for field in LISTING_FIELDS}

    def compose(self) -> ComposeResult:
        """The state, then the fields section by section."""
        yield Static(" State and publish", classes="section", markup=False)
        yield Static(id="state", markup=False)
        section = ""
        for field in LISTING_FIELDS:
            if field.section != section:
                section = field.section
                yield Static(f" {section}", classes="section", markup=False)
            yield self._fields[field.name]

    def on_mount(self) -> None:
        """Remember what is there at first."""
        self._initial = self.texts()

    def texts(self) -> Texts:
        """What stands in the fields now."""
        return {name: field.value for name, field in self._fields.items()}

    def changed_texts(self) -> Texts:
        """What a person changed and did not save yet."""
        return {name: text for name, text in self.texts().items() if text != self._initial.get(name, text)}

    def stored_texts(self) -> Texts:
        """What stood in the fields before anything was typed."""
        return dict(self._initial)

    def put_texts(self, texts: Mapping[str, str]) -> None:
        """Put in what was typed before."""
        for name, text in texts.items():
            if name in self._fields:
                self._fields[name].set_value(text)

    def changed_labels(self) -> list[str]:
        """The labels of the fields that would be lost."""
        return [FIELD_BY_NAME[name].label for name in self.changed_texts()]

    def changes(self) -> dict[str, Any]:
        """The values of the changed fields; image files are meant relative to the current folder."""
        changes = {name: value_from_text(name, text) for name, text in self.changed_texts().items()}
        content = located(changed_content(ListingContent(), changes), Path.cwd())
        return {name: getattr(content, name) for name in changes}

    def content(self) -> ListingContent:
        """The listing as it would be saved."""
        return changed_content(self._content, self.changes())

    def load(self, content: ListingContent, saved: Texts | None = None) -> None:
        """Take over what the store has now. What was typed stays, unless it is what was just saved."""
        changed = self.changed_texts()
        self._content = content
        for name, field in self._fields.items():
            stored = _shown(FIELD_BY_NAME[name], content)
            if name not in changed or (saved or {}).get(name) == changed[name]:
                self._touched.discard(name)
                if field.value != stored:  # putting in the same text would still move the cursor
                    with self.prevent(Input.Changed, TextArea.Changed):
                        field.set_value(stored)
            self._initial[name] = stored

    def show_state(self, text: str) -> None:
        """Show the section about publishing."""
        self.query_one("#state", Static).update(visible_block(text))

    def show_problems(self, problems: Mapping[str, str], *, everywhere: bool = False) -> None:
        """Show what is wrong at the fields that were touched, or at all."""
        if everywhere:
            self._touched.update(problems)
        for name, field in self._fields.items():
            field.set_note(problems.get(name, "") if name in self._touched else "")

    def focus_first_problem(self) -> None:
        """Go to the first field that is wrong."""
        bad = next((field for field in self._fields.values() if field.problem), None)
        if bad is not None:
            bad.control.focus()

    def focused_field(self) -> ListingField | None:
        """The field that is being edited."""
        focused = self.screen.focused
        return next((FIELD_BY_NAME[name] for name, one in self._fields.items() if one.control is focused), None)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Something was typed."""
        self._edited()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Something was typed."""
        self._edited()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field."""
        self.screen.focus_next()

    def _edited(self) -> None:
        changed = self.changed_texts()
        if changed or self._touched:  # controls tell their first value too
            self._touched.update(changed)
            self.post_message(self.Edited())


def _field(field: ListingField, content: ListingContent, words: Mapping[str, tuple[str, ...]]) -> Field:
    text = text_of(content, field.name)
    control: Widget
    if field.kind in ("markdown", "images"):
        control = LinesInput(text)
        control.soft_wrap = field.kind == "markdown"
    else:
        suggester = ListSuggester(words[field.name]) if field.name in words else None
        control = TextInput(text, suggester=suggester)
    hint = f"{field.hint}; → takes the word that is offered" if words.get(field.name) else field.hint
    made = Field(field.name, f"{field.label} *" if field.required else field.label, control, hint)
    made.set_class(field.name == "long_description", "long")
    made.set_class(field.kind == "images" or field.name == "short_description", "short")
    return made


def _shown(field: ListingField, content: ListingContent) -> str:
    """The text as the control of the field holds it."""
    text = text_of(content, field.name)
    return visible_block(text) if field.kind in ("markdown", "images") else visible(text)
