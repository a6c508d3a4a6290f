"""The reads about runs that come from other runs: retries and reruns."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from pandium_tui.storage.times import from_text


@dataclass(frozen=True, slots=True)
class Attempts:
    """Where a run comes from, and what follows from it.

    Attributes:
        rerun_of: the run that a person asked for once more.
        retry_of: the failed run that it tries again.
        attempt: which try it is, 1 for the first.
        attempts: how many there may be by the retry policy.
        counts_as_state: whether its end becomes the tenant's state.
        starts_after: what is queued is not started before this moment.
        next_attempt: when it is tried again; None when that is not planned.
        retried_by: the run that tried it again.
    """

    rerun_of: int | None
    retry_of: int | None
    attempt: int
    attempts: int
    counts_as_state: bool
    starts_after: datetime | None
    next_attempt: datetime | None
    retried_by: int | None


_ATTEMPTS = """
SELECT run.rerun_of, run.retry_of, run.retries, run.counts_as_state, integration.retry_count,
    CASE run.phase WHEN 'Queued' THEN run.not_before END AS starts_after,
    (SELECT min(not_before) FROM run_trigger INDEXED BY ix_run_trigger_held WHERE run_trigger.tenant_id = run.tenant_id
        AND run_id IS NULL AND ended_date IS NULL AND run_trigger.retry_of = run.id) AS next_attempt,
    (SELECT min(retry.id) FROM run AS retry WHERE retry.retry_of = run.id) AS retried_by
FROM run JOIN integration ON integration.id = run.integration_id
WHERE run.id = ?
"""


def attempts(reader: sqlite3.Connection, run_id: int) -> Attempts | None:
    """Of one run; None when there is no such run."""
    row = reader.execute(_ATTEMPTS, (run_id,)).fetchone()
    if row is None:
        return None
    return Attempts(
        rerun_of=row["rerun_of"],
        retry_of=row["retry_of"],
        attempt=row["retries"] + 1,
        attempts=max(row["retries"], row["retry_count"]) + 1,
        counts_as_state=bool(row["counts_as_state"]),
        starts_after=from_text(row["starts_after"]),
        next_attempt=from_text(row["next_attempt"]),
        retried_by=row["retried_by"],
    )


def state_given_to(reader: sqlite3.Connection, run_id: int) -> str:
    """The last successful state when a run started, "" when there was none; a rerun's is what it was given."""
    given = reader.execute(
        "SELECT given_state FROM run_trigger WHERE run_id = ? AND given_state IS NOT NULL LIMIT 1", (run_id,)
    ).fetchone()
    if given is not None:
        return str(given["given_state"])
    before = reader.execute(
        "SELECT earlier.state FROM run JOIN run AS earlier ON earlier.tenant_id = run.tenant_id"
        " AND earlier.phase = 'Succeeded' AND earlier.counts_as_state"
        " AND earlier.completed_date <= coalesce(run.started_date, run.created_date)"
        " WHERE run.id = ? ORDER BY earlier.id DESC LIMIT 1",
        (run_id,),
    ).fetchone()
    return "" if before is None or before["state"] is None else str(before["state"])
