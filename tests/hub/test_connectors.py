"""Connectors and connections: what may be added, who is affected, how they stand, and what never happens."""

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from pandium_tui.connectors import testing
from pandium_tui.hub.activity import activities
from pandium_tui.hub.connections import (
    connection,
    connections,
    disconnect,
    set_connection,
    set_disabled,
)
from pandium_tui.hub.connections import test_connection as try_connection
from pandium_tui.hub.connector_changes import (
    ConnectorValues,
    add_connector,
    affected_by_provisioning,
    affected_by_removal,
    change_scope,
    provision,
    remove_connector,
    reset_values,
)
from pandium_tui.hub.connector_offers import offered, secret_keys
from pandium_tui.hub.connectors import connector, connectors
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.integrations import IntegrationValues, create_integration
from pandium_tui.hub.revealing import SecretPlace, reveal
from pandium_tui.hub.tenants import TenantValues, create_tenant
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.tables import ReleaseRow
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import Secret, Vault, VaultLockedError
from tests.connecting import ACTOR, add, connect, define_crm
from tests.connectors.conftest import CRM, StartVendor, replying, start_vendor  # noqa: F401 - the fixture

CANARY = "canary-hub-91d2"
LOOPBACK = testing.TestOptions(seconds=5, loopback_http=True)


@pytest.fixture(autouse=True)
def no_key_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PANDIUM_TUI_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def crm(store: Store) -> int:
    """An integration with two tenants, acme (1) and globex (2), and the connector definition crm."""
    define_crm(store)
    made = create_integration(store, IntegrationValues("sync", repository_url="/srv/git/sync"), ACTOR).id
    for name in ("acme", "globex"):
        create_tenant(store, made, TenantValues(name, integration_release_channel="Latest"), ACTOR)
    return made


def sealed(store: Store) -> int:
    return Vault(store).status().values


def problems(call: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(InvalidError) as refusal:
        call()
    assert CANARY not in str(refusal.value)
    return refusal.value.problems


def test_a_connector_tells_who_is_connected(store: Store, crm: int) -> None:
    made = add(store, crm, "crm", method="key")
    assert connectors(store, crm)[0].not_connected == ("acme", "globex")
    connect(store, made, 2, {"api_key": CANARY})
    one = connector(store, crm, "crm")
    assert (one.connected, one.not_connected, one.status) == (("globex",), ("acme",), None)
    assert [found.status for found in connections(store, 1)] == ["not connected"]
    [of_globex] = connections(store, 2)
    assert (of_globex.status, of_globex.whose) == ("connected (never tested)", "sync/globex")
    [value] = of_globex.values
    assert (value.label, value.is_set, value.value) == ("API key", True, None)
    assert value.fingerprint is not None
    assert CANARY not in repr(of_globex)


def test_a_global_connector_is_connected_once(store: Store, crm: int) -> None:
    made = add(store, crm, "crm", method="key", scope="global")
    with pytest.raises(RefusedError, match="is global: it is connected once"):
        connect(store, made, 1, {"api_key": CANARY})
    connect(store, made, None, {"api_key": CANARY})
    one = connector(store, crm, "crm")
    assert (one.status, one.connected) == ("connected (never tested)", ("acme", "globex"))
    assert [found.tenant_id for found in connections(store, 1)] == [None]


def test_what_the_manifest_names_is_offered_first(store: Store, crm: int) -> None:
    now = utc_now()
    text = "version: 0.4\nbase: go\nrun: 'true'\nconnectors: [slack-oauth, hubspot, of-nobody]\n"
    with store.writing() as session:
        session.add(
            ReleaseRow(
                integration_id=crm, name="r1", status="Ready", manifest=text, created_date=now, modified_date=now
            )
        )
    offers = offered(store, crm)
    assert [(one.name, one.catalogue_id) for one in offers[:3]] == [
        ("slack-oauth", "slack"),
        ("hubspot", "hubspot"),
        ("of-nobody", ""),
    ]
    assert (offers[0].methods[0].id, offers[0].methods[0].pasted_token) == ("oauth", True)
    assert "crm" in [one.name for one in offers if one.own]
    add(store, crm, "slack-oauth", "slack", "oauth")
    assert "slack-oauth" not in [one.name for one in offered(store, crm)]


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        (ConnectorValues("Crm", "crm"), "name", "lower-case"),
        (ConnectorValues("hubspott"), "catalogue_id", "near: hubspot"),
        (ConnectorValues("crm", method="oauth"), "method", "it has token, key"),
        (ConnectorValues("crm", scope="everybody"), "scope", "global, tenant"),
        (ConnectorValues("crm", provisioning={"api_key": Secret(CANARY)}), "api_key", "is no field"),
        (ConnectorValues("crm", provisioning={"access_token": Secret(CANARY)}), "access_token", "each connection"),
        (ConnectorValues("there", "crm"), "name", "is there already"),
    ],
)
def test_what_cannot_be_added(store: Store, crm: int, values: ConnectorValues, field: str, words: str) -> None:
    add(store, crm, "there", "crm")
    assert words in problems(lambda: add_connector(store, crm, values, ACTOR))[field]


