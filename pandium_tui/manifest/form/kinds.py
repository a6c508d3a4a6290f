"""Which kind of field a normalised schema asks for, and what can be said about it in a few words."""

import re
from typing import Any

from pandium_tui.manifest.form.choices import Option, as_title, options_of
from pandium_tui.manifest.form.fields import Kind
from pandium_tui.manifest.form.keywords import CHOICE_TITLES, CHOICES_AWAITED, CHOICES_BY_PARENT, TYPES
from pandium_tui.manifest.form.normalise import Schema, fits_type, listed_choices

_FORMATS: dict[str, Kind] = {"date": "date", "time": "time", "date-time": "date-time", "password": "password"}

PLACEHOLDERS: dict[Kind, str] = {
    "date": "2024-05-31, today or +3d",
    "time": "13:45:00",
    "date-time": "2024-05-31T13:45:00+00:00, or now",
}

_SIMPLE = ("text", "multiline", "password", "integer", "number", "boolean", "date", "time", "date-time")

# What is said beside alternatives about all of them together.
_ABOUT_THE_WHOLE = ("title", "description", "default", "examples", "errorMessage", "readOnly")

_BETWEEN_WORDS = re.compile("[_. -]+|(?<=[a-z0-9])(?=[A-Z])")


def merged(schema: Schema) -> Schema:
    """The schema with what its ``allOf`` adds: for a form they are one. Conditions (``if``) stay in ``allOf``."""
    if "allOf" not in schema:
        return schema
    whole = {key: value for key, value in schema.items() if key != "allOf"}
    conditions = []
    for member in schema["allOf"]:
        if "if" in member:
            conditions.append(member)
            continue
        for key, value in merged(member).items():
            if key == "properties":
                own = whole.get(key, {})
                whole[key] = {**own, **{name: {**part, **own.get(name, {})} for name, part in value.items()}}
            elif key == "required":
                whole[key] = list(dict.fromkeys([*whole.get(key, ()), *value]))
            elif key == "allOf":
                conditions.extend(value)
            else:
                whole.setdefault(key, value)
    return {**whole, "allOf": conditions} if conditions else whole


def kind_of(schema: Schema, options: dict[str, Any], *, has_choices: bool = False) -> Kind:
    """The kind of field for a merged schema and the ``options`` of its control."""
    if schema.get("readOnly") or options.get("readonly") is True or "const" in schema:
        return "readonly"
    if has_choices or lists_choices(schema) or is_nullable_boolean(schema):
        return "choice"
    if alternatives_of(schema):
        return "alternatives"
    match types_of(schema):
        case ["string"]:
            written = options.get("format"), schema.get("format")
            named = next((_FORMATS[name] for name in written if isinstance(name, str) and name in _FORMATS), None)
            return named or ("multiline" if options.get("multi") is True else "text")
        case ["integer"]:
            return "integer"
        case ["number"] | ["integer", "number"] | ["number", "integer"]:
            return "number"
        case ["boolean"]:
            return "boolean"
        case ["array"]:
            return _kind_of_list(schema)
        case ["object"]:
            return "object" if schema.get("properties") else "json"
        case _:
            return "json"


def _kind_of_list(schema: Schema) -> Kind:
    items = schema.get("items")
    if not isinstance(items, dict):
        return "json"
    kind = kind_of(merged(items), {})
    if kind == "choice":
        return "multichoice"
    if kind == "object":
        return "table"
    return "list" if kind in (*_SIMPLE, "alternatives") else "json"


def lists_choices(schema: Schema) -> bool:
    """Whether the values to choose from are known, or will be."""
    return any(key in schema for key in (CHOICE_TITLES, CHOICES_BY_PARENT, CHOICES_AWAITED))


def is_nullable_boolean(schema: Schema) -> bool:
    """Whether yes, no and nothing are three different answers."""
    names = schema.get("type")
    return isinstance(names, list) and set(names) == {"boolean", "null"}


def types_of(schema: Schema) -> list[str]:
    """The types a value can have without ``null``; told from other keywords when none is stated."""
    names = schema.get("type")
    if names is not None:
        return [name for name in ([names] if isinstance(names, str) else names) if name != "null"]
    if "properties" in schema:
        return ["object"]
    if "items" in schema:
        return ["array"]
    if any(key in schema for key in ("format", "pattern", "minLength", "maxLength")):
        return ["string"]
    if any(key in schema for key in ("minimum", "maximum", "multipleOf")):
        return ["number"]
    branches = schema.get("anyOf") or schema.get("oneOf") or ()
    found = [types_of(merged(one)) for one in branches]
    if found and all(names == found[0] for names in found):
        return found[0]
    values = [schema["const"]] if "const" in schema else schema.get("enum", ())
    return list(
        dict.fromkeys(name for value in values for name in TYPES if name != "number" and fits_type(value, name))
    )


