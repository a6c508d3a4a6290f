"""The page of an integration, driven by keys over a real store."""

from collections.abc import Callable

from sqlmodel import select
from textual.pilot import Pilot
from textual.widgets import TabbedContent

from pandium_tui.app import PandiumApp
from pandium_tui.hub.activity import activities
from pandium_tui.hub.connector_changes import remove_connector
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.tenants import tenants
from pandium_tui.screens.integration.overview import Overview
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.page import CRUMB_SEPARATOR
from pandium_tui.screens.release import ReleasePage
from pandium_tui.screens.run import RunPage
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IntegrationRow, RunRow, TriggerRow
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.loaded_part import PAGE
from tests.connecting import ACTOR, add, connect, define_crm
from tests.screens.filling import ago, app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text


async def open_page(pilot: Pilot[None], app: PandiumApp, integration_id: int) -> IntegrationPage:
    page = IntegrationPage(integration_id)
    await app.push_screen(page)
    await wait_until(pilot, lambda: bool(page.query_one(Facts).facts))
    return page


async def choose(pilot: Pilot[None], page: IntegrationPage, view: str, count: int) -> None:
    overview = page.query_one(Overview)
    while overview.view != view:
        await pilot.press("v")
    await wait_until(pilot, lambda: overview.rows.row_count == count)


def ids(store: Store) -> dict[str, int]:
    with store.writing() as session:
        return {row.name: row.id or 0 for row in session.exec(select(IntegrationRow))}


async def test_details_tell_everything_that_is_known(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(120, 40)) as pilot:
        page = await open_page(pilot, app, filled.integration_id)
        facts = dict(page.query_one(Facts).facts)
        assert facts["Repository"] == "https://git.example.com/acme/crm-sync"
        assert facts["Default release"] == "crm-sync-1"
        assert facts["New tenants"] == "Pin to the default release"
        assert facts["Next run"] == "2099-05-04 13:00:00 UTC (in 1 h)"
        assert facts["Connectors"] == "none"
        assert facts["Marketplace"] == "○ Draft, not published"
        assert facts["New tenants begin"] == "running"
        assert facts["Source account"].startswith("none")
        assert facts["Last run"] == "● Running, 2 m ago (run 3)"
        assert CRUMB_SEPARATOR.join(["pandium", "integrations", "crm-sync"]) in screen_text(app)


async def test_details_refresh_themselves(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await open_page(pilot, app, filled.integration_id)
        await wait_until(pilot, lambda: "● Running" in screen_text(app))
        with store.writing() as session:
            run = session.exec(select(RunRow).where(RunRow.phase == "Running")).one()
            run.phase, run.completed_date = "Failed (Timeout)", ago(minutes=1)
        await wait_until(pilot, lambda: "✗ Failed (Timeout), 1 m ago" in screen_text(app))
        assert dict(page.query_one(Facts).facts)["Now"] == "0 running, 0 queued, 2 failed in 24 h"


async def test_details_follow_connectors_that_others_add_and_connect(store: Store) -> None:
    define_crm(store)
    filled = fill(store)
    app = app_on(store)

    def says(words: str) -> Callable[[], bool]:
        return lambda: dict(app.screen.query_one(Facts).facts)["Connectors"] == words

    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, filled.integration_id)
        crm = add(store, filled.integration_id, "crm", method="key")
        await wait_until(pilot, says("crm ○ 0 of 2 tenants"))
        connect(store, crm, filled.tenant_id, {"api_key": "a-key-of-acme"})
        await wait_until(pilot, says("crm ○ 1 of 2 tenants"))
        remove_connector(store, crm, ACTOR, even_if_connected=True)
        await wait_until(pilot, says("none"))


