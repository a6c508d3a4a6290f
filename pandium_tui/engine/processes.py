"""Supervisors from outside: starting one, naming it for good, claiming its job, reading its result, cleaning up.

How a job is cancelled: first :func:`abandon` it; when that fails a supervisor has claimed it, and SIGTERM by
:func:`send_signal` makes it stop everything (a second one: at once).
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from pandium_tui.engine import process_tree
from pandium_tui.engine.job import claim
from pandium_tui.engine.process_tree import Process, descendants, start_ticks

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_OUTCOMES = ("exited", "signalled", "timeout", "cancelled", "not started", "broken")
SUPERVISOR_ERRORS = "supervisor-errors"
"""The file in the job's folder for what a supervisor says that could not begin or go on; else empty."""

_LEFTOVERS_LIMIT = 20.0  # seconds after which end_leftovers gives up on processes that SIGKILL does not end
_LOOK_INTERVAL = 0.01  # seconds


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process for good: a pid is given to others later, the pair with its start time and boot is not."""

    pid: int
    start_ticks: int
    boot_id: str


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The claim of a recovery: no supervisor will start this job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a supervisor runs.

    Attributes:
        folder: the job's own folder; exists, 0700, on a file system with hard links.
        token: the name of the file in it by which the job is claimed, once.
        commands: programs with their arguments, run one after another until one fails.
        directory: the working directory of all.
        environment: exactly what they find in their environment; ``TMPDIR`` a folder of this job alone, so that
            :func:`end_leftovers` can tell its processes from others.
        time_limit: seconds for all commands together, by a clock that stands still while the machine is suspended.
        grace: seconds between SIGTERM and SIGKILL.
        log_limit: bytes on disk; the middle of a longer log is cut out.
        state_limit: bytes; 0 when the last line of stdout is no state, as in a build.
        log_name: the file of the log.
        needles: what is masked in everything the commands print, before it is stored.
        cleanup: a program with its arguments, run after each command however that ended: it ends what the command had
            others start for it, as a container engine's program does. Its name is an absolute path.
        wrapper: the beginning of a command that starts each of the commands in a process namespace of its own, whose
            first process is :mod:`pandium_tui.engine.namespace_init`.
        landlock: the files that are ``readable`` and ``writable`` for the commands; empty when all are.
    """

    folder: Path
    token: str
    commands: Sequence[Sequence[str]]
    directory: Path
    environment: Mapping[str, str] = field(repr=False)
    time_limit: float
    log_limit: int
    state_limit: int
    grace: float = 10
    log_name: str = "log"
    needles: frozenset[bytes] = field(default=frozenset(), repr=False)
    cleanup: Sequence[str] = ()
    wrapper: Sequence[str] = ()
    landlock: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """How a job ended.

    Attributes:
        outcome: ``exited``, ``signalled``, ``timeout``, ``cancelled``, ``not started`` (no command of it could be),
            ``broken`` (the supervisor failed, or its result cannot be read).
        exit_code: of the last command; 127 and 126 when its program was not found or not executable.
        signal: the number of the signal that ended the last command.
        command: the index of the command that was the last.
        state: the last line of stdout that is not blank, without blanks around it.
        state_problem: why such a line is not kept.
        state_masked: whether secrets were masked in it.
        started: ISO 8601, UTC, microseconds.
        completed: the same.
        log_bytes: the size of the log.
        log_cut_bytes: what was cut out of its middle.
        log_lost_bytes: what had no room on the disk.
        left_over: how many processes the commands left running, which were then ended.
        reason: a sentence when the outcome alone does not tell.
    """

    outcome: str
    exit_code: int | None = None
    signal: int | None = None
    command: int = 0
    state: str | None = None
    state_problem: str | None = None
    state_masked: bool = False
    started: str | None = None
    completed: str | None = None
    log_bytes: int = 0
    log_cut_bytes: int = 0
    log_lost_bytes: int = 0
    left_over: int = 0
    reason: str | None = None


def own_identity() -> ProcessIdentity:
    """The identity of this process."""
    identity = identity_of(os.getpid())
    assert identity is not None
    return identity


def identity_of(pid: int) -> ProcessIdentity | None:
    """The identity of the process that has this pid now; None when there is none alive (a zombie is not)."""
    ticks = start_ticks(pid)
    return None if ticks is None else ProcessIdentity(pid, ticks, process_tree.boot_id())


def is_alive(identity: ProcessIdentity) -> bool:
    """Whether exactly this process still runs."""
    return identity_of(identity.pid) == identity


def send_signal(identity: ProcessIdentity, number: int) -> bool:
    """Signal exactly this process, never another one that has its pid; False when it is gone or not ours."""
    if identity.boot_id != process_tree.boot_id():
        return False
    return process_tree.send_signal((identity.pid, identity.start_ticks), number)


