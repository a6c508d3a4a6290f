"""Failures and recoveries that somebody wants to be told of: noted with the run's end, and sent once by some engine.

What is pending lies in the store, so that no restart loses it. An engine claims a notification with all that is
pending of it, sends one message without holding a transaction, and records the outcome. One that was killed in between
has its claim run out: a message may then come twice, never not at all.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete, func, select

from pandium_tui.engine.engine_activity import note_engine_activity
from pandium_tui.storage.database import Store
from pandium_tui.storage.notification_queries import DueNotification, waiting
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow, RunRow, TenantRow
from pandium_tui.storage.times import to_text, utc_now
from pandium_tui.storage.unattended_tables import NotificationEventRow, NotificationRow
from pandium_tui.storage.vocabulary import SUCCEEDED

GATHERING = timedelta(seconds=10)
"""For which a first failure waits for others of the same moment, to be told with them."""

CLAIM_LIMIT = timedelta(minutes=5)
"""After which a claim is that of an engine that was killed; a delivery takes less than one."""

ATTEMPTS = 5
"""How often a message is tried before what it told is given up."""

FIRST_BACKOFF = timedelta(seconds=30)
"""Before the second try; four times as long before each further one."""

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Event:
    """A failure or recovery: ``summary`` is what is told of it."""

    id: int
    recovered: bool
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one message tells, claimed by ``claim`` for this delivery alone."""

    notification_id: int
    uuid: str
    kind: str
    target: dict[str, Any]
    integration_id: int
    integration_name: str
    events: tuple[Event, ...]
    claim: str


def note_run_end(session: Session, run: RunRow, now: datetime) -> None:
    """Note a failure, or the first success after one, for all who are told of the integration's runs.

    A run that does not count as its tenant's state is watched by a person, and a cancelled one has not failed.
    """
    failed = run.phase.startswith("Failed")
    if not run.counts_as_state or not (failed or run.phase == SUCCEEDED):
        return
    for notification_id in _told(session, run.integration_id):
        if failed or _is_failing(session, notification_id, "run", run.tenant_id):
            session.add(
                NotificationEventRow(
                    notification_id=notification_id,
                    tenant_id=run.tenant_id,
                    run_id=run.id or 0,
                    recovered=not failed,
                    summary=_summary(session, run),
                    created_date=now,
                )
            )


def note_build_end(session: Session, release: ReleaseRow) -> None:
    """Note a build that failed, or the first after one that did not; one that was cancelled has not failed."""
    failed = release.status == "Failed"
    if failed and release.cancel_requested_by is not None:
        return
    summary = {
        "release": {"id": release.id, "name": release.name},
        "commit": release.commit,
        "branch": release.branch,
        "reason": _cut(release.reason),
        "completed_date": None if release.completed_date is None else to_text(release.completed_date),
    }
    _note(session, release.integration_id, "build", summary, failed=failed)


def note_branch(session: Session, integration: IntegrationRow, problem: str | None, *, rewritten: bool = False) -> None:
    """Note that a tracking branch cannot be followed, which is told once until it can be again.

    That its history was ``rewritten`` is told each time: the branch is followed all the same, and nothing recovers.
    """
    summary = {
        "branch": integration.repository_tracking_branch,
        "rewritten": rewritten,
        "reason": _cut(problem),
        "completed_date": to_text(utc_now()),
    }
    _note(session, integration.id or 0, "branch", summary, failed=problem is not None, once=not rewritten)


def _note(
    session: Session, integration_id: int, about: str, summary: dict[str, Any], *, failed: bool, once: bool = False
) -> None:
    for notification_id in _told(session, integration_id):
        failing = _is_failing(session, notification_id, about)
        if (failed and not (once and failing)) or (failing and not failed):
            session.add(
                NotificationEventRow(
                    notification_id=notification_id,
                    about=about,
                    recovered=not failed,
                    summary={"about": about, **summary},
                    created_date=utc_now(),
                )
            )


def _told(session: Session, integration_id: int) -> Sequence[int]:
    found = session.exec(select(NotificationRow.id).where(NotificationRow.integration_id == integration_id)).all()
    return [one for one in found if one is not None]


def _is_failing(session: Session, notification_id: int, about: str, tenant_id: int | None = None) -> bool:
    """Whether the last that was noted of it is a failure that lasts."""
    newest = session.exec(
        select(NotificationEventRow)
        .where(
            NotificationEventRow.notification_id == notification_id,
            NotificationEventRow.tenant_id == tenant_id,
            NotificationEventRow.about == about,
        )
        .order_by(col(NotificationEventRow.id).desc())
        .limit(1)
    ).first()
    return newest is not None and not newest.recovered and not newest.summary.get("rewritten")


