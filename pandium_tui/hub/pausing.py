"""Pausing: the schedules of one integration, or the engines of the whole installation."""

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.integrations import change_standing, integration
from pandium_tui.storage import schedule_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration, Pause, Tenant
from pandium_tui.storage.times import to_text, utc_now


def pause_integration(store: Store, integration_id: int, actor: Actor) -> Integration:
    """Let no schedule of its tenants fire. Runs by hand are still accepted; nothing is caught up on later."""
    return change_standing(store, integration_id, "pause integration", actor, undo="resume", paused=True)


def resume_integration(store: Store, integration_id: int, actor: Actor) -> Integration:
    """Let the schedules of its tenants go on from now."""
    return change_standing(store, integration_id, "resume integration", actor, undo="pause", paused=False)


def engines_pause(store: Store) -> Pause | None:
    """Since when no engine fires a schedule or starts a run, and who said so; None when they work."""
    with store.reading() as reader:
        return schedule_queries.engines_pause(reader)


def why_nothing_fires(store: Store, tenant: Tenant) -> str:
    """Why the schedule of a tenant that is neither paused nor archived itself fires nothing; empty when it does."""
    parent = integration(store, tenant.integration_id)
    if parent.archived:
        return f"{parent.name} is archived"
    if parent.paused:
        return f"{parent.name} is paused"
    return "the engines are paused" if engines_pause(store) else ""


def pause_engines(store: Store, actor: Actor) -> Pause:
    """Let no engine of this installation fire a schedule or start a run; what runs goes on.

    Raises:
        RefusedError: they are paused already.
    """
    from pandium_tui.engine.memory import recall_pause, remember

    now = utc_now()
    with store.writing() as session:
        if pause := recall_pause(session):
            raise RefusedError(f"The engines are paused already, by {pause.by}.")
        remember(session, schedule_queries.PAUSE, {"since": to_text(now), "by": str(actor)})
        note_activity(session, actor, "pause engines", undo={"of": "engines", "since": to_text(now)})
    return Pause(now, str(actor))


def resume_engines(store: Store, actor: Actor) -> Pause:
    """Let the engines work again; each tenant catches up by the rule of its integration. The pause that ended.

    Raises:
        RefusedError: they are not paused.
    """
    from pandium_tui.engine.memory import note_outage, recall_pause, remember

    with store.writing() as session:
        pause = recall_pause(session)
        if pause is None:
            raise RefusedError("The engines are not paused.")
        remember(session, schedule_queries.PAUSE, {})
        note_outage(session, pause.since, utc_now(), "the engine was paused")
        note_activity(session, actor, "resume engines", undo={"of": "engines", "since": None})
    return pause
