"""The hub's rules for integrations, tenants and schedules."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pandium_tui.hub import activity, integrations, releases, runs, tenants
from pandium_tui.hub.errors import InvalidError, NotFoundError, RefusedError
from pandium_tui.hub.integrations import IntegrationValues
from pandium_tui.hub.naming import name_problem
from pandium_tui.hub.overview import overview
from pandium_tui.hub.schedules import explain_schedule
from pandium_tui.hub.tenants import TenantValues
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration, Release
from pandium_tui.storage.tables import ReleaseRow
from pandium_tui.storage.times import utc_now
from tests.scenario import ACTOR


def make_integration(store: Store, name: str = "crm", **values: object) -> Integration:
    given = IntegrationValues(name, repository_url="https://git.example.com/crm.git")
    return integrations.create_integration(store, replace(given, **values), ACTOR)  # type: ignore[arg-type]


def make_release(store: Store, integration_id: int, status: str = "Ready") -> Release:
    with store.writing() as session:
        row = ReleaseRow(
            integration_id=integration_id, name="r", status=status, created_date=utc_now(), modified_date=utc_now()
        )
        session.add(row)
        session.flush()
        release_id = row.id
    assert release_id is not None
    return releases.release(store, release_id)


def make_tenant(store: Store, integration_id: int, name: str = "acme", **values: object) -> tenants.Tenant:
    values.setdefault("integration_release_channel", "Latest")
    return tenants.create_tenant(store, integration_id, TenantValues(name, **values), ACTOR)  # type: ignore[arg-type]


@given(st.text(alphabet="abz09-A_ .", max_size=70))
@hypothesis_settings(max_examples=300)
def test_names_are_dns_labels(name: str) -> None:
    fine = (
        0 < len(name) <= 63 and all(character in "abz09-" for character in name) and name[0] != "-" and name[-1] != "-"
    )
    assert (name_problem(name) is None) == fine


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "Bad Name"}, "name"),
        ({"name": "crm"}, "name"),
        ({"repository_url": ""}, "repository_url"),
        ({"repository_url": "ext::sh -c id"}, "repository_url"),
        ({"repository_url": "--upload-pack=id"}, "repository_url"),
        ({"repository_tracking_branch": "-x"}, "repository_tracking_branch"),
        ({"repository_path": "../secrets"}, "repository_path"),
        ({"repository_path": "/etc/passwd"}, "repository_path"),
        ({"run_time_limit": 0}, "run_time_limit"),
        ({"default_release_channel": "Newest"}, "default_release_channel"),
        ({"type": "External", "target_url": "javascript:alert(1)"}, "target_url"),
    ],
)
def test_values_that_cannot_be_saved_are_told_by_field(store: Store, values: dict[str, object], field: str) -> None:
    make_integration(store)
    with pytest.raises(InvalidError) as caught:
        make_integration(store, **({"name": "other"} | values))  # type: ignore[arg-type]
    assert set(caught.value.problems) == {field}
    assert len(integrations.integrations(store)) == 1


def test_an_integration_is_found_by_id_and_name(store: Store) -> None:
    made = make_integration(store)
    numbered = make_integration(store, name="7")
    assert integrations.integration(store, made.id) == integrations.integration(store, "crm") == made
    assert integrations.integration(store, "7") == numbered
    with pytest.raises(NotFoundError, match=r"no integration 'crn'\. Did you mean crm\?"):
        integrations.integration(store, "crn")


def test_editing_keeps_what_is_not_changed_and_is_noted(store: Store) -> None:
    made = make_integration(store, long_name="CRM")
    values = replace(integrations.values_of(made), repository_tracking_branch="develop")
    edited = integrations.edit_integration(store, made.id, values, ACTOR)
    assert (edited.long_name, edited.repository_tracking_branch) == ("CRM", "develop")
    newest = activity.activities(store)[0]
    assert (newest.action, newest.detail, newest.actor) == (
        "edit integration",
        "repository_tracking_branch",
        str(ACTOR),
    )


def test_an_external_integration_has_no_tenants(store: Store) -> None:
    made = integrations.create_integration(
        store, IntegrationValues("listing", type="External", target_url="https://example.com"), ACTOR
    )
    with pytest.raises(RefusedError, match="external"):
        make_tenant(store, made.id)


def test_only_a_ready_release_of_its_own_can_be_the_default(store: Store) -> None:
    made, other = make_integration(store), make_integration(store, "other")
    failed, foreign = make_release(store, made.id, "Failed"), make_release(store, other.id)
    with pytest.raises(RefusedError, match="must be Ready"):
        integrations.set_default_release(store, made.id, failed.id, ACTOR)
    with pytest.raises(NotFoundError):
        integrations.set_default_release(store, made.id, foreign.id, ACTOR)
    ready = make_release(store, made.id)
    assert integrations.set_default_release(store, made.id, ready.id, ACTOR).default_release_id == ready.id
    assert integrations.set_default_release(store, made.id, None, ACTOR).default_release_id is None


@pytest.mark.parametrize(
    ("channel", "with_default", "expected"),
    [("Latest", False, "Latest"), ("Default", False, "Default"), (None, True, "pinned"), (None, False, None)],
)
def test_a_new_tenant_gets_what_the_integration_says(
    store: Store, channel: str | None, with_default: bool, expected: str | None
) -> None:
    made = make_integration(store, default_release_channel=channel)
    release = make_release(store, made.id)
    if with_default:
        integrations.set_default_release(store, made.id, release.id, ACTOR)
    if expected is None:
        with pytest.raises(InvalidError, match="no default release"):
            tenants.create_tenant(store, made.id, TenantValues("acme"), ACTOR)
        return
    tenant = tenants.create_tenant(store, made.id, TenantValues("acme"), ACTOR)
    if expected == "pinned":
        assert (tenant.integration_release_id, tenant.integration_release_channel) == (release.id, None)
    else:
        assert (tenant.integration_release_id, tenant.integration_release_channel) == (None, expected)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "Acme"}, "name"),
        ({"name": "taken"}, "name"),
        ({"user_schedule": "61 * * * *"}, "user_schedule"),
        ({"user_schedule": "0 0 31 2 *"}, "user_schedule"),
        ({"user_schedule": "* * * * * *"}, "user_schedule"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"integration_release_id": 77, "integration_release_channel": None}, "integration_release_id"),
        ({"integration_release_id": 1}, "integration_release_channel"),
        ({"configs": {"a-b": 1, "a_b": 2}}, "configs"),
        ({"configs": {"a": "x\0y"}}, "configs"),
    ],
)
def test_a_tenant_that_cannot_be_saved_is_told_by_field(store: Store, values: dict[str, object], field: str) -> None:
    made = make_integration(store)
    make_release(store, made.id)
    make_tenant(store, made.id, "taken")
    with pytest.raises(InvalidError) as caught:
        make_tenant(store, made.id, **({"name": "new"} | values))  # type: ignore[arg-type]
    assert set(caught.value.problems) == {field}
    assert len(tenants.tenants(store)) == 1


def test_a_release_that_is_not_ready_cannot_be_pinned(store: Store) -> None:
    made = make_integration(store)
    failed = make_release(store, made.id, "Failed")
    with pytest.raises(InvalidError, match="not Ready"):
        make_tenant(store, made.id, integration_release_id=failed.id, integration_release_channel=None)


def test_a_tenant_is_found_by_id_and_by_path(store: Store) -> None:
    made = make_integration(store)
    tenant = make_tenant(store, made.id)
    assert tenants.tenant(store, tenant.id) == tenants.tenant(store, "crm/acme") == tenant
    for reference in ("crm/acne", "acme", "99"):
        with pytest.raises(NotFoundError):
            tenants.tenant(store, reference)


def test_archived_things_are_listed_only_when_asked_for(store: Store) -> None:
    made = make_integration(store)
    tenant = make_tenant(store, made.id)
    tenants.archive_tenant(store, tenant.id, ACTOR)
    assert tenants.tenants(store, made.id) == []
    assert [one.id for one in tenants.tenants(store, made.id, archived=True)] == [tenant.id]
    integrations.archive_integration(store, made.id, ACTOR)
    assert integrations.integrations(store) == []
    assert [one.tenants for one in integrations.integrations(store, archived=True)] == [0]
    with pytest.raises(RefusedError, match="archived"):
        make_tenant(store, made.id, "new")


def test_nothing_of_an_archived_integration_is_started(store: Store) -> None:
    made = make_integration(store)
    make_release(store, made.id)
    tenant = make_tenant(store, made.id)
    integrations.archive_integration(store, made.id, ACTOR)
    with pytest.raises(RefusedError, match="archived"):
        runs.start_run(store, tenant.id, ACTOR)


def test_a_schedule_is_explained_or_refused_with_the_reason() -> None:
    explanation = explain_schedule("0 6 * * 1-5", "Europe/Berlin", count=3)
    assert len(explanation.fires) == 3
    assert {fire.utcoffset() is not None for fire in explanation.fires} == {True}
    with pytest.raises(InvalidError, match="timezone"):
        explain_schedule("0 6 * * *", "Mars/Olympus")
    with pytest.raises(InvalidError, match="schedule"):
        explain_schedule("@reboot", "UTC")


def test_the_overview_counts_what_waits(store: Store) -> None:
    made = make_integration(store)
    make_release(store, made.id)
    tenant = make_tenant(store, made.id, user_schedule="@hourly")
    runs.start_run(store, tenant.id, ACTOR)
    make_release(store, made.id, "Queued")
    seen = overview(store)
    assert (seen.schedulers, seen.running, seen.queued, seen.building, seen.failures_24h) == (0, 0, 1, 1, 0)
    assert seen.next_run == tenant.next_run
    assert integrations.integration(store, made.id).queued == 1


@given(st.integers(1, 5))
@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_paging_by_key_gives_every_row_once(store: Store, size: int) -> None:
    names = [one.name for one in integrations.integrations(store)]
    made = integrations.integration(store, "crm") if "crm" in names else make_integration(store)
    make_release(store, made.id)
    pages: list[int] = []
    before: int | None = None
    while page := releases.releases(store, made.id, before_id=before, limit=size):
        pages += [one.id for one in page]
        before = page[-1].id
    everything = [one.id for one in releases.releases(store, made.id)]
    assert pages == everything == sorted(everything, reverse=True)


def test_two_people_change_different_things_of_an_integration(store: Store) -> None:
    made = make_integration(store, long_name="CRM")
    begun = integrations.values_of(made)
    integrations.edit_integration(store, made.id, replace(begun, repository_tracking_branch="other"), ACTOR)
    later = integrations.edit_integration(store, made.id, replace(begun, long_name="New"), ACTOR, begun=begun)
    assert (later.long_name, later.repository_tracking_branch) == ("New", "other")


def test_two_people_change_different_things_of_a_tenant(store: Store) -> None:
    made = make_integration(store)
    release = make_release(store, made.id)
    tenant = make_tenant(store, made.id, configs={"a": 1, "b": 2, "c": 3}, paused=True)
    begun = tenants.values_of(tenant)
    first = replace(
        begun,
        configs={"a": 1, "b": 20, "d": 4},
        user_schedule="@daily",
        integration_release_id=release.id,
        integration_release_channel=None,
    )
    tenants.edit_tenant(store, tenant.id, first, ACTOR, begun=begun)
    second = replace(begun, name="renamed", configs={"a": 10, "b": 2, "c": 3}, paused=False)
    later = tenants.edit_tenant(store, tenant.id, second, ACTOR, begun=begun)
    assert later.configs == {"a": 10, "b": 20, "d": 4}
    assert (later.name, later.user_schedule, later.paused) == ("renamed", "@daily", False)
    assert (later.integration_release_id, later.integration_release_channel) == (release.id, None)
