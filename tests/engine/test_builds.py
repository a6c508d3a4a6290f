"""Builds from a git repository to a release."""

from pathlib import Path

import pytest

from pandium_tui.engine.processes import identity_of
from pandium_tui.hub import integrations, releases
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.integrations import IntegrationValues
from tests.scenario import ACTOR, Scenario, commit, manifest
from tests.waiting import wait_for


def log_of(scenario: Scenario, release_id: int) -> str:
    return "\n".join(record.text for record in releases.build_log(scenario.store, release_id).read(0, 10**7).records)


def test_a_build_makes_a_release_of_the_commit(scenario: Scenario) -> None:
    files = {"PANDIUM.yaml": manifest("cat built", build="echo building; pwd > built"), "sub/x": "x"}
    integration_id = scenario.integration(files)
    release = scenario.build(integration_id, tag="first")
    assert (release.status, release.tag, release.branch, release.reason) == ("Ready", "first", "main", None)
    assert release.commit is not None and len(release.commit) == 40
    assert release.commit_subject == "a commit"
    assert release.is_latest and not release.is_default
    assert release.manifest == files["PANDIUM.yaml"]
    assert "building" in log_of(scenario, release.id)
    source = scenario.store.settings.release_folder(release.id) / "source"
    assert (source / "built").read_text().strip() == str(source)
    assert not (source / ".git").exists()


def test_a_new_commit_makes_another_release_and_leaves_the_first_alone(scenario: Scenario) -> None:
    integration_id = scenario.integration({"PANDIUM.yaml": manifest("echo one")})
    first = scenario.build(integration_id)
    commit(scenario.folder / "crm-repository", {"PANDIUM.yaml": manifest("echo two")})
    second = scenario.build(integration_id)
    assert first.commit != second.commit
    assert releases.release(scenario.store, first.id).run_command == "echo one\n"
    assert second.run_command == "echo two\n"
    third = scenario.build(integration_id, commit=first.commit)
    assert third.commit == first.commit


def test_the_yaml_may_be_in_a_folder(scenario: Scenario) -> None:
    files = {"integrations/crm/PANDIUM.yaml": manifest("pwd", build="touch here")}
    integration_id = scenario.integration(files, repository_path="integrations/crm")
    release = scenario.build(integration_id)
    assert release.status == "Ready"
    source = scenario.store.settings.release_folder(release.id) / "source"
    assert (source / "integrations" / "crm" / "here").exists()
    run = scenario.run(scenario.tenant(integration_id).id)
    assert run.state == str(source / "integrations" / "crm")


@pytest.mark.parametrize(
    ("files", "values", "reason"),
    [
        ({"README": ""}, {}, "PANDIUM.yaml"),
        ({"PANDIUM.yaml": "run: [1"}, {}, "PANDIUM.yaml:"),
        ({"PANDIUM.yaml": manifest()}, {"branch": "nowhere"}, "nowhere"),
        ({"PANDIUM.yaml": manifest()}, {"commit": "0" * 40}, "0000"),
        ({"PANDIUM.yaml": manifest(build="echo broken >&2; exit 5")}, {}, "exit code 5"),
        ({"PANDIUM.yaml": manifest(base="clojure:1")}, {}, "clojure"),
    ],
    ids=["no yaml", "broken yaml", "no branch", "no commit", "command fails", "no toolchain"],
)
def test_a_build_that_fails_says_why(
    scenario: Scenario, files: dict[str, str], values: dict[str, str], reason: str
) -> None:
    release = scenario.build(scenario.integration(files), **values)
    assert release.status == "Failed"
    assert release.reason is not None and reason in release.reason
    assert log_of(scenario, release.id) != ""
    assert not release.is_latest


def test_every_problem_of_the_yaml_is_in_the_log(scenario: Scenario) -> None:
    release = scenario.build(scenario.integration({"PANDIUM.yaml": "base: cobol\nrun: 5\nconfigs: []\n"}))
    assert log_of(scenario, release.id).count(": error: ") >= 3


def test_a_repository_that_is_not_there_is_told(scenario: Scenario, tmp_path: Path) -> None:
    made = integrations.create_integration(
        scenario.store, IntegrationValues("gone", repository_url=str(tmp_path / "nothing")), ACTOR
    )
    release = scenario.build(made.id)
    assert release.status == "Failed"
    assert release.reason is not None and "nothing" in release.reason


def test_a_build_that_goes_on_can_be_cancelled_with_all_it_started(scenario: Scenario) -> None:
    build = "setsid sleep 300 & echo $! > stray; sleep 300"
    integration_id = scenario.integration({"PANDIUM.yaml": manifest(build=build)})
    release = releases.build_release(scenario.store, integration_id, ACTOR)
    stray = scenario.store.settings.release_folder(release.id) / "source" / "stray"
    pid = int(wait_for(lambda: stray.exists() and stray.read_text().strip(), "pid of the stray process"))
    identity = identity_of(pid)
    waiting = releases.build_release(scenario.store, integration_id, ACTOR)
    assert releases.cancel_build(scenario.store, waiting.id, ACTOR).status == "Failed"
    releases.cancel_build(scenario.store, release.id, ACTOR)
    ended = scenario.built(release.id)
    assert ended.reason == f"cancelled by {ACTOR}"
    assert identity is not None and identity_of(pid) != identity
    with pytest.raises(RefusedError, match="nothing to cancel"):
        releases.cancel_build(scenario.store, release.id, ACTOR)


def test_builds_of_one_integration_come_one_after_the_other(scenario: Scenario) -> None:
    build = "test ! -e ../../busy && touch ../../busy && sleep 0.3 && rm ../../busy"
    integration_id = scenario.integration({"PANDIUM.yaml": manifest(build=build)})
    asked = [releases.build_release(scenario.store, integration_id, ACTOR) for _ in range(3)]
    assert [scenario.built(one.id).status for one in asked] == ["Ready"] * 3


def test_a_python_release_has_an_environment_of_its_own(scenario: Scenario) -> None:
    script = "import sys; print(sys.prefix)"
    files = {"PANDIUM.yaml": manifest(f"python -c '{script}'", build=f"python3 -c '{script}'", base="python")}
    integration_id = scenario.integration(files)
    release = scenario.build(integration_id)
    environment = str(scenario.store.settings.release_folder(release.id) / "environment")
    assert environment in log_of(scenario, release.id)
    assert scenario.run(scenario.tenant(integration_id).id).state == environment
    assert release.toolchain is not None and release.toolchain.startswith("python 3.")


def test_what_cannot_be_built_is_refused_at_once(scenario: Scenario) -> None:
    store = scenario.store
    external = integrations.create_integration(
        store, IntegrationValues("listing", type="External", target_url="https://example.com/x"), ACTOR
    )
    with pytest.raises(RefusedError, match="external"):
        releases.build_release(store, external.id, ACTOR)
    integration_id = scenario.integration({"PANDIUM.yaml": manifest()})
    with pytest.raises(InvalidError, match="branch"):
        releases.build_release(store, integration_id, ACTOR, branch="--upload-pack=evil")
    integrations.archive_integration(store, integration_id, ACTOR)
    with pytest.raises(RefusedError, match="archived"):
        releases.build_release(store, integration_id, ACTOR)
