"""Texts of the catalogue in which ``{field}`` stands for the value of a field."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def placeholders(template: str) -> tuple[str, ...]:
    """The names of the fields in a template, in order."""
    return tuple(_PLACEHOLDER.findall(template))


def has_stray_brace(template: str) -> bool:
    """Whether a brace is left that belongs to no placeholder."""
    return any(brace in _PLACEHOLDER.sub("", template) for brace in "{}")


def filled(template: str, values: Mapping[str, str], encode: Callable[[str], str] = str) -> str:
    """The template with the values put in, each passed through ``encode``.

    Raises:
        KeyError: a field has no value; only its name is in the error.
    """
    return _PLACEHOLDER.sub(lambda match: encode(values[match[1]]), template)


def percent_encoded(value: str) -> str:
    """The value as one part of a URL, with nothing left that has a meaning there."""
    return quote(value, safe="")
