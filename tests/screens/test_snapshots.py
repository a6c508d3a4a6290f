"""How the pages and forms look. Change on purpose with ``pytest tests/screens/test_snapshots.py --snapshot-update``."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from pandium_tui.app import PandiumApp
from pandium_tui.hub.integrations import integration
from pandium_tui.screens.build_form import BuildForm
from pandium_tui.screens.integration.overview import Overview
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.integration_form import IntegrationForm
from pandium_tui.screens.page import Page
from pandium_tui.screens.tenant_form import open_tenant_form
from pandium_tui.storage.database import Store
from pandium_tui.widgets.rows import Rows
from tests.screens.filling import app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text

Snapshot = Callable[..., bool]
Prepare = Callable[[PandiumApp, Pilot[Any]], Awaitable[None]]

pytestmark = pytest.mark.parametrize("size", [(80, 24), (120, 40)])


def looks_right(snap_compare: Snapshot, store: Store, size: tuple[int, int], prepare: Prepare) -> bool:
    app = app_on(store)

    async def before(pilot: Pilot[Any]) -> None:
        await wait_until(pilot, lambda: "Scheduler off" in screen_text(app))
        await prepare(app, pilot)

    return snap_compare(app, run_before=before, terminal_size=size)


async def home_is_filled(app: PandiumApp, pilot: Pilot[Any]) -> None:
    await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3 and "v: look" in screen_text(app))


def test_home_of_a_new_store(snap_compare: Snapshot, store: Store, size: tuple[int, int]) -> None:
    async def prepare(app: PandiumApp, pilot: Pilot[Any]) -> None:
        await wait_until(pilot, lambda: "Three ways" in screen_text(app))

    assert looks_right(snap_compare, store, size, prepare)


def test_home_with_integrations(snap_compare: Snapshot, store: Store, size: tuple[int, int]) -> None:
    fill(store)
    assert looks_right(snap_compare, store, size, home_is_filled)


@pytest.mark.parametrize("view", ["activity", "tenants", "releases"])
def test_integration(snap_compare: Snapshot, store: Store, size: tuple[int, int], view: str) -> None:
    filled = fill(store)

    async def prepare(app: PandiumApp, pilot: Pilot[Any]) -> None:
        page = IntegrationPage(filled.integration_id)
        await app.push_screen(page)
        overview = page.query_one(Overview)
        while overview.view != view:
            await pilot.press("v")
        await wait_until(pilot, lambda: overview.rows.row_count >= 2 and "crm-sync" in screen_text(app))
        await wait_until(pilot, lambda: "Scheduler off" in screen_text(app))

    assert looks_right(snap_compare, store, size, prepare)


def test_integration_form_with_problems(snap_compare: Snapshot, store: Store, size: tuple[int, int]) -> None:
    async def prepare(app: PandiumApp, pilot: Pilot[Any]) -> None:
        await app.push_screen(IntegrationForm(store, app.actor))
        await pilot.press(*"Acme", "ctrl+s")
        await wait_until(pilot, lambda: screen_text(app).count("✗") == 2)

    assert looks_right(snap_compare, store, size, prepare)


def test_build_form(snap_compare: Snapshot, store: Store, size: tuple[int, int]) -> None:
    filled = fill(store)

    async def prepare(app: PandiumApp, pilot: Pilot[Any]) -> None:
        await app.push_screen(BuildForm(store, app.actor, integration(store, filled.integration_id)))
        await wait_until(pilot, lambda: "A label of your own" in screen_text(app))

    assert looks_right(snap_compare, store, size, prepare)


def test_tenant_form(snap_compare: Snapshot, store: Store, size: tuple[int, int]) -> None:
    filled = fill(store)

    async def prepare(app: PandiumApp, pilot: Pilot[Any]) -> None:
        await home_is_filled(app, pilot)
        assert isinstance(app.screen, Page)
        await app.push_screen(await open_tenant_form(app.screen, filled.integration_id))
        await pilot.press(*"initech")
        await wait_until(pilot, lambda: "push_notes=false" in screen_text(app))

    assert looks_right(snap_compare, store, size, prepare)
