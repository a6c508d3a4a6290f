"""Going from one alternative to another while a form is filled in."""

import copy
from typing import Any

from pandium_tui.manifest.form.alternatives import Steps, beginning, chosen_place, own_names, shared
from pandium_tui.manifest.form.fields import Field
from pandium_tui.manifest.form.json_values import value_at, with_value_at
from pandium_tui.manifest.form.kinds import alternatives_of


class Switches:
    """The alternatives a person chose, and what was filled in for the others: for as long as the form is open."""

    def __init__(self) -> None:
        self.chosen: dict[Steps, int] = {}
        self._left: dict[tuple[Steps, int], Any] = {}

    def switch(self, values: dict[str, Any], field: Field, place: int | None) -> dict[str, Any]:
        """The values with another alternative of a field; ``None`` for none of them.

        It has what was filled in for it before, else its constants and defaults; and what it asks for in the same
        way as the one before it.
        """
        alternatives = alternatives_of(field.schema)
        before = value_at(values, field.steps)
        earlier = chosen_place(field.schema, before, field.steps, self.chosen)
        if earlier is not None:
            self._left[field.steps, earlier] = before
        inside = [steps for steps in self.chosen if steps[: len(field.steps)] == field.steps]
        for steps in inside:
            del self.chosen[steps]
        beside: dict[str, Any] = {}
        if not field.steps:
            # What is asked for beside alternatives of the whole has nothing to do with which of them holds.
            own = own_names(field.schema)
            beside = {name: one for name, one in values.items() if name not in own}
        if place is None:
            if not field.steps:
                self.chosen.pop((), None)
                return beside
            return with_value_at(values, field.steps, None, keep=field.default is not None)
        self.chosen[field.steps] = place
        value = self._left.get((field.steps, place), copy.deepcopy(beginning(alternatives[place])))
        if earlier is not None and isinstance(before, dict):
            same = {name: before[name] for name in shared(alternatives[earlier], alternatives[place]) if name in before}
            value = {**value, **same} if isinstance(value, dict) else same or value
        if not field.steps:
            value = {**(value or {}), **beside}
        return with_value_at(values, field.steps, value, keep=value is not None)