def test_names_that_collide_are_refused_naming_both(store: Store, crm: int) -> None:
    add(store, crm, "my-crm", "crm", "key")
    told = problems(lambda: add(store, crm, "my_crm", "crm", "key"))["name"]
    assert "API_KEY of my-crm and API_KEY of my_crm both become PAN_SEC_MY_CRM_API_KEY" in told
    # Keys of the person's own collide when they are entered.
    own = add(store, crm, "my", "custom")
    told = problems(lambda: connect(store, own, 1, {"CRM_API_KEY": CANARY}))["CRM_API_KEY"]
    assert "PAN_SEC_MY_CRM_API_KEY" in told
    assert connection(store, own, 1).status == "not connected"


def test_removing_tells_who_is_affected_and_leaves_nothing(store: Store, crm: int) -> None:
    made = add(store, crm, "crm", client_id="id", client_secret="secret-1")
    connect(store, made, 1, {"account": "a", "access_token": CANARY})
    assert affected_by_removal(store, made) == ["The connection of tenant sync/acme is deleted, with its secrets"]
    with pytest.raises(RefusedError, match="sync/acme"):
        remove_connector(store, made, ACTOR)
    assert sealed(store) == 2
    remove_connector(store, made, ACTOR, even_if_connected=True)
    assert (sealed(store), connectors(store, crm), connections(store, 1)) == (0, [], [])


def test_a_secret_never_becomes_somebody_elses(store: Store, crm: int) -> None:
    made = add(store, crm, "crm", method="key")
    connect(store, made, 1, {"api_key": CANARY})
    with pytest.raises(RefusedError, match="sync/acme"):
        change_scope(store, made, "global", ACTOR)
    assert connection(store, made, 1).status == "connected (never tested)"
    assert change_scope(store, made, "global", ACTOR, even_if_connected=True).status == "not connected"
    assert sealed(store) == 0
    connect(store, made, None, {"api_key": CANARY})
    with pytest.raises(RefusedError, match="global"):
        change_scope(store, made, "tenant", ACTOR)
    assert change_scope(store, made, "tenant", ACTOR, even_if_connected=True).connected == ()
    assert sealed(store) == 0


