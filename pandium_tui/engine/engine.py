"""The engine: a thread that fires schedules, starts runs and builds, and records how they end.

Any number of processes may run one over the same store: what must happen once is kept by the store and by the run
folders. It has a thread of its own because a stalled terminal can hold up the screen's loop for many seconds, and
schedules must not wait for a screen.
"""

import logging
import os
import select
import subprocess
import threading
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlmodel import delete

from pandium_tui.engine import recovery
from pandium_tui.engine.building import build, claim_queued_builds, fail_build
from pandium_tui.engine.cancellation import ask_to_stop, token_name
from pandium_tui.engine.chores import Chores
from pandium_tui.engine.clock import Clock, ClockWatch
from pandium_tui.engine.containers import explained
from pandium_tui.engine.disk import lack_of_space
from pandium_tui.engine.dispatch import bundle_triggers, claim_queued_runs
from pandium_tui.engine.processes import Result, own_identity, read_result
from pandium_tui.engine.recording import record_build, record_runs
from pandium_tui.engine.recovery import Engines, Fate, fate_of
from pandium_tui.engine.schedule import claim_due
from pandium_tui.engine.starting import clean_run_folder, refuse_run, start_run
from pandium_tui.storage import queries, schedule_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.engine_records import ActiveRun, OpenBuild
from pandium_tui.storage.errors import StoreError
from pandium_tui.storage.tables import EngineRow
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vocabulary import QUEUED, RUNNING

logger = logging.getLogger(__name__)

LOOK_INTERVAL = 0.2
"""Seconds between two looks at the wall clock and at whether the store changed."""

PREPARING_PATIENCE = 5.0
"""Seconds to wait, when the engine stops, for a build that is being fetched to notice."""

FULL_LOOK_INTERVAL = 5.0
"""Seconds after which an idle engine goes through everything, changed or not."""


