"""What the screens say where there is nothing, one or too much of something, over a real store."""

import json
from datetime import UTC

from sqlmodel import select

from pandium_tui.hub.connector_offers import offered
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.releases import release
from pandium_tui.screens.build_form import BuildForm
from pandium_tui.screens.connector_forms import OfferScreen
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.integration.setup_repository import SetupFiles
from pandium_tui.screens.release import ReleasePage
from pandium_tui.screens.release_words import facts_of
from pandium_tui.screens.target_choice import TargetChoice
from pandium_tui.sources.scaffold import PlannedFile, ScaffoldPlan
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow, RunRow, TenantRow
from pandium_tui.widgets.when import NOTHING, When
from tests.scenario import ACTOR
from tests.screens.filling import NOW, app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_settings_page import opened, tenant_with
from tests.screens.test_widgets import screen_text

LONG = "long " * 200


async def test_forms_and_dialogs_name_their_keys_and_keep_to_their_lines(store: Store) -> None:
    filled = fill(store)
    with store.writing() as session:
        session.get_one(IntegrationRow, filled.integration_id).long_name = LONG
    one = integration(store, filled.integration_id)
    states = {"one.py": "new", f"{LONG}.py": "differs"}
    files = tuple(PlannedFile(path, b"x", state) for path, state in states.items())  # type: ignore[arg-type]
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(BuildForm(store, ACTOR, one))
        await wait_until(pilot, lambda: "^s Build" in screen_text(app))
        await app.push_screen(SetupFiles(store, ACTOR, one, ScaffoldPlan("python", "setup", "0" * 40, True, files)))
        await wait_until(pilot, lambda: "+ one.py: new, 1 line " in screen_text(app).replace("\n", " \n"))
        assert ".py: it differs" in screen_text(app)
        await app.push_screen(TargetChoice("Move to", [(LONG, 1), ("short", 2)], store))
        await wait_until(pilot, lambda: "short" in screen_text(app))
        lines = screen_text(app).split("\n")
        above = next(number for number, line in enumerate(lines) if "short" in line) - 1
        assert "long" in lines[above] and "long" not in lines[above - 1]
        await app.push_screen(OfferScreen(offered(store, filled.integration_id)))
        await wait_until(pilot, lambda: isinstance(app.screen, OfferScreen) and "hubspot" in screen_text(app))
        lines = screen_text(app).split("\n")
        places = {line.index(label) for line in lines for label in ("HubSpot", "Basic") if f"  {label}" in line}
        assert len(places) == 1


async def test_a_release_that_was_not_built_and_the_number_of_tenants(store: Store) -> None:
    filled = fill(store)
    with store.writing() as session:
        session.get_one(ReleaseRow, filled.release_id).started_date = None
    assert dict(facts_of(release(store, filled.release_id), When(NOW, UTC)))["Built"] == NOTHING
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(IntegrationPage(filled.integration_id))
        await wait_until(pilot, lambda: " Tenants 2 " in screen_text(app))
        await app.push_screen(ReleasePage(filled.release_id))
        await pilot.press("2")
        await wait_until(pilot, lambda: "PANDIUM.yaml has not been read yet" in screen_text(app))
        assert "1 PANDIUM.yaml" not in screen_text(app)


async def test_home_cuts_what_waits_and_not_what_runs(store: Store) -> None:
    filled = fill(store)
    with store.writing() as session:
        running = session.exec(select(RunRow).where(RunRow.phase == "Running")).one()
        other = session.exec(select(TenantRow).where(TenantRow.id != running.tenant_id)).first()
        assert other is not None
        queued = RunRow(
            tenant_id=other.id or 0,
            integration_id=filled.integration_id,
            release_id=filled.release_id,
            mode="normal",
            phase="Queued",
            created_date=NOW,
        )
        session.add(queued)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "1 running…" in screen_text(app))


async def test_a_long_label_leaves_room_for_the_other_fields(store: Store) -> None:
    properties = {"one": {"type": "string", "title": LONG}, "two": {"type": "string", "title": "Second field"}}
    tenant_id = tenant_with(store, json.dumps({"schema": {"type": "object", "properties": properties}}))
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, tenant_id)
        assert "Second field" in screen_text(app)
