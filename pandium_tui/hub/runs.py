"""Runs and their triggers."""

from typing import TYPE_CHECKING

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError, NotFoundError, RefusedError
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.tenants import tenant
from pandium_tui.storage import queries, run_order_queries, schedule_queries
from pandium_tui.storage.attempt_queries import Attempts
from pandium_tui.storage.database import Store
from pandium_tui.storage.filtering.filters import EVERYTHING, Filter
from pandium_tui.storage.records import Run, Tenant, Trigger
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vocabulary import ACTIVE_PHASES, QUEUED, Mode

if TYPE_CHECKING:
    from pandium_tui.engine.logs import LogReader

PAYLOAD_LIMIT = 1024 * 1024
"""Bytes of a trigger's payload."""


def runs(
    store: Store,
    *,
    integration_id: int | None = None,
    tenant_id: int | None = None,
    before_id: int | None = None,
    limit: int = queries.PAGE,
    matching: Filter = EVERYTHING,
    oldest_first: bool = False,
    sort: str | None = None,
    descending: bool = False,
) -> list[Run]:
    """Runs of a tenant, of an integration, or all, newest first, a page at a time.

    Args:
        store: where they are.
        integration_id: only those of this integration.
        tenant_id: only those of this tenant.
        before_id: only those older than this one; with ``oldest_first`` those newer.
        limit: how many at most.
        matching: only those that pass it; see ``hub.filtering``.
        oldest_first: turns the order round.
        sort: one of ``run_order_queries.RUN_ORDERS`` instead; then the newest ``SORTED_AMONG`` that match are put in
            this order, and there is no ``before_id``.
        descending: turns that order round.
    """
    with store.reading() as reader:
        if sort is not None:
            return run_order_queries.sorted_runs(
                reader,
                sort,
                descending=descending,
                integration_id=integration_id,
                tenant_id=tenant_id,
                limit=limit,
                matching=matching,
            )
        return queries.runs(
            reader,
            integration_id=integration_id,
            tenant_id=tenant_id,
            before_id=before_id,
            limit=limit,
            matching=matching,
            oldest_first=oldest_first,
        )


def run(store: Store, run_id: int) -> Run:
    """One run.

    Raises:
        NotFoundError: there is none with this id.
    """
    with store.reading() as reader:
        found = queries.run(reader, run_id)
    if found is None:
        raise NotFoundError(f"There is no run {run_id}.")
    return found


def triggers_of_run(store: Store, run_id: int) -> list[Trigger]:
    """Why a run happened, oldest trigger first."""
    with store.reading() as reader:
        return queries.triggers_of_run(reader, run_id)


def trigger(store: Store, trigger_id: int) -> Trigger:
    """One trigger; its ``run_id`` is there once it was bundled into a run.

    Raises:
        NotFoundError: there is none with this id.
    """
    with store.reading() as reader:
        found = queries.trigger(reader, trigger_id)
    if found is None:
        raise NotFoundError(f"There is no trigger {trigger_id}.")
    return found


def start_run(
    store: Store, tenant_id: int, actor: Actor, *, mode: Mode = "normal", payload: bytes | None = None
) -> Trigger:
    """Ask for a run of a tenant by hand, also of a paused one. An engine bundles the trigger into a run.

    Raises:
        RefusedError: the tenant or its integration is archived, no release can be resolved, or a connection that it
            needs is missing or cannot be used; or settings need attention, unless it is an init run.
        InvalidError: the payload is too large.
    """
    from pandium_tui.storage.tables import TriggerRow

    found = tenant(store, tenant_id)
    refuse_start(store, found, mode)
    if payload is not None and len(payload) > PAYLOAD_LIMIT:
        raise InvalidError({"payload": f"is {len(payload)} bytes; at most {PAYLOAD_LIMIT} are accepted"})
    with store.writing() as session:
        row = TriggerRow(
            tenant_id=tenant_id,
            source="api" if actor.door == "api" else "manual",
            mode=mode,
            payload=payload,
            created_by=str(actor),
            created_date=utc_now(),
        )
        session.add(row)
        session.flush()
        note_activity(
            session, actor, "start run", integration_id=found.integration_id, tenant_id=tenant_id, detail=mode
        )
        trigger_id = row.id
    assert trigger_id is not None
    return trigger(store, trigger_id)


