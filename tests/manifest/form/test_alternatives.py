"""``oneOf`` and ``anyOf`` of objects, or of values of different types: one alternative is chosen and filled in."""

from typing import Any

import pytest

from pandium_tui.manifest.form.definition import ENTRY
from pandium_tui.manifest.form.fields import Field
from pandium_tui.manifest.form.form import Form, compare
from pandium_tui.manifest.form.state import FormState
from pandium_tui.manifest.form.switches import Switches
from tests.manifest.form.forms import field_of, form_of, one_property, shown, texts

TARGET = """\
schema:
  required: [target]
  properties:
    target:
      title: Where to
      oneOf:
        - title: Amazon S3
          type: object
          required: [bucket]
          properties:
            kind: {const: s3}
            bucket: {type: string, maxLength: 5}
            prefix: {type: string, default: out}
            public: {type: boolean}
        - type: object
          required: [host]
          properties:
            kind: {const: ftp}
            host: {type: string}
            mode: {enum: [active, passive]}
            prefix: {type: string, default: out}
    tries: {anyOf: [{const: auto, title: Automatic}, {type: integer, title: Times, max: 9}]}
"""


def target(form: Form) -> Field:
    field = form.field_at("/target")
    assert field is not None
    return field


def options(field: Field) -> list[str]:
    return [option.title for option in field.options]


def visible_labels(form: Form, state: FormState) -> list[str]:
    return [field.label for field in form.fields if field.number in state.visible]


@pytest.mark.parametrize(
    ("declaration", "kind"),
    [
        ("{oneOf: [{type: object, properties: {a: {}}}, {type: string}]}", "alternatives"),
        ("{anyOf: [{type: object, properties: {a: {}}}, {type: object, properties: {b: {}}}]}", "alternatives"),
        ("{oneOf: [{type: integer}, {type: boolean}]}", "alternatives"),
        ("{type: object, properties: {a: {}}, oneOf: [{required: [a]}, {minProperties: 2}]}", "object"),
        ("{oneOf: [{type: string, format: email}, {type: string, pattern: '^-$'}]}", "text"),
        ("{anyOf: [{type: integer}, {enum: [7]}]}", "integer"),
        ("{anyOf: [{type: string}, {type: 'null'}], title: T}", "text"),
        ("{anyOf: [{type: boolean}, {type: 'null'}]}", "choice"),
        ("{anyOf: [{const: 1, title: One}, {const: x}]}", "choice"),
        ("{type: array, items: {oneOf: [{type: integer}, {type: boolean}]}}", "list"),
        ("{oneOf: [{type: integer}, {}]}", "json"),
    ],
)
def test_what_is_a_choice_of_alternatives(declaration: str, kind: str) -> None:
    assert field_of(declaration).kind == kind


@pytest.mark.parametrize(
    ("branches", "titles"),
    [
        ("[{title: A, type: string}, {type: integer}]", ["A", "Alternative 2: a whole number"]),
        ("[{properties: {a: {}}}, {title: ' ', properties: {b: {}}}]", ["Alternative 1", "Alternative 2"]),
        ("[{properties: {v: {const: 1}}}, {properties: {v: {enum: [x]}}}]", ["1", "x"]),
        ("[{properties: {v: {const: 1}}}, {properties: {v: {const: 1}}}]", ["Alternative 1", "Alternative 2"]),
        ("[{title: A, type: string}, {title: A, type: integer}]", ["A", "A (2)"]),
        ("[{oneOf: [{title: A, type: string}, {title: B, type: boolean}]}, {title: C, type: integer}]", list("ABC")),
    ],
)
def test_alternatives_are_named(branches: str, titles: list[str]) -> None:
    assert options(field_of(f"{{oneOf: {branches}}}")) == titles


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ({"kind": "ftp"}, "ftp"),
        ({"kind": "s3", "host": "h"}, "Amazon S3"),
        ({"mode": "active"}, "ftp"),
        ({"bucket": "b"}, "Amazon S3"),
        ({"kind": "gopher"}, None),
        ("text", None),
        ({}, None),
    ],
)
def test_the_values_tell_which_alternative_holds(value: Any, holds: str | None) -> None:
    form = form_of(TARGET)
    state = form.state({"target": value})
    place = state.alternatives.get(target(form).number)
    assert (None if place is None else options(target(form))[place]) == holds


