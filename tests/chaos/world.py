"""The world that is shaken: a store with tenants due each minute, and engines as processes that can be killed."""

import mmap
import os
import random
import signal
import sqlite3
import struct
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pandium_tui.engine import engine as engine_module
from pandium_tui.engine import processes, recovery
from pandium_tui.engine.clock import Clock, Look
from pandium_tui.engine.engine import Engine
from pandium_tui.engine.process_tree import children, pids, read_small, send_signal, start_ticks
from pandium_tui.hub import runs
from pandium_tui.settings import Settings
from pandium_tui.storage.database import open_store
from pandium_tui.storage.times import to_text
from tests.chaos import supervisor
from tests.chaos.steps import ENGINE_STEPS, RECOVERY_STEPS, lay_steps
from tests.scenario import ACTOR, Scenario, lay_toolchain, manifest

TENANTS = 2
ENGINES = 2
SETTLED_WITHIN = 60.0
"""Seconds in which everything must have ended after a kill; a run takes a tenth of one."""


class SharedClock(Clock):
    """One wall clock for all processes; it stands still until the harness moves it."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._seconds = mmap.mmap(-1, 8)

    @property
    def now(self) -> datetime:
        """The wall clock, UTC."""
        return self._start + timedelta(seconds=struct.unpack("q", self._seconds[:8])[0])

    def move(self, seconds: int) -> None:
        """Let time pass."""
        self._seconds[:8] = struct.pack("q", struct.unpack("q", self._seconds[:8])[0] + seconds)

    def look(self) -> Look:
        """All clocks of the machine, as they would be."""
        seconds = (self.now - self._start).total_seconds()
        return Look(self.now, seconds, seconds, "boot")


class World:
    """A store, its engines and what can be done to them. It keeps no connection open: it forks.

    Args:
        folder: an empty one, for the store and what the runs leave.
        dice: of this harness.
    """

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.folder, self.dice = folder, dice
        self.ledger = folder / "ledger"
        self.ledger.mkdir()
        (self.ledger / "started").touch()
        (self.ledger / "problems").touch()
        self.settings = Settings(
            home=folder / "home",
            kill_grace=1,
            runs_at_once=4,
            isolation_readable=(str(Path(__file__).parent),),
            isolation_writable=(str(self.ledger),),
        )
        self.tenant_ids = self._furnish()
        self.clock = SharedClock(self._first_slot() - timedelta(minutes=1))
        processes._SUPERVISOR = supervisor.program(folder)
        engine_module.LOOK_INTERVAL = 0.02
        recovery.FIRST_WAIT = 0.05
        lay_steps(str(folder), ENGINE_STEPS | RECOVERY_STEPS)
        self._engines: list[int] = []

    def _furnish(self) -> list[int]:
        script = f"LEDGER={self.ledger}; . {Path(__file__).with_name('integration.sh')}"
        os.environ["PATH"] = lay_toolchain(self.folder / "toolchain")
        store = open_store(self.settings)
        with Engine(store, "cli", schedules=False) as engine:
            scenario = Scenario(store, engine, self.folder)
            integration_id = scenario.integration({"PANDIUM.yaml": manifest(script)})
            release = scenario.build(integration_id)
            if release.status != "Ready":
                raise AssertionError(f"the build failed: {release.reason}")
            made = [
                scenario.tenant(
                    integration_id, f"t{number}", user_schedule="* * * * *", timezone="UTC", paused=False
                ).id
                for number in range(TENANTS)
            ]
        store.close()
        return made

    def _first_slot(self) -> datetime:
        [(first,)] = self.rows("SELECT min(next_run) FROM tenant")
        return datetime.fromisoformat(first).astimezone(UTC)

    def rows(self, query: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        """What the store answers."""
        connection = sqlite3.connect(f"file:{self.settings.store_file}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def ask_for_run(self) -> None:
        """A run by hand of some tenant."""
        self._at_the_store(lambda store: runs.start_run(store, self.dice.choice(self.tenant_ids), ACTOR))

    def cancel_a_run(self) -> None:
        """Cancel one that goes on, if any does."""
        active = self.rows("SELECT id FROM run WHERE phase IN ('Queued', 'Running')")
        if active:
            self._at_the_store(lambda store: runs.cancel_run(store, self.dice.choice(active)[0], ACTOR))

    def _at_the_store(self, do: Callable[[object], object]) -> None:
        """In a process of its own, as the command line would be: an armed step is none of its business."""
        pid = os.fork()
        if not pid:
            status = 1
            try:
                do(open_store(self.settings))
                status = 0
            except Exception as error:  # refused, because the run has ended meanwhile
                status = 0 if type(error).__name__ == "RefusedError" else 1
            finally:
                os._exit(status)
        os.waitpid(pid, 0)

    def keep_engines(self) -> int:
        """Start engines in place of those that died; how many died."""
        dead = [pid for pid in self._engines if os.waitpid(pid, os.WNOHANG)[0]]
        self._engines = [pid for pid in self._engines if pid not in dead]
        while len(self._engines) < ENGINES:
            self._engines.append(self._start_engine())
        return len(dead)

    def _start_engine(self) -> int:
        harness = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        try:
            os.setsid()
            stop = threading.Event()
            signal.signal(signal.SIGTERM, lambda *_: stop.set())
            store = open_store(self.settings)
            with Engine(store, "serve", clock=self.clock):
                while not stop.wait(0.5) and os.getppid() == harness:
                    pass
            store.close()
        finally:
            os._exit(0)

    def kill_an_engine(self) -> None:
        """As ``kill -9`` would."""
        os.kill(self.dice.choice(self._engines), signal.SIGKILL)

    def kill_a_supervisor(self) -> None:
        """One of those that go on, if any does."""
        if found := self._supervisors():
            send_signal(self.dice.choice(found), signal.SIGKILL)

    def lose_power(self) -> None:
        """Kill every process there is."""
        for pid in self._engines:
            os.kill(pid, signal.SIGKILL)
        while processes := self._supervised():
            for process in processes:
                send_signal(process, signal.SIGKILL)

    def _supervised(self) -> list[tuple[int, int]]:
        """Supervisors, then processes of runs, with the supervisor of each: it would tell the death of its process."""
        processes = self.processes_of_runs()
        return [*self._supervisors(), *processes]

    def _supervisors(self) -> list[tuple[int, int]]:
        """Not what they have started and what has not become its program yet: it looks like its supervisor."""
        found = self._found("cmdline", os.fsencode(self.folder / "supervisor.py"))
        started = {child for pid, _ in found for child in children(pid)}
        return [process for process in found if process[0] not in started]

    def processes_of_runs(self) -> list[tuple[int, int]]:
        """Whatever a run has started and is alive."""
        return self._found("environ", b"TMPDIR=" + os.fsencode(self.settings.home))

    def _found(self, file: str, mark: bytes) -> list[tuple[int, int]]:
        found = []
        for pid in pids():
            try:
                if mark in read_small(f"/proc/{pid}/{file}") and (ticks := start_ticks(pid)) is not None:
                    found.append((pid, ticks))
            except OSError:
                continue
        return found

    def is_settled(self) -> bool:
        """Whether all that is due has fired and all that was asked for has ended."""
        [(open_,)] = self.rows(
            "SELECT (SELECT count(*) FROM run WHERE phase IN ('Queued', 'Running'))"
            " + (SELECT count(*) FROM run_trigger WHERE run_id IS NULL)"
            " + (SELECT count(*) FROM tenant WHERE next_run <= ?)",
            to_text(self.clock.now),
        )
        return not open_ and not self._supervisors()

    def settle(self) -> None:
        """Wait until everything has ended, with engines alive.

        Raises:
            AssertionError: something goes on for ever.
        """
        until = time.monotonic() + SETTLED_WITHIN
        while True:
            self.keep_engines()
            if self.is_settled():
                return
            if time.monotonic() > until:
                open_ = self.rows("SELECT id, phase, attempt FROM run WHERE phase IN ('Queued', 'Running')")
                raise AssertionError(f"not settled after {SETTLED_WITHIN} s: runs {open_}, held or due otherwise")
            time.sleep(0.01)

    def end(self) -> None:
        """Stop the engines."""
        for pid in self._engines:
            os.kill(pid, signal.SIGTERM)
        for pid in self._engines:
            os.waitpid(pid, 0)
        self._engines = []
