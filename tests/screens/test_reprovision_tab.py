"""Reprovision Connectors and Connector Status, driven by keys over a real store."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Checkbox, Static

from pandium_tui.app import PandiumApp
from pandium_tui.hub.activity import activities
from pandium_tui.hub.connections import connection, connections
from pandium_tui.hub.connectors import connector, connectors
from pandium_tui.hub.revealing import SecretPlace
from pandium_tui.hub.revealing import reveal as open_secret
from pandium_tui.screens import reveal
from pandium_tui.screens.connection_form import ConnectionForm
from pandium_tui.screens.connections import ConnectionsPage
from pandium_tui.screens.connector_forms import ConnectorForm, OfferScreen, ProvisionForm
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.integration.reprovision import ReprovisionTab
from pandium_tui.screens.page import Page
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.storage.database import Store
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.rows import Rows
from pandium_tui.widgets.secret_input import MASK, SecretInput
from tests.connecting import ACTOR, add, connect, define_crm
from tests.screens.filling import Filled, app_on, fill
from tests.screens.log_files import open_page, wait_until
from tests.screens.test_widgets import screen_text

CANARY = "canary-screen-77ab"


@pytest.fixture(autouse=True)
def no_key_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PANDIUM_TUI_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def filled(store: Store) -> Filled:
    define_crm(store)
    return fill(store)


@pytest.fixture
def connected(store: Store, filled: Filled) -> Filled:
    """Three connectors: one that acme connected, a global one, one by a pasted token."""
    crm = add(store, filled.integration_id, "crm-main", "crm", client_id="id-4711", client_secret="a-client-secret")
    connect(store, crm, filled.tenant_id, {"account": "a-17", "access_token": CANARY})
    add(store, filled.integration_id, "hubspot", method="access-token", scope="global")
    add(store, filled.integration_id, "slack-oauth", "slack", "oauth")
    with sqlite3.connect(store.file) as database:  # what differs from store to store
        database.execute("UPDATE sealed_value SET fingerprint = '3fa2c1', set_date = '2099-05-04T10:00:00.000000Z'")
    return filled


async def open_tab(pilot: Pilot[None], app: PandiumApp, filled: Filled) -> IntegrationPage:
    page = IntegrationPage(filled.integration_id)
    await open_page(pilot, app, page)
    await pilot.press("4")
    await wait_until(pilot, lambda: "Connector " in screen_text(app) or "No connectors" in screen_text(app))
    return page


def rows_of(page: IntegrationPage) -> Rows:
    return page.query_one(ReprovisionTab).query_one(Rows)


def is_on(app: PandiumApp, screen: type) -> Callable[[], bool]:
    return lambda: isinstance(app.screen, screen) and app.screen.is_mounted


def test_the_tab_looks_like_this(store: Store, connected: Filled, snap_compare: Callable[..., bool]) -> None:
    app = app_on(store)

    async def before(pilot: Pilot[Any]) -> None:
        page = await open_tab(pilot, app, connected)
        await wait_until(pilot, lambda: rows_of(page).row_count == 3)
        await pilot.press("s")
        await pilot.pause()

    assert snap_compare(app, run_before=before, terminal_size=(120, 40))


def test_the_connect_form_looks_like_this(store: Store, connected: Filled, snap_compare: Callable[..., bool]) -> None:
    app = app_on(store)

    async def before(pilot: Pilot[Any]) -> None:
        await open_page(pilot, app, TenantPage(connected.tenant_id))
        await pilot.press("c")
        await wait_until(pilot, lambda: "fingerprint" in screen_text(app))
        await pilot.press("c")
        await wait_until(pilot, is_on(app, ConnectionForm))
        await pilot.press("tab", *"abc")
        await wait_until(pilot, lambda: "too short" in screen_text(app))

    assert snap_compare(app, run_before=before, terminal_size=(80, 24))


async def test_a_connector_is_added_provisioned_and_removed_by_keys(store: Store, filled: Filled) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        page = await open_tab(pilot, app, filled)
        assert "Press a to add one" in screen_text(app)
        await pilot.press("a")
        await wait_until(pilot, is_on(app, OfferScreen))
        await pilot.press(*"crmx", "enter")
        await wait_until(pilot, lambda: "No connector has this in its name." in screen_text(app))
        await pilot.press("backspace", "enter")
        await wait_until(pilot, is_on(app, ConnectorForm))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: is_on(app, IntegrationPage)() and rows_of(page).row_count == 1)
        one = connector(store, filled.integration_id, "crm")
        assert (one.method, one.scope, "Client ID is missing" in one.problem) == ("token", "tenant", True)
        await wait_until(pilot, lambda: "! not provisioned" in screen_text(app))
        await pilot.press("e")
        await wait_until(pilot, is_on(app, ProvisionForm))
        await pilot.press("tab", *"id-1", "tab", *CANARY)
        assert CANARY not in screen_text(app)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: not connector(store, filled.integration_id, "crm").problem)
        await wait_until(pilot, lambda: is_on(app, IntegrationPage)() and MASK in screen_text(app))
        await pilot.press("x")
        await wait_until(pilot, is_on(app, Confirm))
        assert "Nobody is connected" in screen_text(app)
        await pilot.press("y")
        await wait_until(pilot, lambda: connectors(store, filled.integration_id) == [])


async def test_who_must_reconnect_is_told_and_needs_consent(store: Store, connected: Filled) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await open_tab(pilot, app, connected)
        await wait_until(pilot, lambda: rows_of(page).row_count == 3)
        await pilot.press("e")
        await wait_until(pilot, is_on(app, ProvisionForm))
        await pilot.press("tab", "end", *"-new", "ctrl+s")
        await wait_until(pilot, lambda: "tenant crm-sync/acme must reconnect" in screen_text(app))
        assert connector(store, connected.integration_id, "crm-main").connected == ("acme",)
        app.screen.query_one(Checkbox).value = True
        await pilot.pause()
        await pilot.press("ctrl+s")
        await wait_until(pilot, is_on(app, IntegrationPage))
        assert connector(store, connected.integration_id, "crm-main").connected == ()
        assert connections(store, connected.tenant_id)[0].status == "reconnect needed"


async def test_a_tab_that_has_left_the_screen_is_shown_no_more(store: Store, connected: Filled) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await open_tab(pilot, app, connected)
        await wait_until(pilot, lambda: rows_of(page).row_count == 3)
        tab = page.query_one(ReprovisionTab)
        await tab.remove()
        await tab.renew()


async def test_the_scope_changes_after_naming_who_is_affected(store: Store, connected: Filled) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await open_tab(pilot, app, connected)
        await wait_until(pilot, lambda: rows_of(page).row_count == 3)
        await pilot.press("m")
        await wait_until(pilot, is_on(app, Confirm))
        assert "tenant crm-sync/acme is deleted" in screen_text(app)
        await pilot.press("n")
        await wait_until(pilot, is_on(app, IntegrationPage))
        assert connector(store, connected.integration_id, "crm-main").scope == "tenant"
        await pilot.press("m")
        await wait_until(pilot, is_on(app, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: connector(store, connected.integration_id, "crm-main").scope == "global")


async def test_a_global_connector_is_connected_on_the_tab_and_a_tenants_is_not(store: Store, connected: Filled) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        page = await open_tab(pilot, app, connected)
        await wait_until(pilot, lambda: rows_of(page).row_count == 3)
        await pilot.press("c")
        await wait_until(pilot, lambda: "is connected by each" in screen_text(app))
        assert isinstance(app.screen, IntegrationPage)
        await pilot.press("j", "c")
        await wait_until(pilot, is_on(app, ConnectionForm))
        await pilot.press(*CANARY, "ctrl+s")
        hubspot = connector(store, connected.integration_id, "hubspot").id
        await wait_until(pilot, lambda: connection(store, hubspot, None).status == "connected (never tested)")
        await wait_until(pilot, lambda: "never tested" in screen_text(app))
        assert CANARY not in app.export_screenshot()


async def test_a_tenant_connects_tests_and_disconnects(store: Store, connected: Filled) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_page(pilot, app, TenantPage(connected.tenant_id))
        facts = dict(app.screen.query_one(Facts).facts)
        assert facts["Connectors"].startswith("crm-main · connected (never tested), hubspot ○ not connected")
        await pilot.press("c")
        await wait_until(pilot, is_on(app, ConnectionsPage))
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        await pilot.press("t")
        await wait_until(pilot, lambda: "It has no address of its own" in screen_text(app))
        await pilot.press("o")
        await wait_until(pilot, lambda: connections(store, connected.tenant_id)[0].status == "disabled")
        await pilot.press("o")
        await wait_until(pilot, lambda: connections(store, connected.tenant_id)[0].status != "disabled")
        await pilot.press("d")
        await wait_until(pilot, is_on(app, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: connections(store, connected.tenant_id)[0].status == "not connected")
        await wait_until(pilot, is_on(app, ConnectionsPage))
        await pilot.press("enter")
        await wait_until(pilot, is_on(app, ConnectionForm))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: screen_text(app).count("is required") == 2)
        await pilot.press("escape")
        await wait_until(pilot, is_on(app, ConnectionsPage))
        assert CANARY not in app.export_screenshot()


async def shown_secret(pilot: Pilot[None], app: PandiumApp, filled: Filled) -> None:
    await open_page(pilot, app, TenantPage(filled.tenant_id))
    await pilot.press("c")
    await wait_until(pilot, lambda: is_on(app, ConnectionsPage)() and app.screen.query_one(Rows).row_count == 3)
    await pilot.press("w")
    await wait_until(pilot, is_on(app, reveal.RevealQuestion))
    assert CANARY not in screen_text(app)
    await pilot.press("tab", "enter")
    await wait_until(pilot, lambda: is_on(app, reveal.RevealScreen)() and CANARY in screen_text(app))


def reveals(store: Store) -> int:
    return len([one for one in activities(store) if one.action == "reveal secret"])


@pytest.mark.parametrize("how", ["escape", "blur", "time", "screen"])
async def test_a_revealed_secret_hides(
    store: Store, connected: Filled, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "time":
        monkeypatch.setattr(reveal, "SHOWN_FOR", 1.5)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await shown_secret(pilot, app, connected)
        assert not [one for one in app.get_system_commands(app.screen) if "screenshot" in one.title.lower()]
        if how == "escape":
            await pilot.press("escape")
        elif how == "blur":
            app.post_message(events.AppBlur())
        elif how == "screen":
            lying = app.screen
            await app.push_screen(Confirm("Something else?"))
            await wait_until(pilot, lambda: "hidden" in str(lying.query_one("#value", Static).content))
            await pilot.press("n")
        await wait_until(pilot, is_on(app, ConnectionsPage))
        assert CANARY not in app.export_screenshot()
    assert reveals(store) == 1


async def test_a_connector_becomes_optional_and_needed_again(store: Store, connected: Filled) -> None:
    app = app_on(store)

    def optional() -> bool:
        return connector(store, connected.integration_id, "crm-main").optional

    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        page = await open_tab(pilot, app, connected)
        await wait_until(pilot, lambda: rows_of(page).row_count == 3)
        await pilot.press("n")
        await wait_until(pilot, lambda: optional() and "crm-main is optional" in screen_text(app))
        await pilot.press("n")
        await wait_until(pilot, lambda: not optional() and "crm-main is needed by every" in screen_text(app))


async def test_a_provisioning_secret_is_revealed_after_a_question(store: Store, connected: Filled) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        page = await open_tab(pilot, app, connected)
        await wait_until(pilot, lambda: rows_of(page).row_count == 3)
        await pilot.press("W")
        await wait_until(pilot, is_on(app, reveal.RevealQuestion))
        assert "a-client-secret" not in screen_text(app)
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: is_on(app, reveal.RevealScreen)() and "a-client-secret" in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, is_on(app, IntegrationPage))
        assert "a-client-secret" not in app.export_screenshot()
        await pilot.press("j", "W")  # hubspot has none
        await wait_until(pilot, lambda: any("has no secret value" in one.message for one in app._notifications))
    assert reveals(store) == 1


async def test_nothing_is_revealed_without_the_answer(store: Store, connected: Filled) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, TenantPage(connected.tenant_id))
        await pilot.press("c")
        await wait_until(pilot, lambda: is_on(app, ConnectionsPage)() and app.screen.query_one(Rows).row_count == 3)
        await pilot.press("w")
        await wait_until(pilot, is_on(app, reveal.RevealQuestion))
        await pilot.press("enter")  # the harmless button has the focus
        await wait_until(pilot, is_on(app, ConnectionsPage))
    assert reveals(store) == 0


class OneSecret(App[None]):
    def compose(self) -> ComposeResult:
        yield SecretInput()


async def test_a_secret_is_masked_at_one_width_kept_whole_and_never_copied() -> None:
    app = OneSecret()
    async with app.run_test(size=(60, 5)) as pilot:
        line = app.query_one(SecretInput)
        line.focus()
        drawn = set()
        for text in ("abc", "-----BEGIN KEY-----\nabc\n-----END KEY-----\n", "x" * 300):
            line.value = ""
            line.post_message(events.Paste(text))
            await wait_until(pilot, lambda text=text: line.value == text)  # type: ignore[misc]
            drawn.add(screen_text(app).splitlines()[0].strip())
            await pilot.press("ctrl+a", "ctrl+c", "ctrl+x")
            assert (app.clipboard, line.value) == ("", text)
        assert drawn == {MASK}
        line.value = ""
        await pilot.press(*"@/run/token")
        assert "@/run/token" in screen_text(app)
        await pilot.press("home", "@")
        assert "run/token" not in screen_text(app), "with @@ it is a secret that begins with @"


async def test_a_secret_comes_from_a_file(store: Store, connected: Filled, tmp_path: Any) -> None:
    (tmp_path / "token").write_text("token-from-a-file\n")
    app = app_on(store)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_page(pilot, app, TenantPage(connected.tenant_id))
        await pilot.press("c")
        await wait_until(pilot, lambda: is_on(app, ConnectionsPage)() and app.screen.query_one(Rows).row_count == 3)
        await pilot.press("c")
        await wait_until(pilot, is_on(app, ConnectionForm))
        secret = app.screen.query_one(SecretInput)
        secret.value = f"@{tmp_path}/nothing-there"
        await wait_until(pilot, lambda: "there is no file" in screen_text(app))
        secret.value = f"@{tmp_path}/token"
        await wait_until(pilot, lambda: "the line break at the end was removed" in screen_text(app))
        await pilot.press("ctrl+s")
        await wait_until(pilot, is_on(app, ConnectionsPage))
        assert isinstance(app.screen, Page)
    crm = connector(store, connected.integration_id, "crm-main").id
    assert (
        open_secret(store, SecretPlace(crm, connected.tenant_id, "access_token"), ACTOR).reveal() == "token-from-a-file"
    )
