"""One form, or the form of one row of a table, with everything that is the same for all values."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

from pandium_tui.manifest.form.alternatives import NOTHING_CHOSEN, Chosen, chosen_place, own_names
from pandium_tui.manifest.form.conditional import conditional_choices
from pandium_tui.manifest.form.fields import Element, Field, Group, Row, Section, walk
from pandium_tui.manifest.form.json_values import value_at, with_value_at
from pandium_tui.manifest.form.kinds import alternatives_of, has_password, merged
from pandium_tui.manifest.form.normalise import Schema
from pandium_tui.manifest.form.offers import Offer, Offers
from pandium_tui.manifest.form.rules import Conditions
from pandium_tui.manifest.form.validation import Validator

Steps = tuple[str, ...]

ENTRY = "0"
"""The name of the value in the form of one entry of a list."""


class Definition:
    """Elements with their schema, indexed."""

    def __init__(self, elements: tuple[Element, ...], schema: Schema) -> None:
        self.elements = elements
        self.schema = schema
        self.conditions = Conditions()
        self.offers = Offers(conditional_choices(schema), self.conditions)
        self.fields = tuple(element for element in walk(elements) if isinstance(element, Field))
        self.by_steps: dict[Steps, list[Field]] = {}
        for field in self.fields:
            self.by_steps.setdefault(field.steps, []).append(field)
        self.peers = {steps: fields[0] for steps, fields in self.by_steps.items()}
        self._rows: dict[int, Definition] = {}

    @functools.cached_property
    def validator(self) -> Validator:
        """The validator of all values; compiled when it is first needed."""
        return Validator(self.schema)

    @functools.cached_property
    def secrets(self) -> frozenset[str]:
        """The names at the top whose values are, or contain, something secret."""
        controlled = {name for field in self.fields if field.secret for name in field.steps[:1]}
        whole = merged(self.schema)
        declared = [entry for one in (whole, *alternatives_of(whole)) for entry in one.get("properties", {}).items()]
        return frozenset(controlled | {name for name, schema in declared if has_password(schema)})

    @functools.cached_property
    def own_names(self) -> frozenset[str]:
        """The names of what only some alternatives of the whole ask for, or not all in the same way."""
        return own_names(self.schema)

    def row(self, table: Field) -> "Definition":
        """The form of one row of a table."""
        if table.number not in self._rows:
            self._rows[table.number] = Definition(table.row, table.schema["items"])
        return self._rows[table.number]

    def entry(self, listed: Field) -> "Definition":
        """The form of one entry of a list of alternatives; the entry is its only value, under the name ``0``."""
        assert listed.item is not None
        if listed.number not in self._rows:
            schema = {"properties": {ENTRY: listed.item.schema}}
            self._rows[listed.number] = Definition((listed.item,), schema)
        return self._rows[listed.number]

    def offer(self, field: Field, values: dict[str, Any]) -> Offer:
        """The choices of a field for these values."""
        return self.offers.of(field, values, self.peers)

    def alternative(self, field: Field, values: dict[str, Any], chosen: Chosen = NOTHING_CHOSEN) -> int | None:
        """The place of the alternative that holds for these values, None when none does."""
        return chosen_place(field.schema, value_at(values, field.steps), field.steps, chosen)

    def hidden(self, values: dict[str, Any], chosen: Chosen = NOTHING_CHOSEN) -> frozenset[int]:
        """The numbers of the elements that rules hide for these values, and of the alternatives that do not hold."""
        return self.passed_over(values, chosen).union(self._hidden(self.elements, values, False))

    def passed_over(self, values: dict[str, Any], chosen: Chosen) -> frozenset[int]:
        """The elements of alternatives that do not hold."""
        undecided = [field for field, place in self._alternatives(values, chosen) if place is None]
        numbers = {one.number for field in undecided for one in walk(field.fields)}
        if any(not field.steps for field in undecided):
            numbers |= self._elsewhere(None)
        return self._left(values, chosen) | numbers

    def _left(self, values: dict[str, Any], chosen: Chosen) -> frozenset[int]:
        """The elements of the other alternatives where one holds."""
        numbers: set[int] = set()
        for field, place in self._alternatives(values, chosen):
            others = tuple(one for one in field.fields if one.alternative != place)
            numbers.update(one.number for one in walk(others) if place is not None)
            if not field.steps and place is not None:
                numbers |= self._elsewhere(place)
        return frozenset(numbers)

    def _elsewhere(self, place: int | None) -> set[int]:
        """The fields of alternatives of the whole that have controls of their own, but for those of the one there."""
        others = (field for field in self.fields if field.only_in is not None and place not in field.only_in)
        return {one.number for field in others for one in walk((field,))}

    def _alternatives(self, values: dict[str, Any], chosen: Chosen) -> list[tuple[Field, int | None]]:
        fields = (field for field in self.fields if field.kind == "alternatives")
        return [(field, self.alternative(field, values, chosen)) for field in fields]

    def _hidden(self, elements: tuple[Element, ...], values: dict[str, Any], hidden_above: bool) -> Iterator[int]:
        for element in elements:
            hidden = hidden_above
            rule = element.rule
            if not hidden and rule and rule.effect in ("SHOW", "HIDE"):
                hidden = self.conditions.hold(rule.condition, values) == (rule.effect == "HIDE")
            if hidden:
                yield element.number
            yield from self._hidden(inner_elements(element), values, hidden)

    def disabled(self, values: dict[str, Any]) -> frozenset[int]:
        """The numbers of the elements that rules disable for these values."""
        return frozenset(self._disabled(self.elements, values, False))

    def _disabled(self, elements: tuple[Element, ...], values: dict[str, Any], disabled_above: bool) -> Iterator[int]:
        for element in elements:
            disabled = disabled_above
            rule = element.rule
            if rule and rule.effect in ("ENABLE", "DISABLE"):
                # A rule of its own replaces what an element inherits.
                disabled = self.conditions.hold(rule.condition, values) == (rule.effect == "DISABLE")
            if disabled:
                yield element.number
            yield from self._disabled(inner_elements(element), values, disabled)

    def hidden_steps(self, hidden: frozenset[int]) -> frozenset[Steps]:
        """The places of values that can only be filled in by hidden fields."""
        shown = {
            field.steps[:length]
            for field in self.fields
            if field.number not in hidden
            for length in range(1, len(field.steps) + 1)
        }
        return frozenset(steps for steps in self.by_steps if steps and steps not in shown)

    def sent(self, values: dict[str, Any], chosen: Chosen = NOTHING_CHOSEN) -> dict[str, Any]:
        """The values without those of hidden fields, in rows of tables too. Values in effect go in."""
        return self._kept(values, self.hidden_steps(self.hidden(values, chosen)), Definition.sent)

    def saved(self, values: dict[str, Any], chosen: Chosen = NOTHING_CHOSEN) -> dict[str, Any]:
        """The values to save: those of alternatives that do not hold are left out, those that rules hide are not."""
        return self._kept(values, self.hidden_steps(self._left(values, chosen)), Definition.saved)

    def _kept(
        self,
        values: dict[str, Any],
        left_out: frozenset[Steps],
        of_row: "Callable[[Definition, dict[str, Any]], dict[str, Any]]",
    ) -> dict[str, Any]:
        kept = _without(values, left_out) if left_out else dict(values)
        for steps, field in self.peers.items():
            rows = value_at(kept, steps) if field.kind in ("table", "list") else None
            if not isinstance(rows, list):
                continue
            if field.lists_alternatives:
                entry = self.entry(field)
                kept = with_value_at(kept, steps, [of_row(entry, {ENTRY: one})[ENTRY] for one in rows])
            elif field.kind == "table" and any(_may_hide(element) for element in walk(self.row(field).elements)):
                row = self.row(field)
                changed = [of_row(row, one) if isinstance(one, dict) else one for one in rows]
                kept = with_value_at(kept, steps, changed)
        return kept


def inner_elements(element: Element) -> tuple[Element, ...]:
    """What is inside an element and shares its values; columns of a table do not."""
    match element:
        case Section() | Group() | Row():
            return element.elements
        case Field(kind="object" | "alternatives"):
            return element.fields
        case _:
            return ()


def _may_hide(element: Element) -> bool:
    if element.rule is not None:
        return True
    return isinstance(element, Field) and (element.kind == "alternatives" or element.lists_alternatives)


def _without(values: dict[str, Any], hidden: frozenset[Steps], at: Steps = ()) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in values.items():
        steps = (*at, name)
        if steps in hidden:
            continue
        if isinstance(value, dict) and len(steps) < max(map(len, hidden)):
            value = _without(value, hidden, steps)
        kept[name] = value
    return kept
