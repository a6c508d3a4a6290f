"""Fixtures for every room: settings and an opened store in a temporary home."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from pandium_tui.engine.engine import Engine
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store, open_store
from tests.scenario import Scenario, lay_toolchain

# No test is a test of time: a busy machine must not fail one.
hypothesis.settings.register_profile(
    "unhurried", hypothesis.settings(), deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")


def pytest_collection_finish() -> None:
    """Look for garbage rarely, and not among what was imported: it took a sixth of the time of tests with an app."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(autouse=True)
def no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the developer's own home folder and settings out of the tests."""
    monkeypatch.delenv("PANDIUM_TUI_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    # Runs of tests show what they do in files of the test's own.
    monkeypatch.setenv("PANDIUM_TUI_ISOLATION", "off")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose home folder is temporary; what is ended is killed after a second."""
    return Settings(home=tmp_path / "home", kill_grace=1, runs_at_once=4, isolation="off")


@pytest.fixture(scope="session")
def empty_store_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store in which nothing is yet: to make one costs 65 ms, to copy it one."""
    settings = Settings(home=tmp_path_factory.mktemp("empty store") / "home")
    open_store(settings).close()
    return settings.store_file


@pytest.fixture
def store(settings: Settings, empty_store_file: Path) -> Iterator[Store]:
    """An opened, empty store."""
    settings.home.mkdir(mode=0o700)
    shutil.copy(empty_store_file, settings.store_file)
    opened = open_store(settings)
    yield opened
    opened.close()


@pytest.fixture
def scenario(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scenario]:
    """A store with a running engine that fires no schedules by itself, and a toolchain that needs no preparation."""
    monkeypatch.setenv("PATH", lay_toolchain(tmp_path / "toolchain"))
    with Engine(store, "cli", schedules=False) as engine:
        yield Scenario(store, engine, tmp_path)