def test_reprovisioning_and_who_must_reconnect(store: Store, crm: int) -> None:
    made = add(store, crm, "crm", client_id="one", client_secret="secret-1")
    for tenant_id in (1, 2):
        connect(store, made, tenant_id, {"account": "a", "access_token": CANARY})
    done = provision(store, made, {"client_secret": Secret("secret-2\n")}, ACTOR)
    assert done.must_reconnect == ()
    assert done.notices == ("Client secret: the line break at the end was removed",)
    assert connector(store, crm, "crm").connected == ("acme", "globex")
    new_id = {"client_id": Secret("two")}
    lines = ["tenant sync/acme must reconnect", "tenant sync/globex must reconnect"]
    assert affected_by_provisioning(store, made, new_id) == lines
    with pytest.raises(RefusedError, match="sync/globex"):
        provision(store, made, new_id, ACTOR)
    assert provision(store, made, new_id, ACTOR, even_if_connected=True).must_reconnect == tuple(lines)
    [one] = connections(store, 1)
    assert (one.status, one.words) == (
        "reconnect needed",
        "it must be reconnected: the client ID of the integration was changed",
    )
    connect(store, made, 1, {"access_token": "another-one"})
    assert connector(store, crm, "crm").connected == ("acme",)
    reset = provision(store, made, reset_values(connector(store, crm, "crm")), ACTOR, even_if_connected=True)
    assert "Client ID is missing" in reset.connector.problem
    assert "Client secret is missing" in reset.connector.problem


def test_another_method_needs_new_connections(store: Store, crm: int) -> None:
    made = add(store, crm, "crm", client_id="one", client_secret="secret-1")
    connect(store, made, 1, {"account": "a", "access_token": CANARY})
    provision(store, made, {}, ACTOR, method="key", even_if_connected=True)
    assert connections(store, 1)[0].status == "reconnect needed"
    assert sealed(store) == 1, "the provisioning of the other method is gone, its connections wait"
    connect(store, made, 1, {"api_key": CANARY})
    [one] = connections(store, 1)
    assert (one.status, [value.name for value in one.values]) == ("connected (never tested)", ["api_key"])


def test_values_of_a_connection_are_checked(store: Store, crm: int) -> None:
    made = add(store, crm, "crm")
    assert problems(lambda: connect(store, made, 1, {"access_token": CANARY})) == {"account": "is required"}
    assert "client_secret" in problems(lambda: connect(store, made, 1, {"client_secret": CANARY}))
    assert "is no field of Token" in problems(lambda: connect(store, made, 1, {"token": CANARY}))["token"]
    assert connection(store, made, 1).status == "not connected"
    given = {"account": Secret("a"), "access_token": Secret("short\r\n")}
    saved = set_connection(store, made, 1, given, ACTOR)
    assert saved.notices == ("Access token: the line break at the end was removed",)
    assert "too short" in saved.warnings[0]
    kept = set_connection(store, made, 1, {"account": Secret("b")}, ACTOR)
    assert [(value.value, value.is_set) for value in kept.connection.values] == [("b", True), (None, True)]
    assert reveal(store, SecretPlace(made, 1, "access_token"), ACTOR).reveal() == "short"
    assert problems(lambda: connect(store, made, 1, {"access_token": ""})) == {"access_token": "is required"}


def test_every_status(store: Store, crm: int) -> None:
    made = add(store, crm, "crm", method="key")

    def now() -> str:
        return connection(store, made, 1).status

    assert now() == "not connected"
    connect(store, made, 1, {"api_key": CANARY})
    assert now() == "connected (never tested)"
    set_disabled(store, made, 1, True, ACTOR)
    assert now() == "disabled"
    set_disabled(store, made, 1, False, ACTOR)
    for days, status in ((10, "expiring"), (400, "connected (never tested)"), (-1, "reconnect needed")):
        day = (utc_now() + timedelta(days=days)).date()
        set_connection(store, made, 1, {"api_key": Secret(CANARY)}, ACTOR, expires=day)
        assert now() == status
    connect(store, made, 1, {"api_key": CANARY})
    key = store.settings.vault_key_file
    key.rename(key.with_suffix(".away"))
    assert now() == "locked"
    key.with_suffix(".away").rename(key)
    with sqlite3.connect(store.file) as database:
        database.execute("UPDATE sealed_value SET revision = revision + 1")
    assert now() == "broken"
    assert connectors(store, crm)[0].not_connected == ("acme", "globex")
    connect(store, made, 1, {"api_key": CANARY})
    assert now() == "connected (never tested)"
    (store.settings.connectors_folder / "crm.yaml").unlink()
    assert now() == "broken"
    assert "definition" in connectors(store, crm)[0].problem
    disconnect(store, made, 1, ACTOR)
    assert sealed(store) == 0


