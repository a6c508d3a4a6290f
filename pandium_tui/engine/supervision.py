"""Running one job to its end: what the supervisor process does once it has claimed it.

Standard library only, and little of that (pathlib alone would take a fifth of the budget). In the job's folder it
leaves the token (who claimed the job), the log and ``result.json``, written once.
"""

import ctypes
import errno
import os
import resource
import select
import signal
import time

from pandium_tui.engine.job import NEW_RESULT, Job, store_result
from pandium_tui.engine.landlock import execute_restricted
from pandium_tui.engine.log_writer import Log, State, Stream, timestamp
from pandium_tui.engine.process_tree import Process, children, descendants, send_signal

CHUNK = 64 * 1024
QUIET = 0.3  # seconds without output after which a pipe held open by a left-over process is given up
DRAIN_LIMIT = 3.0  # seconds after the end of the main process in which its output is still awaited
LEFT_OVER_GRACE = 2.0  # seconds between SIGTERM and SIGKILL for what the main process left running
CLEANUP_LIMIT = 20.0  # seconds in which a container must be gone
KILL_LIMIT = 20.0  # seconds of SIGKILL after which a process counts as impossible to end (another user's, or stuck)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
NOT_FOUND, NOT_EXECUTABLE = 127, 126  # exit codes a shell gives, POSIX XCU 2.8.2


