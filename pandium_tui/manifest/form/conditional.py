"""Choices that ``if``/``then``/``else`` give a property: dependent choices as any JSON Schema validator reads them."""

from dataclasses import dataclass

from pandium_tui.manifest.form.choices import Option
from pandium_tui.manifest.form.json_values import to_pointer
from pandium_tui.manifest.form.kinds import choices_of, merged
from pandium_tui.manifest.form.normalise import Schema


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalChoices:
    """The choices of a property while a condition on the values holds, or does not."""

    condition: Schema
    holds: bool
    options: tuple[Option, ...]


def conditional_choices(schema: Schema) -> dict[str, tuple[ConditionalChoices, ...]]:
    """For each property at the top with such choices: all of them, in the order of the schema."""
    found: dict[str, tuple[ConditionalChoices, ...]] = {}
    whole = merged(schema)
    for part in (whole, *whole.get("allOf", ())):
        condition = part.get("if")
        if not isinstance(condition, dict):
            continue
        for branch, holds in (("then", True), ("else", False)):
            then = part.get(branch)
            properties = merged(then).get("properties", {}) if isinstance(then, dict) else {}
            for name, declaration in properties.items():
                options = choices_of(merged(declaration))
                if options:
                    found[name] = (*found.get(name, ()), ConditionalChoices(condition, holds, options))
    return found


def parent_of(conditionals: tuple[ConditionalChoices, ...], child: str) -> str | None:
    """The path of the one other property that the conditions look at, ``None`` when there is not exactly one."""
    names: set[str] = {name for one in conditionals for name in one.condition.get("properties", {})}
    return to_pointer(tuple(names)) if len(names) == 1 and child not in names else None
