"""What a supervisor does with a job: real processes, real files."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pandium_tui.engine import supervisor
from pandium_tui.engine.processes import SUPERVISOR_ERRORS
from tests.engine.conftest import Launch
from tests.engine.supervised import TOKEN, environment, job_for, wait_until

MIB = 1024 * 1024
RECORD_EXTRA = len("2026-11-24T06:23:01.123Z out \n")


def test_a_run_leaves_its_exit_code_its_log_and_its_state(launch: Launch) -> None:
    before = datetime.now(UTC)
    run = launch("echo hello; echo oops >&2; echo '{\"cursor\": 7}'; exit 3")
    result = run.result()
    assert (result.outcome, result.exit_code, result.signal, result.command) == ("exited", 3, None, 0)
    assert (result.state, result.state_problem, result.reason) == ('{"cursor": 7}', None, None)
    assert (result.left_over, result.log_cut_bytes, result.log_lost_bytes) == (0, 0, 0)
    assert result.log_bytes == (run.folder / "log").stat().st_size
    records = run.records()
    assert (run.texts("out"), run.texts("err"), run.texts("sys")) == (["hello", '{"cursor": 7}'], ["oops"], [])
    assert result.started is not None
    assert result.completed is not None
    moments = [result.started, *(one.time for one in records), result.completed]
    assert [one[:23] for one in moments] == sorted(one[:23] for one in moments)
    assert before - timedelta(seconds=1) < datetime.fromisoformat(moments[0]) <= datetime.now(UTC)
    assert sorted(file.name for file in run.folder.iterdir()) == sorted(
        [TOKEN, "log", "result.json", SUPERVISOR_ERRORS, "tmp"]
    )
    assert {file.stat().st_mode & 0o077 for file in run.folder.iterdir() if file.is_file()} == {0}


def test_the_signal_that_ended_a_run_is_told(launch: Launch) -> None:
    result = launch("kill -9 $$").result()
    assert (result.outcome, result.exit_code, result.signal) == ("signalled", None, 9)


def test_a_run_that_prints_nothing_has_an_empty_log_and_no_state(launch: Launch) -> None:
    run = launch("exit 0")
    result = run.result()
    assert (result.outcome, result.exit_code, result.state, result.state_problem) == ("exited", 0, None, None)
    assert (run.folder / "log").read_bytes() == b""
    assert result.log_bytes == 0


def test_closing_its_outputs_is_not_its_end(launch: Launch) -> None:
    result = launch("exec >&- 2>&-; sleep 0.2; exit 5").result()
    assert (result.outcome, result.exit_code) == ("exited", 5)


def test_the_environment_is_exactly_what_was_given(launch: Launch, tmp_path: Path) -> None:
    given = environment(
        tmp_path / "job0",
        {"PAN_SEC_HUBSPOT-BASIC_API_KEY": "a b", "PAN_CFG_LINES": "one\ntwo", "ÜMLAUT": "ß \udcff", "EMPTY": ""},
    )
    run = launch([sys.executable, "-c", "import os; print(ascii(sorted(os.environb.items())))"], environment=given)
    assert run.result().exit_code == 0
    expected = sorted((os.fsencode(name), os.fsencode(value)) for name, value in given.items())
    found = [item for item in eval(run.texts("out")[0]) if item[0] != b"LC_CTYPE"]  # the interpreter's own
    assert found == expected


def test_the_child_starts_as_a_shell_would_start_it(launch: Launch) -> None:
    script = (
        "grep -E 'Sig(Blk|Ign)' /proc/self/status; umask; ulimit -c; readlink /proc/self/fd/0; pwd; "
        "cut -d' ' -f 5,6 /proc/$$/stat; echo $$ $$"
    )
    ours = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR1])
    core_limits = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (core_limits[1], core_limits[1]))
    try:
        run = launch(["bash", "--norc", "-c", script])
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, core_limits)
        signal.pthread_sigmask(signal.SIG_SETMASK, ours)
    assert run.result().exit_code == 0
    blocked, ignored, umask, core, stdin, directory, groups, expected = run.texts("out")
    assert {int(line.split()[1], 16) for line in (blocked, ignored)} == {0}
    assert (umask, core, stdin, directory) == ("0077", "0", "/dev/null", str(run.folder))
    assert groups == expected, "it leads a session and a process group of its own"


def test_the_child_inherits_no_files_but_its_outputs(launch: Launch) -> None:
    script = "import os; print([file for file in range(256) if os.path.exists(f'/proc/self/fd/{file}')])"
    run = launch([sys.executable, "-c", script])
    assert run.result().state == "[0, 1, 2]"


def test_nothing_of_the_job_stands_in_the_supervisors_arguments_or_environment(launch: Launch, tmp_path: Path) -> None:
    run = launch(
        "echo $$ > pid; exec sleep 1000", environment=environment(tmp_path / "job0", {"PAN_SEC_X_KEY": "canary-1"})
    )
    run.pid_in("pid")
    for name in ("cmdline", "environ"):
        content = Path(f"/proc/{run.process.pid}/{name}").read_bytes()
        assert b"canary" not in content
        assert os.fsencode(tmp_path) not in content
    assert Path(f"/proc/{run.process.pid}/fd/0").readlink() == Path("/dev/null")
    run.cancel()
    assert run.result().outcome == "cancelled"


def test_commands_run_one_after_another_and_stop_at_the_first_failure(launch: Launch) -> None:
    build = launch("echo one", ["bash", "-c", "echo two; exit 4"], "echo three", state_limit=0)
    result = build.result()
    assert (result.outcome, result.exit_code, result.command, result.state) == ("exited", 4, 1, None)
    assert [one.text for one in build.records()] == ["$ echo one", "one", "$ echo two; exit 4", "two"]


def test_all_commands_succeed(launch: Launch) -> None:
    build = launch(["true"], "echo first\necho second", state_limit=0)
    result = build.result()
    assert (result.outcome, result.exit_code, result.command) == ("exited", 0, 1)
    assert build.texts("sys") == ["$ true", "$ echo first", "echo second"]


def test_a_program_that_does_not_exist_ends_like_in_a_shell(launch: Launch) -> None:
    result = launch(["no-such-program", "argument"], ["true"]).result()
    assert (result.outcome, result.exit_code, result.command) == ("exited", 127, 0)
    assert result.reason is not None
    assert result.reason.startswith("no-such-program cannot be started: ")
    assert result.reason.endswith("No such file or directory")


def test_a_program_that_is_not_executable_ends_like_in_a_shell(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("#!/bin/sh\n")
    result = launch([str(tmp_path / "data")]).result()
    assert (result.outcome, result.exit_code) == ("exited", 126)
    assert result.reason is not None
    assert "Permission denied" in result.reason


def test_a_missing_directory_is_told_and_nothing_is_started(launch: Launch, tmp_path: Path) -> None:
    result = launch(["touch", str(tmp_path / "started")], directory=tmp_path / "gone").result()
    assert (result.outcome, result.exit_code) == ("not started", None)
    assert result.reason is not None
    assert str(tmp_path / "gone") in result.reason
    assert not (tmp_path / "started").exists()


def test_an_environment_too_large_for_the_system_is_told(launch: Launch, tmp_path: Path) -> None:
    given = environment(tmp_path / "job0", {"PAN_CFG_TEXT": "x" * 200_000})
    result = launch(["true"], environment=given).result()
    assert (result.outcome, result.exit_code) == ("not started", None)
    assert result.reason is not None
    assert "Argument list too long" in result.reason


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("echo first; echo; echo ' second  '; echo; echo '   '", "second"),
        ("printf 'no newline'", "no newline"),
        ("printf 'windows\\r\\n\\r\\n'", "windows"),
        ("echo 'not json {'", "not json {"),
        ("echo only stderr >&2", None),
        ("printf 'ünïcode 🙂\\n'", "ünïcode 🙂"),
        ("head -c 100000 /dev/zero | tr '\\0' x; echo; echo short", "short"),
        ("head -c 65536 /dev/zero | tr '\\0' x", "x" * 65536),
    ],
)
def test_the_state_is_the_last_line_of_stdout_that_is_not_blank(
    launch: Launch, command: str, state: str | None
) -> None:
    result = launch(command).result()
    assert (result.state, result.state_problem) == (state, None)


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("echo good; head -c 65537 /dev/zero | tr '\\0' x", "longer than the limit of 65536 bytes"),
        ("echo good; head -c 300000 /dev/zero | tr '\\0' x; echo", "longer than the limit of 65536 bytes"),
        ("echo good; printf 'ab\\377\\n'", "not UTF-8: byte 3 is 0xff"),
        ("echo good; printf 'a\\0b\\n'", "NUL"),
    ],
)
def test_a_state_that_cannot_be_kept_is_told(launch: Launch, command: str, problem: str) -> None:
    result = launch(command).result()
    assert result.outcome == "exited"
    assert result.state is None
    assert result.state_problem is not None
    assert problem in result.state_problem


def test_a_flood_is_cut_in_the_middle_and_counted(launch: Launch) -> None:
    lines = 600_000
    run = launch(f"seq 1 {lines}", log_limit=MIB)
    result = run.result()
    assert (result.outcome, result.state) == ("exited", str(lines))
    content = (run.folder / "log").read_bytes()
    assert MIB * 3 // 4 < len(content) < MIB + 1000
    assert len(content) == result.log_bytes
    records = run.records()
    (place,) = [index for index, one in enumerate(records) if one.stream == "sys"]
    head, tail = [int(one.text) for one in records[:place]], [int(one.text) for one in records[place + 1 :]]
    assert head == list(range(1, len(head) + 1))
    assert tail == list(range(lines - len(tail) + 1, lines + 1))
    cut_lines = lines - len(head) - len(tail)
    assert f"log over 1 MiB: {cut_lines:,} lines (" in records[place].text
    cut_numbers = sum(len(str(number)) for number in range(len(head) + 1, tail[0]))
    assert result.log_cut_bytes == cut_numbers + cut_lines * RECORD_EXTRA
    assert len(head) > 10_000 < len(tail)
    assert [file.name for file in run.folder.glob("log*") if file.stat().st_size] == ["log"]


def test_twenty_megabytes_without_a_newline_are_kept_in_flat_memory(launch: Launch) -> None:
    size = 20_000_000
    run = launch(f"head -c {size} /dev/zero | tr '\\0' x >&2; echo $$ > pid; exec sleep 1000")
    run.pid_in("pid")
    wait_until(lambda: (run.folder / "log").stat().st_size > size)
    peak = next(line for line in Path(f"/proc/{run.process.pid}/status").read_text().splitlines() if "VmHWM" in line)
    assert int(peak.split()[1]) < 20 * 1024, "KiB"
    run.cancel()
    run.result()
    records = [one for one in run.records() if one.stream == "err"]
    assert sum(len(one.text) for one in records) == size
    assert [one.continued for one in records] == [True] * (len(records) - 1) + [False]


def test_binary_output_is_spelled_out(launch: Launch) -> None:
    run = launch("printf 'a\\377b\\0c\\303\\251\\033[1m\\n' >&2")
    assert run.result().outcome == "exited"
    assert run.texts("err") == ["a\\xffb\0cé\033[1m"]
    run.folder.joinpath("log").read_text(encoding="utf-8")


def test_a_job_cut_short_starts_nothing(tmp_path: Path) -> None:
    job = job_for(tmp_path / "job", [["touch", str(tmp_path / "started")]])
    whole = {name: getattr(job, name) for name in type(job).__dataclass_fields__}
    plain = {"folder": str(job.folder), "directory": str(job.directory), "needles": []}
    text = json.dumps({**whole, **plain}).encode()
    for content in (b"", text[:1], text[: len(text) // 2], text[:-1], b"[]", b"{}", b"\xff"):
        ended = subprocess.run([sys.executable, "-I", "-S", supervisor.__file__], input=content, capture_output=True)
        assert (ended.returncode, ended.stdout, ended.stderr) == (2, b"", b"")
    assert sorted(file.name for file in job.folder.iterdir()) == ["tmp"]
    assert not (tmp_path / "started").exists()


def test_a_job_runs_once_and_its_result_is_written_once(launch: Launch, tmp_path: Path) -> None:
    first = launch("echo run >> count")
    first.result()
    written = (first.folder / "result.json").stat()
    second = launch("echo run >> count", folder=first.folder)
    assert second.process.wait(30) == 3
    assert (first.folder / "result.json").stat() == written
    assert (first.folder / "count").read_text() == "run\n"
    left = {file.name for file in first.folder.iterdir()}
    assert left == {TOKEN, "count", "log", "result.json", SUPERVISOR_ERRORS, "tmp"}


def test_a_folder_that_is_gone_starts_nothing(launch: Launch, tmp_path: Path) -> None:
    run = launch(["touch", str(tmp_path / "started")], folder=tmp_path / "gone", directory=tmp_path)
    assert run.process.wait(30) not in (0, None)
    assert not (tmp_path / "started").exists()


def test_a_log_that_cannot_be_written_starts_nothing_and_is_told(launch: Launch, tmp_path: Path) -> None:
    result = launch(["touch", str(tmp_path / "started")], log_name="no/log").result()
    assert result.outcome == "not started"
    assert result.reason is not None
    assert "No such file or directory" in result.reason
    assert not (tmp_path / "started").exists()


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """A small file system of its own in a new folder."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"NOT TESTED: a full disk; no small file system can be mounted: {mounted.stderr.decode()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk(tmp_path / "disk", "1m") as folder:
        yield folder


@pytest.mark.parametrize("log_limit", [50 * MIB, 1200 * 1024])
def test_a_full_disk_blocks_nothing_and_is_told(launch: Launch, small_disk: Path, log_limit: int) -> None:
    folder = small_disk / "job"
    folder.mkdir(mode=0o700)
    run = launch("seq 1 200000; echo state", folder=folder, directory=small_disk, log_limit=log_limit)
    result = run.result()
    assert (result.outcome, result.exit_code, result.state) == ("exited", 0, "state")
    assert result.log_lost_bytes > 0
    records = run.records()
    assert [one.text for one in records[:3]] == ["1", "2", "3"]
    assert sum(len(one.text) + 30 for one in records if one.stream == "out") <= result.log_bytes


def test_after_a_full_disk_the_log_goes_on_and_says_what_is_missing(launch: Launch, tmp_path: Path) -> None:
    # What is freed has room for all that can be in the pipe then: the disk fills up only once.
    with disk(tmp_path / "disk", "4m") as small_disk:
        look_at_a_disk_that_is_full_for_a_while(launch, small_disk, tmp_path / "ended")


def look_at_a_disk_that_is_full_for_a_while(launch: Launch, small_disk: Path, ended: Path) -> None:
    folder = small_disk / "job"
    folder.mkdir(mode=0o700)
    filling = small_disk / "filling"
    filling.write_bytes(b"x" * 3400 * 1024)
    script = f"seq 1 100000; touch {ended}; while [ -e {filling} ]; do sleep 0.02; done; echo 100001"
    run = launch(script, folder=folder, directory=small_disk)
    wait_until(ended.exists)
    os.truncate(filling, 0)  # a file is gone before its room is free
    filling.unlink()
    result = run.result()
    assert (result.exit_code, result.state) == (0, "100001")
    records = run.records()
    (place,) = [index for index, one in enumerate(records) if one.stream == "sys"]
    assert records[place].text == f"{result.log_lost_bytes} bytes of the log were lost here: No space left on device"
    before, after = [int(one.text) for one in records[:place]], [int(one.text) for one in records[place + 1 :]]
    assert before == list(range(1, len(before) + 1))
    assert after == list(range(100_001 - len(after) + 1, 100_002))
    lost = range(before[-1] + 1, after[0])
    assert result.log_lost_bytes == sum(len(str(number)) for number in lost) + len(lost) * RECORD_EXTRA


def test_a_disk_without_room_for_the_result_starts_nothing(launch: Launch, small_disk: Path, tmp_path: Path) -> None:
    folder = small_disk / "job"
    folder.mkdir(mode=0o700)
    (small_disk / "filling").write_bytes(b"x" * 800 * 1024)
    run = launch(["touch", str(tmp_path / "started")], folder=folder, directory=small_disk)
    result = run.result()
    assert result.outcome == "not started"
    assert result.reason is not None
    assert "No space left on device" in result.reason
    assert not (tmp_path / "started").exists()
