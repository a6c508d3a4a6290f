"""Taking back what was done, through the hub and the command line."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pandium_tui.hub.activity import activities
from pandium_tui.hub.actor import Actor, current_actor
from pandium_tui.hub.bulk import change_integrations, change_tenants, move_all
from pandium_tui.hub.errors import NotFoundError
from pandium_tui.hub.integrations import edit_integration, integration, values_of
from pandium_tui.hub.listings import edit_listing, listing, publish_listing, submit_listing, unpublish_listing
from pandium_tui.hub.notifications import NotificationValues, add_notification, notifications, remove_notification
from pandium_tui.hub.pausing import engines_pause, pause_engines, resume_engines
from pandium_tui.hub.releases import releases
from pandium_tui.hub.source_accounts import (
    SourceAccountValues,
    create_source_account,
    remove_source_account,
    source_account,
)
from pandium_tui.hub.tenants import edit_tenant, pause_tenant, resume_tenant, tenant
from pandium_tui.hub.tenants import values_of as tenant_values
from pandium_tui.hub.undo import Act, Undone, acts, newest_acts, undo
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.records import ScheduleOption
from pandium_tui.storage.tables import ReleaseRow
from pandium_tui.storage.vault import Secret
from pandium_tui.storage.vocabulary import NO_ACCESS
from tests.cli.command_line import CommandLine
from tests.hub.listing_samples import complete
from tests.screens.filling import NOW, fill

ADA = Actor("ada", "hub", session="one")
BOB = Actor("bob", "hub", session="two")


def newest_act(store: Store, actor: Actor) -> Act | None:
    return next(iter(newest_acts(store, actor)), None)


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
        "commit again, crm-sync/acme: was moved since, by bob (hub)."
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
    assert taken_back(store).words == "Not undone edit integration: crm-sync: was edited since, by bob (hub)."
    assert integration(store, 1).schedule_options == (hourly,)


def test_what_somebody_else_changed_since_is_left_alone(store: Store) -> None:
    fill(store)
    pause_tenant(store, 1, ADA)
    resume_tenant(store, 1, BOB)
    act = newest_act(store, ADA)
    assert undo(store, act.act, ADA, dry_run=True).changes[0].problem == "was resumed since, by bob (hub)"
    with pytest.raises(NotFoundError):
        undo(store, act.act, BOB)
    assert taken_back(store).words == "Not undone pause tenant: crm-sync/acme: was resumed since, by bob (hub)."
    pause_engines(store, ADA)
    resume_engines(store, BOB)
    pause_engines(store, BOB)
    assert taken_back(store).words == "Not undone pause engines: the engines: was paused since, by bob (hub)."
    assert engines_pause(store).by == "bob (hub)"


def test_a_change_that_ended_where_it_began_is_a_change_and_one_that_was_taken_back_is_none(store: Store) -> None:
    fill(store)
    hourly, daily = ScheduleOption("Hourly", "0 * * * *", default=True), ScheduleOption("Daily", "0 0 * * *")
    pause_tenant(store, 1, ADA)
    offer(store, ADA, hourly)
    for change in (resume_tenant, pause_tenant):
        change(store, 1, BOB)
    for options in ((hourly, daily), (hourly,)):
        offer(store, BOB, *options)
    assert taken_back(store).words == "Not undone edit integration: crm-sync: was edited since, by bob (hub)."
    assert taken_back(store).words == "Not undone pause tenant: crm-sync/acme: was paused since, by bob (hub)."
    assert tenant(store, 1).paused

    resume_tenant(store, 1, ADA)
    pause_tenant(store, 1, ADA)
    pause_tenant(store, 1, BOB)  # it was: he wants it so
    assert "was paused since, by bob (hub)" in taken_back(store).words
    edit_tenant(store, 1, replace(tenant_values(tenant(store, 1)), paused=False), BOB)
    assert [(one.action, one.detail) for one in activities(store)[:2]] == [
        ("resume tenant", ""),
        ("edit tenant", "paused"),
    ]
    assert "was resumed since, by bob (hub)" in taken_back(store).words
    assert acts(store, ADA) == []

    pause_tenant(store, 1, ADA)
    resume_tenant(store, 1, BOB)
    edit_tenant(store, 1, replace(tenant_values(tenant(store, 1)), user_schedule="0 3 * * *"), BOB)
    taken_back(store, BOB)  # so nothing has become of it
    assert taken_back(store).words.startswith("Undone pause tenant: crm-sync/acme")


def offer(store: Store, actor: Actor, *options: ScheduleOption) -> None:
    edit_integration(store, 1, replace(values_of(integration(store, 1)), schedule_options=options), actor)


def test_what_was_removed_without_a_secret_is_there_again(store: Store) -> None:
    fill(store)
    account = create_source_account(store, SourceAccountValues("work", "GitLab", NO_ACCESS), ADA)
    edit_integration(store, 1, replace(values_of(integration(store, 1)), source_account_id=account.id), ADA)
    mailing = open_store(replace(store.settings, smtp_host="mail", smtp_from="a@example.com"))
    mail = add_notification(mailing, 1, NotificationValues("email", to=("ops@example.com",), interval=60), ADA)
    command = add_notification(store, 1, NotificationValues("command", command=("/bin/true",)), ADA)
    for one in (mail, command):
        remove_notification(store, one.id, ADA)
    remove_source_account(store, account.id, ADA, even_if_used=True)
    assert [(one.what, one.names) for one in acts(store, ADA)] == [
        ("remove source account", ("work",)),
        ("remove notification", ("crm-sync",)),
    ]
    assert taken_back(store).words == "Undone remove source account: work (is there again)."
    assert integration(store, 1).source_account_id == source_account(store, "work").id
    assert taken_back(mailing).words == "Undone remove notification: crm-sync (tells ops@example.com again)."
    (again,) = notifications(store, 1)
    assert (again.target, again.interval) == ({"to": ["ops@example.com"]}, 60)
    mailing.close()

    with_token = SourceAccountValues("token", token=Secret("canary-5a1c"))
    remove_source_account(store, create_source_account(store, with_token, ADA).id, ADA)
    assert acts(store, ADA) == []


def test_a_listing_gets_its_state_back_unless_it_was_edited_since(store: Store, tmp_path: Path) -> None:
    number = fill(store).integration_id
    edit_listing(store, number, complete(tmp_path), ADA)
    for change in (submit_listing, publish_listing, unpublish_listing):
        change(store, number, ADA)
    assert taken_back(store).words == "Undone unpublish listing: crm-sync (its listing is Published again)."
    assert listing(store, number).published
    taken_back(store)
    assert listing(store, number).review_state == "In Review"
    edit_listing(store, number, {"tagline": "Another"}, BOB)
    assert taken_back(store).words == "Not undone submit listing: crm-sync: was edited since, by bob (hub)."


def test_a_tenant_that_was_paused_and_moved_by_an_edit_is_as_before(store: Store) -> None:
    filled = fill(store)
    values = replace(
        tenant_values(tenant(store, 1)),
        paused=True,
        integration_release_id=filled.release_id,
        integration_release_channel=None,
        user_schedule="0 4 * * *",
    )
    before = tenant(store, 1)
    edit_tenant(store, 1, values, ADA)
    taken_back(store)
    after = tenant(store, 1)
    assert (after.paused, after.integration_release_id) == (before.paused, before.integration_release_id)
    assert after.integration_release_channel == before.integration_release_channel
    assert after.user_schedule == "0 4 * * *"
    assert acts(store, ADA) == []


def test_what_was_done_last_is_offered_wherever_it_was_done_and_then_the_last_of_this_session(store: Store) -> None:
    fill(store)
    pause_tenant(store, 1, ADA)
    pause_tenant(store, 2, ADA)  # is paused already: nothing to take back
    change_integrations(store, [1], "pause", replace(ADA, session="later"))
    change_integrations(store, [2], "pause", Actor("ada", "cli", session="command"))
    pause_engines(store, BOB)
    assert [(one.what, one.names[0], one.this_session, one.is_by_command) for one in acts(store, ADA)] == [
        ("pause integration", "billing", False, True),
        ("pause integration", "crm-sync", False, False),
        ("pause tenant", "crm-sync/acme", True, False),
    ]
    assert [one.names[0] for one in newest_acts(store, ADA)] == ["billing", "crm-sync/acme"]
    assert [one.names[0] for one in newest_acts(store, replace(ADA, session="last"))] == ["billing"]
    assert [one.names[0] for one in newest_acts(store, replace(ADA, door="cli", session="command"))] == ["billing"]


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
        ("crm-sync/globex", "was restored since, by ada (hub)"),
        ("crm-sync/acme", ""),
    ]
    assert not tenant(store, 1).archived
    assert command_line.refused("undo") == (1, "pandium-tui: There is nothing to undo.\n")
    pause_tenant(store, 1, app_user())
    status, told = command_line.refused("undo")
    assert status == 1
    assert "was done in the app. Give --yes to undo it all the same." in told
    assert tenant(store, 1).paused
    command_line.json("undo", "--yes")
    assert not tenant(store, 1).paused


def app_user() -> Actor:
    return current_actor("hub")
