"""From triggers to runs: held triggers are bundled into a run, and queued runs are claimed to be started.

One run per tenant at a time holds by the store's partial unique index, not by the care of this code.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from pandium_tui.engine.declared_secrets import seal_plain_values, secret_names, without_secrets
from pandium_tui.engine.engine_activity import note_engine_activity
from pandium_tui.engine.fairness import CRON_IN_A_ROW, Turns, Waiting, choose
from pandium_tui.engine.isolation import isolation_words
from pandium_tui.engine.memory import recall, recall_pause, remember
from pandium_tui.engine.retrying import SCHEDULED_AGAIN
from pandium_tui.engine.schedule import Missed, skip_slots
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IS_ACTIVE, IntegrationRow, ReleaseRow, RunRow, TenantRow, TriggerRow
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import VaultError
from pandium_tui.storage.vocabulary import FAILED_PLATFORM, QUEUED, RUNNING

TURNS = "turns of runs"
TENANTS_AT_ONCE = 250
"""Whose triggers are bundled in one transaction: with 2 ms each it is over long before other writers give up."""
BUNDLED_AT_MOST = 300
"""Triggers of one run: it is told of all in one environment variable, which may be 128 KiB long."""
PAYLOADS_AT_MOST = 32 * 1024 * 1024
"""Bytes of the payloads of one run, which are in memory while it is started."""


def bundle_triggers(store: Store, now: datetime | None = None) -> int:
    """Make a queued run for each tenant that has held triggers and no active run.

    Cron triggers bundle only with cron triggers and go ahead, though not more than ``CRON_IN_A_ROW`` times while others
    wait; the others bundle with each other; modes are never mixed in one run. What does not fit the run stays held for
    the next one. A trigger is not taken up before its ``not_before``, and none while the engine is paused. Scheduled
    ones of a tenant that was paused meanwhile end without a run. Of very many tenants, as there may be after an outage,
    those who have waited longest come first and the others in the next round.

    Returns:
        How many runs were made.
    """
    bundles: list[list[TriggerRow]] = []
    runs: list[RunRow] = []
    with store.writing() as session:
        if recall_pause(session):
            return 0
        for tenant, parent, held in _held_by_tenant(session, now or utc_now()):
            triggers = _without_ended(session, tenant, parent, held)
            if not triggers:
                continue
            bundles.append(_first_bundle(session, triggers))
            runs.append(_run_of(tenant, bundles[-1][0]))
            if bundles[-1][0].source == "cron":
                end_triggers(session, _needless_retries(session, bundles[-1][0]), "a newer scheduled run came first")
        session.add_all(runs)
        session.flush()
        for run, bundle in zip(runs, bundles, strict=True):
            for trigger in bundle:
                trigger.run_id = run.id
    return len(runs)


def _run_of(tenant: TenantRow, first: TriggerRow) -> RunRow:
    return RunRow(
        tenant_id=_id(tenant.id),
        integration_id=tenant.integration_id,
        mode=first.mode,
        rerun_of=first.rerun_of,
        retry_of=first.retry_of,
        retries=first.retries,
        counts_as_state=first.counts_as_state,
        created_date=utc_now(),
    )


def _needless_retries(session: Session, cron: TriggerRow) -> list[TriggerRow]:
    """The held retries of scheduled runs that a newer scheduled run makes needless."""
    found = select(TriggerRow).where(
        TriggerRow.tenant_id == cron.tenant_id,
        TriggerRow.mode == cron.mode,
        TriggerRow.note == SCHEDULED_AGAIN,
        col(TriggerRow.retry_of).is_not(None),
        col(TriggerRow.run_id).is_(None),
        col(TriggerRow.ended_date).is_(None),
    )
    return list(session.exec(found))


def _held_by_tenant(session: Session, now: datetime) -> list[tuple[TenantRow, IntegrationRow, list[TriggerRow]]]:
    """Tenants without an active run that have held triggers: their integration, and the oldest triggers by age."""
    active = select(RunRow.tenant_id).where(IS_ACTIVE)
    can_run = (
        col(TriggerRow.run_id).is_(None),
        col(TriggerRow.ended_date).is_(None),
        or_(col(TriggerRow.not_before).is_(None), col(TriggerRow.not_before) <= now),
        col(TriggerRow.tenant_id).not_in(active),
    )
    first = (
        select(TriggerRow.tenant_id)
        .where(*can_run)
        .group_by(col(TriggerRow.tenant_id))
        .order_by(func.min(TriggerRow.id))
        .limit(TENANTS_AT_ONCE)
    )
    # A flood of one kind must not hide the other.
    kind = (col(TriggerRow.tenant_id), col(TriggerRow.source) == "cron")
    payload_bytes = func.coalesce(func.length(TriggerRow.payload), 0)
    oldest = (
        select(
            TriggerRow.id,
            func.row_number().over(partition_by=kind, order_by=col(TriggerRow.id)).label("place"),
            func.sum(payload_bytes).over(partition_by=kind, order_by=col(TriggerRow.id)).label("bytes"),
        )
        .where(*can_run, col(TriggerRow.tenant_id).in_(first))
        .subquery()
    )
    rows = session.exec(
        select(TriggerRow, TenantRow, IntegrationRow)
        .join(oldest, oldest.c.id == TriggerRow.id)
        .join(TenantRow, col(TenantRow.id) == TriggerRow.tenant_id)
        .join(IntegrationRow, col(IntegrationRow.id) == TenantRow.integration_id)
        .where(oldest.c.place <= BUNDLED_AT_MOST, or_(oldest.c.place == 1, oldest.c.bytes <= PAYLOADS_AT_MOST))
        .options(defer(TriggerRow.payload))  # type: ignore[arg-type]
        .order_by(col(TriggerRow.id))
    )
    held: dict[int, tuple[TenantRow, IntegrationRow, list[TriggerRow]]] = {}
    for trigger, tenant, parent in rows:
        held.setdefault(trigger.tenant_id, (tenant, parent, []))[2].append(trigger)
    return list(held.values())


def _without_ended(
    session: Session, tenant: TenantRow, parent: IntegrationRow, held: list[TriggerRow]
) -> list[TriggerRow]:
    """The triggers that still run: of an archived tenant none, of a paused one those that no schedule made."""
    if tenant.archived or parent.archived:
        end_triggers(session, held, f"{_whose(tenant.archived)} was archived before it could run")
        return []
    if not (tenant.paused or parent.paused):
        return held
    scheduled = [one for one in held if one.source == "cron" or one.note == SCHEDULED_AGAIN]
    end_triggers(session, scheduled, f"{_whose(tenant.paused)} was paused before it could run")
    return [one for one in held if one not in scheduled]


def _whose(of_tenant: bool) -> str:
    return "the tenant" if of_tenant else "its integration"


def _first_bundle(session: Session, triggers: list[TriggerRow]) -> list[TriggerRow]:
    first = _first(session, triggers)
    if first.rerun_of is not None:
        # Those that one rerun was asked for with, and no other.
        asked = (first.rerun_of, first.created_date)
        return [trigger for trigger in triggers if (trigger.rerun_of, trigger.created_date) == asked]
    return [
        trigger
        for trigger in triggers
        if trigger.rerun_of is None
        and trigger.retry_of == first.retry_of
        and trigger.mode == first.mode
        and (trigger.source == "cron") == (first.source == "cron")
    ]


def _first(session: Session, triggers: list[TriggerRow]) -> TriggerRow:
    """The oldest by cron; another when cron had its turns since that one came."""
    cron = next((trigger for trigger in triggers if trigger.source == "cron"), None)
    other = next((trigger for trigger in triggers if trigger.source != "cron"), None)
    if cron is None or other is None:
        return triggers[0]
    by_cron = exists().where(col(TriggerRow.run_id) == RunRow.id, col(TriggerRow.source) == "cron")
    newest = session.exec(
        select(RunRow.created_date, by_cron)
        .where(RunRow.tenant_id == cron.tenant_id)
        .order_by(col(RunRow.id).desc())
        .limit(CRON_IN_A_ROW)
    ).all()
    waited = [is_cron and created >= other.created_date for created, is_cron in newest]
    return other if len(waited) == CRON_IN_A_ROW and all(waited) else cron


def end_triggers(session: Session, triggers: Iterable[TriggerRow], reason: str) -> None:
    """End held triggers without a run; the slots of those by cron are recorded as skipped, with the run in the way."""
    for trigger in triggers:
        trigger.ended_date = utc_now()
        trigger.ended_reason = reason
        if (slot := trigger.scheduled_for) is not None:
            missed = Missed(slot, slot, 1, reason)
            skip_slots(session, trigger.tenant_id, missed, _run_in_the_way(session, trigger))


def _run_in_the_way(session: Session, held: TriggerRow) -> int | None:
    """The run that kept a trigger waiting: the tenant's active one, else the last that ended after the trigger came."""
    return session.exec(
        select(RunRow.id)
        .where(
            RunRow.tenant_id == held.tenant_id,
            or_(IS_ACTIVE, col(RunRow.completed_date) >= held.created_date),
        )
        .order_by(col(RunRow.id).desc())
        .limit(1)
    ).first()


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A run this engine has claimed and must now start; everything its job is made of, read in one transaction."""

    run: RunRow
    tenant: TenantRow
    integration: IntegrationRow
    release: ReleaseRow
    triggers: list[TriggerRow]
    last_run: RunRow | None
    last_successful_run: RunRow | None


def claim_queued_runs(store: Store, engine_id: str, runs_at_once: int) -> list[ClaimedRun]:
    """Claim queued runs for this engine, as many as may run at once, whose turn it is.

    See :mod:`pandium_tui.engine.fairness` for the turns. While the engine is paused nothing is claimed.
    The release is resolved here. A run whose tenant leads to none ends at once, and says so.
    """
    claimed: list[ClaimedRun] = []
    isolation = isolation_words(store.settings)  # asks a program the first time: not within a transaction
    with store.writing() as session:
        if recall_pause(session):
            return []
        for run in _whose_turn(session, runs_at_once):
            ready = _claim(store, session, run, engine_id, utc_now())
            if ready is not None:
                run.isolation = f"container ({ready.release.executor})" if ready.release.executor else isolation
                claimed.append(ready)
    return claimed


def _whose_turn(session: Session, runs_at_once: int) -> list[RunRow]:
    going_on = (
        select(RunRow.integration_id, func.count())
        .where(IS_ACTIVE, col(RunRow.phase) == RUNNING)
        .group_by(col(RunRow.integration_id))
    )
    running = dict(session.exec(going_on).all())
    free = runs_at_once - sum(running.values())
    if free <= 0:
        return []
    by_cron = exists().where(col(TriggerRow.run_id) == RunRow.id, col(TriggerRow.source) == "cron")
    due = or_(col(RunRow.not_before).is_(None), col(RunRow.not_before) <= utc_now())
    waiting = [
        Waiting(_id(run_id), integration_id, bool(is_cron))
        for run_id, integration_id, is_cron in session.exec(
            select(RunRow.id, RunRow.integration_id, by_cron).where(IS_ACTIVE, RunRow.phase == QUEUED, due)
        )
    ]
    if not waiting:
        return []
    limits = dict(session.exec(select(IntegrationRow.id, IntegrationRow.runs_at_once)).all())
    turns = Turns(**(recall(session, TURNS) or {}))
    chosen = choose(waiting, free, turns, running, {_id(key): limit for key, limit in limits.items()})
    if chosen:
        remember(session, TURNS, asdict(turns))
    return [session.get_one(RunRow, run_id) for run_id in chosen]


def _claim(store: Store, session: Session, run: RunRow, engine_id: str, now: datetime) -> ClaimedRun | None:
    tenant = session.get_one(TenantRow, run.tenant_id)
    integration = session.get_one(IntegrationRow, run.integration_id)
    found = select(TriggerRow).where(TriggerRow.run_id == run.id).order_by(col(TriggerRow.id))
    triggers = list(session.exec(found))
    given_release = triggers[0].given_release_id if triggers else None
    given_configs = triggers[0].given_configs if triggers else None
    if given_release is not None:
        release = session.get(ReleaseRow, given_release)
    else:
        release = _resolve_release(session, tenant, integration)
    if release is None or release.status != "Ready":
        run.phase = FAILED_PLATFORM
        run.completed_date = now
        run.reason = _why_no_release(tenant, release)
        return None
    secret = secret_names(release.config_schema, release.config_uischema)
    try:
        if sealed := seal_plain_values(store, session, tenant, secret):
            detail = f"{', '.join(sealed)}: secret in {release.name}"
            note_engine_activity(
                session, "seal settings", detail, integration_id=tenant.integration_id, tenant_id=tenant.id
            )
    except VaultError as error:
        run.phase = FAILED_PLATFORM
        run.completed_date = now
        run.reason = f"it was not started: {error}"
        return None
    run.phase = RUNNING
    run.started_date = now
    run.claimed_by = engine_id
    run.attempt += 1
    run.release_id = release.id
    run.configs = without_secrets(tenant.configs if given_configs is None else given_configs, secret)
    run.time_limit = integration.run_time_limit or store.settings.run_time_limit
    return ClaimedRun(
        run=run,
        tenant=tenant,
        integration=integration,
        release=release,
        triggers=triggers,
        last_run=session.get(RunRow, tenant.last_run_id) if tenant.last_run_id else None,
        last_successful_run=(
            session.get(RunRow, tenant.last_successful_run_id) if tenant.last_successful_run_id else None
        ),
    )


def _resolve_release(session: Session, tenant: TenantRow, integration: IntegrationRow) -> ReleaseRow | None:
    if tenant.integration_release_channel == "Latest":
        return session.exec(
            select(ReleaseRow)
            .where(ReleaseRow.integration_id == tenant.integration_id, ReleaseRow.status == "Ready")
            .order_by(col(ReleaseRow.id).desc())
            .limit(1)
        ).first()
    if tenant.integration_release_channel == "Default":
        release_id = integration.default_release_id
    else:
        release_id = tenant.integration_release_id
    return None if release_id is None else session.get(ReleaseRow, release_id)


def _why_no_release(tenant: TenantRow, release: ReleaseRow | None) -> str:
    if release is not None:
        return f"Release {release.name} is {release.status}, not Ready. Build it again or move the tenant."
    return (
        f"The tenant follows the channel {tenant.integration_release_channel}, which leads to no release. "
        "Build a release, or set the default release."
    )


def _id(value: int | None) -> int:
    assert value is not None
    return value
