"""Laws: whatever a file says, a form is made of it, in bounded time, and hidden fields are never in the way."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pandium_tui.manifest.environment import variable_name
from pandium_tui.manifest.form.building import build_form
from pandium_tui.manifest.form.choices import dynamic_from_state
from pandium_tui.manifest.form.form import compare
from pandium_tui.manifest.form.keywords import SHAPES
from pandium_tui.manifest.form.normalise import MAX_PARTS
from pandium_tui.manifest.form.tree import MAX_ELEMENTS
from pandium_tui.manifest.form.uischema import TYPES

NAMES = st.sampled_from(["a", "b", "c", "a-b", "A"])
SCOPES = st.sampled_from([f"#/properties/{name}" for name in ("a", "b", "c", "a/properties/b", "x")] + ["#", "a", ""])
REFERENCES = st.sampled_from(["#", "#/definitions/a", "#/definitions/b", "definitions/a", "#/metadata/a", "http://x"])
WORDS = st.sampled_from(
    ["string", "integer", "array", "object", "boolean", "date", "time", "password", "placeholder", "("]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | WORDS | REFERENCES
ANY_JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


def schemas(depth: int) -> st.SearchStrategy[Any]:
    """Schemas that are mostly right, with every keyword, and now and then anything at all."""
    if depth == 0:
        return LEAVES
    inner = schemas(depth - 1)
    listed = st.lists(inner, max_size=2)
    named = st.dictionaries(NAMES, inner, max_size=3)
    usual: dict[Any, st.SearchStrategy[Any]] = {
        **dict.fromkeys(sorted(SHAPES), LEAVES),
        **dict.fromkeys(("items", "not", "if", "then", "else", "additionalProperties", "contains"), inner),
        **dict.fromkeys(("allOf", "anyOf", "oneOf"), listed),
        **dict.fromkeys(("properties", "definitions", "dependencies", "patternProperties"), named),
        "type": st.sampled_from(["string", "integer", "array", "object", "boolean", ["string", "null"]]),
        "enum": st.lists(LEAVES, max_size=3),
        "required": st.lists(NAMES, max_size=2),
        "$ref": REFERENCES,
    }
    return LEAVES | st.fixed_dictionaries({}, optional=usual) | ANY_JSON


CONDITIONS = (
    st.fixed_dictionaries({"scope": SCOPES}, optional={"schema": schemas(1), "expectedValue": LEAVES}) | ANY_JSON
)
RULES = ANY_JSON | st.fixed_dictionaries(
    {"effect": st.sampled_from(["SHOW", "HIDE", "ENABLE", "DISABLE", 1]), "condition": CONDITIONS}
)


def uischemas(depth: int) -> st.SearchStrategy[Any]:
    options = ANY_JSON | st.fixed_dictionaries({}, optional={"dependsOn": SCOPES, "multi": LEAVES, "format": WORDS})
    common = {"label": ANY_JSON, "rule": RULES, "admin": LEAVES, "options": options, "hintText": LEAVES}
    control = st.fixed_dictionaries({"type": st.just("Control"), "scope": SCOPES}, optional=common)
    if depth == 0:
        return control
    elements = st.lists(uischemas(depth - 1), max_size=3)
    layout = st.fixed_dictionaries({"type": st.sampled_from([*TYPES, "New"]), "elements": elements}, optional=common)
    return control | layout | ANY_JSON


VALUES = st.dictionaries(NAMES, ANY_JSON, max_size=4)


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(schemas(3), uischemas(2), ANY_JSON | st.dictionaries(NAMES, ANY_JSON), ANY_JSON, VALUES, st.booleans())
def test_anything_becomes_a_form(
    schema: Any, uischema: Any, dynamic: Any, metadata: Any, values: dict[str, Any], known: bool
) -> None:
    form = build_form(schema, uischema, dynamic=dynamic, metadata=metadata, dynamic_known=known)
    state = form.state(values)
    assert_kept(values, state.values)
    compare(form, values)
    form.secret_values(values)
    for field in form.fields:
        assert field.label
        form.with_value(values, field, None)
        if field.kind == "table":
            form.row_form(field).state(form.new_row(field))
    declared = {field.steps[0] for field in form.fields} | _all_properties(form.definition.schema)
    assert set(state.environment) <= {variable_name(name) for name in declared}


def assert_kept(given: dict[str, Any], in_effect: dict[str, Any]) -> None:
    """No value is lost, be it hidden, stale or of the wrong type."""
    for name, value in given.items():
        if isinstance(value, int) or (isinstance(value, str) and value):
            assert in_effect[name] == value


def _all_properties(schema: dict[str, Any]) -> set[str]:
    return set(schema.get("properties", {})).union(*(_all_properties(one) for one in schema.get("allOf", ())))


@given(st.text(), schemas(2))
def test_any_last_line_of_an_init_run_can_be_read(line: str, schema: Any) -> None:
    choices, _ = dynamic_from_state(line, schema)
    json.dumps(choices, allow_nan=False)


PROPERTIES = st.dictionaries(
    st.sampled_from("abcdef"),
    st.sampled_from(
        [
            {"type": "string", "minLength": 2},
            {"type": "integer", "min": 5},
            {"enum": ["x"]},
            {"type": "array", "items": {"enum": ["x"]}, "minItems": 1},
            {"type": "object", "required": ["i"], "properties": {"i": {"type": "string"}, "j": {"type": "integer"}}},
            {"type": "array", "items": {"required": ["i"], "properties": {"i": {"type": "string"}}}},
        ]
    ),
    min_size=1,
)


@given(PROPERTIES, st.data())
def test_hidden_fields_never_prevent_saving_and_are_never_sent(properties: dict[str, Any], data: st.DataObject) -> None:
    hidden = data.draw(st.sets(st.sampled_from(sorted(properties))))
    values = data.draw(st.dictionaries(st.sampled_from(sorted(properties)), ANY_JSON))
    always = {"scope": "#", "schema": {}}
    never = {"scope": "#", "schema": {"not": {}}}
    schema = {"required": sorted(properties), "properties": properties}
    elements = [
        {
            "type": "Control",
            "scope": f"#/properties/{name}",
            "rule": {"effect": "HIDE", "condition": always if name in hidden else never},
        }
        for name in properties
    ]
    state = build_form(schema, {"elements": elements}, dynamic_known=True).state(values)
    assert not {problem.path.split("/")[1] for problem in state.problems} & hidden
    assert not {variable_name(name) for name in hidden} & set(state.environment)
    if hidden == set(properties):
        assert state.saveable
        assert state.runnable
    assert_kept(values, state.values)


def test_references_that_multiply_are_cut() -> None:
    definitions = {
        f"d{level}": {"properties": {name: {"$ref": f"#/definitions/d{level + 1}"} for name in "abcdefgh"}}
        for level in range(20)
    }
    form = build_form(
        {"definitions": definitions, "properties": {"x": {"$ref": "#/definitions/d0"}}}, None, dynamic_known=True
    )
    assert len(form.fields) <= MAX_ELEMENTS
    assert any(f"more than {MAX_PARTS:,} parts" in note.message for note in form.notes)
    assert form.state({"x": {"a": {"b": 1}}}).values == {"x": {"a": {"b": 1}}}


@pytest.mark.parametrize("levels", [100, 900])
def test_what_is_nested_too_deeply_is_cut(levels: int) -> None:
    schema: dict[str, Any] = {}
    uischema: dict[str, Any] = {"type": "Group"}
    values: dict[str, Any] = {}
    for _ in range(levels):
        schema = {"properties": {"a": schema}, "allOf": [schema]}
        uischema = {"type": "Group", "elements": [uischema]}
        values = {"a": values}
    for form in (build_form(schema, None, dynamic_known=True), build_form(schema, uischema, dynamic_known=True)):
        assert any("levels deep" in note.message or "parts" in note.message for note in form.notes)
        form.state(values)


def test_the_validator_is_only_loaded_where_there_is_a_form() -> None:
    script = (
        "import sys, pandium_tui.manifest.location, pandium_tui.manifest.form.building as building\n"
        "assert 'jsonschema_rs' not in sys.modules\n"
        "building.build_form({'properties': {'a': {}}}, None, dynamic_known=True)\n"
        "assert 'jsonschema_rs' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
