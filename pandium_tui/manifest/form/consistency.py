"""What is wrong with a definition that only shows once it is read as a whole."""

from pandium_tui.manifest.environment import variable_name
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
    _note_mapping(schema, "", oddities)
    return oddities.all()


def _note_collisions(schema: Schema, oddities: Oddities) -> None:
    names: dict[str, str] = {}
    for name in merged(schema).get("properties", {}):
        variable = variable_name(name)
        earlier = names.setdefault(variable, name)
        if earlier != name:
            message = f"properties {quoted(earlier)} and {quoted(name)} both become {variable}; rename one of them"
            oddities.add(Oddity("schema", below("", "properties", name), "error", message, at_key=True))


def _note_mapping(schema: Schema, pointer: str, oddities: Oddities) -> None:
    """Required properties that do not exist, and defaults that their own schema refuses."""
    known = declared_names(schema)
    for index, name in enumerate(schema.get("required", ())):
        if "properties" in schema and name not in known:
            message = f"{quoted(name)} is required, but no property has this name{oddities.suggestion(name, known)}"
            oddities.add(Oddity("schema", below(pointer, "required", index), "warning", message))
    for name, declaration in schema.get("properties", {}).items():
        place = below(pointer, "properties", name)
        if declaration.get("default") is not None:
            finding = next(Validator(declaration).findings(declaration["default"]), None)
            if finding:
                message = f"the default of {quoted(name)} is not valid: {finding.message}{finding.size}"
                oddities.add(Oddity("schema", below(place, "default"), "warning", message))
        _note_mapping(declaration, place, oddities)
        if isinstance(declaration.get("items"), dict):
            _note_mapping(declaration["items"], below(place, "items"), oddities)