def alternatives_of(schema: Schema) -> tuple[Schema, ...]:
    """The whole schemas of the alternatives of a merged schema, each with what stands beside them.

    None when its ``oneOf`` or ``anyOf`` only says more about one kind of value. Alternatives of alternatives are among
    them; one that says there is no value is not: emptying the field says it.
    """
    if lists_choices(schema) or "const" in schema:
        return ()
    condition = {key: schema[key] for key in ("if", "then", "else") if key in schema}
    left_out = ("oneOf", "anyOf", *_ABOUT_THE_WHOLE, *condition)
    beside = [{key: value for key, value in schema.items() if key not in left_out}, *([condition] if condition else [])]
    for keyword in ("oneOf", "anyOf"):
        branches = [merged(one) for one in schema.get(keyword, ()) if one.get("type") != "null"]
        if len(branches) > 1 and _are_different(branches):
            whole = [merged({**one, "allOf": [*one.get("allOf", ()), *beside]}) for one in branches]
            return tuple(inner for one in whole for inner in alternatives_of(one) or (one,))
    return ()


def _are_different(branches: list[Schema]) -> bool:
    kinds = [types_of(one) for one in branches]
    if not all(names or alternatives_of(one) for names, one in zip(kinds, branches, strict=True)):
        return False
    return any(one != kinds[0] for one in kinds) or any("properties" in one or "items" in one for one in branches)


def choices_of(schema: Schema) -> tuple[Option, ...]:
    """The choices of a field of the kind choice; all there are when they depend on another field."""
    if CHOICE_TITLES in schema:
        return options_of(listed_choices(schema))
    if CHOICES_BY_PARENT in schema:
        return ()
    if is_nullable_boolean(schema):
        return (Option(True, "Yes"), Option(False, "No"))
    return ()


def proposals_of(schema: Schema) -> tuple[Option, ...]:
    """What a text that may be anything is proposed to be."""
    offered = [choice for one in schema.get("anyOf", ()) for choice in listed_choices(one)]
    return options_of(offered)


def default_of(schema: Schema, *, required: bool) -> Any:
    """The value of a field nobody has filled in: the default, or the only one there can be."""
    if schema.get("default") is not None or "const" in schema:
        return schema.get("const", schema.get("default"))
    if required and len(schema.get("enum", ())) == 1:
        return schema["enum"][0]
    return None


def limits_of(schema: Schema) -> str:
    """What the schema allows, in words: ``1 to 500``."""
    lengths = _between(schema.get("minLength") or None, schema.get("maxLength"))
    entries = _between(schema.get("minItems") or None, schema.get("maxItems"))
    phrases = [
        _between(schema.get("minimum"), schema.get("maximum")),
        f"more than {as_title(schema['exclusiveMinimum'])}" if "exclusiveMinimum" in schema else "",
        f"less than {as_title(schema['exclusiveMaximum'])}" if "exclusiveMaximum" in schema else "",
        f"a multiple of {as_title(schema['multipleOf'])}" if "multipleOf" in schema else "",
        f"{lengths} characters" if lengths else "",
        f"{entries} entries" if entries else "",
    ]
    return ", ".join(phrase for phrase in phrases if phrase)


def _between(low: Any, high: Any) -> str:
    if low is not None and high is not None:
        return as_title(low) if low == high else f"{as_title(low)} to {as_title(high)}"
    if low is not None:
        return f"at least {as_title(low)}"
    return f"at most {as_title(high)}" if high is not None else ""


def placeholder_of(schema: Schema, options: dict[str, Any], kind: Kind) -> str:
    """What an empty field shows: its own text, an example, or the form a date is written in."""
    own = options.get("placeholder")
    if isinstance(own, str) and own:
        return own
    examples = schema.get("examples")
    if examples:
        return as_title(examples[0])
    return PLACEHOLDERS.get(kind) or (limits_of(schema) if kind in ("integer", "number") else "")


def in_words(name: str) -> str:
    """The name of a property as a label: ``queue_id`` is ``Queue id``."""
    words = " ".join(
        word if word.isupper() and len(word) > 1 else word.lower() for word in _BETWEEN_WORDS.split(name) if word
    )
    return words[:1].upper() + words[1:] or name or "(no name)"


def has_password(schema: Any) -> bool:
    """Whether a part of a value with this schema is secret."""
    if isinstance(schema, dict):
        return schema.get("format") == "password" or any(has_password(part) for part in schema.values())
    return isinstance(schema, list) and any(has_password(part) for part in schema)
