"""Marked rows, and what is done to all of them at once."""

from textual.pilot import Pilot

from pandium_tui.app import PandiumApp
from pandium_tui.hub.integrations import integrations
from pandium_tui.hub.runs import run
from pandium_tui.hub.tenants import tenant
from pandium_tui.screens.bulk import BulkScreen
from pandium_tui.screens.integration.overview import Overview
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.storage.database import Store
from pandium_tui.widgets.rows import Rows
from tests.screens.filling import app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import Holder, numbered, screen_text


async def open_view(pilot: Pilot[None], app: PandiumApp, integration_id: int, view: str, count: int) -> Rows:
    page = IntegrationPage(integration_id)
    await app.push_screen(page)
    overview = page.query_one(Overview)
    while overview.view != view:
        await pilot.press("v")
    await wait_until(pilot, lambda: overview.rows.row_count == count)
    return overview.rows


async def asked(pilot: Pilot[None], app: PandiumApp) -> str:
    """What the dry run says."""
    await wait_until(pilot, lambda: isinstance(app.screen, BulkScreen) and "crm-sync" in screen_text(app))
    return screen_text(app)


async def done(pilot: Pilot[None], app: PandiumApp) -> str:
    """Do it; what it then says."""
    await pilot.press("y")
    await wait_until(pilot, lambda: "Close" in screen_text(app))
    text = screen_text(app)
    await pilot.press("enter")
    return text


async def test_marks_stay_with_their_rows_and_go_with_them() -> None:
    rows = Rows("Name", "X", marking=True)
    app = Holder(rows)
    async with app.run_test(size=(60, 12)) as pilot:
        rows.focus()
        rows.set_rows(numbered(1, 2, 3))
        await pilot.press("space", "space")
        assert rows.marked == [1, 2] == rows.chosen
        assert screen_text(app).count("◆ name") == 2
        rows.set_rows(numbered(4, 3, 2))
        await pilot.pause()
        assert rows.marked == [2]
        assert "◆ name 2" in screen_text(app)
        await pilot.press("asterisk")
        assert rows.marked == [4, 3, 2]
        await pilot.press("asterisk")
        assert rows.marked == []
        assert "◆" not in screen_text(app)


async def test_marked_tenants_are_paused_after_what_it_means_was_shown(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await open_view(pilot, app, filled.integration_id, "tenants", 2)
        await pilot.press("asterisk")
        await wait_until(pilot, lambda: "2 marked: keys act on all of them" in screen_text(app))
        await pilot.press("p")
        text = await asked(pilot, app)
        assert "Pause 1? 1 of 2 cannot be." in text
        assert "· crm-sync/acme: its schedule 0 * * * * fires no more" in text
        assert "✗ crm-sync/globex: is paused already" in text
        await pilot.press("escape")
        assert not tenant(store, 1).paused
        assert rows.marked == [1, 2]
        await pilot.press("p")
        await asked(pilot, app)
        text = await done(pilot, app)
        assert "✓ crm-sync/acme: its schedule" in text
        assert tenant(store, 1).paused
        await wait_until(pilot, lambda: rows.marked == [])


async def test_marked_tenants_are_moved_run_and_archived(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(pilot, app, filled.integration_id, "tenants", 2)
        await pilot.press("asterisk", "m")
        await wait_until(pilot, lambda: "Move 2 tenants of crm-sync to" in screen_text(app))
        await pilot.press("slash", *"pin -nothing", "enter")
        await wait_until(pilot, lambda: "Latest: follow" not in screen_text(app))
        await pilot.press("escape", "down", "down", "enter")  # the newest release, after the two channels
        text = await asked(pilot, app)
        assert text.count("to crm-sync-2") == 2
        text = await done(pilot, app)
        assert "Move: 2 done." in text
        assert tenant(store, 1).integration_release_id == tenant(store, 2).integration_release_id
        await wait_until(pilot, lambda: not isinstance(app.screen, BulkScreen))
        await pilot.press("asterisk", "r")
        assert "crm-sync/acme: a run on crm-sync-2, after run 3" in await asked(pilot, app)
        await done(pilot, app)
        assert [tenant(store, key).held_triggers for key in (1, 2)] == [1, 1]
        await wait_until(pilot, lambda: not isinstance(app.screen, BulkScreen))
        await pilot.press("asterisk", "x")
        assert "Archive 2?" in await asked(pilot, app)
        await done(pilot, app)
        assert tenant(store, 1).archived


async def test_marked_runs_are_cancelled(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(pilot, app, filled.integration_id, "activity", 3)
        await pilot.press("space", "space", "x")
        text = await asked(pilot, app)
        assert "· run 3 of crm-sync/acme: is stopped with everything it started" in text
        assert "✗ run 2 of crm-sync/globex: has ended: Failed (Integration Issue)" in text
        await done(pilot, app)
        assert run(store, 3).cancel_requested_by is not None


async def test_marked_integrations_are_archived_and_restored(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        rows = app.screen.query_one(Rows)
        await wait_until(pilot, lambda: rows.row_count == 3)
        await pilot.press("asterisk", "x")
        assert "crm-sync: nothing of its 2 tenants runs any more; 1 running go on" in await asked(pilot, app)
        await done(pilot, app)
        assert integrations(store) == []
        await wait_until(pilot, lambda: rows.row_count == 0)
        await pilot.press("a")
        await wait_until(pilot, lambda: rows.row_count == 4)
        await pilot.press("asterisk", "x")
        await asked(pilot, app)
        await done(pilot, app)
        assert len(integrations(store)) == 4
