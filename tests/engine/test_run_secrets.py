"""Secrets in real runs: exactly those of the tenant, never started without, never seen in what is stored."""

import base64
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pandium_tui.engine.processes import claimed_by
from pandium_tui.engine.secret_forms import needles
from pandium_tui.hub import runs
from pandium_tui.hub.connections import connection, disconnect, set_disabled
from pandium_tui.hub.connector_changes import provision, set_optional
from pandium_tui.hub.connectors import stored_connector
from pandium_tui.hub.errors import RefusedError
from pandium_tui.storage.records import Run
from pandium_tui.storage.tables import TriggerRow
from pandium_tui.storage.times import utc_now
from tests.connecting import ACTOR, add, connect, define_crm
from tests.engine.conftest import Launch
from tests.scenario import Scenario, manifest
from tests.waiting import wait_for

CANARY = 'canary-7f3a/"x+y='
PLATFORM = "Failed (Platform Issue)"


@pytest.fixture(autouse=True)
def no_key_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PANDIUM_TUI_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def received(scenario: Scenario, release_id: int) -> dict[str, str]:
    """The PAN_SEC_ variables that the last run wrote down."""
    file = scenario.store.settings.release_folder(release_id) / "source" / "environment"
    lines = file.read_bytes().decode().split("\0")
    return dict(line.split("=", 1) for line in lines if line.startswith("PAN_SEC_"))


def run_anyway(scenario: Scenario, tenant_id: int) -> Run:
    """A run whose trigger nobody has looked at, as one by cron."""
    with scenario.store.writing() as session:
        trigger = TriggerRow(tenant_id=tenant_id, source="manual", created_date=utc_now())
        session.add(trigger)
        session.flush()
        trigger_id = trigger.id or 0
    return scenario.ended(scenario.run_of(trigger_id).id)


def test_a_run_receives_exactly_its_own_and_the_global_secrets(scenario: Scenario) -> None:
    define_crm(scenario.store)
    integration_id = scenario.integration({"PANDIUM.yaml": manifest("env -0 > environment")})
    other_id = scenario.integration({"PANDIUM.yaml": manifest("true")}, "other")
    release = scenario.build(integration_id)
    acme, globex = scenario.tenant(integration_id), scenario.tenant(integration_id, "globex")
    crm = add(
        scenario.store, integration_id, "crm-main", "crm", "token", client_id="id-1", client_secret="never-injected"
    )
    shared = add(scenario.store, integration_id, "hubspot", method="access-token", scope="global")
    foreign = add(scenario.store, other_id, "crm", method="key", scope="global")
    connect(scenario.store, crm, acme.id, {"account": "a-1", "access_token": "of-acme"})
    connect(scenario.store, crm, globex.id, {"account": "g-1", "access_token": "of-globex"})
    connect(scenario.store, shared, None, {"access_token": "of-all"})
    connect(scenario.store, foreign, None, {"api_key": "of-another"})
    assert scenario.run(acme.id).phase == "Succeeded"
    assert received(scenario, release.id) == {
        "PAN_SEC_CRM_MAIN_ACCOUNT": "a-1",
        "PAN_SEC_CRM-MAIN_ACCOUNT": "a-1",
        "PAN_SEC_CRM_MAIN_ACCESS_TOKEN": "of-acme",
        "PAN_SEC_CRM-MAIN_ACCESS_TOKEN": "of-acme",
        "PAN_SEC_HUBSPOT_ACCESS_TOKEN": "of-all",
    }
    assert scenario.run(globex.id).phase == "Succeeded"
    assert received(scenario, release.id)["PAN_SEC_CRM_MAIN_ACCESS_TOKEN"] == "of-globex"


@pytest.fixture
def connected(scenario: Scenario) -> tuple[Scenario, int, int]:
    """A connected tenant whose run leaves a mark when it is started; the tenant's and the connector's id."""
    define_crm(scenario.store)
    tenant = scenario.ready_tenant("touch started")
    connector = add(scenario.store, tenant.integration_id, "crm", method="key")
    connect(scenario.store, connector, tenant.id, {"api_key": CANARY})
    return scenario, tenant.id, connector


