"""Choices that depend on the value of another field."""

import pytest

from pandium_tui.manifest.form.form import Form
from tests.manifest.form.forms import form_of, odd_form_of, texts

CHAIN = """
schema:
  definitions: {queues: {enum: [placeholder]}, topics: {enum: [placeholder]}}
  properties:
    team: {oneOf: [{const: t1, title: Sales}, {const: 2, title: Support}, {const: t3, title: Ops}]}
    queue: {$ref: '#/definitions/queues'}
    topic: {$ref: '#/definitions/topics'}
uischema:
  elements:
    - {type: Control, scope: '#/properties/team'}
    - {type: Control, scope: '#/properties/queue', options: {dependsOn: '#/properties/team'}}
    - {type: Control, scope: '#/properties/topic', options: {dependsOn: '#/properties/queue'}}
"""
PRINTED = {
    "queues": {"t1": [{"const": "q1", "title": "Leads"}, "both"], "2": ["q7", "both"]},
    "topics": {"q1": ["a"], "both": ["a", "b"]},
}


def offered(form: Form, values: dict[str, object], path: str) -> list[str]:
    field = form.field_at(path)
    assert field is not None
    return [option.title for option in form.state(values).options[field.number]]


def hint(form: Form, values: dict[str, object], path: str) -> str:
    field = form.field_at(path)
    assert field is not None
    state = form.state(values)
    assert (field.number in state.enabled) == (field.number not in state.hints)
    return state.hints.get(field.number, "")


def test_choices_follow_the_parent() -> None:
    form = form_of(CHAIN, dynamic=PRINTED)
    queue = form.field_at("/queue")
    assert queue is not None
    assert queue.depends_on == "/team"
    assert offered(form, {"team": "t1"}, "/queue") == ["Leads", "both"]
    assert offered(form, {"team": 2}, "/queue") == ["q7", "both"]
    assert offered(form, {"team": 2, "queue": "both"}, "/topic") == ["a", "b"]
    assert hint(form, {}, "/queue") == "Choose Team first"
    assert hint(form, {"team": "t3"}, "/queue") == "Nothing to choose for Ops"
    assert hint(form, {"team": "t1"}, "/queue") == ""


def test_a_value_of_another_parent_is_stale() -> None:
    form = form_of(CHAIN, dynamic=PRINTED)
    assert form.state({"team": "t1", "queue": "q1", "topic": "a"}).problems == ()
    assert texts(form.state({"team": 2, "queue": "q1"})) == ['Queue: "q1" is no longer offered; choose another']


def test_changing_the_parent_empties_what_is_no_longer_offered() -> None:
    form = form_of(CHAIN, dynamic=PRINTED)
    team, queue = form.field_at("/team"), form.field_at("/queue")
    assert team is not None
    assert queue is not None
    values = {"team": "t1", "queue": "q1", "topic": "a", "other": 1}
    assert form.with_value(values, team, 2) == {"team": 2, "other": 1}
    assert form.with_value(values, queue, "both") == {"team": "t1", "queue": "both", "topic": "a", "other": 1}
    kept = {"team": "t1", "queue": "both", "topic": "b"}
    assert form.with_value(kept, team, 2) == {**kept, "team": 2}
    assert form.with_value(kept, team, None) == {}
    assert values == {"team": "t1", "queue": "q1", "topic": "a", "other": 1}


def test_before_the_first_init_run_nothing_is_emptied() -> None:
    form = form_of(CHAIN, init_has_run=False)
    team = form.field_at("/team")
    assert team is not None
    assert form.with_value({"team": "t1", "queue": "q1"}, team, 2) == {"team": 2, "queue": "q1"}


def test_one_list_for_every_parent_waits_for_the_parent_only() -> None:
    form = form_of(CHAIN, dynamic={"queues": ["q1"], "topics": []})
    assert hint(form, {}, "/queue") == "Choose Team first"
    assert offered(form, {"team": "t3"}, "/queue") == ["q1"]


def test_choices_by_parent_without_a_dependson_are_all_offered() -> None:
    form = form_of(CHAIN.replace(", options: {dependsOn: '#/properties/team'}", ""), dynamic=PRINTED)
    assert offered(form, {}, "/queue") == ["Leads", "both", "q7"]


