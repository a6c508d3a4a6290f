"""From the configs of a tenant to the ``PAN_CFG_*`` variables that a run receives."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pandium_tui.manifest.problem import quoted

PREFIX = "PAN_CFG_"

MAX_VARIABLE_BYTES = 131_070
"""The longest name and value together that Linux hands to a program: 128 KiB less the ``=`` and the closing NUL."""

_NOT_IN_NAMES = re.compile("[^A-Z0-9_]")
# JavaScript, where the values of Pandium's forms come from, writes whole numbers without an exponent up to here.
_LARGEST_WRITTEN_OUT = 1e21


class ConfigEnvironmentError(ValueError):
    """A config that no environment variable can carry. The message names the config and never its value."""


def config_environment(configs: Mapping[str, object]) -> dict[str, str]:
    """The variables for these configs, in their order.

    Booleans are ``true`` and ``false``, whole numbers have no ``.0``, lists and mappings are compact JSON. A config
    without a value (``None``, an empty text) has no variable.

    Raises:
        ConfigEnvironmentError: two configs end on one name, or a value does not fit into a variable.
    """
    sources: dict[str, str] = {}
    environment: dict[str, str] = {}
    for config, value in configs.items():
        name = variable_name(config)
        if name in sources:
            raise ConfigEnvironmentError(
                f"configs {quoted(sources[name])} and {quoted(config)} both become {name}; rename one of them"
            )
        sources[name] = config
        if value is None or value == "":
            continue
        environment[name] = _checked(config, name, _text(config, value))
    return environment


def variable_name(config: str) -> str:
    """The name of the variable: upper case, everything outside A-Z, 0-9 and _ replaced by _.

    A hyphen would be legal, but dash drops such variables silently.
    """
    return PREFIX + _NOT_IN_NAMES.sub("_", config.upper())


def _text(config: str, value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(shortest(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        # The cause would quote the value.
        raise ConfigEnvironmentError(
            f"config {quoted(config)} cannot be written as JSON (a number that is not finite, or nested too deeply)"
        ) from None


def shortest(value: Any) -> Any:
    """The value with 3.0 as 3, at any depth, as JavaScript writes it."""
    match value:
        case float() if value.is_integer() and abs(value) < _LARGEST_WRITTEN_OUT:
            return int(value)
        case list() | tuple():
            return [shortest(item) for item in value]
        case dict():
            return {key: shortest(item) for key, item in value.items()}
        case _:
            return value


def _checked(config: str, name: str, text: str) -> str:
    if "\0" in text:
        raise ConfigEnvironmentError(f"config {quoted(config)} contains a NUL character; no variable can carry it")
    try:
        size = len(name) + len(text.encode())
    except UnicodeEncodeError:
        raise ConfigEnvironmentError(
            f"config {quoted(config)} contains half of a surrogate pair, which cannot be written as UTF-8"
        ) from None
    if size > MAX_VARIABLE_BYTES:
        raise ConfigEnvironmentError(
            f"config {quoted(config)} is too long: {name} and its value have {size:,} bytes, "
            f"at most {MAX_VARIABLE_BYTES:,} fit into a variable"
        )
    return text
