"""Configs as lines."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.hub.configs import config_lines, config_template, parse_config_lines
from pandium_tui.hub.errors import InvalidError
from pandium_tui.text import visible_block

SCHEMA = {
    "definitions": {"levels": {"type": "string", "enum": ["INFO", "DEBUG"]}, "queues": {"oneOf": [{"const": 7}]}},
    "properties": {
        "level": {"$ref": "#/definitions/levels", "default": "INFO"},
        "queue": {"$ref": "definitions/queues", "type": "number"},
        "batch": {"type": "integer", "default": 50},
        "rate": {"type": "number"},
        "push": {"type": "boolean"},
        "since": {"type": "string"},
        "tags": {"type": "array"},
    },
}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("batch=100", 100),
        ("batch = 100 ", 100),
        ("batch=3.0", 3),
        ("batch=", None),
        ("rate=1.5", 1.5),
        ("push=true", True),
        ("since=2026-01-01", "2026-01-01"),
        ("since=5", "5"),
        ("since=true", "true"),
        (r'since="two\nlines"', "two\nlines"),
        ("since=a=b", "a=b"),
        ("level=DEBUG", "DEBUG"),
        ("level=", ""),
        ("queue=7", 7),
        ("queue=dynamic", "dynamic"),
        ('tags=["a", "b"]', ["a", "b"]),
        ("unknown=007", "007"),
        ("unknown=1.0", "1.0"),
        ("unknown=5", 5),
        ('unknown={"a": [1]}', {"a": [1]}),
        ("unknown=null", None),
        ("unknown=NaN", "NaN"),
        ("unknown=", ""),
        ('"a=b"=x', "x"),
    ],
)
def test_a_value_has_the_type_the_schema_declares(line: str, expected: Any) -> None:
    (value,) = parse_config_lines(line, SCHEMA).values()
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("batch=many", "batch must be a whole number"),
        ("batch=1_05", "batch must be a whole number"),
        ("batch=true", "batch must be a whole number"),
        ("rate=1,5", "rate must be a number"),
        ("rate=NaN", "rate must be a number"),
        ("push=yes", "push must be true or false"),
        ("tags=a", "tags must be a JSON list"),
        ("tags=" + "[" * 100_000, "tags must be a JSON list"),
        ("nothing", "not NAME=VALUE"),
        ("=5", "not NAME=VALUE"),
        ('"a"b=5', "not NAME=VALUE"),
        ("x=1\nx=2", "line 2: x is set a second time"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(line: str, reason: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse_config_lines(f"# a comment\n\n{line}", SCHEMA)
    assert reason.replace("line 2", "line 4") in caught.value.problems["configs"]
    assert "line " in caught.value.problems["configs"]


def test_all_lines_that_cannot_be_read_are_told_at_once() -> None:
    with pytest.raises(InvalidError) as caught:
        parse_config_lines("batch=x\nlevel=INFO\npush=y", SCHEMA)
    assert {"line 1", "line 3"} == {part.partition(":")[0] for part in caught.value.problems["configs"].split("; ")}


def test_the_template_offers_every_property_and_what_nobody_fills_in_is_no_value() -> None:
    text = config_template(SCHEMA, {"batch": 5, "mine": "x"})
    assert text.split("\n") == ["batch=5", "mine=x", "level=INFO", "queue=", "rate=", "push=false", "since=", "tags="]
    assert parse_config_lines(text, SCHEMA) == {"batch": 5, "mine": "x", "level": "INFO", "push": False}


@pytest.mark.parametrize("line", ["since=canary", "  since = canary", '"since"=canary', "since="])
def test_what_is_secret_is_refused_without_its_value_and_has_no_line(line: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse_config_lines(f"batch=5\n{line}", SCHEMA, {"since"})
    assert caught.value.problems["configs"].startswith("line 2: since is secret")
    assert "tenant configure" in caught.value.problems["configs"]
    assert "canary" not in str(caught.value)
    template = config_template(SCHEMA, {"since": "canary"}, {"since"})
    assert "since" not in template
    assert "since" not in parse_config_lines(template, SCHEMA, {"since"})


def test_what_would_act_on_a_terminal_is_spelled_out() -> None:
    text = config_lines({"since": "\x1b[41m\u202e\x9b"}, SCHEMA)
    assert text == visible_block(text)
    assert parse_config_lines(text, SCHEMA) == {"since": "\x1b[41m\u202e\x9b"}


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_lines_read_back_as_the_same_configs(configs: dict[str, Any]) -> None:
    assert parse_config_lines(config_lines(configs), None) == configs


@given(st.text())
def test_a_text_reads_back_whatever_it_looks_like(text: str) -> None:
    schema = {"properties": {"since": {"type": "string", "default": "x"}}}
    assert parse_config_lines(config_lines({"since": text}, schema), schema) == {"since": text}


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_config_lines(text, SCHEMA)
    except InvalidError as error:
        assert set(error.problems) == {"configs"}
