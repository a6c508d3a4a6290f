"""The doctor: each thing that can be wrong is found, with what to do, and looking changes nothing."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from pandium_tui.engine.processes import own_identity
from pandium_tui.hub import doctor, pausing
from pandium_tui.hub.doctor import Diagnosis, Finding, examination, machine_checks
from pandium_tui.hub.doctor.examination import Check
from pandium_tui.hub.doctor.kernel_clock import is_kept_in_step
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import ActivityRow, EngineRow, RunRow
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import SealContext, Secret, Vault
from tests.cli.command_line import CommandLine
from tests.scenario import ACTOR, Scenario, manifest

CONTEXT = SealContext("global", "", "owner", "token")


def findings(diagnosis: Diagnosis, check: str) -> list[Finding]:
    return [one for one in diagnosis.findings if one.check == check]


def worst(diagnosis: Diagnosis, check: str) -> Finding:
    """The worst finding of a check."""
    order = ("ok", "warning", "problem")
    return max(findings(diagnosis, check), key=lambda one: order.index(one.status))


def content(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_sound_installation_has_no_problem_and_is_not_touched(scenario: Scenario, settings: Settings) -> None:
    scenario.run(scenario.ready_tenant("true").id)
    with scenario.store.writing() as session:
        Vault(scenario.store).seal(session, CONTEXT, Secret("a token"))
    scenario.engine.stop()
    scenario.store.close()
    before = content(settings.home)
    diagnosis = doctor.examine(settings)
    assert [one for one in diagnosis.findings if one.status == "problem"] == []
    assert content(settings.home) == before
    assert {one.check for one in diagnosis.findings} >= {"store", "vault key", "disk", "toolchains", "clock", "engines"}
    assert "schema" in worst(diagnosis, "store").found
    assert "go 1.24.0" in worst(diagnosis, "toolchains").found
    (key,) = (one for one in findings(diagnosis, "vault key") if one.status != "ok")
    assert key.status == "warning" and "vault backup" in key.advice


def test_without_a_store_nothing_is_made(settings: Settings) -> None:
    diagnosis = doctor.examine(settings)
    assert worst(diagnosis, "store").status == "ok"
    assert diagnosis.status != "problem"
    assert not settings.home.exists()


def test_a_damaged_store_is_a_problem_with_the_way_back(store: Store) -> None:
    with store.writing() as session:
        for number in range(2000):
            session.add(ActivityRow(created_date=utc_now(), actor="me", action=f"action {number}", detail="x" * 90))
    store.close()
    with store.file.open("r+b") as file:
        file.seek(store.file.stat().st_size // 2)
        file.write(os.urandom(8192))
    found = worst(doctor.examine(store.settings), "store")
    assert found.status == "problem"
    assert "store restore" in found.advice


def test_a_file_that_is_no_store_leaves_the_rest_of_the_checks(settings: Settings) -> None:
    settings.home.mkdir(mode=0o700)
    settings.store_file.write_text("this is a letter, not a store " * 100)
    diagnosis = doctor.examine(settings)
    assert "not a database" in worst(diagnosis, "store").found
    assert "store restore" in worst(diagnosis, "store").advice
    assert worst(diagnosis, "programs").status == "ok"
    assert findings(diagnosis, "engines") == []


def test_a_store_that_cannot_be_opened_just_now_is_not_to_be_replaced(settings: Settings) -> None:
    settings.home.mkdir(mode=0o700)
    settings.store_file.mkdir(mode=0o700)
    found = worst(doctor.examine(settings), "store")
    assert found.status == "problem" and "cannot be opened" in found.found
    assert found.advice == ""


def test_rows_that_point_nowhere_are_found(store: Store) -> None:
    import sqlite3

    with closing(sqlite3.connect(store.file)) as connection, connection:
        connection.execute("INSERT INTO installation VALUES ('x', '1')")
        connection.execute(
            "INSERT INTO skipped_slots (tenant_id, first_slot, last_slot, slots, reason, created_date)"
            " VALUES (99, '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', 1, 'x', '2026-01-01T00:00:00Z')"
        )
    found = worst(doctor.examine(store.settings), "store")
    assert found.status == "problem" and "skipped_slots points to a tenant" in found.found


@pytest.mark.parametrize(("revision", "status"), [("0003", "warning"), ("9999", "problem")])
def test_another_schema_is_told_and_not_migrated(store: Store, revision: str, status: str) -> None:
    with store.writing() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = :new"), {"new": revision})
    diagnosis = doctor.examine(store.settings)
    found = worst(diagnosis, "store")
    assert found.status == status and revision in found.found
    assert findings(diagnosis, "vault key") == []
    with store.reading() as reader:
        assert reader.execute("SELECT version_num FROM alembic_version").fetchone()[0] == revision


def test_a_key_that_is_gone_or_open_to_others_is_a_problem(store: Store) -> None:
    with store.writing() as session:
        Vault(store).seal(session, CONTEXT, Secret("a token"))
    key = store.settings.vault_key_file
    key.chmod(0o644)
    assert "chmod 600" in worst(doctor.examine(store.settings), "vault key").found
    key.unlink()
    found = worst(doctor.examine(store.settings), "vault key")
    assert found.status == "problem" and "vault restore" in found.found


def test_too_little_space_is_a_problem_and_a_nearly_full_disk_a_warning(store: Store) -> None:
    full = worst(doctor.examine(replace(store.settings, disk_floor=2**53)), "disk")
    assert full.status == "problem" and "store prune" in full.advice
    free = os.statvfs(store.settings.home)
    nearly = replace(store.settings, disk_floor=free.f_bavail * free.f_frsize // 2)
    assert worst(doctor.examine(nearly), "disk").status == "warning"


def test_a_toolchain_that_is_missing_names_the_integration(scenario: Scenario) -> None:
    scenario.build(scenario.integration({"PANDIUM.yaml": manifest()}))
    with scenario.store.writing() as session:
        session.connection().execute(text("UPDATE release SET base = 'python:2.7'"))
    found = worst(doctor.examine(scenario.store.settings), "toolchains")
    assert found.status == "problem" and "(crm)" in found.found


@pytest.mark.parametrize(
    ("kept", "status", "words"),
    [(True, "ok", "keeps it in step"), (False, "warning", "no time service"), (None, "ok", "does not tell")],
)
def test_what_the_kernel_says_of_its_clock_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, kept: bool | None, status: str, words: str
) -> None:
    assert is_kept_in_step() in (True, False, None)  # asks this kernel
    monkeypatch.setattr(machine_checks, "is_kept_in_step", lambda: kept)
    found = worst(doctor.examine(settings), "clock")
    assert (found.status, words in found.found) == (status, True)


def test_a_clock_behind_the_store_is_a_problem(store: Store) -> None:
    with store.writing() as session:
        session.add(ActivityRow(created_date=utc_now() + timedelta(hours=2), actor="me", action="anything"))
    found = worst(doctor.examine(store.settings), "clock")
    assert found.status == "problem" and "Set the clock" in found.advice


def test_planned_schedules_without_an_engine_and_a_pause_are_told(scenario: Scenario) -> None:
    scenario.tenant(scenario.integration({"PANDIUM.yaml": manifest()}), user_schedule="@hourly")
    pausing.pause_engines(scenario.store, ACTOR)
    told = [one.found for one in findings(doctor.examine(scenario.store.settings), "engines")]
    assert any("paused" in one for one in told)
    pausing.resume_engines(scenario.store, ACTOR)
    # The engine of the scenario fires no schedules.
    assert "pandium-tui serve" in worst(doctor.examine(scenario.store.settings), "engines").advice
    here = own_identity()
    with scenario.store.writing() as session:
        session.add(
            EngineRow(
                id="other",
                pid=here.pid,
                start_ticks=here.start_ticks,
                boot_id=here.boot_id,
                kind="serve",
                schedules=True,
                started_date=utc_now(),
            )
        )
    assert worst(doctor.examine(scenario.store.settings), "engines").status == "ok"


@pytest.fixture
def sleeper(store: Store) -> Iterator["subprocess.Popen[bytes]"]:
    """A process as a run leaves one over."""
    environment = {"TMPDIR": str(store.settings.run_folder(7) / "tmp")}
    waiting = "import sys; print(flush=True); sys.stdin.read()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", waiting], env=environment, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_what_was_left_over_is_found_and_left(store: Store, sleeper: "subprocess.Popen[bytes]") -> None:
    folder = store.settings.run_folder(8)
    folder.mkdir(parents=True)
    os.utime(folder, (0, 0))
    told = findings(doctor.examine(store.settings), "left over")
    assert any(f"process {sleeper.pid} belongs to run 7" in one.found for one in told)
    assert any("runs/8" in one.found for one in told)
    assert sleeper.poll() is None and folder.exists()


def test_a_run_that_nobody_works_on_is_found(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("true")
    scenario.engine.stop()
    with scenario.store.writing() as session:
        run = RunRow(
            tenant_id=tenant.id,
            integration_id=tenant.integration_id,
            phase="Running",
            claimed_by="an engine that was killed",
            attempt=1,
            created_date=utc_now(),
        )
        session.add(run)
        session.flush()
        run_id = run.id
    found = worst(doctor.examine(scenario.store.settings), "runs")
    assert found.status == "warning" and f"run {run_id}." in found.found
    assert not scenario.store.settings.run_folder(run_id or 0).exists()


def test_a_check_that_hangs_or_breaks_is_told_and_holds_up_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    forever = threading.Event()

    def hang(_: Store) -> list[Finding]:
        forever.wait()
        return []

    def break_down(_: Store) -> list[Finding]:
        raise ZeroDivisionError("by nobody")

    monkeypatch.setattr(examination, "CHECKS", (Check("slow", hang, seconds=0.05), Check("broken", break_down)))
    diagnosis = doctor.examine(store.settings)
    forever.set()
    assert diagnosis.status == "problem"
    assert "no answer in 0.05 s" in worst(diagnosis, "slow").found
    assert "ZeroDivisionError" in worst(diagnosis, "broken").found


def test_the_command_line_tells_all_and_ends_with_1_on_a_problem(store: Store) -> None:
    line = CommandLine(store.settings.home)
    told = line.json("doctor")
    assert told["status"] in ("ok", "warning")
    assert {"check", "status", "found", "advice"} == set(told["findings"][0])
    (store.settings.home / "config.toml").write_text("runs_at_once = 'many'\n")
    broken = line.run("doctor")
    assert broken.returncode == 1
    assert broken.stdout.startswith("✗ problem") and "runs_at_once" in broken.stdout


def test_an_executor_whose_engine_does_not_answer_is_a_problem(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    diagnosis = doctor.examine(replace(store.settings, executor="podman"))
    assert "podman is not installed" in worst(diagnosis, "container engine").found
    assert worst(diagnosis, "programs").status == "problem"
    assert "None of this machine is needed" in worst(diagnosis, "toolchains").found
