"""Every page with no and with many rows of hostile texts: none ends the app, all keep to the screen.

What they look like is written into ``$CROWDED_PAGES_FOLDER``.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from pandium_tui.app import PandiumApp
from pandium_tui.hub.tenants import tenant
from pandium_tui.screens.audit import AuditPage
from pandium_tui.screens.cockpit import CockpitPage
from pandium_tui.screens.connections import ConnectionsPage
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.notifications import NotificationsPage
from pandium_tui.screens.page import Page
from pandium_tui.screens.pictures import PicturesPage
from pandium_tui.screens.release import ReleasePage
from pandium_tui.screens.run import RunPage
from pandium_tui.screens.settings.page import SettingsPage
from pandium_tui.screens.source_accounts import SourceAccountsPage
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.screens.waiting import Scope, WaitingPage
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store, open_store
from tests.screens.crowd import Place, fill_crowd
from tests.screens.filling import app_on
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text

SIZES = ((60, 20), (120, 40))
FORBIDDEN = {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), *"\u202a\u202b\u202d\u202e\u2066\u2067\u2068"}
"""Control characters, and those that turn the direction of what follows."""
SHOWN_IN = os.environ.get("CROWDED_PAGES_FOLDER")


def scope(place: Place) -> Scope:
    return Scope((), integration_id=place.integration_id)


PAGES: dict[str, tuple[Callable[[Store, Place], Page], str]] = {
    "activity": (lambda _, place: IntegrationPage(place.integration_id), ""),
    "tenants": (lambda _, place: IntegrationPage(place.integration_id), "v"),
    "releases": (lambda _, place: IntegrationPage(place.integration_id), "v v"),
    "configure": (lambda _, place: IntegrationPage(place.integration_id), "2"),
    "marketplace": (lambda _, place: IntegrationPage(place.integration_id), "3"),
    "reprovision": (lambda _, place: IntegrationPage(place.integration_id), "4"),
    "tenant": (lambda _, place: TenantPage(place.tenant_id), ""),
    "settings": (lambda _, place: SettingsPage(place.tenant_id), ""),
    "connections": (lambda store, place: ConnectionsPage(tenant(store, place.tenant_id)), ""),
    "release": (lambda _, place: ReleasePage(place.release_id), ""),
    "run": (lambda _, place: RunPage(place.run_id), ""),
    "waiting": (lambda _, place: WaitingPage(scope(place)), ""),
    "audit": (lambda _, place: AuditPage(scope(place)), ""),
    "pictures": (lambda _, place: PicturesPage(scope(place)), ""),
    "cockpit": (lambda *_: CockpitPage(), ""),
    "accounts": (lambda *_: SourceAccountsPage(), ""),
    "notifications": (lambda _, place: NotificationsPage(place.integration_id, "x"), ""),
}
"""How each page about something is opened, and the key that turns it."""


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, empty_store_file: Path) -> Iterator[tuple[Store, dict[str, Place]]]:
    store = open_store(Settings(home=tmp_path_factory.mktemp("crowd") / "home", isolation="off"))
    yield store, fill_crowd(store)
    store.close()


@pytest.mark.parametrize(("amount", "sizes"), [("none", SIZES[:1]), ("many", SIZES)], ids=["none", "many"])
async def test_pages_stand_whatever_is_on_them(
    amount: str, sizes: tuple[tuple[int, int], ...], crowd: tuple[Store, dict[str, Place]]
) -> None:
    store, places = crowd
    app = app_on(store)
    async with app.run_test(size=sizes[0]) as pilot:
        await settled(pilot, app)
        for name, (page_of, key) in PAGES.items():
            for kept in ("tab", "view"):
                app.memory.keep(f"integration.{places[amount].integration_id}.{kept}", None)
            page = page_of(store, places[amount])
            await app.push_screen(page)
            await settled(pilot, app)
            for pressed in key.split():
                await pilot.press(pressed)
            for width, height in sizes:
                await pilot.resize_terminal(width, height)
                look_at(await settled(pilot, app), f"{name} at {width}x{height}", width, height)
            await app.pop_screen()


def look_at(screen: str, what: str, width: int, height: int) -> None:
    """What is true of every page."""
    lines = screen.split("\n")
    assert len(lines) == height, what
    for line in lines:
        assert cell_len(line) <= width, f"{what}: {line!r} is too wide"
        assert not set(line) & FORBIDDEN, f"{what}: {line!r} would reach the terminal"
    assert "Scheduler off" in screen, f"{what} has no status line"
    assert "? " in lines[0] or "Keys" in screen, f"{what} tells no key\n{screen}"
    if SHOWN_IN:
        Path(SHOWN_IN, f"{what.replace(' ', '-')}.txt").write_text(screen, encoding="utf-8")


async def settled(pilot: Pilot[Any], app: PandiumApp) -> str:
    """What is on the screen once all was read."""
    await wait_until(pilot, lambda: not any(worker.is_running for worker in app.workers))
    await wait_until(pilot, lambda: "Scheduler off" in screen_text(app))
    return screen_text(app)
