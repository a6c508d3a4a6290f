"""Schedules: when a tenant runs next, and turning what is due into triggers, once each.

A slot fires once however many engines are open: its trigger is unique by (tenant, slot), and the tenant's next slot
moves on only from the value it was claimed at. Nothing fires early: a slot is due when the wall clock has reached it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile

from sqlalchemy import text
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col, select

from pandium_tui.engine.cron import Cron, CronError, clock_change_note, fires, latest_fire, next_fire, parse_cron
from pandium_tui.engine.engine_activity import note_engine_activity
from pandium_tui.engine.memory import cause_of_outage, recall_pause
from pandium_tui.storage import queries, schedule_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.engine_records import DueTenant
from pandium_tui.storage.tables import IntegrationRow, TenantRow
from pandium_tui.storage.times import to_text, utc_now
from pandium_tui.storage.unattended_tables import SkippedSlotsRow

ON_TIME = timedelta(seconds=60)
"""A slot seen this soon is not missed: engines look several times a second, but a store may be locked meanwhile."""

GIVEN_UP = "it was paused, archived or planned anew before an engine came to it"

CLAIMED_AT_ONCE = 1000
"""Due tenants that are claimed in one transaction, the longest overdue first."""

COUNTED_AT_MOST = 2000
"""Skipped slots are counted up to here: a year of minutes must not hold up the schedules of others."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Slots of a tenant that do not run, from the first to the last, and why."""

    first: datetime
    last: datetime
    slots: int
    why: str


def plan_tenant(
    session: Session, tenant: TenantRow, now: datetime, *, planned_by: tuple[str | None, str] | None = None
) -> None:
    """Set a tenant's next run: its first slot after now; none when it or its integration is put to rest.

    Slots that have come and did not fire yet are given up by that, and recorded as skipped. ``planned_by`` is the
    schedule and time zone that they are of, where those of the tenant have changed.
    """
    if tenant.id is not None and tenant.next_run is not None and tenant.next_run <= now:
        schedule, zone = planned_by or (tenant.schedule, tenant.timezone)
        skip_slots(session, tenant.id, _given_up(tenant.id, tenant.next_run, now, schedule or "", zone))
    parent = session.get_one(IntegrationRow, tenant.integration_id)
    if tenant.schedule is None or tenant.paused or tenant.archived or parent.paused or parent.archived:
        tenant.next_run = None
    else:
        tenant.next_run = next_fire(parse_cron(tenant.schedule, hash_id=str(tenant.id)), now, tenant.timezone)


def _given_up(tenant_id: int, first: datetime, now: datetime, schedule: str, zone: str) -> Missed:
    try:
        cron = parse_cron(schedule, hash_id=str(tenant_id))
    except CronError:
        # It was valid when it was saved, so a library changed its mind: which slots came after it nobody knows.
        return Missed(first, first, 1, GIVEN_UP)
    return _counted(cron, first, latest_fire(cron, first, now, zone) or first, zone, GIVEN_UP)


def _counted(cron: Cron, first: datetime, last: datetime, zone: str, why: str) -> Missed:
    later = islice(fires(cron, first, zone), COUNTED_AT_MOST)
    slots = 1 + sum(1 for _ in takewhile(lambda fire: fire <= last, later))
    if slots > COUNTED_AT_MOST:
        slots, why = COUNTED_AT_MOST, f"{why}; more than {COUNTED_AT_MOST} slots are not counted"
    return Missed(first, last, slots, why)


def skip_slots(session: Session, tenant_id: int, missed: Missed, blocking_run_id: int | None = None) -> None:
    """Record that slots do not run, unless that is on record already; with the run in the way, if one was."""
    session.execute(
        insert(SkippedSlotsRow)
        .values(
            tenant_id=tenant_id,
            first_slot=missed.first,
            last_slot=missed.last,
            slots=missed.slots,
            reason=missed.why,
            blocking_run_id=blocking_run_id,
            created_date=utc_now(),
        )
        .on_conflict_do_nothing()
    )


def plan_tenants(session: Session, now: datetime, integration_id: int) -> None:
    """Set the next run of every tenant of an integration."""
    for tenant in session.exec(select(TenantRow).where(TenantRow.integration_id == integration_id)):
        plan_tenant(session, tenant, now)


def plan_all_tenants(session: Session, now: datetime) -> None:
    """Plan again every tenant that is planned, by a clock that was put right; what is due stays due."""
    for tenant in session.exec(select(TenantRow).where(col(TenantRow.next_run) > now)):
        try:
            plan_tenant(session, tenant, now)
        except CronError:
            continue  # as it was: what is due still runs, then it stops


@dataclass(frozen=True, slots=True)
class Claim:
    """One due tenant: the slot it was planned for, the slot to run (None: not made up for), and its next one."""

    tenant_id: int
    planned: datetime
    slot: datetime | None
    following: datetime | None
    integration_id: int
    note: str | None = None
    missed: Missed | None = None


def claim_due(store: Store, now: datetime) -> int:
    """Make a trigger for every tenant whose slot has come, and plan its next one, in short transactions.

    Slots that passed while nobody looked (the program was down, the machine asleep, the engine paused) are made up for
    by one run for the newest of them, if the integration wants that and it is not older than its window. The others
    are recorded as skipped. While the engine is paused nothing fires.

    Returns:
        How many triggers were made by this call.
    """
    made = 0
    slots = _Slots(now)
    while True:
        with store.reading() as reader:
            paused = schedule_queries.engines_pause(reader)
            due = [] if paused else queries.due_tenants(reader, now, CLAIMED_AT_ONCE)
        if not due:
            return made
        # Computed before the transaction, which holds up every other writer; tenants often share an expression.
        triggers, planned = _claim(store, [slots.claim(tenant) for tenant in due], now)
        made += triggers
        # Where nothing moves on, others are at it, or it cannot be planned: not here, round and round.
        if len(due) < CLAIMED_AT_ONCE or not planned:
            return made


