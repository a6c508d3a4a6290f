"""Setup Integration Repo: one commit that can be built and run at once, and never over what is there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pandium_tui.hub import activity, integrations
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.integrations import IntegrationValues
from pandium_tui.hub.repository_setup import plan_setup, push_setup
from pandium_tui.hub.source_accounts import SourceAccountValues, create_source_account
from pandium_tui.manifest.manifest import read_manifest
from pandium_tui.sources.scaffold import LANGUAGES, Language, scaffold_files
from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import Secret
from tests.git_server import git_host
from tests.scenario import ACTOR, Scenario
from tests.sources.conftest import Origin

SECRET = "canary-value-of-a-secret"
PYTHON_FILES = [".gitignore", "PANDIUM.yaml", "README.md", "main.py", "pandium.py", "requirements.txt"]


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", folder], check=True)
    return folder


def make(store: Store, url: object, **values: object) -> int:
    given = IntegrationValues("crm-sync", repository_url=str(url), default_release_channel="Latest", **values)  # type: ignore[arg-type]
    return integrations.create_integration(store, given, ACTOR).id


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=True)
    return done.stdout.decode().strip()


def run_program(language: Language, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The program of a scaffold, with nothing but these variables and PATH."""
    for path, content in scaffold_files(language, "crm-sync").items():
        (folder / path).write_bytes(content)
    command = [sys.executable, "-s", "main.py"] if language == "python" else ["node", "main.js"]
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_an_empty_repository_gets_one_commit_that_is_built_and_run(scenario: Scenario, empty: Path) -> None:
    integration_id = make(scenario.store, empty)
    plan = plan_setup(scenario.store, integration_id, "python")
    assert (plan.branch, plan.base, plan.starts_branch) == ("main", None, True)
    assert [one.path for one in plan.files] == PYTHON_FILES
    assert {one.state for one in plan.files} == {"new"}
    assert git(empty, "for-each-ref") == ""  # nothing was written yet
    pushed = push_setup(scenario.store, integration_id, plan, ACTOR)
    assert pushed.files == tuple(PYTHON_FILES)
    assert git(empty, "rev-list", "main") == pushed.commit
    built = scenario.build(integration_id)
    assert built.status == "Ready", built.reason
    tenant = scenario.tenant(integration_id, configs={"greeting": "Moin"})
    first = scenario.run(tenant.id)
    assert first.phase == "Succeeded", scenario.log(first.id)
    assert first.state == '{"runs": 1}'
    log = scenario.log(first.id)
    assert "  PAN_CFG_GREETING=Moin" in log
    assert any(line.startswith("Moin: read the source") for line in log)
    assert scenario.run(tenant.id).state == '{"runs": 2}'
    assert scenario.run(tenant.id, "init").state == "{}"
    assert activity.activities(scenario.store, integration_id)[-2].action == "set up repository"


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_printed_and_secret_values_masked(tmp_path: Path, language: Language) -> None:
    if language == "node" and shutil.which("node") is None:
        pytest.skip("node is not installed on this machine")
    state = json.dumps({"runs": 4})
    done = run_program(
        language,
        tmp_path,
        **{
            "PAN_SEC_HUBSPOT_ACCESS_TOKEN": SECRET,
            "PAN_SEC_HUBSPOT-BASIC_API_KEY": SECRET,
            "PAN_CFG_GREETING": "Hi",
            "PAN_CTX_RUN_MODE": "normal",
            "PAN_CTX_LAST_SUCCESSFUL_RUN_STD_OUT": state,
            "OTHER": "its value is no business of a log",
        },
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"runs": 5}
    assert SECRET not in done.stderr + done.stdout
    assert "PAN_SEC_HUBSPOT_ACCESS_TOKEN=********" in done.stderr
    assert "PAN_SEC_HUBSPOT-BASIC_API_KEY=********" in done.stderr
    assert "PAN_CFG_GREETING=Hi" in done.stderr
    assert "no business" not in done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_manifest_has_no_problems(language: Language) -> None:
    reading = read_manifest(scaffold_files(language, "crm-sync")["PANDIUM.yaml"])
    assert reading.problems == ()
    assert reading.manifest is not None
    assert reading.manifest.base.language == language


@pytest.mark.parametrize(
    ("path", "manifest"),
    [("", "PANDIUM.yaml"), ("integrations/crm", "integrations/crm/PANDIUM.yaml"), ("crm/sync.yml", "crm/sync.yml")],
)
def test_it_goes_where_the_integration_looks_for_its_manifest(path: str, manifest: str) -> None:
    files = scaffold_files("node", "crm-sync", path)
    assert manifest in files
    assert len({Path(file).parent for file in files}) == 1
    assert json.loads(next(text for file, text in files.items() if file.endswith("package.json")))["name"] == "crm-sync"
    assert not [file for file, text in files.items() if b"INTEGRATION_NAME" in text]


