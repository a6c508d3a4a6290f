"""What retention reads: what is old enough to go, and what must stay."""

import sqlite3
from datetime import datetime

from pandium_tui.storage.times import to_text


def old_runs(reader: sqlite3.Connection, cutoff: datetime, keep: int) -> list[int]:
    """Ended runs of before ``cutoff`` beyond the newest ``keep`` of their tenant, without those its state rests on."""
    found: list[int] = []
    for tenant_id, *needed in reader.execute(
        "SELECT id, last_run_id, last_successful_run_id, dynamic_configs_run_id FROM tenant"
    ).fetchall():
        rows = reader.execute(
            "SELECT id FROM run WHERE tenant_id = :tenant AND id <"
            " (SELECT id FROM run WHERE tenant_id = :tenant ORDER BY id DESC LIMIT 1 OFFSET :keep - 1)"
            " AND phase NOT IN ('Queued', 'Running') AND coalesce(completed_date, created_date) < :cutoff",
            {"tenant": tenant_id, "keep": keep, "cutoff": to_text(cutoff)},
        )
        found += [row[0] for row in rows if row[0] not in needed]
    return found


def references(reader: sqlite3.Connection) -> list[tuple[int, int]]:
    """Which run was made from which earlier one, as a rerun or a retry."""
    rows = reader.execute(
        "SELECT id, rerun_of FROM run WHERE rerun_of IS NOT NULL"
        " UNION ALL SELECT id, retry_of FROM run WHERE retry_of IS NOT NULL"
    )
    return [(row[0], row[1]) for row in rows]


def old_triggers(reader: sqlite3.Connection, cutoff: datetime) -> list[int]:
    """Triggers that ended before ``cutoff`` and never became a run."""
    return _ids(reader, "SELECT id FROM run_trigger WHERE run_id IS NULL AND ended_date < ?", to_text(cutoff))


def old_skipped_slots(reader: sqlite3.Connection, cutoff: datetime) -> list[int]:
    """Notes of before ``cutoff`` about slots that did not run."""
    return _ids(reader, "SELECT id FROM skipped_slots WHERE created_date < ? AND last_slot < ?1", to_text(cutoff))


def unused_releases(reader: sqlite3.Connection, cutoff: datetime) -> list[int]:
    """Releases built before ``cutoff`` that no tenant can get to any more and that still have files.

    A tenant in the archive can be restored: what it is pinned to stays.
    """
    return _ids(
        reader,
        """
        SELECT id FROM release
        WHERE status IN ('Ready', 'Failed') AND retired_date IS NULL
            AND coalesce(completed_date, created_date) < ?
            AND id NOT IN (SELECT integration_release_id FROM tenant WHERE integration_release_id IS NOT NULL)
            AND id NOT IN (SELECT default_release_id FROM integration WHERE default_release_id IS NOT NULL)
            AND id NOT IN (SELECT max(id) FROM release WHERE status = 'Ready' GROUP BY integration_id)
            AND id NOT IN (SELECT release_id FROM run INDEXED BY ix_run_active
                WHERE phase IN ('Queued', 'Running') AND release_id IS NOT NULL)
            AND id NOT IN (SELECT given_release_id FROM run_trigger INDEXED BY ix_run_trigger_held
                WHERE run_id IS NULL AND ended_date IS NULL AND given_release_id IS NOT NULL)
        """,
        to_text(cutoff),
    )


def run_ids(reader: sqlite3.Connection) -> set[int]:
    """Every run."""
    return set(_ids(reader, "SELECT id FROM run"))


def release_ids_with_files(reader: sqlite3.Connection) -> set[int]:
    """Every release that was not retired."""
    return set(_ids(reader, "SELECT id FROM release WHERE retired_date IS NULL"))


def _ids(reader: sqlite3.Connection, query: str, *values: str) -> list[int]:
    return [row[0] for row in reader.execute(query, values)]
