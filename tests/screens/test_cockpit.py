"""What goes on, and store and disk, over a real store."""

from collections.abc import Callable
from datetime import UTC, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot

from pandium_tui.hub.activity import activities
from pandium_tui.hub.cockpit import Entry, cockpit
from pandium_tui.hub.runs import runs
from pandium_tui.screens.cockpit import CockpitPage, cells_of
from pandium_tui.screens.connections import ConnectionsPage
from pandium_tui.screens.health import HealthPage
from pandium_tui.screens.run import RunPage
from pandium_tui.storage.database import Store
from pandium_tui.storage.setup_tables import ConnectionRow, ConnectorRow
from pandium_tui.storage.tables import RunRow, TenantRow
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.rows import Rows
from pandium_tui.widgets.when import When
from tests.screens.filling import NOW, Filled, ago, app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text


def fill_with_credentials(store: Store) -> Filled:
    """Two of acme: one expires in nine days, one has."""
    filled = fill(store)
    dates = {"created_date": ago(days=9), "modified_date": ago(days=9)}
    with store.writing() as session:
        for number, name in enumerate(("hubspot", "slack")):
            connector = ConnectorRow(
                uuid=f"1{number}",
                integration_id=filled.integration_id,
                name=name,
                catalogue_id="generic",
                scope="tenant",
                method="values",
                **dates,
            )
            session.add(connector)
            session.flush()
            session.add(
                ConnectionRow(
                    uuid=f"2{number}",
                    connector_id=connector.id,
                    tenant_id=filled.tenant_id,
                    method="values",
                    expires_date=NOW + timedelta(days=9 - 12 * number),
                    **dates,
                )
            )
    return filled


def test_what_is_wrong_comes_first(store: Store) -> None:
    filled = fill_with_credentials(store)
    found = cockpit(store, NOW)
    assert [(one.kind, one.wrong) for one in found] == [
        ("failing", True),
        ("build", True),
        ("credential", True),
        ("credential", True),
        ("storage", False),
        ("running", False),
        ("next", False),
    ]
    assert found[0].subject == "crm-sync/globex"
    assert found[0].words == "Failed (Integration Issue), never succeeded"
    assert found[2].place == ("connections", filled.tenant_id)
    assert found[6].date == NOW + timedelta(hours=1)
    with store.writing() as session:
        for tenant in (session.get_one(TenantRow, found[6].place[1]), session.get_one(TenantRow, 2)):
            tenant.archived = True
    assert "failing" not in [one.kind for one in cockpit(store, NOW)]


def test_it_looks_like_this(store: Store, snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=34 * 2**30))
    fill_with_credentials(store)
    app = app_on(store)

    async def before(pilot: Pilot[Any]) -> None:
        await wait_until(pilot, lambda: "2 credentials to renew" in screen_text(app))
        await pilot.press("v")
        await wait_until(pilot, lambda: "Scheduler off" in screen_text(app) and "globex" in screen_text(app))

    assert snap_compare(app, run_before=before, terminal_size=(120, 40))


@pytest.mark.parametrize(("seconds", "told"), [(2, "for < 1 m"), (61, "for 1 m"), (3700, "for 1 h 1 m")])
def test_what_runs_says_for_how_long(seconds: int, told: str) -> None:
    runs_now = Entry("running", False, ("run", 1), "crm/acme", "run 1", NOW - timedelta(seconds=seconds))
    assert cells_of(runs_now, When(NOW, UTC))[2] == told


async def test_each_row_leads_to_its_place(store: Store) -> None:
    fill_with_credentials(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("v")
        await wait_until(
            pilot, lambda: isinstance(app.screen, CockpitPage) and app.screen.query_one(Rows).row_count == 7
        )
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, RunPage))
        await pilot.press("escape", "n", "n", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ConnectionsPage))
        await pilot.press("escape", "d")
        await wait_until(pilot, lambda: isinstance(app.screen, HealthPage))


async def test_prune_shows_what_would_go_first_and_the_store_is_copied_and_vacuumed(store: Store) -> None:
    filled = fill(store)
    with store.writing() as session:
        for _ in range(store.settings.keep_runs + 3):
            session.add(
                RunRow(
                    tenant_id=2,
                    integration_id=filled.integration_id,
                    phase="Cancelled",
                    created_date=ago(days=90 * 365),
                    completed_date=ago(days=90 * 365),
                )
            )
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d")
        await wait_until(pilot, lambda: "Free on the disk" in screen_text(app))
        await pilot.press("p")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm) and "3 runs with" in screen_text(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: len(runs(store, tenant_id=2, limit=500)) == store.settings.keep_runs + 1)
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count > 5)
        for key in ("b", "v"):
            await pilot.press(key)
            await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
            await pilot.press("y")
            await wait_until(pilot, lambda: isinstance(app.screen, HealthPage))
        await wait_until(pilot, lambda: {"back up store", "vacuum store"} <= {one.action for one in activities(store)})
    assert [one.suffix for one in store.settings.backups_folder.iterdir()] == [".db"]
