"""Every screen with no, few and very many rows of hostile texts, as text.

What is on a screen is kept in a file of ``__snapshots__/test_every_screen`` that people read. Change it on purpose with
``pytest tests/screens/test_every_screen.py --snapshot-update``.
"""

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.cells import cell_len
from syrupy import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Footer, Static

import pandium_tui
from pandium_tui.app import PandiumApp
from pandium_tui.hub.doctor.findings import Finding, diagnosis_of
from pandium_tui.hub.upkeep import Usage
from pandium_tui.screens.health import HealthPage
from pandium_tui.screens.page import Page
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.times import utc_now
from pandium_tui.widgets.field import Field
from tests.screens.crowd import HOSTILE, Place, fill_bare, fill_crowd
from tests.screens.every_screen import EVERY_SCREEN, Opening
from tests.screens.few import fill_few
from tests.screens.filling import NOW, app_on
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text

SIZE, LARGE = (80, 24), (120, 40)
SMALL = (60, 20)
"""At this size nothing is compared, only asked whether it fits."""
FILLED: dict[str, Callable[[Store], Place]] = {"none": fill_bare, "few": fill_few, "many": fill_crowd}
NOTHING = "nothing at all"
OF_WHAT_THERE_IS = ("home", "store")
"""Groups of what shows all that the store has: without rows, nothing at all is in it."""
THUMB_ENDS = "▏▎▍▌▋▊▉"
"""How the bar that scrolls sideways ends: it follows widths of columns that nobody sees, by an eighth of a cell."""
FORBIDDEN = {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), *"\u202a\u202b\u202d\u202e\u2066\u2067\u2068"}
"""Control characters, and those that turn the direction of what follows."""


class TextFile(SingleFileSnapshotExtension):
    """A file for each screen, with all that is compared of it."""

    _file_extension = "txt"
    _write_mode = WriteMode.TEXT


def loaded_modules() -> list[Any]:
    """All modules of the package but the migrations, which alembic alone can import."""
    for found in pkgutil.walk_packages(pandium_tui.__path__, "pandium_tui."):
        if ".migrations" not in found.name and not found.name.endswith("__main__") and ".samples" not in found.name:
            importlib.import_module(found.name)
    return [module for name, module in sys.modules.items() if name.startswith("pandium_tui")]


@pytest.fixture(scope="module", autouse=True)
def nothing_of_this_day_and_machine() -> Iterator[None]:
    """Everything on the screens that is not in the store: clock, disk, what the doctor finds, keys of the vault."""
    with pytest.MonkeyPatch.context() as patch:
        for module in loaded_modules():
            if getattr(module, "utc_now", None) is utc_now:
                patch.setattr(module, "utc_now", lambda: NOW)
        patch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=34 * 2**30, total=90 * 2**30))
        patch.setattr(
            "pandium_tui.screens.health.usage", lambda store: Usage(10**7, 10**9, 10**8, 0, 2**20, 2**35, 2**28, None)
        )
        patch.delenv("PANDIUM_TUI_KEY", raising=False)
        patch.delenv("CREDENTIALS_DIRECTORY", raising=False)
        yield


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], tuple[Store, Place]]]:
    """The store of each amount of rows, filled when it is first wanted."""
    opened: dict[str, tuple[Store, Place]] = {}

    def stored(amount: str) -> tuple[Store, Place]:
        if amount not in opened:
            store = open_store(Settings(home=tmp_path_factory.mktemp(amount) / "home", isolation="off"))
            place = FILLED[amount](store) if amount in FILLED else Place("none", 0, 0, 0, 0)
            opened[amount] = store, place
        return opened[amount]

    yield stored
    for store, _ in opened.values():
        store.close()


