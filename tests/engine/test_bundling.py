"""Which held triggers become one run: whatever floods in, nobody waits for ever, and each run is told all it has."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import col, select

from pandium_tui.engine.dispatch import BUNDLED_AT_MOST, bundle_triggers
from pandium_tui.hub.pausing import pause_integration
from pandium_tui.hub.tenants import pause_tenant
from pandium_tui.storage import schedule_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Tenant
from pandium_tui.storage.tables import RunRow, TriggerRow
from pandium_tui.storage.times import utc_now
from tests.engine.test_schedule import NOON, make_tenants
from tests.scenario import ACTOR

MINUTE = timedelta(minutes=1)


def hold(store: Store, tenant: Tenant, count: int = 1, *, rerun_of: int | None = None, note: str | None = None) -> None:
    with store.writing() as session:
        session.add_all(
            TriggerRow(tenant_id=tenant.id, source="manual", rerun_of=rerun_of, note=note, created_date=utc_now())
            for _ in range(count)
        )


def fire(store: Store, tenant: Tenant, number: int) -> None:
    with store.writing() as session:
        slot = NOON + number * MINUTE
        session.add(TriggerRow(tenant_id=tenant.id, source="cron", scheduled_for=slot, created_date=utc_now()))


def next_bundle(store: Store) -> list[str]:
    """The sources of the triggers of the tenant's next run, which then ends."""
    assert bundle_triggers(store) == 1
    with store.writing() as session:
        run = session.exec(select(RunRow).order_by(col(RunRow.id).desc()).limit(1)).one()
        run.phase, run.completed_date = "Succeeded", utc_now()
        return list(session.exec(select(TriggerRow.source).where(TriggerRow.run_id == run.id)))


def test_a_flood_is_several_runs_and_hides_no_slot(store: Store) -> None:
    [tenant] = make_tenants(store, 1)
    hold(store, tenant, 2 * BUNDLED_AT_MOST + 1)
    fire(store, tenant, 0)
    assert next_bundle(store) == ["cron"]
    assert [len(next_bundle(store)) for _ in range(3)] == [BUNDLED_AT_MOST, BUNDLED_AT_MOST, 1]


def test_neither_slots_nor_others_of_a_tenant_wait_for_ever(store: Store) -> None:
    [tenant] = make_tenants(store, 1)
    for _ in range(3):
        hold(store, tenant, rerun_of=1)  # each is a run of its own
    order = []
    for number in range(12):
        fire(store, tenant, number)
        order.append(next_bundle(store)[0])
    assert order == [*["cron"] * 3, "manual"] * 3


@pytest.mark.parametrize("pause", [pause_tenant, pause_integration])
def test_what_a_schedule_held_ends_on_record_when_it_is_paused(
    store: Store, pause: Callable[[Store, int, object], object]
) -> None:
    [tenant] = make_tenants(store, 1)
    fire(store, tenant, 0)
    hold(store, tenant, note="a scheduled run again")
    hold(store, tenant)
    pause(store, tenant.id if pause is pause_tenant else tenant.integration_id, ACTOR)
    assert next_bundle(store) == ["manual"]
    assert bundle_triggers(store) == 0
    with store.reading() as reader:
        assert schedule_queries.held_triggers(reader) == []
        [skipped] = schedule_queries.skipped_slots(reader, tenant.id)
    assert skipped.first_slot == NOON
    assert skipped.reason.endswith("was paused before it could run")
