"""Clocks that jump, machines that sleep, four engines on one store: each slot once, none early, skips on record."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import func, select

from pandium_tui.engine.clock import ClockWatch, Look
from pandium_tui.engine.dispatch import bundle_triggers, claim_queued_runs
from pandium_tui.engine.engine import Engine
from pandium_tui.engine.memory import note_outage, remember
from pandium_tui.engine.schedule import claim_due
from pandium_tui.hub.activity import activities
from pandium_tui.hub.tenants import archive_tenant
from pandium_tui.storage import schedule_queries
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.schedule_queries import SkippedSlots
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow, RunRow, TenantRow, TriggerRow
from pandium_tui.storage.times import to_text
from tests.engine.test_schedule import NOON, make_tenants, plan, slots
from tests.scenario import ACTOR

HOUR = timedelta(hours=1)


@dataclass
class FakeClock:
    wall: datetime = NOON - HOUR
    boottime: float = 1000.0
    monotonic: float = 1000.0
    boot: str = "first"

    def look(self) -> Look:
        return Look(self.wall, self.boottime, self.monotonic, self.boot)

    def run(self, span: timedelta) -> None:
        self.wall += span
        self.boottime += span.total_seconds()
        self.monotonic += span.total_seconds()

    def sleep(self, span: timedelta) -> None:
        self.wall += span
        self.boottime += span.total_seconds()

    def step(self, span: timedelta) -> None:
        self.wall += span

    def reboot(self, span: timedelta) -> None:
        self.wall += span
        self.boot, self.boottime, self.monotonic = f"after {self.boot}", 1.0, 1.0


def look(store: Store, clock: FakeClock, watch: ClockWatch) -> None:
    watch.notice(clock.look())
    claim_due(store, clock.wall)


def keep_looking(store: Store, clock: FakeClock, watch: ClockWatch, span: timedelta) -> None:
    end = clock.wall + span
    while clock.wall < end:
        clock.run(timedelta(seconds=50))
        look(store, clock, watch)


def actions(store: Store) -> list[str]:
    return [one.action for one in activities(store) if one.actor == "engine"]


def skipped(store: Store, tenant_id: int) -> list[SkippedSlots]:
    with store.reading() as reader:
        return schedule_queries.skipped_slots(reader, tenant_id)


def test_a_clock_put_forward_makes_one_run_and_records_the_rest(store: Store) -> None:
    [tenant] = make_tenants(store, 1, "*/30 * * * *")
    plan(store, NOON)
    clock, watch = FakeClock(NOON - timedelta(minutes=1)), ClockWatch(store)
    look(store, clock, watch)
    clock.step(2 * HOUR)
    look(store, clock, watch)
    assert slots(store) == [NOON + 1.5 * HOUR]
    [range_] = skipped(store, tenant.id)
    assert (range_.first_slot, range_.last_slot, range_.slots) == (NOON, NOON + HOUR, 3)
    assert range_.reason.startswith("the clock was put forward; the run for 2026-11-24 13:30 UTC")
    assert actions(store) == ["skip slots", "clock went forward"]


def test_a_clock_put_back_fires_nothing_twice_and_goes_on(store: Store) -> None:
    make_tenants(store, 1)
    plan(store, NOON)
    clock, watch = FakeClock(NOON - timedelta(minutes=1)), ClockWatch(store)
    keep_looking(store, clock, watch, 2 * HOUR)
    assert slots(store) == [NOON, NOON + HOUR]
    clock.step(-2 * HOUR)
    keep_looking(store, clock, watch, 4 * HOUR)
    assert slots(store) == [NOON, NOON + HOUR, NOON + 2 * HOUR, NOON + 3 * HOUR]
    assert actions(store) == ["clock went back"]


def test_what_is_due_when_the_clock_is_put_back_still_runs(store: Store) -> None:
    [tenant] = make_tenants(store, 1)
    plan(store, NOON)
    clock, watch = FakeClock(NOON - HOUR), ClockWatch(store)
    watch.notice(clock.look())
    clock.run(2 * HOUR)  # nobody looks
    clock.step(-timedelta(minutes=30))
    look(store, clock, watch)
    assert slots(store) == [NOON]
    assert skipped(store, tenant.id) == []
    assert actions(store) == ["no engine was working", "clock went back"]


def test_a_clock_that_was_years_ahead_does_not_silence_schedules(store: Store) -> None:
    make_tenants(store, 1)
    plan(store, NOON)
    clock, watch = FakeClock(NOON - timedelta(minutes=1)), ClockWatch(store)
    look(store, clock, watch)
    clock.step(timedelta(days=3650))
    look(store, clock, watch)
    fired = len(slots(store))
    clock.step(timedelta(days=-3650))
    keep_looking(store, clock, watch, 2 * HOUR)
    assert slots(store)[fired:] == [NOON, NOON + HOUR]


def test_a_suspend_is_told_and_caught_up_on(store: Store) -> None:
    [tenant] = make_tenants(store, 1)
    plan(store, NOON)
    clock, watch = FakeClock(NOON - timedelta(minutes=1)), ClockWatch(store)
    look(store, clock, watch)
    clock.sleep(3 * HOUR)
    look(store, clock, watch)
    assert slots(store) == [NOON + 2 * HOUR]
    assert skipped(store, tenant.id)[0].reason.startswith("the machine was asleep")
    assert actions(store) == ["skip slots", "machine was asleep"]


def test_a_step_is_noticed_across_restarts_and_told_once(store: Store) -> None:
    make_tenants(store, 1)
    clock = FakeClock()
    ClockWatch(store).notice(clock.look())
    clock.step(-2 * HOUR)
    for _ in range(4):
        ClockWatch(store).notice(clock.look())
    clock.reboot(-HOUR)
    ClockWatch(store).notice(clock.look())
    clock.reboot(5 * HOUR)
    ClockWatch(store).notice(clock.look())
    assert actions(store) == ["no engine was working", "clock went back", "clock went back"]


def test_an_integration_that_catches_up_on_nothing_skips_what_is_late(store: Store) -> None:
    [tenant] = make_tenants(store, 1)
    with store.writing() as session:
        session.get_one(IntegrationRow, tenant.integration_id).catch_up = False
    plan(store, NOON)
    assert claim_due(store, NOON + 2.5 * HOUR) == 0
    [range_] = skipped(store, tenant.id)
    assert (range_.slots, range_.last_slot) == (3, NOON + 2 * HOUR)
    assert claim_due(store, NOON + 3 * HOUR) == 1


def test_the_window_is_the_integrations_own(store: Store) -> None:
    [tenant] = make_tenants(store, 1)
    with store.writing() as session:
        session.get_one(IntegrationRow, tenant.integration_id).catch_up_window = 600
    plan(store, NOON)
    assert claim_due(store, NOON + timedelta(minutes=11)) == 0
    assert "older than the catch-up window of 0:10:00" in skipped(store, tenant.id)[0].reason
    plan(store, NOON + HOUR)
    assert claim_due(store, NOON + HOUR + timedelta(minutes=9)) == 1


def test_what_a_clock_change_did_is_said_on_the_trigger(store: Store) -> None:
    make_tenants(store, 1, "30 2 * * *")
    with store.writing() as session:
        tenant = session.exec(select(TenantRow)).one()
        tenant.timezone, tenant.next_run = "Europe/Paris", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    claim_due(store, datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
    plan(store, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    claim_due(store, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    plan(store, datetime(2026, 10, 26, 1, 30, tzinfo=UTC))
    claim_due(store, datetime(2026, 10, 26, 1, 30, tzinfo=UTC))
    with store.writing() as session:
        notes = list(session.exec(select(TriggerRow.note).order_by("id")))
    assert notes == [
        "02:30 did not exist on 2026-03-29, ran at 03:00",
        "02:30 came twice on 2026-10-25, ran at the first",
        None,
    ]


def test_an_engine_looks_at_the_clock_it_is_given(store: Store) -> None:
    make_tenants(store, 1)
    plan(store, NOON)
    clock = FakeClock(NOON - timedelta(seconds=1))
    engine = Engine(store, "serve", clock=clock)
    engine.step()
    assert slots(store) == []
    clock.run(timedelta(seconds=1))
    engine.step()
    assert slots(store) == [NOON]


def test_four_engines_fire_a_day_of_a_thousand_tenants_each_slot_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What comes of the triggers is not looked at here; to bundle 24,000 of them takes minutes.
    monkeypatch.setattr("pandium_tui.engine.engine.bundle_triggers", lambda *_: 0)
    make_tenants(store, 1)
    with store.writing() as session:
        first = session.exec(select(TenantRow)).one()
        values = first.model_dump(exclude={"id", "name"})
        session.add_all([TenantRow(name=f"more{number}", **values) for number in range(999)])
    plan(store, NOON)
    stores = [open_store(store.settings) for _ in range(4)]
    clocks = [FakeClock(NOON - timedelta(minutes=20)) for _ in stores]
    engines = [Engine(one, "serve", clock=clock) for one, clock in zip(stores, clocks, strict=True)]
    together = threading.Barrier(4)
    failures: list[Exception] = []

    def work(engine: Engine, clock: FakeClock) -> None:
        for _ in range(24 * 3):
            clock.run(timedelta(minutes=20))
            together.wait()
            try:
                engine.step()
            except Exception as error:  # told by the test: an exception of a thread fails nobody
                failures.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(engines, clocks, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for opened in stores:
        opened.close()
    assert failures == []
    with store.writing() as session:
        each = session.exec(
            select(TriggerRow.scheduled_for, func.count(), func.count(TriggerRow.tenant_id.distinct())).group_by(  # type: ignore[attr-defined]
                TriggerRow.scheduled_for
            )
        ).all()
    assert [tuple(row) for row in each] == [(NOON + number * HOUR, 1000, 1000) for number in range(24)]


def test_held_slots_of_an_archived_tenant_are_on_record_with_the_run_they_waited_for(store: Store) -> None:
    [tenant] = make_tenants(store, 1)
    plan(store, NOON)
    claim_due(store, NOON)
    with store.writing() as session:
        ended = RunRow(tenant_id=tenant.id, integration_id=tenant.integration_id, mode="normal", phase="Succeeded")
        ended.created_date, ended.completed_date = NOON - HOUR, NOON + HOUR
        session.add(ended)
        session.flush()
        run_id = ended.id
    archive_tenant(store, tenant.id, ACTOR)
    bundle_triggers(store)
    [range_] = [one for one in skipped(store, tenant.id) if one.first_slot == NOON]
    assert (range_.first_slot, range_.reason) == (NOON, "the tenant was archived before it could run")
    assert range_.blocking_run_id == run_id


def test_nothing_fires_while_the_engine_is_paused_and_it_is_caught_up_on_after(store: Store) -> None:
    [tenant] = make_tenants(store, 1)
    plan(store, NOON)
    with store.writing() as session:
        remember(session, schedule_queries.PAUSE, {"since": to_text(NOON - HOUR), "by": "ada (cli)"})
    assert claim_due(store, NOON + 2 * HOUR) == 0
    with store.writing() as session:
        remember(session, schedule_queries.PAUSE, None)
        note_outage(session, NOON - HOUR, NOON + 2 * HOUR, "the engine was paused")
    assert claim_due(store, NOON + 2 * HOUR) == 1
    assert skipped(store, tenant.id)[0].reason.startswith("the engine was paused")


def test_after_an_outage_no_transaction_holds_up_others_for_long(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pandium_tui.engine.schedule.CLAIMED_AT_ONCE", 2)
    monkeypatch.setattr("pandium_tui.engine.dispatch.TENANTS_AT_ONCE", 2)
    tenants = make_tenants(store, 5)
    plan(store, NOON)
    assert claim_due(store, NOON) == 5
    assert [bundle_triggers(store) for _ in range(4)] == [2, 2, 1, 0]
    with store.reading() as reader:
        runs = [row["tenant_id"] for row in reader.execute("SELECT tenant_id FROM run ORDER BY id")]
        triggers = [row["tenant_id"] for row in reader.execute("SELECT tenant_id FROM run_trigger ORDER BY id")]
    assert runs == triggers
    assert sorted(runs) == sorted(tenant.id for tenant in tenants)


def test_the_runs_of_an_integration_keep_its_own_limit(store: Store) -> None:
    [first, *_] = make_tenants(store, 3)
    plan(store, NOON)
    claim_due(store, NOON)
    assert bundle_triggers(store) == 3
    with store.writing() as session:
        session.get_one(IntegrationRow, first.integration_id).runs_at_once = 1
        release = ReleaseRow(
            integration_id=first.integration_id, name="r", status="Ready", created_date=NOON, modified_date=NOON
        )
        session.add(release)
    assert len(claim_queued_runs(store, "an engine", 4)) == 1
    assert claim_queued_runs(store, "another engine", 4) == []
