"""What integration code can and cannot do when it is isolated; and that it could do it otherwise."""

import dataclasses
import json
import os
import signal
from pathlib import Path

import pytest

from pandium_tui.engine import landlock
from pandium_tui.engine.cancellation import token_name
from pandium_tui.engine.engine import Engine
from pandium_tui.engine.isolation import choose_isolation
from pandium_tui.engine.processes import ProcessIdentity, claimed_by
from pandium_tui.hub import releases, runs
from pandium_tui.hub.doctor.machine_checks import isolation as doctor
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.records import Run
from pandium_tui.storage.vocabulary import CANCELLED, FAILED_PLATFORM, SUCCEEDED
from tests.isolation.conftest import without_bubblewrap
from tests.scenario import ACTOR, Scenario, manifest
from tests.waiting import wait_for

FORBIDDEN = {
    "the store": 'cat "$home/store.db"',
    "the key": 'cat "$home.key"',
    "an older key": 'cat "$home.key.0123abcd"',
    "another file of this machine": 'cat "$PAN_CFG_PRIVATE"',
    "the settings of another run": 'cat "$home/runs/1/metadata.json"',
    "the log of another run": 'cat "$home/runs/1/log"',
    "the files of another release": 'ls "$home/releases/1/source"',
    "changing what is shown to all": 'echo >> "$home/../public"',
    "changing the sources": "touch ./changed",
    "changing the home of the release": 'touch "$HOME/changed"',
    "the environment of the app": 'cat "/proc/$PAN_CFG_APP/environ"',
    "the files of the app": 'ls "/proc/$PAN_CFG_APP/root/"',
    "a signal to the app": 'kill -CONT "$PAN_CFG_APP"',
    "the environment of the supervisor": 'cat "/proc/$supervisor/environ"',
    "a signal to the supervisor": 'kill -CONT "$supervisor"',
}
if os.geteuid() == 0:
    FORBIDDEN["the passwords of this machine"] = "head -c 1 /etc/shadow | grep -q ."
ALLOWED = {
    "the metadata": 'cat "$PAN_CTX_TENANT_METADATA_FILE"',
    "the payload": 'grep -q x "$home"/runs/$PAN_CTX_RUN_ID/payloads/*',
    "writing temporary files": 'touch "$TMPDIR/mine"',
    "the sources": "cat PANDIUM.yaml",
    "what was built": "cat built",
    "what is shown to all": 'cat "$home/../public"',
    "changing what may be changed": 'touch "$home/../writable/changed"',
    "throwing away": "echo x > /dev/null",
    "random numbers": "head -c 1 /dev/urandom",
    "its own environment": "cat /proc/self/environ",
    "process substitution": "cat <(echo x)",
}
PROBES = {**FORBIDDEN, **ALLOWED}


def probing() -> str:
    """A run command that waits to be told its supervisor and prints which of the probes succeeded."""
    lines = ['home="$PAN_CFG_HOME"', 'until supervisor=$(cat "$TMPDIR/supervisor"); do sleep 0.05; done 2>/dev/null']
    lines += [f"if {{ {probe}; }} >/dev/null 2>&1; then could+='\"{name}\",'; fi" for name, probe in PROBES.items()]
    return "\n  ".join([*lines, 'echo "[${could%,}]"'])


def supervisor_of(scenario: Scenario, run: Run) -> ProcessIdentity:
    folder = scenario.store.settings.run_folder(run.id)

    def look() -> ProcessIdentity | None:
        found = claimed_by(folder, token_name(run.created_date, 1))
        return found if isinstance(found, ProcessIdentity) and (folder / "tmp").is_dir() else None

    return wait_for(look, "supervisor of the run")


def probed(scenario: Scenario, tenant_id: int) -> tuple[Run, set[str]]:
    """A run of the probes, and those that succeeded."""
    run = scenario.start(tenant_id, payload=b"x" * 40_000)
    pid = supervisor_of(scenario, run).pid
    temporary = scenario.store.settings.run_folder(run.id) / "tmp"
    (temporary / "pid").write_text(str(pid))
    (temporary / "pid").replace(temporary / "supervisor")
    ended = scenario.ended(run.id)
    assert ended.phase == SUCCEEDED, (ended.reason, scenario.log(run.id))
    return ended, set(json.loads(ended.state or ""))


def prepare(scenario: Scenario, shown: Path, tmp_path: Path) -> int:
    """Another integration with a run, and a tenant whose runs probe; its id."""
    (shown / "public").write_text("public")
    (shown / "writable").mkdir()
    (tmp_path / "private").write_text("private")
    for name in ("home.key", "home.key.0123abcd"):
        (shown / name).write_text("secret")
    other = scenario.integration({"PANDIUM.yaml": manifest()}, name="other")
    assert scenario.build(other).status == "Ready"
    assert scenario.run(scenario.tenant(other).id).phase == SUCCEEDED
    names = ("home", "private", "app")
    configs = "{schema: {type: object, properties: {" + ", ".join(f"{name}: {{type: string}}" for name in names) + "}}}"
    files = {"PANDIUM.yaml": manifest(probing(), build="echo made > built", configs=configs)}
    integration_id = scenario.integration(files)
    release = scenario.build(integration_id)
    assert release.status == "Ready", release.reason
    values = {"home": str(shown / "home"), "private": str(tmp_path / "private"), "app": str(os.getpid())}
    return scenario.tenant(integration_id, configs=values).id


