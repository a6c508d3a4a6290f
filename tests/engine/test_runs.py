"""Runs from trigger to recorded end, with real processes."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from pandium_tui.engine.processes import identity_of
from pandium_tui.hub import integrations, runs, tenants
from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.pausing import pause_engines, resume_engines
from tests.scenario import ACTOR, Scenario, manifest
from tests.waiting import wait_for

CONFIGS = """
  schema:
    properties:
      batch: {type: integer, default: 50}
      dry: {type: boolean}
      label: {type: string}
"""


def test_a_run_succeeds_with_its_state_and_log(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("""echo hello >&2; echo noise; echo '{"cursor": 7}'; echo""")
    run = scenario.run(tenant.id)
    assert (run.phase, run.exit_code, run.state, run.warnings) == ("Succeeded", 0, '{"cursor": 7}', ())
    assert run.sources == ("manual",)
    assert run.started_date is not None and run.completed_date is not None
    assert sorted(scenario.log(run.id)) == ["", "hello", "noise", '{"cursor": 7}']
    after = tenants.tenant(scenario.store, tenant.id)
    assert after.last_run is not None and after.last_run.id == run.id
    assert after.last_successful_run is not None and after.last_successful_run.id == run.id


def test_the_environment_is_built_from_nothing(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "must not be seen")
    monkeypatch.setenv("https_proxy", "http://proxy.example.com:3128")
    integration_id = scenario.integration({"PANDIUM.yaml": manifest("env -0 > environment", configs=CONFIGS)})
    release = scenario.build(integration_id)
    tenant = scenario.tenant(integration_id, configs={"label": "Größe €", "extra-key": [1, "b"]})
    run = scenario.run(tenant.id, payload=b'{"order": 12}')
    source = scenario.store.settings.release_folder(release.id) / "source"
    found = dict(line.split("=", 1) for line in (source / "environment").read_text().split("\0") if line)
    for name in ("PWD", "SHLVL", "_", "OLDPWD"):  # bash's own
        found.pop(name, None)
    folder = scenario.store.settings.run_folder(run.id)
    assert {name: value for name, value in found.items() if name.startswith("PAN_CFG")} == {
        "PAN_CFG_BATCH": "50",
        "PAN_CFG_DRY": "false",
        "PAN_CFG_LABEL": "Größe €",
    }  # "extra-key" is not declared: it is kept, but no run gets it
    context = {name: value for name, value in found.items() if name.startswith("PAN_CTX")}
    [trigger] = json.loads(context.pop("PAN_CTX_RUN_TRIGGERS"))
    assert trigger == {
        "id": trigger["id"],
        "source": "manual",
        "mode": "normal",
        "payload": {"order": 12},
        "headers": {},
    }
    assert context == {
        "PAN_CTX_INTEGRATION_ID": str(integration_id),
        "PAN_CTX_INTEGRATION_NAME": "crm",
        "PAN_CTX_TENANT_ID": str(tenant.id),
        "PAN_CTX_TENANT_NAME": "acme",
        "PAN_CTX_RUN_ID": str(run.id),
        "PAN_CTX_RUN_MODE": "normal",
        "PAN_CTX_ENV": "production",
        "PAN_CTX_TENANT_METADATA_FILE": str(folder / "metadata.json"),
    }
    rest = {name for name in found if not name.startswith("PAN_")}
    assert rest >= {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "https_proxy"}
    assert "SECRET_OF_THE_HOST" not in found
    assert found["TMPDIR"] == str(folder / "tmp")
    assert "must not be seen" not in str(found)
    wait_for(lambda: not (folder / "tmp").exists(), "the end of what only the run needed")


def test_the_next_run_is_told_of_the_earlier_ones(scenario: Scenario) -> None:
    script = 'env | grep ^PAN_CTX_LAST | sort >&2; echo "state of $PAN_CTX_RUN_ID"; test "$PAN_CTX_RUN_ID" != 2'
    tenant = scenario.ready_tenant(script)
    first, second, third = (scenario.run(tenant.id) for _ in range(3))
    assert [one.phase for one in (first, second, third)] == ["Succeeded", "Failed (Integration Issue)", "Succeeded"]
    told = dict(line.split("=", 1) for line in scenario.log(third.id) if line.startswith("PAN_CTX_LAST"))
    assert scenario.log(first.id) == ["state of 1"]
    assert told["PAN_CTX_LAST_RUN_PHASE"] == "Failed (Integration Issue)"
    assert told["PAN_CTX_LAST_RUN_STD_OUT"] == "state of 2"
    assert told["PAN_CTX_LAST_SUCCESSFUL_RUN_PHASE"] == "Succeeded"
    assert told["PAN_CTX_LAST_SUCCESSFUL_RUN_STD_OUT"] == "state of 1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC", told["PAN_CTX_LAST_RUN_START_TIME"])
    assert len(told) == 8


@pytest.mark.parametrize(
    ("script", "phase", "reason", "exit_code"),
    [
        ("exit 3", "Failed (Integration Issue)", "exit code 3", 3),
        ("kill -9 $$", "Failed (Integration Issue)", "SIGKILL", None),
        ("no-such-program", "Failed (Integration Issue)", "127", 127),
        ("head -c 70000 /dev/zero | tr '\\\\0' x", "Failed (Integration Issue)", "state cannot be kept", 0),
        ("printf '\\\\xff\\\\xfe\\\\n'", "Failed (Integration Issue)", "state cannot be kept", 0),
    ],
    ids=["exit", "killed", "not found", "state too large", "state not text"],
)
def test_failures_say_why(scenario: Scenario, script: str, phase: str, reason: str, exit_code: int | None) -> None:
    run = scenario.run(scenario.ready_tenant(script.replace("\\\\", "\\")).id)
    assert (run.phase, run.exit_code) == (phase, exit_code)
    assert run.reason is not None and reason in run.reason
    assert run.state is None


def test_a_state_that_is_not_json_is_kept_and_warned_about(scenario: Scenario) -> None:
    run = scenario.run(scenario.ready_tenant("echo done, 3 rows").id)
    assert (run.phase, run.state) == ("Succeeded", "done, 3 rows")
    assert any("not JSON" in warning for warning in run.warnings)


def test_a_run_over_its_time_is_ended_and_loses_its_state(scenario: Scenario) -> None:
    integration_id = scenario.integration(
        {"PANDIUM.yaml": manifest("""echo '{"half": 1}'; sleep 300""")}, run_time_limit=1
    )
    scenario.build(integration_id)
    run = scenario.run(scenario.tenant(integration_id).id)
    assert (run.phase, run.state) == ("Failed (Timeout)", None)
    assert run.reason is not None and "limit of 1 s" in run.reason
    assert any("loses" in warning for warning in run.warnings)


def test_cancelling_reaches_processes_that_left_the_group(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("setsid bash -c 'echo $$ > pid; exec sleep 300' & sleep 300")
    run = scenario.start(tenant.id)
    release = scenario.store.settings.release_folder(tenant.release_id or 0)
    pid_file = release / "source" / "pid"
    pid = int(wait_for(lambda: pid_file.exists() and pid_file.read_text().strip(), "pid of the stray process"))
    stray = identity_of(pid)
    assert stray is not None
    runs.cancel_run(scenario.store, run.id, ACTOR)
    ended = scenario.ended(run.id)
    assert ended.phase == "Cancelled"
    assert ended.reason == f"cancelled by {ACTOR}"
    assert identity_of(pid) != stray
    with pytest.raises(RefusedError, match="has ended"):
        runs.cancel_run(scenario.store, run.id, ACTOR)


def test_a_trigger_during_a_run_is_held_and_bundled(scenario: Scenario, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    tenant = scenario.ready_tenant(f"until test -e {gate}; do sleep 0.05; done")
    first = scenario.start(tenant.id)
    held = [runs.start_run(scenario.store, tenant.id, ACTOR).id for _ in range(3)]
    other_mode = runs.start_run(scenario.store, tenant.id, ACTOR, mode="init").id
    assert tenants.tenant(scenario.store, tenant.id).held_triggers == 4
    gate.touch()
    scenario.ended(first.id)
    bundled = {scenario.ended(scenario.run_of(trigger).id).id for trigger in held}
    assert len(bundled) == 1
    assert len(runs.triggers_of_run(scenario.store, bundled.pop())) == 3
    assert scenario.ended(scenario.run_of(other_mode).id).mode == "init"


def test_payloads_are_told_as_they_are_however_many_and_odd(scenario: Scenario, tmp_path: Path) -> None:
    told = tmp_path / "told"
    tenant = scenario.ready_tenant(f"""printf '%s' "$PAN_CTX_RUN_TRIGGERS" > {told}""")
    odd = [b"\x00raw\xff", b"NaN", b'"\\ud800"', b"[" * 9000, b"[1, 2]"]
    long = [json.dumps(f"{number}" * 15_000).encode() for number in range(9)]
    pause_engines(scenario.store, ACTOR)
    for payload in (*odd, *long):
        runs.start_run(scenario.store, tenant.id, ACTOR, payload=payload)
    last = runs.start_run(scenario.store, tenant.id, ACTOR)
    resume_engines(scenario.store, ACTOR)
    assert scenario.ended(scenario.run_of(last.id).id).phase == "Succeeded"
    payloads = [one.get("payload") for one in json.loads(told.read_text())]
    as_files = [one for one in payloads if isinstance(one, dict)]
    assert [Path(one["file"]).read_bytes() for one in as_files] == [*odd[:4], *long[2:]]
    assert [one for one in payloads if not isinstance(one, dict)] == [[1, 2], "0" * 15_000, "1" * 15_000, None]


def test_an_init_run_keeps_choices_and_a_bad_one_changes_nothing(scenario: Scenario) -> None:
    configs = "{schema: {definitions: {queues: {enum: [placeholder]}}}}"
    integration_id = scenario.integration({"PANDIUM.yaml": manifest("cat choices", configs=configs)})
    assert scenario.build(integration_id).status == "Ready"
    tenant = scenario.tenant(integration_id)
    choices = scenario.store.settings.release_folder(tenant.release_id or 0) / "source" / "choices"
    choices.write_text('{"queues": ["a", "b"]}\n')
    run = scenario.run(tenant.id, mode="init")
    after = tenants.tenant(scenario.store, tenant.id)
    kept = {"queues": [{"const": "a", "title": "a"}, {"const": "b", "title": "b"}]}
    assert after.dynamic_configs == kept
    assert (after.dynamic_configs_run_id, after.dynamic_configs_date) == (run.id, run.completed_date)
    choices.write_text("no object\n")
    bad = scenario.run(tenant.id, mode="init")
    assert any("earlier choices are kept" in warning for warning in bad.warnings)
    assert tenants.tenant(scenario.store, tenant.id).dynamic_configs == kept


def test_no_more_runs_at_once_than_allowed(scenario: Scenario, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    first = scenario.ready_tenant(f"until test -e {gate}; do sleep 0.05; done")
    others = [scenario.tenant(first.integration_id, f"t{number}") for number in range(6)]
    started = [scenario.start(tenant.id) for tenant in (first, *others)]

    def phases() -> list[str]:
        return [runs.run(scenario.store, run.id).phase for run in started]

    wait_for(lambda: phases().count("Running") == 4, "four running runs")
    assert phases().count("Queued") == 3
    waiting = next(one for one in runs.runs(scenario.store) if one.phase == "Queued")
    assert runs.why_queued(scenario.store, waiting) == "its turn: 4 of 4 runs go on"
    values = integrations.values_of(integrations.integration(scenario.store, first.integration_id))
    integrations.edit_integration(scenario.store, first.integration_id, replace(values, runs_at_once=2), ACTOR)
    assert runs.why_queued(scenario.store, waiting) == "its turn: 4 of 2 runs of crm go on"
    gate.touch()
    assert {scenario.ended(run.id).phase for run in started} == {"Succeeded"}


def test_a_paused_tenant_runs_by_hand_and_an_archived_one_does_not(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("true")
    tenants.pause_tenant(scenario.store, tenant.id, ACTOR)
    assert scenario.run(tenant.id).phase == "Succeeded"
    tenants.archive_tenant(scenario.store, tenant.id, ACTOR)
    with pytest.raises(RefusedError, match="archived"):
        runs.start_run(scenario.store, tenant.id, ACTOR)


def test_a_tenant_without_a_release_is_refused(scenario: Scenario) -> None:
    integration_id = scenario.integration({"PANDIUM.yaml": manifest()})
    tenant = scenario.tenant(integration_id)
    with pytest.raises(RefusedError, match="leads to no release"):
        runs.start_run(scenario.store, tenant.id, ACTOR)


def test_the_default_channel_moves_with_the_default_release(scenario: Scenario) -> None:
    integration_id = scenario.integration({"PANDIUM.yaml": manifest("echo one")})
    first, second = scenario.build(integration_id), scenario.build(integration_id)
    tenant = scenario.tenant(integration_id, integration_release_channel="Default")
    for release in (first, second, first):
        integrations.set_default_release(scenario.store, integration_id, release.id, ACTOR)
        assert scenario.run(tenant.id).release_id == release.id


def test_files_of_a_release_that_are_gone_are_told(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("true")
    source = scenario.store.settings.release_folder(tenant.release_id or 0) / "source"
    source.rename(source.with_name("moved"))
    run = scenario.run(tenant.id)
    assert run.phase == "Failed (Platform Issue)"
    assert run.reason is not None and "build it again" in run.reason
