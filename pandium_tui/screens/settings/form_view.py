"""The form on the screen. It holds the values being edited, and shows what the form says about them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Rule, Static

from pandium_tui.manifest.form.fields import Element, Field, Group, Note, Row, Section, walk
from pandium_tui.manifest.form.form import Form
from pandium_tui.manifest.form.json_values import same, value_at
from pandium_tui.manifest.form.state import FormState
from pandium_tui.manifest.form.switches import Switches
from pandium_tui.screens.settings.controls import focus_target
from pandium_tui.screens.settings.field_block import FieldBlock
from pandium_tui.text import visible, visible_block

OPEN_UP_TO = 40
"""Fields of a form up to which all sections are open at first; each input costs about 10 ms to put on the screen."""


Typed = dict[tuple[str, ...], tuple[str, str]]
"""Texts that could not be read as a value, and why, by the keys to their fields."""


class SectionTitle(Static, can_focus=True):
    """The line above a section; Enter opens and closes it."""

    BINDING_GROUP_TITLE = "Section"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "open_or_close", "Open/close", id="section.toggle", tooltip="Open or close the section"),
    ]

    @dataclass
    class Toggled(Message):
        """Enter was pressed on it."""

    def action_open_or_close(self) -> None:
        """Tell the section."""
        self.post_message(self.Toggled())

    def on_click(self) -> None:
        """As Enter."""
        self.action_open_or_close()


class SectionBlock(Vertical):
    """A section; its fields are only put on the screen when it is opened for the first time."""

    DEFAULT_CSS = """
    SectionBlock { height: auto; margin-top: 1; }
    SectionBlock > SectionTitle { height: auto; text-style: bold; color: $text-primary; }
    SectionBlock > SectionTitle:focus { background: $panel; }
    SectionBlock > .help { color: $text-muted; padding-left: 2; height: auto; }
    SectionBlock > .body { height: auto; padding-left: 2; }
    """

    def __init__(self, section: Section, *, is_open: bool) -> None:
        super().__init__(id=f"element-{section.number}")
        self.section = section
        self.is_open = is_open
        self.is_filled = False

    def compose(self) -> ComposeResult:
        """Title, help, and the place for the fields."""
        yield SectionTitle(self._title(), markup=False)
        if self.section.help:
            yield Static(visible_block(self.section.help), classes="help", markup=False)
        yield Vertical(classes="body")

    @property
    def body(self) -> Vertical:
        """Where its fields are."""
        return self.query_one(".body", Vertical)

    def set_open(self, is_open: bool) -> None:
        """Show or hide what is in it."""
        self.is_open = is_open
        self.body.display = is_open
        for one in self.query(".help").results(Static):
            one.display = is_open
        self.query_one(SectionTitle).update(self._title())

    def _title(self) -> str:
        mark = "▾" if self.is_open else "▸"
        subtitle = f"  {visible(self.section.subtitle)}" if self.section.subtitle else ""
        return f"{mark} {visible(self.section.label)}{subtitle}"


WIDE_SCREENS = [(100, "-wide")]
"""The ``HORIZONTAL_BREAKPOINTS`` of a screen with a form: where there is room, fields stand beside each other."""


class AlternativesBlock(Vertical):
    """The choice of an alternative, and beneath it what each is filled in with."""

    DEFAULT_CSS = """
    AlternativesBlock { height: auto; }
    """

    def __init__(self, choice: FieldBlock, *alternatives: Widget, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(choice, *alternatives, id=id)
        self.choice = choice


class FormView(VerticalScroll, can_focus=False):
    """``values`` are those being edited; :class:`Changed` tells that they, or what is wrong with them, changed."""

    DEFAULT_CSS = """
    FormView { height: 1fr; padding: 0 1; scrollbar-gutter: stable; }
    FormView .note-text { height: auto; margin-top: 1; text-style: bold; }
    FormView .block { height: auto; }
    FormView .object { height: auto; border-left: outer $panel; padding-left: 1; }
    FormView .title { height: auto; text-style: bold; }
    FormView .row { height: auto; }
    .-wide FormView .row { layout: horizontal; }
    .-wide FormView .row > FieldBlock { width: 1fr; margin-right: 2; }
    FormView Rule.-horizontal { margin: 0; color: $panel; }
    """

    @dataclass
    class Changed(Message):
        """A value was changed by the person."""

    def __init__(
        self,
        form: Form,
        values: dict[str, Any],
        typed: Typed | None = None,
        *,
        draft_name: str = "",
        secret: frozenset[str] = frozenset(),
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """The form with its values; ``typed`` stands in fields instead of a value.

        Drafts of rows are kept under ``draft_name``, but for what is in the ``secret`` values; without a name none is.
        """
        super().__init__(id=id)
        self.draft_name = draft_name
        self.secret = secret
        self.form = form
        self.values = values
        self.as_customer = False
        self.state: FormState = form.state(values)
        self.switches = Switches()
        self._typed = dict(typed or {})
        self._shown: dict[int, Widget] = {}
        """The elements that are on the screen, by number."""

    def compose(self) -> ComposeResult:
        """All elements, from top to bottom."""
        yield from self._widgets(self.form.elements)

    async def on_mount(self, event: events.Mount) -> None:
        """Open the sections, and say what the form says."""
        await self._open_first()
        self.show_state()

    def replace(self, form: Form, values: dict[str, Any]) -> None:
        """Show another form or other values; what cannot be read as a value yet stays where its field stays."""
        same_fields = _shape(form) == _shape(self.form)
        if not same_fields or values is not self.values:
            self.switches = Switches()
        for block in self._blocks():
            if block.typed is not None:
                self._typed[block.field.steps] = block.typed
        self.form, self.values = form, values
        if same_fields:
            self._typed.clear()
            self.show_state()
        else:
            self.run_worker(self._remake(), exclusive=True, group="remake")

    def put_values(self, values: dict[str, Any]) -> None:
        """Show other values, such as imported ones; what could not be read is dropped."""
        for block in self._blocks():
            if block.error:
                block.error, block.touched = "", False
        self._typed.clear()
        self.switches = Switches()
        self.values = values
        self.show_state()

    def show_state(self) -> None:
        """Show and hide, enable and disable, offer and complain as the form says about the values."""
        chosen = self.switches.chosen
        self.state = state = self.form.state(self.values, chosen=chosen, as_customer=self.as_customer)
        errors = state.errors
        with self.app.batch_update():
            for number, widget in self._shown.items():
                widget.display = number in state.visible
                # What an alternative that does not hold is filled in with keeps what was typed there.
                if isinstance(widget, FieldBlock) and widget.display:
                    widget.show(
                        self._shown_value(widget.field),
                        state.options.get(number, widget.field.options),
                        state.stale.get(number, ()),
                        errors.get(number, ()),
                        state.hints.get(number, ""),
                        enabled=number in state.enabled,
                    )

    def _shown_value(self, field: Field) -> Any:
        if field.kind == "alternatives":
            return self.state.alternatives.get(field.number)
        return value_at(self.state.values, field.steps)

    @property
    def values_to_save(self) -> dict[str, Any]:
        """The values being edited, of alternatives those of the chosen ones."""
        return self.form.values_to_save(self.values, self.switches.chosen)

    @property
    def typed(self) -> Typed:
        """The texts that are no values yet, also of sections that were not opened."""
        shown = {block.field.steps: block.typed for block in self._blocks()}
        waiting = {steps: typed for steps, typed in self._typed.items() if steps not in shown}
        return waiting | {steps: typed for steps, typed in shown.items() if typed is not None}

    @property
    def unreadable(self) -> dict[str, str]:
        """What was typed that is no value, by the label of its field; not in fields that are hidden."""
        return {block.field.label: block.error for block in self._blocks() if block.error and block.display}

    def touch_all(self) -> None:
        """From now on all problems are shown at their fields."""
        for block in self._blocks():
            block.touched = True
        self.show_state()

    async def go_to(self, number: int) -> bool:
        """Go to a field, opening the section it is in; false when it is not on the screen."""
        for section in _sections_above(self.form.elements, number):
            block = self._shown.get(section.number)
            if isinstance(block, SectionBlock):
                await self._open(block, is_open=True)
        widget = self._shown.get(number)
        target = focus_target(widget) if widget else None
        if widget is None or target is None:
            return False
        self.screen.set_focus(target)
        widget.scroll_visible(animate=False)
        return True

    async def go_to_first(self) -> None:
        """Go to the first field that can be changed."""
        for field in self.form.fields:
            if field.number in self.state.visible & self.state.enabled and await self.go_to(field.number):
                return

    def focused_block(self) -> FieldBlock | None:
        """The field that has the focus."""
        return next((block for block in self._blocks() if block.has_focus_within), None)

    async def on_section_title_toggled(self, event: SectionTitle.Toggled) -> None:
        """Open or close the section."""
        event.stop()
        title = self.screen.focused
        block = title.parent if title else None
        if isinstance(block, SectionBlock):
            await self._open(block, is_open=not block.is_open)

    def on_field_block_edited(self, event: FieldBlock.Edited) -> None:
        """A value was entered: everything that depends on it follows at once."""
        event.stop()
        event.block.control.heard()
        field = event.block.field
        if not event.block.error and not same(event.value, self._shown_value(field)):
            if field.kind == "alternatives":
                self.values = self.switches.switch(self.values, field, event.value)
            else:
                self.values = self.form.with_value(self.values, field, event.value)
        self.show_state()
        self.post_message(self.Changed())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field."""
        event.stop()
        self.screen.focus_next()

    def _blocks(self) -> list[FieldBlock]:
        return [one for one in self._shown.values() if isinstance(one, FieldBlock)]

    async def _remake(self) -> None:
        self._shown.clear()
        await self.remove_children()
        await self.mount_all(list(self._widgets(self.form.elements)))
        await self._open_first()
        self._typed.clear()
        self.show_state()
        self.post_message(self.Changed())

    async def _open_first(self) -> None:
        everything = len(self.form.fields) <= OPEN_UP_TO
        for number, block in enumerate(list(self.query(SectionBlock))):
            await self._open(block, is_open=everything or number == 0)

    async def _open(self, block: SectionBlock, *, is_open: bool) -> None:
        if is_open and not block.is_filled:
            block.is_filled = True
            await block.body.mount_all(list(self._widgets(block.section.elements)))
            for inner in list(block.body.query(SectionBlock)):
                await self._open(inner, is_open=True)
            self.show_state()
        block.set_open(is_open)

    def _block(self, field: Field) -> FieldBlock:
        return FieldBlock(field, self._shown_value(field), self._typed.get(field.steps))

    def _widgets(self, elements: Iterable[Element]) -> Iterator[Widget]:
        for element in elements:
            widget = self._widget(element)
            # Of alternatives the choice is what there is to show something at.
            self._shown[element.number] = widget.choice if isinstance(widget, AlternativesBlock) else widget
            yield widget

    def _widget(self, element: Element) -> Widget:
        identity = f"element-{element.number}"
        match element:
            case Section():
                return SectionBlock(element, is_open=False)
            case Group(label=label):
                title = [Static(visible(label), classes="title", markup=False)] if label else []
                return Vertical(*title, *self._widgets(element.elements), id=identity, classes="block")
            case Row():
                return Vertical(*self._widgets(element.elements), id=identity, classes="row")
            case Note(text=text):
                return Static(visible_block(text), id=identity, classes="note-text", markup=False)
            case Field(kind="alternatives"):
                inner = self._widgets(element.fields)
                return AlternativesBlock(self._block(element), *inner, id=identity)
            case Field(alternative=int()) if element.is_frame:
                return Vertical(*self._widgets(element.fields), id=identity, classes="object")
            case Field(fields=fields) if element.is_frame:
                words = f"{visible(element.label)}{' *' if element.required else ''}"
                title = [Static(words, classes="title", markup=False)]
                return Vertical(*title, *self._widgets(fields), id=identity, classes="object")
            case Field():
                return self._block(element)
            case _:
                return Rule(id=identity)


def _shape(form: Form) -> list[tuple[int, type, object]]:
    return [
        (one.number, type(one), (one.steps, one.kind, one.label, one.required) if isinstance(one, Field) else None)
        for one in walk(form.elements)
    ]


def _sections_above(elements: Iterable[Element], number: int) -> list[Section]:
    """The sections an element is in, from the outermost."""
    for element in elements:
        if element.number == number:
            return []
        inner = element.elements if isinstance(element, Section | Group | Row) else ()
        inner = element.fields if isinstance(element, Field) and element.kind in ("object", "alternatives") else inner
        if any(one.number == number for one in walk(tuple(inner))):
            return [*([element] if isinstance(element, Section) else []), *_sections_above(inner, number)]
    return []
