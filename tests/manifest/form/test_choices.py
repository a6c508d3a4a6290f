"""What an init run printed, and the choices that come of it."""

import json
from typing import Any

import pytest

from pandium_tui.manifest.form.choices import MAX_CHOICES, Option, dynamic_from_state, options_of
from tests.manifest.form.forms import form_of, odd_form_of, texts

SCHEMA = {"definitions": {"queues": {"enum": ["placeholder"]}, "tags": {"enum": ["placeholder"]}}}
QUEUE = """
schema:
  definitions: {queues: {oneOf: [{const: all, title: Run init to see the queues}]}}
  properties: {queue: {$ref: '#/definitions/queues', default: all}}
"""


@pytest.mark.parametrize(
    ("printed", "choices", "says"),
    [
        ('log\n{"queues": ["a", 2]}\n \n', {"queues": [("a", "a"), (2, "2")]}, ""),
        ('{"queues": [{"const": 1, "title": "One"}, {"const": "x"}]}', {"queues": [(1, "One"), ("x", "x")]}, ""),
        ('{"queues": ["a", {"const": "a", "title": "again"}, "b"]}', {"queues": [("a", "a"), ("b", "b")]}, ""),
        ('{"queues": []}', {"queues": []}, ""),
        ('{"queues": [["a"], {"title": "no const"}, "b"]}', {"queues": [("b", "b")]}, "2 of the choices"),
        ('{"queues": "a"}', {}, "no list"),
        ('{"queues": {"t1": ["a"], "t2": "b"}}', {"queues": {"t1": [("a", "a")]}}, '"t2"'),
        ('{"other": ["a"]}', {}, '"other", which the schema does not define'),
        ("{}", {}, ""),
        ("", {}, "printed nothing"),
        ("\n  \n", {}, "printed nothing"),
        ('["a"]', {}, 'no JSON object but "["a"]"'),
        ('{"queues": ["a"]}\ndone', {}, 'no JSON object but "done"'),
        ("[" * 100_000, {}, "no JSON object"),
        ('{"a": "' + "x" * 1024 * 1024 + '"}', {}, "more than 1 MiB"),
        ('{"queues": [NaN, "b"]}', {"queues": [(None, "null"), ("b", "b")]}, ""),
    ],
)
def test_reading_the_state_of_an_init_run(printed: str, choices: dict[str, Any], says: str) -> None:
    def pairs(found: Any) -> Any:
        if isinstance(found, dict):
            return {key: pairs(value) for key, value in found.items()}
        return [(choice["const"], choice["title"]) for choice in found]

    found, notes = dynamic_from_state(printed, SCHEMA)
    assert pairs(found) == choices
    assert says in "".join(notes)
    assert bool(says) == bool(notes)
    json.dumps(found, allow_nan=False)


def test_too_many_choices_are_cut() -> None:
    found, notes = dynamic_from_state(json.dumps({"queues": list(range(MAX_CHOICES + 5))}), SCHEMA)
    assert len(found["queues"]) == MAX_CHOICES
    assert "more than 10,000" in notes[0]
    found, notes = dynamic_from_state(json.dumps({"queues": {"a": list(range(9000)), "b": list(range(9000))}}), SCHEMA)
    assert [len(found["queues"][key]) for key in "ab"] == [9000, 1000]


@pytest.mark.parametrize("schema", [None, 3, {}, {"definitions": []}])
def test_a_schema_without_definitions_takes_no_choices(schema: object) -> None:
    assert dynamic_from_state('{"queues": ["a"]}', schema)[0] == {}


def test_titles_are_made_different_and_one_line() -> None:
    choices = [
        {"const": value, "title": title} for value, title in [(1, "A"), (2, "A"), ("2", "A"), (4, " b\n c "), (5, "")]
    ]
    assert options_of(choices) == (
        Option(1, "A"),
        Option(2, "A (2)"),
        Option("2", "A (2) (3)"),
        Option(4, "b c"),
        Option(5, "5"),
    )