def test_only_the_fields_of_the_alternative_that_holds_are_shown_and_sent() -> None:
    form = form_of(TARGET)
    values = {"target": {"kind": "s3", "bucket": "b", "host": "left over", "more": 1}, "tries": 3}
    state = form.state(values)
    assert visible_labels(form, state) == ["Where to", "Amazon S3", "Bucket", "Prefix", "Public", "Tries", "Times"]
    assert state.environment == {
        "PAN_CFG_TARGET": '{"kind":"s3","bucket":"b","more":1,"prefix":"out","public":false}',
        "PAN_CFG_TRIES": "3",
    }
    assert form.values_to_save(values)["target"] == {"kind": "s3", "bucket": "b", "more": 1}
    assert texts(state) == []


def test_what_is_wrong_is_said_at_the_fields_inside() -> None:
    form = form_of(TARGET)
    state = form.state({"target": {"kind": "s3", "bucket": "too long"}, "tries": 10})
    assert texts(state) == ["Where to, Bucket: at most 5 characters (8 now)", "Tries, Times: at most 9"]
    bucket = form.field_at("/target/bucket")
    assert bucket is not None and bucket.number in state.errors
    assert not state.saveable
    assert texts(form.state({})) == ["Where to: required"]
    assert texts(form.state({"target": {"kind": "ftp", "mode": "x"}})) == [
        "Where to, Host: required",
        'Where to, Mode: "x" is no longer offered; choose another',
    ]
    lost = form.state({"target": {"kind": "gopher"}})
    assert texts(lost) == ["Where to: fits none of the alternatives; choose one"]
    assert not lost.saveable
    assert form.values_to_save({"target": {"kind": "gopher", "host": "h"}}) == {
        "target": {"kind": "gopher", "host": "h"}
    }


def test_a_value_that_fits_two_alternatives_is_fine() -> None:
    form = form_of(one_property("{oneOf: [{properties: {a: {type: string}}}, {properties: {b: {type: string}}}]}"))
    state = form.state({"it": {"b": "x"}})
    assert (shown(form, state)[-1], texts(state)) == ("/it/b", [])


def test_switching_keeps_what_was_filled_in_for_the_other() -> None:
    form, switches = form_of(TARGET), Switches()
    values = switches.switch({}, target(form), 0)
    assert values == {"target": {"kind": "s3", "prefix": "out"}}
    values = {"target": {**values["target"], "bucket": "b", "prefix": "new"}}
    there = switches.switch(values, target(form), 1)
    assert there == {"target": {"kind": "ftp", "prefix": "new"}}  # both ask for a prefix in the same way
    assert texts(form.state(there, chosen=switches.chosen)) == ["Where to, Host: required"]
    assert switches.switch(there, target(form), 0) == values
    assert switches.switch(values, target(form), None) == {}


def test_what_a_person_chose_goes_before_what_the_values_tell() -> None:
    form = form_of(one_property("{oneOf: [{properties: {a: {type: string}}}, {properties: {a: {type: string}}}]}"))
    field, switches = form.fields[0], Switches()
    values = switches.switch({"it": {"a": "x"}}, field, 1)
    assert values == {"it": {"a": "x"}}
    assert form.state(values).alternatives == {field.number: 0}
    assert form.state(values, chosen=switches.chosen).alternatives == {field.number: 1}


def test_what_stands_beside_alternatives_is_asked_for_in_each() -> None:
    declaration = """
      {type: object, required: [name], properties: {name: {type: string}, kind: {enum: [a, b]}},
       oneOf: [{properties: {kind: {const: a}, x: {type: integer}}}, {properties: {kind: {const: b}}}]}"""
    form = form_of(one_property(declaration))
    state = form.state({"it": {"kind": "a"}})
    assert visible_labels(form, state) == ["It", "a", "X", "Name"]
    assert texts(state) == ["It, Name: required"]


