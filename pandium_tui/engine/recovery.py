"""Telling a run or build that goes on from one that nobody will ever finish.

Its folder decides. A supervisor claims the folder before it starts anything, by making a file exclusively; recovery
claims it by the same file. So a folder is either a supervisor's, or abandoned: what was abandoned is never started
by a supervisor that was only slow, and can be queued again without starting anything twice.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from pathlib import Path

from sqlmodel import Session, delete

from pandium_tui.engine.containers import end_container
from pandium_tui.engine.engine_activity import note_engine_activity
from pandium_tui.engine.processes import (
    Abandoned,
    ProcessIdentity,
    abandon,
    claimed_by,
    end_leftovers,
    is_alive,
    supervisor_error,
)
from pandium_tui.engine.recording import Ending, end_build, end_run
from pandium_tui.engine.starting import clean_run_folder
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.engine_records import ActiveRun, OpenBuild
from pandium_tui.storage.records import EngineProcess
from pandium_tui.storage.tables import EngineRow, ReleaseRow, RunRow
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vocabulary import FAILED_PLATFORM, QUEUED, RUNNING

MAXIMUM_ATTEMPTS = 3
"""How often a start is tried again before the run or build is given up."""

FIRST_WAIT = 1.0
"""Seconds before a run is started again whose supervisor failed to begin; four times as long after each attempt."""

LOST = "its supervisor ended without leaving a result (killed, out of memory, or the machine stopped)"


class Fate(Enum):
    """What has become of a run or build that has no result."""

    GOES_ON = auto()
    NEVER_STARTED = auto()
    LOST = auto()


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines that are alive, by id."""

    alive: frozenset[str]

    @classmethod
    def look(cls, processes: list[EngineProcess]) -> "Engines":
        """See which of the noted processes are alive now."""
        return cls(frozenset(process.id for process in processes if _engine_lives(process)))


def _engine_lives(process: EngineProcess) -> bool:
    return is_alive(ProcessIdentity(process.pid, process.start_ticks, process.boot_id))


def fate_of(folder: Path, token: str, *, starting: bool) -> Fate:
    """Decide, and abandon the folder when nothing was started in it. The caller looked for a result before.

    Args:
        folder: of the run or build.
        token: of the attempt to start it that is meant.
        starting: whether whoever claimed it may still be about to start it.
    """
    owner = claimed_by(folder, token)
    if owner is None:
        if starting:
            return Fate.GOES_ON
        return Fate.NEVER_STARTED if abandon(folder, token) else Fate.GOES_ON
    if isinstance(owner, Abandoned):
        return Fate.NEVER_STARTED
    return Fate.GOES_ON if is_alive(owner) else Fate.LOST


def recover_run(store: Store, run: ActiveRun, fate: Fate, status: int | None = None) -> None:
    """Queue a run again that was never started; end one that was lost, with all it left running.

    Args:
        store: the opened store.
        run: as it was seen.
        fate: what has become of it.
        status: the exit status of its supervisor when it was this process's child: a start that failed is tried
            again after a while, since what made it fail needs time to pass.
    """
    folder = store.settings.run_folder(run.id)
    if fate is Fate.LOST:
        container = end_container(store.settings, folder)
        ended = end_leftovers(folder / "tmp")
        cause = _cause(folder, status)
        left = f"; {ended} processes it had left were ended" if ended else ""
        left += f"; {container}" if container else ""
        clean_run_folder(store, run.id)
        with store.writing() as session:
            row = session.get_one(RunRow, run.id)
            if row.phase == RUNNING:
                _note_recovery(session, row, f"{LOST}{left}{cause}")
            end_run(session, run.id, Ending(FAILED_PLATFORM, f"{LOST}{left}{cause}. Its log shows how far it came."))
        return
    with store.writing() as session:
        row = session.get_one(RunRow, run.id)
        if row.phase != RUNNING or row.attempt != run.attempt:
            return
        if row.attempt >= MAXIMUM_ATTEMPTS:
            reason = f"it could not be started in {row.attempt} attempts{_cause(folder, status)}"
            end_run(session, run.id, Ending(FAILED_PLATFORM, reason))
        else:
            row.phase, row.claimed_by, row.started_date = QUEUED, None, None
            if status is not None:
                row.not_before = utc_now() + timedelta(seconds=FIRST_WAIT * 4 ** (row.attempt - 1))
            _note_recovery(session, row, "it was never started: queued again")


def _note_recovery(session: Session, row: RunRow, detail: str) -> None:
    note_engine_activity(
        session, "recover run", detail, integration_id=row.integration_id, tenant_id=row.tenant_id, run_id=row.id
    )


def _cause(folder: Path, status: int | None) -> str:
    """What is known of why a supervisor ended, as the end of a sentence."""
    said = supervisor_error(folder)
    if status is not None:
        words = f"its supervisor ended with exit status {status}" if status >= 0 else f"by signal {-status}"
        said = f"{words}: {said}" if said else words
    return f" ({said})" if said else ""


def recover_build(store: Store, build: OpenBuild, fate: Fate) -> None:
    """Queue a build again that was never started; end one that was lost, with all it left running."""
    folder = store.settings.release_folder(build.id)
    if fate is Fate.LOST:
        end_leftovers(folder / "tmp")
    with store.writing() as session:
        row = session.get_one(ReleaseRow, build.id)
        if row.status != "Building" or row.attempt != build.attempt:
            return
        if fate is Fate.LOST:
            end_build(session, row, ready=False, reason=f"{LOST}. Build it again.")
        elif row.cancel_requested_by is not None:
            end_build(session, row, ready=False, reason=f"cancelled by {row.cancel_requested_by}")
        elif row.attempt >= MAXIMUM_ATTEMPTS:
            end_build(session, row, ready=False, reason=f"it could not be started in {row.attempt} attempts")
        else:
            row.status, row.claimed_by, row.started_date = "Queued", None, None


def forget_dead_engines(store: Store) -> None:
    """Remove the rows of engines whose process is gone."""
    with store.reading() as reader:
        dead = [process.id for process in queries.engine_processes(reader) if not _engine_lives(process)]
    if dead:
        with store.writing() as session:
            session.exec(delete(EngineRow).where(EngineRow.id.in_(dead)))  # type: ignore[attr-defined]
