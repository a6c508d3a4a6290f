"""The page of a tenant, over a real store."""

from datetime import timedelta
from typing import Any, cast

import pytest
from sqlmodel import select
from textual.pilot import Pilot

from pandium_tui.app import PandiumApp
from pandium_tui.engine.dispatch import bundle_triggers
from pandium_tui.hub.integrations import archive_integration
from pandium_tui.hub.pausing import pause_engines, pause_integration
from pandium_tui.hub.tenants import tenant
from pandium_tui.screens.connection_form import ConnectionForm
from pandium_tui.screens.connections import ConnectionsPage
from pandium_tui.screens.metadata_form import MetadataForm
from pandium_tui.screens.run import RunPage
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.screens.text_screen import TextScreen
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow, RunRow, TenantRow, TriggerRow
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.field import Field, LinesInput
from pandium_tui.widgets.loaded_part import PAGE
from pandium_tui.widgets.rows import Rows
from tests.connecting import ACTOR, add, define_crm
from tests.screens.filling import HOSTILE, NOW, ago, app_on, fill
from tests.screens.log_files import offered_keys, open_page, wait_until
from tests.screens.test_widgets import screen_text


def change(store: Store, tenant_id: int, **values: object) -> None:
    with store.writing() as session:
        row = session.get_one(TenantRow, tenant_id)
        for name, value in values.items():
            setattr(row, name, value)


def end_runs(store: Store) -> None:
    with store.writing() as session:
        for run in session.exec(select(RunRow).where(RunRow.phase == "Running")):
            run.phase, run.completed_date, run.exit_code = "Succeeded", ago(minutes=1), 0


def facts(app: PandiumApp) -> dict[str, str]:
    return dict(app.screen.query_one(Facts).facts)


async def test_facts_of_a_busy_tenant(store: Store) -> None:
    filled = fill(store)
    with store.writing() as session:
        session.add(TriggerRow(tenant_id=filled.tenant_id, source="manual", created_date=NOW))
    app = app_on(store)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        said = facts(app)
    assert said["Tenant"] == "crm-sync/acme  ✓ active"
    assert said["Release"] == "Default channel → crm-sync-1"
    assert said["Schedule"].endswith("(0 * * * *, UTC)")
    assert said["Next run"] == "2099-05-04 13:00:00 UTC (in 1 h)"
    assert said["Runs now"].startswith("● Running, run ")
    assert said["Runs now"].endswith("; 1 trigger waits (w)")
    assert said["Last run"].startswith("✓ Succeeded, run ")
    assert said["Settings"] == "batch=100"


async def test_a_schedule_that_fires_nothing_says_why(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        pause_engines(store, ACTOR)
        await wait_until(pilot, lambda: facts(app)["Next run"].startswith("none while the engines are paused"))
        pause_integration(store, filled.integration_id, ACTOR)
        await wait_until(pilot, lambda: facts(app)["Next run"].startswith("none while crm-sync is paused"))
        archive_integration(store, filled.integration_id, ACTOR)
        await wait_until(pilot, lambda: facts(app)["Next run"] == "none while crm-sync is archived")


async def test_a_tenant_that_cannot_run_says_so(store: Store) -> None:
    filled = fill(store)
    change(store, filled.tenant_id, schedule=None, user_schedule=None, next_run=None, paused=True)
    with store.writing() as session:
        parent = session.get_one(TenantRow, filled.tenant_id).integration_id
        session.get_one(IntegrationRow, parent).default_release_id = None
    app = app_on(store)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        said = facts(app)
        assert said["Release"] == "Default channel → ! no release: it cannot run"
        assert said["Schedule"] == "none: runs only by hand"
        assert said["Next run"].startswith("never: paused")
        await pilot.press("r")
        await wait_until(pilot, lambda: any("leads to no release" in note.message for note in app._notifications))


@pytest.mark.parametrize(("key", "mode"), [("r", "normal"), ("i", "init")])
async def test_run_now_opens_the_run_once_it_is_there(store: Store, key: str, mode: str) -> None:
    filled = fill(store)
    end_runs(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        await pilot.press(key)
        # No engine is running in this test, which the page says.
        await wait_until(pilot, lambda: any("no engine" in note.message for note in app._notifications))
        assert isinstance(app.screen, TenantPage)
        bundle_triggers(store)
        await wait_until(pilot, lambda: isinstance(app.screen, RunPage) and bool(facts(app)))
        assert facts(app)["Run"].endswith(f"○ Queued  ({mode})")
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, TenantPage))
        await pilot.press("p")
        await wait_until(pilot, lambda: "paused" in dict(app.screen.query_one(Facts).facts).get("Tenant", ""))
        assert isinstance(app.screen, TenantPage)  # shown again, it does not open the run again


async def test_run_now_says_which_run_it_waits_for(store: Store) -> None:
    filled = fill(store)
    current = tenant(store, filled.tenant_id).current_run
    assert current is not None
    app = app_on(store)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        await pilot.press("r")
        words = f"waits for run {current.id} of this tenant"
        await wait_until(pilot, lambda: any(words in note.message for note in app._notifications))


