"""JSON values: bounded copies, comparing as JSON does, and JSON pointers into them."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from pandium_tui.manifest.environment import shortest
from pandium_tui.manifest.problem import pointer_token

MAX_DEPTH = 64
"""Levels of nesting; what is deeper is taken as absent."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_INDEX = re.compile("[0-9]{1,9}")
# What a double can hold; Python refuses to write integers of more than 4,300 digits.
_LARGEST_INTEGER_BITS = 1024


def plain(value: Any, depth: int = MAX_DEPTH) -> Any:
    """A copy that any JSON writer or validator takes.

    What is nested too deeply, not finite or no JSON becomes ``None``; half a surrogate pair becomes U+FFFD.
    """
    match value:
        case bool() | None:
            return value
        case int():
            return value if value.bit_length() <= _LARGEST_INTEGER_BITS else None
        case float():
            return value if math.isfinite(value) else None
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case list() | tuple() if depth:
            return [plain(item, depth - 1) for item in value]
        case dict() if depth:
            return {_SURROGATE.sub("\ufffd", str(key)): plain(item, depth - 1) for key, item in value.items()}
        case _:
            return None


def is_plain(value: Any, depth: int = MAX_DEPTH) -> bool:
    """Whether :func:`plain` would change nothing."""
    match value:
        case list() if depth:
            return all(is_plain(item, depth - 1) for item in value)
        case dict() if depth:
            return all(is_plain(key) and is_plain(item, depth - 1) for key, item in value.items())
        case list() | dict():
            return False
        case _:
            return bool(plain(value) == value)


def written(value: Any, *, indent: int | None = None) -> str:
    """The value as JSON, 3.0 as 3, letters as they are."""
    separators = (",", ":") if indent is None else None
    return json.dumps(shortest(plain(value)), ensure_ascii=False, separators=separators, indent=indent)


def key_of(value: Any) -> str:
    """A text that is the same for values that are the same JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, str):
        return f'"{value}'
    return json.dumps(shortest(plain(value)), sort_keys=True)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON."""
    return key_of(one) == key_of(other)


def parse_pointer(pointer: str) -> tuple[str, ...]:
    """The keys of a JSON pointer (RFC 6901)."""
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


def to_pointer(steps: Sequence[str | int]) -> str:
    """The JSON pointer with these keys and indexes."""
    return "".join(pointer_token(step) for step in steps)


def value_at(values: Any, steps: Sequence[str | int]) -> Any:
    """The value at these keys and indexes, ``None`` when there is none."""
    for step in steps:
        if isinstance(values, dict):
            values = values.get(step)
        elif isinstance(values, list) and _INDEX.fullmatch(str(step)) and int(step) < len(values):
            values = values[int(step)]
        else:
            return None
    return values


def with_value_at(values: dict[str, Any], steps: Sequence[str], value: Any, *, keep: bool = True) -> dict[str, Any]:
    """The values with this one changed, or removed unless it is to be kept. Mappings that become empty go too.

    Without keys it is all values that are changed.
    """
    if not steps:
        return dict(value) if isinstance(value, dict) else {}
    changed = dict(values)
    step, *rest = steps
    if rest:
        inner = values.get(step)
        value = with_value_at(inner if isinstance(inner, dict) else {}, rest, value, keep=keep)
        keep = bool(value)
    if keep:
        changed[step] = value
    else:
        changed.pop(step, None)
    return changed