def test_only_a_test_makes_it_connected(store: Store, crm: int, start_vendor: StartVendor) -> None:  # noqa: F811
    def by_token(handler: BaseHTTPRequestHandler) -> None:
        good = handler.headers["Authorization"] == f"Bearer {CANARY}"
        replying(200 if good else 401, b'{"ok": true}')(handler)

    vendor = start_vendor(by_token)
    (store.settings.connectors_folder / "vendor.yaml").write_text(CRM.replace("id: crm", "id: vendor"))
    made = add(store, crm, "vendor", method="token")
    with pytest.raises(RefusedError, match="not connected"):
        try_connection(store, made, 1, ACTOR, LOOPBACK)
    connect(store, made, 1, {"base_url": "https://placeholder.example.com", "access_token": CANARY})
    with sqlite3.connect(store.file) as database:  # the form takes https only
        database.execute("UPDATE connection SET plain = json_set(plain, '$.base_url', ?)", (vendor.url,))
    tested = try_connection(store, made, 1, ACTOR, LOOPBACK)
    assert (tested.status, tested.tested_date is not None) == ("connected", True)
    vendor.answer = replying(503)
    later = try_connection(store, made, 1, ACTOR, LOOPBACK)
    assert (later.status, "trouble of its own" in later.words) == ("connected", True)
    assert len(vendor.requests) == 2
    vendor.answer = by_token
    connect(store, made, 1, {"access_token": "a-wrong-token"})
    with sqlite3.connect(store.file) as database:
        database.execute("UPDATE connection SET plain = json_set(plain, '$.base_url', ?)", (vendor.url,))
    assert connection(store, made, 1).status == "connected (never tested)"
    assert try_connection(store, made, 1, ACTOR, LOOPBACK).status == "reconnect needed"


def test_a_date_that_the_vendor_tells_is_kept_and_warned_about(
    store: Store,
    crm: int,
    start_vendor: StartVendor,  # noqa: F811
) -> None:
    ends = utc_now() + timedelta(days=3, hours=1)
    vendor = start_vendor(replying(200, f'{{"ok": true, "ends": "{ends.isoformat()}"}}'.encode()))
    definition = CRM.replace("id: crm", "id: vendor").replace(
        "said: error", "said: error\n          expires_path: ends"
    )
    (store.settings.connectors_folder / "vendor.yaml").write_text(definition)
    made = add(store, crm, "vendor", method="token")
    given = {"base_url": Secret("https://placeholder.example.com"), "access_token": Secret(CANARY)}
    entered = (utc_now() + timedelta(days=400)).date()
    set_connection(store, made, 1, given, ACTOR, expires=entered)
    with sqlite3.connect(store.file) as database:  # the form takes https only
        database.execute("UPDATE connection SET plain = json_set(plain, '$.base_url', ?)", (vendor.url,))
    tested = try_connection(store, made, 1, ACTOR, LOOPBACK)
    assert (tested.status, tested.expires_date) == ("expiring", ends)
    accepted = f"127.0.0.1:{vendor.port} accepts the credentials"
    assert tested.words == f"it expires in 3 days, on {ends:%Y-%m-%d}; enter a new one before. {accepted}"
    assert tested.is_good
    vendor.answer = replying(200, b'{"ok": true}')
    assert try_connection(store, made, 1, ACTOR, LOOPBACK).expires_date == ends
    connect(store, made, 1, {"access_token": "another-token"})
    assert connection(store, made, 1).expires_date is None
    soon = (utc_now() + timedelta(days=9)).date()
    untried = set_connection(store, made, 1, given, ACTOR, expires=soon).connection
    assert (untried.status, untried.is_good) == ("expiring", False)


