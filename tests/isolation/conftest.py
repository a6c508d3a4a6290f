"""Isolation for real, by each mechanism that works here; those that do not are skipped, and say so."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pandium_tui.engine import isolation, landlock
from pandium_tui.engine.engine import Engine
from pandium_tui.engine.isolation import choose_isolation, find_bubblewrap, isolated
from pandium_tui.settings import Settings
from pandium_tui.storage.database import open_store
from tests.engine.supervised import Supervised, job_for
from tests.scenario import Scenario

Launch = Callable[..., Supervised]


def without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that has none."""
    monkeypatch.setattr(isolation, "find_bubblewrap", lambda: (None, "bubblewrap (bwrap) is not installed"))


@pytest.fixture(params=["bubblewrap", "landlock"])
def mechanism(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The one that is used."""
    program, why = find_bubblewrap()
    if request.param == "bubblewrap" and program is None:
        pytest.skip(f"ISOLATION BY BUBBLEWRAP IS NOT TESTED HERE: {why}")
    if request.param == "landlock":
        if landlock.version() < landlock.CAN_SCOPE_SIGNALS:
            pytest.skip("ISOLATION BY LANDLOCK IS NOT TESTED HERE: this kernel's is too old, or switched off")
        without_bubblewrap(monkeypatch)
    return str(request.param)


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    """A folder that runs may read, in which the home folder and the key lie all the same."""
    folder = tmp_path / "shown"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(shown: Path) -> Settings:
    """Settings under which nothing is run without isolation."""
    return Settings(
        home=shown / "home",
        kill_grace=1,
        runs_at_once=4,
        isolation="required",
        isolation_readable=(str(shown),),
        isolation_writable=(str(shown / "writable"),),
    )


@pytest.fixture
def launch(mechanism: str, settings: Settings, tmp_path: Path) -> Iterator[Launch]:
    """Starts isolated jobs, bash command lines or argument lists, which may write their own folder."""
    started: list[Supervised] = []

    def start(*commands: str | Sequence[str], **changes: Any) -> Supervised:
        lists = [["bash", "-c", one] if isinstance(one, str) else list(one) for one in commands]
        job = job_for(tmp_path / f"job{len(started)}", lists, **changes)
        chosen = choose_isolation(settings)
        assert mechanism in chosen.words.lower()
        started.append(
            Supervised(
                isolated(chosen, settings, job, language="go", path_entries=(), readable=(), writable=[job.folder])
            )
        )
        return started[-1]

    yield start
    assert [one.clean_up() for one in started] == [0] * len(started), "processes were left running"


@pytest.fixture
def unisolated(scenario: Scenario) -> Iterator[Scenario]:
    """The same store, with an engine that isolates nothing."""
    scenario.engine.stop()
    store = open_store(dataclasses.replace(scenario.store.settings, isolation="off"))
    with Engine(store, "cli", schedules=False) as engine:
        yield Scenario(store, engine, scenario.folder)
    store.close()
