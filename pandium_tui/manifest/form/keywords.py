"""The keywords of a schema that count: JSON Schema draft 7, with Pandium's spellings, and the shape each must have.

Pandium writes ``min`` and ``max``. Of later drafts ``dependentRequired``, ``dependentSchemas`` and ``$defs`` are read.
"""

import functools
from collections.abc import Callable
from typing import Any

RENAMED = {
    "min": "minimum",
    "max": "maximum",
    "dependentRequired": "dependencies",
    "dependentSchemas": "dependencies",
}
"""Spellings that mean the same as a keyword of draft 7."""

TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")

ONE_SCHEMA = (
    "additionalItems",
    "additionalProperties",
    "contains",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
)
LISTED_SCHEMAS = ("allOf", "anyOf", "oneOf")
NAMED_SCHEMAS = ("properties", "patternProperties")
DEFINITIONS = ("definitions", "$defs")

CHOICE_TITLES = "x-choice-titles"
"""Ours: the titles of the values of ``enum``, one for each."""
CHOICES_BY_PARENT = "x-choices-by-parent"
"""Ours: what an init run printed for each value of the field this one depends on: lists of constant and title."""
CHOICES_AWAITED = "x-choices-awaited"
"""Ours: there are no choices yet; the value says what to do about it."""

_IGNORED = ("$comment", "$id", "$schema", "contentEncoding", "contentMediaType", "id", "writeOnly")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_limit(value: Any) -> bool:
    # A boolean is draft 4's way to say that the limit itself is excluded.
    return _is_number(value) or isinstance(value, bool)


def _is_count(value: Any) -> bool:
    # Validators count in 64 bits.
    return _is_number(value) and 0 <= value < 2**63 and value == int(value)


def _is_step(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _is_schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


def _is_schema_or_list(value: Any) -> bool:
    return isinstance(value, dict | bool | list)


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(name, str) and name in TYPES for name in names)


def _is_pattern(value: Any) -> bool:
    return isinstance(value, str) and compiles(value)


def _is_text_or_mapping(value: Any) -> bool:
    return isinstance(value, str | dict)


def _anything(_: Any) -> bool:
    return True


@functools.lru_cache(maxsize=1024)
def compiles(pattern: str) -> bool:
    """Whether the validator can use this regular expression (of JavaScript's dialect)."""
    import jsonschema_rs

    try:
        jsonschema_rs.Draft7Validator({"pattern": pattern}, offline=True)
    except ValueError:
        return False
    return True


SHAPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("title", "description", "format", "$ref"), (_is_text, "a text")),
    **dict.fromkeys(("readOnly", "uniqueItems"), (_is_boolean, "true or false")),
    **dict.fromkeys(("minimum", "maximum"), (_is_number, "a number")),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), (_is_limit, "a number")),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
        (_is_count, "a whole number from 0 on"),
    ),
    **dict.fromkeys(ONE_SCHEMA, (_is_schema, "a schema (a mapping)")),
    **dict.fromkeys(LISTED_SCHEMAS, (_is_schemas, "a list of schemas, with one at least")),
    **dict.fromkeys((*NAMED_SCHEMAS, *DEFINITIONS), (_is_mapping, "a mapping of names to schemas")),
    **dict.fromkeys(("default", "const", *_IGNORED), (_anything, "")),
    "dependencies": (_is_mapping, "a mapping of names to lists of names, or to schemas"),
    "enum": (_is_list, "a list of values"),
    "errorMessage": (_is_text_or_mapping, "a text, or a mapping of keywords to texts"),
    "examples": (_is_list, "a list of values"),
    "items": (_is_schema_or_list, "a schema (a mapping)"),
    "multipleOf": (_is_step, "a number above 0"),
    "pattern": (_is_pattern, "a regular expression, and this one does not compile"),
    "required": (_is_names, "a list of names of properties, beside properties"),
    "type": (_is_type, f"one of {', '.join(TYPES)}, or a list of these"),
}
"""For each keyword whether a value has its shape, and the shape in words."""

SPELLINGS = tuple(sorted({*SHAPES, *RENAMED} - set(_IGNORED)))
"""What a key that is not known may be a misspelling of."""

KEPT = frozenset(SHAPES) - {*DEFINITIONS, *_IGNORED, "$ref"}
"""The keywords that mean something once references are followed."""
