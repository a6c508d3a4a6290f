"""Settings of tenants: saving, secrets, moving to other releases."""

from typing import Any

import pytest

from pandium_tui.hub import tenants
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.sealed_configs import MASK, shown_configs
from pandium_tui.hub.settings_form import (
    compare_release,
    move_tenants,
    save_settings,
    settings_attention,
    shown_environment,
    tenant_settings,
)
from pandium_tui.hub.tenants import TenantValues, create_tenant, edit_tenant, tenant, values_of
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow, RunRow, TriggerRow
from pandium_tui.storage.times import utc_now
from tests.scenario import ACTOR

OLD: dict[str, Any] = {
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "batch": {"type": "integer", "max": 500},
        "token": {"type": "string", "format": "password"},
        "gone": {"type": "string"},
    },
}
NEW: dict[str, Any] = {
    "required": ["name", "region"],
    "properties": {
        "name": {"type": "string"},
        "batch": {"type": "integer", "max": 10},
        "region": {"type": "string"},
        "token": {"type": "string", "format": "password"},
    },
}


@pytest.fixture
def releases(store: Store) -> tuple[int, int]:
    """Two releases of one integration; the first is the default."""
    now = {"created_date": utc_now(), "modified_date": utc_now()}
    with store.writing() as session:
        crm = IntegrationRow(name="crm", repository_url="/srv/crm", **now)
        session.add(crm)
        session.flush()
        rows = [
            ReleaseRow(integration_id=crm.id, name=name, status="Ready", config_schema=schema, **now)
            for name, schema in (("crm-1", OLD), ("crm-2", NEW))
        ]
        session.add_all(rows)
        session.flush()
        crm.default_release_id = rows[0].id
        return rows[0].id or 0, rows[1].id or 0


def add(store: Store, release_id: int, tenant_name: str = "acme", **configs: Any) -> int:
    values = TenantValues(tenant_name, integration_release_id=release_id, configs=configs)
    return create_tenant(store, 1, values, ACTOR).id


def test_all_problems_are_told_by_field_and_nothing_is_changed(store: Store, releases: tuple[int, int]) -> None:
    tenant_id = add(store, releases[0], name_="x")
    with pytest.raises(InvalidError) as caught:
        save_settings(store, tenant_id, {"batch": 501, "token": 5}, ACTOR)
    assert caught.value.problems.keys() == {"name", "batch", "token"}
    assert caught.value.problems["name"] == "required"
    assert caught.value.problems["batch"] == "at most 500"
    assert "text" in caught.value.problems["token"]
    assert tenant(store, tenant_id).configs == {"name_": "x"}


def test_values_are_replaced_and_the_change_is_noted_without_values(store: Store, releases: tuple[int, int]) -> None:
    tenant_id = add(store, releases[0], name="a", gone="x")
    saved = save_settings(store, tenant_id, {"name": "b", "batch": 7}, ACTOR)
    assert saved.configs == {"name": "b", "batch": 7}
    with store.reading() as reader:
        [row] = reader.execute("SELECT actor, detail FROM activity WHERE action = 'change settings'").fetchall()
    assert row["detail"] == "name, gone, batch"


def test_secret_values_are_sealed_shown_masked_and_opened_for_the_form(store: Store, releases: tuple[int, int]) -> None:
    tenant_id = add(store, releases[0], name="a", token="canary")
    assert tenant(store, tenant_id).configs == {"name": "a"}
    assert shown_configs(tenant(store, tenant_id)) == {"name": "a", "token": MASK}
    settings = tenant_settings(store, tenant_id)
    assert settings.values == {"name": "a", "token": "canary"}
    state = settings.form.state(settings.values)
    assert shown_environment(state) == {"PAN_CFG_NAME": "a", "PAN_CFG_TOKEN": MASK}
    assert "canary" not in repr(settings)
    assert settings.without_secrets(settings.values) == {"name": "a"}
    with store.reading() as reader:
        assert "canary" not in str([tuple(row) for row in reader.execute("SELECT * FROM tenant")])


