"""How a supervisor ends what it started: nothing survives, whatever it does."""

import random
import signal
import sys
import time
from pathlib import Path

import pytest

from pandium_tui.engine.processes import (
    ProcessIdentity,
    claimed_by,
    end_leftovers,
    is_alive,
    read_result,
)
from tests.engine.conftest import Launch
from tests.engine.supervised import TOKEN, Supervised, alive, job_for, wait_until

# A child in a session of its own, an orphan of two forks, one that ignores SIGTERM, a stopped one.
TREE = """
setsid bash -c 'echo $$ > session; exec sleep 1000' &
( setsid bash -c 'echo $$ > orphan; exec sleep 1000' & )
bash -c 'trap "" TERM; echo $$ > stubborn; while :; do sleep 1000; done' &
sleep 1000 & kill -STOP $!; echo $! > stopped
echo $$ > main
wait
"""
NAMES = ("session", "orphan", "stubborn", "stopped", "main")


def test_the_time_limit_ends_the_whole_tree(launch: Launch) -> None:
    run = launch(TREE, time_limit=1.5, grace=0.3)
    pids = [run.pid_in(name) for name in NAMES]
    assert all(map(alive, pids))
    result = run.result()
    assert (result.outcome, result.reason) == ("timeout", "time limit of 1.5 s reached")
    assert [name for name, pid in zip(NAMES, pids, strict=True) if alive(pid)] == []
    assert run.texts("sys") == [
        "time limit of 1.5 s reached, asking it to stop (SIGTERM)",
        "still running, killing it (SIGKILL)",
    ]


def test_the_time_limit_is_one_for_all_commands(launch: Launch) -> None:
    build = launch("sleep 0.6", "sleep 0.6", "sleep 1000", time_limit=1, state_limit=0)
    result = build.result()
    assert (result.outcome, result.command) == ("timeout", 1)


def test_cancelling_ends_the_whole_tree(launch: Launch) -> None:
    run = launch(TREE, grace=0.3)
    pids = [run.pid_in(name) for name in NAMES]
    run.cancel()
    result = run.result()
    assert (result.outcome, result.reason) == ("cancelled", "cancelled")
    assert [name for name, pid in zip(NAMES, pids, strict=True) if alive(pid)] == []


def test_who_is_asked_to_stop_has_time_to(launch: Launch) -> None:
    run = launch("trap 'echo bye; exit 0' TERM; echo $$ > pid; while :; do sleep 0.05; done", grace=30)
    run.pid_in("pid")
    run.cancel()
    result = run.result()
    assert (result.outcome, result.exit_code, result.state) == ("cancelled", 0, "bye")
    assert run.texts("sys") == ["cancelled, asking it to stop (SIGTERM)"]


def test_a_stopped_process_too_has_time_to(launch: Launch) -> None:
    run = launch("trap 'echo bye; exit 0' TERM; echo $$ > pid; kill -STOP $$; while :; do sleep 0.05; done", grace=30)
    pid = run.pid_in("pid")
    wait_until(lambda: "T (stopped)" in Path(f"/proc/{pid}/status").read_text())
    run.cancel()
    assert run.result().state == "bye"


def test_asking_again_ends_it_at_once(launch: Launch) -> None:
    run = launch("trap '' TERM; echo $$ > pid; while :; do sleep 1000; done", grace=1000)
    pid = run.pid_in("pid")
    run.cancel()
    wait_until(lambda: run.texts("sys"))
    assert alive(pid)
    run.cancel()
    assert run.result().outcome == "cancelled"
    assert not alive(pid)


def test_cancelled_while_it_starts_it_starts_nothing(launch: Launch) -> None:
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        run = launch("touch started")  # it begins with what its parent blocks, so the signal waits for it
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    run.cancel()
    assert (run.result().outcome, run.result().exit_code) == ("cancelled", None)
    assert not (run.folder / "started").exists()


def test_a_cancelled_build_starts_no_further_command(launch: Launch) -> None:
    build = launch("trap 'exit 0' TERM; echo $$ > pid; while :; do sleep 0.05; done", "touch second", state_limit=0)
    build.pid_in("pid")
    build.cancel()
    assert (build.result().outcome, build.result().command) == ("cancelled", 0)
    assert not (build.folder / "second").exists()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGPIPE])
