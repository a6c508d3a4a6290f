"""Values as they take effect: with the defaults, with ``false`` for a box nobody ticked, without what is empty."""

import copy
from collections.abc import Mapping
from typing import Any

from pandium_tui.manifest.form.alternatives import NOTHING_CHOSEN, Chosen, Steps, settled
from pandium_tui.manifest.form.kinds import default_of, lists_choices, merged
from pandium_tui.manifest.form.normalise import Schema


def in_effect(
    schema: Schema, values: Mapping[str, Any], chosen: Chosen = NOTHING_CHOSEN, *, at: Steps = (), fill: bool = True
) -> dict[str, Any]:
    """The values that a run, a rule and a check see.

    A value that is there but empty (``None`` or an empty text) was emptied by a person and gets no default. What is
    inside a mapping gets one only once the mapping has a value; rows of a table get theirs when they are added. What
    the schema does not declare stays. Of alternatives the one that holds counts.
    """
    complete = dict(values)
    whole = _settled_whole(schema, values, at, chosen) if fill else settled(schema, values, at, chosen)
    for name, declaration in whole.get("properties", {}).items():
        declared, value = merged(declaration), values.get(name)
        if fill and name not in values:
            value = copy.deepcopy(default_of(declared, required=name in whole.get("required", ())))
        value = _in_effect(settled(declared, value, (*at, name), chosen), value, chosen, (*at, name), fill)
        is_required = name in whole.get("required", ())
        if value is None and not _may_be(declared, None):
            complete.pop(name, None)
        elif name in values or value is not None or (fill and is_required):
            complete[name] = value
    return complete


def _settled_whole(schema: Schema, values: Mapping[str, Any], at: Steps, chosen: Chosen) -> Schema:
    """The schema that holds: a default beside alternatives can decide which of them does."""
    declared = merged(schema).get("properties", {})
    defaults = {name: default_of(merged(one), required=False) for name, one in declared.items() if name not in values}
    given = {name: default for name, default in defaults.items() if default is not None}
    return settled(schema, {**given, **values}, at, chosen)


def _in_effect(schema: Schema, value: Any, chosen: Chosen, at: Steps, fill: bool) -> Any:
    if value == "" and not (_may_be(schema, "") and lists_choices(schema)):
        value = None
    if fill and value is None and schema.get("type") == "boolean" and not lists_choices(schema):
        return False
    if isinstance(value, dict) and schema.get("properties"):
        bare = in_effect(schema, value, chosen, at=at, fill=False)
        # Nothing but empty values make an empty mapping, and that counts as none.
        return (in_effect(schema, value, chosen, at=at) if fill else bare) if bare else None
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, dict):
        whole = merged(items)
        return [_row_in_effect(settled(whole, row, (), NOTHING_CHOSEN), row) for row in value]
    return value


def _row_in_effect(schema: Schema, row: Any) -> Any:
    return in_effect(schema, row, fill=False) if isinstance(row, dict) and schema.get("properties") else row


def _may_be(schema: Schema, value: Any) -> bool:
    """Whether ``None``, or an empty text, is a value of its own here."""
    if "enum" in schema:
        return value in schema["enum"]
    names = schema.get("type", ())
    if value is None and "null" in ([names] if isinstance(names, str) else names):
        return True
    return any(_may_be(one, value) for keyword in ("oneOf", "anyOf") for one in schema.get(keyword, ()))