def test_several_parents_offer_what_each_of_them_does() -> None:
    text = CHAIN.replace("team: {oneOf", "team: {type: array, items: {oneOf").replace("title: Ops}]}", "title: Ops}]}}")
    form = form_of(text, dynamic=PRINTED)
    assert offered(form, {"team": ["t1", 2]}, "/queue") == ["Leads", "both", "q7"]
    assert hint(form, {"team": []}, "/queue") == "Choose Team first"


CONDITIONS = """
schema:
  properties: {team: {enum: [t1, t2, t3]}, queue: {type: string}}
  allOf:
    - if: {properties: {team: {const: t1}}}
      then: {properties: {queue: {enum: [a, b]}}}
    - if: {properties: {team: {const: t2}}}
      then: {properties: {queue: {oneOf: [{const: c, title: See}]}}}
"""


def test_choices_by_conditions_of_the_schema() -> None:
    form = form_of(CONDITIONS)
    queue = form.field_at("/queue")
    assert queue is not None
    assert (queue.kind, queue.depends_on) == ("choice", "/team")
    assert offered(form, {"team": "t1"}, "/queue") == ["a", "b"]
    assert offered(form, {"team": "t2"}, "/queue") == ["See"]
    assert hint(form, {"team": "t3"}, "/queue") == "Nothing to choose for t3"
    assert hint(form, {}, "/queue") == "Choose Team first"
    assert texts(form.state({"team": "t2", "queue": "a"})) == ['Queue: "a" is no longer offered; choose another']
    assert form.state({"team": "t2", "queue": "c"}).problems == ()


@pytest.mark.parametrize(
    ("parents", "in_circle"),
    [({"team": "queue"}, True), ({"team": "team"}, True), ({"team": "topic"}, True), ({}, False)],
)
def test_circles_are_refused(parents: dict[str, str], in_circle: bool) -> None:
    text = CHAIN
    for child, parent in parents.items():
        control = f"{{type: Control, scope: '#/properties/{child}'"
        text = text.replace(control + "}", f"{control}, options: {{dependsOn: '#/properties/{parent}'}}}}")
    form = odd_form_of(text, dynamic=PRINTED)
    assert any("depends on itself" in note.message and note.severity == "error" for note in form.notes) == in_circle
    team = form.field_at("/team")
    assert team is not None
    assert form.with_value({"queue": "x"}, team, "t1")["team"] == "t1"


def test_columns_of_a_table_depend_on_each_other_in_their_row() -> None:
    form = form_of(
        """
        schema:
          definitions: {queues: {enum: [placeholder]}}
          properties:
            map:
              type: array
              items:
                properties: {team: {enum: [t1, t2]}, queue: {$ref: '#/definitions/queues'}}
        uischema:
          elements:
            - type: Control
              scope: '#/properties/map'
              options:
                detail:
                  elements:
                    - {type: Control, scope: '#/properties/team'}
                    - {type: Control, scope: '#/properties/queue', options: {dependsOn: '#/properties/team'}}
        """,
        dynamic={"queues": {"t1": ["a"], "t2": ["b"]}},
    )
    rows = [{"team": "t1", "queue": "a"}, {"team": "t2", "queue": "a"}]
    assert texts(form.state({"map": rows})) == ['Map, row 2, Queue: "a" is no longer offered; choose another']
    row_form = form.row_form(form.fields[0])
    assert offered(row_form, {"team": "t2"}, "/queue") == ["b"]


def test_a_parent_that_is_no_text_is_found_by_its_json() -> None:
    text = CHAIN.replace("team: {oneOf", "unused: {oneOf").replace(
        "  properties:\n", "  properties:\n    team: {type: boolean}\n"
    )
    form = odd_form_of(text, dynamic={"queues": {"true": ["yes"], "false": ["no"]}})
    assert offered(form, {"team": True}, "/queue") == ["yes"]
    # A box nobody ticked is false, and that is an answer.
    assert offered(form, {}, "/queue") == ["no"]


def test_choices_under_a_condition_on_the_property_itself_wait_for_nothing() -> None:
    form = form_of(
        "schema: {properties: {q: {type: string}}, if: {properties: {q: {const: a}}}, then: "
        "{properties: {q: {enum: [a, b]}}}}"
    )
    assert form.fields[0].depends_on is None
    assert offered(form, {"q": "a"}, "/q") == ["a", "b"]