def _claim(store: Store, claims: list[Claim], now: datetime) -> tuple[int, int]:
    """Take what another engine has not taken meanwhile; how many triggers were made, and how many tenants planned."""
    with store.writing() as session:
        if recall_pause(session):
            return 0, 0
        connection = session.connection()
        made = 0
        if firing := [claim for claim in claims if claim.slot is not None]:
            made = connection.execute(
                text(
                    "INSERT INTO run_trigger"
                    " (tenant_id, source, mode, headers, scheduled_for, note, created_by, created_date)"
                    " SELECT id, 'cron', 'normal', '{}', :slot, :note, 'scheduler', :now FROM tenant"
                    " WHERE id = :tenant_id AND next_run = :planned ON CONFLICT DO NOTHING"
                ),
                [_values(claim, now) for claim in firing],
            ).rowcount
        _record_missed(session, claims, now)
        planned = connection.execute(
            text("UPDATE tenant SET next_run = :following WHERE id = :tenant_id AND next_run = :planned"),
            [_values(claim, now) for claim in claims],
        ).rowcount
    return made, planned


def _record_missed(session: Session, claims: Iterable[Claim], now: datetime) -> None:
    """Record what does not run, unless another engine was first, and note it once per integration."""
    skipped: dict[tuple[int, str], int] = {}
    skip = text(
        "INSERT INTO skipped_slots (tenant_id, first_slot, last_slot, slots, reason, created_date)"
        " SELECT id, :first, :last, :slots, :reason, :now FROM tenant"
        " WHERE id = :tenant_id AND next_run = :planned ON CONFLICT DO NOTHING"
    )
    for claim in claims:
        if (missed := claim.missed) is None:
            continue
        cause = cause_of_outage(session, missed.first)
        values = {
            "tenant_id": claim.tenant_id,
            "planned": to_text(claim.planned),
            "first": to_text(missed.first),
            "last": to_text(missed.last),
            "slots": missed.slots,
            "reason": f"{cause}; {missed.why}",
            "now": to_text(now),
        }
        if session.connection().execute(skip, values).rowcount:
            key = (claim.integration_id, cause)
            skipped[key] = skipped.get(key, 0) + missed.slots
    for (integration_id, cause), count in skipped.items():
        detail = f"{count} {'slot' if count == 1 else 'slots'}: {cause}"
        note_engine_activity(session, "skip slots", detail, integration_id=integration_id)


class _Slots:
    """What is due at one moment, and what comes after it; computed once for all tenants with the same schedule."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._known: dict[
            tuple[str, str, datetime, bool, int],
            tuple[datetime | None, datetime | None, str | None, Missed | None],
        ] = {}

    def claim(self, tenant: DueTenant) -> Claim:
        """The claim of a due tenant."""
        try:
            cron = parse_cron(tenant.schedule, hash_id=str(tenant.id))
            key = (cron.expression, tenant.timezone, tenant.next_run, tenant.catch_up, tenant.catch_up_window)
            if key not in self._known:
                self._known[key] = self._decided(cron, tenant)
            slot, following, note, missed = self._known[key]
        except CronError:
            # It was valid when it was saved, so a library changed its mind: what is due still runs, then it stops,
            # and the tenant's page shows that no next run is planned.
            slot, following, note, missed = tenant.next_run, None, None, None
        return Claim(tenant.id, tenant.next_run, slot, following, tenant.integration_id, note, missed)

    def _decided(
        self, cron: Cron, tenant: DueTenant
    ) -> tuple[datetime | None, datetime | None, str | None, Missed | None]:
        newest, following = self._newest_and_following(cron, tenant)
        age = self._now - newest
        why = ""
        if age > ON_TIME and not tenant.catch_up:
            why = "the integration catches up on nothing"
        elif age > max(ON_TIME, timedelta(seconds=tenant.catch_up_window)):
            why = f"older than the catch-up window of {timedelta(seconds=tenant.catch_up_window)}"
        if why:
            return None, following, None, _counted(cron, tenant.next_run, newest, tenant.timezone, why)
        note = clock_change_note(cron, newest, tenant.timezone)
        missed = None
        if newest > tenant.next_run:
            last = latest_fire(cron, tenant.next_run, newest - timedelta(seconds=1), tenant.timezone)
            why = f"the run for {newest:%Y-%m-%d %H:%M} UTC made up for it"
            missed = _counted(cron, tenant.next_run, last or tenant.next_run, tenant.timezone, why)
            caught_up = f"makes up for {missed.slots} earlier {'slot' if missed.slots == 1 else 'slots'}"
            note = f"{note}; {caught_up}" if note else caught_up
        return newest, following, note, missed

    def _newest_and_following(self, cron: Cron, tenant: DueTenant) -> tuple[datetime, datetime | None]:
        following = next_fire(cron, tenant.next_run, tenant.timezone)
        if following is None or following > self._now:
            return tenant.next_run, following
        newest = latest_fire(cron, tenant.next_run, self._now, tenant.timezone)
        return newest or tenant.next_run, next_fire(cron, self._now, tenant.timezone)


def _values(claim: Claim, now: datetime) -> dict[str, object]:
    return {
        "tenant_id": claim.tenant_id,
        "planned": to_text(claim.planned),
        "slot": None if claim.slot is None else to_text(claim.slot),
        "note": claim.note,
        "following": None if claim.following is None else to_text(claim.following),
        "now": to_text(now),
    }
