"""What waits and what was skipped, and the keys that pause, over a real store."""

from datetime import timedelta

from pandium_tui.hub.integrations import integration
from pandium_tui.hub.pausing import engines_pause
from pandium_tui.hub.triggers import held_triggers
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.run import RunPage
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.screens.waiting import WaitingPage
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import TriggerRow
from pandium_tui.storage.unattended_tables import SkippedSlotsRow
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.rows import Rows
from tests.screens.filling import NOW, Filled, ago, app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text


def fill_waiting(store: Store) -> Filled:
    """Of acme, which runs: two triggers that wait, and slots that run 3 was in the way of."""
    filled = fill(store)
    asked = {"tenant_id": filled.tenant_id, "created_date": ago(minutes=1)}
    with store.writing() as session:
        session.add(TriggerRow(source="manual", created_by="ada", **asked))
        later = NOW + timedelta(minutes=5)
        session.add(TriggerRow(source="cron", scheduled_for=ago(minutes=2), not_before=later, **asked))
        session.add(
            SkippedSlotsRow(
                tenant_id=filled.tenant_id,
                first_slot=ago(hours=3),
                last_slot=ago(hours=1),
                slots=3,
                reason="the run before was still going",
                blocking_run_id=3,
                created_date=ago(hours=1),
            )
        )
    return filled


async def test_a_trigger_is_cancelled_and_the_run_in_the_way_opened(store: Store) -> None:
    filled = fill_waiting(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(TenantPage(filled.tenant_id))
        await wait_until(pilot, lambda: bool(app.screen.query_one(Facts).facts))
        facts = dict(app.screen.query_one(Facts).facts)
        assert facts["Skipped (w)"] == "2099-05-04 09:00:00 and 2 more: the run before was still going (run 3)"
        await pilot.press("w")
        await wait_until(pilot, lambda: isinstance(app.screen, WaitingPage))
        held = app.screen.query(Rows).first()
        await wait_until(pilot, lambda: held.row_count == 2)
        await pilot.press("x")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: isinstance(app.screen, WaitingPage) and held.row_count == 1)
        assert [one.trigger.source for one in held_triggers(store, integration_id=filled.integration_id)] == ["cron"]
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, RunPage))


async def test_integrations_and_engines_are_paused_by_keys_and_say_so(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)

    def paused() -> bool:
        return integration(store, filled.integration_id).paused

    async with app.run_test(size=(80, 24)) as pilot:
        rows = app.screen.query_one(Rows)
        await wait_until(pilot, lambda: rows.row_count == 3)
        await pilot.press("j", "p")
        await wait_until(pilot, lambda: paused() and "‖ paused" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage) and "Press P" in screen_text(app))
        await pilot.press("P")
        await wait_until(pilot, lambda: not paused())
        await pilot.press("escape", "P")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: engines_pause(store) is not None)
        await wait_until(pilot, lambda: app.overview is not None and app.overview.paused_by is not None)
        await wait_until(pilot, lambda: "‖ all paused" in screen_text(app))
        await pilot.press("P")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm) and "Let the engines" in screen_text(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: engines_pause(store) is None)
