"""The page of notifications, driven by keys over a real store."""

from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input, Select

from pandium_tui.app import PandiumApp
from pandium_tui.hub import notifications as hub
from pandium_tui.hub.cockpit import cockpit
from pandium_tui.hub.doctor import examine
from pandium_tui.hub.notifications import NotificationValues
from pandium_tui.screens.cockpit import summary_of
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.notification_form import NotificationForm
from pandium_tui.screens.notifications import NotificationsPage
from pandium_tui.screens.text_screen import TextScreen
from pandium_tui.storage.database import Store
from pandium_tui.storage.unattended_tables import NotificationRow
from pandium_tui.storage.vault import Secret
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.rows import Rows
from pandium_tui.widgets.status_line import StatusLine
from tests.scenario import ACTOR
from tests.screens.filling import app_on, fill
from tests.screens.log_files import open_page, wait_until
from tests.screens.test_widgets import screen_text

SECRET = "a long secret of a webhook"


async def open_notifications(pilot: Pilot[Any], app: PandiumApp, integration_id: int, rows: int) -> None:
    """The page, once it shows what the store has."""
    await wait_until(pilot, lambda: app.overview is not None)
    page = NotificationsPage(integration_id, "crm-sync")
    await app.push_screen(page)
    await wait_until(pilot, lambda: page.query_one(Rows).row_count == rows and page.focused is not None)
    await wait_until(pilot, lambda: bool(str(page.query_one(StatusLine).content)))


def add_webhook(store: Store, integration_id: int) -> int:
    values = NotificationValues("webhook", url="https://hooks.example.com/pandium", secret=Secret(SECRET))
    return hub.add_notification(store, integration_id, values, ACTOR).id


async def test_from_the_integration_one_is_added_edited_tested_and_removed(store: Store, tmp_path: Path) -> None:
    filled = fill(store)
    got = tmp_path / "got"
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, IntegrationPage(filled.integration_id))
        await wait_until(pilot, lambda: bool(app.screen.query_one(Facts).facts))
        await pilot.press("N")
        await wait_until(pilot, lambda: isinstance(app.screen, NotificationsPage))
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, NotificationForm))
        shown = [one.name for one in app.screen.query("Field") if one.display]
        assert shown == ["kind", "command", "interval"]
        app.screen.query("Input").first(Input).value = f"tee '{got}'"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(app.screen, NotificationsPage))
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 1)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen))
        await wait_until(pilot, lambda: f"tee {got}"[:30] in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, NotificationsPage))
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, NotificationForm))
        await wait_until(pilot, lambda: app.screen.query("Input").last(Input).value == "300")
        assert app.screen.query("Input").first(Input).value == f"tee {got}"
        app.screen.query("Input").last(Input).value = "60"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: hub.notifications(store)[0].interval == 60)
        await wait_until(pilot, lambda: isinstance(app.screen, NotificationsPage))
        await pilot.press("t")
        await wait_until(pilot, got.exists)
        await pilot.press("x")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: hub.notifications(store) == [])


async def test_the_form_of_a_webhook_takes_a_secret_and_never_shows_it(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_notifications(pilot, app, filled.integration_id, 0)
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, NotificationForm))
        app.screen.query_one(Select).value = "webhook"
        await wait_until(pilot, lambda: sum(one.display for one in app.screen.query("Field")) == 4)
        _, url, secret, *_ = app.screen.query("Input").results(Input)
        url.value, secret.value = "https://hooks.example.com/pandium", SECRET
        await pilot.pause()
        assert SECRET not in screen_text(app)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(app.screen, NotificationsPage))
    assert hub.notifications(store)[0].target == {"url": "https://hooks.example.com/pandium"}


async def test_a_delivery_that_failed_stands_on_the_integration(store: Store) -> None:
    filled = fill(store)
    add_webhook(store, filled.integration_id)
    with store.writing() as session:
        session.get_one(NotificationRow, 1).problem = "hooks.example.com answered 500"
    app = app_on(store)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_page(pilot, app, IntegrationPage(filled.integration_id))
        await wait_until(pilot, lambda: "did not arrive" in screen_text(app))
        assert dict(app.screen.query_one(Facts).facts)["Notifications"] == "✗ webhook: hooks.example.com answered 500"
    untold = [one for one in cockpit(store) if one.kind == "notification"]
    assert [(one.place, one.wrong) for one in untold] == [(("integration", filled.integration_id), True)]
    assert untold[0].words == "webhook 1 did not arrive: hooks.example.com answered 500"
    assert summary_of(untold).startswith("! 1 integration cannot notify")
    (found,) = (one for one in examine(store.settings).findings if one.check == "notifications")
    assert found.status == "warning" and found.advice == "pandium-tui notification test 1"
