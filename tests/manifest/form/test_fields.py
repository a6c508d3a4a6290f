"""Which field each schema becomes."""

import pytest

from pandium_tui.manifest.form.building import build_form
from pandium_tui.manifest.form.choices import Option
from pandium_tui.manifest.form.fields import Divider, Group, Note, Row, Section
from pandium_tui.manifest.form.kinds import in_words
from pandium_tui.manifest.form.scopes import steps_of
from pandium_tui.manifest.problem import MAX_PROBLEMS
from tests.manifest.form.forms import field_of, form_of, odd_form_of, one_property, texts


@pytest.mark.parametrize(
    ("declaration", "options", "kind"),
    [
        ("{type: string}", "{}", "text"),
        ("{type: string}", "{multi: true}", "multiline"),
        ("{type: string}", "{multi: 'true'}", "text"),
        ("{type: string, format: password}", "{}", "password"),
        ("{type: string}", "{format: password}", "password"),
        ("{type: string, enum: [a]}", "{}", "choice"),
        ("{type: string, oneOf: [{const: a, title: A}]}", "{}", "choice"),
        ("{const: 3}", "{}", "readonly"),
        ("{type: string, readOnly: true}", "{}", "readonly"),
        ("{type: string}", "{readonly: true}", "readonly"),
        ("{type: boolean}", "{}", "boolean"),
        ("{type: [boolean, 'null']}", "{}", "choice"),
        ("{type: integer}", "{}", "integer"),
        ("{type: number}", "{}", "number"),
        ("{type: [integer, number]}", "{}", "number"),
        ("{type: [string, 'null']}", "{}", "text"),
        ("{type: array, uniqueItems: true, items: {enum: [a]}}", "{}", "multichoice"),
        ("{type: array, items: {oneOf: [{const: a, title: A}]}}", "{}", "multichoice"),
        ("{type: array, enum: [a, b]}", "{}", "multichoice"),
        ("{type: array, items: {type: string}}", "{}", "list"),
        ("{type: array, items: {type: object, properties: {a: {type: string}}}}", "{}", "table"),
        ("{type: array, items: [{type: string}]}", "{}", "json"),
        ("{type: array}", "{}", "json"),
        ("{type: object, properties: {a: {type: string}}}", "{}", "object"),
        ("{properties: {a: {type: string}}}", "{}", "object"),
        ("{type: object}", "{}", "json"),
        ("{allOf: [{type: integer}, {minimum: 3}]}", "{}", "integer"),
        ("{anyOf: [{type: string}, {enum: [a, b]}]}", "{}", "text"),
        ("{type: [string, integer]}", "{}", "json"),
        ("{}", "{}", "json"),
        ("{type: string, format: date}", "{}", "date"),
        ("{type: string}", "{format: date}", "date"),
        ("{type: string, format: time}", "{}", "time"),
        ("{type: string, format: date-time}", "{}", "date-time"),
        ("{type: string, format: email}", "{}", "text"),
    ],
)
def test_kinds(declaration: str, options: str, kind: str) -> None:
    assert field_of(declaration, options).kind == kind


@pytest.mark.parametrize(
    ("declaration", "limits"),
    [
        ("{type: integer, min: 1, max: 500}", "1 to 500"),
        ("{type: integer, minimum: -3, maximum: 3}", "-3 to 3"),
        ("{type: number, minimum: 0}", "at least 0"),
        ("{type: number, maximum: 1.5}", "at most 1.5"),
        ("{type: number, exclusiveMinimum: 0, exclusiveMaximum: 5}", "more than 0, less than 5"),
        ("{type: number, minimum: 0, exclusiveMinimum: true}", "more than 0"),
        ("{type: number, multipleOf: 0.5}", "a multiple of 0.5"),
        ("{type: string, minLength: 0, maxLength: 5}", "at most 5 characters"),
        ("{type: array, items: {type: string}, minItems: 1, maxItems: 3}", "1 to 3 entries"),
        ("{type: string}", ""),
    ],
)
def test_limits_in_words(declaration: str, limits: str) -> None:
    assert field_of(declaration).limits == limits


