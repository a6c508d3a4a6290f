"""What a form says about values: errors in its own words, what is in effect, what a run gets."""

from typing import Any

import pytest

from pandium_tui.manifest.form.form import compare
from tests.manifest.form.forms import form_of, odd_form_of, one_property, texts


@pytest.mark.parametrize(
    ("declaration", "value", "says"),
    [
        ("{type: string, minLength: 3}", "ab", "at least 3 characters (2 now)"),
        ("{type: string, maxLength: 1}", "ab", "at most 1 character (2 now)"),
        ("{type: string, maxLength: 5}", "😀😀😀😀😀", None),
        ("{type: string, pattern: '^[a-z]+$'}", "A", "does not match ^[a-z]+$"),
        ("{type: string, pattern: '^[a-z]+$', errorMessage: only small letters}", "A", "only small letters"),
        ("{type: string, pattern: '^[a-z]+$', errorMessage: {pattern: small}}", "A", "small"),
        ("{type: string, pattern: '^[a-z]+$', errorMessage: {minLength: no}}", "A", "does not match ^[a-z]+$"),
        (r"{type: string, pattern: '^\p{L}+$'}", "é", None),
        (r"{type: string, pattern: '^\d+$'}", "٣", r"does not match ^\d+$"),
        ("{type: string, pattern: '^(a+)+$'}", "a" * 40 + "b", "does not match ^(a+)+$"),
        ("{type: string, format: email}", "x", "must be an e-mail address"),
        ("{type: string, format: uri}", "x", "must be a URL such as https://example.com"),
        ("{type: string, format: date}", "2024-02-30", "must be a date such as 2024-05-31"),
        ("{type: string, format: time}", "13:37:00", None),
        ("{type: string, format: time}", "13:37:00+02:00", None),
        ("{type: string, format: time}", "25:00:00", "must be a time such as 13:45:00"),
        (
            "{type: string, format: date-time}",
            "2024-05-31",
            "must be a date and a time such as 2024-05-31T13:45:00+00:00",
        ),
        ("{type: string}", 3, "must be a text"),
        ("{type: integer}", "3", "must be a whole number"),
        ("{type: integer}", 3.0, None),
        ("{type: integer, min: 1}", 0, "at least 1"),
        ("{type: integer, max: 500}", 501, "at most 500"),
        ("{type: integer, min: 1, minimum: 5}", 3, "at least 5"),
        ("{type: number, exclusiveMinimum: 0}", 0, "more than 0"),
        ("{type: number, exclusiveMaximum: 1.5}", 2, "less than 1.5"),
        ("{type: number, multipleOf: 0.01}", 0.29, None),
        ("{type: number, multipleOf: 0.5}", 0.7, "a multiple of 0.5"),
        ("{type: boolean}", "true", "must be true or false"),
        ("{enum: [1, true]}", 1.0, None),
        ("{enum: [1]}", True, '"true" is no longer offered; choose another'),
        ("{enum: [a, null]}", None, None),
        ("{type: array, items: {enum: [a]}, minItems: 1}", [], "at least 1 entry (0 now)"),
        ("{type: array, items: {enum: [a]}, uniqueItems: true}", ["a", "a"], "entries 1 and 2 are the same"),
        ("{type: array, items: {type: integer}}", [1, "x"], "entry 2: must be a whole number"),
        ("{type: array, items: {type: string, format: date}}", ["x"], "entry 1: must be a date such as 2024-05-31"),
        ("{type: [string, integer]}", True, "must be a whole number or a text"),
        ("{oneOf: [{type: string}, {type: object}]}", 3, "fits none of the alternatives; choose one"),
        ("{anyOf: [{type: string, maxLength: 1}, {enum: [abc]}]}", "ab", "at most 1 character (2 now)"),
        ("{properties: {a: {}}, additionalProperties: false}", {"z": 1}, "Z: is not part of the form"),
        ("{type: object, additionalProperties: false}", {"z": 1}, "must be empty"),
        ("{type: object, minProperties: 1, properties: {}}", {"": 1}, None),
        ("{not: {const: x}}", "x", "is not possible here"),
    ],
)
def test_messages(declaration: str, value: Any, says: str | None) -> None:
    form = form_of(one_property(declaration))
    state = form.state({"it": value})
    assert state.errors == ({form.fields[0].number: (says,)} if says else {})
    assert [problem.path.split("/")[1] for problem in state.problems] == (["it"] if says else [])
    assert state.saveable == (says is None)


def test_a_format_that_only_the_uischema_states() -> None:
    form = form_of(one_property("{type: string}", "{format: date}"))
    assert texts(form.state({"it": "soon"})) == ["It: must be a date such as 2024-05-31"]


COMMENTS = """
schema:
  required: [comments]
  properties:
    comments:
      type: array
      minItems: 1
      items:
        type: object
        required: [author]
        properties:
          author: {type: string}
          message: {type: string, maxLength: 5, default: hi}
          rating: {type: integer, default: 3}
"""


