"""When an init run is offered: never without dynamic choices, never where it would be refused."""

from datetime import timedelta

import pytest

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.connections import set_disabled
from pandium_tui.hub.connector_changes import set_optional
from pandium_tui.hub.init_offers import init_offer, init_offers
from pandium_tui.hub.integrations import IntegrationValues, create_integration
from pandium_tui.hub.tenants import TenantValues, archive_tenant, create_tenant
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow, RunRow, TenantRow
from pandium_tui.storage.times import utc_now
from tests.connecting import add, connect, define_crm

ACTOR = Actor("tester", "cli")
DYNAMIC = {
    "properties": {"queue": {"$ref": "#/definitions/queues"}},
    "definitions": {"queues": {"oneOf": [{"const": "placeholder", "title": "Placeholder"}]}},
}
FIXED = {
    "properties": {"level": {"$ref": "#/definitions/levels"}},
    "definitions": {"levels": {"enum": ["INFO", "DEBUG"]}},
}


@pytest.fixture
def tenant_id(store: Store) -> int:
    """A tenant that follows the default release, the second; only that one has dynamic choices."""
    define_crm(store)
    crm = create_integration(store, IntegrationValues("crm", repository_url="/srv/git/crm"), ACTOR).id
    now = utc_now()
    with store.writing() as session:
        for name, schema in (("crm-1", FIXED), ("crm-2", DYNAMIC), ("crm-3", DYNAMIC)):
            row = ReleaseRow(integration_id=crm, name=name, status="Ready", config_schema=schema)
            row.created_date = row.modified_date = now
            session.add(row)
        session.flush()
        session.get_one(IntegrationRow, crm).default_release_id = 2
    return create_tenant(store, crm, TenantValues("acme", integration_release_channel="Default"), ACTOR).id


def follow(store: Store, release_id: int) -> None:
    with store.writing() as session:
        session.get_one(IntegrationRow, 1).default_release_id = release_id


def init_run_ended(store: Store, tenant_id: int) -> None:
    """The choices of an init run of the default release are there since now."""
    with store.writing() as session:
        release_id = session.get_one(IntegrationRow, 1).default_release_id
        run = RunRow(
            tenant_id=tenant_id,
            integration_id=1,
            release_id=release_id,
            mode="init",
            phase="Succeeded",
            created_date=utc_now(),
            completed_date=utc_now(),
        )
        session.add(run)
        session.flush()
        tenant = session.get_one(TenantRow, tenant_id)
        tenant.dynamic_configs = {"queues": [{"const": 7, "title": "Billing"}]}
        tenant.dynamic_configs_run_id, tenant.dynamic_configs_date = run.id, run.completed_date


def reason(store: Store, tenant_id: int) -> str:
    offer = init_offer(store, tenant_id)
    return offer.reason if offer else ""


def test_after_a_release_change_and_until_an_init_run_has_ended(store: Store, tenant_id: int) -> None:
    offer = init_offer(store, tenant_id)
    assert offer is not None
    assert offer.reason == "the form's choices are not loaded yet"
    assert offer.command == "pandium-tui run start crm/acme --mode init"
    assert init_offers(store, [tenant_id]) == [offer]
    init_run_ended(store, tenant_id)
    assert reason(store, tenant_id) == ""
    follow(store, 3)
    assert reason(store, tenant_id) == "the form's choices are those of release crm-2"
    init_run_ended(store, tenant_id)
    assert reason(store, tenant_id) == ""
    archive_tenant(store, tenant_id, ACTOR)
    follow(store, 2)
    assert reason(store, tenant_id) == ""


def test_without_dynamic_choices_never(store: Store, tenant_id: int) -> None:
    follow(store, 1)
    assert reason(store, tenant_id) == ""


def test_after_connecting_and_not_before_all_that_is_needed_is_there(store: Store, tenant_id: int) -> None:
    first, second = add(store, 1, "crm", method="key"), add(store, 1, "other", "crm", "key")
    assert reason(store, tenant_id) == ""
    connect(store, first, tenant_id, {"api_key": "value-one"})
    assert reason(store, tenant_id) == ""
    set_optional(store, second, True, ACTOR)
    assert reason(store, tenant_id) == "the form's choices are not loaded yet"
    init_run_ended(store, tenant_id)
    assert reason(store, tenant_id) == ""
    connect(store, second, tenant_id, {"api_key": "value-two"})
    assert reason(store, tenant_id) == "other was connected after the form's choices were loaded"
    set_disabled(store, first, tenant_id, True, ACTOR)
    assert reason(store, tenant_id) == ""


def test_not_while_an_init_run_goes_on(store: Store, tenant_id: int) -> None:
    with store.writing() as session:
        since = utc_now() - timedelta(seconds=1)
        session.add(RunRow(tenant_id=tenant_id, integration_id=1, mode="init", phase="Running", created_date=since))
    assert reason(store, tenant_id) == ""