def test_what_is_there_stays_unless_it_is_named(store: Store, origin: Origin, tmp_path: Path) -> None:
    same = scaffold_files("python", "crm-sync")["pandium.py"].decode()
    before = origin.commit({"README.md": "ours", "main.py": "ours too", "pandium.py": same, "kept/x": "y"})
    origin.git("checkout", "--quiet", "--detach")
    integration_id = make(store, origin.url)
    plan = plan_setup(store, integration_id, "python")
    assert {one.path: one.state for one in plan.files} == {
        ".gitignore": "new",
        "PANDIUM.yaml": "new",
        "README.md": "differs",
        "main.py": "differs",
        "pandium.py": "same",
        "requirements.txt": "new",
    }
    pushed = push_setup(store, integration_id, plan, ACTOR, overwrite=["main.py"])
    assert pushed.files == (".gitignore", "PANDIUM.yaml", "main.py", "requirements.txt")
    assert origin.git("rev-list", "--parents", "-1", "main") == f"{pushed.commit} {before}"
    assert origin.git("show", "main:README.md") == "ours"
    assert origin.git("show", "main:kept/x") == "y"
    assert "described_environment" in origin.git("show", "main:main.py")
    again = plan_setup(store, integration_id, "python")
    assert {one.state for one in again.files if one.path != "README.md"} == {"same"}
    with pytest.raises(RefusedError, match="Nothing to write"):
        push_setup(store, integration_id, again, ACTOR)


def test_a_new_branch_begins_where_the_default_one_is(store: Store, origin: Origin) -> None:
    base = origin.commit({"x": "y"})
    integration_id = make(store, origin.url)
    plan = plan_setup(store, integration_id, "node", "setup/first")
    assert (plan.branch, plan.base, plan.starts_branch) == ("setup/first", base, True)
    pushed = push_setup(store, integration_id, plan, ACTOR)
    assert origin.git("rev-parse", "setup/first^") == base
    assert origin.git("rev-parse", "main") == base
    assert origin.git("log", "-1", "--format=%s", pushed.commit) == "Set up the integration (node)"


def test_a_branch_that_moved_meanwhile_is_not_overwritten(store: Store, origin: Origin) -> None:
    origin.commit({"x": "y"})
    origin.git("checkout", "--quiet", "-b", "elsewhere")
    integration_id = make(store, origin.url, repository_tracking_branch="main")
    plan = plan_setup(store, integration_id, "python")
    origin.git("checkout", "--quiet", "main")
    theirs = origin.commit({"x": "z"})
    origin.git("checkout", "--quiet", "elsewhere")
    with pytest.raises(RefusedError, match="has moved meanwhile"):
        push_setup(store, integration_id, plan, ACTOR)
    assert origin.git("rev-parse", "main") == theirs


def test_a_host_that_refuses_the_push_is_told(store: Store, origin: Origin) -> None:
    origin.commit({"x": "y"})  # main is checked out there, so git refuses a push to it
    integration_id = make(store, origin.url)
    plan = plan_setup(store, integration_id, "python")
    with pytest.raises(RefusedError, match="does not take the push"):
        push_setup(store, integration_id, plan, ACTOR)


def test_a_folder_in_the_way_of_a_file_is_told(store: Store, origin: Origin) -> None:
    origin.commit({"main.py/x": "y"})
    with pytest.raises(RefusedError, match=r"main\.py is a folder"):
        plan_setup(store, make(store, origin.url), "python")


def test_a_bad_branch_and_an_external_integration_are_refused(store: Store, empty: Path) -> None:
    integration_id = make(store, empty)
    with pytest.raises(InvalidError, match="branch"):
        plan_setup(store, integration_id, "python", "-x")
    external = IntegrationValues("partner", type="External", target_url="https://x.example.com")
    with pytest.raises(RefusedError, match="has no repository"):
        plan_setup(store, integrations.create_integration(store, external, ACTOR).id, "python")


def test_it_is_pushed_over_http_with_the_token_of_the_account(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PANDIUM_TUI_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    account = create_source_account(store, SourceAccountValues("acme", token=Secret("right")), ACTOR)
    with git_host(tmp_path / "host") as host:
        bare = host.repository("crm.git")
        url = f"{host.url}/crm.git"
        integration_id = make(store, url, source_account_id=account.id)
        pushed = push_setup(store, integration_id, plan_setup(store, integration_id, "python"), ACTOR)
        assert git(bare, "rev-parse", "main") == pushed.commit
        without = integrations.create_integration(store, IntegrationValues("other", repository_url=url), ACTOR)
        with pytest.raises(RefusedError, match="wants credentials"):
            plan_setup(store, without.id, "python")
