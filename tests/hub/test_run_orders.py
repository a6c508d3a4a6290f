"""Runs by what they took, and by other columns."""

from datetime import timedelta

import pytest

from pandium_tui.hub.filtering import filter_of
from pandium_tui.hub.runs import runs
from pandium_tui.storage import run_order_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import RunRow
from tests.screens.filling import fill


def order(store: Store, sort: str, **values: object) -> list[int]:
    return [one.id for one in runs(store, sort=sort, **values)]


def test_runs_are_put_in_order_among_the_newest_that_match(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    filled = fill(store)  # 1: acme succeeded, 2: globex failed, 3: acme goes on
    with store.writing() as session:
        first = session.get_one(RunRow, 1)
        first.completed_date = first.started_date + timedelta(hours=1)
    assert order(store, "took") == [2, 1, 3]
    assert order(store, "took", descending=True) == [1, 2, 3]  # what has not ended comes last
    assert order(store, "took", descending=True, limit=1) == [1]
    assert order(store, "phase") == [2, 3, 1]
    assert order(store, "tenant", integration_id=filled.integration_id) == [3, 1, 2]
    assert order(store, "tenant", descending=True) == [2, 3, 1]
    assert order(store, "started") == [1, 2, 3]
    assert order(store, "release") == [3, 1, 2]
    assert order(store, "mode", tenant_id=filled.tenant_id) == [3, 1]
    monkeypatch.setattr(run_order_queries, "SORTED_AMONG", 2)
    assert order(store, "took") == [2, 3]
    assert order(store, "took", matching=filter_of(store, "runs", "tenant:acme")) == [1, 3]
