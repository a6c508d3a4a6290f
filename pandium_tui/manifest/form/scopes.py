"""Where a ``scope`` leads: JSON Forms writes the place in the schema, and means the value it describes."""

from collections.abc import Iterator, Sequence
from typing import Any

from pandium_tui.manifest.form.json_values import MAX_DEPTH, parse_pointer
from pandium_tui.manifest.form.kinds import merged
from pandium_tui.manifest.form.normalise import Schema

_BRANCHES = ("then", "else")
_LISTED = ("allOf", "anyOf", "oneOf")


def steps_of(scope: Any) -> tuple[str, ...] | None:
    """The keys of the value that a scope means; ``()`` for all values, ``None`` when it is no scope.

    The ``#`` may be missing, and parts such as ``allOf/0`` and ``then`` do not change the value that is meant.
    """
    if not isinstance(scope, str):
        return None
    if scope in ("", "#", "#/", "/"):
        return ()
    pointer = scope.removeprefix("#")
    keys = list(parse_pointer(pointer if pointer.startswith("/") else f"/{pointer}"))
    steps: list[str] = []
    while keys:
        key = keys.pop(0)
        if key in _LISTED and keys:
            keys.pop(0)
        elif key == "properties" and keys:
            steps.append(keys.pop(0))
        elif key not in _BRANCHES:
            return None
    return tuple(steps)


def names_in_scopes(uischema: Any, depth: int = 0) -> frozenset[str]:
    """The names at the top for which a uischema has controls."""
    if not isinstance(uischema, dict) or depth > MAX_DEPTH:
        return frozenset()
    elements = uischema.get("elements")
    inner = [names_in_scopes(one, depth + 1) for one in (elements if isinstance(elements, list) else ())]
    return frozenset((steps_of(uischema.get("scope")) or ())[:1]).union(*inner)


def declared(schema: Schema, steps: Sequence[str]) -> tuple[Schema, Schema] | None:
    """The merged schema of a value and of the mapping it is in, ``None`` when nothing declares it."""
    parent, current = schema, merged(schema)
    for step in steps:
        found = next((part["properties"][step] for part in _parts(current) if step in part.get("properties", {})), None)
        if found is None:
            return None
        parent, current = current, merged(found)
    return current, parent


def declared_names(schema: Schema) -> list[str]:
    """The names of all properties, also of those that only count under a condition."""
    return list(dict.fromkeys(name for part in _parts(merged(schema)) for name in part.get("properties", {})))


def _parts(schema: Schema) -> Iterator[Schema]:
    """A schema, and the schemas in it that describe the same value."""
    yield schema
    for key in _BRANCHES:
        if isinstance(schema.get(key), dict):
            yield from _parts(schema[key])
    for key in _LISTED:
        for member in schema.get(key, ()):
            yield from _parts(member)
    for dependency in schema.get("dependencies", {}).values():
        if isinstance(dependency, dict):
            yield from _parts(dependency)