def test_a_plain_value_that_a_test_found_is_kept(store: Store, crm: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = add(store, crm, "crm", method="token", client_id="c", client_secret="s")
    connect(store, made, 1, {"account": "a-1", "access_token": CANARY})
    found = testing.TestOutcome("connected", "logged in", utc_now(), found={"host_key": "SHA256:abc"})
    monkeypatch.setattr(testing, "test_connection", lambda *_: found)
    assert try_connection(store, made, 1, ACTOR).status == "connected"
    with sqlite3.connect(store.file) as database:
        [(plain,)] = database.execute("SELECT plain FROM connection").fetchall()
    assert json.loads(plain) == {"account": "a-1", "host_key": "SHA256:abc"}


def test_revealing_is_written_down_without_the_value_and_can_be_forbidden(store: Store, crm: int) -> None:
    made = add(store, crm, "crm", method="key")
    connect(store, made, 1, {"api_key": CANARY})
    assert reveal(store, SecretPlace(made, 1, "api_key"), ACTOR).reveal() == CANARY
    newest = activities(store)[0]
    assert (newest.action, newest.detail, newest.tenant_id) == ("reveal secret", "crm: api_key", 1)
    with pytest.raises(RefusedError, match="no secret value"):
        reveal(store, SecretPlace(made, 1, "other"), ACTOR)
    write_only = open_store(Settings(home=store.settings.home, reveal_secrets=False))
    with pytest.raises(RefusedError, match="write-only"):
        reveal(write_only, SecretPlace(made, 1, "api_key"), ACTOR)
    write_only.close()
    assert len([one for one in activities(store) if one.action == "reveal secret"]) == 1
    assert CANARY not in repr(activities(store))


def test_a_provisioning_value_is_revealed_as_one_of_a_connection(store: Store, crm: int) -> None:
    made = add(store, crm, "crm", method="token", client_id="one", client_secret=CANARY)
    place = SecretPlace(made, None, "client_secret", provisioning=True)
    assert reveal(store, place, ACTOR).reveal() == CANARY
    newest = activities(store)[0]
    assert (newest.action, newest.detail) == ("reveal secret", "crm: client_secret of the provisioning")
    with pytest.raises(RefusedError, match="no secret value"):
        reveal(store, SecretPlace(made, None, "client_id", provisioning=True), ACTOR)


def test_keys_are_told_before_and_after_connecting_without_values(store: Store, crm: int) -> None:
    made = add(store, crm, "slack-oauth", "slack", "bot-token")
    keys = secret_keys(store, connector(store, crm, "slack-oauth"))
    assert keys.names == ("PAN_SEC_SLACK_OAUTH_OAUTH_ACCESS_TOKEN", "PAN_SEC_SLACK-OAUTH_OAUTH_ACCESS_TOKEN")
    assert "PAN_SEC_SLACK_OAUTH_OAUTH_ACCESS_TOKEN=\n" in keys.template
    connect(store, made, 1, {"oauth_access_token": CANARY})
    assert secret_keys(store, connector(store, crm, "slack-oauth")) == keys
    own = add(store, crm, "own", "custom")
    connect(store, own, 1, {"SOME_KEY": CANARY})
    assert secret_keys(store, connector(store, crm, "own")).names == ("PAN_SEC_OWN_SOME_KEY",)


def test_without_a_key_nothing_is_added_and_every_list_opens(store: Store, crm: int) -> None:
    made = add(store, crm, "crm", method="key")
    connect(store, made, 1, {"api_key": CANARY})
    store.settings.vault_key_file.unlink()
    with pytest.raises(VaultLockedError):
        connect(store, made, 2, {"api_key": CANARY})
    assert [one.status for one in connections(store, 2)] == ["not connected"]
    assert [one.status for one in connections(store, 1)] == ["locked"]
    assert connectors(store, crm)[0].connected == ()
