"""``u`` in the app."""

from dataclasses import replace

from pandium_tui.hub.bulk import change_integrations
from pandium_tui.hub.integrations import archive_integration, integration
from pandium_tui.hub.pausing import resume_integration
from pandium_tui.hub.tenants import tenant
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.storage.database import Store
from pandium_tui.widgets.confirm import Confirm
from tests.scenario import ACTOR
from tests.screens.filling import app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text


async def test_it_takes_back_the_last_act_and_asks_before_what_an_earlier_session_did(store: Store) -> None:
    filled = fill(store)
    before = app_on(store).actor
    change_integrations(store, [1, 2], "pause", before)
    app = app_on(store)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await app.push_screen(TenantPage(filled.tenant_id))
        await wait_until(pilot, lambda: "acme" in screen_text(app))
        await pilot.press("p")
        await wait_until(pilot, lambda: "is paused. u undoes it." in screen_text(app))
        await pilot.press("u")
        await wait_until(pilot, lambda: "Undone pause tenant: crm-sync/acme" in screen_text(app))
        assert not tenant(store, filled.tenant_id).paused
        resume_integration(store, 2, ACTOR)
        await pilot.press("u")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await wait_until(pilot, lambda: "Undo pause integration, done in another session" in screen_text(app))
        assert "✗ billing: was resumed since, by" in screen_text(app)
        assert integration(store, 1).paused
        await pilot.press("y")
        await wait_until(pilot, lambda: "Not undone pause integration: billing" in screen_text(app))
        assert not integration(store, 1).paused
        await pilot.press("u")
        await wait_until(pilot, lambda: "There is nothing to undo." in screen_text(app))
        await pilot.press("p")
        await wait_until(pilot, lambda: tenant(store, filled.tenant_id).paused)
        archive_integration(store, 2, replace(app.actor, door="cli", session="a command"))
        await pilot.press("u")
        await wait_until(pilot, lambda: "Undo archive integration, done by a command" in screen_text(app))
        await pilot.press("n")
        await wait_until(pilot, lambda: "Undo pause tenant, done here" in screen_text(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: not tenant(store, filled.tenant_id).paused)
        assert integration(store, 2).archived