def test_integration_code_reaches_nothing_it_should_not(
    mechanism: str, scenario: Scenario, shown: Path, tmp_path: Path
) -> None:
    tenant_id = prepare(scenario, shown, tmp_path)
    run, could = probed(scenario, tenant_id)
    assert could == set(ALLOWED)
    assert mechanism in (run.isolation or "").lower()
    built = releases.release(scenario.store, run.release_id or 0)
    assert built.isolation == run.isolation


def test_without_isolation_it_reaches_all_of_it(unisolated: Scenario, shown: Path, tmp_path: Path) -> None:
    tenant_id = prepare(unisolated, shown, tmp_path)
    run, could = probed(unisolated, tenant_id)
    assert could == set(PROBES)
    assert run.isolation == 'none (isolation = "off")'


def test_a_build_reaches_nothing_it_should_not(mechanism: str, scenario: Scenario, shown: Path, tmp_path: Path) -> None:
    (shown / "home.key").write_text("secret")
    folder = shown / "home" / "releases" / "1"
    tried = {
        "key": f"cat {shown}/home.key",
        "store": f"cat {shown}/home/store.db",
        "app": f"kill -CONT {os.getpid()}",
    }
    build = "; ".join(f"if {probe} >/dev/null 2>&1; then echo could {name}; fi" for name, probe in tried.items())
    # Where the supervisor writes, a link would make it write anywhere.
    build += f"; ln -s {shown}/home/store.db {folder}/planted || true"
    files = {"PANDIUM.yaml": manifest(build=f"{{ {build}; }} | tee $HOME/at-home $TMPDIR/x > built; cat built")}
    release = scenario.build(scenario.integration(files))
    assert release.status == "Ready", release.reason
    assert (folder / "source" / "built").read_text() == ""
    assert (folder / "home" / "at-home").exists()
    assert not (folder / "planted").is_symlink()
    assert mechanism in (release.isolation or "").lower()


@pytest.mark.usefixtures("mechanism")
def test_a_run_can_be_cancelled_and_has_time_to_stop(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("trap 'echo stopping >&2; exit 3' TERM; echo begun >&2; sleep 300 & wait")
    run = scenario.start(tenant.id)
    wait_for(lambda: "begun" in scenario.log(run.id), "first line of the run")
    runs.cancel_run(scenario.store, run.id, ACTOR)
    ended = scenario.ended(run.id)
    assert (ended.phase, ended.exit_code) == (CANCELLED, 3)
    assert "stopping" in scenario.log(run.id)


def processes_of(folder: Path) -> list[int]:
    """The pids of all processes whose TMPDIR is this folder."""
    mark = f"TMPDIR={folder}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@pytest.mark.usefixtures("mechanism")
def test_a_supervisor_that_was_killed_leaves_nothing(scenario: Scenario) -> None:
    tenant = scenario.ready_tenant("setsid sleep 300 & (setsid sleep 300 &); echo begun >&2; wait")
    run = scenario.start(tenant.id)
    wait_for(lambda: "begun" in scenario.log(run.id), "first line of the run")
    temporary = scenario.store.settings.run_folder(run.id) / "tmp"
    assert len(processes_of(temporary)) >= 3
    os.kill(supervisor_of(scenario, run).pid, signal.SIGKILL)
    ended = scenario.ended(run.id)
    assert ended.phase == FAILED_PLATFORM
    assert "without leaving a result" in (ended.reason or "")
    wait_for(lambda: not processes_of(temporary), "end of all its processes")


@pytest.mark.parametrize("version", [0, 5])
def test_where_it_is_required_and_impossible_nothing_is_run_or_built(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    without_bubblewrap(monkeypatch)
    monkeypatch.setattr(landlock, "version", lambda: version)
    integration_id = scenario.integration({"PANDIUM.yaml": manifest(build="touch built")})
    release = scenario.build(integration_id)
    assert release.status == "Failed"
    assert 'isolation = "required" is set' in (release.reason or "")
    assert "Install bubblewrap" in (release.reason or "")
    assert not (scenario.store.settings.release_folder(release.id) / "source" / "built").exists()
    off = open_store(dataclasses.replace(scenario.store.settings, isolation="off"))
    scenario.engine.stop()
    with Engine(off, "cli", schedules=False) as engine:
        assert Scenario(off, engine, scenario.folder).build(integration_id).status == "Ready"
    off.close()
    with Engine(scenario.store, "cli", schedules=False):
        run = scenario.run(scenario.tenant(integration_id).id)
    assert run.phase == FAILED_PLATFORM
    assert "it was not started" in (run.reason or "")
    assert "Install bubblewrap" in (run.reason or "")
    assert run.isolation is None
    told = next(iter(doctor(scenario.store)))
    assert told.status == "problem"
    assert "not possible here" in told.found


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (0, "none: neither bubblewrap nor Landlock works here"),
        (2, "Landlock: reading files only, it can signal other processes and empty files"),
        (5, "Landlock: files only, it can signal other processes"),
        (6, "Landlock: files and signals"),
    ],
)
def test_what_is_shown_says_what_was_not_isolated(
    store: Store, monkeypatch: pytest.MonkeyPatch, version: int, words: str
) -> None:
    store.settings = dataclasses.replace(store.settings, isolation="auto")
    without_bubblewrap(monkeypatch)
    monkeypatch.setattr(landlock, "version", lambda: version)
    assert choose_isolation(store.settings).words == words
    told = next(iter(doctor(store)))
    assert words in told.found
    assert (told.status == "ok") == (version >= landlock.CAN_SCOPE_SIGNALS)
