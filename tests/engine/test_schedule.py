"""Schedules: what is due fires once, never early, however many look."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from pandium_tui.engine.engine import Engine
from pandium_tui.engine.schedule import GIVEN_UP, claim_due
from pandium_tui.hub import integrations, tenants
from pandium_tui.hub.integrations import IntegrationValues
from pandium_tui.hub.tenants import TenantValues
from pandium_tui.storage import schedule_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Tenant
from pandium_tui.storage.tables import TenantRow, TriggerRow
from tests.scenario import ACTOR, Scenario
from tests.waiting import wait_for

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def make_tenants(store: Store, count: int, schedule: str = "0 * * * *") -> list[Tenant]:
    parent = integrations.create_integration(
        store, IntegrationValues("crm", repository_url="/srv/crm.git", default_release_channel="Latest"), ACTOR
    )
    values = [TenantValues(f"t{number}", user_schedule=schedule) for number in range(count)]
    return [tenants.create_tenant(store, parent.id, value, ACTOR) for value in values]


def plan(store: Store, slot: datetime) -> None:
    with store.writing() as session:
        for row in session.exec(select(TenantRow)):
            row.next_run = slot


def slots(store: Store) -> list[datetime | None]:
    with store.writing() as session:
        return [row.scheduled_for for row in session.exec(select(TriggerRow).order_by("id"))]


def test_a_new_tenant_is_planned_in_its_zone(store: Store) -> None:
    parent = integrations.create_integration(
        store, IntegrationValues("crm", repository_url="/srv/crm.git", default_release_channel="Latest"), ACTOR
    )
    values = TenantValues("acme", user_schedule="30 6 * * *", timezone="Asia/Kolkata")
    tenant = tenants.create_tenant(store, parent.id, values, ACTOR)
    assert tenant.next_run is not None
    assert (tenant.next_run.hour, tenant.next_run.minute) == (1, 0)
    assert timedelta(0) < tenant.next_run - datetime.now(UTC) <= timedelta(days=1)


def test_nothing_fires_early(store: Store) -> None:
    make_tenants(store, 1)
    plan(store, NOON)
    assert claim_due(store, NOON - timedelta(microseconds=1)) == 0
    assert slots(store) == []
    assert claim_due(store, NOON) == 1
    assert slots(store) == [NOON]


def test_a_slot_fires_once_and_the_next_is_planned(store: Store) -> None:
    [tenant] = make_tenants(store, 1)
    plan(store, NOON)
    assert [claim_due(store, NOON) for _ in range(3)] == [1, 0, 0]
    assert tenants.tenant(store, tenant.id).next_run == NOON + timedelta(hours=1)


def test_a_clock_that_goes_back_fires_nothing_twice(store: Store) -> None:
    make_tenants(store, 1)
    plan(store, NOON)
    assert claim_due(store, NOON) == 1
    assert claim_due(store, NOON - timedelta(hours=2)) == 0
    assert claim_due(store, NOON) == 0
    assert slots(store) == [NOON]


def test_slots_missed_in_an_outage_are_one_run_for_the_newest(store: Store) -> None:
    make_tenants(store, 1)
    plan(store, NOON)
    assert claim_due(store, NOON + timedelta(hours=5, minutes=20)) == 1
    assert slots(store) == [NOON + timedelta(hours=5)]


def test_slots_missed_too_long_ago_are_not_made_up_for(store: Store) -> None:
    [tenant] = make_tenants(store, 1, "0 12 24 11 *")
    plan(store, NOON)
    assert claim_due(store, NOON + timedelta(hours=25)) == 0
    assert slots(store) == []
    assert tenants.tenant(store, tenant.id).next_run == datetime(2027, 11, 24, 12, tzinfo=UTC)


def test_a_tenant_that_cannot_be_planned_stops_no_engine(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pandium_tui.engine.schedule.CLAIMED_AT_ONCE", 1)
    make_tenants(store, 1)
    with store.writing() as session:
        # The same moment, not as this program writes it.
        session.connection().exec_driver_sql("UPDATE tenant SET next_run = '2026-11-24T12:00:00+00:00'")
    assert claim_due(store, NOON) == 0


def test_several_engines_claim_each_slot_once(store: Store) -> None:
    make_tenants(store, 60)
    plan(store, NOON)
    made: list[int] = []
    threads = [threading.Thread(target=lambda: made.append(claim_due(store, NOON))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 60
    assert slots(store) == [NOON] * 60


@pytest.mark.parametrize("stop", [tenants.pause_tenant, tenants.archive_tenant])
def test_a_paused_or_archived_tenant_has_no_next_run_and_no_catch_up(store: Store, stop) -> None:  # type: ignore[no-untyped-def]
    [tenant] = make_tenants(store, 1)
    plan(store, NOON)
    assert stop(store, tenant.id, ACTOR).next_run is None
    assert claim_due(store, NOON + timedelta(hours=1)) == 0
    resume = tenants.resume_tenant if stop is tenants.pause_tenant else tenants.restore_tenant
    resumed = resume(store, tenant.id, ACTOR)
    assert resumed.next_run is not None and resumed.next_run > datetime.now(UTC)


def test_a_slot_that_has_come_outlives_an_edit_and_is_recorded_when_it_is_given_up(store: Store) -> None:
    [tenant] = make_tenants(store, 1)
    now = datetime.now(UTC)
    plan(store, now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=30))
    due = tenants.tenant(store, tenant.id)
    assert due.next_run is not None
    values = TenantValues("renamed", integration_release_channel="Latest", user_schedule=due.user_schedule)
    assert tenants.edit_tenant(store, tenant.id, values, ACTOR).next_run == due.next_run
    with store.reading() as reader:
        assert schedule_queries.skipped_slots(reader, tenant.id) == []
    tenants.edit_tenant(store, tenant.id, replace(values, user_schedule="0 3 * * *"), ACTOR)
    with store.reading() as reader:
        [skipped] = schedule_queries.skipped_slots(reader, tenant.id)
    assert (skipped.first_slot, skipped.reason) == (due.next_run, GIVEN_UP)
    # By the schedule that they were of; the hour may have turned since.
    assert skipped.last_slot == due.next_run + timedelta(hours=skipped.slots - 1)
    assert skipped.slots in (31, 32)


def test_an_archived_integration_fires_nothing(store: Store) -> None:
    [tenant] = make_tenants(store, 1)
    integrations.archive_integration(store, tenant.integration_id, ACTOR)
    assert tenants.tenant(store, tenant.id).next_run is None
    integrations.restore_integration(store, tenant.integration_id, ACTOR)
    assert tenants.tenant(store, tenant.id).next_run is not None


def test_an_engine_runs_what_is_due(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("true", user_schedule="0 0 1 1 *")
    plan(scenario.store, datetime.now(UTC).replace(microsecond=0))
    with Engine(scenario.store, "serve"):
        current = wait_for(lambda: tenants.tenant(scenario.store, tenant.id).last_run, "run of the schedule")
    run = scenario.ended(current.id)
    assert (run.phase, run.sources) == ("Succeeded", ("cron",))
    assert scenario.store.settings.run_folder(run.id).exists()


def test_a_hash_spreads_tenants_and_stays(store: Store) -> None:
    made = make_tenants(store, 12, "H * * * *")
    minutes = {tenant.id: tenant.next_run.minute for tenant in made if tenant.next_run}
    assert len(set(minutes.values())) > 3
    for tenant in made:
        again = tenants.resume_tenant(store, tenant.id, ACTOR)
        assert again.next_run is not None and again.next_run.minute == minutes[tenant.id]