def test_a_placeholder_waits_for_an_init_run() -> None:
    form = form_of(QUEUE, init_has_run=False)
    state = form.state({})
    (field,) = form.fields
    assert (field.awaits, state.hints[field.number]) == ("Run init to load the choices",) * 2
    assert field.number not in state.enabled
    # What is stored, or the default, is not judged before the choices are known.
    assert state.problems == ()
    assert form.state({"queue": "eu"}).environment == {"PAN_CFG_QUEUE": "eu"}


def test_a_single_choice_that_no_init_run_replaces_is_a_choice() -> None:
    (field,) = form_of(QUEUE, init_has_run=True).fields
    assert (field.awaits, field.options) == ("", (Option("all", "Run init to see the queues"),))
    (field,) = form_of(QUEUE.replace("all", "placeholder"), init_has_run=True).fields
    assert field.awaits == "The last init run printed no choices; run init again"
    (field,) = form_of(QUEUE, dynamic={"queues": []}).fields
    assert (field.awaits, field.options) == ("", ())


def test_several_choices_in_a_definition_are_no_placeholder() -> None:
    text = "schema: {definitions: {l: {enum: [a, b]}}, properties: {l: {type: number, $ref: '#/definitions/l'}}}"
    form = form_of(text, init_has_run=False)
    # The stated type fits none of the choices, as in Pandium's own tutorial, and is not enforced.
    assert form.state({"l": "a"}).problems == ()
    assert texts(form.state({"l": "c"})) == ['L: "c" is no longer offered; choose another']


def test_stale_values_survive_and_are_explained() -> None:
    form = form_of(QUEUE.replace(", default: all", ""), dynamic={"queues": ["eu", "us"]})
    (field,) = form.fields
    state = form.state({"queue": "old"})
    assert state.stale == {field.number: ("old",)}
    assert state.values == {"queue": "old"}
    assert texts(state) == ['Queue: "old" is no longer offered; choose another']
    assert (state.saveable, state.runnable) == (False, False)
    assert form.state({"queue": "us"}).saveable


def test_stale_entries_of_several() -> None:
    text = """
    schema:
      definitions: {t: {enum: [placeholder]}}
      properties: {t: {type: array, items: {$ref: '#/definitions/t'}}}
    """
    form = form_of(text, dynamic={"t": ["a", "b"]})
    state = form.state({"t": ["a", "x", "b"]})
    assert state.stale == {form.fields[0].number: ("x",)}
    assert texts(state) == ['T, entry 2: "x" is no longer offered; choose another']
    assert state.errors == {form.fields[0].number: ('entry 2: "x" is no longer offered; choose another',)}


def test_a_definition_of_a_whole_list_is_filled_in_its_items() -> None:
    text = """
    schema:
      definitions: {t: {type: array, items: {enum: [placeholder]}}}
      properties: {t: {$ref: '#/definitions/t'}}
    """
    (field,) = form_of(text, dynamic={"t": ["a"]}).fields
    assert (field.kind, field.options) == ("multichoice", (Option("a", "a"),))
    assert form_of(text, init_has_run=False).fields[0].awaits == "Run init to load the choices"


def test_choices_from_metadata() -> None:
    text = """
    schema:
      properties:
        one: {$ref: '#/metadata/names'}
        many: {type: array, $ref: '#/metadata/names'}
        none: {$ref: '#/metadata/other'}
    """
    one, many, none = form_of(text, metadata={"names": ["x", {"const": 1, "title": "One"}], "other": "text"}).fields
    assert (one.kind, many.kind, none.kind) == ("choice", "multichoice", "choice")
    assert one.options == many.options == (Option("x", "x"), Option(1, "One"))
    assert none.awaits == "The integration has not stored these choices yet"


def test_what_is_wrong_with_stored_choices_is_noted() -> None:
    form = odd_form_of(QUEUE, dynamic={"queues": 3})
    assert [note.message for note in form.notes] == ['the choices for "queues" are no list, and are ignored']
