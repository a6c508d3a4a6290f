"""``oneOf`` and ``anyOf`` of more than constants: which alternatives there are, and which one values are of."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pandium_tui.manifest.form.choices import Option, as_title
from pandium_tui.manifest.form.json_values import key_of, same
from pandium_tui.manifest.form.kinds import alternatives_of, kind_of, merged, types_of
from pandium_tui.manifest.form.normalise import Schema, fits_type
from pandium_tui.manifest.form.validation import Validator

Steps = tuple[str, ...]

Chosen = Mapping[Steps, int]
"""Which alternative a person chose, by the keys to the value; it goes before what the values tell."""

NOTHING_CHOSEN: Chosen = {}

_WORDS = {
    "text": "a text",
    "multiline": "a text",
    "password": "a secret text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "yes or no",
    "choice": "a choice",
    "multichoice": "several choices",
    "list": "a list",
    "table": "a table",
    "date": "a date",
    "time": "a time",
    "date-time": "a date and a time",
    "json": "JSON",
}


def titles_of(schema: Schema) -> tuple[Option, ...]:
    """What the alternatives are called; the value of each is its place.

    Its title, else the constant that tells it from the others, else its number with what kind of value it is.
    """
    alternatives = alternatives_of(schema)
    constants = _telling_constants(alternatives)
    options: list[Option] = []
    for place, alternative in enumerate(alternatives):
        title = _title(alternative, constants[place] if constants else None, place)
        taken = any(option.title == title for option in options)
        options.append(Option(place, f"{title} ({place + 1})" if taken else title))
    return tuple(options)


def chosen_place(schema: Schema, value: Any, at: Steps, chosen: Chosen) -> int | None:
    """The alternative that holds: the chosen one, else the one that the value fits best; ``None`` for no value.

    One whose type, or whose constants, are others than those of the value never holds by itself. Of all values
    together none does that could as well be of any other and is not valid for it.
    """
    alternatives = alternatives_of(schema)
    if at in chosen and chosen[at] < len(alternatives):
        return chosen[at]
    if value is None:
        return None
    ranks = {place: rank for place, one in enumerate(alternatives) if (rank := _rank(one, value))}
    if not at and len(ranks) == len(alternatives) and len(set(ranks.values())) == 1 and not ranks[0][_ACCEPTED]:
        return None
    return max(ranks, key=lambda place: ranks[place], default=None)


def settled(schema: Schema, value: Any, at: Steps, chosen: Chosen) -> Schema:
    """The schema that holds for a value: that of its alternative, where there are some and one holds."""
    whole = merged(schema)
    alternatives = alternatives_of(whole)
    if not alternatives:
        return whole
    place = chosen_place(whole, value, at, chosen)
    return whole if place is None else alternatives[place]


def beginning(alternative: Schema) -> Any:
    """The value of an alternative nobody has filled in: its constants and defaults; ``None`` when it has none."""
    if "default" in alternative or "const" in alternative:
        return alternative.get("const", alternative.get("default"))
    found = {}
    for name, declaration in alternative.get("properties", {}).items():
        constant = constant_of(merged(declaration))
        if constant is not None:
            found[name] = constant
        elif merged(declaration).get("default") is not None:
            found[name] = merged(declaration)["default"]
    return found or None


def shared(one: Schema, other: Schema) -> list[str]:
    """The names of what two alternatives both ask for in the same way."""
    mine, theirs = one.get("properties", {}), other.get("properties", {})
    return [
        name for name in mine if name in theirs and constant_of(merged(mine[name])) is None
        and same(mine[name], theirs[name])
    ]  # fmt: skip


def own_names(schema: Schema) -> frozenset[str]:
    """The names of what not all alternatives ask for, or not in the same way."""
    alternatives = alternatives_of(merged(schema))
    names = {name for one in alternatives for name in one.get("properties", {})}
    return frozenset(
        name for name in names if len({key_of(one.get("properties", {}).get(name)) for one in alternatives}) > 1
    )


def telling_name(alternatives: Sequence[Schema]) -> str | None:
    """The property that has another constant in each alternative."""
    for name in alternatives[0].get("properties", {}) if alternatives else ():
        constants = [constant_of(merged(one.get("properties", {}).get(name, {}))) for one in alternatives]
        if None not in constants and len({key_of(constant) for constant in constants}) == len(constants):
            return str(name)
    return None


def constant_of(schema: Schema) -> Any:
    """The only value there can be, ``None`` when there are others."""
    if "const" in schema:
        return schema["const"]
    return schema["enum"][0] if len(schema.get("enum", ())) == 1 else None


_ACCEPTED = 2
"""The place in a rank that says whether the value is valid."""


def _rank(alternative: Schema, value: Any) -> tuple[int, ...]:
    """How well a value fits: nothing when its type or a constant is another one."""
    names = types_of(alternative)
    if names and not fits_type(value, names):
        return ()
    if "const" in alternative and not same(alternative["const"], value):
        return ()
    if "enum" in alternative and not any(same(one, value) for one in alternative["enum"]):
        return ()
    constants = unknown = known = 0
    if isinstance(value, dict):
        properties = alternative.get("properties", {})
        for name, declaration in properties.items():
            constant = constant_of(merged(declaration))
            if constant is not None and name in value:
                if not same(constant, value[name]):
                    return ()
                constants += 1
        known = sum(name in properties for name in value)
        unknown = len(value) - known
    return (constants, -unknown, int(validator_of(alternative).accepts(value)), known + 1)


def validator_of(schema: Schema) -> Validator:
    """The validator of an alternative; compiled once."""
    return _compiled(key_of(schema))


@functools.lru_cache(maxsize=256)
def _compiled(schema: str) -> Validator:
    return Validator(json.loads(schema))


def _telling_constants(alternatives: Sequence[Schema]) -> list[Any]:
    name = telling_name(alternatives)
    return [] if name is None else [constant_of(merged(one["properties"][name])) for one in alternatives]


def _title(alternative: Schema, telling: Any, place: int) -> str:
    if alternative.get("title", "").strip():
        return str(alternative["title"])
    constant = telling if telling is not None else constant_of(alternative)
    if constant is not None:
        return as_title(constant)
    words = _WORDS.get(kind_of(alternative, {}), "")
    return f"Alternative {place + 1}" + (f": {words}" if words else "")