def test_in_a_row_of_a_table() -> None:
    form = form_of(
        one_property(
            "{type: array, items: {type: object, properties: {to: {oneOf: [{title: S, properties: {kind: {const: s},"
            " b: {type: string, maxLength: 1}}}, {title: F, properties: {kind: {const: f}, h: {type: string}}}]}}}}"
        )
    )
    table = form.fields[0]
    assert [column.label for column in table.fields] == ["To"]
    state = form.state({"it": [{"to": {"kind": "s", "b": "ab", "h": "no"}}]})
    assert texts(state) == ["It, row 1, To, B: at most 1 character (2 now)"]
    assert state.environment == {"PAN_CFG_IT": '[{"to":{"kind":"s","b":"ab"}}]'}


def test_in_a_list() -> None:
    form = form_of(
        one_property(
            "{type: array, items: {oneOf: [{title: S, required: [b], properties: {kind: {const: s}, b: {type: string,"
            " maxLength: 1}}}, {title: Times, type: integer, max: 9}]}}"
        )
    )
    state = form.state({"it": [{"kind": "s", "b": "ab", "more": None}, 12, {"kind": "s"}, "text", 3]})
    assert texts(state) == [
        "It, entry 1, B: at most 1 character (2 now)",
        "It, entry 2, Times: at most 9",
        "It, entry 3, B: required",
        "It, entry 4: fits none of the alternatives; choose one",
    ]
    assert form.state({"it": [{"kind": "s", "b": ""}, 3]}).environment == {"PAN_CFG_IT": '[{"kind":"s"},3]'}
    entry = form.entry_form(form.fields[0])
    assert entry.state({ENTRY: 12}).errors == {entry.fields[0].fields[1].number: ("at most 9",)}


def test_secrets_inside_are_masked() -> None:
    form = form_of(
        one_property(
            "{oneOf: [{properties: {k: {const: a}, pw: {type: string, format: password}, u: {type: string}}},"
            " {properties: {k: {const: b}}}]}"
        )
    )
    assert form.fields[0].secret
    assert form.secret_values({"it": {"k": "a", "pw": "canary", "u": "me"}}) == ("canary",)


def test_what_may_be_nothing_is_not_required_to_be_something() -> None:
    alone = "a: {anyOf: [{type: string}, {type: 'null'}]}"
    several = "b: {anyOf: [{type: string}, {type: integer}, {type: 'null'}]}"
    state = form_of(f"schema: {{required: [a, b], properties: {{{alone}, {several}}}}}").state({})
    assert (texts(state), state.environment) == ([], {})


WHOLE = """\
schema:
  properties:
    kind: {title: Store in, enum: [s3, ftp]}
    verbose: {type: boolean}
  required: [kind]
  oneOf:
    - title: Amazon S3
      required: [bucket]
      properties:
        kind: {const: s3}
        bucket: {type: string, maxLength: 5}
        prefix: {type: string, default: out}
        secret: {type: string, format: password}
    - title: FTP server
      required: [host]
      properties:
        kind: {const: ftp}
        host: {type: string}
        prefix: {type: string, default: home}
"""
LAID_OUT = """\
uischema:
  type: VerticalLayout
  elements:
    - {type: Control, scope: '#/properties/verbose'}
    - type: Section
      label: Place
      elements:
        - {type: Control, scope: '#/properties/kind', label: Where}
        - {type: Control, scope: '#/properties/prefix', label: Folder}
"""