class Engine:
    """An engine over a store.

    Args:
        store: the opened store.
        kind: which front door runs it.
        schedules: whether it fires schedules; a command that only waits for its own run does not.
        clock: the clocks it looks at; those of the machine without one.
    """

    def __init__(
        self,
        store: Store,
        kind: Literal["app", "serve", "cli", "demo"],
        *,
        schedules: bool = True,
        clock: Clock | None = None,
    ) -> None:
        self.id = uuid.uuid4().hex
        self.store = store
        self.kind = kind
        self.schedules = schedules
        self.trouble: str | None = None
        """What keeps the engine from working now, such as a locked store; None when all is well."""
        self._clock = clock or Clock()
        self._clock_watch = ClockWatch(store)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._supervisors: dict[Path, subprocess.Popen[bytes]] = {}
        self._exit_statuses: dict[Path, int] = {}
        """Of the supervisors that were seen to have ended in this round."""
        self._preparing: dict[int, threading.Thread] = {}
        self._broken_builds: dict[int, str] = {}
        self._chores = Chores(store, self._stopping.is_set)

    def start(self) -> None:
        """Begin working in a thread of its own."""
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop working. Runs and builds that go on are their supervisors' business and go on."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        for thread in list(self._preparing.values()):
            thread.join(PREPARING_PATIENCE)
        self._chores.wait(PREPARING_PATIENCE)
        for supervisor in self._supervisors.values():
            _let_go(supervisor)
        self._supervisors.clear()

    def __enter__(self) -> "Engine":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def look(self) -> None:
        """Record what has ended, and what was lost, without starting anything: for who only wants to see.

        Raises:
            StoreError: the store cannot be used now.
        """
        with self.store.reading() as reader:
            runs = queries.active_runs(reader)
            builds = queries.open_builds(reader)
            engines = Engines.look(queries.engine_processes(reader))
        self._look_at_runs(runs, engines)
        self._look_at_builds(builds, engines)

    def step(self, now: datetime | None = None) -> bool:
        """One round of everything; returns whether anything goes on or waits.

        Raises:
            StoreError: the store cannot be used now; nothing is lost, the next round does it.
        """
        look = self._clock.look()
        now = now or look.wall
        self._exit_statuses = {
            folder: one.returncode for folder, one in self._supervisors.items() if one.poll() is not None
        }
        self._supervisors = {folder: one for folder, one in self._supervisors.items() if one.returncode is None}
        if self.schedules:
            self._clock_watch.notice(look)
            claim_due(self.store, now)
        with self.store.reading() as reader:
            runs = queries.active_runs(reader)
            builds = queries.open_builds(reader)
            held = queries.has_held_triggers(reader, now) and not schedule_queries.engines_pause(reader)
            engines = Engines.look(queries.engine_processes(reader))
        self._look_at_runs(runs, engines)
        self._look_at_builds(builds, engines)
        for release_id, reason in list(self._broken_builds.items()):
            fail_build(self.store, release_id, reason)
            del self._broken_builds[release_id]
        if held:
            bundle_triggers(self.store, now)
        # What is queued waits for space; a run or build that finds none half-way would be lost.
        if lack_of_space(self.store.settings) is None:
            if held or any(run.phase == QUEUED for run in runs):
                self._start_runs()
            if any(one.status == "Queued" for one in builds):
                self._start_builds()
        return bool(runs or builds or held)

    def _work(self) -> None:
        changed = self.store.watch()
        registered = busy = False
        last_full_look = self._clock.look().wall
        next_run: datetime | None = None
        while not self._stopping.is_set():
            now = self._clock.look().wall
            idle_for = abs((now - last_full_look).total_seconds())
            try:
                if not registered:
                    recovery.forget_dead_engines(self.store)
                    self._register()
                    registered = True
                if changed() or busy or (next_run is not None and next_run <= now) or idle_for > FULL_LOOK_INTERVAL:
                    busy = self.step()
                    last_full_look = now
                    with self.store.reading() as reader:
                        next_run = queries.next_run(reader) if self.schedules else None
                if self.schedules:
                    self._chores.look(now)
                self.trouble = None
            except StoreError as error:
                self.trouble = str(error)
            except Exception as error:
                # One bad row must not stop every schedule: say so, and go on looking.
                trouble = f"The engine met an error of its own ({type(error).__name__}: {error}); see the log."
                if trouble != self.trouble:
                    logger.exception("the engine met an error of its own")
                self.trouble = trouble
            self._wait()
        self._unregister()

    def _wait(self) -> None:
        """Wait for the next look, shorter when a supervisor ends: then somebody else may start."""
        if self._stopping.is_set():
            return
        poller = select.poll()
        pidfds = []
        for supervisor in list(self._supervisors.values()):
            # One that ended in between is still there as a zombie until it is polled, so the pid is its own.
            if supervisor.returncode is None:
                pidfds.append(os.pidfd_open(supervisor.pid))
                poller.register(pidfds[-1], select.POLLIN)
        try:
            if pidfds:
                poller.poll(LOOK_INTERVAL * 1000)
            else:
                self._stopping.wait(LOOK_INTERVAL)
        finally:
            for pidfd in pidfds:
                os.close(pidfd)

    def _register(self) -> None:
        identity = own_identity()
        with self.store.writing() as session:
            session.add(
                EngineRow(
                    id=self.id,
                    pid=identity.pid,
                    start_ticks=identity.start_ticks,
                    boot_id=identity.boot_id,
                    kind=self.kind,
                    schedules=self.schedules,
                    started_date=utc_now(),
                )
            )

    def _unregister(self) -> None:
        try:
            with self.store.writing() as session:
                session.exec(delete(EngineRow).where(EngineRow.id == self.id))  # type: ignore[arg-type]
        except StoreError as error:
            # The row of a dead process is harmless and removed by the next engine.
            self.trouble = str(error)

    def _look_at_runs(self, runs: Iterable[ActiveRun], engines: Engines) -> None:
        ended: dict[int, Result] = {}
        for run in runs:
            if run.phase != RUNNING:
                continue
            folder = self.store.settings.run_folder(run.id)
            token = token_name(run.created_date, run.attempt)
            result = _result_of(folder, token)
            fate = Fate.GOES_ON
            if result is None:
                fate = fate_of(folder, token, starting=self._is_starting(folder, run.claimed_by, engines))
                # A supervisor leaves its result before it ends: one that has ended has left it by now, or never will.
                result = _result_of(folder, token) if fate is Fate.LOST else None
            if result is not None:
                ended[run.id] = explained(result, folder)
            elif fate is not Fate.GOES_ON:
                recovery.recover_run(self.store, run, fate, self._exit_statuses.get(folder))
            elif run.cancel_requested:
                ask_to_stop(folder, token)
        # Before they are recorded: nobody would come back to clean up after one that is.
        for run_id in ended:
            clean_run_folder(self.store, run_id)
        if ended:
            record_runs(self.store, ended)

    def _look_at_builds(self, builds: Iterable[OpenBuild], engines: Engines) -> None:
        for one in builds:
            if one.status != "Building":
                continue
            folder = self.store.settings.release_folder(one.id)
            token = token_name(one.created_date, one.attempt)
            result = _result_of(folder, token)
            fate = Fate.GOES_ON
            if result is None:
                starting = one.id in self._preparing or self._is_starting(folder, one.claimed_by, engines)
                fate = fate_of(folder, token, starting=starting)
                result = _result_of(folder, token) if fate is Fate.LOST else None
            if result is not None:
                record_build(self.store, one.id, result)
            elif fate is not Fate.GOES_ON:
                recovery.recover_build(self.store, one, fate)
            elif one.cancel_requested:
                ask_to_stop(folder, token)

    def _is_starting(self, folder: Path, claimed_by: str | None, engines: Engines) -> bool:
        """Whether somebody may still be about to start what was claimed."""
        if claimed_by == self.id:
            return folder in self._supervisors
        return claimed_by in engines.alive

    def _start_runs(self) -> None:
        for claimed in claim_queued_runs(self.store, self.id, self.store.settings.runs_at_once):
            assert claimed.run.id is not None
            try:
                supervisor = start_run(self.store, claimed)
            except Exception as error:
                logger.exception("run %s could not be started", claimed.run.id)
                refuse_run(self.store, claimed.run.id, f"it could not be started: {type(error).__name__}: {error}")
                continue
            if supervisor is not None:
                self._supervisors[self.store.settings.run_folder(claimed.run.id)] = supervisor

    def _start_builds(self) -> None:
        for release_id in claim_queued_builds(self.store, self.id):
            # Fetching waits for the network: never in the thread that keeps the schedules.
            thread = threading.Thread(
                target=self._prepare_build, args=(release_id,), name=f"build {release_id}", daemon=True
            )
            self._preparing[release_id] = thread
            thread.start()

    def _prepare_build(self, release_id: int) -> None:
        try:
            supervisor = build(self.store, release_id, self._stopping.is_set)
            if supervisor is not None:
                self._supervisors[self.store.settings.release_folder(release_id)] = supervisor
        except Exception as error:
            logger.exception("build %s could not be prepared", release_id)
            self._broken_builds[release_id] = f"it could not be prepared: {type(error).__name__}: {error}"
        finally:
            del self._preparing[release_id]


def _result_of(folder: Path, token: str) -> Result | None:
    """The result of this attempt; what a folder holds that was never claimed by it is somebody else's."""
    return read_result(folder) if (folder / token).exists() else None


def _let_go(supervisor: subprocess.Popen[bytes]) -> None:
    """Forget a supervisor that outlives this process: it is not ours to wait for."""
    if supervisor.poll() is None:
        supervisor.returncode = 0
