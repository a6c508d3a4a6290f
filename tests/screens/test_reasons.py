"""A key that cannot act where it is pressed says why, and names other keys as the person chose them."""

from dataclasses import replace
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from pandium_tui.app import PandiumApp
from pandium_tui.hub.actor import current_actor
from pandium_tui.hub.tenants import archive_tenant
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.release import ReleasePage
from pandium_tui.screens.run import RunPage
from pandium_tui.screens.settings.page import SettingsPage
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.settings import KeyChoice
from pandium_tui.storage.database import Store
from pandium_tui.widgets.key_words import reason_against
from pandium_tui.widgets.rows import Rows
from tests.screens.filling import NOW, app_on, fill
from tests.screens.log_files import offered_keys, open_page, wait_until
from tests.screens.test_widgets import screen_text


def speechless(app: PandiumApp) -> list[str]:
    """The actions of the page on top that cannot act and do not say why."""
    return [
        active.binding.id
        for active in app.screen.active_bindings.values()
        if active.binding.id and not active.enabled and not reason_against(active.binding.action, active.node)
    ]


async def press_in_vain(pilot: Pilot[Any], app: PandiumApp, key: str) -> str:
    """What is said when the key is pressed."""
    app.clear_notifications()
    await pilot.press(key)
    await wait_until(pilot, lambda: bool(app._notifications))
    (notice,) = app._notifications
    return notice.message


async def test_keys_of_an_integration_say_why_they_cannot_act_and_save_is_there_when_something_changed(
    store: Store,
) -> None:
    filled = fill(store)
    keys = (KeyChoice("pane.save", "f9", "line 1"), KeyChoice("integration.view", "y", "line 2"))
    app = PandiumApp(replace(store.settings, keys=keys), store, embedded_engine=False, clock=lambda: NOW)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        assert await press_in_vain(pilot, app, "escape") == "There is no page before this one; q leaves the app."
        assert "The demo is offered where there is no integration yet" in await press_in_vain(pilot, app, "D")

        await open_page(pilot, app, IntegrationPage(filled.integration_id))
        assert await press_in_vain(pilot, app, "r") == "This key is for the view Tenants: press y."
        await pilot.press("r")
        assert len(app._notifications) == 1, "said once, however often it is pressed"
        assert speechless(app) == []

        await pilot.press("2")
        await wait_until(pilot, lambda: len(app.screen.query(Input)) > 5)
        await wait_until(pilot, lambda: "f6" in offered_keys(app))
        assert "f9" not in offered_keys(app)
        assert await press_in_vain(pilot, app, "f9") == "Nothing to save."
        assert await press_in_vain(pilot, app, "r") == "This key is for the Overview: press 1."
        assert speechless(app) == []
        await pilot.press("enter", "x")
        await wait_until(pilot, lambda: {"f9", "ctrl+r"} <= offered_keys(app))
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: not {"f9", "ctrl+r"} & offered_keys(app))
        assert await press_in_vain(pilot, app, "ctrl+r") == "Nothing was changed."

        await pilot.press("escape", "3")
        await wait_until(pilot, lambda: "f4" in offered_keys(app))
        assert await press_in_vain(pilot, app, "ctrl+s") == "Nothing to save."
        assert await press_in_vain(pilot, app, "f8") == "The listing is a Draft already."
        await pilot.press("enter", "x")
        await wait_until(pilot, lambda: {"ctrl+s", "ctrl+r"} <= offered_keys(app))
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: "ctrl+s" not in offered_keys(app))
        assert speechless(app) == []


async def test_an_archived_tenant_names_the_key_that_restores_it(store: Store) -> None:
    filled = fill(store)
    archive_tenant(store, filled.tenant_id, current_actor("hub"))
    keys = (KeyChoice("tenant.archive", "z", "line 1"),)
    app = PandiumApp(replace(store.settings, keys=keys), store, embedded_engine=False, clock=lambda: NOW)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        assert await press_in_vain(pilot, app, "r") == "This tenant is archived. Press z to restore it first."
        assert speechless(app) == []
        await pilot.press("f")
        await wait_until(pilot, lambda: isinstance(app.screen, SettingsPage) and "INFO" in screen_text(app))
        told = "This tenant is archived. Press z on its page to restore it first."
        assert await press_in_vain(pilot, app, "ctrl+s") == told
        assert speechless(app) == []


async def test_settings_that_nobody_changed_are_not_saved(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await app.push_screen(SettingsPage(filled.tenant_id))
        await wait_until(pilot, lambda: "Saved; a run can start" in screen_text(app))
        assert await press_in_vain(pilot, app, "ctrl+s") == "Nothing to save."
        await pilot.press("tab", "7")
        await wait_until(pilot, lambda: "Not saved" in screen_text(app) and "ctrl+s" in offered_keys(app))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "Saved; a run can start" in screen_text(app))
        assert "ctrl+s" not in offered_keys(app)

        for page in (ReleasePage(filled.release_id), RunPage(3)):
            await open_page(pilot, app, page)
            await wait_until(pilot, lambda: speechless(app) == [])
            await pilot.press("escape")