def test_options_keep_their_json_values_and_have_different_titles() -> None:
    field = field_of("{oneOf: [{const: 1, title: One}, {const: true}, {const: null, title: One}, {const: a b}]}")
    assert field.options == (Option(1, "One"), Option(True, "true"), Option(None, "One (null)"), Option("a b", "a b"))
    assert field_of("{enum: [a, 2], oneOf: [{const: 2, title: Two}, {const: 3, title: Three}]}").options == (
        Option("a", "a"),
        Option(2, "Two"),
    )
    assert field_of("{anyOf: [{type: string}, {enum: [a, b]}]}").options == (Option("a", "a"), Option("b", "b"))


def test_labels() -> None:
    form = odd_form_of(
        """
        schema:
          properties: {a_key: {type: string}, b: {type: string, title: Title}, c: {type: string, description: Why}}
        uischema:
          elements:
            - {type: Control, scope: '#/properties/a_key', hintText: "two\\nlines"}
            - {type: Control, scope: '#/properties/b'}
            - {type: Control, scope: '#/properties/b', label: Own}
            - {type: Control, scope: '#/properties/b', label: false}
            - {type: Control, scope: '#/properties/c', label: {text: Said, show: false}}
        """
    )
    facts = [(field.label, field.shows_label, field.help, field.description) for field in form.fields]
    assert facts == [
        ("A key", True, "two\nlines", ""),
        ("Title", True, "", ""),
        ("Own", True, "", ""),
        ("Title", False, "", ""),
        ("Said", False, "", "Why"),
    ]


def test_hints_of_several_lines_have_no_space_where_yaml_joins_them() -> None:
    form = odd_form_of(
        """
        schema: {properties: {bucket: {type: string}}}
        uischema:
          elements:
            - type: Section
              label: Storage
              hintText: "Bucket: where the file is.\\n
                  File: its name.\\n\\n
                  Note: without a folder."
              elements: [{type: Control, scope: '#/properties/bucket', hintText: "  one  \\r\\n  two"}]
        """
    )
    [section] = form.elements
    assert isinstance(section, Section)
    assert section.help == "Bucket: where the file is.\nFile: its name.\n\nNote: without a folder."
    assert form.fields[0].help == "one\ntwo"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("queue_id", "Queue id"),
        ("apiURL", "Api URL"),
        ("s3-bucket.name", "S3 bucket name"),
        ("größe", "Größe"),
        ("_", "_"),
    ],
)
def test_names_in_words(name: str, words: str) -> None:
    assert in_words(name) == words


def test_layouts() -> None:
    form = odd_form_of(
        """
        schema: {properties: {a: {type: string}, b: {type: string}}}
        uischema:
          type: VerticalLayout
          elements:
            - type: HorizontalLayout
              elements:
                - {type: Control, scope: '#/properties/a'}
                - {type: Control, scope: /properties/b}
            - {type: Group, label: Box, elements: [{type: Divider}, {type: Label, subtitle: Text}]}
            - {type: Section, label: Part, elements: []}
            - {type: Tabs, elements: [{type: Label, text: inside}]}
            - {type: DependentSelector, scope: '#/properties/a'}
            - {type: Nothing}
            - 3
        """
    )
    row, group, section, unknown, selector = form.elements
    assert isinstance(row, Row)
    assert [field.path for field in row.elements if hasattr(field, "path")] == ["/a", "/b"]
    assert isinstance(group, Group)
    divider, note = group.elements
    assert isinstance(divider, Divider)
    assert isinstance(note, Note)
    assert (group.label, note.text) == ("Box", "Text")
    assert isinstance(section, Section)
    assert isinstance(unknown, Group)
    assert selector in form.fields
    assert len(form.notes) == 6


def test_a_form_from_the_schema_alone_is_in_its_order() -> None:
    schema = "schema: {properties: {b: {type: string}, a: {type: boolean}, c: {properties: {d: {type: integer}}}}}"
    for text in (schema, schema + "\nuischema: {}", schema + "\nuischema: {type: VerticalLayout, elements: []}"):
        assert [field.path for field in form_of(text).fields] == ["/b", "/a", "/c", "/c/d"]
    assert odd_form_of(schema + "\nuischema: [1]").fields[0].path == "/b"


