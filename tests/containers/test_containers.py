"""Releases that are built and run in containers, by a real engine where one works."""

import dataclasses
import json
import os
import signal

import pytest

from pandium_tui.builds.containers import LABEL, installation_of
from pandium_tui.engine.cancellation import token_name
from pandium_tui.engine.engine import Engine
from pandium_tui.engine.processes import ProcessIdentity, claimed_by
from pandium_tui.hub import runs
from pandium_tui.storage import queries
from pandium_tui.storage.database import open_store
from pandium_tui.storage.vocabulary import CANCELLED, FAILED_INTEGRATION, FAILED_PLATFORM, FAILED_TIMEOUT, SUCCEEDED
from tests.containers.podman import podman
from tests.scenario import ACTOR, Scenario, manifest
from tests.waiting import wait_for

pytestmark = pytest.mark.usefixtures("way")

LONG = 'echo "begun" >&2; sleep 300'


def containers_of(scenario: Scenario) -> list[str]:
    """The names of the containers that a store's runs have left, running or not."""
    mine = f"label={LABEL}.installation={installation_of(scenario.store.settings.home)}"
    return podman("ps", "-a", "--filter", mine, "--format", "{{.Names}}").stdout.split()


def started(scenario: Scenario, tenant_id: int) -> int:
    """A run whose program has begun to print."""
    run = scenario.start(tenant_id)
    wait_for(lambda: "begun" in scenario.log(run.id) or None, "first line of the run")
    return run.id


def test_a_release_is_an_image_and_a_run_a_container_with_nothing_but_what_it_is_given(contained: Scenario) -> None:
    program = (
        "import json, os, pathlib\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "def refused(path):\n"
        "    try:\n"
        "        pathlib.Path(path).write_text('x')\n"
        "    except OSError as error:\n"
        "        return error.strerror\n"
        "print(json.dumps({\n"
        "    'user': os.getuid(),\n"
        "    'capabilities': [line.split()[1] for line in status.splitlines() if line.startswith('CapEff')],\n"
        "    'no_new_privileges': 'NoNewPrivs:\\t1' in status,\n"
        "    'read_only': refused('/integration/x'),\n"
        "    'temporary': refused(os.environ['TMPDIR'] + '/x'),\n"
        "    'built': pathlib.Path('built').read_text(),\n"
        "    'metadata': json.loads(pathlib.Path(os.environ['PAN_CTX_TENANT_METADATA_FILE']).read_text()),\n"
        "    'payload': len(pathlib.Path(json.loads(os.environ['PAN_CTX_RUN_TRIGGERS'])[0]['payload']['file'])"
        ".read_bytes()),\n"
        "    'store': os.path.exists(os.environ['PAN_CFG_HOME']),\n"
        "    'hyphen': os.environ['PAN_CTX_TENANT_NAME'],\n"
        "    'names': sorted(name for name in os.environ if not name.startswith('PAN_')),\n"
        "}))\n"
    )
    files = {
        "app/PANDIUM.yaml": manifest(
            "python main.py",
            build="printf made > built",
            configs="{schema: {type: object, properties: {home: {type: string}}}}",
        ),
        "app/main.py": program,
    }
    integration_id = contained.integration(files, repository_path="app")
    release = contained.build(integration_id)
    assert release.status == "Ready", release.reason
    assert "podman" in (release.toolchain or "")
    home = str(contained.store.settings.store_file)
    tenant = contained.tenant(integration_id, configs={"home": home})
    run = contained.run(tenant.id, payload=b"x" * 40_000)
    assert (run.phase, run.reason) == (SUCCEEDED, None), contained.log(run.id)
    assert run.isolation == "container (podman)"
    found = json.loads(run.state or "")
    names = found.pop("names")
    assert found == {
        "user": 10001,
        "capabilities": ["0000000000000000"],
        "no_new_privileges": True,
        "read_only": "Read-only file system",
        "temporary": None,
        "built": "made",
        "metadata": {},
        "payload": 40_000,
        "store": False,
        "hyphen": "acme",
    }
    assert not {"CONTAINERS_CONF", "XDG_DATA_HOME", "PANDIUM_TUI_HOME"} & set(names)
    assert run.warnings == ()
    assert containers_of(contained) == []


