"""How the pages and forms look. Change on purpose with ``pytest tests/screens/test_snapshots.py --snapshot-update``."""

from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot

from pandium_tui.app import PandiumApp
from pandium_tui.screens.integration.overview import Overview
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.integration_form import IntegrationForm
from pandium_tui.storage.database import Store
from pandium_tui.widgets.rows import Rows
from tests.screens.filling import app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text

Snapshot = Callable[..., bool]
Prepare = Callable[[PandiumApp, Pilot[Any]], Awaitable[None]]


def looks_right(snap_compare: Snapshot, store: Store, prepare: Prepare, size: tuple[int, int] = (120, 40)) -> bool:
    app = app_on(store)

    async def before(pilot: Pilot[Any]) -> None:
        await wait_until(pilot, lambda: "Scheduler off" in screen_text(app))
        await prepare(app, pilot)

    return snap_compare(app, run_before=before, terminal_size=size)


async def home_is_filled(app: PandiumApp, pilot: Pilot[Any]) -> None:
    await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3 and "v: look" in screen_text(app))


def test_home_with_integrations(snap_compare: Snapshot, store: Store) -> None:
    fill(store)
    assert looks_right(snap_compare, store, home_is_filled)


def test_tenants_of_an_integration(snap_compare: Snapshot, store: Store) -> None:
    filled = fill(store)

    async def prepare(app: PandiumApp, pilot: Pilot[Any]) -> None:
        page = IntegrationPage(filled.integration_id)
        await app.push_screen(page)
        overview = page.query_one(Overview)
        while overview.view != "tenants":
            await pilot.press("v")
        await wait_until(pilot, lambda: overview.rows.row_count >= 2 and "crm-sync" in screen_text(app))
        await wait_until(pilot, lambda: "Scheduler off" in screen_text(app))

    assert looks_right(snap_compare, store, prepare)


def test_integration_form_with_problems(snap_compare: Snapshot, store: Store) -> None:
    async def prepare(app: PandiumApp, pilot: Pilot[Any]) -> None:
        await app.push_screen(IntegrationForm(store, app.actor))
        await pilot.press(*"Acme", "ctrl+s")
        await wait_until(pilot, lambda: screen_text(app).count("✗") == 2)

    assert looks_right(snap_compare, store, prepare, (80, 24))
