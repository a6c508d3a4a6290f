"""Which field decides which choices another one offers: ``options: {dependsOn: '#/properties/team'}``.

This is our own form; how Pandium writes dependent selectors is not public.
"""

from collections.abc import Iterator
from typing import Any

from pandium_tui.manifest.form.json_values import MAX_DEPTH, to_pointer
from pandium_tui.manifest.form.normalise import Schema
from pandium_tui.manifest.form.oddities import Oddities, Oddity, below
from pandium_tui.manifest.form.scopes import declared, declared_names, steps_of
from pandium_tui.manifest.problem import quoted

Steps = tuple[str, ...]


def parents_of(schema: Schema, uischema: Any, oddities: Oddities, base: str = "") -> dict[Steps, str]:
    """For each field that depends on another the path of that other; those that go in a circle are left out."""
    found: dict[Steps, Steps] = {}
    places: dict[Steps, str] = {}
    for child, scope, pointer in _written(uischema, base, 0):
        parent = steps_of(scope)
        if not parent or declared(schema, parent) is None:
            name = str(scope).rsplit("/", 1)[-1]
            suggestion = oddities.suggestion(name, declared_names(schema))
            message = f"dependsOn {quoted(str(scope))} leads to no property of the schema{suggestion}"
            oddities.add(Oddity("uischema", pointer, "error", message))
        else:
            found[child], places[child] = parent, pointer
    in_circle = {child for child in found if _returns(child, found)}
    for child in in_circle:
        message = f"{quoted(child[-1])} depends on itself through {quoted(found[child][-1])}; remove one dependsOn"
        oddities.add(Oddity("uischema", places[child], "error", message))
    return {child: to_pointer(parent) for child, parent in found.items() if child not in in_circle}


def _returns(start: Steps, parents: dict[Steps, Steps]) -> bool:
    current: Steps | None = start
    for _ in range(len(parents)):
        current = parents.get(current) if current else None
        if current == start:
            return True
    return False


def _written(raw: Any, pointer: str, depth: int) -> Iterator[tuple[Steps, Any, str]]:
    """The fields with a dependsOn, what it says, and where."""
    if not isinstance(raw, dict) or depth > MAX_DEPTH:
        return
    options, child = raw.get("options"), steps_of(raw.get("scope"))
    if isinstance(options, dict) and options.get("dependsOn") is not None and child:
        yield child, options["dependsOn"], below(pointer, "options", "dependsOn")
    elements = raw.get("elements")
    for index, element in enumerate(elements if isinstance(elements, list) else ()):
        yield from _written(element, below(pointer, "elements", index), depth + 1)