def test_exit_codes_pass_through_and_both_outputs_stay_apart(contained: Scenario) -> None:
    tenant = contained.ready_tenant("echo told >&2; echo state; exit 7")
    run = contained.run(tenant.id)
    assert (run.phase, run.exit_code, run.state) == (FAILED_INTEGRATION, 7, "state")
    assert "told" in contained.log(run.id)


def test_a_failed_build_says_so_and_its_log_why(contained: Scenario) -> None:
    integration_id = contained.integration({"PANDIUM.yaml": manifest(build="echo no such library; exit 3")})
    release = contained.build(integration_id)
    assert release.status == "Failed"
    assert "exit code" in (release.reason or "")


def test_a_base_image_that_is_not_there_fails_the_build(contained: Scenario) -> None:
    contained.store.settings.base_images_file.write_text('go = "localhost/none-such:1"\n')
    integration_id = contained.integration({"PANDIUM.yaml": manifest()})
    assert contained.build(integration_id).status == "Failed"


def test_an_image_that_is_gone_is_our_fault_in_the_words_of_the_engine(contained: Scenario) -> None:
    tenant = contained.ready_tenant("true")
    mine = f"label={LABEL}.installation={installation_of(contained.store.settings.home)}"
    podman("rmi", "-f", *podman("images", "-q", "--filter", mine).stdout.split())
    run = contained.run(tenant.id)
    assert run.phase == FAILED_PLATFORM
    assert "the container could not be started: " in (run.reason or "")
    assert "image not known" in (run.reason or "")


def test_cancelling_ends_the_container(contained: Scenario) -> None:
    tenant = contained.ready_tenant(LONG)
    run_id = started(contained, tenant.id)
    runs.cancel_run(contained.store, run_id, ACTOR)
    assert contained.ended(run_id).phase == CANCELLED
    assert containers_of(contained) == []


def test_a_program_is_asked_to_stop_before_it_is_killed(contained: Scenario) -> None:
    tenant = contained.ready_tenant("""trap 'echo stopping >&2; exit 0' TERM; echo begun >&2; sleep 300 & wait""")
    run_id = started(contained, tenant.id)
    runs.cancel_run(contained.store, run_id, ACTOR)
    assert contained.ended(run_id).phase == CANCELLED
    assert "stopping" in contained.log(run_id)


def test_the_time_limit_ends_the_container(contained: Scenario) -> None:
    integration_id = contained.integration({"PANDIUM.yaml": manifest(LONG)}, run_time_limit=2)
    assert contained.build(integration_id).status == "Ready"
    run = contained.run(contained.tenant(integration_id).id)
    assert run.phase == FAILED_TIMEOUT
    assert containers_of(contained) == []


def test_a_container_whose_supervisor_was_killed_is_ended(contained: Scenario) -> None:
    tenant = contained.ready_tenant(LONG)
    run_id = started(contained, tenant.id)
    with contained.store.reading() as reader:
        run = next(one for one in queries.active_runs(reader) if one.id == run_id)
    folder = contained.store.settings.run_folder(run_id)
    supervisor = claimed_by(folder, token_name(run.created_date, run.attempt))
    assert isinstance(supervisor, ProcessIdentity)
    os.kill(supervisor.pid, signal.SIGKILL)
    assert contained.ended(run_id).phase == FAILED_PLATFORM
    assert containers_of(contained) == []


def test_an_engine_removes_containers_that_no_run_has(contained: Scenario) -> None:
    settings = contained.store.settings
    label = f"--label={LABEL}.installation={installation_of(settings.home)}"
    image = podman("images", "-q", "localhost/pandium-tui-test-base").stdout.split()[0]
    made = podman(*settings.engine_arguments, "create", "--pull=never", label, image, "sleep", "300")
    assert made.returncode == 0, made.stderr
    assert len(containers_of(contained)) == 1
    with Engine(contained.store, "cli"):
        wait_for(lambda: not containers_of(contained), "removal of the container")


def test_a_release_of_another_executor_is_refused_with_what_to_do(contained: Scenario) -> None:
    tenant = contained.ready_tenant("true")
    contained.engine.stop()
    local = open_store(dataclasses.replace(contained.store.settings, executor="local"))
    with Engine(local, "cli", schedules=False) as engine:
        run = Scenario(local, engine, contained.folder).run(tenant.id)
    local.close()
    assert run.phase == FAILED_PLATFORM
    assert "built with the executor podman, and now local is set: build its commit again" in (run.reason or "")
