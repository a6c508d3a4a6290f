"""Checking what a person enters for a connector: corrected with a notice, warned about, or refused by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pandium_tui.connectors.checks import check_free_value, check_value
from pandium_tui.connectors.definitions import Level, Method
from pandium_tui.hub.errors import InvalidError
from pandium_tui.storage.vault import Secret


@dataclass(frozen=True, slots=True)
class CheckedValues:
    """Values to be stored; an empty one is taken away. ``notices`` and ``warnings`` never repeat a value."""

    values: dict[str, str] = field(repr=False)
    notices: tuple[str, ...]
    warnings: tuple[str, ...]
    problems: dict[str, str]

    def raise_problems(self) -> None:
        """Refuse values that must not be saved.

        Raises:
            InvalidError: with what is wrong by field.
        """
        if self.problems:
            raise InvalidError(self.problems)


def checked_values(connector: str, method: Method, level: Level, given: Mapping[str, Secret]) -> CheckedValues:
    """The values of one level, checked each by itself; whether any is missing is another question."""
    values: dict[str, str] = {}
    notices: list[str] = []
    warnings: list[str] = []
    problems: dict[str, str] = {}
    for name, secret in given.items():
        entry = method.field(name)
        if method.free_keys and level == "connection":
            checked = check_free_value(connector, name, secret.reveal())
        elif entry is None:
            known = ", ".join(one.name for one in method.fields if one.level == level) or "none"
            problems[name] = f"is no field of {method.label}; known are: {known}"
            continue
        elif entry.level != level:
            problems[name] = (
                "is entered once for the integration, when the connector is provisioned"
                if entry.level == "provisioning"
                else "belongs to each connection, not to the provisioning"
            )
            continue
        else:
            checked = check_value(entry, secret.reveal())
        values[name] = checked.value
        notices += checked.notices
        warnings += checked.warnings
        if checked.errors:
            problems[name] = "; ".join(
                _without_label(error, entry.label if entry else name) for error in checked.errors
            )
    return CheckedValues(values, tuple(notices), tuple(warnings), problems)


def warnings_by_field(connector: str, method: Method, level: Level, given: Mapping[str, Secret]) -> dict[str, str]:
    """What to look at before the values are saved, by field."""
    checked = {name: checked_values(connector, method, level, {name: secret}) for name, secret in given.items()}
    return {
        name: "; ".join([*one.notices, *one.warnings]) for name, one in checked.items() if one.notices or one.warnings
    }


def missing_problems(method: Method, level: Level, names: frozenset[str]) -> dict[str, str]:
    """What still has to be entered at a level, by field, when these names have a value."""
    needed = [entry for entry in method.needed_now() if entry.level == level and entry.name not in names]
    problems = {entry.name: "is required" for entry in needed}
    choice = [entry for entry in method.fields if entry.name in method.at_least_one and entry.level == level]
    if choice and not any(entry.name in names for entry in choice):
        problems[choice[0].name] = f"is required, or {' or '.join(entry.label for entry in choice[1:])}"
    return problems


def _without_label(error: str, label: str) -> str:
    return error.removeprefix(label).lstrip()
