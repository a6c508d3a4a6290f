"""The retry policy of an integration: a failed run asks for the next try in the transaction that records its end."""

import random
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from pandium_tui.storage.tables import IntegrationRow, RunRow, TriggerRow
from pandium_tui.storage.vocabulary import FAILED_INTEGRATION, FAILED_PLATFORM, FAILED_REFRESH, FAILED_TIMEOUT

RETRIED_PHASES = (FAILED_INTEGRATION, FAILED_TIMEOUT, FAILED_PLATFORM, FAILED_REFRESH)

LONGEST_BACKOFF = 3600.0
"""Seconds between two tries at most."""

JITTER = 0.2
"""By how much of it a wait is longer or shorter by chance, so that what failed together does not come back together."""

SCHEDULED_AGAIN = "a scheduled run again"
"""The note of a retry that a newer scheduled run makes needless."""


def wait_before(retry: int, backoff: int) -> timedelta:
    """How long to wait before this retry, 1 being the first: doubled each time, capped, with jitter."""
    seconds = min(backoff * 2.0 ** min(retry - 1, 32), LONGEST_BACKOFF)
    return timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - not for secrecy


def ask_for_retry(session: Session, run: RunRow, now: datetime) -> bool:
    """Hold triggers for another try of a run that failed, if its integration's policy wants one; whether it does.

    Never after a cancel was asked for, and never for a rerun, which a person watches. A slot fires once, so the retry
    of a scheduled run is a manual trigger; the others keep their source, payload and headers.
    """
    integration = session.get_one(IntegrationRow, run.integration_id)
    wanted = run.phase in RETRIED_PHASES and run.cancel_requested_by is None and run.rerun_of is None
    if not wanted or run.retries >= integration.retry_count:
        return False
    retry = run.retries + 1
    not_before = now + wait_before(retry, integration.retry_backoff)
    found = session.exec(select(TriggerRow).where(TriggerRow.run_id == run.id).order_by(col(TriggerRow.id))).all()
    scheduled = any(one.source == "cron" or one.note == SCHEDULED_AGAIN for one in found)
    for one in found[:1] if scheduled else found:
        session.add(
            TriggerRow(
                tenant_id=run.tenant_id,
                source="manual" if scheduled else one.source,
                mode=one.mode,
                payload=one.payload,
                headers=one.headers,
                note=SCHEDULED_AGAIN if scheduled else None,
                retry_of=run.id,
                retries=retry,
                not_before=not_before,
                created_by="retry policy",
                created_date=now,
            )
        )
    when = f"{not_before:%Y-%m-%d %H:%M:%S} UTC"
    run.warnings = [*run.warnings, f"retry {retry} of {integration.retry_count}, at {when}"]
    return True