def test_problems_of_a_table_name_row_and_column() -> None:
    form = form_of(COMMENTS)
    state = form.state({"comments": [{"author": "a"}, {"message": "too long", "author": ""}, 3]})
    assert [(problem.path, problem.text) for problem in state.problems] == [
        ("/comments/1/author", "Comments, row 2, Author: required"),
        ("/comments/1/message", "Comments, row 2, Message: at most 5 characters (8 now)"),
        ("/comments/2", "Comments, row 3: must be a mapping of names to values"),
    ]
    assert state.errors[form.fields[0].number] == (
        "row 2, Author: required",
        "row 2, Message: at most 5 characters (8 now)",
        "row 3: must be a mapping of names to values",
    )


def test_rows() -> None:
    form = form_of(COMMENTS)
    (table,) = form.fields
    assert [column.path for column in table.fields] == ["/author", "/message", "/rating"]
    row = form.new_row(table)
    assert row == {"message": "hi", "rating": 3}
    row_form = form.row_form(table)
    assert texts(row_form.state(row)) == ["Author: required"]
    assert row_form.state({**row, "author": "x"}).saveable
    # What is in the table is not given defaults again.
    assert form.state({"comments": [{"author": "x"}]}).environment == {"PAN_CFG_COMMENTS": '[{"author":"x"}]'}


MAPPING = """
schema:
  properties:
    address:
      required: [street]
      properties:
        street: {type: string}
        country: {type: string, default: CH}
        verified: {type: boolean}
        geo: {required: [lat], properties: {lat: {type: number}, lon: {type: number}}}
"""


def test_a_mapping_is_absent_until_something_in_it_is_set() -> None:
    form = form_of(MAPPING)
    for nothing in ({}, {"address": {}}, {"address": {"street": "", "geo": {"lat": None}}}):
        state = form.state(nothing)
        assert (state.values, state.problems, state.environment) == ({}, (), {})
    state = form.state({"address": {"geo": {"lon": 2}}})
    assert texts(state) == ["Address, Street: required", "Address, Geo, Lat: required"]
    assert state.values == {"address": {"country": "CH", "verified": False, "geo": {"lon": 2}}}


def test_changing_values_inside_mappings() -> None:
    form = form_of(MAPPING)
    lat, street, country = (form.field_at(f"/address/{name}") for name in ("geo/lat", "street", "country"))
    assert lat is not None
    assert street is not None
    assert country is not None
    values = form.with_value({}, lat, 1)
    assert values == {"address": {"geo": {"lat": 1}}}
    assert form.with_value(values, street, "x") == {"address": {"geo": {"lat": 1}, "street": "x"}}
    assert form.with_value(values, lat, None) == {}
    emptied = form.with_value(values, country, None)
    assert form.state(emptied).values["address"] == {"geo": {"lat": 1}, "verified": False}


def test_defaults_and_emptied_values() -> None:
    form = form_of("schema: {properties: {a: {type: string, default: x}, b: {type: boolean}, c: {type: integer}}}")
    a, b, _ = form.fields
    assert form.state({}).environment == {"PAN_CFG_A": "x", "PAN_CFG_B": "false"}
    assert form.state({"a": "", "c": None}).environment == {"PAN_CFG_B": "false"}
    assert form.state(form.with_value({}, a, None)).environment == {"PAN_CFG_B": "false"}
    assert form.with_value({"b": True}, b, None) == {}
    assert form.state({"b": None}).values["b"] is False


def test_the_only_possible_value_needs_no_one_to_choose_it() -> None:
    form = form_of("schema: {required: [a], properties: {a: {enum: [x]}, b: {enum: [x]}, c: {const: 2}}}")
    state = form.state({})
    assert (state.problems, state.environment) == ((), {"PAN_CFG_A": "x", "PAN_CFG_C": "2"})
    assert [field.default for field in form.fields] == ["x", None, 2]


def test_the_environment_has_declared_values_only() -> None:
    form = odd_form_of(
        """
        schema: {properties: {a-b: {type: string}, unshown: {default: v2}, j: {type: number}}}
        uischema: {elements: [{type: Control, scope: '#/properties/a-b'}, {type: Control, scope: '#/properties/j'}]}
        """
    )
    state = form.state({"a-b": "é\n", "left": "over", "j": 3.0})
    assert state.environment == {"PAN_CFG_A_B": "é\n", "PAN_CFG_UNSHOWN": "v2", "PAN_CFG_J": "3"}


@pytest.mark.parametrize(
    ("value", "says"),
    [("a\0b", "NUL character"), ("\ud800", "half of a surrogate pair"), ("x" * 131_070, "at most 131,070 fit")],
)
def test_what_no_variable_can_carry_is_a_problem_of_its_field(value: str, says: str) -> None:
    form = form_of("schema: {properties: {a: {type: string}, b: {type: string}}}")
    state = form.state({"a": value, "b": "x"})
    assert says in state.errors[form.fields[0].number][0]
    assert state.environment == {"PAN_CFG_B": "x"}
    assert not state.saveable


