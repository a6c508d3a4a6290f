"""How isolated jobs end: no otherwise than others, though the supervisor is not the parent of their processes."""

import os
import resource
from contextlib import suppress
from pathlib import Path

from pandium_tui.engine.isolation import Isolation, isolated
from pandium_tui.engine.processes import claimed_by
from pandium_tui.settings import Settings
from tests.engine.supervised import TOKEN, Supervised, job_for, wait_until
from tests.isolation.conftest import Launch


def test_exit_code_log_and_state_are_its_own(launch: Launch) -> None:
    run = launch("echo state; echo word >&2; exit 7")
    result = run.result()
    assert (result.outcome, result.exit_code, result.state, result.left_over) == ("exited", 7, "state", 0)
    assert run.texts("err") == ["word"]


def test_a_signal_is_told_from_the_exit_code_that_looks_like_it(launch: Launch) -> None:
    killed, exited = launch("kill -9 $$").result(), launch("exit 137").result()
    assert (killed.outcome, killed.signal, killed.exit_code) == ("signalled", 9, None)
    assert (exited.outcome, exited.signal, exited.exit_code) == ("exited", None, 137)


def test_programs_that_cannot_be_started_end_like_in_a_shell(launch: Launch) -> None:
    missing, closed = launch(["no-such-program"]).result(), launch(["/etc/passwd"]).result()
    assert (missing.outcome, missing.exit_code) == ("exited", 127)
    assert "no-such-program cannot be started" in (missing.reason or "")
    assert (closed.outcome, closed.exit_code) == ("exited", 126)


def test_commands_run_one_after_another_and_stop_at_the_first_failure(launch: Launch) -> None:
    result = launch("echo 1", "exit 3", "echo 2").result()
    assert (result.command, result.exit_code) == (1, 3)


def test_daemons_left_running_are_asked_to_stop_and_counted(launch: Launch) -> None:
    daemon = "trap 'echo stopping; exit' TERM; echo begun; sleep 1000 & wait"
    run = launch(f'setsid bash -c "{daemon}" & (setsid sleep 1000 &) & sleep 0.2; exit 5')
    result = run.result()
    assert (result.outcome, result.exit_code) == ("exited", 5)
    assert result.left_over == 3
    assert "stopping" in run.texts("out")


def test_the_time_limit_ends_the_whole_tree(launch: Launch) -> None:
    run = launch("trap '' TERM; (trap '' TERM; setsid sleep 1000) & sleep 1000", time_limit=1, grace=0.3)
    assert run.result().outcome == "timeout"


def is_stopped(word: str) -> bool:
    """Whether a process with this word in its command line is stopped."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            told = word.encode() in (process / "cmdline").read_bytes()
            if told and "\nState:\tT" in (process / "status").read_text():
                return True
    return False


def test_a_stopped_process_is_asked_to_stop_all_the_same(launch: Launch) -> None:
    word = f"stops_itself_{os.getpid()}"
    run = launch(f"trap 'echo stopping; exit 4' TERM; : {word}; kill -STOP $$; sleep 1000 & wait", grace=50)
    wait_until(lambda: is_stopped(word))
    run.cancel()
    result = run.result()
    assert (result.outcome, result.exit_code) == ("cancelled", 4)
    assert "stopping" in run.texts("out")


def test_cancelled_while_the_isolation_is_set_up_it_does_not_wait(launch: Launch) -> None:
    run = launch("sleep 1000", grace=50)
    wait_until(lambda: claimed_by(run.folder, TOKEN))
    run.cancel()
    assert run.result().outcome == "cancelled"


def test_the_processes_of_a_job_are_limited(mechanism: str, settings: Settings, launch: Launch) -> None:
    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    limit = settings.isolation_pids if most == resource.RLIM_INFINITY else min(settings.isolation_pids, most)
    run = launch("ulimit -Hu")
    assert run.result().exit_code == 0
    if mechanism == "bubblewrap":
        assert run.texts("out") == [str(limit)]


def test_a_job_inherits_nothing_of_the_supervisor(launch: Launch) -> None:
    run = launch("ls /proc/self/fd; grep -E 'SigIgn|SigBlk|CapEff|NoNewPrivs' /proc/self/status")
    assert run.result().exit_code == 0
    files, facts = run.texts("out")[:-4], dict(line.split(":\t") for line in run.texts("out")[-4:])
    assert files == ["0", "1", "2", "3"]  # the last is that of the listing
    assert facts == {"SigBlk": "0" * 16, "SigIgn": "0" * 16, "CapEff": "0" * 16, "NoNewPrivs": "1"}


def test_an_isolation_that_breaks_starts_nothing(settings: Settings, tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho no namespaces left >&2\nexit 1\n")
    broken.chmod(0o755)
    job = job_for(tmp_path / "job", [["bash", "-c", "touch started"]])
    chosen = Isolation("bubblewrap", bubblewrap=str(broken))
    parts = {"language": "go", "path_entries": (), "readable": (), "writable": [job.folder]}
    run = Supervised(isolated(chosen, settings, job, **parts))
    result = run.result()
    assert (result.outcome, result.exit_code) == ("not started", None)
    assert "isolation could not be set up" in (result.reason or "")
    assert run.texts("err") == ["no namespaces left"]
    broken.unlink()
    gone = Supervised(isolated(chosen, settings, job_for(tmp_path / "job2", [["true"]]), **parts)).result()
    assert gone.outcome == "not started"
