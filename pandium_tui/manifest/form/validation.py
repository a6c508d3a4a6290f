"""What a validator says about values, in words a person at a form understands. No message repeats a value."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from pandium_tui.manifest.form.choices import as_title
from pandium_tui.manifest.form.json_values import key_of, plain, value_at
from pandium_tui.manifest.form.normalise import Schema
from pandium_tui.manifest.form.values import is_time
from pandium_tui.manifest.problem import quoted

MAX_FINDINGS = 500

_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of names to values",
    "null": "empty",
}
_FORMATS = {
    "date": "a date such as 2024-05-31",
    "time": "a time such as 13:45:00",
    "date-time": "a date and a time such as 2024-05-31T13:45:00+00:00",
    "email": "an e-mail address",
    "uri": "a URL such as https://example.com",
    "hostname": "the name of a host",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "uuid": "a UUID",
    "regex": "a regular expression",
}

_LIMITS = {
    "minimum": ("at least", "", ""),
    "maximum": ("at most", "", ""),
    "exclusiveMinimum": ("more than", "", ""),
    "exclusiveMaximum": ("less than", "", ""),
    "minLength": ("at least", "character", "characters"),
    "maxLength": ("at most", "character", "characters"),
    "minItems": ("at least", "entry", "entries"),
    "maxItems": ("at most", "entry", "entries"),
    "minProperties": ("at least", "value", "values"),
    "maxProperties": ("at most", "value", "values"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the value at these steps. ``size`` tells how long it is, unless it is secret.

    ``within`` are the steps to the value whose alternatives it is about, from its ``oneOf`` or ``anyOf``.
    """

    steps: tuple[str | int, ...]
    keyword: str
    message: str
    size: str = ""
    within: tuple[str | int, ...] | None = None

    def below(self, steps: tuple[str | int, ...]) -> "Finding":
        """The same of a value that is found at these steps."""
        within = None if self.within is None else (*steps, *self.within)
        return replace(self, steps=(*steps, *self.steps), within=within)

    def inside(self, levels: int) -> "Finding":
        """The same of what is so many levels inside the value, on the way to what is wrong."""
        within = None if self.within is None else self.within[levels:]
        return replace(self, steps=self.steps[levels:], within=within)


class Validator:
    """A compiled schema (draft 7). It never fetches what a reference leads to."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._compiled = _compiled(schema)

    @property
    def usable(self) -> bool:
        """Whether the schema could be compiled; if not, everything is valid."""
        return self._compiled is not None

    def accepts(self, value: Any) -> bool:
        """Whether a value is valid."""
        return self._compiled is None or bool(self._compiled.is_valid(plain(value)))

    def findings(self, value: Any) -> Iterator[Finding]:
        """All that is wrong with a value, at most :data:`MAX_FINDINGS`."""
        if self._compiled is not None:
            for error in islice(self._compiled.iter_errors(plain(value)), MAX_FINDINGS):
                yield from self._found(error)

    def _found(self, error: Any) -> Iterator[Finding]:
        steps, keyword, details = tuple(error.instance_path), error.kind.name, error.kind.as_dict()
        own = self._own_message(error.schema_path, keyword)
        if keyword == "required":
            yield Finding((*steps, details["property"]), keyword, own or "required")
        elif keyword == "additionalProperties":
            for name in details["unexpected"]:
                yield Finding((*steps, name), keyword, own or "is not part of the form")
        elif keyword in ("anyOf", "oneOf") and not own:
            chosen = _chosen_branch(details.get("context", []))
            if chosen:
                for inner in chosen:
                    yield from (replace(finding, within=steps) for finding in self._found(inner))
            else:
                yield Finding(steps, keyword, "fits none, or more than one, of the alternatives", within=steps)
        elif own:
            yield Finding(steps, keyword, own)
        else:
            yield Finding(steps, keyword, _message(keyword, details, error.instance), _size(keyword, error.instance))

    def _own_message(self, schema_path: list[str | int], keyword: str) -> str:
        """What the schema wants to be said: ``errorMessage``, a text or a mapping of keywords to texts."""
        holder = value_at(self._schema, schema_path[:-1])
        own = holder.get("errorMessage") if isinstance(holder, dict) else None
        if isinstance(own, dict):
            own = own.get(keyword)
        return own if isinstance(own, str) else ""


def _compiled(schema: Schema) -> Any:
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft7Validator(
            schema, offline=True, validate_formats=True, formats={"time": is_time}, mask="***"
        )
    except ValueError:
        return None


def _chosen_branch(branches: list[list[Any]]) -> list[Any] | None:
    """The errors of the one alternative that was meant: the only one whose type and constants fit."""
    meant = [errors for errors in branches if not any(error.kind.name in ("type", "const", "enum") for error in errors)]
    return meant[0] if len(meant) == 1 else None


def _message(keyword: str, details: dict[str, Any], value: Any) -> str:
    match keyword:
        case "type":
            return f"must be {' or '.join(_TYPES[name] for name in details['types'])}"
        case "enum":
            return f"must be one of {_some(details['options'])}"
        case "const":
            return f"must be {quoted(as_title(details['expected_value']))}"
        case "pattern":
            return f"does not match {quoted(details['pattern'])[1:-1]}"
        case "format":
            name = str(details["format"])
            return f"must be {_FORMATS.get(name, f'of the format {quoted(name)}')}"
        case "uniqueItems":
            return _repeated(value)
        case "multipleOf":
            return f"a multiple of {as_title(details['multiple_of'])}"
        case "falseSchema":
            return "must be empty"
        case _ if keyword in _LIMITS:
            words, one, many = _LIMITS[keyword]
            return f"{words} {as_title(details['limit'])} {one if details['limit'] == 1 else many}".rstrip()
        case _:
            return "is not possible here"


def _size(keyword: str, value: Any) -> str:
    return f" ({len(value)} now)" if keyword in ("minLength", "maxLength", "minItems", "maxItems") else ""


def _some(options: list[Any]) -> str:
    shown = ", ".join(quoted(as_title(option)) for option in options[:5])
    return shown if len(options) <= 5 else f"{shown} and {len(options) - 5} more"


def _repeated(value: list[Any]) -> str:
    seen: dict[str, int] = {}
    for number, item in enumerate(value, start=1):
        first = seen.setdefault(key_of(item), number)
        if first != number:
            return f"entries {first} and {number} are the same"
    return "two entries are the same"
