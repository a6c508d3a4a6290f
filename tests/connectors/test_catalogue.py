import re

import pytest

from pandium_tui.connectors.catalogue import catalogue
from pandium_tui.connectors.definitions import NEVER_INJECTED, OAUTH_KINDS, Connector, Method
from pandium_tui.connectors.templates import placeholders
from pandium_tui.connectors.variables import collisions, variables

# fmt: off
IDS = [
    "hubspot", "aws", "slack", "salesforce", "shopify", "stripe", "quickbooks", "netsuite", "zendesk", "jira",
    "github", "gitlab", "google", "microsoft365", "dynamics365", "mailchimp", "marketo", "klaviyo",
    "woocommerce", "bigcommerce", "magento", "xero", "sftp", "ftp", "postgres", "mysql", "snowflake", "twilio",
    "sendgrid", "airtable", "notion", "asana", "workday", "servicenow", "api_key", "basic", "oauth2",
    "oauth2_client_credentials", "custom",
]
# fmt: on

CONNECTORS = list(catalogue().connectors.values())
METHODS = [pytest.param(c, m, id=f"{c.id}-{m.id}") for c in CONNECTORS for m in c.methods]


def test_all_connectors_are_there_and_consistent() -> None:
    known = catalogue()
    assert known.problems == ()
    assert sorted(known.connectors) == sorted(IDS)
    assert not any(connector.own for connector in known.connectors.values())


@pytest.mark.parametrize(("connector", "method"), METHODS)
def test_what_a_run_receives(connector: Connector, method: Method) -> None:
    names = {entry.name for entry in method.fields}
    assert set(method.inject) <= names
    assert not NEVER_INJECTED & set(method.inject)
    assert not any(key.lower().endswith(tuple(NEVER_INJECTED)) for key in method.keys)
    assert method.keys or method.free_keys
    assert not any(name in template for name in NEVER_INJECTED for template in method.compose.values())
    assert collisions([(connector.id, method.keys)]) == ()
    for variable in variables(connector.id, method.keys):
        assert re.fullmatch(r"PAN_SEC_[A-Z0-9_]+", variable.name)


@pytest.mark.parametrize(("connector", "method"), METHODS)
def test_every_secret_of_a_connection_reaches_the_run_or_the_sign_in(connector: Connector, method: Method) -> None:
    forgotten = {
        entry.name
        for entry in method.fields
        if entry.secret and entry.name not in method.inject and method.kind not in OAUTH_KINDS
    }
    assert forgotten == set()
    if method.kind in OAUTH_KINDS:
        assert any(entry.obtained and entry.secret and entry.name in method.inject for entry in method.fields)


@pytest.mark.parametrize(("connector", "method"), METHODS)
def test_a_test_uses_fields_that_exist_and_no_secret_in_the_address(connector: Connector, method: Method) -> None:
    if method.test is None:
        assert method.untested.endswith(".") or method.login
        return
    assert method.test_fields() <= {entry.name for entry in method.fields}
    in_address = [method.field(name) for name in placeholders(method.test.url)]
    assert not any(entry is None or entry.secret for entry in in_address)
    assert not placeholders(method.test.url.partition("?")[2])
    assert method.test.url.startswith("https://") or (in_address[0] is not None and in_address[0].format == "url")


def test_the_trap_of_a_vendor_is_written_down_where_a_status_of_200_lies() -> None:
    known = catalogue()
    for connector_id in ("slack", "marketo", "shopify", "zendesk", "servicenow"):
        connector = known.find(connector_id)
        assert connector is not None
        for method in connector.methods:
            assert method.test is not None
            assert method.test.expect
            assert method.test.trap


def test_oauth_methods_take_a_pasted_token_and_ask_for_nothing_that_only_a_sign_in_needs() -> None:
    connector = catalogue().find("hubspot")
    assert connector is not None
    sign_in, static = connector.methods
    assert sign_in.takes_pasted_token
    assert [entry.name for entry in sign_in.needed_now()] == ["access_token"]
    assert [entry.level for entry in sign_in.fields] == ["provisioning", "provisioning", "connection"]
    assert not static.takes_pasted_token
    assert sign_in.oauth is not None
    assert sign_in.oauth.access_seconds == 1800


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("hubspot-oauth", "hubspot"),
        ("hubspot-basic", "hubspot"),
        ("slack-oauth", "slack"),
        ("HubSpot", "hubspot"),
        ("salesfroce", "salesforce"),
        ("postgresql", "postgres"),
        ("oauth2_client_credential", "oauth2_client_credentials"),
    ],
)
def test_near_names(asked: str, meant: str) -> None:
    known = catalogue()
    assert known.find(asked) is None
    assert known.near(asked)[0] == meant
    assert known.near("zzzzzzzz") == ()
