"""What a killed app, engine or supervisor leaves is found in a true state by whoever looks next."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pandium_tui.engine.cancellation import token_name
from pandium_tui.engine.dispatch import bundle_triggers, claim_queued_runs
from pandium_tui.engine.engine import Engine
from pandium_tui.engine.processes import ProcessIdentity, claimed_by, identity_of, is_alive
from pandium_tui.hub import releases, runs
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store, open_store
from tests.scenario import ACTOR, Scenario, manifest
from tests.waiting import wait_for


def supervisor_of(store: Store, run_id: int) -> ProcessIdentity:
    def look() -> ProcessIdentity | None:
        token = token_name(runs.run(store, run_id).created_date, 1)
        found = claimed_by(store.settings.run_folder(run_id), token)
        return found if isinstance(found, ProcessIdentity) else None

    return wait_for(look, "supervisor of the run")


def start_program(store: Store, *arguments: str) -> subprocess.Popen[bytes]:
    """The program itself, as a process that can be killed."""
    return subprocess.Popen(
        [sys.executable, "-m", "pandium_tui", "--home", str(store.settings.home), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def gated(scenario: Scenario, gate: Path) -> int:
    """A tenant whose run prints, waits for the gate, prints again; its id. The scenario's engine is stopped."""
    script = f"echo before >&2; until test -e {gate}; do sleep 0.05; done; echo after >&2; echo 42"
    tenant = scenario.ready_tenant(script)
    scenario.engine.stop()
    return tenant.id


def test_a_run_outlives_the_program_that_started_it(scenario: Scenario, tmp_path: Path) -> None:
    tenant_id = gated(scenario, tmp_path / "gate")
    program = start_program(scenario.store, "serve")
    run = scenario.start(tenant_id)
    wait_for(lambda: scenario.log(run.id) == ["before"], "first line of the log")
    os.killpg(program.pid, signal.SIGKILL)
    program.wait()
    (tmp_path / "gate").touch()
    supervisor = supervisor_of(scenario.store, run.id)
    wait_for(lambda: not is_alive(supervisor), "end of the supervisor")
    assert runs.run(scenario.store, run.id).phase == "Running"
    with Engine(scenario.store, "cli", schedules=False):
        ended = scenario.ended(run.id)
    assert (ended.phase, ended.state) == ("Succeeded", "42")
    assert sorted(scenario.log(run.id)) == ["42", "after", "before"]


