"""Schedules: when a tenant runs next, and turning what is due into triggers, once each.

A slot fires once however many engines are open: its trigger is unique by (tenant, slot), and the tenant's next slot
moves on only from the value it was claimed at. Nothing fires early: a slot is due when the wall clock has reached it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, select

from pandium_tui.engine.cron import Cron, CronError, latest_fire, next_fire, parse_cron
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import DueTenant
from pandium_tui.storage.tables import IntegrationRow, TenantRow
from pandium_tui.storage.times import to_text

CATCH_UP_WINDOW = timedelta(hours=24)
"""A slot missed longer ago than this is not made up for."""


def plan_tenant(session: Session, tenant: TenantRow, now: datetime) -> None:
    """Set a tenant's next run: its first slot after now, or none when it is paused, archived or not scheduled."""
    parent = session.get_one(IntegrationRow, tenant.integration_id)
    if tenant.schedule is None or tenant.paused or tenant.archived or parent.archived:
        tenant.next_run = None
    else:
        tenant.next_run = next_fire(parse_cron(tenant.schedule, hash_id=str(tenant.id)), now, tenant.timezone)


def plan_tenants(session: Session, now: datetime, integration_id: int) -> None:
    """Set the next run of every tenant of an integration."""
    for tenant in session.exec(select(TenantRow).where(TenantRow.integration_id == integration_id)):
        plan_tenant(session, tenant, now)


@dataclass(frozen=True, slots=True)
class Claim:
    """One due tenant: the slot it was planned for, the slot to run (None: too old), and its next one."""

    tenant_id: int
    planned: datetime
    slot: datetime | None
    following: datetime | None


def claim_due(store: Store, now: datetime) -> int:
    """Make a trigger for every tenant whose slot has come, and plan its next one, in one short transaction.

    Slots that passed while nobody looked (the program was down, the machine asleep) are made up for by one run for
    the newest of them, if it is not older than ``CATCH_UP_WINDOW``.

    Returns:
        How many triggers were made by this call.
    """
    with store.reading() as reader:
        due = queries.due_tenants(reader, now)
    if not due:
        return 0
    # Computed before the transaction, which holds up every other writer; tenants often share an expression.
    slots = _Slots(now)
    claims = [slots.claim(tenant) for tenant in due]
    with store.writing() as session:
        connection = session.connection()
        fires = [claim for claim in claims if claim.slot is not None]
        made = 0
        if fires:
            made = connection.execute(
                text(
                    "INSERT INTO run_trigger"
                    " (tenant_id, source, mode, headers, scheduled_for, created_by, created_date)"
                    " SELECT id, 'cron', 'normal', '{}', :slot, 'scheduler', :now FROM tenant"
                    " WHERE id = :tenant_id AND next_run = :planned ON CONFLICT DO NOTHING"
                ),
                [_values(claim, now) for claim in fires],
            ).rowcount
        connection.execute(
            text("UPDATE tenant SET next_run = :following WHERE id = :tenant_id AND next_run = :planned"),
            [_values(claim, now) for claim in claims],
        )
    return made


class _Slots:
    """What is due at one moment, and what comes after it; computed once for all tenants with the same schedule."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._known: dict[tuple[str, str, datetime], tuple[datetime | None, datetime | None]] = {}

    def claim(self, tenant: DueTenant) -> Claim:
        """The claim of a due tenant."""
        try:
            cron = parse_cron(tenant.schedule, hash_id=str(tenant.id))
            key = (cron.expression, tenant.timezone, tenant.next_run)
            if key not in self._known:
                self._known[key] = self._newest_and_following(cron, tenant)
            newest, following = self._known[key]
        except CronError:
            # It was valid when it was saved, so a library changed its mind: what is due still runs, then it stops,
            # and the tenant's page shows that no next run is planned.
            newest, following = tenant.next_run, None
        slot = newest if newest is not None and self._now - newest <= CATCH_UP_WINDOW else None
        return Claim(tenant.id, tenant.next_run, slot, following)

    def _newest_and_following(self, cron: Cron, tenant: DueTenant) -> tuple[datetime | None, datetime | None]:
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
        "following": None if claim.following is None else to_text(claim.following),
        "now": to_text(now),
    }
