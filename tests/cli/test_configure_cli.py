"""``integration edit``, ``check``, ``setup-repository`` and ``source-account``: real processes, exit statuses, JSON."""

import json
import subprocess
from pathlib import Path

import pytest

from pandium_tui.settings import Settings
from tests.cli.command_line import CommandLine
from tests.git_server import git_host
from tests.scenario import commit, manifest

TOKEN = "ghp_canary77f0e1d2c3"


@pytest.fixture
def command_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    for name in ("PANDIUM_TUI_KEY", "CREDENTIALS_DIRECTORY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return CommandLine(settings.home)


@pytest.fixture
def token_file(tmp_path: Path) -> str:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    return str(file)


def test_a_private_repository_from_account_to_release(
    command_line: CommandLine, tmp_path: Path, token_file: str
) -> None:
    with git_host(tmp_path / "host", token=TOKEN) as host:
        bare = host.repository("crm.git")
        commit(tmp_path / "work", {"PANDIUM.yaml": manifest("true", build="echo building", base="python")})
        subprocess.run(["git", "-C", tmp_path / "work", "push", "--quiet", bare, "main"], check=True)
        made = command_line.json("source-account", "add", "acme", "--token-file", token_file)
        assert (made["name"], made["provider"], made["method"], made["has_token"]) == (
            "acme", "GitHub", "https token", True,
        )  # fmt: skip
        url = f"{host.url}/crm.git"
        created = command_line.json("integration", "create", "crm", "--repository", url)
        assert created["source_account_id"] is None
        status, told = command_line.refused("integration", "check", "crm")
        assert status == 1
        assert "wants credentials" in told
        checked = command_line.json("integration", "check", "crm", "--source-account", "acme")
        assert (checked["branch"], checked["file"], checked["problems"]) == ("main", "PANDIUM.yaml", [])
        edited = command_line.json("integration", "edit", "crm", "--source-account", "acme")
        assert edited["source_account_id"] == made["id"]
        built = command_line.run("release", "build", "crm", "--json")
        assert json.loads(built.stdout)["status"] == "Ready", built.stderr
        assert TOKEN not in built.stdout + built.stderr
    status, told = command_line.refused("source-account", "remove", "acme")
    assert (status, "used by crm" in told, "--yes" in told) == (1, True, True)
    assert command_line.json("source-account", "remove", "acme", "--yes")["integrations"] == ["crm"]
    assert command_line.json("integration", "show", "crm")["source_account_id"] is None
    assert command_line.json("source-account", "list") == []


def test_a_token_comes_from_a_file_or_stdin_and_an_account_can_be_changed(
    command_line: CommandLine, token_file: str, settings: Settings
) -> None:
    added = command_line.run("source-account", "add", "lab", "--provider", "gitlab", "--from-stdin", stdin=TOKEN)
    assert added.returncode == 0, added.stderr
    assert TOKEN not in added.stdout + added.stderr
    assert command_line.refused("source-account", "add", "two", "--from-stdin", "--token-file", token_file)[0] == 2
    assert command_line.refused("source-account", "add", "two")[0] == 2  # a token is required
    assert command_line.refused("source-account", "add", "two", "--token-file", "/no/such/file")[0] == 2
    edited = command_line.json("source-account", "edit", "lab", "--name", "work", "--username", "ada")
    assert (edited["name"], edited["username"], edited["has_token"]) == ("work", "ada", True)
    key = settings.home / "a-key"
    key.touch()
    over_ssh = command_line.json("source-account", "edit", "work", "--key-file", str(key))
    assert (over_ssh["method"], over_ssh["has_token"], over_ssh["username"]) == ("ssh key", False, "")
    assert [one["name"] for one in command_line.json("source-account", "list")] == ["work"]
    assert command_line.refused("source-account", "edit", "wrk")[1].endswith("Did you mean work?\n")


def test_edit_covers_what_the_tab_configures(command_line: CommandLine) -> None:
    created = command_line.json("integration", "create", "crm", "--repository", "/srv/crm")
    assert [one["label"] for one in created["schedule_options"]][:2] == ["Every 15 minutes", "Hourly"]
    edited = command_line.json(
        "integration", "edit", "crm", "--branch", "dev", "--path", "crm",
        "--time-limit", "90", "--new-tenants", "Latest",
        "--paused-by-default", "--no-custom-schedules",
        "--schedule-option", "*Nightly=0 2 * * *", "--schedule-option", "A=B=@weekly",
    )  # fmt: skip
    assert edited["schedule_options"] == [
        {"label": "Nightly", "cron": "0 2 * * *", "default": True},
        {"label": "A=B", "cron": "@weekly", "default": False},
    ]
    assert (edited["custom_schedules"], edited["paused_by_default"], edited["run_time_limit"]) == (False, True, 90)
    status, told = command_line.refused("tenant", "create", "crm", "acme", "--schedule", "@daily")
    assert (status, "must be one that crm offers: Nightly" in told) == (2, True)
    assert command_line.refused("integration", "edit", "crm", "--schedule-option", "Nightly")[0] == 2
    assert command_line.refused("integration", "edit", "crm", "--schedule-option", "Odd=61 * * * *")[0] == 2
    assert command_line.refused("integration", "edit", "crm", "--default-release", "99")[0] == 1
    assert command_line.json("integration", "edit", "crm", "--schedule-option", "")["schedule_options"] == []


def test_a_check_ends_with_1_on_errors(command_line: CommandLine, tmp_path: Path) -> None:
    commit(tmp_path / "repository", {"PANDIUM.yaml": "base: go\n"})
    command_line.json("integration", "create", "crm", "--repository", str(tmp_path / "repository"))
    done = command_line.run("integration", "check", "crm")
    assert done.returncode == 1
    assert "PANDIUM.yaml:1:1: error: run is missing" in done.stdout


def test_a_repository_is_set_up_after_it_was_shown(command_line: CommandLine, tmp_path: Path) -> None:
    empty = tmp_path / "empty.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", empty], check=True)
    command_line.json("integration", "create", "crm", "--repository", str(empty))
    setup = ("integration", "setup-repository", "crm", "--language", "python")
    planned = command_line.json(*setup, "--dry-run")
    assert (planned["branch"], planned["base"]) == ("main", None)
    assert {one["state"] for one in planned["files"]} == {"new"}
    assert subprocess.run(["git", "-C", empty, "for-each-ref"], capture_output=True).stdout == b""
    pushed = command_line.json(*setup)
    assert "main.py" in pushed["files"]
    status, told = command_line.refused(*setup)
    assert (status, "= main.py: there already" in told, "Nothing to write" in told) == (1, True, True)
    other = command_line.run("integration", "setup-repository", "crm", "--language", "node")
    assert other.returncode == 0, other.stderr
    assert "! README.md: there, and different" in other.stderr
    assert "main.js" in other.stdout
    assert "README.md" not in other.stdout
    replaced = command_line.json("integration", "setup-repository", "crm", "--language", "node", "--overwrite")
    assert replaced["files"] == [".gitignore", "PANDIUM.yaml", "README.md"]
    built = command_line.run("integration", "check", "crm")
    assert built.returncode == 0, built.stdout


def test_what_the_engine_does_with_failures_and_missed_slots_can_be_set(command_line: CommandLine) -> None:
    given = ["--retry-count", "3", "--retry-backoff", "20", "--no-catch-up", "--catch-up-window", "600"]
    made = command_line.json("integration", "create", "crm", "--repository", "/srv/crm", *given, "--runs-at-once", "2")
    assert (made["retry_count"], made["retry_backoff"]) == (3, 20)
    assert (made["catch_up"], made["catch_up_window"]) == (False, 600)
    assert made["runs_at_once"] == 2
    edited = command_line.json("integration", "edit", "crm", "--runs-at-once", "0", "--catch-up")
    assert (edited["runs_at_once"], edited["catch_up"], edited["retry_count"]) == (None, True, 3)
    status, told = command_line.refused("integration", "edit", "crm", "--retry-count", "21")
    assert (status, "retry_count: must be 0 to 20" in told) == (2, True), told
