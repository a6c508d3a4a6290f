"""Setup Integration Repo from the integration page: shown first, then pushed."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Checkbox

from pandium_tui.app import PandiumApp
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.integration.setup_repository import SetupFiles, SetupForm
from pandium_tui.screens.text_screen import TextScreen
from pandium_tui.storage.database import Store
from tests.scenario import commit
from tests.screens.filling import app_on
from tests.screens.log_files import wait_until
from tests.screens.test_configure_tab import make
from tests.screens.test_forms import choose, type_text
from tests.screens.test_widgets import screen_text

Snapshot = Callable[..., bool]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A bare repository that has a README of its own."""
    commit(tmp_path / "work", {"README.md": "ours\n"})
    bare = tmp_path / "crm.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", tmp_path / "work", bare], check=True, capture_output=True)
    return bare


def read(bare: Path, name: str) -> str:
    return subprocess.run(["git", "-C", bare, "show", name], check=True, capture_output=True, text=True).stdout


def told(app: PandiumApp) -> str:
    return " ".join(one.message for one in app._notifications)


async def open_files(pilot: Pilot[None], app: PandiumApp, integration_id: int, language: str) -> SetupFiles:
    """The list of files, by keys from the integration page."""
    await app.push_screen(IntegrationPage(integration_id))
    await wait_until(pilot, lambda: "No runs yet" in screen_text(app))
    await pilot.press("s")
    await wait_until(pilot, lambda: isinstance(app.screen, SetupForm) and app.focused is not None)
    form = app.screen
    assert isinstance(form, SetupForm)
    assert "^s Show files" in screen_text(app)
    await choose(pilot, form, "language", language)
    await pilot.press("ctrl+s")
    await wait_until(pilot, lambda: isinstance(app.screen, SetupFiles), 30)
    files = app.screen
    assert isinstance(files, SetupFiles)
    await wait_until(pilot, lambda: "README.md" in screen_text(app))
    return files


async def test_it_shows_what_it_writes_and_overwrites_only_what_is_ticked(store: Store, repository: Path) -> None:
    made = make(store, repository_url=str(repository))
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        files = await open_files(pilot, app, made.id, "node")
        assert "+ package.json: new" in screen_text(app)
        assert "overwrite README.md" in screen_text(app)
        await pilot.press("v")
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen) and "node_modules/" in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is files)
        await pilot.press("p")
        await wait_until(pilot, lambda: "Pushed 5 files to main" in told(app), 30)
        assert read(repository, "main:README.md") == "ours\n"
        assert "describedEnvironment" in read(repository, "main:pandium.js")


async def test_a_ticked_file_is_overwritten(store: Store, repository: Path) -> None:
    made = make(store, repository_url=str(repository))
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        files = await open_files(pilot, app, made.id, "python")
        await wait_until(pilot, lambda: isinstance(app.focused, Checkbox))
        await pilot.press("space", "ctrl+s")  # the key that showed the files, pressed once more, pushes nothing
        await pilot.press("v")
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is files)
        assert read(repository, "main:README.md") == "ours\n"
        await pilot.press("p")
        await wait_until(pilot, lambda: app.screen is not files and "Pushed 6 files to main" in told(app), 30)
        assert "# crm" in read(repository, "main:README.md")


async def test_a_refused_push_is_told_and_nothing_is_lost(store: Store, repository: Path) -> None:
    made = make(store, repository_url=str(repository))
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        files = await open_files(pilot, app, made.id, "python")
        hook = repository / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
        await pilot.press("p")
        await wait_until(pilot, lambda: "does not take the push" in screen_text(app), 30)
        assert app.screen is files
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage))


async def test_a_repository_that_cannot_be_read_is_told_in_the_form(store: Store, tmp_path: Path) -> None:
    made = make(store, repository_url=str(tmp_path / "nothing"))
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(IntegrationPage(made.id))
        await wait_until(pilot, lambda: "No runs yet" in screen_text(app))
        await pilot.press("2")
        await wait_until(pilot, lambda: "Remote repository" in screen_text(app))
        await pilot.press("f7")
        await wait_until(pilot, lambda: isinstance(app.screen, SetupForm) and app.focused is not None)
        form = app.screen
        assert isinstance(form, SetupForm)
        await type_text(pilot, form, "branch", "dev")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "There is no git repository" in screen_text(app), 30)
        assert next(one.value for one in form._fields.values() if one.name == "branch") == "dev"
