"""Rules that show, hide, enable and disable, and the conditions they depend on."""

from typing import Any

import pytest

from pandium_tui.manifest.form.rules import Conditions, holds_without_value
from tests.manifest.form.forms import form_of, odd_form_of, shown


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        ({"scope": "#/properties/a", "schema": {"const": "x"}}, {"a": "x"}, True),
        ({"scope": "#/properties/a", "schema": {"const": "x"}}, {"a": "y"}, False),
        ({"scope": "/properties/a", "schema": {"enum": ["x", 1]}}, {"a": 1.0}, True),
        ({"scope": "#/properties/a", "schema": {"enum": [1]}}, {"a": True}, False),
        ({"scope": "#/properties/a/properties/b", "schema": {"min": 3}}, {"a": {"b": 2}}, False),
        ({"scope": "#", "schema": {"required": ["a"]}}, {"a": 1}, True),
        ({"scope": "#", "schema": {"required": ["a"]}}, {}, False),
        ({"scope": "#/properties/a", "schema": True}, {"a": 1}, True),
        ({"scope": "#/properties/a", "schema": False}, {"a": 1}, False),
        ({"type": "LEAF", "scope": "#/properties/a", "expectedValue": "x"}, {"a": "x"}, True),
        ({"type": "LEAF", "scope": "#/properties/a", "expectedValue": 1}, {"a": "1"}, False),
        ({"type": "LEAF", "scope": "#/properties/a", "expectedValue": "x"}, {}, False),
        # What is not understood counts as true.
        (None, {}, True),
        ({"scope": "#/properties/a"}, {}, True),
        ({"type": "XOR", "conditions": []}, {}, True),
        ({"scope": 3, "schema": {"const": 1}}, {}, True),
        # An absent value.
        ({"scope": "#/properties/a", "schema": {"const": False}}, {}, False),
        ({"scope": "#/properties/a", "schema": {"minLength": 1}}, {}, True),
        ({"scope": "#/properties/a", "schema": {"minLength": 1}, "failWhenUndefined": True}, {}, False),
        ({"scope": "#/properties/a", "schema": {"not": {"const": 1}}}, {}, True),
        ({"type": "AND", "conditions": []}, {}, True),
        ({"type": "OR", "conditions": []}, {}, False),
        (
            {
                "type": "OR",
                "conditions": [
                    {"scope": "#/properties/a", "schema": {"const": 1}},
                    {"type": "AND", "conditions": [{"scope": "#/properties/b", "schema": {"const": 2}}]},
                ],
            },
            {"b": 2},
            True,
        ),
        (
            {"type": "AND", "conditions": [True, {"scope": "#/properties/a", "schema": {"const": 1}}]},
            {"a": 2},
            False,
        ),
    ],
)
def test_conditions(condition: Any, values: dict[str, Any], expected: bool) -> None:
    assert Conditions().hold(condition, values) is expected


@pytest.mark.parametrize(
    ("schema", "accepts"),
    [
        ({}, True),
        ({"type": "string"}, False),
        ({"not": {}}, False),
        ({"not": {"const": 1}}, True),
        ({"not": True}, False),
        ({"not": False}, True),
        ({"allOf": [{}, {"enum": [1]}]}, False),
        ({"anyOf": [{"const": 1}, {"minimum": 1}]}, True),
        ({"anyOf": [{"const": 1}]}, False),
        ({"oneOf": [{}, {}]}, False),
        ({"oneOf": [{}, {"const": 1}]}, True),
    ],
)
def test_what_an_absent_value_satisfies(schema: dict[str, Any], accepts: bool) -> None:
    assert holds_without_value(schema) is accepts


FORM = """
schema:
  required: [mode, secret, inner]
  properties:
    mode: {enum: [easy, hard], default: easy}
    on: {type: boolean}
    secret: {type: string}
    inner: {type: string, minLength: 3}
uischema:
  elements:
    - {type: Control, scope: '#/properties/mode'}
    - {type: Control, scope: '#/properties/on'}
    - type: Control
      scope: '#/properties/secret'
      rule: {effect: SHOW, condition: {scope: '#/properties/mode', schema: {const: hard}}}
    - type: Section
      label: More
      rule: {effect: HIDE, condition: {scope: '#/properties/on', schema: {const: false}}}
      elements:
        - {type: Control, scope: '#/properties/inner'}
"""