def test_scopes_reach_into_mappings_and_conditions() -> None:
    form = form_of(
        """
        schema:
          properties: {a: {properties: {b: {type: string}}, required: [b]}, mode: {type: string}}
          allOf:
            - if: {properties: {mode: {const: x}}}
              then: {properties: {extra: {type: integer}}}
        uischema:
          elements:
            - {type: Control, scope: '#/properties/a/properties/b'}
            - {type: Control, scope: '#/properties/mode'}
            - {type: Control, scope: '#/properties/extra'}
        """
    )
    facts = [(field.path, field.kind, field.required) for field in form.fields]
    assert facts == [("/a/b", "text", True), ("/mode", "text", False), ("/extra", "integer", False)]
    assert form.state({"a": {"b": "x"}, "extra": 3}).environment == {"PAN_CFG_A": '{"b":"x"}', "PAN_CFG_EXTRA": "3"}


def test_numbers_are_stable_and_different() -> None:
    columns = "{type: array, items: {properties: {a: {type: string}}}}"
    text = f"schema: {{properties: {{t: {columns}, b: {{type: array, items: {{type: string}}}}}}}}"
    one, other = form_of(text), form_of(text)
    assert [field.number for field in one.fields] == [field.number for field in other.fields]
    table, listed = one.fields
    assert listed.item is not None
    numbers = [table.number, *(column.number for column in table.fields), listed.number, listed.item.number]
    assert len(set(numbers)) == 4


@pytest.mark.parametrize(
    ("scope", "steps"),
    [
        ("#/properties/a", ("a",)),
        ("/properties/a", ("a",)),
        ("properties/a", ("a",)),
        ("#/properties/a~1b/properties/properties", ("a/b", "properties")),
        ("#/allOf/0/then/properties/a", ("a",)),
        ("#", ()),
        ("", ()),
        ("#/definitions/a", None),
        ("a", None),
        (3, None),
    ],
)
def test_where_a_scope_leads(scope: object, steps: tuple[str, ...] | None) -> None:
    assert steps_of(scope) == steps


def test_no_more_notes_are_kept_than_are_shown() -> None:
    form = build_form({"properties": {f"p{number}": {"x": 1} for number in range(1000)}}, None, dynamic_known=True)
    assert MAX_PROBLEMS < len(form.notes) < MAX_PROBLEMS + 5


def test_a_length_is_only_restricted_while_typing_where_the_form_says_so() -> None:
    assert field_of("{type: string, maxLength: 5}").longest is None
    assert field_of("{type: string, maxLength: 5}", "{restrict: true}").longest == 5


ROUTES = """\
{type: array, items: {type: object, properties: {to: {type: string, maxLength: 3}, name: {type: string},
 key: {type: string, format: password}, mode: {enum: [a, b]}}}}"""


@pytest.mark.parametrize(
    ("named_by", "row"), [("name", "row 2 (Billing)"), ("key", "row 2"), ("mode", "row 2 (a)"), ("to", "row 2 (long)")]
)
def test_rows_are_called_by_a_property_of_theirs(named_by: str, row: str) -> None:
    form = form_of(one_property(ROUTES, f"{{elementLabelProp: {named_by}}}"))
    values = {"it": [{"to": "x"}, {"to": "long", "name": "Billing", "key": "canary", "mode": "a"}]}
    assert texts(form.state(values)) == [f"It, {row}, To: at most 3 characters (4 now)"]


def test_entries_that_are_alternatives_are_called_by_a_property_of_theirs() -> None:
    entries = "{oneOf: [{title: A, properties: {n: {type: string}, x: {type: integer}}}, {title: B, type: integer}]}"
    form = form_of(one_property(f"{{type: array, items: {entries}}}", "{elementLabelProp: n}"))
    state = form.state({"it": [{"n": "One", "x": "no"}]})
    assert [text.partition(":")[0] for text in texts(state)] == ["It, entry 1 (One), X"]
