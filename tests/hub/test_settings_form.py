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
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow
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
    save_settings(store, tenant_id, {"name": "b", "token": "canary"}, ACTOR)
    assert revision() == 1
    save_settings(store, tenant_id, {"name": "b", "token": "other"}, ACTOR)
    assert revision() == 2


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


@pytest.mark.parametrize(("target", "problem"), [(99, "not a release of crm"), ("Beta", "no channel")])
def test_what_is_no_release_moves_nothing(
    store: Store, releases: tuple[int, int], target: int | str, problem: str
) -> None:
    tenant_id = add(store, releases[0], name="a")
    [move] = move_tenants(store, [tenant_id], target, ACTOR)
    assert problem in move.problem
    assert not move.moved
    assert tenants.tenant(store, tenant_id).integration_release_id == releases[0]
