"""Pictures: the functions that draw, the numbers behind them, and the page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select
from textual.pilot import Pilot

from pandium_tui.hub.history import FiresOfMinute, coming_fires, failures_by_hour, past_runs, recent_runs, runs_by_hour
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.pictures import PicturesPage
from pandium_tui.screens.waiting import Scope
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import RunRow, TenantRow
from pandium_tui.widgets.pictures import ASCII, BLOCKS, Marks, axis, bars, heat, sparkline
from tests.cli.command_line import CommandLine
from tests.screens.filling import NOW, Filled, ago, app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text


@given(st.lists(st.floats(0, 1e6)), st.integers(1, 9), st.sampled_from([BLOCKS, ASCII]))
def test_bars_keep_their_order_and_none_is_lost(values: list[float], height: int, marks: Marks) -> None:
    lines = bars(values, height, marks)
    assert [len(line) for line in lines] == [len(values)] * height
    tall = [sum(marks.levels.index(line[place]) for line in lines) for place in range(len(values))]
    assert all((one > 0) == (value > 0) for one, value in zip(tall, values, strict=True))
    ordered = sorted(range(len(values)), key=values.__getitem__)
    assert [tall[place] for place in ordered] == sorted(tall)


def test_pictures_look_like_this() -> None:
    assert bars([0, 1, 2, 4], 2) == ["   █", " ▄██"]
    assert bars([0, 1, 2, 4], 2, ASCII) == ["   #", " =##"]
    assert sparkline([1, 2, 4], [False, True, False]) == "▂✗█"
    assert heat([[0, 1, 8], [4, 0, 0]], 1) == [" ░█", "▒  "]
    assert axis([(0, "00"), (1, "01"), (3, "03"), (9, "09")], 10) == "00 03"


def fill_history(store: Store) -> Filled:
    """Of globex: a failure in each of the last three hours, and one two days ago; acme and globex fire every hour."""
    filled = fill(store)
    with store.writing() as session:
        for run in session.exec(select(RunRow)):
            run.created_date = ago(hours=60)  # ids grow with time
        for hours in (50, 3, 2, 1):
            session.add(
                RunRow(
                    tenant_id=2,
                    integration_id=filled.integration_id,
                    phase="Failed (Timeout)",
                    created_date=ago(hours=hours),
                    started_date=ago(hours=hours),
                    completed_date=ago(hours=hours) + timedelta(seconds=hours),
                )
            )
        globex = session.get_one(TenantRow, 2)
        globex.schedule, globex.timezone, globex.next_run = "30 6,12 * * *", "Asia/Kolkata", NOW + timedelta(hours=19)
    return filled


def test_the_numbers_behind_them(store: Store) -> None:
    filled = fill_history(store)
    crm = filled.integration_id
    assert [one.seconds for one in past_runs(store, 2)] == [60, 50, 3, 2, 1]
    assert [(one.tenant_name, len(one.runs)) for one in recent_runs(store, crm, 4)] == [("acme", 1), ("globex", 4)]
    hours = runs_by_hour(store, crm, hours=4, now=NOW)
    assert [(NOW - one.hour, one.runs, one.succeeded, one.failed) for one in hours] == [
        (timedelta(hours=3), 1, 0, 1),
        (timedelta(hours=2), 1, 0, 1),
        (timedelta(hours=1), 1, 0, 1),
        (timedelta(0), 0, 0, 0),
    ]
    assert [one.failed for one in failures_by_hour(store, now=NOW)] == [1, 1, 1, 2]
    assert failures_by_hour(store, crm + 1, now=NOW) == []
    coming = coming_fires(store, now=NOW)
    assert (len(coming), sum(one.fires for one in coming)) == (24, 26)
    assert FiresOfMinute(NOW + timedelta(hours=19), 2) in coming  # 12:30 in India is 07:00 UTC
    assert len(coming_fires(store, tenant_id=2, now=NOW)) == 2


def test_the_command_line_says_them_line_by_line(store: Store) -> None:
    fill_history(store)
    command_line = CommandLine(store.settings.home)
    assert [one["seconds"] for one in command_line.json("history", "runs", "crm-sync/globex")] == [60, 50, 3, 2, 1]


def test_the_page_looks_like_this(store: Store, snap_compare: Callable[..., bool]) -> None:
    filled = fill_history(store)
    app = app_on(store)
    scope = Scope(("crm-sync",), integration_id=filled.integration_id)

    async def before(pilot: Pilot[Any]) -> None:
        await app.push_screen(PicturesPage(scope))
        await wait_until(pilot, lambda: "Scheduler off" in screen_text(app) and "minutes" in screen_text(app))

    assert snap_compare(app, run_before=before, terminal_size=(120, 40))


async def test_rows_have_a_picture_of_their_newest_runs(store: Store) -> None:
    filled = fill_history(store)
    app = app_on(store)
    async with app.run_test(size=(150, 30)) as pilot:
        await wait_until(pilot, lambda: "█✗✗✗✗✗" in screen_text(app))
        await app.push_screen(IntegrationPage(filled.integration_id))
        await pilot.press("v")
        await wait_until(pilot, lambda: "✗✗✗✗✗" in screen_text(app) and "globex" in screen_text(app))


async def test_the_same_numbers_as_text(store: Store) -> None:
    fill_history(store)
    app = app_on(store)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("o")
        await wait_until(pilot, lambda: "Crowded minutes: 01:00 (2), 07:00 (2)" in screen_text(app))
        await pilot.press("t")
        await wait_until(pilot, lambda: "2099-05-04 13:00:00  1 fire" in screen_text(app))
        await pilot.press("end")
        await wait_until(pilot, lambda: "2099-05-02 10:00:00  1 failed" in screen_text(app))
        await app.push_screen(PicturesPage(Scope(("crm-sync",), integration_id=1)))
        await wait_until(pilot, lambda: "Crowded minutes" in screen_text(app))
        await pilot.press("end")
        await wait_until(pilot, lambda: "globex  ✗✗✗✗✗" in screen_text(app))
