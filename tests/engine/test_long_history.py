"""What keeps others from writing reads no history: a million runs made every pause and every start wait for seconds."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from pandium_tui.engine.retention import prune
from pandium_tui.engine.schedule import claim_due
from pandium_tui.hub import runs, tenants
from pandium_tui.hub.pausing import pause_integration, resume_integration
from pandium_tui.hub.reruns import RerunValues, rerun
from pandium_tui.storage.tables import IntegrationRow
from tests.engine.test_schedule import plan
from tests.scenario import ACTOR, Scenario
from tests.waiting import wait_for

GROWING = ("run", "run_trigger", "activity", "skipped_slots")
SHORT = ("uq_run_active_tenant", "ix_run_active", "ix_run_trigger_held")
"""Indexes that hold only what waits or goes on."""


@pytest.fixture
def written() -> Iterator[dict[str, Any]]:
    """The statements of all write transactions, with some of their values."""
    found: dict[str, Any] = {}

    def note(_connection: object, _cursor: object, statement: str, values: Any, _context: object, many: bool) -> None:
        found[statement] = values[0] if many else values

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def test_no_write_transaction_reads_all_that_ever_ran(scenario: Scenario, written: dict[str, Any]) -> None:
    store = scenario.store
    tenant = scenario.ready_tenant("exit 1", user_schedule="0 0 1 1 *")
    with store.writing() as session:
        session.get_one(IntegrationRow, tenant.integration_id).retry_count = 1
        session.get_one(IntegrationRow, tenant.integration_id).retry_backoff = 3600
    plan(store, datetime.now(UTC).replace(microsecond=0))
    claim_due(store, datetime.now(UTC))
    current = wait_for(lambda: tenants.tenant(store, tenant.id).last_run, "run of the schedule")
    scenario.ended(current.id)
    scenario.ended(scenario.run_of(rerun(store, current.id, RerunValues(), ACTOR).id).id)
    other = scenario.build(tenant.integration_id)
    tenants.archive_tenant(store, scenario.tenant(tenant.integration_id, "other").id, ACTOR)
    pause_integration(store, tenant.integration_id, ACTOR)
    resume_integration(store, tenant.integration_id, ACTOR)
    scenario.engine.stop()
    runs.start_run(store, tenant.id, ACTOR)
    scenario.engine.step()
    assert other.id != tenant.release_id
    prune(store, datetime.now(UTC) + timedelta(days=400))
    assert any(statement.startswith("UPDATE release SET retired") for statement in written)

    reader = sqlite3.connect(store.settings.store_file)
    plans = {
        (statement, row[3])
        for statement, values in written.items()
        if statement.startswith(("SELECT", "UPDATE", "DELETE"))
        for row in reader.execute(f"EXPLAIN QUERY PLAN {statement}", values)
    }
    reader.close()
    whole = [
        (detail, statement)
        for statement, detail in plans
        if detail.startswith("SCAN") and detail.split()[1] in GROWING and detail.split()[-1] not in SHORT
    ]
    assert whole == []
