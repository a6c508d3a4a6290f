"""One change to several tenants, through the hub and the command line."""

import json

import pytest

from pandium_tui.hub.bulk import cancel_runs, change_integrations, change_tenants, move_all, start_runs
from pandium_tui.hub.errors import NotFoundError
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.releases import releases
from pandium_tui.hub.runs import run
from pandium_tui.hub.tenants import tenant
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import ReleaseRow
from tests.cli.command_line import CommandLine
from tests.scenario import ACTOR
from tests.screens.filling import fill


def test_a_dry_run_tells_each_and_changes_nothing(store: Store) -> None:
    fill(store)
    acme, globex = change_tenants(store, [1, 2], "pause", ACTOR, dry_run=True)
    assert (acme.effect, acme.problem, acme.done) == ("its schedule 0 * * * * fires no more", "", False)
    assert (globex.effect, globex.problem) == ("", "is paused already")
    assert not tenant(store, 1).paused


def test_what_is_refused_does_not_stop_the_others(store: Store) -> None:
    fill(store)
    assert [one.done for one in change_tenants(store, [2, 1], "pause", ACTOR)] == [False, True]
    assert tenant(store, 1).paused
    assert change_tenants(store, [1], "archive", ACTOR)[0].done
    assert change_tenants(store, [1], "resume", ACTOR)[0].problem == "is archived: restore it first"
    assert change_tenants(store, [1, 2], "restore", ACTOR)[1].problem == "is not archived"
    assert not tenant(store, 1).archived


def test_an_unknown_tenant_changes_nothing(store: Store) -> None:
    fill(store)
    with pytest.raises(NotFoundError):
        change_tenants(store, [1, 99], "archive", ACTOR)
    assert not tenant(store, 1).archived


def test_runs_are_asked_for_where_they_can_be(store: Store) -> None:
    fill(store)
    change_tenants(store, [2], "archive", ACTOR)
    planned = start_runs(store, [1, 2], ACTOR, dry_run=True)
    assert [one.effect for one in planned] == ["a run on crm-sync-1, after run 3", ""]
    assert planned[1].problem == "Tenant crm-sync/globex is archived. Restore it first."
    assert tenant(store, 1).held_triggers == 0
    done = start_runs(store, [1, 2], ACTOR)
    assert [one.done for one in done] == [True, False]
    assert done[0].trigger_id is not None
    assert tenant(store, 1).held_triggers == 1


def test_runs_are_cancelled_where_they_go_on(store: Store) -> None:
    fill(store)
    assert [bool(one.problem) for one in cancel_runs(store, [1, 3], ACTOR, dry_run=True)] == [True, False]
    assert run(store, 3).cancel_requested_by is None
    assert [one.done for one in cancel_runs(store, [1, 3], ACTOR)] == [False, True]
    assert run(store, 3).cancel_requested_by is not None


def test_integrations_are_paused_and_archived(store: Store) -> None:
    filled = fill(store)
    crm, partner = change_integrations(store, [filled.integration_id, 3], "pause", ACTOR)
    assert (crm.name, crm.effect) == ("crm-sync", "no schedule of its 2 tenants fires; runs by hand still start")
    assert partner.done
    assert change_integrations(store, [filled.integration_id], "pause", ACTOR)[0].problem == "is paused already"
    assert change_integrations(store, [filled.integration_id], "archive", ACTOR, dry_run=True)[0].effect == (
        "nothing of its 2 tenants runs any more; 1 running go on to their end"
    )
    assert not integration(store, "crm-sync").archived


def test_moving_tells_what_of_each_tenants_settings_needs_attention(store: Store) -> None:
    filled = fill(store)
    with store.writing() as session:
        newer = session.get_one(ReleaseRow, releases(store, filled.integration_id)[1].id)
        newer.config_schema = {"type": "object", "properties": {"batch": {"type": "integer", "maximum": 50}}}
        newer_id = newer.id or 0
    acme, globex = move_all(store, [1, 2], newer_id, ACTOR, dry_run=True)
    assert "settings need attention" in acme.attention[0]
    assert "Batch: at most 50" in acme.attention[0]
    assert (acme.effect, globex.attention) == ("to crm-sync-2", ())
    assert tenant(store, 1).integration_release_channel == "Default"
    assert [one.done for one in move_all(store, [1, 2], "Latest", ACTOR)] == [True, True]
    assert tenant(store, 1).integration_release_channel == "Latest"
    assert move_all(store, [1], 3, ACTOR)[0].problem.endswith("is Failed, not Ready")


def test_the_command_line_takes_several(settings: Settings, store: Store) -> None:
    fill(store)
    command_line = CommandLine(settings.home)
    done = command_line.run("tenant", "pause", "crm-sync/acme", "crm-sync/globex", "--json")
    assert done.returncode == 1
    assert [one["done"] for one in json.loads(done.stdout)] == [True, False]
    planned = command_line.json("run", "start", "crm-sync/acme", "crm-sync/globex", "--dry-run")
    assert [one["name"] for one in planned] == ["crm-sync/acme", "crm-sync/globex"]
    (ended, running) = json.loads(command_line.run("run", "cancel", "1", "3", "--dry-run", "--json").stdout)
    assert (ended["problem"], running["effect"]) == ("has ended: Succeeded", "is stopped with everything it started")
    assert run(store, 3).cancel_requested_by is None
    paused = command_line.run("integration", "pause", "crm-sync", "billing", "--dry-run")
    assert "no schedule of its 2 tenants fires" in paused.stdout
    shown = command_line.run("integration", "show", "crm-sync", "--json")
    details = json.loads(shown.stdout)
    assert (details["connectors"], details["review_state"], details["published"]) == ([], "Draft", False)
