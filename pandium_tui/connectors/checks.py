"""What is looked at when a person saves a value: corrected with a notice, warned about, or refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pandium_tui.connectors.definitions import Field, Method
from pandium_tui.connectors.formats import format_problem
from pandium_tui.connectors.variables import FREE_KEY, value_problem, variable
from pandium_tui.text import visible

LEAST_MASKED = 6
"""Characters. A shorter secret is not masked in logs: every other word would be hidden with it."""

NEVER_MASKED: frozenset[str] = frozenset(
    {
        "true", "false", "none", "null", "undefined", "yes", "no", "on", "off", "default", "localhost", "127.0.0.1",
        "example", "password", "username", "secret", "token", "admin", "administrator", "test", "testing", "postgres",
        "production", "development", "staging", "public", "private",
    }
)  # fmt: skip
"""Words, in lower case, that are not masked either: they occur in every log."""


@dataclass(frozen=True, slots=True)
class CheckedValue:
    """A value as it will be stored, and sentences about it that never repeat it.

    ``notices`` say what was changed, ``warnings`` what may be meant otherwise; with ``errors`` it must not be saved.
    """

    value: str = field(repr=False)
    notices: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


def can_be_masked(value: str) -> bool:
    """Whether the logs of a run can hide this value without hiding ordinary words."""
    text = value.strip()
    return len(text) >= LEAST_MASKED and text.lower() not in NEVER_MASKED


def check_value(entry: Field, value: str) -> CheckedValue:
    """The value of one field, checked. An empty value is in order here: see :func:`missing`."""
    kept, notices = _without_trailing_newlines(entry, value)
    if kept == "":
        return CheckedValue("", notices)
    return CheckedValue(kept, notices, tuple(_warnings(entry, kept)), tuple(_errors(entry, kept)))


def check_free_value(connector_id: str, key: str, value: str) -> CheckedValue:
    """A value under a key of the operator's own (``free_keys``); it may have several lines."""
    name = visible(key)
    errors = []
    if not FREE_KEY.fullmatch(key):
        errors.append(f'"{name}" cannot be a key: use A-Z, 0-9 and _, at most 64, beginning with a letter')
    elif key.lower().endswith(("refresh_token", "client_secret")):
        errors.append(f"{name}: a refresh token or client secret is never given to a run")
    elif problem := value_problem(_longest_name(connector_id, key), value):
        errors.append(f"{name} {problem}")
    checked = check_value(Field(name=name, label=name, secret=True, multiline="\n" in value.rstrip("\r\n")), value)
    return CheckedValue(checked.value, checked.notices, checked.warnings, (*errors, *checked.errors))


def missing(method: Method, values: Mapping[str, str], level: str | None = None) -> tuple[str, ...]:
    """What still has to be entered before the method works, as sentences. ``level`` limits it to that level."""
    needed = [entry for entry in method.needed_now() if level in (None, entry.level) and not values.get(entry.name)]
    sentences = [f"{entry.label} is missing" for entry in needed]
    choice = [entry for entry in method.fields if entry.name in method.at_least_one and level in (None, entry.level)]
    if choice and not any(values.get(entry.name) for entry in choice):
        sentences.append(f"{' or '.join(entry.label for entry in choice)} is missing")
    return tuple(sentences)


def unknown(method: Method, values: Mapping[str, str]) -> tuple[str, ...]:
    """The names among the values that are no fields of the method."""
    return () if method.free_keys else tuple(name for name in values if method.field(name) is None)


def _without_trailing_newlines(entry: Field, value: str) -> tuple[str, tuple[str, ...]]:
    """Files and pastes end with a newline that no password has. PEM and JSON keep theirs: they belong to the format."""
    if entry.format in ("private key", "service account") or re.match(r"\s*-----BEGIN ", value):
        return value, ()
    kept = value.rstrip("\r\n")
    return kept, () if kept == value else (f"{entry.label}: the line break at the end was removed",)


def _warnings(entry: Field, value: str) -> list[str]:
    label, found = entry.label, []
    if entry.secret and not can_be_masked(value):
        found.append(f"{label} is too short or too common a word to be masked in logs; use a longer one if you can")
    if not entry.multiline and value != value.strip():
        found.append(f"{label} begins or ends with a space; it is kept")
    if entry.secret and value.strip().lower().startswith(("bearer ", "basic ", "token ")):
        found.append(f"{label} begins with the word of a header; usually only what follows is entered")
    if entry.format != "service account" and "\\n" in value and "-----BEGIN" in value:
        found.append(f"{label} holds \\n as two characters; the lines of a key must be real lines")
    if entry.name == "tls_mode" and value == "none":
        found.append(f"{label}: without TLS the password crosses the network in clear text")
    return found


def _errors(entry: Field, value: str) -> list[str]:
    label = entry.label
    if entry.choices and value not in entry.choices:
        return [f"{label} must be one of {', '.join(entry.choices)}"]
    if not entry.multiline and re.search(r"[\r\n]", value):
        return [f"{label} must be one line; the paste may have been wrapped"]
    problem = format_problem(entry.format, value) or value_problem(entry.name, value)
    return [f"{label} {problem}"] if problem else []


def _longest_name(connector_id: str, key: str) -> str:
    return max(variable(connector_id, key).names, key=len)