def test_hidden_values_are_kept_not_sent_and_never_in_the_way() -> None:
    form = form_of(FORM)
    # A box that nobody ticked counts as false, as a run will see it.
    state = form.state({"inner": "x"})
    assert shown(form, state) == ["/mode", "/on"]
    assert state.saveable
    assert state.runnable
    assert state.values["inner"] == "x"
    assert state.environment == {"PAN_CFG_MODE": "easy", "PAN_CFG_ON": "false"}


def test_what_is_shown_counts_again() -> None:
    form = form_of(FORM)
    state = form.state({"mode": "hard", "on": True, "inner": "x"})
    assert shown(form, state) == ["/mode", "/on", "/secret", "/inner"]
    assert [problem.text for problem in state.problems] == ["Secret: required", "Inner: at least 3 characters (1 now)"]
    assert not state.saveable
    assert state.environment["PAN_CFG_INNER"] == "x"


def test_enabling_is_inherited_unless_a_field_has_a_rule_of_its_own() -> None:
    never = "{scope: '#/properties/a', schema: {const: never}}"
    form = form_of(
        f"""
        schema: {{properties: {{a: {{type: string}}, b: {{type: string}}, c: {{type: string}}, d: {{type: string}}}}}}
        uischema:
          elements:
            - {{type: Control, scope: '#/properties/a'}}
            - type: Group
              rule: {{effect: ENABLE, condition: {never}}}
              elements:
                - {{type: Control, scope: '#/properties/b'}}
                - {{type: Control, scope: '#/properties/c', rule: {{effect: DISABLE, condition: {never}}}}}
            - {{type: Control, scope: '#/properties/d', rule: {{effect: READONLY, condition: {{}}}}}}
        """.replace("condition: {}}}", "condition: {scope: '#', schema: {}}}}")
    )
    state = form.state({})
    enabled = [field.path for field in form.fields if field.number in state.enabled]
    assert enabled == ["/a", "/c"]
    # Disabled is not hidden: the value is sent.
    assert form.state({"b": "x"}).environment == {"PAN_CFG_B": "x"}


def test_inside_a_mapping_only_the_hidden_part_is_left_out() -> None:
    form = form_of(
        """
        schema: {properties: {o: {properties: {a: {type: string}, b: {type: string}}, required: [b]}}}
        uischema:
          elements:
            - {type: Control, scope: '#/properties/o/properties/a'}
            - type: Control
              scope: '#/properties/o/properties/b'
              rule: {effect: HIDE, condition: {scope: '#', schema: {}}}
        """
    )
    state = form.state({"o": {"a": "x"}})
    assert (state.saveable, state.problems) == (True, ())
    assert form.state({"o": {"a": "x", "b": "y"}}).environment == {"PAN_CFG_O": '{"a":"x"}'}


def test_a_value_with_two_controls_is_sent_while_one_is_shown() -> None:
    hidden = "rule: {effect: HIDE, condition: {scope: '#', schema: {}}}"
    control = "type: Control, scope: '#/properties/a'"
    text = "schema: {{properties: {{a: {{type: string}}}}}}\nuischema: {{elements: [{{{0}, {1}}}, {{{2}}}]}}"
    both = odd_form_of(text.format(control, hidden, control))
    assert both.state({"a": "x"}).environment == {"PAN_CFG_A": "x"}
    none = odd_form_of(text.format(control, hidden, f"{control}, {hidden}"))
    assert none.state({"a": "x"}).environment == {}


def test_rules_in_the_rows_of_a_table() -> None:
    form = form_of(
        """
        schema:
          properties:
            rows: {type: array, items: {required: [note], properties: {kind: {enum: [a, b]}, note: {type: string}}}}
        uischema:
          elements:
            - type: Control
              scope: '#/properties/rows'
              options:
                detail:
                  elements:
                    - {type: Control, scope: '#/properties/kind'}
                    - type: Control
                      scope: '#/properties/note'
                      rule: {effect: SHOW, condition: {scope: '#/properties/kind', schema: {const: a}}}
        """
    )
    state = form.state({"rows": [{"kind": "a"}, {"kind": "b"}, {"kind": "b", "note": "kept"}]})
    assert [problem.text for problem in state.problems] == ["Rows, row 1, Note: required"]
    assert state.environment == {"PAN_CFG_ROWS": '[{"kind":"a"},{"kind":"b"},{"kind":"b"}]'}
    assert state.values["rows"][2]["note"] == "kept"
