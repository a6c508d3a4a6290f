"""How a schema as people write it is understood: references, spellings, and what is put together."""

from typing import Any

import pytest

from pandium_tui.manifest.form.normalise import Normaliser
from pandium_tui.manifest.form.oddities import Oddities
from tests.manifest.form.forms import field_of, form_of, odd_form_of, one_property, texts


def normalised(schema: Any) -> tuple[dict[str, Any], list[str]]:
    oddities = Oddities()
    return Normaliser(schema, {}, {}, True, oddities).run(), [oddity.message for oddity in oddities.all()]


def it(declaration: Any, **definitions: Any) -> dict[str, Any]:
    schema, notes = normalised({"properties": {"it": declaration}, "definitions": definitions})
    assert notes == []
    found: dict[str, Any] = schema["properties"]["it"]
    return found


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ({"min": 1, "max": 5}, {"minimum": 1, "maximum": 5}),
        ({"exclusiveMinimum": True, "minimum": 1}, {"exclusiveMinimum": 1}),
        ({"exclusiveMaximum": False, "maximum": 1}, {"maximum": 1}),
        ({"exclusiveMaximum": 3}, {"exclusiveMaximum": 3}),
        ({"dependentRequired": {"a": ["b"]}}, {"dependencies": {"a": ["b"]}}),
        (
            {"dependencies": {"a": ["b"]}, "dependentSchemas": {"c": {"min": 1}}},
            {"dependencies": {"a": ["b"], "c": {"minimum": 1}}},
        ),
        ({"properties": {"a": True, "b": False}}, {"properties": {"a": {}, "b": {"not": {}}}}),
        ({"items": [{"min": 1}], "additionalItems": False}, {"items": [{"minimum": 1}], "additionalItems": False}),
        ({"patternProperties": {"(": {}, "^a": {}}}, {"patternProperties": {"^a": {}}}),
        ({"type": None, "title": None, "default": None}, {"default": None}),
        ({"x-own": 1, "$comment": "x", "$id": "http://x"}, {}),
        ({"enum": [1, 1.0, 2]}, {"enum": [1, 2], "x-choice-titles": ["1", "2"]}),
        ({"oneOf": [{"const": 1, "title": "A"}, {"enum": [2]}]}, {"enum": [1, 2], "x-choice-titles": ["A", "2"]}),
        ({"enum": [1], "oneOf": [{"min": 0}]}, {"enum": [1], "x-choice-titles": ["1"], "oneOf": [{"minimum": 0}]}),
        # Whatever is offered is valid, whatever type is stated.
        *(
            ({"type": kind, "enum": [value]}, {"type": kind, "enum": [value], "x-choice-titles": [title]})
            for kind, value, title in [
                ("boolean", True, "true"),
                ("integer", 3.0, "3"),
                ("number", 1, "1"),
                ("string", "a", "a"),
                ("object", {"a": 1}, '{"a":1}'),
                ("null", None, "null"),
            ]
        ),
        ({"type": "string", "enum": [1, "a"]}, {"enum": [1, "a"], "x-choice-titles": ["1", "a"]}),
        ({"type": "integer", "enum": [True]}, {"enum": [True], "x-choice-titles": ["true"]}),
        ({"type": "array", "enum": [["a"]]}, {"type": "array", "enum": [["a"]], "x-choice-titles": ['["a"]']}),
        ({"$ref": "#/definitions/t"}, {"type": "string", "default": "t"}),
        ({"$ref": "#/definitions/t", "default": "own"}, {"type": "string", "default": "own"}),
        ({"$ref": "#/definitions/u"}, {"type": "string", "default": "t", "title": "U"}),
        ({"allOf": [{"$ref": "#/definitions/t"}]}, {"allOf": [{"type": "string", "default": "t"}]}),
        ({"$ref": "#/definitions/with~1slash"}, {"const": 1}),
    ],
)
def test_what_becomes_of_a_declaration(declaration: Any, expected: dict[str, Any]) -> None:
    definitions = {
        "t": {"type": "string", "default": "t"},
        "u": {"$ref": "#/definitions/t", "title": "U"},
        "with/slash": {"const": 1},
    }
    assert it(declaration, **definitions) == expected


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ([], "the schema must be a mapping"),
        ({"properties": {"a": {"$ref": "l"}}, "definitions": {"l": {}}}, '$ref "l" should be "#/definitions/l"'),
        ({"properties": {"a": {"$ref": "#/properties/b"}, "b": {}}}, None),
        ({"properties": {"a": {"$ref": "#"}}}, 'circle: "#" to "#"'),
        ({"properties": {"a": {"properties": {"b": {"$ref": "#/properties/a"}}}}}, 'circle: "/properties/a"'),
        ({"properties": {"a": {"enum": "x"}}}, "enum must be a list of values; it is ignored"),
        ({"properties": {"a": {"multipleOf": 0}}}, "multipleOf must be a number above 0"),
        ({"properties": {"a": {"minLength": 1.5}}}, "minLength must be a whole number"),
        ({"properties": {"a": {"exclusiveMinimum": "x"}}}, "exclusiveMinimum must be a number"),
        ({"properties": {"a": {"items": 3}}}, "items must be a schema"),
        ({"properties": {"a": {"uniqueItems": 1}}}, "uniqueItems must be true or false"),
    ],
)
def test_oddities(schema: Any, says: str | None) -> None:
    notes = normalised(schema)[1]
    assert len(notes) == (1 if says else 0)
    assert says is None or says in notes[0]


