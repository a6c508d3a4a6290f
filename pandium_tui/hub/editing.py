"""Two people may edit the same thing: each changes what that person changed, and nothing else."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TypeVar

T = TypeVar("T")


def rebased(values: T, begun: T | None, current: T) -> T:
    """The current values with what a person changed, from ``begun`` to ``values``.

    Mappings are compared by key. Without ``begun`` everything is what the person gave.
    """
    if begun is None:
        return values
    changes: dict[str, object] = {}
    for field in fields(values):  # type: ignore[arg-type]
        given, before = getattr(values, field.name), getattr(begun, field.name)
        if given == before:
            continue
        if isinstance(given, Mapping) and isinstance(before, Mapping):
            kept = {
                key: value for key, value in getattr(current, field.name).items() if key in given or key not in before
            }
            given = kept | {key: value for key, value in given.items() if key not in before or before[key] != value}
        changes[field.name] = given
    return replace(current, **changes)  # type: ignore[type-var]
