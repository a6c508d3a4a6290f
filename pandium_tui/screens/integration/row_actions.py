"""What the integration page does to the tenant under the cursor, or to all marked rows.

Of several, what it would mean for each is shown first.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pandium_tui.hub.bulk import Standing, cancel_runs, change_tenants, move_all, start_runs
from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.releases import releases
from pandium_tui.hub.runs import start_run
from pandium_tui.hub.tenants import pause_tenant, resume_tenant
from pandium_tui.screens.bulk import change_several
from pandium_tui.screens.init_question import offer_init_runs
from pandium_tui.screens.page import Page
from pandium_tui.screens.target_choice import TargetChoice
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.storage.records import Tenant
from pandium_tui.widgets.key_words import key_of

if TYPE_CHECKING:
    from pandium_tui.screens.integration.page import IntegrationPage


async def run_tenants(page: "IntegrationPage") -> None:
    """Ask for a run of the tenant, or of all marked."""
    store, actor, tenant = page.store, page.actor, _selected(page)
    if marked := [one.id for one in _marked(page)]:
        await change_several(page, "Run", lambda dry: start_runs(store, marked, actor, dry_run=dry), undoable=False)
    elif tenant is not None and await page.do(start_run, store, tenant.id, actor) is not None:
        page.tell(f"Asked for a run of {tenant.name}.")


async def turn_pause(page: "IntegrationPage") -> None:
    """Pause the tenant or all marked, or let them go on; of several, when all are paused."""
    tenant = _selected(page)
    if marked := _marked(page):
        await _change_standing(page, marked, "resume" if all(one.paused for one in marked) else "pause")
    elif tenant is not None and not _told_archived(page, tenant):
        change = resume_tenant if tenant.paused else pause_tenant
        if await page.do(change, page.store, tenant.id, page.actor) is not None:
            page.tell(f"{tenant.name} is {'running by its schedule' if tenant.paused else 'paused'} now. {page.undoes}")


async def turn_archive(page: "IntegrationPage") -> None:
    """Archive all marked tenants; when all are archived, restore them."""
    marked = _marked(page)
    await _change_standing(page, marked, "restore" if all(one.archived for one in marked) else "archive")


async def move_tenants(page: "IntegrationPage") -> None:
    """Move the tenant, all shown or all marked; what of their settings the release does not take is shown first."""
    from pandium_tui.screens.integration.move_form import MoveForm, targets_of

    tenant, marked = _selected(page), _marked(page)
    parent = await page.do(integration, page.store, page.integration_id)
    offered = await page.do(releases, page.store, page.integration_id)
    if tenant is None or parent is None or offered is None or (not marked and _told_archived(page, tenant)):
        return
    ready = [one for one in offered if one.status == "Ready" and one.retired_date is None]
    if not marked:
        form = MoveForm(page.store, page.actor, parent, ready, tenant, list(page.tenants.values()))
        if moved := await page.app.push_screen_wait(form):
            page.tell(f"{moved} tenant{'' if moved == 1 else 's'} moved. {page.undoes}")
            await offer_init_runs(page, form.moved)
        return
    store, actor, ids = page.store, page.actor, [one.id for one in marked]
    heading = f"Move {len(ids)} tenant{'' if len(ids) == 1 else 's'} of {parent.name} to"
    target = await page.app.push_screen_wait(TargetChoice(heading, targets_of(parent, ready), store))
    if target is not None:
        done = await change_several(page, "Move", lambda dry: move_all(store, ids, target, actor, dry_run=dry))
        await offer_init_runs(page, [one.id for one in done])


async def cancel_runs_of(page: Page, run_ids: Sequence[int]) -> None:
    """Cancel those marked runs that have not ended."""
    store, actor = page.store, page.actor
    await change_several(page, "Cancel", lambda dry: cancel_runs(store, run_ids, actor, dry_run=dry), undoable=False)


def _selected(page: "IntegrationPage") -> Tenant | None:
    return page.tenants.get(page.rows.current_key or 0)


def _told_archived(page: Page, tenant: Tenant) -> bool:
    """Whether the tenant is archived; then that was said."""
    if tenant.archived:
        key = key_of(page, "tenant.archive", TenantPage)
        page.tell_error(RefusedError(f"{tenant.name} is archived. Open it and press {key} to restore it first."))
    return tenant.archived


def _marked(page: "IntegrationPage") -> list[Tenant]:
    return [page.tenants[key] for key in page.rows.marked if key in page.tenants]


async def _change_standing(page: Page, tenants: Sequence[Tenant], action: Standing) -> None:
    store, actor, ids = page.store, page.actor, [one.id for one in tenants]
    await change_several(page, action.capitalize(), lambda dry: change_tenants(store, ids, action, actor, dry_run=dry))
