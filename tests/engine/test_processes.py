"""Naming, claiming and cleaning up: supervisors seen from outside."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pandium_tui.engine import process_tree
from pandium_tui.engine.processes import (
    SUPERVISOR_ERRORS,
    Abandoned,
    ProcessIdentity,
    Result,
    abandon,
    claimed_by,
    end_leftovers,
    identity_of,
    is_alive,
    own_identity,
    read_result,
    send_signal,
)
from tests.engine.conftest import Launch
from tests.engine.supervised import TOKEN, alive, environment, job_for, wait_until


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(["sleep", "1000"])
    yield process
    process.kill()
    process.wait()


def test_this_process_is_alive_and_has_one_identity() -> None:
    assert own_identity() == identity_of(os.getpid())
    assert is_alive(own_identity())


def test_a_process_is_not_one_that_had_its_pid_before(sleeper: "subprocess.Popen[bytes]") -> None:
    identity = identity_of(sleeper.pid)
    assert identity is not None
    earlier = ProcessIdentity(identity.pid, identity.start_ticks - 1, identity.boot_id)
    another_boot = ProcessIdentity(identity.pid, identity.start_ticks, "00000000-0000-0000-0000-000000000000")
    assert is_alive(identity)
    for other in (earlier, another_boot):
        assert not is_alive(other)
        assert not send_signal(other, signal.SIGKILL)
    assert sleeper.poll() is None
    assert send_signal(identity, signal.SIGKILL)
    assert sleeper.wait() == -signal.SIGKILL
    assert not is_alive(identity)
    assert not send_signal(identity, signal.SIGKILL)


def test_a_zombie_is_dead() -> None:
    process = subprocess.Popen(["true"])
    identity = identity_of(process.pid)
    wait_until(lambda: b") Z " in Path(f"/proc/{process.pid}/stat").read_bytes())
    assert identity_of(process.pid) is None
    assert identity is None or not is_alive(identity)
    process.wait()


def test_a_name_with_blanks_and_brackets_does_not_confuse(tmp_path: Path) -> None:
    program = tmp_path / "a) Z 1 (b"
    program.symlink_to("/bin/sleep")
    process = subprocess.Popen([program, "1000"])
    try:
        wait_until(lambda: b"a) Z 1 (b" in Path(f"/proc/{process.pid}/stat").read_bytes())
        assert alive(process.pid)
        assert process.pid in process_tree.children(os.getpid())
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 1])
def test_no_process_has_such_a_pid(pid: int) -> None:
    assert identity_of(pid) is None
    assert not send_signal(ProcessIdentity(pid, 0, own_identity().boot_id), signal.SIGKILL)


def test_children_are_found_whichever_thread_started_them_and_on_any_kernel() -> None:
    started: list[subprocess.Popen[bytes]] = []
    release = threading.Event()

    def start_and_stay() -> None:
        started.append(subprocess.Popen(["sleep", "1000"]))
        release.wait()

    thread = threading.Thread(target=start_and_stay)
    thread.start()
    try:
        wait_until(lambda: started)
        started.append(subprocess.Popen(["sleep", "1000"]))
        pids = {one.pid for one in started}
        assert pids <= set(process_tree.children(os.getpid()))
        assert pids <= set(process_tree.children_by_scan(os.getpid()))
        assert {identity_of(pid) for pid in pids} <= {
            ProcessIdentity(pid, ticks, own_identity().boot_id) for pid, ticks in process_tree.descendants(os.getpid())
        }
    finally:
        release.set()
        thread.join()
        for one in started:
            one.kill()
            one.wait()


def test_who_abandons_a_job_first_keeps_it_from_starting(launch: Launch, tmp_path: Path) -> None:
    folder = tmp_path / "late" / "job"
    assert claimed_by(folder, TOKEN) is None
    assert abandon(folder, TOKEN)
    assert claimed_by(folder, TOKEN) == Abandoned()
    assert not abandon(folder, TOKEN)
    assert folder.stat().st_mode & 0o777 == 0o700
    run = launch(["touch", str(tmp_path / "started")], folder=folder, directory=tmp_path)
    assert run.process.wait(30) == 3
    assert {file.name for file in folder.iterdir()} == {TOKEN, SUPERVISOR_ERRORS}
    assert not (tmp_path / "started").exists()


def test_a_job_that_a_supervisor_has_claimed_cannot_be_abandoned(launch: Launch) -> None:
    run = launch("echo $$ > pid; while [ ! -e go ]; do sleep 0.02; done")
    run.pid_in("pid")
    owner = claimed_by(run.folder, TOKEN)
    assert owner == identity_of(run.process.pid)
    assert not abandon(run.folder, TOKEN)
    assert claimed_by(run.folder, TOKEN) == owner
    (run.folder / "go").touch()
    assert run.result().exit_code == 0


def test_of_many_who_claim_at_once_one_gets_it(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from pandium_tui.engine.processes import abandon; sys.stdin.read();"
        "print(abandon(Path(sys.argv[1]), 'claim'))"
    )
    argv = [sys.executable, "-c", script, str(tmp_path / "job")]
    claimants = [
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        for _ in range(4)
    ]
    for one in claimants:
        assert one.stdin is not None
        one.stdin.close()
        one.stdin = None
    answers = [one.communicate()[0].strip() for one in claimants]
    assert sorted(answers) == ["False", "False", "False", "True"]


@pytest.mark.parametrize("content", ["", "{", "[]", "3", "null", "{}", '{"pid": "x", "start_ticks": 1, "boot_id": ""}'])
def test_a_claim_that_cannot_be_read_names_nobody_alive(tmp_path: Path, content: str) -> None:
    (tmp_path / TOKEN).write_text(content)
    owner = claimed_by(tmp_path, TOKEN)
    assert isinstance(owner, ProcessIdentity)
    assert not is_alive(owner)
    assert not abandon(tmp_path, TOKEN)


GOOD: dict[str, Any] = {
    "outcome": "exited",
    "exit_code": 0,
    "signal": None,
    "command": 0,
    "state": "x",
    "state_problem": None,
    "state_masked": False,
    "started": "2026-11-24T06:23:01.123456Z",
    "completed": "2026-11-24T06:23:02.123456Z",
    "log_bytes": 1,
    "log_cut_bytes": 2,
    "log_lost_bytes": 3,
    "left_over": 4,
    "reason": None,
}


def test_a_result_is_read_back(tmp_path: Path) -> None:
    assert read_result(tmp_path) is None
    (tmp_path / "result.json").write_text(json.dumps({**GOOD, "new_in_a_later_version": 1}))
    assert read_result(tmp_path) == Result(**GOOD)


WRONG: list[dict[str, Any]] = [
    {"outcome": "fine"},
    {"outcome": []},
    {"exit_code": "0"},
    {"exit_code": True},
    {"command": None},
    {"state": 1},
    {"state_masked": 1},
    {"started": "yesterday"},
    {"completed": "2026-11-24T06:23:02"},
    {"left_over": 1.5},
]
UNREADABLE = [b"", b"{", b"[]", b"null", b"{}", b"\xff", b"[" * 100_000]


@pytest.mark.parametrize("content", [*UNREADABLE, *(json.dumps({**GOOD, **wrong}).encode() for wrong in WRONG)])
def test_a_result_that_cannot_be_understood_is_broken_and_says_why(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "result.json").write_bytes(content)
    result = read_result(tmp_path)
    assert result is not None
    assert result.outcome == "broken"
    assert result.reason is not None
    assert str(tmp_path / "result.json") in result.reason


def test_a_job_of_any_size_is_handed_over_although_nobody_reads_yet(launch: Launch, tmp_path: Path) -> None:
    large = {f"PAN_CFG_{number}": "x" * 100_000 for number in range(15)}
    run = launch(["true"], environment=environment(tmp_path / "job0", large))
    assert run.result().outcome == "exited"


def test_a_run_goes_on_when_who_started_it_is_killed(tmp_path: Path) -> None:
    job = job_for(tmp_path / "job", [["bash", "-c", "while [ ! -e go ]; do sleep 0.02; done; echo done"]])
    script = (
        "import sys, time; from pathlib import Path; from pandium_tui.engine.processes import *;"
        "folder = Path(sys.argv[1]);"
        "start_supervisor(Job(folder=folder, token='claim', commands=[['bash', '-c', sys.argv[2]]], directory=folder,"
        "environment={'PATH': '/usr/bin:/bin', 'TMPDIR': str(folder / 'tmp')}, time_limit=60, log_limit=10**6,"
        "state_limit=1000)); time.sleep(1000)"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(job.folder), job.commands[0][2]],
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )
    wait_until(lambda: claimed_by(job.folder, TOKEN))
    os.killpg(starter.pid, signal.SIGKILL)
    starter.wait()
    owner = claimed_by(job.folder, TOKEN)
    assert isinstance(owner, ProcessIdentity)
    assert is_alive(owner)
    (job.folder / "go").touch()
    wait_until(lambda: read_result(job.folder))
    result = read_result(job.folder)
    assert result is not None
    assert (result.outcome, result.exit_code, result.state) == ("exited", 0, "done")
    wait_until(lambda: not is_alive(owner))


def test_a_job_shown_by_accident_shows_no_environment(tmp_path: Path) -> None:
    job = job_for(tmp_path / "job", [["true"]], environment={"PAN_SEC_X_KEY": "canary"})
    assert "canary" not in repr(job)


def test_leftovers_are_those_with_the_folder_and_nobody_else(tmp_path: Path) -> None:
    def sleeping(folder: Path) -> "subprocess.Popen[bytes]":
        argv = ["bash", "-c", "env -i /bin/sleep 1000 & wait"]
        return subprocess.Popen(argv, env={"PATH": "/usr/bin:/bin", "TMPDIR": str(folder)}, start_new_session=True)

    mine, others = sleeping(tmp_path / "1"), [sleeping(tmp_path / "10"), sleeping(tmp_path)]
    try:
        wait_until(lambda: all(process_tree.children(one.pid) for one in (mine, *others)))
        assert end_leftovers(tmp_path / "1") == 2, "bash, and the sleep below it that has another environment"
        assert mine.wait() == -signal.SIGKILL
        assert all(alive(one.pid) for one in others)
        assert end_leftovers(tmp_path / "1") == 0
    finally:
        for one in others:
            os.killpg(one.pid, signal.SIGKILL)
            one.wait()
