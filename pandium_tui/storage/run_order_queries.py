"""Runs in another order than that of their ids.

No index serves such an order beside a filter, and a table shows 2,000 rows at most: it is put in order among the newest
that match, which is said wherever it is shown.
"""

import json
import sqlite3

from pandium_tui.storage.filtering.filters import EVERYTHING, Filter
from pandium_tui.storage.filtering.lists import SECONDS
from pandium_tui.storage.queries import PAGE, RUNS, chosen_runs
from pandium_tui.storage.records import Run
from pandium_tui.storage.row_reading import run_of

SORTED_AMONG = 2000
"""The newest runs that match are put in order, and no older ones."""

RUN_ORDERS = {
    "phase": "run.phase",
    "tenant": "integration.name || '/' || tenant.name",
    "started": "run.started_date",
    "took": SECONDS.format(later="run.completed_date", earlier="run.started_date"),
    "mode": "run.mode",
    "release": "release.name",
}
"""What runs can be put in order by."""


def sorted_runs(
    reader: sqlite3.Connection,
    order: str,
    *,
    descending: bool = False,
    integration_id: int | None = None,
    tenant_id: int | None = None,
    limit: int = PAGE,
    matching: Filter = EVERYTHING,
) -> list[Run]:
    """The newest runs that match by one of ``RUN_ORDERS``; equals newest first, those without a value last."""
    condition, values = chosen_runs(integration_id, tenant_id, matching)
    newest = reader.execute(
        f"SELECT run.id FROM run WHERE {condition} ORDER BY run.id DESC LIMIT ?", (*values, SORTED_AMONG)
    )
    value = RUN_ORDERS[order]
    rows = reader.execute(
        f"{RUNS} WHERE run.id IN (SELECT value FROM json_each(?))"
        f" ORDER BY {value} IS NULL, {value} {'DESC' if descending else 'ASC'}, run.id DESC LIMIT ?",
        (json.dumps([row["id"] for row in newest]), limit),
    )
    return [run_of(row) for row in rows]
