"""Keys that come faster than the app shows what they open, as they do over a slow line, never act on the page below."""

from typing import Any

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from pandium_tui.app import PandiumApp
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.tenants import tenant
from pandium_tui.screens.home import HomePage
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.leave import LeaveScreen
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.screens.tenant_form import TenantForm
from pandium_tui.storage.database import Store
from pandium_tui.widgets.rows import Rows
from tests.screens.filling import app_on, fill
from tests.screens.log_files import open_page, wait_until


def type_at_once(app: PandiumApp, *keys: str) -> None:
    """Let keys come as if they had been waiting in the line."""
    assert app._driver is not None
    for key in keys:
        event = events.Key(key, key if len(key) == 1 else None)
        event.set_sender(app)
        app._driver.send_message(event)


async def begun(pilot: Pilot[Any], app: PandiumApp) -> None:
    await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)


async def test_what_is_typed_behind_a_key_that_opens_something_is_for_that(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await begun(pilot, app)
        rows = app.screen.query_one(Rows)
        rows.move_cursor(row=rows.keys.index(filled.integration_id))
        type_at_once(app, "enter", "p")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage))
        # On the page below p would have paused the integration at once.
        await wait_until(pilot, lambda: any("view Tenants" in one.message for one in app._notifications))
        assert not integration(store, filled.integration_id).paused

        type_at_once(app, "c", "x", "p", "q")
        await wait_until(pilot, lambda: isinstance(app.screen, TenantForm))
        await wait_until(pilot, lambda: app.screen.query(Input).first().value == "xpq")
        type_at_once(app, "escape", "y")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage))

        await open_page(pilot, app, TenantPage(filled.tenant_id))
        type_at_once(app, "p", "x", "y")
        await wait_until(pilot, lambda: tenant(store, filled.tenant_id).archived)
        assert tenant(store, filled.tenant_id).paused, "each key found what the one before had done"


async def test_while_keys_wait_the_app_can_be_left_all_the_same(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(100, 30)) as pilot:
        await begun(pilot, app)
        with app.type_ahead.held():
            type_at_once(app, "down", "v", "x")
            await pilot.pause()
            assert isinstance(app.screen, HomePage)
            type_at_once(app, "ctrl+q")
            await wait_until(pilot, lambda: isinstance(app.screen, LeaveScreen))
