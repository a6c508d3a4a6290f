"""Whether the condition of a rule is true, as JSON Forms decides it."""

from typing import Any

from pandium_tui.manifest.form.json_values import key_of, same, value_at
from pandium_tui.manifest.form.normalise import Normaliser, Schema
from pandium_tui.manifest.form.oddities import Oddities
from pandium_tui.manifest.form.scopes import steps_of
from pandium_tui.manifest.form.validation import Validator


class Conditions:
    """Decides conditions for one form; the schema of each is compiled once."""

    def __init__(self) -> None:
        self._compiled: dict[str, tuple[Schema, Validator]] = {}

    def hold(self, condition: Any, values: dict[str, Any]) -> bool:
        """Whether a condition is true for these values. What is not understood counts as true."""
        if not isinstance(condition, dict):
            return True
        inner = condition.get("conditions")
        if condition.get("type") == "AND" and isinstance(inner, list):
            return all(self.hold(one, values) for one in inner)
        if condition.get("type") == "OR" and isinstance(inner, list):
            return any(self.hold(one, values) for one in inner)
        steps = steps_of(condition.get("scope"))
        if steps is None:
            return True
        value = value_at(values, steps)
        if "schema" in condition:
            schema, validator = self._schema(condition["schema"])
            if value is None:
                return condition.get("failWhenUndefined") is not True and holds_without_value(schema)
            return validator.accepts(value)
        if "expectedValue" in condition:
            return value is not None and same(value, condition["expectedValue"])
        return True

    def accepts(self, schema: Schema, values: dict[str, Any]) -> bool:
        """Whether the values are valid for a normalised schema."""
        return self._compile(schema)[1].accepts(values)

    def _schema(self, raw: Any) -> tuple[Schema, Validator]:
        if isinstance(raw, bool):
            raw = {} if raw else {"not": {}}
        key = f"as written {key_of(raw)}"
        if key not in self._compiled:
            self._compiled[key] = self._compile(Normaliser(raw, {}, {}, True, Oddities()).run())
        return self._compiled[key]

    def _compile(self, schema: Schema) -> tuple[Schema, Validator]:
        key = key_of(schema)
        if key not in self._compiled:
            self._compiled[key] = schema, Validator(schema)
        return self._compiled[key]


def holds_without_value(schema: Schema) -> bool:
    """Whether a schema accepts that there is no value: it does unless it states a type, a constant or choices."""
    if any(keyword in schema for keyword in ("type", "const", "enum")):
        return False
    if "not" in schema and holds_without_value(_mapping(schema["not"])):
        return False
    if "oneOf" in schema and sum(holds_without_value(one) for one in schema["oneOf"]) != 1:
        return False
    if "anyOf" in schema and not any(holds_without_value(one) for one in schema["anyOf"]):
        return False
    return all(holds_without_value(one) for one in schema.get("allOf", ()))


def _mapping(schema: Any) -> Schema:
    return schema if isinstance(schema, dict) else {} if schema else {"enum": []}
