"""A failed run is tried again as its integration's policy says, and in no other case."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col, select

from pandium_tui.engine.dispatch import bundle_triggers
from pandium_tui.engine.retrying import JITTER, LONGEST_BACKOFF, wait_before
from pandium_tui.hub import runs
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IntegrationRow, TriggerRow
from pandium_tui.storage.times import utc_now
from tests.scenario import Scenario
from tests.waiting import wait_for


def set_policy(store: Store, count: int, backoff: int = 0) -> None:
    with store.writing() as session:
        session.connection().execute(update(IntegrationRow).values(retry_count=count, retry_backoff=backoff))


def held(store: Store) -> list[TriggerRow]:
    with store.writing() as session:
        found = session.exec(select(TriggerRow).where(col(TriggerRow.retry_of).is_not(None))).all()
        session.expunge_all()
    return list(found)


def test_it_is_tried_so_often_with_its_payload(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant('echo "$PAN_CTX_RUN_TRIGGERS" >&2; exit 1')
    set_policy(scenario.store, 2)
    first = scenario.run(tenant.id, payload=b'"once"')

    def all_ended() -> bool:
        found = runs.runs(scenario.store, tenant_id=tenant.id)
        return len(found) == 3 and all(one.completed_date for one in found)

    wait_for(all_ended, "end of both retries")
    assert [one.retries for one in held(scenario.store)] == [1, 2]
    assert "once" in scenario.log(max(one.id for one in runs.runs(scenario.store, tenant_id=tenant.id)))[0]
    assert any("retry 1 of 2" in one for one in runs.run(scenario.store, first.id).warnings)


def test_nothing_is_tried_again_before_its_time(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("exit 1")
    set_policy(scenario.store, 3, backoff=3600)
    run = scenario.run(tenant.id)
    [retry] = held(scenario.store)
    assert (retry.retry_of, retry.run_id) == (run.id, None)
    assert retry.not_before is not None and retry.not_before > utc_now()
    assert bundle_triggers(scenario.store) == 0


def test_a_cancelled_run_is_not_tried_again(scenario: Scenario) -> None:
    from tests.scenario import ACTOR

    tenant = scenario.ready_tenant("echo begun >&2; sleep 100")
    set_policy(scenario.store, 3)
    run = scenario.start(tenant.id)
    wait_for(lambda: scenario.log(run.id), "begin of the run")
    runs.cancel_run(scenario.store, run.id, ACTOR)
    assert scenario.ended(run.id).phase == "Cancelled"
    assert held(scenario.store) == []


def test_a_newer_scheduled_run_makes_the_retry_of_one_needless(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("exit 1")
    set_policy(scenario.store, 1, backoff=3600)
    slot = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    for number in range(2):
        with scenario.store.writing() as session:
            trigger = TriggerRow(
                tenant_id=tenant.id,
                source="cron",
                scheduled_for=slot + timedelta(hours=number),
                created_date=utc_now(),
            )
            session.add(trigger)
            session.flush()
            trigger_id = trigger.id
        assert trigger_id is not None
        scenario.ended(scenario.run_of(trigger_id).id)
    first, second = held(scenario.store)
    assert first.ended_reason == "a newer scheduled run came first"
    assert second.ended_date is None


@given(st.integers(1, 100), st.integers(0, 10**6))
def test_waits_double_and_are_capped(retry: int, backoff: int) -> None:
    expected = min(backoff * 2 ** (retry - 1), LONGEST_BACKOFF)
    waited = wait_before(retry, backoff).total_seconds()
    assert expected * (1 - JITTER) - 0.001 <= waited <= expected * (1 + JITTER) + 0.001