@pytest.mark.parametrize("problem", ["missing", "locked", "broken", "disabled", "client", "definition"])
def test_without_a_usable_connection_nothing_is_started(connected: tuple[Scenario, int, int], problem: str) -> None:
    scenario, tenant_id, connector = connected
    settings = scenario.store.settings
    match problem:
        case "missing":
            disconnect(scenario.store, connector, tenant_id, ACTOR)
            cause = "not connected"
        case "locked":
            settings.vault_key_file.unlink()
            cause = "API key is locked"
        case "broken":
            with sqlite3.connect(settings.store_file) as connection:
                connection.execute("UPDATE sealed_value SET revision = revision + 1")
            cause = "API key is broken"
        case "disabled":
            set_disabled(scenario.store, connector, tenant_id, True, ACTOR)
            cause = "disabled"
        case "client":
            provision(scenario.store, connector, {}, ACTOR, method="token", even_if_connected=True)
            cause = "reconnect"
        case _:
            (settings.connectors_folder / "crm.yaml").unlink()
            cause = "not in the catalogue"
    run = run_anyway(scenario, tenant_id)
    assert (run.phase, run.exit_code) == (PLATFORM, None)
    assert run.reason is not None
    assert run.reason.startswith("it was not started: Connector crm of tenant crm/acme: ")
    assert cause in run.reason
    assert claimed_by(settings.run_folder(run.id), "claim-1") is None
    assert not list(settings.home.rglob("started"))
    with pytest.raises(RefusedError) as refusal:
        runs.start_run(scenario.store, tenant_id, ACTOR)
    assert run.reason.removeprefix("it was not started: ") in str(refusal.value)
    assert CANARY not in run.reason


PRINTING = """
import base64, json, os, sys, time, urllib.parse
value = os.environ["PAN_SEC_CRM_API_KEY"]
forms = [value, json.dumps(value), base64.b64encode(value.encode() + b"\\n").decode(), value.encode().hex(),
         base64.b64encode(b"user:" + value.encode()).decode(), urllib.parse.quote(value, safe=""), repr(os.environ)]
for stream in (1, 2):
    for form in forms:
        for part in (form[:5], form[5:] + "\\n"):
            os.write(stream, part.encode())
            time.sleep(0.03)
os.write(2, b"the end of one " + value[:9].encode())
os.write(1, json.dumps({"cursor": 7, "token": value}).encode())
"""


def test_what_a_run_prints_is_redacted_before_it_is_stored(scenario: Scenario) -> None:
    define_crm(scenario.store)
    files = {"PANDIUM.yaml": manifest(f"{sys.executable} main.py"), "main.py": PRINTING}
    integration_id = scenario.integration(files)
    scenario.build(integration_id)
    tenant = scenario.tenant(integration_id)
    connect(scenario.store, add(scenario.store, integration_id, "crm", method="key"), tenant.id, {"api_key": CANARY})
    run = scenario.run(tenant.id)
    assert (run.phase, run.state) == ("Succeeded", '{"cursor": 7, "token": "[redacted]"}')
    assert any("masked in its state" in warning for warning in run.warnings)
    log = scenario.log(run.id)
    assert sum("[redacted]" in line for line in log) >= 14
    assert any(line.startswith("the end of one ") for line in log)
    for trace in traces(CANARY):
        assert not [path for path in files_under(scenario.store.settings.home) if trace in path.read_bytes()]
    # The next run is told of the state as it is kept.
    assert scenario.run(tenant.id).phase == "Succeeded"


def test_each_stream_is_redacted_by_itself(launch: Launch) -> None:
    """What stands between two halves on the other stream must not hide a secret, nor one half of each make one."""
    script = "printf secret; printf secre >&2; sleep 0.1; printf %s -value; printf t-value >&2; printf secret-val >&2"
    run = launch(script, needles=needles(["secret-value"]))
    result = run.result()
    assert run.texts("out") == ["[redacted]"]
    assert run.texts("err") == ["[redacted]secret-val"]
    assert (result.state, result.state_masked) == ("[redacted]", True)


def test_what_a_run_printed_before_it_was_killed_is_redacted(launch: Launch) -> None:
    run = launch("printf 'a secret-value and secret-v'; sleep 100", needles=needles(["secret-value"]), time_limit=0.5)
    assert run.result().outcome == "timeout"
    assert run.texts("out") == ["a [redacted] and secret-v"]


def test_secrets_of_the_run_itself_only_are_masked(scenario: Scenario) -> None:
    define_crm(scenario.store)
    tenant = scenario.ready_tenant('echo "[redacted] other-canary" >&2; echo "[redacted]"')
    connector = add(scenario.store, tenant.integration_id, "crm", method="key")
    connect(scenario.store, connector, tenant.id, {"api_key": CANARY})
    neighbour = scenario.tenant(tenant.integration_id, "globex")
    connect(scenario.store, connector, neighbour.id, {"api_key": "other-canary"})
    run = scenario.run(tenant.id)
    assert not [warning for warning in run.warnings if "masked" in warning]
    assert "[redacted] other-canary" in scenario.log(run.id)