async def test_small_screens_show_what_matters_and_all_on_request(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await open_page(pilot, app, filled.integration_id)
        facts = page.query_one(Facts)
        assert len(facts.facts) == 8
        await pilot.press("i")
        await wait_until(pilot, lambda: len(facts.facts) > 15)
        assert page.query_one(Overview).rows.size.height >= 4


async def test_no_default_release_is_told(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, ids(store)["billing"])
        await wait_until(pilot, lambda: "customers\n cannot install it" in screen_text(app))


async def test_rows_open_their_pages(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await open_page(pilot, app, filled.integration_id)
        for view, count, kind in (("activity", 3, RunPage), ("tenants", 2, TenantPage), ("releases", 3, ReleasePage)):
            await choose(pilot, page, view, count)
            await pilot.press("enter")
            await wait_until(pilot, lambda kind=kind: isinstance(app.screen, kind))
            await pilot.press("escape")
            await wait_until(pilot, lambda: app.screen is page)


async def test_the_selected_release_becomes_the_default_when_it_is_ready(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        page = await open_page(pilot, app, filled.integration_id)
        await choose(pilot, page, "releases", 3)
        await pilot.press("d")  # the failed one is on top
        await wait_until(pilot, lambda: "must be Ready" in " ".join(note.message for note in app._notifications))
        await pilot.press("j", "d")
        await wait_until(pilot, lambda: integration(store, "crm-sync").default_release_name == "crm-sync-2")
    assert activities(store)[0].action == "set default release"


async def test_the_selected_tenant_is_run_paused_and_resumed(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)

    def acme():
        return next(one for one in tenants(store) if one.name == "acme")

    async with app.run_test(size=(80, 24)) as pilot:
        page = await open_page(pilot, app, filled.integration_id)
        await choose(pilot, page, "tenants", 2)
        await pilot.press("r")
        await wait_until(pilot, lambda: acme().held_triggers == 1)
        await pilot.press("p")
        await wait_until(pilot, lambda: acme().paused)
        await wait_until(pilot, lambda: screen_text(app).count("‖ Paused") == 2)
        await pilot.press("p")
        await wait_until(pilot, lambda: not acme().paused)


async def test_archiving_asks_and_can_be_undone(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await open_page(pilot, app, filled.integration_id)
        await pilot.press("x")
        await wait_until(pilot, lambda: "crm-sync: 2 tenants, 1 running" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.screen is page)
        assert not integration(store, "crm-sync").archived
        await pilot.press("x")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: "Press x to restore it" in screen_text(app))
        assert integration(store, "crm-sync").archived
        for view, rows, keys in (("activity", 3, "bcse"), ("tenants", 2, "rpm"), ("releases", 3, "d")):
            await choose(pilot, page, view, rows)
            for key in keys:
                app.clear_notifications()
                await pilot.press(key)
                await wait_until(
                    pilot, lambda: any("is archived. Press x" in one.message for one in app._notifications)
                )
                assert app.screen is page
        await pilot.press("x")
        await wait_until(pilot, lambda: not integration(store, "crm-sync").archived)


async def test_tabs_by_number_and_by_ctrl_page_keys(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await open_page(pilot, app, filled.integration_id)
        tabs = page.query_one(TabbedContent)
        for key, tab in (("2", "configure"), ("3", "marketplace"), ("4", "connectors")):
            await pilot.press(key)
            await wait_until(pilot, lambda tab=tab: tabs.active == tab)  # type: ignore[misc]
            assert "next_view" not in {binding.action for _, binding, _, _ in page.active_bindings.values()}
        await pilot.press("ctrl+pagedown")
        await wait_until(pilot, lambda: tabs.active == "overview")
        for key, tab in (("ctrl+pageup", "connectors"), ("ctrl+pageup", "marketplace"), ("1", "overview")):
            await pilot.press(key)
            await wait_until(pilot, lambda tab=tab: tabs.active == tab)  # type: ignore[misc]
        assert page.query_one(Overview).rows.has_focus


async def test_keys_are_there_where_they_can_do_something(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)

    def actions(page: IntegrationPage) -> set[str]:
        return {binding.action for _, binding, _, _ in page.active_bindings.values()}

    def told(app: PandiumApp) -> list[str]:
        return [notification.message for notification in app._notifications]

    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        page = await open_page(pilot, app, filled.integration_id)
        assert {"build", "create_tenant", "edit"} <= actions(page)
        assert not {"run_tenant", "set_default"} & actions(page)
        await pilot.press("r")  # and where they cannot, they say why
        assert told(app) == ["This key is for the view Tenants: press v."]
        await choose(pilot, page, "tenants", 2)
        assert "run_tenant" in actions(page)
        await pilot.press("escape")
        external = await open_page(pilot, app, ids(store)["partner"])
        assert "edit" in actions(external)
        assert not {"build", "create_tenant", "next_view"} & actions(external)
        await pilot.press("b")
        assert "only listed in the marketplace" in told(app)[-1]


async def test_runs_come_a_page_at_a_time(store: Store) -> None:
    filled = fill(store)
    with store.writing() as session:
        for _ in range(2 * PAGE + 50):
            session.add(
                RunRow(
                    tenant_id=filled.tenant_id,
                    integration_id=filled.integration_id,
                    phase="Succeeded",
                    created_date=ago(hours=1),
                    completed_date=ago(hours=1),
                )
            )
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await open_page(pilot, app, filled.integration_id)
        rows = page.query_one(Overview).rows
        await wait_until(pilot, lambda: rows.row_count == PAGE)
        newest = rows.keys[0]
        await pilot.press("G")
        await wait_until(pilot, lambda: rows.keys == list(range(PAGE, 0, -1)))
        assert rows.current_key == 1
        await wait_until(pilot, lambda: "These are the last 200. home goes to the first." in screen_text(app))
        assert " 1    ✓ Succeeded" in screen_text(app).splitlines()[-3]
        while len(rows.keys) == PAGE:
            await pilot.press("pageup")
        await wait_until(pilot, lambda: len(rows.keys) == 2 * PAGE)
        reached, line = rows.current_key, rows.cursor_row - rows.scroll_offset.y
        assert reached is not None and reached > PAGE - 20 and line >= 0
        while len(rows.keys) == 2 * PAGE:
            await pilot.press("pageup")
        await wait_until(pilot, lambda: len(rows.keys) == 2 * PAGE + 53)
        await wait_until(pilot, lambda: "These are the last" not in screen_text(app))
        await pilot.press("G", "g")
        assert rows.current_key == newest
        await pilot.press("G")
        assert rows.current_key == 1
        with store.writing() as session:
            session.add(TriggerRow(tenant_id=filled.tenant_id, source="manual", created_date=ago(hours=1)))
        await wait_until(pilot, lambda: "1 queued" in screen_text(app))
        assert rows.current_key == 1
