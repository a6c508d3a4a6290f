import json
import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.manifest.environment import (
    MAX_VARIABLE_BYTES,
    ConfigEnvironmentError,
    config_environment,
    variable_name,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("INFO", "INFO"),
        ("two\nlines ", "two\nlines "),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-7, "-7"),
        (50.0, "50"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (1e20, "100000000000000000000"),
        (1e22, "1e+22"),
        (10**30, "1" + "0" * 30),
        (["vip", "late order"], '["vip","late order"]'),
        ([], "[]"),
        ([{"in": "COL Ä", "out": 3.0}], '[{"in":"COL Ä","out":3}]'),
        ({"a": [True, None, 0.25]}, '{"a":[true,null,0.25]}'),
    ],
)
def test_values_as_texts(value: object, text: str) -> None:
    assert config_environment({"some_name": value}) == {"PAN_CFG_SOME_NAME": text}


def test_a_config_without_a_value_has_no_variable() -> None:
    assert config_environment({"none": None, "emptied": "", "blank": " "}) == {"PAN_CFG_BLANK": " "}


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ("log_level", "PAN_CFG_LOG_LEVEL"),
        ("hubspot-basic key.2", "PAN_CFG_HUBSPOT_BASIC_KEY_2"),
        ("camelCase", "PAN_CFG_CAMELCASE"),
        ("naïve=", "PAN_CFG_NA_VE_"),
    ],
)
def test_names(config: str, name: str) -> None:
    assert variable_name(config) == name


def refused(configs: dict[str, Any]) -> str:
    with pytest.raises(ConfigEnvironmentError) as caught:
        config_environment(configs)
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_two_configs_with_one_name_are_refused_with_both_named() -> None:
    message = refused({"a-b": "x", "A_b": None})
    assert message == 'configs "a-b" and "A_b" both become PAN_CFG_A_B; rename one of them'


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("secret\0", "NUL"),
        ("secret\ud800", "surrogate"),
        (["secret\ud800"], "surrogate"),
        (["secret", float("nan")], "cannot be written as JSON"),
        (float("inf"), "cannot be written as JSON"),
        (["secret", 10**5000], "cannot be written as JSON"),
        (["secret", {"a", "b"}], "cannot be written as JSON"),
    ],
)
def test_values_that_do_not_fit_are_refused_without_showing_them(value: object, says: str) -> None:
    message = refused({"token": value})
    assert says in message
    assert '"token"' in message
    assert "secret" not in message


def test_a_value_that_is_too_long_is_refused_with_its_size() -> None:
    message = refused({"token": "secret" + "ä" * 65_530})
    assert 'config "token" is too long: PAN_CFG_TOKEN and its value have 131,079 bytes, at most 131,070' in message
    assert "secret" not in message


def test_nested_too_deeply_is_refused() -> None:
    value: list[Any] = []
    for _ in range(sys.getrecursionlimit() * 2):
        value = [value]
    assert "nested too deeply" in refused({"deep": value})


def test_the_longest_value_reaches_a_program_and_one_byte_more_does_not() -> None:
    name = variable_name("big")
    longest = "x" * (MAX_VARIABLE_BYTES - len(name))
    environment = config_environment({"big": longest})
    program = [sys.executable, "-I", "-S", "-c", f"import os; print(len(os.environ[{name!r}]))"]
    ended = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
    assert int(ended.stdout) == len(longest)
    assert "too long" in refused({"big": longest + "x"})
    with pytest.raises(OSError, match="Argument list too long"):
        subprocess.run(program, env={name: longest + "x"}, check=False)


plain = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    plain | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
)


@given(value=values)
def test_every_value_can_be_read_back_from_its_variable(value: object) -> None:
    if isinstance(value, str) and "\0" in value:
        assert "NUL" in refused({"v": value})
        return
    environment = config_environment({"v": value})
    if value is None or value == "":
        assert environment == {}
        return
    text = environment["PAN_CFG_V"]
    os.fsencode(text)
    assert "\0" not in text
    assert (text if isinstance(value, str) else json.loads(text)) == value


@given(names=st.lists(st.text("aA_-.1é", min_size=1, max_size=5), unique=True, max_size=5))
def test_no_config_is_lost_silently(names: list[str]) -> None:
    try:
        environment = config_environment(dict.fromkeys(names, "x"))
    except ConfigEnvironmentError:
        assert len({variable_name(name) for name in names}) < len(names)
    else:
        assert len(environment) == len(names)