def test_passwords_in_passed_addresses_are_masked_in_builds_and_runs(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:index-pass%2Fword@pypi.example.com/simple")
    monkeypatch.setenv("https_proxy", "http://me:proxy-canary@proxy.example.com:3128")
    integration_id = scenario.integration({"PANDIUM.yaml": manifest("env >&2", build="env; printf index-%s/word pass")})
    release = scenario.build(integration_id)
    folder = scenario.store.settings.release_folder(release.id)
    log = (folder / "log").read_text()
    assert "https://user:[redacted]@pypi.example.com" in log
    assert "index-pass" not in log and "proxy-canary" not in log
    run = scenario.run(scenario.tenant(integration_id).id)
    assert any("http://me:[redacted]@proxy" in line for line in scenario.log(run.id))


def test_secrets_are_in_no_argument_of_a_process(scenario: Scenario) -> None:
    define_crm(scenario.store)
    tenant = scenario.ready_tenant("cat /proc/[0-9]*/cmdline > arguments 2> /dev/null; ps -ef > processes; true")
    connector = add(scenario.store, tenant.integration_id, "crm", method="key")
    connect(scenario.store, connector, tenant.id, {"api_key": CANARY})
    run = scenario.run(tenant.id)
    source = scenario.store.settings.release_folder(run.release_id or 0) / "source"
    assert b"supervisor.py" in (source / "arguments").read_bytes()
    assert not [path for path in files_under(scenario.store.settings.home) if CANARY.encode() in path.read_bytes()]


def files_under(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def traces(secret: str) -> list[bytes]:
    raw = secret.encode()
    return [raw, raw.hex().encode(), base64.b64encode(raw)[:-4], raw[: len(raw) // 2 + 3]]


def test_a_run_that_succeeds_proves_the_connections_it_used(connected: tuple[Scenario, int, int]) -> None:
    scenario, tenant_id, connector_id = connected
    unused = scenario.tenant(connector_of(scenario, connector_id), "globex").id
    connect(scenario.store, connector_id, unused, {"api_key": "of-globex"})
    run = scenario.run(tenant_id)
    assert run.phase == "Succeeded"
    proven = connection(scenario.store, connector_id, tenant_id)
    assert run.completed_date is not None
    assert (proven.status, proven.proven_date) == ("connected", run.completed_date)
    assert proven.words == f"proven by a run at {run.completed_date:%Y-%m-%d %H:%M} UTC"
    assert connection(scenario.store, connector_id, unused).status == "connected (never tested)"
    connect(scenario.store, connector_id, tenant_id, {"api_key": "another-value"})
    again = connection(scenario.store, connector_id, tenant_id)
    assert (again.status, again.proven_date) == ("connected (never tested)", None)


def test_a_run_proves_nothing_that_was_changed_while_it_went_on(scenario: Scenario) -> None:
    define_crm(scenario.store)
    tenant = scenario.ready_tenant("touch ../going; until [ -e ../on ]; do sleep 0.05; done")
    connector_id = add(scenario.store, tenant.integration_id, "crm", method="key")
    connect(scenario.store, connector_id, tenant.id, {"api_key": "the-first-value"})
    started = scenario.start(tenant.id)
    mark = wait_for(lambda: next(scenario.store.settings.home.rglob("going"), None), "start of the run")
    connect(scenario.store, connector_id, tenant.id, {"api_key": "the-second-value"})
    mark.with_name("on").touch()
    assert scenario.ended(started.id).phase == "Succeeded"
    assert connection(scenario.store, connector_id, tenant.id).status == "connected (never tested)"


def test_a_run_that_fails_proves_nothing(scenario: Scenario) -> None:
    define_crm(scenario.store)
    tenant = scenario.ready_tenant("exit 3")
    connector_id = add(scenario.store, tenant.integration_id, "crm", method="key")
    connect(scenario.store, connector_id, tenant.id, {"api_key": "some-value"})
    assert scenario.run(tenant.id).phase == "Failed (Integration Issue)"
    assert connection(scenario.store, connector_id, tenant.id).proven_date is None


def test_an_optional_connector_is_left_out_where_nobody_connected_it(scenario: Scenario) -> None:
    define_crm(scenario.store)
    integration_id = scenario.integration({"PANDIUM.yaml": manifest("env -0 > environment")})
    release, tenant = scenario.build(integration_id), scenario.tenant(integration_id)
    connector_id = add(scenario.store, integration_id, "crm", method="key")
    with pytest.raises(RefusedError, match="not connected"):
        scenario.run(tenant.id)
    assert set_optional(scenario.store, connector_id, True, ACTOR).optional
    assert scenario.run(tenant.id).phase == "Succeeded"
    assert received(scenario, release.id) == {}
    connect(scenario.store, connector_id, tenant.id, {"api_key": "there-now"})
    assert scenario.run(tenant.id).phase == "Succeeded"
    assert received(scenario, release.id) == {"PAN_SEC_CRM_API_KEY": "there-now"}
    set_disabled(scenario.store, connector_id, tenant.id, True, ACTOR)
    assert scenario.run(tenant.id).phase == "Succeeded"
    assert received(scenario, release.id) == {}
    set_optional(scenario.store, connector_id, False, ACTOR)
    with pytest.raises(RefusedError, match="disabled"):
        scenario.run(tenant.id)


def connector_of(scenario: Scenario, connector_id: int) -> int:
    """The integration of a connector."""
    return stored_connector(scenario.store, connector_id).integration_id
