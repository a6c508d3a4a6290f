"""The state of a successful run becomes metadata of its tenant when the release's metadata_schema accepts it."""

from typing import Any

from pandium_tui.hub import tenants
from pandium_tui.storage.records import Tenant
from tests.scenario import Scenario, manifest

SCHEMA = "\nmetadata_schema: {schema: {type: object, properties: {cursor: {type: integer}}, required: [cursor]}}\n"


def tenant_of(scenario: Scenario, run: str, **values: Any) -> Tenant:
    integration_id = scenario.integration({"PANDIUM.yaml": manifest(run) + SCHEMA})
    assert scenario.build(integration_id).status == "Ready"
    return scenario.tenant(integration_id, **values)


def test_what_is_valid_is_merged_into_the_metadata(scenario: Scenario) -> None:
    tenant = tenant_of(scenario, "echo '{\"cursor\": '$PAN_CTX_RUN_ID', \"run'$PAN_CTX_RUN_ID'\": true}'")
    first, second = scenario.run(tenant.id), scenario.run(tenant.id)
    found = tenants.tenant(scenario.store, tenant.id)
    assert (first.phase, second.phase) == ("Succeeded", "Succeeded")
    assert found.metadata == {"cursor": second.id, f"run{first.id}": True, f"run{second.id}": True}


def test_what_is_invalid_fails_the_run_and_changes_nothing(scenario: Scenario) -> None:
    script = 'test -e ../../bad && echo \'{"cursor": "x"}\' || echo \'{"cursor": 1}\''
    tenant = tenant_of(scenario, script)
    good = scenario.run(tenant.id)
    (scenario.store.settings.release_folder(tenant.release_id or 0).parent / "bad").touch()
    bad = scenario.run(tenant.id)
    found = tenants.tenant(scenario.store, tenant.id)
    assert bad.phase == "Failed (Metadata Validation)"
    assert bad.reason is not None and "cursor" in bad.reason
    assert found.metadata == {"cursor": 1}
    assert found.last_successful_run is not None and found.last_successful_run.id == good.id


def test_a_state_that_is_no_object_is_refused(scenario: Scenario) -> None:
    run = scenario.run(tenant_of(scenario, "echo 42").id)
    assert (run.phase, run.reason and "JSON object" in run.reason) == ("Failed (Metadata Validation)", True)


def test_an_init_run_prints_choices_and_no_metadata(scenario: Scenario) -> None:
    tenant = tenant_of(scenario, "echo '{}'")
    assert scenario.run(tenant.id, mode="init").phase == "Succeeded"