async def test_pause_and_resume(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        await pilot.press("p")
        await wait_until(pilot, lambda: facts(app)["Tenant"].endswith("‖ paused"))
        await pilot.press("p")
        await wait_until(pilot, lambda: facts(app)["Tenant"].endswith("✓ active"))


async def test_archive_asks_and_restore_takes_it_back(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        await pilot.press("x")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, TenantPage))
        assert not tenant(store, filled.tenant_id).archived
        for archived in (True, False):
            assert set("ripe") & offered_keys(app) == (set("ripe") if archived else set())
            await pilot.press("x")
            await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
            await pilot.press("y")
            await wait_until(
                pilot,
                lambda archived=archived: (  # type: ignore[misc]
                    isinstance(app.screen, TenantPage) and ("archived" in facts(app)["Tenant"]) == archived
                ),
            )
        await pilot.press("p")
        await wait_until(pilot, lambda: tenant(store, filled.tenant_id).paused)


async def test_enter_opens_the_run_under_the_cursor(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        rows = app.screen.query_one(Rows)
        await wait_until(pilot, lambda: rows.row_count == 2)
        await pilot.press("j", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, RunPage) and bool(facts(app)))
        assert facts(app)["Run"].startswith(f"{rows.keys[1]} ")


async def test_older_runs_come_when_the_cursor_gets_there(store: Store) -> None:
    filled = fill(store)
    end_runs(store)
    with store.writing() as session:
        integration_id = session.get_one(TenantRow, filled.tenant_id).integration_id
        session.add_all(
            RunRow(
                tenant_id=filled.tenant_id,
                integration_id=integration_id,
                phase="Succeeded",
                created_date=NOW - timedelta(minutes=number),
                completed_date=NOW,
            )
            for number in range(PAGE + 50)
        )
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        rows = app.screen.query_one(Rows)
        await wait_until(pilot, lambda: rows.row_count == PAGE)
        await pilot.press("greater_than_sign")
        await wait_until(pilot, lambda: rows.keys[:1] == [1])
        await pilot.press("end")
        await wait_until(pilot, lambda: rows.current_key == PAGE + 53 and rows.row_count == PAGE)
        await pilot.press("home")
        await wait_until(pilot, lambda: rows.current_key == 1)
        while rows.row_count == PAGE:
            await pilot.press("pagedown")
        await wait_until(pilot, lambda: rows.row_count == PAGE + 52)


async def test_edit_opens_the_form_and_the_settings_are_shown_in_full(store: Store) -> None:
    filled = fill(store)
    change(store, filled.tenant_id, configs={"note": HOSTILE})
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, TenantPage))
        await pilot.press("e")
        await wait_until(pilot, lambda: type(app.screen).__name__ == "TenantForm")


async def test_metadata_is_edited_and_what_does_not_fit_stays_in_the_form(store: Store) -> None:
    filled = fill(store)
    with store.writing() as session:
        release = session.get_one(ReleaseRow, tenant(store, filled.tenant_id).release_id)
        release.metadata_schema = {"type": "object", "properties": {"cursor": {"type": "integer"}}}
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(app.screen, MetadataForm))
        form = app.screen
        control = form.query_one(LinesInput)
        control.text = '{"cursor": "often"}'
        await wait_until(pilot, lambda: "cursor" in form.query_one(Field).problem)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: not cast(MetadataForm, form).saving)
        assert app.screen is form and tenant(store, filled.tenant_id).metadata == {}
        control.text = "cursor: 7"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(app.screen, TenantPage))
    assert tenant(store, filled.tenant_id).metadata == {"cursor": 7}


async def test_an_init_run_is_offered_after_connecting(store: Store) -> None:
    filled = fill(store)
    define_crm(store)
    add(store, filled.integration_id, "crm", method="key")
    with store.writing() as session:
        session.get_one(ReleaseRow, filled.release_id).config_schema = {
            "properties": {"queue": {"$ref": "#/definitions/queues"}},
            "definitions": {"queues": {"enum": ["placeholder"]}},
        }
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, TenantPage(filled.tenant_id))
        assert "Init run" not in facts(app)
        await connect_by_keys(pilot, app, "a-value-of-mine")
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, ConnectionsPage))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, TenantPage) and "Init run" in facts(app))
        await connect_by_keys(pilot, app, "another-value")
        await pilot.press("y")
        await wait_until(pilot, lambda: init_triggers(store) == [filled.tenant_id])


async def connect_by_keys(pilot: Pilot[Any], app: PandiumApp, value: str) -> None:
    """From the tenant's page to the question after it was connected."""
    await pilot.press("c")
    await wait_until(
        pilot, lambda: isinstance(app.screen, ConnectionsPage) and app.screen.query_one(Rows).row_count > 0
    )
    await pilot.press("c")
    await wait_until(pilot, lambda: isinstance(app.screen, ConnectionForm))
    await pilot.press(*value, "ctrl+s")
    await wait_until(pilot, lambda: isinstance(app.screen, Confirm))


def init_triggers(store: Store) -> list[int]:
    with store.writing() as session:
        return [one.tenant_id for one in session.exec(select(TriggerRow).where(TriggerRow.mode == "init"))]


async def test_what_fills_a_list_is_told_to_its_end_on_a_small_screen(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(60, 20)) as pilot:
        await app.push_screen(ConnectionsPage(tenant(store, filled.tenant_id)))
        await wait_until(pilot, lambda: "(Reprovision Connectors)." in screen_text(app))
