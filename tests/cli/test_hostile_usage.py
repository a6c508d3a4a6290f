"""Unlikely usage: told in a line, never a traceback, never a machine brought down."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pandium_tui.hub import runs
from tests.cli.command_line import CommandLine
from tests.scenario import Scenario
from tests.waiting import wait_for


@pytest.fixture
def command_line(scenario: Scenario) -> CommandLine:
    return CommandLine(scenario.store.settings.home)


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "show"),
        ("release", "show"),
        ("integration", "show"),
        ("tenant", "show"),
        ("run", "start"),
        ("run", "list", "--before"),
    ],
)
def test_an_id_that_no_store_can_hold(command_line: CommandLine, arguments: tuple[str, ...]) -> None:
    code, said = command_line.refused(*arguments, "9" * 23)
    assert code in (1, 2)
    assert said


def test_arguments_that_are_not_text(command_line: CommandLine) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pandium_tui", b"integration", b"show", b"a\xff\xf0\x9f\x98\x80"], capture_output=True
    )
    assert done.returncode == 2
    assert b"not UTF-8 text" in done.stderr


def test_an_output_that_cannot_be_written(command_line: CommandLine) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pandium_tui", "--home", str(command_line.home), "integration", "list", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", ["--configs-file", "--payload"])
def test_a_file_without_end_is_refused(command_line: CommandLine, scenario: Scenario, option: str) -> None:
    scenario.ready_tenant("true")
    command = (
        ("tenant", "create", "crm", "other", "--channel", "Latest") if "configs" in option else ("run", "start", "1")
    )
    code, said = command_line.refused(*command, option, "/dev/zero")
    assert code == 2
    assert "/dev/zero is not a file" in said


def test_a_shared_folder_is_not_taken_as_home(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    (shared / "of-somebody").touch()
    code, said = CommandLine(shared).refused("integration", "list")
    assert code == 1
    assert "cannot be a home folder" in said
    assert shared.stat().st_mode & 0o777 == 0o755


def test_who_looks_at_a_run_records_its_end(command_line: CommandLine, scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("echo 7")
    scenario.engine.stop()
    run = command_line.json("run", "start", str(tenant.id), "--no-wait")
    result = scenario.store.settings.run_folder(run["id"]) / "result.json"
    wait_for(result.exists, "result of the run")
    assert command_line.json("run", "show", str(run["id"]))["phase"] == "Succeeded"
    assert runs.run(scenario.store, run["id"]).state == "7"


def test_a_build_that_nobody_works_on_says_so(command_line: CommandLine, scenario: Scenario) -> None:
    scenario.ready_tenant("true")
    scenario.engine.stop()
    done = command_line.run("release", "build", "crm", "--no-wait", "--json")
    assert json.loads(done.stdout)["status"] == "Queued"
    assert "waits for an engine" in done.stderr


@pytest.mark.parametrize("printed", ["NaN", "[1, Infinity]", "[" * 600 + "]" * 600, '"\\ud800"'])
def test_states_that_are_almost_json(command_line: CommandLine, scenario: Scenario, printed: str) -> None:
    tenant = scenario.ready_tenant(f"echo '{printed}'")
    scenario.run(tenant.id, "init")
    scenario.run(tenant.id)
    for command in (("run", "list"), ("tenant", "list"), ("tenant", "show", str(tenant.id))):
        command_line.json(*command)
