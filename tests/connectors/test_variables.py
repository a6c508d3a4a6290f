import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.connectors.catalogue import catalogue
from pandium_tui.connectors.variables import (
    MAX_VARIABLE_BYTES,
    VariableError,
    collisions,
    env_template,
    environment,
    value_problem,
    variable,
    variables,
)
from tests.connectors.asking import method_of


@pytest.mark.parametrize(
    ("connector", "key", "name", "alias"),
    [
        ("hubspot", "ACCESS_TOKEN", "PAN_SEC_HUBSPOT_ACCESS_TOKEN", None),
        ("hubspot-basic", "API_KEY", "PAN_SEC_HUBSPOT_BASIC_API_KEY", "PAN_SEC_HUBSPOT-BASIC_API_KEY"),
        ("apollo-io", "api-key", "PAN_SEC_APOLLO_IO_API_KEY", "PAN_SEC_APOLLO-IO_API_KEY"),
        ("my crm", "key.1", "PAN_SEC_MY_CRM_KEY_1", None),
    ],
)
def test_names(connector: str, key: str, name: str, alias: str | None) -> None:
    found = variable(connector, key)
    assert (found.name, found.alias) == (name, alias)
    assert found.names == ((name,) if alias is None else (name, alias))


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_text_becomes_a_name_that_a_shell_can_read(connector: str, key: str) -> None:
    found = variable(connector, key)
    assert re.fullmatch(r"PAN_SEC_[A-Z0-9_]+", found.name)
    assert (found.alias is None) == ("-" not in connector)
    if found.alias is not None:
        assert found.alias.replace("-", "_") == found.name


def test_collisions_name_both() -> None:
    (found,) = collisions([("aws", ["S3_KEY", "REGION"]), ("aws-s3", ["KEY"]), ("slack", ["KEY"])])
    assert (found.first, found.second) == (("aws", "S3_KEY"), ("aws-s3", "KEY"))
    assert "S3_KEY of aws" in str(found)
    assert "KEY of aws-s3" in str(found)
    assert "PAN_SEC_AWS_S3_KEY" in str(found)


def test_collisions_inside_one_connector_and_of_a_connector_added_twice() -> None:
    assert len(collisions([("a", ["X-Y", "X_Y"])])) == 1
    assert len(collisions([("a", ["X", "Y"]), ("a", ["X", "Y"])])) == 2


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "a-b", "a_b", "a-b-c"]), st.sampled_from(["X", "B_X", "C_X"])), unique=True
    )
)
def test_without_a_collision_all_names_and_aliases_are_different(pairs: list[tuple[str, str]]) -> None:
    entries = [(connector, [key]) for connector, key in pairs]
    names = [name for connector, keys in entries for entry in variables(connector, keys) for name in entry.names]
    if not collisions(entries):
        assert len(set(names)) == len(names)


def test_the_environment_of_a_connection_has_no_client_secret() -> None:
    values = {"client_id": "c", "client_secret": "s", "access_token": "t-1", "instance_url": "https://x.example"}
    assert environment("my-force", method_of("salesforce", "oauth"), values) == {
        "PAN_SEC_MY_FORCE_ACCESS_TOKEN": "t-1",
        "PAN_SEC_MY-FORCE_ACCESS_TOKEN": "t-1",
        "PAN_SEC_MY_FORCE_INSTANCE_URL": "https://x.example",
        "PAN_SEC_MY-FORCE_INSTANCE_URL": "https://x.example",
    }


def test_a_composed_value_is_percent_encoded_and_uses_defaults() -> None:
    values = {"host": "db.example", "database": "shop", "username": "a@b", "password": "p:/?#é", "sslmode": ""}
    found = environment("postgres", method_of("postgres", "password"), values)
    assert found["PAN_SEC_POSTGRES_URL"] == (
        "postgresql://a%40b:p%3A%2F%3F%23%C3%A9@db.example:5432/shop?sslmode=verify-full"
    )
    assert found["PAN_SEC_POSTGRES_PASSWORD"] == "p:/?#é"
    assert found["PAN_SEC_POSTGRES_PORT"] == "5432"
    assert "PAN_SEC_POSTGRES_SSL_ROOT_CERT" not in found


def test_a_composed_value_without_its_parts_is_refused() -> None:
    with pytest.raises(VariableError, match="URL needs a value for password"):
        environment("pg", method_of("postgres", "password"), {"host": "h", "database": "d", "username": "u"})


def test_free_keys() -> None:
    method = method_of("custom", "keys")
    assert environment("generic", method, {"API_KEY": "v"}) == {"PAN_SEC_GENERIC_API_KEY": "v"}
    with pytest.raises(VariableError, match="cannot be a key"):
        environment("generic", method, {"api key": "v"})


def test_what_no_variable_can_carry() -> None:
    method = method_of("custom", "keys")
    fits = "x" * (MAX_VARIABLE_BYTES - len("PAN_SEC_GENERIC_K"))
    found = environment("generic", method, {"K": fits})
    # Linux is the judge of the limit.
    subprocess.run(["/bin/true"], env=found, check=True)
    with pytest.raises(OSError, match="too long"):
        subprocess.run(["/bin/true"], env={name: value + "x" for name, value in found.items()}, check=False)
    for value in (fits + "x", "canary\0", "canary\ud800"):
        with pytest.raises(VariableError) as raised:
            environment("generic", method, {"K": value})
        assert "PAN_SEC_GENERIC_K" in str(raised.value)
        assert "canary" not in str(raised.value)
    assert value_problem("K", "a\nb") is None


def test_the_longer_alias_counts_for_the_limit() -> None:
    alias = variable("a-b", "K").alias
    assert alias is not None
    value = "x" * (MAX_VARIABLE_BYTES - len(alias))
    assert set(environment("a-b", method_of("custom", "keys"), {"K": value})) == {"PAN_SEC_A_B_K", alias}


def test_the_template_has_names_and_formats_and_no_values() -> None:
    text = env_template("shop-db", "PostgreSQL", method_of("postgres", "password"))
    lines = text.splitlines()
    assert lines[0] == "# PostgreSQL (shop-db): User name and password"
    assert "PAN_SEC_SHOP_DB_PASSWORD=" in lines
    assert "# Password, secret" in lines
    assert "# also set as PAN_SEC_SHOP-DB_PASSWORD, a name that most shells and .env readers refuse" in lines
    assert all(line.startswith("#") or re.fullmatch(r"PAN_SEC_[A-Z0-9_]+=", line) for line in lines)
    assert any("postgresql://{username}" in line for line in lines)


def test_the_template_of_every_method_can_be_read_by_a_shell() -> None:
    for connector in catalogue().connectors.values():
        for method in connector.methods:
            text = env_template(connector.id, connector.label, method, ["FIRST"])
            finished = subprocess.run(["/bin/sh", "-eu", "-c", text], capture_output=True, check=True)
            assert finished.stdout == b""


def test_the_template_of_free_keys() -> None:
    method = method_of("custom", "keys")
    assert "PAN_SEC_GENERIC_KEY for each KEY" in env_template("generic", "Mine", method)
    assert "PAN_SEC_GENERIC_ONE=\n" in env_template("generic", "Mine", method, ["ONE"])
