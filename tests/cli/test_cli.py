"""The command line, as a person or script meets it: real processes, exit statuses, JSON."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from tests.cli.command_line import CommandLine
from tests.scenario import Scenario, commit, manifest

CONFIGS = "{schema: {properties: {batch: {type: integer}}}}"


@pytest.fixture
def command_line(settings: Settings) -> CommandLine:
    return CommandLine(settings.home)


@pytest.fixture
def program(settings: Settings) -> CommandLine:
    """As from a shell."""
    return CommandLine(settings.home, anew=True)


def test_from_a_git_url_to_a_successful_run(program: CommandLine, tmp_path: Path, scenario: Scenario) -> None:
    scenario.engine.stop()
    repository = tmp_path / "crm"
    commit(
        repository,
        {"PANDIUM.yaml": manifest("echo to stderr >&2; echo $PAN_CFG_BATCH", "echo building", configs=CONFIGS)},
    )

    made = program.json("integration", "create", "crm", "--repository", str(repository), "--branch", "main")
    assert (made["name"], made["repository_tracking_branch"], made["type"]) == ("crm", "main", "Internal")
    assert [one["name"] for one in program.json("integration", "list")] == ["crm"]
    assert program.json("integration", "edit", "crm", "--long-name", "CRM")["long_name"] == "CRM"

    built = program.run("release", "build", "crm", "--tag", "first", "--json")
    assert built.returncode == 0
    assert "building" in built.stderr
    release = json.loads(built.stdout)
    assert (release["status"], release["tag"], release["is_latest"]) == ("Ready", "first", True)
    assert program.json("release", "default", "crm", str(release["id"]))["default_release_id"] == release["id"]
    assert "building" in program.run("release", "log", str(release["id"])).stdout
    assert program.json("release", "show", str(release["id"]))["commit"] == release["commit"]

    tenant = program.json(
        "tenant", "create", "crm", "acme", "--config", "batch=7", "--schedule", "@daily", "--timezone", "Asia/Tokyo"
    )
    assert (tenant["integration_release_id"], tenant["source"], tenant["configs"]) == (
        release["id"],
        "cli",
        {"batch": 7},
    )
    assert tenant["next_run"].endswith("Z")
    edited = program.json("tenant", "edit", "crm/acme", "--channel", "Latest", "--config", "batch=8")
    assert (edited["integration_release_channel"], edited["configs"]) == ("Latest", {"batch": 8})
    assert edited["schedule"] == "@daily"
    assert program.json("tenant", "pause", "crm/acme")["next_run"] is None
    assert program.json("tenant", "resume", str(tenant["id"]))["next_run"] == tenant["next_run"]

    done = program.run("run", "start", "crm/acme", "--json")
    assert done.returncode == 0
    assert "to stderr" in done.stderr
    run = json.loads(done.stdout)
    assert (run["phase"], run["state"], run["exit_code"]) == ("Succeeded", "8", 0)
    assert [one["id"] for one in program.json("run", "list", "crm/acme")] == [run["id"]]
    assert program.json("run", "show", str(run["id"]))["triggers"][0]["source"] == "manual"
    assert {record["stream"] for record in program.json("run", "log", str(run["id"]))} == {"err", "out"}
    assert "to stderr" in program.run("run", "log", str(run["id"]), "--follow").stdout

    assert program.json("tenant", "archive", "crm/acme")["archived"] is True
    assert program.json("tenant", "list") == []
    assert program.json("integration", "archive", "crm")["archived"] is True
    assert program.json("integration", "show", "crm")["archived"] is True


def test_the_audit_trail_says_who_did_what(command_line: CommandLine) -> None:
    for name in ("one", "two"):
        command_line.json("integration", "create", name, "--repository", "/srv/crm.git")
    command_line.json("integration", "archive", "one")
    trail = command_line.json("activity")
    assert [row["action"] for row in trail] == ["archive integration", "create integration", "create integration"]
    assert all(row["actor"].endswith("(cli)") for row in trail)
    assert len(command_line.json("activity", "two")) == 1
    assert command_line.json("activity", "--before", str(trail[-1]["id"])) == []


def test_a_failed_build_or_run_ends_with_one(command_line: CommandLine, tmp_path: Path, scenario: Scenario) -> None:
    scenario.engine.stop()
    repository = tmp_path / "crm"
    commit(repository, {"PANDIUM.yaml": manifest("exit 4", build="test ! -e broken")})
    command_line.json("integration", "create", "crm", "--repository", str(repository))
    command_line.json("release", "build", "crm")
    command_line.json("tenant", "create", "crm", "acme", "--channel", "Latest")
    assert command_line.json("run", "start", "crm/acme", status=1)["exit_code"] == 4
    command_line.json("tenant", "create", "crm", "globex", "--channel", "Latest")
    several = command_line.run("run", "start", "crm/acme", "crm/globex").stdout
    assert (several.count("Failed (Integration Issue)"), several.count("refused")) == (2, 0)
    commit(repository, {"broken": ""})
    assert command_line.json("release", "build", "crm", status=1)["status"] == "Failed"


def test_no_wait_starts_the_run_and_leaves(program: CommandLine, scenario: Scenario, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    tenant = scenario.ready_tenant(f"until test -e {gate}; do sleep 0.05; done")
    scenario.engine.stop()
    run = program.json("run", "start", "crm/acme", "--no-wait")
    assert run["phase"] == "Running"
    held = program.json("run", "start", str(tenant.id), "--no-wait")
    assert held["run_id"] is None
    program.json("run", "cancel", str(run["id"]))
    done = program.run("run", "log", str(run["id"]), "--follow")
    assert done.returncode == 0
    assert program.json("run", "show", str(run["id"]))["phase"] == "Cancelled"
    # The held trigger has become a run by now: it must not outlive the test.
    gate.touch()


def test_interrupting_leaves_the_run_going(command_line: CommandLine, scenario: Scenario, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    scenario.ready_tenant(f"echo begun >&2; until test -e {gate}; do sleep 0.05; done")
    scenario.engine.stop()
    program = subprocess.Popen(
        [sys.executable, "-m", "pandium_tui", "--home", str(command_line.home), "run", "start", "crm/acme"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stderr is not None
    assert "begun" in program.stderr.readline()
    program.send_signal(signal.SIGINT)
    assert program.wait(30) == 130
    assert "run cancel 1" in program.stderr.read()
    program.stderr.close()
    gate.touch()
    command_line.run("run", "log", "1", "--follow")
    assert command_line.json("run", "show", "1")["phase"] == "Succeeded"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("integration", "show", "nothing"), 1, "no integration 'nothing'"),
        (("integration", "create", "Bad Name", "--repository", "/x"), 2, "name:"),
        (("integration", "create", "fine"), 2, "repository_url:"),
        (("integration", "create", "fine", "--repository", "ext::sh -c id"), 2, "repository_url:"),
        (("tenant", "show", "no/one"), 1, "no integration 'no'"),
        (("tenant", "show", "acme"), 1, "integration/tenant"),
        (("run", "show", "12"), 1, "no run 12"),
        (("run", "show", "twelve"), 2, "ID"),
        (("release", "log", "5"), 1, "no release 5"),
        (("schedule", "explain", "* * *"), 2, "schedule:"),
        (("schedule", "explain", "@daily", "--timezone", "Nowhere"), 2, "Nowhere"),
        (("schedule", "explain", "@daily", "--start", "yesterday"), 2, "start:"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    command_line: CommandLine, arguments: tuple[str, ...], status: int, message: str
) -> None:
    code, said = command_line.refused(*arguments)
    assert code == status
    assert message in said


def test_a_broken_configuration_is_told(command_line: CommandLine) -> None:
    command_line.home.mkdir()
    (command_line.home / "config.toml").write_text("run_time_limit = 'soon'\n")
    code, said = command_line.refused("integration", "list")
    assert code == 2
    assert "run_time_limit" in said


def test_a_store_that_cannot_be_written_is_told(command_line: CommandLine) -> None:
    command_line.json("integration", "list")
    with sqlite3.connect(command_line.home / "store.db") as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    code, said = command_line.refused("integration", "list")
    assert code == 1
    assert "newer pandium-tui" in said


def test_schedules_are_explained_as_json(command_line: CommandLine) -> None:
    explained = command_line.json(
        "schedule",
        "explain",
        "30 2 * * *",
        "--timezone",
        "Europe/Berlin",
        "--start",
        "2026-03-28T12:00",
        "--count",
        "2",
    )
    assert set(explained) == {"description", "timezone", "fires", "warnings"}
    assert explained["fires"] == ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]
    assert any("does not exist" in warning for warning in explained["warnings"])


def test_a_manifest_is_checked(command_line: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    (folder / "sub").mkdir(parents=True)
    file = folder / "sub" / "PANDIUM.yaml"
    file.write_text("version: 0.4\nbase: python:3.11\nrun: 5\n")
    done = command_line.run("manifest", "check", str(folder), "--path", "sub")
    assert done.returncode == 1
    assert done.stdout.startswith(f"{file}:3:")
    assert ": error: " in done.stdout
    [problem] = command_line.json("manifest", "check", str(file), status=1)
    assert set(problem) == {"severity", "message", "line", "column", "path"}
    assert (problem["severity"], problem["line"], problem["path"]) == ("error", 3, "/run")
    file.write_text("version: 0.4\nbase: python:3.11\nrun: python x.py\n")
    assert command_line.json("manifest", "check", str(file)) == []
    assert command_line.run("manifest", "check", str(tmp_path / "nothing")).returncode == 1


def test_what_is_printed_is_safe_for_the_terminal(command_line: CommandLine) -> None:
    command_line.json("integration", "create", "crm", "--repository", "/srv/crm.git", "--long-name", "\x1b]0;owned\x07")
    for arguments in (("integration", "show", "crm"), ("integration", "list")):
        printed = command_line.run(*arguments).stdout
        assert "\x1b" not in printed
    assert "␛]0;owned␇" in command_line.run("integration", "show", "crm").stdout


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("pandium-tui ten", "tenant"), ("pandium-tui run li", "list"), ("pandium-tui help filt", "filters")],
)
def test_a_shell_completes_what_is_typed(typed: str, completed: str) -> None:
    # A shell runs the program without arguments and says in variables what it wants; see --show-completion.
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    done = subprocess.run(
        [sys.executable, "-m", "pandium_tui"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **words, "_PANDIUM_TUI_COMPLETE": "complete_bash"},
    )
    assert (done.stdout.split(), done.stderr) == ([completed], "")


def test_without_a_terminal_the_app_says_so(program: CommandLine) -> None:
    status, said = program.refused()
    assert status == 2
    assert "needs a terminal" in said
    assert "\x1b" not in said


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "list"], ["tenant", "list", "--json"]])
def test_a_quick_command_loads_nothing_heavy(store: Store, arguments: list[str]) -> None:
    script = (
        "import sys; from pandium_tui.cli.main import app\n"
        "try: app()\n"
        "except SystemExit: pass\n"
        "heavy = {'textual', 'sqlmodel', 'sqlalchemy', 'alembic', 'git', 'croniter', 'yaml'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PANDIUM_TUI_HOME": str(store.settings.home)},
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
