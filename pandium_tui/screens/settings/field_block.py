"""A field of the form on the screen: its label, its control, and under it what is wrong or what helps."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from pandium_tui.manifest.form.choices import Option, as_title
from pandium_tui.manifest.form.fields import Field
from pandium_tui.screens.settings.controls import Control, Entered, control_for
from pandium_tui.text import shortened, visible, visible_block

LONGEST_LABEL = 90
"""Cells of a label: about five lines of its column."""
LONGEST_STALE = 60


class FieldBlock(Vertical):
    """Its id is ``field-`` and the field's number: names from a file cannot be ids."""

    DEFAULT_CSS = """
    FieldBlock { height: auto; }
    FieldBlock > Horizontal { height: auto; }
    FieldBlock .label { width: 24; height: auto; padding-right: 1; }
    FieldBlock .note { display: none; height: auto; margin-left: 24; color: $text-muted; }
    FieldBlock.-said .note { display: block; }
    FieldBlock.-bad .note, FieldBlock.-bad .label { color: $text-error; }
    FieldBlock:focus-within .label { text-style: bold; }
    """

    @dataclass
    class Edited(Message):
        """A value was entered, or (with ``block.error``) something that is none."""

        block: "FieldBlock"
        value: Any

    def __init__(self, field: Field, value: Any, typed: tuple[str, str] | None = None) -> None:
        """The field; ``typed`` is a text that could not be read as a value yet, and why."""
        super().__init__(id=f"field-{field.number}")
        self.field = field
        self.control: Control = control_for(field, value)
        self.error = typed[1] if typed else ""
        self.touched = typed is not None
        self._typed = typed[0] if typed else None
        self._is_ready = False
        self._first_words: Callable[[], None] | None = None
        self._problem = ""
        self._standing = ""
        self._limits = ""

    def compose(self) -> ComposeResult:
        """Label and control side by side, the note below."""
        with Horizontal():
            yield Static(self._label(), classes="label", markup=False)
            yield self.control
        yield Static(classes="note", markup=False)

    def on_mount(self) -> None:
        """Show what there was to show; what was typed before the form was made anew stands there again."""
        self._is_ready = True
        if self._first_words is not None:
            self._first_words()
        if self._typed is not None:
            self.control.set_text(self._typed)

    @property
    def typed(self) -> tuple[str, str] | None:
        """The text that could not be read as a value, and why."""
        return (self.control.text(), self.error) if self.error else None

    @property
    def problem(self) -> str:
        """What is said to be wrong with it."""
        return self._problem

    def on_entered(self, event: Entered) -> None:
        """Remember what cannot be read, and tell the form."""
        event.stop()
        self.touched = True
        self.error = event.error
        self.post_message(self.Edited(self, event.value))

    def on_descendant_focus(self) -> None:
        """The help shows while one is there."""
        self._tell()

    def on_descendant_blur(self) -> None:
        """And goes with the focus."""
        self.call_after_refresh(self._tell)

    def show(
        self,
        value: Any,
        options: tuple[Option, ...],
        stale: tuple[Any, ...],
        problems: tuple[str, ...],
        hint: str,
        *,
        enabled: bool,
    ) -> None:
        """Show the value and what is said about it. A text that cannot be read as a value stays."""
        if not self._is_ready:
            self._first_words = functools.partial(self.show, value, options, stale, problems, hint, enabled=enabled)
            return
        if not self.error and self.control.is_heard:
            self.control.put(value, options, stale)
        self.control.disabled = not enabled and self.field.kind != "readonly"
        self._problem = self.error or ("; ".join(problems) if self.touched or stale else "")
        self._standing = hint or self._stale_words(stale)
        facts = ("required" if self.field.required else "", self.field.limits, self._counter(value))
        self._limits = "; ".join(fact for fact in facts if fact)
        self._tell()

    def _tell(self) -> None:
        help_lines = [self._standing]
        if self.has_focus_within or self.field.kind == "readonly":
            help_lines += [self.field.help, self.field.description if self.field.description != self.field.help else ""]
        if self.has_focus_within and self._limits:
            help_lines.append(self._limits)
        text = "\n".join(visible_block(line) for line in help_lines if line)
        if self._problem:
            text = f"✗ {visible(self._problem)}"
        for note in self.query(".note").results(Static):  # none when the form is being taken away
            if str(note.content) != text:
                note.update(text)
        self.set_class(bool(text), "-said")
        self.set_class(bool(self._problem), "-bad")

    def _label(self) -> str:
        star = " *" if self.field.required else ""
        badge = "  [admin]" if self.field.admin else ""
        label = shortened(visible(self.field.label), LONGEST_LABEL) if self.field.shows_label else ""
        return f"{label}{star}{badge}".strip()

    def _stale_words(self, stale: tuple[Any, ...]) -> str:
        if not stale or self.field.secret:
            return "It holds a value that is no longer offered." if stale else ""
        names = ", ".join(shortened(visible(as_title(one)), LONGEST_STALE) for one in stale)
        return f"{names}: stored before, but the choices of the last init run do not offer it any more."

    def _counter(self, value: Any) -> str:
        most = self.field.schema.get("maxLength")
        if not isinstance(most, int) or self.field.kind not in ("text", "multiline"):
            return ""
        return f"{len(value) if isinstance(value, str) else 0}/{most} characters"