@pytest.mark.parametrize("group", EVERY_SCREEN)
async def test_screens_look_as_they_did(
    group: str,
    stores: Callable[[str], tuple[Store, Place]],
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: dict[str, str] = {}
    for amount in FILLED:
        store, place = stores(NOTHING if (group in OF_WHAT_THERE_IS, amount) == (True, "none") else amount)
        found = diagnosis_of(findings_of(amount))
        monkeypatch.setattr("pandium_tui.hub.doctor.examination.examine", lambda settings, found=found: found)
        for sizes in runs_of(group, amount):
            (store.settings.home / "view.json").unlink(missing_ok=True)
            app = app_on(store)
            async with app.run_test(size=sizes[0]) as pilot:
                await settled(pilot, app)
                if group != "home":  # which reads and shows everything again whenever it comes to the top
                    await app.push_screen(HealthPage())
                for size in sizes:
                    await pilot.resize_terminal(*size)
                    await settled(pilot, app)
                    for opening in EVERY_SCREEN[group]:
                        if amount in opening.amounts:
                            for name, text in (await looks_of(pilot, app, opening, place)).items():
                                shown[name] = shown.get(name, "") + ("" if size == SMALL else text)
    assert [name for name, text in shown.items() if text != snapshot(name=name, extension_class=TextFile)] == []


def runs_of(group: str, amount: str) -> list[list[tuple[int, int]]]:
    """The sizes at which the screens of a group are looked at, for each start of the app."""
    small = [SMALL] if amount == "many" and group not in ("forms", "dialogs") else []
    if group == "home":  # which reads the pictures of its widest column some time after it was given the room
        return [[SIZE, *small], [LARGE]]
    return [[SIZE, LARGE, *small]]


def findings_of(amount: str) -> list[Finding]:
    """What the doctor finds."""
    good = Finding("store", "ok", "the store is whole")
    bad = Finding("clock", "warning", "the clock was set back by 2 h", "Let NTP keep it.")
    many = [Finding(f"check {number}", "problem", HOSTILE[number % len(HOSTILE)], HOSTILE[0]) for number in range(60)]
    return {"none": [good], "few": [good, bad], "many": many}[amount]


async def looks_of(pilot: Pilot[Any], app: PandiumApp, opening: Opening, place: Place) -> dict[str, str]:
    """What an opening shows, by the names of its looks; then it is closed."""
    below = len(app.screen_stack)
    width, height = app.size
    await opening.open(app, place)
    found = {}
    for name, keys in opening.looks.items():
        await pilot.press(*keys)
        screen = await settled(pilot, app)
        assert type(app.screen) is opening.screen
        what = f"{name}, {width}x{height}, {place.amount} rows"
        check(app, screen, what, width, height)
        focused = f"{type(app.focused).__name__} {app.focused.id or ''}".strip() if app.focused else "nothing"
        compared = "\n".join("" if line.strip() in THUMB_ENDS else line for line in screen.split("\n"))
        found[name] = f"{f' {what} ':=^{width}}\n{compared}\n{f' keys go to: {focused} ':-^{width}}\n\n"
    for kept in ("tab", "view"):  # the next size begins as this one did
        app.memory.keep(f"integration.{place.integration_id}.{kept}", None)
    while len(app.screen_stack) > below:
        await app.pop_screen()
    return found


def check(app: PandiumApp, screen: str, what: str, width: int, height: int) -> None:
    """What is true of every screen."""
    lines = screen.split("\n")
    assert len(lines) == height, what
    for line in lines:
        assert cell_len(line) <= width, f"{what}: {line!r} is too wide"
        assert not set(line) & FORBIDDEN, f"{what}: {line!r} would reach the terminal"
    if isinstance(app.screen, Page):
        assert "Scheduler off" in screen, f"{what} has no status line"
        assert "? Keys" in lines[0], f"{what} tells no key\n{screen}"
    fields = [one for one in app.screen.query(Field) if one.display]
    without_help = [one.name for one in fields if not str(one.query_one(".note", Static).content)]
    assert not without_help, f"{what}: these fields have no help line"


async def settled(pilot: Pilot[Any], app: PandiumApp) -> str:
    """What is on the screen once all was read and nothing changes any more."""
    before = ""
    while True:
        await wait_until(pilot, lambda: not any(worker.is_running for worker in app.workers))
        if isinstance(app.screen, Page):
            await wait_until(pilot, lambda: "Scheduler off" in screen_text(app))
        await pilot.pause()
        now = screen_text(app)
        if now == before and all(now.split("\n")[footer.region.y] for footer in app.screen.query(Footer)):
            return now
        before = now


def test_there_is_no_screen_that_is_not_looked_at() -> None:
    modules = loaded_modules()
    classes = {
        one
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Screen) and one.__module__.startswith("pandium_tui.")
    }
    openings = [opening for group in EVERY_SCREEN.values() for opening in group]
    bases = {base for one in classes for base in one.__mro__[1:]}
    assert classes - {opening.screen for opening in openings} <= bases
    names = [name for opening in openings for name in opening.looks]
    assert len(names) == len(set(names))
    files = Path(__file__).parent / "__snapshots__" / "test_every_screen"
    kept = {file.stem for file in files.iterdir()}
    assert {name for name in names if not any(f"[{name}]" in one for one in kept)} == set()
    assert len(kept) == len(names)