def test_allof_is_one_with_what_it_stands_in() -> None:
    form = form_of(
        """
        schema:
          properties: {a: {type: string}}
          allOf:
            - {properties: {b: {type: integer}}, required: [b]}
            - allOf:
                - {properties: {a: {title: Titled, type: integer}, c: {type: boolean}}, required: [c, b]}
                - {if: {}, then: {}}
        """
    )
    assert [(field.path, field.kind, field.label, field.required) for field in form.fields] == [
        ("/a", "text", "Titled", False),
        ("/b", "integer", "B", True),
        ("/c", "boolean", "C", True),
    ]
    assert form.state({"a": "x", "b": 2}).environment == {"PAN_CFG_A": "x", "PAN_CFG_B": "2", "PAN_CFG_C": "false"}


@pytest.mark.parametrize(
    ("declaration", "options", "placeholder"),
    [
        ("{type: string}", "{placeholder: here}", "here"),
        ("{type: integer, examples: [3, 4]}", "{}", "3"),
        ("{type: string, format: date}", "{}", "2024-05-31, today or +3d"),
        ("{type: string}", "{}", ""),
    ],
)
def test_placeholders(declaration: str, options: str, placeholder: str) -> None:
    assert field_of(declaration, options).placeholder == placeholder


@pytest.mark.parametrize(
    ("declaration", "kind"),
    [
        ("{minLength: 3}", "text"),
        ("{max: 3}", "number"),
        ("{items: {type: integer}}", "list"),
        ("{type: 'null'}", "json"),
    ],
)
def test_a_type_that_is_not_stated_is_told_from_other_keywords(declaration: str, kind: str) -> None:
    assert field_of(declaration).kind == kind


def test_a_condition_narrows_the_choices_that_a_property_lists() -> None:
    form = form_of(
        """
        schema:
          properties: {t: {enum: [x, y]}, q: {type: array, items: {enum: [a]}}, p: {enum: [a, b, c]}}
          if: {properties: {t: {const: x}}}
          then: {properties: {p: {enum: [c, d]}}}
          else: {properties: {p: {enum: [a]}}}
        """
    )
    t, _, p = form.fields
    assert [option.value for option in form.state({"t": "x"}).options[p.number]] == ["c"]
    assert [option.value for option in form.state({"t": "y"}).options[p.number]] == ["a"]
    assert form.with_value({"t": "x", "p": "c"}, t, "y") == {"t": "y"}


def test_changing_the_parent_keeps_what_is_still_offered_of_several() -> None:
    form = form_of(
        """
        schema:
          definitions: {q: {enum: [placeholder]}}
          properties: {t: {enum: [x, y]}, q: {type: array, items: {$ref: '#/definitions/q'}}}
        uischema:
          elements:
            - {type: Control, scope: '#/properties/t'}
            - {type: MultiSelectControl, scope: '#/properties/q', options: {dependsOn: '#/properties/t'}}
        """,
        dynamic={"q": {"x": ["a", "b"], "y": ["b"]}},
    )
    t = form.fields[0]
    assert form.with_value({"t": "x", "q": ["a", "b"]}, t, "y") == {"t": "y", "q": ["b"]}
    assert form.with_value({"t": "y", "q": ["b"]}, t, "x") == {"t": "x", "q": ["b"]}
    assert form.with_value({"t": "x", "q": ["a"]}, t, "y") == {"t": "y"}


def test_two_names_for_one_variable_are_a_problem_of_the_second() -> None:
    form = odd_form_of("schema: {properties: {a-b: {type: string}, a_b: {type: string}}}")
    state = form.state({"a-b": "1", "a_b": "2"})
    assert state.environment == {"PAN_CFG_A_B": "1"}
    assert texts(state) == ['A b: config "a_b" becomes the same variable as another, PAN_CFG_A_B']


def test_a_secret_without_a_control_is_secret_too() -> None:
    form = odd_form_of(
        "schema: {properties: {a: {}, s: {type: string, format: password, default: hush}}}\n"
        "uischema: {elements: [{type: Control, scope: '#/properties/a'}]}"
    )
    assert form.state({}).secret_variables == {"PAN_CFG_S"}
    assert form.secret_values({}) == ("hush",)


def test_scopes_may_lead_through_conditions() -> None:
    form = form_of(
        """
        schema:
          properties: {m: {type: string}}
          dependencies: {m: {properties: {x: {type: integer}}}}
          anyOf: [{properties: {y: {type: boolean}}}, {}]
        uischema:
          elements:
            - {type: Control, scope: '#/properties/m'}
            - {type: Control, scope: '#/properties/x'}
            - {type: Control, scope: '#/anyOf/0/properties/y'}
        """
    )
    assert [(field.path, field.kind) for field in form.fields] == [("/m", "text"), ("/x", "integer"), ("/y", "boolean")]


def test_a_rows_height_must_make_sense() -> None:
    heights = {"3": 3, "0": None, "'3'": None, "true": None, "1000": None}
    for written, rows in heights.items():
        text = one_property("{type: string}", f"{{multi: true, rows: {written}}}")
        assert form_of(text).fields[0].rows == rows