def _summary(session: Session, run: RunRow) -> dict[str, Any]:
    """What is told of a run: nothing of its log, its state, its settings or its payloads."""
    return {
        "about": "run",
        "tenant": {"id": run.tenant_id, "name": session.get_one(TenantRow, run.tenant_id).name},
        "run_id": run.id,
        "mode": run.mode,
        "phase": run.phase,
        "reason": _cut(run.reason),
        "exit_code": run.exit_code,
        "completed_date": None if run.completed_date is None else to_text(run.completed_date),
    }


def _cut(reason: str | None) -> str | None:
    return None if reason is None else reason[:LONGEST_REASON]


def claim_batches(store: Store, now: datetime, limit: int) -> list[Batch]:
    """Claim what is due to be told, for whoever calls; at most this many messages.

    Raises:
        StoreError: the store cannot be used now.
    """
    with store.reading() as reader:
        due = [one.id for one in waiting(reader) if _is_due(one, now)][:limit]
    if not due:
        return []
    with store.writing() as session:
        claimed = [_claimed(session, notification_id, now) for notification_id in due]
    return [batch for batch in claimed if batch is not None]


def _claimed(session: Session, notification_id: int, now: datetime) -> Batch | None:
    """The claimed batch; None when another engine has claimed it since it was looked at."""
    row = session.get(NotificationRow, notification_id)
    pending = session.exec(
        select(NotificationEventRow)
        .where(NotificationEventRow.notification_id == notification_id, col(NotificationEventRow.ended_date).is_(None))
        .order_by(col(NotificationEventRow.id))
    ).all()
    if row is None or not pending:
        return None
    oldest = min(one.created_date for one in pending)
    found = DueNotification(notification_id, row.interval, row.not_before, row.sent_date, row.claimed_date, oldest)
    if not _is_due(found, now):
        return None
    row.claimed_by, row.claimed_date = uuid.uuid4().hex, now
    return Batch(
        notification_id,
        row.uuid,
        row.kind,
        row.target,
        row.integration_id,
        session.get_one(IntegrationRow, row.integration_id).name,
        tuple(Event(one.id or 0, one.recovered, one.summary) for one in pending),
        row.claimed_by,
    )


def _is_due(one: DueNotification, now: datetime) -> bool:
    """Whether it may be told now. Dates in the future are of a clock that was put back since, and hold up nothing."""
    if one.claimed_date is not None and one.claimed_date <= now < one.claimed_date + CLAIM_LIMIT:
        return False
    if one.not_before is not None:
        longest = FIRST_BACKOFF * 4**ATTEMPTS
        return one.not_before <= now or one.not_before > now + longest
    interval = timedelta(seconds=one.interval)
    if one.sent_date is not None and one.sent_date <= now < one.sent_date + interval:
        return False
    return not one.oldest <= now < one.oldest + GATHERING


def record_delivery(store: Store, batch: Batch, problem: str | None, now: datetime) -> None:
    """Record that a message arrived, or why not: then it is tried again after a while, a few times.

    Raises:
        StoreError: the store cannot be used now; the claim runs out, and the message is sent again.
    """
    with store.writing() as session:
        row = session.get(NotificationRow, batch.notification_id)
        if row is None or row.claimed_by != batch.claim:
            return  # it was removed, or the claim had run out and somebody else has it
        row.claimed_by = row.claimed_date = None
        failures = sum(not event.recovered for event in batch.events)
        told = f"{row.kind}: {failures} failures, {len(batch.events) - failures} recoveries"
        if problem is None:
            _end(session, batch, now, delivered=True)
            row.attempts, row.not_before, row.sent_date, row.problem, row.problem_date = 0, None, now, None, None
            note_engine_activity(session, "notify", told, integration_id=row.integration_id)
            return
        row.attempts += 1
        row.problem, row.problem_date = problem, now
        if row.attempts < ATTEMPTS:
            row.not_before = now + FIRST_BACKOFF * 4 ** (row.attempts - 1)
            return
        _end(session, batch, now, delivered=False)
        row.attempts, row.not_before, row.sent_date = 0, None, now
        note_engine_activity(
            session,
            "notification given up",
            f"{told}, after {ATTEMPTS} attempts: {problem}",
            integration_id=row.integration_id,
        )


def _end(session: Session, batch: Batch, now: datetime, *, delivered: bool) -> None:
    for event in batch.events:
        row = session.get(NotificationEventRow, event.id)
        if row is not None:
            row.ended_date, row.delivered = now, delivered


def forget_old_events(session: Session, cutoff: datetime) -> None:
    """Delete what was told before ``cutoff``, but for the newest of each kind, which says how it stands."""
    newest = select(func.max(NotificationEventRow.id)).group_by(
        *(col(NotificationEventRow.notification_id), col(NotificationEventRow.about)),
        col(NotificationEventRow.tenant_id),
    )
    session.exec(
        delete(NotificationEventRow).where(
            col(NotificationEventRow.ended_date) < cutoff, col(NotificationEventRow.id).not_in(newest)
        )
    )
