"""Tracking branches: a push makes a release, and what is wrong with a repository is told where it belongs."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from git import Repo

from pandium_tui.engine.chores import Chores
from pandium_tui.engine.engine import Engine
from pandium_tui.engine.polling import claim_polls, poll
from pandium_tui.hub import integrations, releases
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.integrations import IntegrationValues
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration
from tests.scenario import ACTOR, Scenario, commit, manifest
from tests.waiting import wait_for

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def made(store: Store, repository: Path, name: str = "crm", **values: object) -> Integration:
    values = {"repository_tracking_branch": "main", "polling_interval": 60, **values}
    asked = IntegrationValues(name, repository_url=str(repository), **values)  # type: ignore[arg-type]
    return integrations.create_integration(store, asked, ACTOR)


def look(store: Store, now: datetime) -> list[int]:
    """Everything that is due, done; the releases that were made."""
    return [made for claimed in claim_polls(store, now, 100) for made in poll(store, claimed, lambda: False)]


def test_a_push_makes_a_release_and_an_unchanged_branch_none(store: Store, tmp_path: Path) -> None:
    first = commit(tmp_path / "code", {"PANDIUM.yaml": manifest()})
    crm = made(store, tmp_path / "code")
    (release_id,) = look(store, NOON)
    release = releases.release(store, release_id)
    assert (release.commit, release.branch, release.status) == (first, "main", "Queued")
    assert (release.started_by, release.name) == ("tracking branch", f"crm-{release_id}")
    assert look(store, NOON + timedelta(seconds=59)) == []
    assert look(store, NOON + timedelta(seconds=70)) == []
    second = commit(tmp_path / "code", {"more": ""})
    (release_id,) = look(store, NOON + timedelta(seconds=140))
    assert releases.release(store, release_id).commit == second
    seen = integrations.integration(store, crm.id)
    assert (seen.polled_commit, seen.source_problem) == (second, None)


def test_a_commit_that_was_built_by_hand_is_not_built_again(scenario: Scenario) -> None:
    crm = scenario.integration({"PANDIUM.yaml": manifest()}, polling_interval=60)
    built = scenario.build(crm)
    assert look(scenario.store, NOON) == []
    assert integrations.integration(scenario.store, crm).polled_commit == built.commit


def test_integrations_that_share_a_repository_share_the_fetch(store: Store, tmp_path: Path) -> None:
    commit(tmp_path / "code", {"PANDIUM.yaml": manifest()})
    for name in ("one", "two", "three"):
        made(store, tmp_path / "code", name)
    (claimed,) = claim_polls(store, NOON, 100)
    assert len(claimed.integration_ids) == 3
    assert claim_polls(store, NOON, 100) == []
    assert len(poll(store, claimed, lambda: False)) == 3


def test_local_paths_are_not_polled_by_default_and_0_is_off(store: Store, tmp_path: Path) -> None:
    commit(tmp_path / "code", {"PANDIUM.yaml": manifest()})
    made(store, tmp_path / "code", "local", polling_interval=None)
    made(store, tmp_path / "code", "off", polling_interval=0)
    asked = IntegrationValues("remote", repository_url="https://git.invalid/x")
    remote = integrations.create_integration(store, asked, ACTOR)
    (claimed,) = claim_polls(store, NOON, 100)
    assert claimed.integration_ids == (remote.id,)
    assert claim_polls(store, NOON + timedelta(seconds=299), 100) == []
    assert len(claim_polls(store, NOON + timedelta(seconds=331), 100)) == 1
    with pytest.raises(InvalidError, match="polling_interval"):
        made(store, tmp_path / "code", "hasty", polling_interval=1)


def test_what_is_wrong_is_told_on_the_integration_and_stops_no_other(store: Store, tmp_path: Path) -> None:
    for name in ("gone", "branchless", "well"):
        commit(tmp_path / name, {"PANDIUM.yaml": manifest()})
        made(store, tmp_path / name, name)
    assert len(look(store, NOON)) == 3
    shutil.move(tmp_path / "gone", tmp_path / "away")
    with Repo(tmp_path / "branchless") as repository:
        repository.git.branch("--move", "main", "trunk")
    commit(tmp_path / "well", {"more": ""})
    assert len(look(store, NOON + timedelta(minutes=2))) == 1
    problems = {one.name: one.source_problem or "" for one in integrations.integrations(store)}
    assert "no git repository" in problems["gone"]
    assert "no branch 'main'" in problems["branchless"] and "trunk" in problems["branchless"]
    assert problems["well"] == ""
    shutil.move(tmp_path / "away", tmp_path / "gone")
    assert look(store, NOON + timedelta(minutes=4)) == []
    assert integrations.integration(store, "gone").source_problem is None


def test_a_force_push_is_built_and_told_until_the_branch_moves_on(store: Store, tmp_path: Path) -> None:
    commit(tmp_path / "code", {"PANDIUM.yaml": manifest()})
    crm = made(store, tmp_path / "code")
    look(store, NOON)
    with Repo(tmp_path / "code") as repository:
        repository.git.execute(
            ["git", "-c", "user.name=x", "-c", "user.email=x@x", "commit", "--amend", "--message", "another"]
        )
    assert len(look(store, NOON + timedelta(minutes=2))) == 1
    assert look(store, NOON + timedelta(minutes=4)) == []
    assert "rewritten" in (integrations.integration(store, crm.id).source_problem or "")
    commit(tmp_path / "code", {"more": ""})
    assert len(look(store, NOON + timedelta(minutes=6))) == 1
    assert integrations.integration(store, crm.id).source_problem is None


def test_a_repository_that_was_changed_begins_anew(store: Store, tmp_path: Path) -> None:
    commit(tmp_path / "code", {"PANDIUM.yaml": manifest()})
    crm = made(store, tmp_path / "nothing")
    look(store, NOON)
    seen = integrations.integration(store, crm.id)
    assert seen.source_problem
    values = IntegrationValues("crm", repository_url=str(tmp_path / "code"), polling_interval=60)
    changed = integrations.edit_integration(store, crm.id, values, ACTOR)
    assert (changed.source_problem, changed.polled_date) == (None, None)


def test_an_engine_polls_and_a_broken_push_never_becomes_latest(scenario: Scenario) -> None:
    crm = scenario.integration({"PANDIUM.yaml": manifest()})
    good = scenario.build(crm)
    commit(scenario.folder / "crm-repository", {"PANDIUM.yaml": manifest(build="exit 3")})
    before = integrations.integration(scenario.store, crm)
    values = integrations.values_of(before)
    with Engine(scenario.store, "serve"):
        integrations.edit_integration(
            scenario.store, crm, IntegrationValues(**{**_plain(values), "polling_interval": 60}), ACTOR
        )

        def pushed() -> int | None:
            newest = releases.releases(scenario.store, crm)[0]
            return newest.id if newest.id != good.id else None

        broken = scenario.built(wait_for(pushed, "release of the push"))
    assert (broken.status, broken.started_by) == ("Failed", "tracking branch")
    assert integrations.integration(scenario.store, crm).latest_release_id == good.id


def _plain(values: IntegrationValues) -> dict[str, object]:
    return {name: getattr(values, name) for name in IntegrationValues.__slots__}


def test_repositories_that_do_not_answer_hold_up_no_more_than_a_few(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other chores going on at the same time must not make it claim more, or all of them."""
    for number in range(2 * store.settings.polls_at_once):
        made(store, tmp_path / f"gone-{number}", f"crm-{number}")
    stopping, stuck = threading.Event(), threading.Event()

    def waits(*_: object, **__: object) -> None:
        stuck.wait(60)

    for chore in ("poll", "prune", "remove_orphans"):
        monkeypatch.setattr(f"pandium_tui.engine.chores.{chore}", waits)
    chores = Chores(store, stopping.is_set)
    try:
        for look_number in range(3):
            chores.look(NOON + timedelta(seconds=10 * look_number))
        claimed = [one for one in integrations.integrations(store) if one.polled_date is not None]
        assert len(claimed) == store.settings.polls_at_once
    finally:
        stuck.set()
        chores.wait(10)


