"""Controls for values that are chosen among several."""

from typing import Any

from rich.text import Text
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, RadioButton, RadioSet, Select, SelectionList
from textual.widgets.selection_list import Selection

from pandium_tui.manifest.form.choices import Option, as_title
from pandium_tui.manifest.form.fields import Field
from pandium_tui.manifest.form.json_values import key_of, same
from pandium_tui.screens.settings.controls import MOST_LINES, Control
from pandium_tui.text import visible
from pandium_tui.widgets.choice import Choice
from pandium_tui.widgets.text_input import TextInput

MOST_RADIO = 5
"""Choices up to which they are seen all at once, where the form wants that."""

FILTERED_FROM = 15
"""Choices from which a choice of several has a line to filter them."""


class ChoiceControl(Control):
    """One of several choices. A value that is no longer offered stays chosen, and says so."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._values: list[Any] = []
        self._titles: list[str] = []

    def compose(self) -> ComposeResult:
        yield Choice[int]([], prompt="(nothing)", compact=True)

    def put(self, value: Any, options: tuple[Option, ...], stale: tuple[Any, ...]) -> None:
        titles = [*(visible(one.title) for one in options), *(_stale_title(self.field, one) for one in stale)]
        values = [*(one.value for one in options), *stale]
        if value is not None and key_of(value) not in map(key_of, values):  # the choices are not there yet
            titles.append("********" if self.field.secret else visible(as_title(value)))
            values.append(value)
        select = self.query_one(Select)
        with self.prevent(Select.Changed):
            if titles != self._titles or not same(values, self._values):
                self._titles, self._values = titles, values
                select.set_options([(Text(title), place) for place, title in enumerate(titles)])
            wanted = key_of(value)
            place = next((at for at, one in enumerate(values) if value is not None and key_of(one) == wanted), None)
            new = Select.NULL if place is None else place
            if select.value != new:
                select.value = new

    def on_select_changed(self, event: Select.Changed) -> None:
        event.stop()
        place = self.query_one(Select[int]).selection
        self.enter(None if place is None else self._values[place])


class RadioMark(RadioButton):
    """A choice that differs by more than its colour when it is the chosen one."""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802 - Textual's name
        """Its mark."""
        return "●" if self.value else " "


class RadioControl(Control):
    """One of a few choices that are always the same, seen all at once."""

    def __init__(self, field: Field, value: Any) -> None:
        super().__init__(field)
        self._value = value
        self._values = [None, *(option.value for option in field.options)]

    def compose(self) -> ComposeResult:
        titles = ["(nothing)", *(visible(option.title) for option in self.field.options)]
        at = self._place(self._value)
        marks = [RadioMark(Text(title), place == at, compact=True) for place, title in enumerate(titles)]
        yield RadioSet(*marks, compact=True)

    def on_radio_set_changed(self, event: RadioSet.Changed) -> None:
        event.stop()
        value = self._values[event.index]
        if not same(value, self._value):
            self._value = value
            self.enter(value)

    def put(self, value: Any, options: tuple[Option, ...], stale: tuple[Any, ...]) -> None:
        if not same(value, self._value):
            self._value = value
            list(self.query(RadioMark))[self._place(value)].value = True

    def _place(self, value: Any) -> int:
        """The place of a value; one that is not offered is as nothing, and what is wrong with it is said below."""
        return next((at for at, one in enumerate(self._values) if same(one, value)), 0)


class SeveralControl(Control):
    """Several of many choices, in the order of the choices; with a filter above a long list."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self._values: list[Any] = []
        self._titles: list[str] = []
        self._chosen: set[int] = set()

    def compose(self) -> ComposeResult:
        entry = TextInput("", "type to filter")
        entry.display = False
        yield entry
        yield SelectionList[int](compact=True)

    def put(self, value: Any, options: tuple[Option, ...], stale: tuple[Any, ...]) -> None:
        titles = [*(visible(one.title) for one in options), *(_stale_title(self.field, one) for one in stale)]
        values = [*(one.value for one in options), *stale]
        keys = {key_of(one) for one in value} if isinstance(value, list) else set[str]()
        chosen = {place for place, one in enumerate(values) if key_of(one) in keys}
        if titles != self._titles or not same(values, self._values) or chosen != self._chosen:
            self._titles, self._values, self._chosen = titles, values, chosen
            self.query_one(Input).display = len(values) >= FILTERED_FROM
            self.query_one(SelectionList).styles.height = max(1, min(len(values), MOST_LINES - 4))
            self._fill()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._fill()

    def on_selection_list_selection_toggled(self, event: SelectionList.SelectionToggled[int]) -> None:
        event.stop()
        place = event.selection.value
        self._chosen ^= {place}
        event.selection_list.replace_option_prompt_at_index(event.selection_index, self._prompt(place))
        self.enter([self._values[place] for place in sorted(self._chosen)] or None)

    def _fill(self) -> None:
        wanted = self.query_one(Input).value.casefold()
        found = self.query_one(SelectionList)
        highlighted = found.highlighted
        with self.prevent(SelectionList.SelectedChanged):
            found.clear_options()
            found.add_options(
                Selection(self._prompt(place), place, place in self._chosen)
                for place, title in enumerate(self._titles)
                if wanted in title.casefold()
            )
            if found.option_count:
                found.highlighted = min(highlighted or 0, found.option_count - 1)

    def _prompt(self, place: int) -> Content:
        """Chosen ones differ by more than their colour."""
        return Content(f"{'✓' if place in self._chosen else ' '} {self._titles[place]}")


def _stale_title(field: Field, value: Any) -> str:
    return f"{'********' if field.secret else visible(as_title(value))} (no longer offered)"