def test_other_signals_do_not_end_it(launch: Launch, number: int) -> None:
    run = launch("echo $$ > pid; while [ ! -e go ]; do sleep 0.02; done; echo done")
    run.pid_in("pid")
    run.process.send_signal(number)
    (run.folder / "go").touch()
    result = run.result()
    assert (result.outcome, result.exit_code, result.state) == ("exited", 0, "done")


def test_a_grandchild_that_keeps_the_pipes_open_does_not_hang_the_run(launch: Launch) -> None:
    run = launch("sleep 1000 & echo $! > pid; echo done; exit 6")
    pid = run.pid_in("pid")
    result = run.result()
    assert (result.outcome, result.exit_code, result.state, result.left_over) == ("exited", 6, "done", 1)
    assert not alive(pid)
    assert run.texts("sys") == ["1 processes it left running were ended"]


def test_daemons_left_running_are_ended_and_counted(launch: Launch) -> None:
    run = launch(
        "( setsid sleep 1000 > /dev/null 2>&1 & echo $! > first ); "
        "bash -c 'trap \"\" TERM; echo $$ > second; while :; do sleep 1000; done' > /dev/null 2>&1 & "
        "while [ ! -s second ]; do sleep 0.02; done; echo '{}'",
        grace=0.2,
    )
    pids = [run.pid_in("first"), run.pid_in("second")]
    result = run.result()
    assert (result.outcome, result.exit_code, result.state) == ("exited", 0, "{}")
    assert result.left_over >= 2  # and the sleep of the second
    assert not any(map(alive, pids))


def test_what_a_left_over_process_prints_when_asked_to_stop_is_kept(launch: Launch) -> None:
    left = "bash -c 'trap \"echo bye >&2; exit\" TERM; touch up; while :; do sleep 0.02; done' &"
    run = launch(f"{left} while [ ! -e up ]; do sleep 0.02; done")
    assert run.result().left_over >= 1
    assert "bye" in run.texts("err")


def test_a_process_that_forks_without_end_is_ended(launch: Launch) -> None:
    script = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:  # each lives only until it has forked the next
    if os.fork():
        os._exit(0)
    os.setsid()
"""
    run = launch([sys.executable, "-I", "-S", "-c", script], grace=0.1)
    assert run.result().outcome == "exited"


def test_a_tree_that_keeps_growing_is_ended(launch: Launch) -> None:
    grow = (
        "trap '' TERM; while :; do bash -c 'trap \"\" TERM; sleep 1000 & setsid sleep 1000 & wait' & sleep 0.02; done"
    )
    run = launch(f"{grow} & {grow} & echo $$ > pid; wait", grace=0.5)
    run.pid_in("pid")
    run.cancel()
    assert run.result().outcome == "cancelled"


def kill_supervisor(run: Supervised) -> None:
    run.process.kill()
    run.process.wait()


def test_after_the_supervisor_was_killed_its_tree_can_be_ended(launch: Launch) -> None:
    run = launch(TREE)
    pids = dict(zip(NAMES, [run.pid_in(name) for name in NAMES], strict=True))
    supervisor = claimed_by(run.folder, TOKEN)
    assert isinstance(supervisor, ProcessIdentity)
    assert supervisor.pid == run.process.pid
    assert is_alive(supervisor)
    kill_supervisor(run)
    assert not is_alive(supervisor)
    assert read_result(run.folder) is None
    wait_until(lambda: not alive(pids["main"]))  # the kernel ends the main process with its supervisor
    assert alive(pids["session"])
    assert end_leftovers(run.folder / "tmp") >= 4
    assert not any(map(alive, pids.values()))
    assert end_leftovers(run.folder / "tmp") == 0


def test_killed_at_any_moment_nothing_is_left_and_the_log_can_be_read(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    moments = random.Random(seed)
    busy = "( setsid sleep 1000 & ); for i in $(seq 1 400); do echo line $i; (sleep 1000 &); done; wait"
    for round_ in range(20):
        run = Supervised(job_for(tmp_path / f"job{round_}", [["bash", "-c", busy]], log_limit=4000))
        until = time.monotonic() + moments.random() * 0.25
        wait_until(lambda until=until: time.monotonic() >= until)  # type: ignore[misc]
        kill_supervisor(run)
        end_leftovers(run.folder / "tmp")
        assert end_leftovers(run.folder / "tmp") == 0, f"seed {seed}, round {round_}"
        owner = claimed_by(run.folder, TOKEN)
        assert owner is None or (isinstance(owner, ProcessIdentity) and not is_alive(owner))
        assert {one.stream for one in run.records()} <= {"out", "sys"}, f"seed {seed}, round {round_}"
