"""What the tab Configure saves: repository, default release, schedule options, limits."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pandium_tui.hub import activity, integrations, tenants
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.integrations import IntegrationValues, configure_integration
from pandium_tui.hub.repository_check import check_repository
from pandium_tui.hub.schedule_options import COMMON_OPTIONS, default_option, option_problems, options_problem
from pandium_tui.hub.tenants import TenantValues
from pandium_tui.sources.errors import FetchCancelledError
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import ScheduleOption
from tests.hub.test_hub import make_integration, make_release, make_tenant
from tests.scenario import ACTOR, commit, manifest

NIGHTLY = ScheduleOption("Nightly", "0 2 * * *", default=True)


@pytest.fixture(autouse=True)
def own_git_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def test_a_new_integration_offers_the_common_schedules_hourly_by_default(store: Store) -> None:
    made = make_integration(store)
    assert made.schedule_options == COMMON_OPTIONS
    assert [option.label for option in made.schedule_options] == [
        "Every 15 minutes", "Hourly", "Every 6 hours", "Daily", "Weekly",
    ]  # fmt: skip
    chosen = default_option(made.schedule_options)
    assert chosen is not None
    assert chosen.cron == "0 * * * *"
    assert made.custom_schedules
    assert not made.paused_by_default


def test_everything_is_saved_at_once_and_noted(store: Store) -> None:
    made = make_integration(store)
    ready = make_release(store, made.id)
    values = replace(
        integrations.values_of(made),
        repository_tracking_branch="dev",
        schedule_options=(NIGHTLY,),
        custom_schedules=False,
        paused_by_default=True,
        run_time_limit=90,
    )
    saved = configure_integration(store, made.id, values, ready.id, ACTOR)
    assert integrations.values_of(saved) == values
    assert saved.default_release_id == ready.id
    trail = [(one.action, one.detail) for one in activity.activities(store, made.id)]
    assert trail[:2] == [
        ("set default release", ""),
        (
            "edit integration",
            "repository_tracking_branch, run_time_limit, schedule_options, custom_schedules, paused_by_default",
        ),
    ]
    assert configure_integration(store, made.id, values, None, ACTOR).default_release_id is None


def test_what_cannot_be_saved_changes_nothing_at_all(store: Store) -> None:
    made = make_integration(store)
    failed = make_release(store, made.id, "Failed")
    made = integrations.integration(store, made.id)
    values = replace(integrations.values_of(made), run_time_limit=90)
    with pytest.raises(RefusedError, match="must be Ready"):
        configure_integration(store, made.id, values, failed.id, ACTOR)
    with pytest.raises(InvalidError):
        configure_integration(store, made.id, replace(values, repository_path="../x"), None, ACTOR)
    assert integrations.integration(store, made.id) == made


def test_another_branch_concerns_the_next_builds_only(store: Store) -> None:
    made = make_integration(store)
    ready = make_release(store, made.id)
    values = replace(integrations.values_of(made), repository_tracking_branch="dev", repository_path="crm")
    configure_integration(store, made.id, values, ready.id, ACTOR)
    assert integrations.integration(store, made.id).latest_release_id == ready.id


def test_the_form_of_names_leaves_the_rest_alone(store: Store) -> None:
    """``edit`` with values made from what is there keeps options and default release."""
    made = make_integration(store, schedule_options=(NIGHTLY,))
    ready = make_release(store, made.id)
    integrations.set_default_release(store, made.id, ready.id, ACTOR)
    edited = integrations.edit_integration(
        store, made.id, replace(integrations.values_of(made), long_name="CRM"), ACTOR
    )
    assert (edited.schedule_options, edited.default_release_id) == ((NIGHTLY,), ready.id)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((ScheduleOption("", "0 * * * *"),), "option 1"),
        ((ScheduleOption("x" * 61, "0 * * * *"),), "label"),
        ((ScheduleOption("a\x1b", "0 * * * *"),), "label"),
        ((ScheduleOption("Odd", "61 * * * *"),), "cron"),
        ((NIGHTLY, ScheduleOption("nightly", "0 3 * * *")), "is the label of another option"),
        ((NIGHTLY, ScheduleOption("Other", "0  2 * * *")), "is the schedule of Nightly"),
        ((NIGHTLY, ScheduleOption("Other", "0 3 * * *", default=True)), "only one can be the default"),
        (tuple(ScheduleOption(f"o{n}", f"{n} {n % 24} * * *") for n in range(51)), "at most 50"),
    ],
)
def test_options_that_cannot_be_offered_are_refused(
    store: Store, options: tuple[ScheduleOption, ...], words: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        make_integration(store, schedule_options=options)
    assert set(caught.value.problems) == {"schedule_options"}
    assert words in caught.value.problems["schedule_options"]


def test_no_options_at_all_are_fine() -> None:
    assert options_problem(()) is None
    assert default_option(()) is None
    assert default_option((ScheduleOption("A", "@daily"),)) is None


@given(st.permutations(COMMON_OPTIONS))
@hypothesis_settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_is_the_persons_own(store: Store, options: list[ScheduleOption]) -> None:
    with_order = tuple(options)
    found = {one.name: one for one in integrations.integrations(store)}
    made = found.get("crm") or make_integration(store)
    values = replace(integrations.values_of(made), schedule_options=with_order)
    saved = integrations.edit_integration(store, made.id, values, ACTOR)
    assert saved.schedule_options == with_order
    assert not any(option_problems(option, with_order[:place]) for place, option in enumerate(with_order))


def test_tenants_keep_to_the_options_when_own_schedules_are_off(store: Store) -> None:
    made = make_integration(store, schedule_options=(NIGHTLY,), custom_schedules=False)
    with pytest.raises(InvalidError, match=r"must be one that crm offers: Nightly \(0 2 \* \* \*\)"):
        make_tenant(store, made.id, user_schedule="0 3 * * *")
    assert make_tenant(store, made.id, "one", user_schedule="0 2 * * *").schedule == "0 2 * * *"
    assert make_tenant(store, made.id, "two", user_schedule=None).schedule is None
    allowed = integrations.edit_integration(
        store, made.id, replace(integrations.values_of(made), custom_schedules=True), ACTOR
    )
    own = make_tenant(store, allowed.id, "three", user_schedule="0 3 * * *")
    integrations.edit_integration(store, made.id, integrations.values_of(made), ACTOR)
    values = tenants.values_of(own)
    kept = tenants.edit_tenant(store, own.id, replace(values, paused=True), ACTOR)
    assert (kept.schedule, kept.paused) == ("0 3 * * *", True)  # what it has may stay
    with pytest.raises(InvalidError, match="user_schedule"):
        tenants.edit_tenant(store, own.id, replace(values, user_schedule="0 4 * * *"), ACTOR)


def test_an_expression_that_is_none_is_told_as_such(store: Store) -> None:
    made = make_integration(store, custom_schedules=False)
    with pytest.raises(InvalidError, match="out of range"):
        tenants.create_tenant(
            store, made.id, TenantValues("a", integration_release_channel="Latest", user_schedule="61 * * * *"), ACTOR
        )


def values_for(repository: Path, branch: str | None = None, path: str = "") -> IntegrationValues:
    return IntegrationValues(
        "crm", repository_url=str(repository), repository_tracking_branch=branch, repository_path=path
    )


def test_a_check_says_where_branch_and_path_lead(store: Store, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    sha = commit(repository, {"crm/PANDIUM.yaml": manifest() + "colour: red\n", "x": "y"}, "Read segments")
    found = check_repository(store, values_for(repository, path="crm"))
    assert (found.branch, found.commit, found.subject, found.author) == ("main", sha, "Read segments", "Tester")
    assert found.file == "crm/PANDIUM.yaml"
    ((severity, line, column),) = [(one.severity, one.line, one.column) for one in found.problems]
    assert (severity, line, column) == ("warning", 6, 1)
    assert integrations.integrations(store) == []


def test_a_check_tells_a_missing_manifest_and_a_broken_one(store: Store, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    commit(repository, {"broken.yaml": "base: go\nrun: [\n"})
    (missing,) = check_repository(store, values_for(repository)).problems
    assert (missing.severity, missing.message) == ("error", 'there is no "PANDIUM.yaml" in the root of the repository')
    broken = check_repository(store, values_for(repository, path="broken.yaml"))
    assert broken.file == "broken.yaml"
    assert [one.severity for one in broken.problems] == ["error"]


def test_a_check_that_cannot_be_made_says_why(store: Store, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    commit(repository, {"PANDIUM.yaml": manifest()})
    with pytest.raises(RefusedError, match="There is no branch 'dev'"):
        check_repository(store, values_for(repository, "dev"))
    with pytest.raises(RefusedError, match="There is no git repository"):
        check_repository(store, values_for(tmp_path / "nothing"))
    with pytest.raises(InvalidError) as caught:
        check_repository(store, values_for(repository, "-x", "../y"))
    assert set(caught.value.problems) == {"repository_tracking_branch", "repository_path"}
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "empty"], check=True)
    with pytest.raises(RefusedError, match="is empty"):
        check_repository(store, values_for(tmp_path / "empty"))


def test_a_check_can_be_stopped(store: Store, tmp_path: Path) -> None:
    commit(tmp_path / "repository", {"PANDIUM.yaml": manifest()})
    with pytest.raises(FetchCancelledError):
        check_repository(store, values_for(tmp_path / "repository"), cancelled=lambda: True)


def test_a_check_leaves_only_the_clone(store: Store, tmp_path: Path) -> None:
    commit(tmp_path / "repository", {"PANDIUM.yaml": manifest()})
    check_repository(store, values_for(tmp_path / "repository"))
    assert {file.suffix for file in store.settings.repositories_folder.iterdir()} == {".git", ".lock"}