def test_a_supervisor_that_was_killed_ends_its_run_and_leaves_nothing(scenario: Scenario, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    tenant = scenario.ready_tenant(f"setsid bash -c 'echo $$ > {pid_file}; exec sleep 300' & sleep 300")
    run = scenario.start(tenant.id)
    pid = int(wait_for(lambda: pid_file.exists() and pid_file.read_text().strip(), "stray process"))
    stray = identity_of(pid)
    os.kill(supervisor_of(scenario.store, run.id).pid, signal.SIGKILL)
    ended = scenario.ended(run.id)
    assert ended.phase == "Failed (Platform Issue)"
    assert ended.reason is not None and "without leaving a result" in ended.reason
    assert stray is not None and not is_alive(stray)


def test_a_run_claimed_by_an_engine_that_died_is_started_by_another(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("echo once >> ../../count; echo done")
    scenario.engine.stop()
    trigger = runs.start_run(scenario.store, tenant.id, ACTOR)
    bundle_triggers(scenario.store)
    assert len(claim_queued_runs(scenario.store, "an engine that died before it started anything", 4)) == 1
    with Engine(scenario.store, "cli", schedules=False):
        ended = scenario.ended(scenario.run_of(trigger.id).id)
    assert ended.phase == "Succeeded"
    count = scenario.store.settings.release_folder(tenant.release_id or 0).parent / "count"
    assert count.read_text() == "once\n"


def test_a_run_that_can_never_be_started_is_given_up(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = scenario.ready_tenant("true")
    # The supervisor's interpreter is gone: each attempt dies before it claims the run's folder.
    monkeypatch.setattr("pandium_tui.engine.processes.sys.executable", "/bin/false")
    ended = scenario.run(tenant.id)
    assert ended.phase == "Failed (Platform Issue)"
    assert ended.reason is not None and "3 attempts" in ended.reason


def test_a_build_outlives_the_program_that_started_it(scenario: Scenario, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    build = f"touch {tmp_path}/begun; until test -e {gate}; do sleep 0.05; done"
    integration_id = scenario.integration({"PANDIUM.yaml": manifest(build=build)})
    scenario.engine.stop()
    program = start_program(scenario.store, "serve")
    asked = releases.build_release(scenario.store, integration_id, ACTOR)
    wait_for((tmp_path / "begun").exists, "begin of the build")
    os.killpg(program.pid, signal.SIGKILL)
    program.wait()
    gate.touch()
    with Engine(scenario.store, "cli", schedules=False):
        assert scenario.built(asked.id).status == "Ready"


def test_serve_stops_on_sigterm_and_is_forgotten(scenario: Scenario) -> None:
    def engines() -> list[str]:
        with scenario.store.reading() as reader:
            return [one.kind for one in queries.engine_processes(reader)]

    program = start_program(scenario.store, "serve")
    wait_for(lambda: "serve" in engines(), "registered engine")
    program.send_signal(signal.SIGTERM)
    assert program.wait(30) == 0
    assert "serve" not in engines()


def test_the_row_of_a_killed_engine_is_removed_by_the_next(scenario: Scenario) -> None:
    program = start_program(scenario.store, "serve")

    def kinds() -> list[str]:
        with scenario.store.reading() as reader:
            return [one.kind for one in queries.engine_processes(reader)]

    wait_for(lambda: "serve" in kinds(), "registered engine")
    os.killpg(program.pid, signal.SIGKILL)
    program.wait()
    with Engine(scenario.store, "demo", schedules=False):
        wait_for(lambda: kinds() == ["cli", "demo"], "removal of the dead engine")


def test_the_program_killed_at_random_moments_starts_nothing_twice(scenario: Scenario, tmp_path: Path) -> None:
    count = tmp_path / "count"
    tenant = scenario.ready_tenant(f"echo $PAN_CTX_RUN_ID >> {count}")
    scenario.engine.stop()
    started = []
    for round_number in range(8):
        program = start_program(scenario.store, "serve")
        trigger = runs.start_run(scenario.store, tenant.id, ACTOR)
        started.append(trigger.id)
        if round_number % 2:
            wait_for(lambda: runs.trigger(scenario.store, started[-1]).run_id, "run of the trigger")
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
    with Engine(scenario.store, "cli", schedules=False):
        ended = {run.id: run for run in (scenario.ended(scenario.run_of(one).id) for one in started)}
    ran = count.read_text().split()
    assert len(ran) == len(set(ran))
    assert {run.phase for run in ended.values()} == {"Succeeded"}
    assert {int(run_id) for run_id in ran} == set(ended)


def test_what_an_earlier_store_left_is_not_taken_for_this_run(scenario: Scenario) -> None:
    """Ids start again when a store was lost: the folder of the old run 1 still has its log and its result."""
    tenant = scenario.ready_tenant("echo old; touch ../../old")
    old = scenario.run(tenant.id)
    assert old.state == "old"
    scenario.engine.stop()
    scenario.store.close()
    for file in scenario.store.settings.home.glob("store.db*"):
        file.unlink()
    store = open_store(scenario.store.settings)
    with Engine(store, "cli", schedules=False) as engine:
        again = Scenario(store, engine, scenario.folder / "again")
        again.folder.mkdir()
        release = again.build(again.integration({"PANDIUM.yaml": manifest("echo new >&2; exit 3", build="echo built")}))
        assert release.status == "Ready"
        run = again.run(again.tenant(release.integration_id).id)
        assert run.id == old.id
        assert (run.phase, run.exit_code, run.state) == ("Failed (Integration Issue)", 3, None)
        assert again.log(run.id) == ["new"]
    store.close()
