"""The home page, driven by keys over a real store."""

from typing import Any

import pytest
from sqlmodel import select

from pandium_tui.hub import integrations as hub
from pandium_tui.screens import home
from pandium_tui.screens.help import HelpScreen
from pandium_tui.screens.home import HomePage
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.tables import IntegrationRow
from pandium_tui.text import visible
from pandium_tui.widgets.rows import Rows
from tests.screens.filling import HOSTILE, app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text


async def test_a_new_store_says_how_to_begin(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Three ways to begin" in screen_text(app))
        await wait_until(pilot, lambda: "Scheduler off" in screen_text(app))
        await pilot.press("escape")
        assert isinstance(app.screen, HomePage)


async def test_integrations_are_listed_and_enter_opens_one(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        expected = " ●  crm-sync     ● Running, 2 m ago  ✗ 1          in 1 h    1 running"
        await wait_until(pilot, lambda: expected in screen_text(app).split("\n"))
        await pilot.press("j", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage))
        assert app.screen.integration_id == filled.integration_id
        await pilot.press("escape")
        assert isinstance(app.screen, HomePage)
        assert app.screen.query_one(Rows).current_key == filled.integration_id


async def test_of_many_the_first_are_shown_before_all_others_but_not_where_others_belong_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    monkeypatch.setattr(home, "FIRST_ROWS", 2)
    read: list[int | None] = []
    all_of_them = hub.integrations

    def watched(*arguments: Any, limit: int | None, **how: Any) -> Any:
        read.append(limit)
        return all_of_them(*arguments, limit=limit, **how)

    monkeypatch.setattr(hub, "integrations", watched)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        assert read[:2] == [2, None]  # and again whenever the store changed
        await pilot.press("a", "greater_than_sign", "greater_than_sign")  # by name, the last first
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 4)
    del read[:]
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        assert set(read) == {None}


async def test_what_another_process_changes_shows_itself(store: Store) -> None:
    app = app_on(store)
    other = open_store(store.settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Three ways" in screen_text(app))
        fill(other)
        await wait_until(pilot, lambda: "crm-sync" in screen_text(app))
    other.close()


async def test_the_filter_survives_a_refresh_and_escape_drops_it(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        rows = app.screen.query_one(Rows)
        await wait_until(pilot, lambda: rows.row_count == 3)
        await pilot.press("slash", "w", "a", "r", "e", "enter")  # part of a long name
        await wait_until(pilot, lambda: rows.row_count == 1)
        with store.writing() as session:
            row = session.exec(select(IntegrationRow).where(IntegrationRow.name == "billing")).one()
            row.long_name = "Hardware"
        await wait_until(pilot, lambda: rows.row_count == 2)
        assert "Filter: ware" in screen_text(app)
        assert rows.has_focus
        await pilot.press("escape")
        await wait_until(pilot, lambda: rows.row_count == 3)
        assert "Filter:" not in screen_text(app).partition("\n")[2].split("⏎")[0]
        await pilot.press("slash", "z", "z")
        await wait_until(pilot, lambda: "Nothing matches the filter" in screen_text(app))


async def test_archived_ones_show_when_asked_for_and_hostile_names_are_text(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(200, 24)) as pilot:
        rows = app.screen.query_one(Rows)
        await wait_until(pilot, lambda: rows.row_count == 3)
        await pilot.press("a")
        assert rows.row_count == 4
        assert visible(HOSTILE)[:12] in screen_text(app)
        assert "\x1b" not in screen_text(app)


@pytest.mark.parametrize("archive_all", [True, False])
async def test_a_home_with_only_archived_ones_says_so(store: Store, archive_all: bool) -> None:
    fill(store)
    if archive_all:
        with store.writing() as session:
            for row in session.exec(select(IntegrationRow)):
                row.archived = True
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "archived. Press a" in screen_text(app) or "crm" in screen_text(app))
        assert ("All integrations are archived" in screen_text(app)) == archive_all
        assert app.screen.query_one(Rows).row_count == (0 if archive_all else 3)
    assert len(hub.integrations(store, archived=True)) == 4


async def test_help_tells_every_key_of_the_page(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        page = app.screen
        told = [
            binding
            for _, binding, enabled, _ in page.active_bindings.values()
            if binding.id and enabled and binding.id.partition(".")[0] in ("home", "page", "app", "rows")
        ]
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        text = screen_text(app)
        assert len(told) > 10
        assert [binding.id for binding in told if not binding.tooltip or binding.description not in text] == []
        await pilot.resize_terminal(80, 40)
        await wait_until(pilot, lambda: "one then acts on all marked" not in screen_text(app) or app.size.width == 80)
        lines = screen_text(app).split("\n")
        begun = next(number for number, line in enumerate(lines) if "Mark all rows shown" in line)
        assert lines[begun + 1].find("one then acts") == lines[begun].find("Mark all rows"), (
            "it hangs below its beginning"
        )
        await pilot.resize_terminal(120, 40)
        await pilot.press("slash", *"ssh keys", "enter")
        await wait_until(pilot, lambda: "[home.accounts]" in screen_text(app))
        assert "[home.new]" not in screen_text(app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Add an integration" in screen_text(app))
        await pilot.press("escape")
        assert app.screen is page


async def test_an_empty_store_offers_the_demo_and_one_with_integrations_does_not(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "D  the demo" in screen_text(app))
        await pilot.press("D")
    assert app.next_command == "demo"
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        await pilot.press("D")
        await pilot.pause()
        assert app.is_running
    assert app.next_command is None
