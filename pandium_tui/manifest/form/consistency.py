"""What is wrong with a definition that only shows once it is read as a whole."""

from collections.abc import Collection, Iterator

from pandium_tui.manifest.environment import variable_name
from pandium_tui.manifest.form.alternatives import titles_of
from pandium_tui.manifest.form.keywords import LISTED_SCHEMAS
from pandium_tui.manifest.form.kinds import merged
from pandium_tui.manifest.form.normalise import Schema
from pandium_tui.manifest.form.oddities import Oddities, Oddity, below
from pandium_tui.manifest.form.scopes import declared_names
from pandium_tui.manifest.form.validation import Validator
from pandium_tui.manifest.problem import quoted


def inconsistencies(schema: Schema) -> tuple[Oddity, ...]:
    """What a normalised schema says against itself."""
    oddities = Oddities()
    _note_collisions(schema, oddities)
    _note_titles(merged(schema), "", "all settings", oddities)
    _note_mapping(schema, "", oddities)
    return oddities.all()


def _note_collisions(schema: Schema, oddities: Oddities) -> None:
    names: dict[str, str] = {}
    for name in declared_names(schema):
        variable = variable_name(name)
        earlier = names.setdefault(variable, name)
        if earlier != name:
            message = f"properties {quoted(earlier)} and {quoted(name)} both become {variable}; rename one of them"
            oddities.add(Oddity("schema", below("", "properties", name), "error", message, at_key=True))


def _note_mapping(schema: Schema, pointer: str, oddities: Oddities, beside: Collection[str] = ()) -> None:
    """Required properties that do not exist, and defaults that their own schema refuses.

    ``beside`` are the names of what is declared for the same value elsewhere.
    """
    known = [*dict.fromkeys([*declared_names(schema), *beside])]
    for index, name in enumerate(schema.get("required", ())):
        if ("properties" in schema or beside) and name not in known:
            message = f"{quoted(name)} is required, but no property has this name{oddities.suggestion(name, known)}"
            oddities.add(Oddity("schema", below(pointer, "required", index), "warning", message))
    for name, declaration in schema.get("properties", {}).items():
        _note_value(declaration, below(pointer, "properties", name), quoted(name), oddities)
    for part, place in _parts(schema, pointer):
        _note_default(part, place, "this alternative", oddities)
        _note_mapping(part, place, oddities, known)


def _note_value(schema: Schema, pointer: str, name: str, oddities: Oddities) -> None:
    _note_default(schema, pointer, name, oddities)
    _note_titles(merged(schema), pointer, name, oddities)
    _note_mapping(schema, pointer, oddities)
    if isinstance(schema.get("items"), dict):
        _note_value(schema["items"], below(pointer, "items"), f"an entry of {name}", oddities)


def _note_titles(whole: Schema, pointer: str, name: str, oddities: Oddities) -> None:
    if any(option.title.startswith(f"Alternative {option.value + 1}") for option in titles_of(whole)):
        keyword = "oneOf" if "oneOf" in whole else "anyOf"
        message = f"alternatives of {name} have no title to choose them by; write one in each"
        oddities.add(Oddity("schema", below(pointer, keyword), "warning", message, at_key=True))


def _note_default(schema: Schema, pointer: str, name: str, oddities: Oddities) -> None:
    if schema.get("default") is not None:
        finding = next(Validator(schema).findings(schema["default"]), None)
        if finding:
            message = f"the default of {name} is not valid: {finding.message}{finding.size}"
            oddities.add(Oddity("schema", below(pointer, "default"), "warning", message))


def _parts(schema: Schema, pointer: str) -> Iterator[tuple[Schema, str]]:
    """The schemas in a schema that say more about the same value, with their places."""
    for key in LISTED_SCHEMAS:
        for index, part in enumerate(schema.get(key, ())):
            yield part, below(pointer, key, index)
    for key in ("then", "else"):
        if isinstance(schema.get(key), dict):
            yield schema[key], below(pointer, key)
    for name, part in schema.get("dependencies", {}).items():
        if isinstance(part, dict):
            yield part, below(pointer, "dependencies", name)
