"""One change to several tenants: what it would mean for each, and doing it to those it can be done to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.tenants import archive_tenant, pause_tenant, restore_tenant, resume_tenant, tenant
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Tenant

TenantAction = Literal["pause", "resume", "archive", "restore"]

_DOING: dict[TenantAction, Callable[[Store, int, Actor], Tenant]] = {
    "pause": pause_tenant,
    "resume": resume_tenant,
    "archive": archive_tenant,
    "restore": restore_tenant,
}


@dataclass(frozen=True, slots=True)
class TenantChange:
    """What a change means for a tenant.

    Attributes:
        tenant: ``integration/tenant``.
        effect: what changes, empty when it is refused.
        problem: why it is refused, empty when it is not.
        done: whether it was done.
    """

    tenant_id: int
    tenant: str
    effect: str
    problem: str
    done: bool = False


def change_tenants(
    store: Store, tenant_ids: Sequence[int], action: TenantAction, actor: Actor, *, dry_run: bool = False
) -> list[TenantChange]:
    """Change those tenants that can be changed; with ``dry_run`` only tell what would be.

    Raises:
        NotFoundError: there is no such tenant; then nothing was changed.
    """
    changes = [_planned(tenant(store, tenant_id), action) for tenant_id in dict.fromkeys(tenant_ids)]
    if dry_run:
        return changes
    return [_done(store, change, action, actor) for change in changes]


def _done(store: Store, change: TenantChange, action: TenantAction, actor: Actor) -> TenantChange:
    if change.problem:
        return change
    _DOING[action](store, change.tenant_id, actor)
    return replace(change, done=True)


def _planned(found: Tenant, action: TenantAction) -> TenantChange:
    problem = _problem(found, action)
    name = f"{found.integration_name}/{found.name}"
    return TenantChange(found.id, name, "" if problem else _effect(found, action), problem)


def _problem(found: Tenant, action: TenantAction) -> str:
    if action == "restore":
        return "" if found.archived else "is not archived"
    if found.archived:
        return "is archived already" if action == "archive" else "is archived: restore it first"
    if action == "pause" and found.paused:
        return "is paused already"
    return "is not paused" if action == "resume" and not found.paused else ""


def _effect(found: Tenant, action: TenantAction) -> str:
    schedule = f"its schedule {found.schedule}" if found.schedule else "it has no schedule; nothing"
    if action == "pause":
        return f"{schedule} fires no more"
    if action == "archive":
        goes_on = f"; run {found.current_run.id} goes on to its end" if found.current_run else ""
        return f"nothing of it runs any more{goes_on}"
    if action == "restore" and found.paused:
        return "it is back, and paused as it was"
    return f"{schedule} fires from now on"