def refuse_start(store: Store, found: Tenant, mode: Mode) -> None:
    """Refuse a run of a tenant that could not begin.

    Raises:
        RefusedError: saying why, as told of :func:`start_run`.
    """
    from pandium_tui.engine.disk import lack_of_space
    from pandium_tui.engine.run_secrets import ConnectionUnusableError, run_secrets
    from pandium_tui.hub.settings_form import refuse_unusable_settings

    if found.archived:
        raise RefusedError(f"Tenant {found.integration_name}/{found.name} is archived. Restore it first.")
    if integration(store, found.integration_id).archived:
        raise RefusedError(f"Integration {found.integration_name} is archived. Restore it first.")
    if found.release_id is None:
        raise RefusedError(
            f"Tenant {found.integration_name}/{found.name} follows the channel {found.integration_release_channel}, "
            "which leads to no release. Build a release, or set the default release."
        )
    if lack := lack_of_space(store.settings):
        raise RefusedError(f"Nothing new is started, {lack}. Free some space, or see: pandium-tui store usage")
    try:
        run_secrets(store, found.integration_id, found.id)
    except ConnectionUnusableError as error:
        raise RefusedError(f"It cannot run. {error}.") from None
    if mode != "init":
        refuse_unusable_settings(store, found)


def cancel_run(store: Store, run_id: int, actor: Actor) -> Run:
    """Stop a run: one that waits ends at once, one that goes on is asked to stop, then killed with its whole tree.

    Raises:
        RefusedError: the run has ended already.
    """
    from pandium_tui.engine.cancellation import cancel_run as cancel

    found = run(store, run_id)
    if found.phase not in ACTIVE_PHASES:
        raise RefusedError(f"Run {run_id} has ended ({found.phase}): there is nothing to cancel.")
    with store.writing() as session:
        note_activity(
            session,
            actor,
            "cancel run",
            integration_id=found.integration_id,
            tenant_id=found.tenant_id,
            run_id=run_id,
        )
    cancel(store, run_id, str(actor))
    return run(store, run_id)


def why_queued(store: Store, found: Run) -> str:
    """What a queued run waits for; empty for every other."""
    from pandium_tui.engine.disk import lack_of_space

    if found.phase != QUEUED:
        return ""
    with store.reading() as reader:
        paused = schedule_queries.engines_pause(reader)
        running = schedule_queries.running_by_integration(reader)
    if paused:
        return "the engines, which are paused"
    if lack := lack_of_space(store.settings):
        return f"free space ({lack})"
    of_it, limit = running.get(found.integration_id, 0), integration(store, found.integration_id).runs_at_once
    if limit is not None and of_it >= limit:
        return f"its turn: {of_it} of {limit} runs of {found.integration_name} go on"
    total, limit = sum(running.values()), store.settings.runs_at_once
    return f"its turn: {total} of {limit} runs go on" if total >= limit else "an engine"


def run_log(store: Store, run_id: int) -> "LogReader":
    """The log of a run, for reading while it grows."""
    from pandium_tui.engine.logs import LogReader

    return LogReader(store.settings.run_folder(run_id))


def with_triggers(run: Run, attempts: Attempts, triggers: list[Trigger]) -> dict[str, object]:
    """A run's fields, where it comes from, and its ``triggers``, for front doors that give all in one value."""
    from dataclasses import fields

    values = {field.name: getattr(one, field.name) for one in (run, attempts) for field in fields(one)}
    return {**values, "triggers": triggers}