def start_supervisor(job: Job) -> "subprocess.Popen[bytes]":
    """Start a detached supervisor for the job and return at once. The caller may die at any time.

    The job lies complete in memory of the kernel before the supervisor starts: it waits for nobody, nobody waits for
    it. The caller should ``poll()`` what is returned now and then, or the ended supervisor stays a zombie.

    Raises:
        OSError: no process can be started now.
    """
    content = {one.name: getattr(job, one.name) for one in fields(Job)}
    content.update(folder=str(job.folder), directory=str(job.directory), environment=dict(job.environment))
    # JSON has no bytes: one character each.
    content["needles"] = [needle.decode("latin-1") for needle in job.needles]
    with os.fdopen(os.memfd_create("job"), "r+b") as memory, _errors_file(job.folder) as errors:
        memory.write(json.dumps(content).encode())
        memory.seek(0)
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SUPERVISOR)],
            cwd="/",
            env={"PATH": os.defpath},
            stdin=memory,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )


def _errors_file(folder: Path) -> BinaryIO:
    """Where a supervisor's own words go; nowhere when the folder is gone, in which it will start nothing."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        return os.fdopen(os.open(folder / SUPERVISOR_ERRORS, flags, 0o600), "wb")
    except FileNotFoundError:
        return Path(os.devnull).open("wb")


def supervisor_error(folder: Path) -> str:
    """The last line a supervisor said about itself, empty when it said nothing."""
    try:
        lines = (folder / SUPERVISOR_ERRORS).read_bytes()[-4096:].decode("utf-8", "backslashreplace").splitlines()
    except OSError:
        return ""
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")


def claimed_by(folder: Path, token: str) -> ProcessIdentity | Abandoned | None:
    """Who has claimed the job, if anybody. What cannot be read names a process that is not alive."""
    try:
        claimant = json.loads((folder / token).read_bytes())
        if claimant.get("abandoned"):
            return Abandoned()
        return ProcessIdentity(int(claimant["pid"]), int(claimant["start_ticks"]), str(claimant["boot_id"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        return ProcessIdentity(0, 0, "")


def abandon(folder: Path, token: str) -> bool:
    """Claim the job so that no supervisor starts it, however late it comes; False when one has claimed it.

    Raises:
        OSError: the folder cannot be made or written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return claim(str(folder), token, {"abandoned": True, **asdict(own_identity())})


def read_result(folder: Path) -> Result | None:
    """The result in the folder; None while there is none. One that cannot be understood has the outcome ``broken``."""
    try:
        content = json.loads((folder / "result.json").read_bytes())
        # An older or newer version of the program may have left it: what it does not say has its default.
        known = {one.name: content[one.name] for one in fields(Result) if one.name in content or one.name == "outcome"}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        return Result("broken", reason=f"{folder / 'result.json'} cannot be read: {error!r}")
    wrong = [name for name, value in known.items() if not _fits(name, value)]
    if wrong:
        return Result("broken", reason=f"{folder / 'result.json'} has a wrong value for {', '.join(wrong)}")
    return Result(**known)


def _fits(name: str, value: object) -> bool:
    match name:
        case "outcome":
            return value in _OUTCOMES
        case "started" | "completed":
            return isinstance(value, str) and _is_moment(value)
        case "state" | "state_problem" | "reason":
            return value is None or isinstance(value, str)
        case "state_masked":
            return isinstance(value, bool)
        case "exit_code" | "signal":
            return value is None or type(value) is int
        case _:
            return type(value) is int


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def end_leftovers(temporary_folder: Path) -> int:
    """End every process whose ``TMPDIR`` is this folder, and those below them; how many there were.

    For a job whose supervisor was itself killed: nobody else knows its processes then. Takes some milliseconds, longer
    only when there are many of them or one that cannot be ended.
    """
    mark = b"TMPDIR=" + os.fsencode(temporary_folder)
    ended: set[Process] = set()
    until = time.monotonic() + _LEFTOVERS_LIMIT
    while time.monotonic() < until:
        found: set[Process] = set()
        for process in _marked(mark, until):
            for one in (process, *descendants(process[0])):
                process_tree.send_signal(one, signal.SIGSTOP)  # so that none forks on while we look
                found.add(one)
        if not found:
            break
        for one in found:
            process_tree.send_signal(one, signal.SIGKILL)
        ended |= found
        time.sleep(_LOOK_INTERVAL)
    return len(ended)


def _marked(variable: bytes, until: float) -> Iterator[Process]:
    """Every process but this one that has the variable in the environment it was started with.

    Who forks and ends while we look shows itself in its child: we look until there is nobody we have not seen.
    """
    seen = {os.getpid()}
    while (fresh := set(process_tree.pids()) - seen) and time.monotonic() < until:
        for pid in fresh:
            ticks = start_ticks(pid)
            try:
                environment = process_tree.read_small(f"/proc/{pid}/environ")
            except process_tree.UNSEEN:
                seen.add(pid)  # gone, or another user's
                continue
            if ticks is not None and variable in environment.split(b"\0"):
                yield pid, ticks
            if environment or not _is_within_exec(pid):
                seen.add(pid)


def _is_within_exec(pid: int) -> bool:
    """Whether the process has memory (field 23) but not yet the environment of its new program (field 51)."""
    fields = process_tree.stat_fields(pid)
    return bool(fields) and fields[23] != b"0" and fields[51] == b"0" and start_ticks(pid) is not None
