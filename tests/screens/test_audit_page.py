"""Who did what, over a real store."""

from pandium_tui.screens.audit import AuditPage
from pandium_tui.screens.run import RunPage
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import ActivityRow
from pandium_tui.widgets.loaded_part import PAGE
from pandium_tui.widgets.rows import Rows
from tests.screens.filling import HOSTILE, ago, app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text


def fill_trail(store: Store) -> None:
    filled = fill(store)
    crm, acme = filled.integration_id, filled.tenant_id
    with store.writing() as session:
        for minutes, who, what, about in (
            (60, "ada (hub)", "build release", {"integration_id": crm, "release_id": filled.release_id}),
            (50, "ada (cli)", "pause engines", {"detail": HOSTILE}),
            (40, "bob (api)", "cancel run", {"integration_id": crm, "tenant_id": acme, "run_id": 1}),
            (30, "bob (api)", "archive tenant", {"integration_id": 99, "tenant_id": 99}),
        ):
            session.add(ActivityRow(created_date=ago(minutes=minutes), actor=who, action=what, **about))


async def test_it_is_filtered_and_a_row_leads_to_what_it_is_about(store: Store) -> None:
    fill_trail(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("U")
        await wait_until(pilot, lambda: isinstance(app.screen, AuditPage))
        rows = app.screen.query_one(Rows)
        await wait_until(pilot, lambda: rows.row_count == 4)
        await pilot.press("slash", *"run:1", "enter")
        await wait_until(pilot, lambda: rows.row_count == 1)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, RunPage))


async def test_the_oldest_row_is_a_key_away(store: Store) -> None:
    with store.writing() as session:
        session.add_all(
            ActivityRow(created_date=ago(minutes=9), actor="ada (hub)", action=f"act {number}") for number in range(230)
        )
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("U")
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == PAGE)
        await pilot.press("G")
        await wait_until(pilot, lambda: "act 0 " in screen_text(app) and app.screen.query_one(Rows).current_key == 1)
        await pilot.press("g")
        await wait_until(pilot, lambda: "act 229" in screen_text(app) and app.screen.query_one(Rows).current_key == 230)
