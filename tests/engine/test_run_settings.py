"""What the settings of a tenant make of a run: exact variables, refusals, choices from init runs."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from pandium_tui.engine.schedule import plan_tenant
from pandium_tui.hub import runs, tenants
from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.reruns import RerunValues, rerun
from pandium_tui.hub.settings_form import save_settings, tenant_settings
from pandium_tui.storage.records import Tenant
from pandium_tui.storage.tables import ReleaseRow, TenantRow, TriggerRow
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import SealContext, Secret, Vault
from tests.manifest.form.test_example import CONFIGS
from tests.scenario import ACTOR, Scenario, manifest

PRINT = "env | grep ^PAN_CFG_ | sort >&2; if test $PAN_CTX_RUN_MODE = init; then cat choices; fi"
CHOICES = (
    'not this line\n{"queues": [{"const": 7, "title": "Billing"}, {"const": 9, "title": "Returns"}],'
    ' "tags": ["vip", "late order"]}\n\n'
)
RULED = """
  schema:
    required: [secret_part]
    properties:
      mode: {type: string, enum: [plain, full], default: plain}
      secret_part: {type: string}
      token: {type: string, format: password}
  uischema:
    type: VerticalLayout
    elements:
      - {type: Control, scope: '#/properties/mode'}
      - type: Control
        scope: '#/properties/secret_part'
        rule: {effect: SHOW, condition: {scope: '#/properties/mode', schema: {const: full}}}
      - {type: Control, scope: '#/properties/token'}