def test_conditional_requirements_and_dependencies_are_errors_of_the_field() -> None:
    form = form_of(
        """
        schema:
          properties: {mode: {enum: [a, b]}, x: {type: string}, y: {type: string}, z: {type: string}}
          if: {required: [mode], properties: {mode: {const: a}}}
          then: {required: [x]}
          dependentRequired: {y: [z]}
        """
    )
    assert [field.required for field in form.fields] == [False] * 4
    assert texts(form.state({"mode": "a", "y": "1"})) == ["X: required", "Z: required"]
    assert form.state({"mode": "b"}).saveable


def test_what_no_field_can_repair_does_not_prevent_saving() -> None:
    form = odd_form_of(
        """
        schema:
          additionalProperties: false
          required: [unshown, fixed]
          properties: {a: {type: string}, unshown: {type: string}, fixed: {const: 3, title: Fixed}}
        uischema: {elements: [{type: Control, scope: '#/properties/a'}, {type: Control, scope: '#/properties/fixed'}]}
        """
    )
    state = form.state({"left_over": 1, "fixed": 4})
    assert texts(state) == ["Left over: is not part of the form", "Unshown: required", 'Fixed: must be "3"']
    assert (state.saveable, state.runnable) == (True, True)


def test_a_whole_form_that_is_wrong_cannot_be_saved_unless_something_is_hidden() -> None:
    text = """
    schema: {anyOf: [{required: [a]}, {required: [b]}], properties: {a: {type: string}, b: {type: string}}}
    uischema:
      elements:
        - {type: Control, scope: '#/properties/a'}
        - {type: Control, scope: '#/properties/b', RULE}
    """
    plain = form_of(text.replace(", RULE", ""))
    assert texts(plain.state({})) == ["The form: fits none, or more than one, of the alternatives"]
    assert not plain.state({}).saveable
    assert plain.state({"b": "x"}).saveable
    hiding = form_of(text.replace("RULE", "rule: {effect: HIDE, condition: {scope: '#', schema: {}}}"))
    assert hiding.state({}).saveable


SECRETS = """
schema:
  properties:
    key: {type: string, format: password, minLength: 20, pattern: '^[a-z]+$'}
    plain: {type: string}
    rows:
      type: array
      items: {properties: {name: {type: string}, token: {type: string, format: password, maxLength: 3}}}
    many: {type: array, uniqueItems: true, items: {type: string, format: password}}
    deep: {properties: {inner: {type: string, format: password}, other: {type: string}}}
    pick: {type: string, format: password, enum: [a, b]}
    raw: {type: object, anyOf: [{properties: {pw: {type: string, format: password}}}]}
"""


def test_secrets_are_told_apart_and_no_message_repeats_them() -> None:
    form = form_of(SECRETS)
    values = {
        "key": "S3CRET-key",
        "plain": "visible",
        "rows": [{"name": "n", "token": "S3CRET-row"}],
        "many": ["S3CRET-a", "S3CRET-a"],
        "deep": {"inner": "S3CRET-deep", "other": "o"},
        "pick": "S3CRET-pick",
        "raw": {"pw": "S3CRET-raw"},
    }
    state = form.state(values)
    assert len(state.problems) == 5
    assert "S3CRET" not in repr(state)
    assert "now)" not in repr(state.problems)  # nor how long they are
    assert state.secret_variables == {f"PAN_CFG_{name}" for name in ("KEY", "ROWS", "MANY", "DEEP", "PICK", "RAW")}
    secret = {"S3CRET-key", "S3CRET-row", "S3CRET-a", "S3CRET-deep", "S3CRET-pick", "S3CRET-raw"}
    assert set(form.secret_values(values)) == secret
    wrong_types = form.state({"key": {"S3CRET": 1}, "rows": "S3CRET", "many": "S3CRET", "deep": "S3CRET"})
    assert wrong_types.problems
    assert "S3CRET" not in repr(wrong_types.problems).replace("/S3CRET", "")


def test_moving_to_another_release_says_what_breaks() -> None:
    new = form_of("schema: {required: [b], properties: {a: {enum: [x]}, b: {type: string}, c: {type: integer}}}")
    comparison = compare(new, {"a": "y", "c": 3, "gone": 1})
    assert [problem.text for problem in comparison.refused] == [
        'A: "y" is no longer offered; choose another',
        "B: required",
    ]
    assert (comparison.unused, comparison.fits) == (("gone",), False)
    assert compare(new, {"a": "x", "b": "y"}).fits


def test_values_nothing_declares_are_kept_and_harmless() -> None:
    state = form_of("schema: {additionalProperties: false}").state({"left": "over"})
    assert (state.values, state.problems, state.environment) == ({"left": "over"}, (), {})


@pytest.mark.parametrize("values", [None, [], "x", 3])
def test_values_that_are_no_mapping_are_none(values: Any) -> None:
    assert form_of("schema: {properties: {a: {type: string}}}").state(values).environment == {}
