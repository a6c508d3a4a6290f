"""Taking back what was done, through the hub and the command line."""

import json
from dataclasses import replace

import pytest

from pandium_tui.hub.activity import activities
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.bulk import change_integrations, change_tenants, move_all
from pandium_tui.hub.errors import NotFoundError
from pandium_tui.hub.integrations import edit_integration, integration, values_of
from pandium_tui.hub.pausing import engines_pause, pause_engines, resume_engines
from pandium_tui.hub.releases import releases
from pandium_tui.hub.tenants import pause_tenant, resume_tenant, tenant
from pandium_tui.hub.undo import Undone, acts, newest_act, undo
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import ScheduleOption
from pandium_tui.storage.tables import ReleaseRow
from tests.cli.test_cli import CommandLine
from tests.screens.filling import NOW, fill

ADA = Actor("ada", "hub", session="one")
BOB = Actor("bob", "hub", session="two")


def taken_back(store: Store, actor: Actor = ADA) -> Undone:
    act = newest_act(store, actor)
    assert act is not None
    return undo(store, act.act, actor)


def test_acts_are_taken_back_one_after_the_other(store: Store) -> None:
    fill(store)
    change_tenants(store, [1, 2], "archive", ADA)
    change_integrations(store, [1, 2], "pause", ADA)
    pause_engines(store, ADA)
    assert [(one.what, one.names) for one in acts(store, ADA)] == [
        ("pause engines", ("the engines",)),
        ("pause integration", ("billing", "crm-sync")),
        ("archive tenant", ("crm-sync/globex", "crm-sync/acme")),
    ]
    assert taken_back(store).words == "Undone pause engines: the engines (go on)."
    assert engines_pause(store) is None
    taken_back(store)
    assert not integration(store, 1).paused
    assert not integration(store, 2).paused
    assert tenant(store, 1).archived
    assert taken_back(store).words.startswith("Undone archive tenant: crm-sync/globex (it is back, and paused as")
    assert not tenant(store, 1).archived
    assert acts(store, ADA) == []  # to take something back is no act that can be taken back
    told = activities(store)[0]
    assert (told.action, told.actor) == ("restore tenant", "ada (hub)")
    assert told.detail == "undoes archive tenant, activity 1"


def test_a_move_is_taken_back_unless_the_tenant_was_moved_since_or_the_release_is_gone(store: Store) -> None:
    filled = fill(store)
    newest = max(one.id for one in releases(store, 1) if one.status == "Ready")
    move_all(store, [1, 2], newest, ADA)  # the second one is there already
    assert newest_act(store, ADA).names == ("crm-sync/acme",)
    assert taken_back(store).words == "Undone move tenant: crm-sync/acme (to crm-sync-1 (Default))."
    assert tenant(store, 1).integration_release_channel == "Default"

    move_all(store, [1, 2], filled.release_id, ADA)
    move_all(store, [1], "Latest", BOB)
    with store.writing() as session:
        session.get_one(ReleaseRow, newest).retired_date = NOW
    undone = taken_back(store)
    assert undone.words == (
        "Not undone move tenant: crm-sync/globex: the files of release crm-sync-2 were removed as old: build its "
        "commit again, crm-sync/acme: was moved since, to Latest."
    )
    assert tenant(store, 1).integration_release_channel == "Latest"
    assert newest_act(store, ADA) is None  # what is refused is not offered again


def test_schedule_options_come_back_and_nothing_else(store: Store) -> None:
    fill(store)
    hourly, daily = ScheduleOption("Hourly", "0 * * * *", default=True), ScheduleOption("Daily", "0 0 * * *")
    for options in ((hourly, daily), (replace(daily, default=True),)):
        values = replace(values_of(integration(store, 1)), schedule_options=options, retry_count=3)
        edit_integration(store, 1, values, ADA)
    edit_integration(store, 1, replace(values, retry_count=7), ADA)
    assert taken_back(store).words == "Undone edit integration: crm-sync (offers again Hourly, Daily)."
    assert integration(store, 1).schedule_options == (hourly, daily)
    assert integration(store, 1).retry_count == 7
    edit_integration(store, 1, replace(values_of(integration(store, 1)), schedule_options=(hourly,)), BOB)
    assert "its schedule options were changed since" in taken_back(store).words
    assert integration(store, 1).schedule_options == (hourly,)


def test_what_somebody_else_changed_since_is_left_alone(store: Store) -> None:
    fill(store)
    pause_tenant(store, 1, ADA)
    resume_tenant(store, 1, BOB)
    act = newest_act(store, ADA)
    assert undo(store, act.act, ADA, dry_run=True).changes[0].problem == "is not paused"
    with pytest.raises(NotFoundError):
        undo(store, act.act, BOB)
    assert taken_back(store).words == "Not undone pause tenant: crm-sync/acme: is not paused."
    pause_engines(store, ADA)
    resume_engines(store, BOB)
    pause_engines(store, BOB)
    assert taken_back(store).words == "Not undone pause engines: the engines: they were paused since, by bob (hub)."
    assert engines_pause(store).by == "bob (hub)"


def test_what_this_session_did_comes_before_what_another_one_of_the_same_person_did(store: Store) -> None:
    fill(store)
    pause_tenant(store, 1, ADA)
    pause_tenant(store, 2, ADA)  # is paused already: nothing to take back
    change_integrations(store, [1], "pause", replace(ADA, session="later"))
    assert [(one.what, one.this_session) for one in acts(store, ADA)] == [
        ("pause integration", False),
        ("pause tenant", True),
    ]
    assert newest_act(store, ADA).what == "pause tenant"
    assert newest_act(store, replace(ADA, session="last")).what == "pause integration"


def test_commands_are_undone_by_a_command(store: Store, settings: Settings) -> None:
    fill(store)
    command_line = CommandLine(settings.home)
    command_line.json("tenant", "archive", "1", "2")
    (archived,) = command_line.json("undo", "--list")
    assert (archived["what"], archived["names"]) == ("archive tenant", ["crm-sync/globex", "crm-sync/acme"])
    change_tenants(store, [2], "restore", ADA)
    refused = command_line.run("undo", "--json")
    assert refused.returncode == 1
    assert [(one["name"], one["problem"]) for one in json.loads(refused.stdout)] == [
        ("crm-sync/globex", "is not archived"),
        ("crm-sync/acme", ""),
    ]
    assert not tenant(store, 1).archived
    assert command_line.refused("undo") == (1, "pandium-tui: There is nothing to undo.\n")
