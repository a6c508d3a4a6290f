"""The lists of the app: filtered as one types, sorted, with columns of one's choice, all of it kept."""

from textual.pilot import Pilot

from pandium_tui.app import PandiumApp
from pandium_tui.screens.home import HomePage
from pandium_tui.screens.integration.overview import Overview
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.storage.database import Store
from pandium_tui.widgets.rows import Rows
from tests.screens.filling import app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text


def names(app: PandiumApp, column: int = 1) -> list[str]:
    rows = app.screen.query_one(Rows)
    return [rows.get_row_at(index)[column].plain for index in range(rows.row_count)]


async def home(pilot: Pilot[None], app: PandiumApp) -> None:
    await wait_until(pilot, lambda: isinstance(app.screen, HomePage) and app.screen.query_one(Rows).row_count == 3)


async def test_fields_filter_as_one_types_and_a_mistake_keeps_what_was_found(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await home(pilot, app)
        await pilot.press("slash", *"failed:>0")
        await wait_until(pilot, lambda: names(app) == ["crm-sync"])
        await pilot.press(*" phse:x")
        await wait_until(pilot, lambda: "✗ there is no field 'phse'. Did you mean phase?" in screen_text(app))
        await pilot.press(*["backspace"] * 7)
        await wait_until(pilot, lambda: "✗ there is no" not in screen_text(app) and names(app) == ["crm-sync"])
        await pilot.press("down")
        assert app.screen.query_one(Rows).has_focus
        assert "Filter: failed:>0" in screen_text(app)
        await pilot.press("escape")
        await home(pilot, app)


async def test_every_view_of_an_integration_has_a_filter_of_its_own_and_keeps_it(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = IntegrationPage(filled.integration_id)
        await app.push_screen(page)
        overview = page.query_one(Overview)
        await wait_until(pilot, lambda: overview.rows.row_count == 3)
        await pilot.press("slash", *"phase:fail tenant:gl*", "enter")
        await wait_until(pilot, lambda: overview.rows.keys == [2])
        await pilot.press("v")
        await wait_until(pilot, lambda: overview.rows.row_count == 2)
        await pilot.press("slash", *"-acme", "enter")
        await wait_until(pilot, lambda: overview.rows.row_count == 1 and "globex" in screen_text(app))
        await pilot.press("v")
        await wait_until(pilot, lambda: overview.rows.row_count == 3)
        await pilot.press("slash", *"nothing")
        await wait_until(pilot, lambda: "Nothing matches the filter. Press / to change it" in screen_text(app))
        await pilot.press("escape", "V", "V")
        await wait_until(pilot, lambda: overview.rows.keys == [2])
    again = app_on(store)
    async with again.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Filter: phase:fail tenant:gl*" in screen_text(again))
        await wait_until(pilot, lambda: again.screen.query_one(Overview).rows.keys == [2])
        await again.push_screen(TenantPage(filled.tenant_id))  # another place
        await wait_until(pilot, lambda: again.screen.query_one(Rows).keys == [3, 1])


async def test_a_key_sorts_and_the_cursor_stays_on_its_record(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await home(pilot, app)
        rows = app.screen.query_one(Rows)
        await pilot.press("greater_than_sign", "greater_than_sign")
        await wait_until(pilot, lambda: names(app) == ["partner", "crm-sync", "billing"])
        assert "Integration ↓" in screen_text(app)
        billing = rows.keys[2]
        await pilot.press("G")
        assert rows.current_key == billing
        await pilot.press("greater_than_sign", "greater_than_sign")  # last run, newest on top; without one at the end
        await wait_until(pilot, lambda: names(app)[0] == "crm-sync")
        assert "Last run ↓" in screen_text(app)
        assert rows.current_key == billing
    again = app_on(store)
    async with again.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Last run ↓" in screen_text(again))


async def test_runs_come_in_pages_oldest_first_too(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(IntegrationPage(filled.integration_id))
        overview = app.screen.query_one(Overview)
        await wait_until(pilot, lambda: overview.rows.keys == [3, 2, 1])
        await pilot.press("greater_than_sign")
        await wait_until(pilot, lambda: overview.rows.keys == [1, 2, 3])
        assert "Run ↑" in screen_text(app)
        await pilot.press("greater_than_sign")  # Phase, upwards
        await wait_until(pilot, lambda: overview.rows.keys == [2, 3, 1])
        await pilot.press(*["greater_than_sign"] * 6)  # Took, upwards: what goes on has no end
        await wait_until(pilot, lambda: "Took ↑" in screen_text(app) and overview.rows.keys[-1] == 3)
        assert "Sorted among the newest 2,000 that match" in screen_text(app)
        await pilot.press("greater_than_sign", "greater_than_sign")  # the other way round, then as at first
        await wait_until(pilot, lambda: "Sorted among" not in screen_text(app))
        await wait_until(pilot, lambda: overview.rows.keys == [3, 2, 1])


async def test_columns_are_chosen_and_sorted_by_in_a_list_of_them(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await home(pilot, app)
        assert "Type" not in screen_text(app)
        await pilot.press("C", "end", "up", "space", "enter")  # the last is a picture
        await wait_until(pilot, lambda: "[x] Type   sorted upwards" in screen_text(app))
        await pilot.press("g", "home", "space", "escape")  # the first column stays
        await wait_until(pilot, lambda: "Type ↑" in screen_text(app))
        assert names(app)[0] == "partner"  # External before Internal
    again = app_on(store)
    async with again.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Type ↑" in screen_text(again))