class Supervisor:
    """Runs the commands of one job, one after another, until one fails."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.deadline = time.monotonic() + job.time_limit
        self.terminations = 0  # how often somebody has asked us to stop
        self.outcome = "not started"
        self.reasons: list[str] = []
        self.status: int | None = None  # of the child, once it has ended
        self.childless = True  # no process below us is left, dead or alive
        self.left_over = 0
        self.log: Log | None = None
        self.state = State(job.state_limit)
        self.command = self._child = self._cleaner = 0
        self.started = timestamp(6)
        self._failure = b""  # why the child could not become the program: exit code, blank, sentence
        self._report = -1  # the file it comes from
        self._outputs: dict[int, Stream | None] = {}
        self._poller = select.poll()
        self._listen()

    def run(self) -> None:
        """Run the job to its end, whatever happens, and write the result."""
        try:
            self._prepare()
            self._run_commands()
        except BaseException as error:
            self.reasons.append(f"the supervisor failed: {error or type(error).__name__}")
        finally:
            try:
                if self.outcome == "broken":
                    self._clean_up()
                self._kill_tree()
            finally:
                self._write_result()

    def _listen(self) -> None:
        """Be woken by signals, and let only SIGTERM (and SIGKILL) end us."""
        self._wake, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._poller.register(self._wake, select.POLLIN)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._asked_to_stop)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])  # whoever started us may have blocked some

    def _asked_to_stop(self, *_: object) -> None:
        self.terminations += 1

    def _prepare(self) -> None:
        # A full disk must not keep the result from being written: JSON spells a byte with six characters at most.
        file = os.open(f"{self.job.folder}/{NEW_RESULT}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.posix_fallocate(file, 0, 6 * self.job.state_limit + 8192)
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):  # a file system that cannot reserve room
                raise
        finally:
            os.close(file)
        self.log = Log(f"{self.job.folder}/{self.job.log_name}", self.job.log_limit)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        self._libc = ctypes.CDLL(None, use_errno=True)
        if self._libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "cannot become the parent of orphaned processes (prctl)")

    def _run_commands(self) -> None:
        for self.command, argv in enumerate(self.job.commands):  # noqa: B020 - the attribute, not self
            if self.terminations:
                self.outcome, self.status = "cancelled", None
                self.reasons.append("cancelled before it was started")
                return
            if not self.job.state_limit:
                self._note("$ " + (argv[2] if argv[:2] == ["bash", "-c"] else " ".join(argv)))
            self._start(argv)
            self._wait_for_child()
            self._drain()
            self._clean_up()
            self._end_left_over()
            self._drain()
            for file in list(self._outputs):
                self._close(file)
            if self.outcome != "exited" or self.status:
                return

    def _start(self, argv: list[str]) -> None:
        assert self.log
        outputs: dict[tuple[int, int], Stream | None] = {
            os.pipe(): Stream("out", self.log, self.state, self.job.redactor()),
            os.pipe(): Stream("err", self.log, redactor=self.job.redactor()),
            os.pipe(): None,
        }
        (_, out), (_, err), (self._report, report) = outputs
        self.status, self.childless, self._failure = None, False, b""
        supervisor = os.getpid()
        # Until the child has its own handlers it has ours, which would swallow a SIGTERM that is meant for it.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        self._child = os.fork()
        if not self._child:
            try:
                self._become(argv, out, err, report, supervisor)
            except BaseException as error:
                os.write(report, self._start_failure(argv[0], error))
            finally:
                os._exit(NOT_FOUND)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        self.outcome = "broken"  # until we know better: from here on there is a process to account for
        for (reader, writer), stream in outputs.items():
            os.close(writer)
            os.set_blocking(reader, False)  # the child can open the pipe too, and read it empty before we do
            self._outputs[reader] = stream
            self._poller.register(reader, select.POLLIN)

    def _become(self, argv: list[str], out: int, err: int, report: int, supervisor: int) -> None:
        """In the child: turn into the program. Every file but 0, 1, 2 is closed by exec (PEP 446)."""
        os.setsid()
        self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # nobody limits it when the supervisor is gone
        if os.getppid() != supervisor:
            return
        signal.set_wakeup_fd(-1)
        for number in set(range(1, 32)) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.chdir(self.job.directory)
        if self.job.wrapper:
            os.set_inheritable(report, True)
            argv = [*self.job.wrapper, str(report), *argv]
        if self.job.landlock:
            execute_restricted(argv, self.job.environment, **self.job.landlock)
        os.execvpe(argv[0], argv, self.job.environment)  # noqa: S606 - no shell is the point

    def _start_failure(self, program: str, error: BaseException) -> bytes:
        """Exit code (0: nothing was started), blank, sentence for a child that could not become its program."""
        code, why = 0, str(error)
        if isinstance(error, OSError):
            why = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror)
            if error.filename not in (self.job.directory, *self.job.wrapper[:1]):
                code = {errno.ENOENT: NOT_FOUND, errno.ENOTDIR: NOT_FOUND, errno.EACCES: NOT_EXECUTABLE}.get(
                    error.errno or 0, 0
                )
        return f"{code} {program} cannot be started: {why}".encode("utf-8", "backslashreplace")[:4096]

    def _wait_for_child(self) -> None:
        while self.status is None and self.outcome == "broken":
            left = self.deadline - time.monotonic()
            if self.terminations:
                self._stop("cancelled", "cancelled", 2)
            elif left <= 0:
                self._stop("timeout", f"time limit of {self.job.time_limit:g} s reached", 1)
            else:
                self._turn(left)
        if self.status is not None and self.outcome == "broken":
            self.outcome = "exited" if self.status >= 0 else "signalled"

    def _stop(self, outcome: str, why: str, terminations: int) -> None:
        """Ask every process to end, wait, then kill; so many SIGTERMs in all mean that nobody wants to wait."""
        self.outcome = outcome
        self.reasons.append(why)
        self._note(f"{why}, asking it to stop (SIGTERM)")
        # The program of a container engine passes the signal on; what watches the container must not get it.
        asked = self._programs()
        self._terminate([one for one in asked if one[0] == self._child] if self.job.cleanup else asked)
        if asked or not self.job.wrapper:
            self._wait_until_childless(self.job.grace, terminations)
        if not self.childless:
            self._note("still running, killing it (SIGKILL)")
            self._clean_up()
            self._kill_tree()

    def _clean_up(self) -> None:
        """Run the job's cleanup, and wait until what it ends is gone."""
        if not self.job.cleanup:
            return
        null = os.open("/dev/null", os.O_RDWR)
        try:
            self._cleaner = os.posix_spawn(
                self.job.cleanup[0],
                self.job.cleanup,
                self.job.environment,
                file_actions=[(os.POSIX_SPAWN_DUP2, null, number) for number in range(3)],
                setsid=True,
                setsigdef=set(range(1, 32)) - {signal.SIGKILL, signal.SIGSTOP},
            )
        except OSError as error:
            self.reasons.append(f"its container may be left: {error.strerror}")
            return
        finally:
            os.close(null)
        self.childless = False
        until = time.monotonic() + CLEANUP_LIMIT
        while self._cleaner and time.monotonic() < until:
            self._turn(until - time.monotonic())
        if self._cleaner:
            self.reasons.append("its container could not be removed in time")
        until = time.monotonic() + LEFT_OVER_GRACE
        while not self.childless and time.monotonic() < until:
            self._turn(until - time.monotonic())

    def _end_left_over(self) -> None:
        """End what the main process left running; those are counted."""
        found, keepers = self._programs(), self._keepers()
        if not found:
            return
        self._terminate(found)
        self._wait_until_childless(min(self.job.grace, LEFT_OVER_GRACE), self.terminations + 1)
        count = len({*found, *(one for one in self._kill_tree() if one[0] not in keepers)})
        self.left_over += count
        self._note(f"{count} processes it left running were ended")

    def _programs(self) -> list[Process]:
        """Every process of the job but those that keep the others in."""
        keepers = self._keepers()
        return [one for one in descendants(os.getpid()) if one[0] not in keepers]

    def _keepers(self) -> set[int]:
        """The wrapper and the first process of its namespace: both end by themselves, after all others."""
        return {self._child, *children(self._child)} if self.job.wrapper else set()

    def _terminate(self, processes: list[Process]) -> None:
        for process in processes:
            send_signal(process, signal.SIGTERM)
            send_signal(process, signal.SIGCONT)  # a stopped process sees SIGTERM only when it goes on

    def _wait_until_childless(self, seconds: float, terminations: int) -> None:
        until = time.monotonic() + seconds
        while not self.childless and self.terminations < terminations and time.monotonic() < until:
            self._turn(until - time.monotonic())

    def _kill_tree(self) -> set[Process]:
        """End every process below us, and give them back.

        Each is stopped before its children are looked up, so that it cannot fork on while we look; who was missed
        because its parent died comes to us, the subreaper, and is met in the next round.
        """
        until = time.monotonic() + KILL_LIMIT
        killed: set[Process] = set()
        self._reap()
        while not self.childless:
            stopped: list[Process] = []
            for process in descendants(os.getpid()):
                send_signal(process, signal.SIGSTOP)
                stopped.append(process)
            for process in stopped:
                send_signal(process, signal.SIGKILL)
            killed.update(stopped)
            if time.monotonic() > until:
                self.reasons.append(f"{len(stopped)} processes could not be ended")
                break
            self._turn(0.02)
        return killed

    def _drain(self) -> None:
        """Take what is still in the pipes; a process that holds them open does not hold us up."""
        now = time.monotonic()
        until, quiet = now + DRAIN_LIMIT, now + QUIET
        while self._outputs and now < min(until, quiet):
            if self._turn(min(until, quiet) - now):
                quiet = time.monotonic() + QUIET
            now = time.monotonic()

    def _turn(self, seconds: float) -> bool:
        """Wait so long for output or a signal and deal with it; whether there was output."""
        output = False
        for file, _ in self._poller.poll(min(seconds, 3600) * 1000):
            if file == self._wake:
                os.read(file, CHUNK)
                continue
            try:
                data, stream = os.read(file, CHUNK), self._outputs[file]
            except BlockingIOError:
                continue
            output = True
            if not data:
                self._close(file)
            elif stream:
                stream.feed(data)
            else:
                self._take_report(data)
        self._reap()
        return output

    def _take_report(self, data: bytes) -> None:
        self._failure, ended, status = (self._failure + data).partition(b"\0")
        if ended:
            self.status = os.waitstatus_to_exitcode(int(status))

    def _wrapper_ended(self, code: int) -> None:
        """The wrapper has ended: by then the namespace's first process has reported, or never will."""
        try:
            if self.status is None and self._report in self._outputs:
                self._take_report(os.read(self._report, CHUNK))
        except BlockingIOError:
            pass  # the wrapper alone was killed: the rest is about to be, without a word
        if self.status is None and code == 1:
            self._failure = self._failure or b"0 the isolation could not be set up; the last lines of the log say why"
        if self.status is None:
            self.status = 128 - code if code > 128 else code  # its first process was killed from outside

    def _close(self, file: int) -> None:
        stream = self._outputs.pop(file)
        self._poller.unregister(file)
        os.close(file)
        if stream:
            stream.finish()

    def _reap(self) -> None:
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                if pid == self._cleaner:
                    self._cleaner = 0
                if pid == self._child and self.job.wrapper:
                    self._wrapper_ended(os.waitstatus_to_exitcode(status))
                elif pid == self._child:
                    self.status = os.waitstatus_to_exitcode(status)
        except ChildProcessError:
            self.childless = True

    def _note(self, text: str) -> None:
        if self.log:
            self.log.note(text)

    def _write_result(self) -> None:
        fields = self._result()
        try:
            store_result(self.job.folder, fields)
        except OSError:  # a full disk on a file system that cannot reserve room: the state is the large part
            fields.update(state=None, state_problem="there was no room on the disk to keep it")
            store_result(self.job.folder, fields)

    def _result(self) -> dict[str, object]:
        exit_code = self.status if self.status is not None and self.status >= 0 else None
        if self._failure:
            code, _, why = self._failure.decode("utf-8", "backslashreplace").partition(" ")
            self.reasons.append(why)
            exit_code = int(code) or None
            self.outcome = self.outcome if exit_code else "not started"
        log_bytes = self.log.finish() if self.log else 0
        state, state_problem = self.state.result()
        return {
            "outcome": self.outcome,
            "exit_code": exit_code,
            "signal": -self.status if self.status is not None and self.status < 0 else None,
            "command": self.command,
            "state": state,
            "state_problem": state_problem,
            "state_masked": self.state.is_masked,
            "started": self.started,
            "completed": timestamp(6),
            "log_bytes": log_bytes,
            "log_cut_bytes": self.log.cut_bytes if self.log else 0,
            "log_lost_bytes": self.log.lost_bytes if self.log else 0,
            "left_over": self.left_over,
            "reason": "; ".join(self.reasons)[:1000] or None,
        }