def test_where_more_are_due_than_can_be_looked_at_each_has_its_turn(store: Store, tmp_path: Path) -> None:
    for number in range(3):
        made(store, tmp_path / f"gone-{number}", f"crm-{number}")
    turns = [claim_polls(store, NOON + timedelta(minutes=2 * number), 1)[0].integration_ids for number in range(6)]
    assert sorted(turns[:3]) == [(1,), (2,), (3,)]
    assert turns[3:] == turns[:3]


def test_a_thread_that_is_done_goes_on_with_the_next(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pandium_tui.engine.chores.POLL_PACE", 0)
    count = store.settings.polls_at_once + 3
    for number in range(count):
        made(store, tmp_path / f"gone-{number}", f"crm-{number}")
    chores = Chores(store, threading.Event().is_set)
    chores.look(NOON)
    chores.wait(60)
    assert sum(one.source_problem is not None for one in integrations.integrations(store)) == count


def test_of_threads_that_look_at_once_each_gets_another_repository(store: Store, tmp_path: Path) -> None:
    count = 8
    for number in range(count):
        made(store, tmp_path / f"gone-{number}", f"crm-{number}")
    together = threading.Barrier(count)

    def claim(_: int) -> tuple[int, ...]:
        together.wait(60)
        (claimed,) = claim_polls(store, NOON, 1)
        return claimed.integration_ids

    with ThreadPoolExecutor(count) as pool:
        assert sorted(pool.map(claim, range(count))) == [(number + 1,) for number in range(count)]