def test_editing_the_tenant_otherwise_keeps_its_secrets(store: Store, releases: tuple[int, int]) -> None:
    tenant_id = add(store, releases[0], name="a", token="canary")
    edit_tenant(store, tenant_id, values_of(tenant(store, tenant_id)), ACTOR)
    assert tenant_settings(store, tenant_id).values["token"] == "canary"
    save_settings(store, tenant_id, {"name": "a"}, ACTOR)
    assert "token" not in tenant_settings(store, tenant_id).values
    assert tenant(store, tenant_id).sealed_configs == ()


def test_an_unchanged_secret_is_not_sealed_again(store: Store, releases: tuple[int, int]) -> None:
    def revision() -> int:
        with store.reading() as reader:
            return int(reader.execute("SELECT revision FROM sealed_value").fetchone()[0])

    tenant_id = add(store, releases[0], name="a", token="canary")
    first = revision()
    save_settings(store, tenant_id, {"name": "b", "token": "canary"}, ACTOR)
    assert revision() == first
    save_settings(store, tenant_id, {"name": "b", "token": "other"}, ACTOR)
    assert revision() == first + 1


def test_without_the_key_other_values_can_be_saved_and_the_secret_stays(
    store: Store, releases: tuple[int, int]
) -> None:
    tenant_id = add(store, releases[0], name="a", token="canary")
    key = store.settings.vault_key_file.read_bytes()
    store.settings.vault_key_file.unlink()
    assert settings_attention(store, tenant(store, tenant_id))[0].startswith("Token: ")
    save_settings(store, tenant_id, {"name": "b"}, ACTOR)
    store.settings.vault_key_file.write_bytes(key)
    store.settings.vault_key_file.chmod(0o600)
    assert tenant_settings(store, tenant_id).values == {"name": "b", "token": "canary"}


def test_what_breaks_in_another_release(store: Store, releases: tuple[int, int]) -> None:
    tenant_id = add(store, releases[0], name="a", batch=50, gone="x", token="canary")
    found = compare_release(store, tenant_id, releases[1])
    assert {problem.path for problem in found.refused} == {"/region", "/batch"}
    assert found.unused == ("gone",)
    assert compare_release(store, tenant_id, releases[0]).fits


def test_moving_tells_first_then_moves_and_keeps_the_values(store: Store, releases: tuple[int, int]) -> None:
    bad, good = add(store, releases[0], name="a", batch=50), add(store, releases[0], "globex", name="b", region="eu")
    planned = move_tenants(store, [bad, good], releases[1], ACTOR, dry_run=True)
    assert [(one.tenant_name, len(one.refused), one.moved) for one in planned] == [
        ("acme", 2, False),
        ("globex", 0, False),
    ]
    assert tenant(store, bad).integration_release_id == releases[0]
    done = move_tenants(store, [bad, good], releases[1], ACTOR)
    assert [one.moved for one in done] == [True, True]
    after = tenant(store, bad)
    assert (after.integration_release_id, after.configs) == (releases[1], {"name": "a", "batch": 50})
    assert len(settings_attention(store, after)) == 2
    assert settings_attention(store, tenant(store, good)) == ()
    move_tenants(store, [bad], "Default", ACTOR)
    assert tenant(store, bad).integration_release_channel == "Default"
    assert tenant(store, bad).integration_release_id is None


def later_secret(store: Store, release_id: int) -> None:
    """From now on the release calls the value ``gone`` secret."""
    with store.writing() as session:
        row = session.get_one(ReleaseRow, release_id)
        row.config_schema = {"properties": {"name": {}, "gone": {"type": "string", "format": "password"}}}


def stored(store: Store) -> bytes:
    return b"".join(file.read_bytes() for file in store.settings.home.rglob("*") if file.is_file())


