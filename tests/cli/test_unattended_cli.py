"""``integration pause``, ``engine``, ``trigger`` and ``schedule skipped``: real processes, exit statuses, JSON."""

from datetime import UTC, datetime, timedelta

import pytest

from pandium_tui.hub import pausing, runs
from pandium_tui.hub.overview import overview
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import RunRow, TriggerRow
from tests.cli.command_line import CommandLine
from tests.scenario import ACTOR, Scenario, manifest

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def command_line(settings: Settings) -> CommandLine:
    return CommandLine(settings.home)


def test_a_paused_integration_plans_nothing(scenario: Scenario, command_line: CommandLine) -> None:
    crm = scenario.integration({"PANDIUM.yaml": manifest()})
    scenario.tenant(crm, user_schedule="0 * * * *")
    assert command_line.json("integration", "pause", "crm")["paused"] is True
    assert command_line.json("tenant", "show", "crm/acme")["next_run"] is None
    assert command_line.json("integration", "resume", "crm")["paused"] is False
    assert command_line.json("tenant", "show", "crm/acme")["next_run"] is not None
    assert [(one["kind"], one["subject"]) for one in command_line.json("status")][-1] == ("next", "crm/acme")


def test_the_engines_are_paused_and_resumed_once(store: Store, command_line: CommandLine) -> None:
    assert command_line.json("engine", "status") == {"paused": False, "since": None, "by": None}
    assert command_line.json("engine", "pause")["paused"] is True
    assert overview(store).paused_by is not None
    status, told = command_line.refused("engine", "pause")
    assert (status, "paused already" in told) == (1, True)
    assert command_line.json("engine", "resume")["paused"] is False
    status, told = command_line.refused("engine", "resume")
    assert (status, "not paused" in told) == (1, True)


def test_a_trigger_that_waits_can_be_cancelled(scenario: Scenario, store: Store, command_line: CommandLine) -> None:
    acme = scenario.ready_tenant("true")
    pausing.pause_engines(store, ACTOR)
    trigger = runs.start_run(store, acme.id, ACTOR)
    assert "which are paused" in command_line.run("trigger", "list", "--tenant", "crm/acme").stdout
    at_once = command_line.run("run", "start", "crm/acme", "--no-wait")
    assert "pandium-tui engine resume" in at_once.stderr
    (waiting, other) = command_line.json("trigger", "list", "--filter", "tenant:acme source:manual")
    assert command_line.json("trigger", "list", "--filter", "source:cron") == []
    command_line.json("trigger", "cancel", str(other["trigger"]["id"]))
    assert (waiting["trigger"]["id"], waiting["trigger"]["source"]) == (trigger.id, "manual")
    command_line.json("trigger", "cancel", str(trigger.id))
    assert command_line.json("trigger", "list") == []
    status, told = command_line.refused("trigger", "cancel", str(trigger.id))
    assert (status, "has ended" in told) == (1, True)
    pausing.resume_engines(store, ACTOR)
    scenario.run(acme.id)
    assert len(runs.runs(store, tenant_id=acme.id)) == 1


def test_skipped_slots_are_listed_with_the_run_in_the_way(
    scenario: Scenario, store: Store, command_line: CommandLine
) -> None:
    acme = scenario.tenant(scenario.integration({"PANDIUM.yaml": manifest()}))
    assert command_line.json("schedule", "skipped", "crm/acme") == []
    pausing.pause_engines(store, ACTOR)
    common = {"tenant_id": acme.id, "integration_id": acme.integration_id, "mode": "normal", "created_date": NOON}
    with store.writing() as session:
        over = RunRow(**common, phase="Succeeded", completed_date=NOON - timedelta(minutes=1))
        busy = RunRow(**common, phase="Queued")
        trigger = TriggerRow(tenant_id=acme.id, source="cron", scheduled_for=NOON, created_date=NOON)
        session.add_all([over, busy, trigger])
        session.flush()
        busy_id, trigger_id = busy.id, trigger.id
    command_line.json("trigger", "cancel", str(trigger_id))
    (skipped,) = command_line.json("schedule", "skipped", "crm/acme")
    assert (skipped["slots"], skipped["blocking_run_id"]) == (1, busy_id)
    assert skipped["reason"].startswith("cancelled by ")


def test_several_tenants_are_run_and_told_of_one_by_one(scenario: Scenario, command_line: CommandLine) -> None:
    acme = scenario.ready_tenant('test "$PAN_CTX_TENANT_NAME" = acme')
    scenario.tenant(acme.integration_id, "globex")
    first, second = command_line.json("run", "start", "crm/acme", "crm/globex", status=1)
    assert (first["done"], first["effect"].endswith(": Succeeded")) == (True, True)
    assert second["problem"].endswith(": Failed (Integration Issue)")
