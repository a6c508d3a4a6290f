"""Triggers that wait for a run, and slots of schedules that did not become one."""

from datetime import datetime

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import NotFoundError, RefusedError
from pandium_tui.hub.filtering import passing
from pandium_tui.storage import schedule_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.filtering.filters import EVERYTHING, Filter
from pandium_tui.storage.schedule_queries import HeldTrigger, SkippedSlots


def held_triggers(
    store: Store, tenant_id: int | None = None, *, integration_id: int | None = None
) -> list[HeldTrigger]:
    """The triggers that wait, oldest first: of a tenant, of an integration, or all."""
    with store.reading() as reader:
        return schedule_queries.held_triggers(reader, tenant_id, integration_id)


def waits_for(held: HeldTrigger, now: datetime, *, paused: bool) -> str:
    """What a held trigger waits for; ``paused`` is whether the engines are."""
    not_before = held.trigger.not_before
    if not_before is not None and not_before > now:
        return f"its time, {not_before:%Y-%m-%d %H:%M:%S} UTC"
    if held.current_run_id is not None:
        return f"the end of run {held.current_run_id}"
    return "the engines, which are paused" if paused else "an engine"


def cancel_trigger(store: Store, trigger_id: int, actor: Actor) -> None:
    """End a trigger that waits; a slot of a schedule is recorded as skipped.

    Raises:
        NotFoundError: there is no such trigger.
        RefusedError: it became a run, or ended.
    """
    from pandium_tui.engine.dispatch import end_triggers
    from pandium_tui.storage.tables import TenantRow, TriggerRow

    with store.writing() as session:
        row = session.get(TriggerRow, trigger_id)
        if row is None:
            raise NotFoundError(f"There is no trigger {trigger_id}.")
        if row.run_id is not None:
            raise RefusedError(f"Trigger {trigger_id} became run {row.run_id}. Cancel the run.")
        if row.ended_date is not None:
            raise RefusedError(f"Trigger {trigger_id} has ended: {row.ended_reason}.")
        tenant = session.get_one(TenantRow, row.tenant_id)
        end_triggers(session, [row], f"cancelled by {actor}")
        note_activity(
            session,
            actor,
            "cancel trigger",
            integration_id=tenant.integration_id,
            tenant_id=row.tenant_id,
            detail=f"trigger {trigger_id}",
        )


def skipped_slots(
    store: Store,
    tenant_id: int | None = None,
    *,
    integration_id: int | None = None,
    limit: int = schedule_queries.SKIPPED_SHOWN,
    matching: Filter = EVERYTHING,
) -> list[SkippedSlots]:
    """The newest slots of schedules that did not run and match: of a tenant, of an integration, or all."""
    with store.reading() as reader:
        # What matches may be older than all that is shown without a filter.
        found = schedule_queries.skipped_slots(reader, tenant_id, integration_id, -1 if matching else limit)
    return passing(found, matching)[:limit]