def test_alternatives_of_all_settings_are_a_choice() -> None:
    form = form_of(WHOLE)
    choice = form.fields[0]
    assert (choice.name, choice.label, options(choice)) == ("#", "Store in", ["Amazon S3", "FTP server"])
    undecided = form.state({})
    assert visible_labels(form, undecided) == ["Store in", "Verbose"]
    assert texts(undecided) == ["Store in: choose one of the alternatives"]
    assert not undecided.saveable
    state = form.state({"kind": "s3", "bucket": "too long", "host": "left over", "stray": 1})
    labels = ["Store in", "Amazon S3", "Bucket", "Prefix", "Secret", "Verbose"]
    assert visible_labels(form, state) == labels
    assert texts(state) == ["Bucket: at most 5 characters (8 now)"]
    assert state.environment == {
        "PAN_CFG_KIND": "s3", "PAN_CFG_VERBOSE": "false", "PAN_CFG_BUCKET": "too long", "PAN_CFG_PREFIX": "out",
    }  # fmt: skip
    assert form.values_to_save({"kind": "s3", "bucket": "b", "host": "h"}) == {"kind": "s3", "bucket": "b"}
    assert form.definition.secrets == {"secret"}
    assert form.secret_values({"kind": "s3", "secret": "canary"}) == ("canary",)
    assert compare(form, {"kind": "ftp", "host": "h", "stray": 1}).unused == ("stray",)


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ({"host": "h"}, 1),
        ({"bucket": "b"}, 0),
        ({"prefix": "x"}, None),
        ({"kind": "x"}, None),
        ({"verbose": True}, None),
    ],
)
def test_all_values_tell_which_alternative_holds(values: dict[str, Any], holds: int | None) -> None:
    form = form_of(WHOLE)
    assert form.state(values).alternatives.get(form.fields[0].number) == holds


def test_switching_the_whole_keeps_what_is_asked_for_beside_it() -> None:
    form, switches = form_of(WHOLE), Switches()
    begun = {"verbose": True, "stray": 1}
    values = switches.switch(begun, form.fields[0], 0)
    assert values == {**begun, "kind": "s3", "prefix": "out"}
    there = switches.switch({**values, "bucket": "b"}, form.fields[0], 1)
    assert there == {**begun, "kind": "ftp", "prefix": "home"}
    assert texts(form.state(there, chosen=switches.chosen)) == ["Host: required"]
    back = switches.switch({**there, "verbose": False}, form.fields[0], 0)
    assert back == {"verbose": False, "stray": 1, "kind": "s3", "prefix": "out", "bucket": "b"}
    assert switches.switch(back, form.fields[0], None) == {"verbose": False, "stray": 1}


def test_controls_say_where_the_choice_and_its_fields_are() -> None:
    form = form_of(WHOLE + LAID_OUT)
    state = form.state({"kind": "ftp", "host": "h", "prefix": "p"})
    assert visible_labels(form, state) == ["Verbose", "Where", "FTP server", "Host", "Folder"]
    assert state.environment["PAN_CFG_PREFIX"] == "p"
    assert visible_labels(form, form.state({})) == ["Verbose", "Where"]
    assert visible_labels(form, form.state({"kind": "s3"}))[-3:] == ["Bucket", "Secret", "Folder"]
    elsewhere = form_of(
        WHOLE + "uischema: {type: VerticalLayout, elements: [{type: Control, scope: '#/properties/verbose'}]}"
    )
    assert visible_labels(elsewhere, elsewhere.state({})) == ["Store in", "Verbose"]


def test_a_default_beside_alternatives_decides() -> None:
    form = form_of(WHOLE.replace("[s3, ftp]}", "[s3, ftp], default: ftp}"))
    assert form.state({"host": "h"}).environment["PAN_CFG_PREFIX"] == "home"
    assert form.state({}).alternatives == {form.fields[0].number: 1}


def test_what_only_requires_other_names_is_no_choice() -> None:
    form = form_of(
        "schema: {properties: {a: {type: string}, b: {type: string}}, anyOf: [{required: [a]}, {required: [b]}]}"
    )
    assert [field.kind for field in form.fields] == ["text", "text"]
    assert not form.state({}).saveable
    assert form.state({"b": "x"}).saveable
