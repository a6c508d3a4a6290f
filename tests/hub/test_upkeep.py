"""Upkeep: old runs and unused releases go, what anybody needs stays, and a full disk holds what is new."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from pandium_tui.engine.engine import Engine
from pandium_tui.engine.retention import claim_round, prune
from pandium_tui.hub import integrations, overview, releases, runs, tenants, upkeep
from pandium_tui.hub.errors import InvalidError, NotFoundError, RefusedError
from pandium_tui.hub.integrations import IntegrationValues
from pandium_tui.hub.pausing import pause_engines, resume_engines
from pandium_tui.hub.reruns import RerunValues, rerun
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.tables import ReleaseRow, RunRow
from pandium_tui.storage.times import utc_now
from tests.cli.command_line import CommandLine
from tests.scenario import ACTOR, Scenario, manifest
from tests.waiting import wait_for

LATER = timedelta(days=40)


@pytest.fixture
def keeping_two(scenario: Scenario) -> Scenario:
    """A scenario that keeps two runs of a tenant beside the young ones."""
    scenario.store.settings = replace(scenario.store.settings, keep_runs=2)
    return scenario


def remaining(store: Store) -> list[int]:
    return [one.id for one in runs.runs(store)][::-1]


def test_old_runs_go_with_their_folders_but_for_the_newest_of_a_tenant(keeping_two: Scenario) -> None:
    store = keeping_two.store
    tenant = keeping_two.ready_tenant("echo {}")
    made = [keeping_two.run(tenant.id).id for _ in range(4)]
    assert prune(store, utc_now()).runs == ()
    would = prune(store, utc_now() + LATER, dry_run=True)
    assert list(would.runs) == made[:2]
    assert remaining(store) == made
    assert list(prune(store, utc_now() + LATER).runs) == made[:2]
    assert remaining(store) == made[2:]
    folders = sorted(int(one.name) for one in (store.settings.home / "runs").iterdir())
    assert folders == made[2:]
    with pytest.raises(NotFoundError):
        runs.trigger(store, made[0])


def test_what_a_later_run_was_made_from_goes_only_with_it(keeping_two: Scenario) -> None:
    store = keeping_two.store
    tenant = keeping_two.ready_tenant("echo {}")
    made = [keeping_two.run(tenant.id).id for _ in range(5)]
    with store.writing() as session:
        session.connection().execute(update(RunRow).where(RunRow.id == made[4]).values(rerun_of=made[1]))  # type: ignore[arg-type]
        session.connection().execute(update(RunRow).where(RunRow.id == made[2]).values(rerun_of=made[0]))  # type: ignore[arg-type]
    assert list(prune(store, utc_now() + LATER).runs) == [made[0], made[2]]


def test_the_last_successful_run_stays_however_old(keeping_two: Scenario) -> None:
    store = keeping_two.store
    flag = keeping_two.folder / "fail"
    tenant = keeping_two.ready_tenant(f"test ! -e {flag}")
    good = keeping_two.run(tenant.id)
    flag.touch()
    failed = [keeping_two.run(tenant.id).id for _ in range(3)]
    assert good.phase == "Succeeded"
    assert list(prune(store, utc_now() + LATER).runs) == failed[:1]
    seen = tenants.tenant(store, tenant.id).last_successful_run
    assert seen is not None and seen.id == good.id


def test_releases_nobody_can_use_lose_their_files_and_cannot_be_chosen(scenario: Scenario) -> None:
    store = scenario.store
    crm = scenario.integration({"PANDIUM.yaml": manifest("true")})
    unused, pinned, default, newest = (scenario.build(crm) for _ in range(4))
    scenario.tenant(crm, "pinned", integration_release_id=pinned.id, integration_release_channel=None)
    integrations.set_default_release(store, crm, default.id, ACTOR)
    assert prune(store, utc_now()).releases == ()
    assert prune(store, utc_now() + LATER).releases == (unused.id,)
    assert releases.release(store, unused.id).retired_date is not None
    assert not store.settings.release_folder(unused.id).exists()
    for kept in (pinned, default, newest):
        assert (store.settings.release_folder(kept.id) / "source").is_dir()
    assert prune(store, utc_now() + LATER).releases == ()
    with pytest.raises(RefusedError, match="removed"):
        integrations.set_default_release(store, crm, unused.id, ACTOR)
    with pytest.raises(InvalidError, match="removed"):
        scenario.tenant(crm, "late", integration_release_id=unused.id, integration_release_channel=None)


def test_the_release_of_a_rerun_that_waits_stays_and_one_without_files_is_refused(scenario: Scenario) -> None:
    store = scenario.store
    tenant = scenario.ready_tenant("true")
    run = scenario.run(tenant.id)
    scenario.build(tenant.integration_id)
    pause_engines(store, ACTOR)
    asked = rerun(store, run.id, RerunValues(), ACTOR)
    assert prune(store, utc_now() + LATER).releases == ()
    resume_engines(store, ACTOR)
    assert scenario.ended(scenario.run_of(asked.id).id).release_id == run.release_id
    assert prune(store, utc_now() + LATER).releases == (run.release_id,)
    with pytest.raises(RefusedError, match="were removed"):
        rerun(store, run.id, RerunValues(), ACTOR)
    current = rerun(store, run.id, RerunValues(release="current"), ACTOR)
    assert scenario.ended(scenario.run_of(current.id).id).phase == "Succeeded"


def test_what_an_interrupted_round_left_is_removed_by_the_next(scenario: Scenario) -> None:
    store = scenario.store
    release = scenario.build(scenario.integration({"PANDIUM.yaml": manifest("true")}))
    with store.writing() as session:
        session.connection().execute(
            update(ReleaseRow).where(ReleaseRow.id == release.id).values(retired_date=utc_now())  # type: ignore[arg-type]
        )
    left = store.settings.run_folder(999)
    left.mkdir(parents=True)
    assert prune(store, utc_now()).folders == ()
    assert set(prune(store, utc_now() + timedelta(days=2)).folders) == {"runs/999", f"releases/{release.id}"}
    assert not left.exists() and not store.settings.release_folder(release.id).exists()


def test_one_engine_an_hour_prunes(store: Store) -> None:
    now = utc_now()
    assert claim_round(store, now)
    assert not claim_round(store, now + timedelta(minutes=59))
    assert claim_round(store, now + timedelta(minutes=61))


@contextmanager
def full_disk(store: Store) -> Iterator[None]:
    """Settings under which the disk of the home folder is below its floor."""
    before = store.settings
    store.settings = replace(before, disk_floor=2**53)
    yield
    store.settings = before


def test_below_the_floor_nothing_new_is_started_and_what_waits_goes_on_later(scenario: Scenario) -> None:
    store = scenario.store
    tenant = scenario.ready_tenant("true")
    with full_disk(store):
        with pytest.raises(RefusedError, match=r"held: \d+ MiB free, floor 8589934592 MiB"):
            runs.start_run(store, tenant.id, ACTOR)
        with pytest.raises(RefusedError, match="held"):
            releases.build_release(store, tenant.integration_id, ACTOR)
        assert "MiB free" in (overview.overview(store).held or "")
    assert scenario.run(tenant.id).phase == "Succeeded"
    assert overview.overview(store).held is None


def test_a_queued_run_waits_for_space(store: Store, scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("true")
    scenario.engine.stop()
    runs.start_run(store, tenant.id, ACTOR)
    waiting = Engine(store, "cli", schedules=False)
    with full_disk(store):
        for _ in range(3):
            assert waiting.step()
        (run,) = runs.runs(store)
        assert run.phase == "Queued"
        assert runs.why_queued(store, run).startswith("free space (held: ")
    assert runs.why_queued(store, run) == "an engine"
    pause_engines(store, ACTOR)
    assert runs.why_queued(store, run) == "the engines, which are paused"
    resume_engines(store, ACTOR)
    wait_for(lambda: not waiting.step(), "end of what waits")
    assert runs.why_queued(store, runs.run(store, run.id)) == ""
    assert runs.run(store, run.id).phase == "Succeeded"


def test_the_command_line_prunes_and_says_what_takes_up_the_disk(store: Store) -> None:
    line = CommandLine(store.settings.home)
    used = line.json("store", "usage")
    assert used["store"] > 0 and used["free"] > 0 and used["held"] is None
    folder = store.settings.run_folder(7)
    folder.mkdir(parents=True)
    os.utime(folder, (0, 0))
    assert line.json("store", "prune", "--dry-run")["folders"] == ["runs/7"]
    assert folder.exists()
    assert line.json("store", "prune")["folders"] == ["runs/7"]
    assert not folder.exists()
    assert upkeep.usage(store).runs == 0


def test_a_backup_is_a_whole_store_for_its_owner_only_and_overwrites_nothing(store: Store, tmp_path: Path) -> None:
    asked = IntegrationValues("crm", repository_url="/srv/crm")
    integrations.create_integration(store, asked, ACTOR)
    line = CommandLine(store.settings.home)
    copied = tmp_path / "other" / "store.db"
    copied.parent.mkdir(mode=0o700)
    assert line.json("store", "backup", str(copied)) == {"file": str(copied), "size": copied.stat().st_size}
    assert copied.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in copied.parent.iterdir()] == ["store.db"]
    other = open_store(Settings(home=copied.parent))
    assert [one.name for one in integrations.integrations(other)] == ["crm"]
    other.close()
    status, message = line.refused("store", "backup", str(copied))
    assert status == 1 and "there already" in message