def test_a_move_to_a_release_that_calls_a_value_secret_seals_it_everywhere(
    store: Store, releases: tuple[int, int]
) -> None:
    later_secret(store, releases[1])
    tenant_id = add(store, releases[0], name="a", gone="canary-1")
    now = utc_now()
    with store.writing() as session:
        of = {"integration_id": 1, "tenant_id": tenant_id, "created_date": now}
        session.add(RunRow(mode="normal", phase="Succeeded", configs={"name": "a", "gone": "canary-1"}, **of))
        session.add(
            TriggerRow(tenant_id=tenant_id, source="manual", given_configs={"gone": "canary-1"}, created_date=now)
        )
    assert b"canary-1" in stored(store)
    [move] = move_tenants(store, [tenant_id], releases[1], ACTOR)
    assert move.moved
    assert tenant(store, tenant_id).configs == {"name": "a"}
    assert tenant_settings(store, tenant_id).values == {"name": "a", "gone": "canary-1"}
    with store.reading() as reader:
        rows = [*reader.execute("SELECT configs FROM run"), *reader.execute("SELECT given_configs FROM run_trigger")]
        assert [row[0] for row in rows] == ['{"name": "a"}', "{}"]
        assert "sealed gone" in reader.execute("SELECT detail FROM activity ORDER BY id DESC").fetchone()[0]


def test_a_value_that_was_sealed_stays_so_where_an_older_release_calls_it_plain(
    store: Store, releases: tuple[int, int]
) -> None:
    later_secret(store, releases[1])
    tenant_id = add(store, releases[0], name="a", gone="canary-1")
    move_tenants(store, [tenant_id], releases[1], ACTOR)
    move_tenants(store, [tenant_id], releases[0], ACTOR)
    save_settings(store, tenant_id, {"name": "a", "gone": "canary-2"}, ACTOR)
    assert tenant(store, tenant_id).configs == {"name": "a"}
    settings = tenant_settings(store, tenant_id)
    assert settings.values["gone"] == "canary-2"
    assert settings.without_secrets(settings.values) == {"name": "a"}


def test_a_move_that_cannot_seal_is_refused_and_changes_nothing(store: Store, releases: tuple[int, int]) -> None:
    later_secret(store, releases[1])
    plain, sealed = add(store, releases[0], name="a", gone="x"), add(store, releases[0], "globex", token="y")
    store.settings.vault_key_file.unlink()
    done = move_tenants(store, [plain, sealed], releases[1], ACTOR)
    assert [one.moved for one in done] == [False, True]
    assert "key" in done[0].problem
    after = tenant(store, plain)
    assert (after.integration_release_id, after.configs) == (releases[0], {"name": "a", "gone": "x"})


def test_editing_a_tenant_to_such_a_release_seals_what_it_does_not_mention(
    store: Store, releases: tuple[int, int]
) -> None:
    later_secret(store, releases[1])
    tenant_id = add(store, releases[0], name="a", gone="canary-1")
    values = TenantValues("acme", integration_release_id=releases[1], configs={"name": "b"})
    edit_tenant(store, tenant_id, values, ACTOR)
    assert tenant(store, tenant_id).configs == {"name": "b"}
    assert tenant_settings(store, tenant_id).values == {"name": "b", "gone": "canary-1"}


def test_a_plain_value_of_a_secret_setting_can_be_removed(store: Store, releases: tuple[int, int]) -> None:
    tenant_id = add(store, releases[0], name="a", gone="canary-1")
    later_secret(store, releases[0])
    save_settings(store, tenant_id, {"name": "a"}, ACTOR)
    assert tenant_settings(store, tenant_id).values == {"name": "a"}
    assert tenant(store, tenant_id).sealed_configs == ()


@pytest.mark.parametrize(("target", "problem"), [(99, "not a release of crm"), ("Beta", "no channel")])
def test_what_is_no_release_moves_nothing(
    store: Store, releases: tuple[int, int], target: int | str, problem: str
) -> None:
    tenant_id = add(store, releases[0], name="a")
    [move] = move_tenants(store, [tenant_id], target, ACTOR)
    assert problem in move.problem
    assert not move.moved
    assert tenants.tenant(store, tenant_id).integration_release_id == releases[0]
