"""A past run once more: with what it had been given, and counted or not."""

import json

import pytest

from pandium_tui.engine.dispatch import bundle_triggers
from pandium_tui.hub import runs, tenants
from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.pausing import pause_engines, resume_engines
from pandium_tui.hub.reruns import RerunValues, attempts, rerun
from tests.scenario import ACTOR, Scenario

SCRIPT = 'echo "$PAN_CFG_COLOR/${PAN_CTX_LAST_SUCCESSFUL_RUN_STD_OUT-none}" >&2; echo $PAN_CTX_RUN_ID'


def given(scenario: Scenario, run_id: int) -> str:
    """What the run said about its settings and state; output and errors come in either order."""
    return next(line for line in scenario.log(run_id) if line.startswith("/"))


def test_it_gets_what_the_run_had_been_given(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant(SCRIPT)
    first, second, third = (scenario.run(tenant.id) for _ in range(3))
    again = [
        scenario.ended(scenario.run_of(rerun(scenario.store, one.id, RerunValues(), ACTOR).id).id)
        for one in (first, second)
    ]
    assert [given(scenario, one.id) for one in again] == ["/none", f"/{first.id}"]
    current = rerun(scenario.store, first.id, RerunValues(state="current"), ACTOR)
    assert given(scenario, scenario.ended(scenario.run_of(current.id).id).id) == f"/{again[1].id}"
    assert third.phase == "Succeeded"


def test_one_that_does_not_count_leaves_the_tenant_as_it_is(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant(SCRIPT)
    run = scenario.run(tenant.id)
    values = RerunValues(edited_state='{"a": 1}', counts=False)
    again = scenario.ended(scenario.run_of(rerun(scenario.store, run.id, values, ACTOR).id).id)
    where_from = attempts(scenario.store, again.id)
    assert (where_from.rerun_of, where_from.counts_as_state, where_from.attempts) == (run.id, False, 1)
    found = tenants.tenant(scenario.store, tenant.id)
    assert given(scenario, again.id) == '/{"a": 1}'
    assert found.last_run is not None and found.last_run.id == run.id
    assert found.last_successful_run is not None and found.last_successful_run.id == run.id


def test_it_is_never_bundled(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant(SCRIPT)
    run = scenario.run(tenant.id)
    scenario.engine.stop()
    asked = rerun(scenario.store, run.id, RerunValues(), ACTOR)
    other = runs.start_run(scenario.store, tenant.id, ACTOR)
    assert bundle_triggers(scenario.store) == 1
    assert runs.trigger(scenario.store, asked.id).run_id is not None
    assert runs.trigger(scenario.store, other.id).run_id is None


def test_it_carries_every_payload_that_the_run_had(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant('echo "$PAN_CTX_RUN_TRIGGERS" >&2')
    pause_engines(scenario.store, ACTOR)
    asked = [runs.start_run(scenario.store, tenant.id, ACTOR, payload=b"%d" % number) for number in range(3)]
    resume_engines(scenario.store, ACTOR)
    run = scenario.ended(scenario.run_of(asked[0].id).id)
    again = [rerun(scenario.store, run.id, RerunValues(), ACTOR) for _ in range(2)]
    ended = [scenario.ended(scenario.run_of(one.id).id) for one in again]
    assert ended[0].id != ended[1].id
    for one in (run, *ended):
        assert [trigger["payload"] for trigger in json.loads(scenario.log(one.id)[0])] == [0, 1, 2]


def test_a_run_that_goes_on_is_refused(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("sleep 100")
    run = scenario.start(tenant.id)
    with pytest.raises(RefusedError):
        rerun(scenario.store, run.id, RerunValues(), ACTOR)
    runs.cancel_run(scenario.store, run.id, ACTOR)
    scenario.ended(run.id)
