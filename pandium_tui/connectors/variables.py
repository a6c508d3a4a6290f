"""The ``PAN_SEC_*`` variables of a run: their names, their values, and what Show Secret Keys prints about them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pandium_tui.connectors.definitions import Field, Method
from pandium_tui.connectors.templates import filled, percent_encoded, placeholders
from pandium_tui.text import visible

PREFIX = "PAN_SEC_"

MAX_VARIABLE_BYTES = 131_070
"""The longest name and value together that Linux hands to a program: 128 KiB less the ``=`` and the closing NUL."""

FREE_KEY = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
"""What the operator may name a key where a method has free keys."""


class VariableError(ValueError):
    """A value that no variable can carry, or two values for one variable. Names variables, never shows a value."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One KEY of a connector. ``alias`` is a second name under which a run receives the same value, or ``None``."""

    key: str
    name: str
    alias: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The name, and the alias if there is one."""
        return (self.name,) if self.alias is None else (self.name, self.alias)


@dataclass(frozen=True, slots=True)
class Collision:
    """Two keys that end on one variable; each side is (connector, key)."""

    name: str
    first: tuple[str, str]
    second: tuple[str, str]

    def __str__(self) -> str:
        """One sentence for a person."""
        (connector, key), (other, other_key) = self.first, self.second
        ours, theirs = visible(f"{key} of {connector}"), visible(f"{other_key} of {other}")
        return f"{ours} and {theirs} both become {self.name}; give one of the connectors another name"


def variable(connector_id: str, key: str) -> Variable:
    """The variable of one key: upper case, everything outside A-Z and 0-9 replaced by ``_``.

    Public sample code reads connectors with their hyphen kept (``PAN_SEC_HUBSPOT-BASIC_API_KEY``): when the id of the
    connector has one, that spelling is the alias.
    """
    name = PREFIX + _normalised(f"{connector_id}_{key}")
    if "-" not in connector_id:
        return Variable(key, name)
    kept = "-".join(_normalised(part) for part in connector_id.split("-"))
    return Variable(key, name, f"{PREFIX}{kept}_{_normalised(key)}")


def variables(connector_id: str, keys: Iterable[str]) -> tuple[Variable, ...]:
    """The variables of several keys of one connector, in their order."""
    return tuple(variable(connector_id, key) for key in keys)


def collisions(connectors: Iterable[tuple[str, Iterable[str]]]) -> tuple[Collision, ...]:
    """Keys, of one or of two connectors, that would be one variable: ``s3_key`` of ``aws`` and ``key`` of ``aws-s3``.

    A name that several keys share is reported once for each key after the first.
    """
    first: dict[str, tuple[str, str]] = {}
    found: list[Collision] = []
    for connector_id, keys in connectors:
        for entry in variables(connector_id, keys):
            here = (connector_id, entry.key)
            if entry.name in first:
                found.append(Collision(entry.name, first[entry.name], here))
            else:
                first[entry.name] = here
    return tuple(found)


def connection_keys(method: Method, values: Iterable[str] = ()) -> tuple[str, ...]:
    """The KEYs of a connection: those of the method, or the operator's own where its keys are free."""
    return tuple(values) if method.free_keys else method.keys


def environment(connector_id: str, method: Method, values: Mapping[str, str]) -> dict[str, str]:
    """The variables that a run receives from the values of a connection, aliases included.

    A field that was left empty and has no default has no variable. What the method does not inject (a client secret,
    a refresh token) is not in it.

    Raises:
        VariableError: a value has a NUL or is too long, two keys share a name, or a field of a composed value is empty.
    """
    by_key = _free(values) if method.free_keys else _declared(method, method.with_defaults(values))
    if found := collisions([(connector_id, by_key)]):
        raise VariableError(str(found[0]))
    result: dict[str, str] = {}
    for entry in variables(connector_id, by_key):
        for name in entry.names:
            if problem := value_problem(name, by_key[entry.key]):
                raise VariableError(f"{name} {problem}")
            result[name] = by_key[entry.key]
    return result


def value_problem(name: str, value: str) -> str | None:
    """Why no variable of this name can carry the value, as the end of a sentence that begins with the name."""
    if "\0" in value:
        return "contains a NUL character; no variable can carry it"
    try:
        size = len(name) + len(value.encode())
    except UnicodeEncodeError:
        return "contains half of a surrogate pair, which cannot be written as UTF-8"
    if size > MAX_VARIABLE_BYTES:
        return f"is too long: {size:,} bytes with its name, at most {MAX_VARIABLE_BYTES:,} fit into a variable"
    return None


def env_template(connector_id: str, label: str, method: Method, free_keys: Iterable[str] = ()) -> str:
    """Names and formats of the variables as the text of an ``.env`` file. There are no values in it.

    ``free_keys`` are the operator's own keys where the method has free keys.
    """
    lines = [f"# {visible(label)} ({visible(connector_id)}): {visible(method.label)}"]
    if method.free_keys:
        entries = [(entry, "a value of your own") for entry in variables(connector_id, free_keys)]
        if not entries:
            lines.append(f"# {variable(connector_id, 'KEY').name} for each KEY that you name; there is none yet")
    else:
        entries = [(entry, _format(method, entry.key)) for entry in variables(connector_id, method.keys)]
    for entry, words in entries:
        lines.append(f"# {words}")
        if entry.alias is not None:
            lines.append(f"# also set as {entry.alias}, a name that most shells and .env readers refuse")
        lines.append(f"{entry.name}=")
    return "\n".join(lines) + "\n"


def _normalised(text: str) -> str:
    return re.sub("[^A-Z0-9]", "_", text.upper())


def _free(values: Mapping[str, str]) -> dict[str, str]:
    for key in values:
        if not FREE_KEY.fullmatch(key):
            raise VariableError(f'"{visible(key)}" cannot be a key: use A-Z, 0-9 and _, beginning with a letter')
    return dict(values)


def _declared(method: Method, values: Mapping[str, str]) -> dict[str, str]:
    by_key = {key: values[name] for name, key in method.inject.items() if values.get(name)}
    for key, template in method.compose.items():
        missing = [name for name in placeholders(template) if not values.get(name)]
        if missing:
            raise VariableError(f"{key} needs a value for {', '.join(missing)}")
        by_key[key] = filled(template, values, percent_encoded)
    return by_key


def _format(method: Method, key: str) -> str:
    if key in method.compose:
        return f"secret, {method.compose[key]} with the values percent-encoded"
    entry = next(entry for entry in method.fields if method.inject.get(entry.name) == key)
    return visible("; ".join(filter(None, [_words(entry), entry.help.rstrip(".")])))


def _words(entry: Field) -> str:
    kinds = {
        "url": "an https address",
        "host": "a host name",
        "host label": "one name of letters, digits and hyphens",
        "number": "a whole number",
        "private key": "a key in PEM, several lines",
        "service account": "JSON of a service account, several lines",
    }
    words = [entry.label, "secret" if entry.secret else "not secret"]
    if entry.choices:
        words.append("one of " + ", ".join(entry.choices))
    elif entry.format in kinds:
        words.append(kinds[entry.format])
    elif entry.multiline:
        words.append("several lines")
    if entry.optional and entry.default is None:
        words.append("absent when it is not given")
    elif entry.default:
        words.append(f"{entry.default} when it is not given")
    return ", ".join(words)
