"""A form: its elements, and what it says about values. Made by :func:`~.building.build_form`."""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pandium_tui.manifest.form.alternatives import NOTHING_CHOSEN, Chosen
from pandium_tui.manifest.form.defaults import in_effect
from pandium_tui.manifest.form.definition import Definition
from pandium_tui.manifest.form.fields import Element, Field
from pandium_tui.manifest.form.json_values import parse_pointer, value_at, with_value_at
from pandium_tui.manifest.form.oddities import Oddity
from pandium_tui.manifest.form.problems import ValueProblem
from pandium_tui.manifest.form.scopes import declared_names
from pandium_tui.manifest.form.state import FormState, evaluate


class Form:
    """Its definition, and ``notes``: what was odd about how it is written."""

    def __init__(self, definition: Definition, notes: tuple[Oddity, ...] = ()) -> None:
        self.definition = definition
        self.notes = notes

    @property
    def elements(self) -> tuple[Element, ...]:
        """What a screen shows, from top to bottom."""
        return self.definition.elements

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields, with those inside mappings, without the columns of tables."""
        return self.definition.fields

    def field_at(self, path: str) -> Field | None:
        """The first field for the value at a JSON pointer."""
        return self.definition.peers.get(parse_pointer(path))

    def state(self, values: Any, *, chosen: Chosen = NOTHING_CHOSEN, as_customer: bool = False) -> FormState:
        """The form for these values, which may be any JSON. Never raises.

        Args:
            values: what is stored, or being edited.
            chosen: the alternatives a person chose while editing; of others the values tell which one holds.
            as_customer: whether the fields for staff are to be hidden. What a run gets does not change with it.
        """
        given = values if isinstance(values, dict) else {}
        return evaluate(self.definition, given, chosen, as_customer=as_customer)

    def with_value(self, values: dict[str, Any], field: Field, value: Any) -> dict[str, Any]:
        """The values with one changed; ``None`` empties the field.

        Values of fields that depend on it and are no longer offered are emptied too.
        """
        # Without a trace of having been emptied the field would get its default again.
        keep = value is not None or field.default is not None
        changed = with_value_at(values, field.steps, value, keep=keep)
        for child in self.definition.fields:
            if child.depends_on == field.path:
                changed = self._without_stale(changed, child)
        return changed

    def _without_stale(self, values: dict[str, Any], field: Field) -> dict[str, Any]:
        complete = self.values_in_effect(values)
        value, offer = value_at(complete, field.steps), self.definition.offer(field, complete)
        if value is None:
            return values
        if field.kind == "multichoice" and isinstance(value, list):
            kept = [one for one in value if offer.accepts(one)]
            return values if len(kept) == len(value) else self.with_value(values, field, kept or None)
        return values if offer.accepts(value) else self.with_value(values, field, None)

    def values_in_effect(self, values: dict[str, Any], chosen: Chosen = NOTHING_CHOSEN) -> dict[str, Any]:
        """The values in effect: with defaults, without what is empty."""
        return in_effect(self.definition.schema, values, chosen)

    def values_to_save(self, values: dict[str, Any], chosen: Chosen = NOTHING_CHOSEN) -> dict[str, Any]:
        """The values without what only alternatives ask for that do not hold."""
        return self.definition.saved(values, chosen)

    def row_form(self, table: Field) -> "Form":
        """The form of one row of a table; its values are the row."""
        return Form(self.definition.row(table))

    def entry_form(self, listed: Field) -> "Form":
        """The form of one entry of a list of alternatives; its only value is the entry, named ``ENTRY``."""
        return Form(self.definition.entry(listed))

    def new_row(self, table: Field) -> dict[str, Any]:
        """A row to add to a table: with the defaults of its columns."""
        defaults = {column.steps[0]: column.default for column in table.fields}
        return {name: copy.deepcopy(default) for name, default in defaults.items() if default is not None}

    def secret_values(self, values: dict[str, Any], sealed: Iterable[str] = ()) -> tuple[str, ...]:
        """All texts that must be masked wherever they appear, defaults among them.

        Args:
            values: what is stored.
            sealed: names of values that are secret whatever this form says.
        """
        complete = self.values_in_effect(values)
        found: dict[str, None] = {}
        for name in self.definition.secrets.union(sealed):
            fields = [field for field in self.definition.fields if field.steps[:1] == (name,) and field.secret]
            for field in fields:
                found.update(dict.fromkeys(_secret_texts(field, value_at(complete, field.steps))))
            if not fields:
                found.update(dict.fromkeys(_texts(complete.get(name))))
        return tuple(text for text in found if text)


def _secret_texts(field: Field, value: Any) -> Iterator[str]:
    if not field.secret:
        return
    parts: Iterable[tuple[Field, Any]]
    match value:
        case _ if field.kind == "alternatives":
            parts = [(one, value) for one in field.fields]
        case dict() if field.kind == "object":
            parts = [(inner, value.get(inner.steps[-1])) for inner in field.fields]
        case list() if field.kind == "table":
            parts = [
                (column, row.get(column.steps[-1]) if isinstance(row, dict) else row)
                for row in value
                for column in field.fields
            ]
        case list() if field.item:
            parts = [(field.item, entry) for entry in value]
        case _:
            yield from _texts(value)
            return
    for part, inner_value in parts:
        yield from _secret_texts(part, inner_value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What of some values a form does not take.

    ``refused`` is what would have to be changed before a run; ``unused`` are the names of values that the form does
    not know: they are kept, but no run gets them.
    """

    refused: tuple[ValueProblem, ...]
    unused: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether a run can use the values as they are."""
        return not self.refused


def compare(form: Form, values: dict[str, Any]) -> Comparison:
    """What of a tenant's values another release's form no longer accepts."""
    state = form.state(values)
    known = {*declared_names(form.definition.schema), *(name for field in form.fields for name in field.steps[:1])}
    refused = tuple(problem for problem in state.problems if problem.blocks_runs)
    return Comparison(refused, tuple(name for name in values if name not in known))
