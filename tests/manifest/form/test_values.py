"""What a person types, and what is shown of a value."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.manifest.form.json_values import same
from pandium_tui.manifest.form.values import format_value, parse_input
from tests.manifest.form.forms import field_of

NOW = datetime(2024, 5, 31, 13, 45, 7, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("declaration", "text", "value"),
    [
        ("{type: string}", " a ", " a "),
        ("{type: string}", "", None),
        ("{type: string}", " ", " "),
        ("{type: integer}", " -12 ", -12),
        ("{type: integer}", "+5", 5),
        ("{type: integer}", "007", 7),
        ("{type: integer}", "  ", None),
        ("{type: number}", "1.5", 1.5),
        ("{type: number}", "12", 12),
        ("{type: number}", ".5", 0.5),
        ("{type: number}", "1e3", 1000.0),
        ("{type: boolean}", "Yes", True),
        ("{type: boolean}", "off", False),
        ("{enum: [1, a b, true]}", "1", 1),
        ("{enum: [1, a b, true]}", " a b ", "a b"),
        ("{enum: [1, a b, true]}", "true", True),
        ("{oneOf: [{const: 1, title: One}, {const: 2, title: '1'}]}", "1", 2),
        ("{type: [boolean, 'null']}", "No", False),
        ("{type: array, items: {enum: [a, b, c]}}", "b\na\n", ["b", "a"]),
        ("{type: array, items: {enum: [a, b, c]}}", "b, a", ["b", "a"]),
        ("{type: array, items: {enum: [a, b, c]}}", '["c"]', ["c"]),
        ("{type: array, items: {enum: [1, 2]}}", "[2, 1]", [2, 1]),
        ("{type: array, items: {type: integer}}", "1\n\n2", [1, 2]),
        ("{type: array, items: {type: string}}", '["a\\nb"]', ["a\nb"]),
        ("{type: array, items: {properties: {a: {type: string}}}}", '[{"a": "x"}]', [{"a": "x"}]),
        ("{type: object}", '{"a": 1.0}', {"a": 1.0}),
        ("{type: [string, integer]}", "12", 12),
        ("{type: [string, integer]}", "twelve", "twelve"),
        ("{type: string, format: date}", "today", "2024-05-31"),
        ("{type: string, format: date}", "Tomorrow", "2024-06-01"),
        ("{type: string, format: date}", "+3d", "2024-06-03"),
        ("{type: string, format: date}", "-2w", "2024-05-17"),
        ("{type: string, format: date}", "2024-02-29", "2024-02-29"),
        ("{type: string, format: time}", "13:45", "13:45:00"),
        ("{type: string, format: time}", "13:45:09.5", "13:45:09.5"),
        ("{type: string, format: time}", "now", "13:45:07"),
        ("{type: string, format: date-time}", "2024-05-31T13:45:00Z", "2024-05-31T13:45:00Z"),
        ("{type: string, format: date-time}", "2024-01-02 03:04", "2024-01-02T03:04:00+02:00"),
        ("{type: string, format: date-time}", "2024-01-02t03:04:05z", "2024-01-02t03:04:05z"),
        ("{type: string, format: date-time}", "2024-01-02", "2024-01-02T00:00:00+02:00"),
        ("{type: string, format: date-time}", "tomorrow 9:00", None),
        ("{type: string, format: date-time}", "tomorrow 09:00", "2024-06-01T09:00:00+02:00"),
        ("{type: string, format: date-time}", "now", "2024-05-31T13:45:07+02:00"),
    ],
)
def test_typed_values(declaration: str, text: str, value: Any) -> None:
    parsed = parse_input(field_of(declaration), text, now=NOW)
    assert same(parsed.value, value)
    assert (parsed.error is None) == (value is not None or not text.strip())


@pytest.mark.parametrize(
    ("declaration", "text", "says"),
    [
        ("{type: integer}", "1_05", "whole number such as 50"),
        ("{type: integer}", "1,5", "without a fraction"),
        ("{type: integer}", "1.5", "without a fraction"),
        ("{type: integer}", "٣", "whole number such as 50"),
        ("{type: integer}", "0x10", "whole number such as 50"),
        ("{type: integer}", "9" * 31, "at most 30 digits"),
        ("{type: number}", "1,5", "with a point, such as 1.5"),
        ("{type: number}", "1e999", "too large"),
        ("{type: number}", "nan", "must be a number"),
        ("{type: number}", "1_0.5", "must be a number"),
        ("{type: boolean}", "maybe", "true or false"),
        ("{enum: [a, b, c, d, e, f]}", "x", 'one of the choices: "a", "b", "c", "d", "e" and 1 more'),
        ("{type: array, items: {enum: [a]}}", "a\nx", "one of the choices"),
        ("{type: array, items: {type: integer}}", "1\nx", "entry 2 must be a whole number"),
        ("{type: array, items: {properties: {a: {type: string}}}}", "{}", "a JSON list of rows"),
        ("{properties: {a: {type: string}}}", "[]", "a JSON object"),
        ("{type: object}", '{"a": }', "not valid JSON (line 1, column 7)"),
        ("{type: object}", "[" * 100_000, "not valid JSON"),
        ("{type: object}", '{"a": NaN}', "not valid JSON"),
        ("{type: object}", '{"a":' * 70 + "1" + "}" * 70, "more than 64 levels"),
        ("{type: object}", '{"a": 1e999}', "a number that is too large"),
        ("{type: string, format: date}", "31.5.2024", "a date such as 2024-05-31"),
        ("{type: string, format: date}", "2024-02-30", "a date such as 2024-05-31"),
        ("{type: string, format: date}", "+99999999w", "a date such as 2024-05-31"),
        ("{type: string, format: time}", "13:45:00+02:00", "without an offset"),
        ("{type: string, format: time}", "24:00", "a time such as 13:45"),
        ("{type: string, format: date-time}", "soon", "a date and a time"),
        ("{const: 1}", "1", "cannot be changed"),
    ],
)
def test_typed_mistakes(declaration: str, text: str, says: str) -> None:
    parsed = parse_input(field_of(declaration), text, now=NOW)
    assert parsed.value is None
    assert parsed.error is not None
    assert says in parsed.error


def test_a_day_beyond_the_calendar() -> None:
    field = field_of("{type: string, format: date}")
    assert parse_input(field, "+9w", now=datetime.max.replace(tzinfo=UTC)).error == "is too far away"


def test_the_present_is_in_utc_unless_told_otherwise() -> None:
    moment = parse_input(field_of("{type: string, format: date-time}"), "now").value
    assert abs(datetime.fromisoformat(moment) - datetime.now(UTC)) < timedelta(minutes=5)
    assert moment.endswith("+00:00")


@pytest.mark.parametrize(
    ("declaration", "value", "text"),
    [
        ("{type: string}", None, ""),
        ("{type: integer}", 3.0, "3"),
        ("{type: integer}", "x", "x"),
        ("{type: boolean}", True, "true"),
        ("{oneOf: [{const: 1, title: One}]}", 1, "One"),
        ("{oneOf: [{const: 1, title: One}]}", 7, "7"),
        ("{type: array, items: {enum: [a, b]}}", ["b", "a"], "b\na"),
        ("{type: array, items: {enum: [a, b]}}", [], "[]"),
        ("{type: array, items: {type: string}}", ["a b", "c"], "a b\nc"),
        ("{type: array, items: {type: string}}", ["a\nb"], '["a\\nb"]'),
        ("{type: [string, integer]}", "twelve", "twelve"),
        ("{type: [string, integer]}", "12", '"12"'),
        ("{const: [1, 2]}", [1, 2], "[\n  1,\n  2\n]"),
    ],
)
def test_shown_values(declaration: str, value: Any, text: str) -> None:
    assert format_value(field_of(declaration), value) == text


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
# A lone surrogate cannot be typed.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
NUMBERS = st.integers(-(10**29), 10**29) | st.floats(allow_nan=False, allow_infinity=False)
CHOICES = (
    "{oneOf: [{const: 1, title: x}, {const: '1', title: x}, {const: true, title: '1'}, {const: '[]', title: 'a, b'}]}"
)
CHOSEN = st.sampled_from([1, "1", True, "[]"])
MOMENTS = st.datetimes(timezones=st.timezones() | st.just(UTC)).filter(
    lambda moment: len(moment.strftime("%z")) == 5 and moment.year >= 1000
)

KINDS: dict[str, st.SearchStrategy[Any]] = {
    "{type: string}": TEXT,
    "{type: string, format: password}": TEXT,
    "{type: integer}": st.integers(-(10**29), 10**29),
    "{type: number}": NUMBERS,
    "{type: boolean}": st.booleans(),
    CHOICES: CHOSEN,
    f"{{type: array, items: {CHOICES}}}": st.lists(CHOSEN),
    "{type: array, items: {type: string}}": st.lists(TEXT),
    "{type: array, items: {type: number}}": st.lists(NUMBERS),
    "{type: array, items: {properties: {a: {type: string}}}}": st.lists(st.dictionaries(TEXT, JSON, max_size=2)),
    "{properties: {a: {type: string}}}": st.dictionaries(TEXT, JSON, max_size=3),
    "{type: [string, integer]}": TEXT | st.integers(),
    "{type: object}": st.dictionaries(TEXT, JSON, max_size=3),
    "{type: string, format: date}": st.dates().map(lambda day: day.isoformat()),
    "{type: string, format: time}": st.times().map(lambda moment: moment.isoformat("seconds")),
    "{type: string, format: date-time}": MOMENTS.map(lambda moment: moment.isoformat()),
}
FIELDS = {declaration: field_of(declaration) for declaration in KINDS}


@given(st.data())
@pytest.mark.parametrize("declaration", KINDS)
def test_what_is_shown_can_be_typed_again(declaration: str, data: st.DataObject) -> None:
    value, field = data.draw(KINDS[declaration]), FIELDS[declaration]
    text = format_value(field, value)
    parsed = parse_input(field, text, now=NOW)
    assert parsed.error is None
    assert same(parsed.value, value)


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=20), JSON)
def test_any_text_and_any_value_can_be_handled(declaration: str, text: str, value: Any) -> None:
    field = FIELDS[declaration]
    parsed = parse_input(field, text, now=NOW)
    assert parsed.value is None or parsed.error is None
    assert isinstance(format_value(field, value), str)