"""
TOKEN = "canary-51ab-€"


def tenant_of(scenario: Scenario, form: str, run: str = PRINT, **values: Any) -> Tenant:
    indented = "\n" + "\n".join(f"  {line}" for line in form.strip("\n").split("\n"))
    files = {"PANDIUM.yaml": manifest(run, configs=indented), "choices": CHOICES}
    integration_id = scenario.integration(files)
    assert scenario.build(integration_id).status == "Ready"
    return scenario.tenant(integration_id, **values)


def variables(scenario: Scenario, run_id: int) -> list[str]:
    return [line for line in scenario.log(run_id) if line.startswith("PAN_CFG_")]


def test_from_an_init_run_to_exactly_the_variables_of_the_form(scenario: Scenario) -> None:
    tenant = tenant_of(scenario, CONFIGS)
    with pytest.raises(RefusedError, match=r"settings need attention\. Queue: required; run init to load the choices"):
        runs.start_run(scenario.store, tenant.id, ACTOR)
    init = scenario.run(tenant.id, mode="init")
    assert (init.phase, init.warnings) == ("Succeeded", ())
    save_settings(scenario.store, tenant.id, {"queue_id": 9, "tag_names": ["vip", "late order"]}, ACTOR)
    run = scenario.run(tenant.id)
    assert run.phase == "Succeeded"
    assert variables(scenario, run.id) == [
        "PAN_CFG_BATCH=50",
        "PAN_CFG_LOG_LEVEL=INFO",
        "PAN_CFG_PUSH_NOTES=false",
        "PAN_CFG_QUEUE_ID=9",
        'PAN_CFG_TAG_NAMES=["vip","late order"]',
    ]


def test_what_is_hidden_is_kept_but_not_sent(scenario: Scenario) -> None:
    tenant = tenant_of(scenario, RULED, configs={"mode": "full", "secret_part": "kept"})
    assert variables(scenario, scenario.run(tenant.id).id) == ["PAN_CFG_MODE=full", "PAN_CFG_SECRET_PART=kept"]
    save_settings(scenario.store, tenant.id, {"mode": "plain", "secret_part": "kept"}, ACTOR)
    assert variables(scenario, scenario.run(tenant.id).id) == ["PAN_CFG_MODE=plain"]
    assert tenants.tenant(scenario.store, tenant.id).configs["secret_part"] == "kept"


def test_a_scheduled_run_ends_with_the_reason_and_an_init_run_goes_on(scenario: Scenario) -> None:
    tenant = tenant_of(scenario, RULED, configs={"mode": "full"})
    with scenario.store.writing() as session:
        plan_tenant(session, session.get_one(TenantRow, tenant.id), utc_now())
        trigger = TriggerRow(tenant_id=tenant.id, source="cron", scheduled_for=utc_now(), created_date=utc_now())
        session.add(trigger)
        session.flush()
        trigger_id = trigger.id or 0
    refused = scenario.ended(scenario.run_of(trigger_id).id)
    assert (refused.phase, refused.reason) == (
        "Failed (Platform Issue)",
        "settings need attention: Secret part: required",
    )
    assert scenario.run(tenant.id, mode="init").phase == "Succeeded"


def test_a_secret_value_reaches_the_run_alone_and_is_masked_in_its_log(scenario: Scenario, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    tenant = tenant_of(scenario, RULED, f"echo -n $PAN_CFG_TOKEN > {seen}; echo $PAN_CFG_TOKEN")
    save_settings(scenario.store, tenant.id, {"token": TOKEN}, ACTOR)
    run = scenario.run(tenant.id)
    assert run.phase == "Succeeded"
    assert seen.read_text() == TOKEN
    assert "canary" not in "".join(scenario.log(run.id))
    assert "canary" not in repr(run)
    stored = b"".join(file.read_bytes() for file in scenario.store.settings.home.rglob("*") if file.is_file())
    assert TOKEN.encode() not in stored


def test_a_newest_release_that_calls_a_value_secret_seals_it_before_its_first_run(scenario: Scenario) -> None:
    plain = RULED.replace(", format: password", "")
    tenant = tenant_of(scenario, plain, "echo token: $PAN_CFG_TOKEN", configs={"token": TOKEN})
    first = scenario.run(tenant.id)
    assert f"token: {TOKEN}" in scenario.log(first.id)
    with scenario.store.writing() as session:
        for release in session.exec(select(ReleaseRow)):
            release.config_schema = {"properties": {"token": {"type": "string", "format": "password"}}}
    second = scenario.run(tenant.id)
    assert second.phase == "Succeeded"
    assert "token: [redacted]" in scenario.log(second.id)
    assert tenants.tenant(scenario.store, tenant.id).configs == {}
    assert tenant_settings(scenario.store, tenant.id).values == {"token": TOKEN}
    assert [runs.run(scenario.store, one.id).configs for one in (first, second)] == [{}, {}]
    with scenario.store.reading() as reader:
        [row] = reader.execute("SELECT actor, detail FROM activity WHERE action = 'seal settings'").fetchall()
    assert (row["actor"], row["detail"].partition(":")[0]) == ("engine", "token")
    again = rerun(scenario.store, first.id, RerunValues(), ACTOR)
    assert scenario.ended(scenario.run_of(again.id).id).phase == "Succeeded"


def test_a_secret_that_was_emptied_has_not_its_default_in_a_run(scenario: Scenario) -> None:
    form = RULED.replace("format: password", "format: password, default: from-the-form")
    tenant = tenant_of(scenario, form)
    assert "PAN_CFG_TOKEN=[redacted]" in variables(scenario, scenario.run(tenant.id).id)
    save_settings(scenario.store, tenant.id, {"token": None}, ACTOR)
    assert variables(scenario, scenario.run(tenant.id).id) == ["PAN_CFG_MODE=plain"]


def test_without_the_key_what_became_secret_is_not_run_with(scenario: Scenario) -> None:
    tenant = tenant_of(scenario, RULED.replace(", format: password", ""), configs={"token": TOKEN})
    other = scenario.tenant(tenant.integration_id, "globex")
    with scenario.store.writing() as session:
        Vault(scenario.store).seal(session, SealContext("tenant", str(other.id), "settings", "x"), Secret("x"))
        for release in session.exec(select(ReleaseRow)):
            release.config_schema = {"properties": {"token": {"type": "string", "format": "password"}}}
    scenario.store.settings.vault_key_file.unlink()
    refused = scenario.run(tenant.id, mode="init")
    assert refused.phase == "Failed (Platform Issue)"
    assert refused.reason is not None
    assert refused.reason.startswith("it was not started: ")
    assert refused.configs is None
    assert tenants.tenant(scenario.store, tenant.id).configs == {"token": TOKEN}


def test_without_the_key_a_run_with_secrets_with_secrets_is_refused(scenario: Scenario) -> None:
    tenant = tenant_of(scenario, RULED)
    save_settings(scenario.store, tenant.id, {"token": TOKEN}, ACTOR)
    scenario.store.settings.vault_key_file.unlink()
    with pytest.raises(RefusedError, match="Token: "):
        runs.start_run(scenario.store, tenant.id, ACTOR)
    assert tenant_settings(scenario.store, tenant.id).locked.keys() == {"token"}


def test_odd_choices_of_an_init_run_are_told(scenario: Scenario) -> None:
    tenant = tenant_of(scenario, CONFIGS, """echo '{"queues": [7, [1]], "unknown": []}'""")
    run = scenario.run(tenant.id, mode="init")
    assert run.phase == "Succeeded"
    assert any("unknown" in warning for warning in run.warnings)
    assert tenants.tenant(scenario.store, tenant.id).dynamic_configs == {"queues": [{"const": 7, "title": "7"}]}
