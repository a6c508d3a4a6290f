"""One change to several tenants, runs or integrations: what it would mean for each, and doing it where it can be done.

Each is tried: what is refused for one does not stop the others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import HubError
from pandium_tui.hub.integrations import archive_integration, integration, restore_integration
from pandium_tui.hub.pausing import pause_integration, resume_integration
from pandium_tui.hub.runs import cancel_run, refuse_start, run, start_run
from pandium_tui.hub.tenants import archive_tenant, pause_tenant, restore_tenant, resume_tenant, tenant
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration, Run, Tenant
from pandium_tui.storage.vocabulary import ACTIVE_PHASES, QUEUED, Mode

if TYPE_CHECKING:
    from pandium_tui.hub.settings_form import Move

Standing = Literal["pause", "resume", "archive", "restore"]
"""What can be done to tenants and to integrations alike."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change means for one of several.

    Attributes:
        name: ``integration/tenant``, the integration, or ``run 7 of integration/tenant``.
        effect: what changes, empty when it is refused.
        problem: why it is refused, empty when it is not.
        attention: what needs attention afterwards, in words.
        done: whether it was done.
        trigger_id: the trigger of the run that was asked for.
    """

    id: int
    name: str
    effect: str
    problem: str = ""
    attention: tuple[str, ...] = ()
    done: bool = False
    trigger_id: int | None = None


_TENANT_ACTIONS: dict[Standing, Callable[[Store, int, Actor], object]] = {
    "pause": pause_tenant,
    "resume": resume_tenant,
    "archive": archive_tenant,
    "restore": restore_tenant,
}
INTEGRATION_ACTIONS: dict[Standing, Callable[[Store, int, Actor], object]] = {
    "pause": pause_integration,
    "resume": resume_integration,
    "archive": archive_integration,
    "restore": restore_integration,
}


def change_tenants(
    store: Store, tenant_ids: Sequence[int], action: Standing, actor: Actor, *, dry_run: bool = False
) -> list[Change]:
    """Pause, resume, archive or restore tenants; with ``dry_run`` only tell what would be.

    Raises:
        NotFoundError: there is no such tenant; then nothing was changed.
    """
    found = [tenant(store, tenant_id) for tenant_id in dict.fromkeys(tenant_ids)]
    changes = [
        _planned(one.id, _name(one), _standing_problem(one, action), _tenant_effect(one, action)) for one in found
    ]
    actor = actor.in_one_act()
    return changes if dry_run else _all_done(changes, lambda change: _TENANT_ACTIONS[action](store, change.id, actor))


def change_integrations(
    store: Store, integration_ids: Sequence[int], action: Standing, actor: Actor, *, dry_run: bool = False
) -> list[Change]:
    """Pause, resume, archive or restore integrations; with ``dry_run`` only tell what would be.

    Raises:
        NotFoundError: there is no such integration; then nothing was changed.
    """
    found = [integration(store, integration_id) for integration_id in dict.fromkeys(integration_ids)]
    changes = [
        _planned(one.id, one.name, _standing_problem(one, action), _integration_effect(one, action)) for one in found
    ]
    actor = actor.in_one_act()
    return (
        changes if dry_run else _all_done(changes, lambda change: INTEGRATION_ACTIONS[action](store, change.id, actor))
    )


def start_runs(
    store: Store,
    tenant_ids: Sequence[int],
    actor: Actor,
    *,
    mode: Mode = "normal",
    payload: bytes | None = None,
    dry_run: bool = False,
) -> list[Change]:
    """Ask for a run of each tenant; with ``dry_run`` only tell which can be started.

    Raises:
        NotFoundError: there is no such tenant; then nothing was started.
        InvalidError: the payload is too large.
    """
    found = [tenant(store, tenant_id) for tenant_id in dict.fromkeys(tenant_ids)]
    changes = []
    for one in found:
        problem = ""
        try:
            refuse_start(store, one, mode)
        except HubError as error:
            problem = str(error)
        waits = f", after run {one.current_run.id}" if one.current_run else ""
        changes.append(_planned(one.id, _name(one), problem, f"a run on {one.release_name}{waits}"))
    if dry_run:
        return changes
    return _all_done(changes, lambda change: start_run(store, change.id, actor, mode=mode, payload=payload).id)


def cancel_runs(store: Store, run_ids: Sequence[int], actor: Actor, *, dry_run: bool = False) -> list[Change]:
    """Cancel runs; with ``dry_run`` only tell which can be.

    Raises:
        NotFoundError: there is no such run; then nothing was cancelled.
    """
    found = [run(store, run_id) for run_id in dict.fromkeys(run_ids)]
    changes = [
        _planned(
            one.id,
            f"run {one.id} of {one.integration_name}/{one.tenant_name}",
            "" if one.phase in ACTIVE_PHASES else f"has ended: {one.phase}",
            _cancel_effect(one),
        )
        for one in found
    ]
    return changes if dry_run else _all_done(changes, lambda change: cancel_run(store, change.id, actor))


def move_all(
    store: Store, tenant_ids: Sequence[int], target: int | str, actor: Actor, *, dry_run: bool = False
) -> list[Change]:
    """Move tenants to a release (its id) or a channel (its name); what their settings need then is said of each.

    Raises:
        NotFoundError: there is no such tenant; then nothing was moved.
    """
    from pandium_tui.hub.settings_form import move_tenants

    ids = list(dict.fromkeys(tenant_ids))
    names = {one.id: _name(one) for one in (tenant(store, tenant_id) for tenant_id in ids)}
    return [_moved(move, names, target) for move in move_tenants(store, ids, target, actor, dry_run=dry_run)]


def _moved(move: "Move", names: dict[int, str], target: int | str) -> Change:
    attention = [f"settings need attention: {problem}" for problem in move.refused]
    if move.unused:
        attention.append(f"no run gets {', '.join(move.unused)} any more; kept")
    where = f"to {move.release_name or 'no release yet'}" + (f" ({target})" if isinstance(target, str) else "")
    name = names[move.tenant_id]
    return replace(_planned(move.tenant_id, name, move.problem, where), attention=tuple(attention), done=move.moved)


def _planned(key: int, name: str, problem: str, effect: str) -> Change:
    return Change(key, name, "" if problem else effect, problem)


def _all_done(changes: Sequence[Change], doing: Callable[[Change], object]) -> list[Change]:
    return [change if change.problem else _done(change, partial(doing, change)) for change in changes]


def _done(change: Change, doing: Callable[[], object]) -> Change:
    try:
        came_of_it = doing()
    except HubError as error:  # it was told as possible, but somebody was quicker
        return replace(change, effect="", problem=str(error))
    return replace(change, done=True, trigger_id=came_of_it if isinstance(came_of_it, int) else None)


def _name(one: Tenant) -> str:
    return f"{one.integration_name}/{one.name}"


def _standing_problem(found: Tenant | Integration, action: Standing) -> str:
    if action == "restore":
        return "" if found.archived else "is not archived"
    if found.archived:
        return "is archived already" if action == "archive" else "is archived: restore it first"
    if action == "pause" and found.paused:
        return "is paused already"
    return "is not paused" if action == "resume" and not found.paused else ""


def _tenant_effect(found: Tenant, action: Standing) -> str:
    schedule = f"its schedule {found.schedule}" if found.schedule else "it has no schedule; nothing"
    if action == "pause":
        return f"{schedule} fires no more"
    if action == "archive":
        goes_on = f"; run {found.current_run.id} goes on to its end" if found.current_run else ""
        return f"nothing of it runs any more{goes_on}"
    if action == "restore" and found.paused:
        return "it is back, and paused as it was"
    return f"{schedule} fires from now on"


def _integration_effect(found: Integration, action: Standing) -> str:
    tenants = f"its {found.tenants} tenant{'' if found.tenants == 1 else 's'}"
    if action == "pause":
        return f"no schedule of {tenants} fires; runs by hand still start"
    if action == "archive":
        goes_on = f"; {found.running} running go on to their end" if found.running else ""
        return f"nothing of {tenants} runs any more{goes_on}"
    if action == "restore" and found.paused:
        return "it is back, and paused as it was"
    return f"the schedules of {tenants} fire from now on"


def _cancel_effect(found: Run) -> str:
    return "waits: it ends at once" if found.phase == QUEUED else "is stopped with everything it started"
