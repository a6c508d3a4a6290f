"""Cancelling runs and builds: what waits ends at once, what goes on is asked to stop, once."""

import os
import shutil
import signal
from datetime import datetime
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col

from pandium_tui.engine.processes import ProcessIdentity, claimed_by, send_signal
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import ReleaseRow, RunRow
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vocabulary import CANCELLED, QUEUED, RUNNING


def token_name(created: datetime, attempt: int) -> str:
    """The file by which a supervisor claims a folder, one for each attempt to start a run or build.

    The moment the run or build was asked for is part of it: ids start again when a store is lost or put back, and what
    an earlier run with the same id left in the folder must not be taken for this one's.
    """
    return f"supervisor-{created:%Y%m%dT%H%M%S%f}-{attempt}"


def clear_folder(folder: Path, created: datetime) -> None:
    """Make the folder of a run or build, empty but for the claims of its earlier attempts, which must stay."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.name.startswith(token_name(created, 0)[:-1]):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def cancel_run(store: Store, run_id: int, by: str) -> None:
    """End a queued run; ask a running one's supervisor to stop it and all it started."""
    with store.writing() as session:
        connection = session.connection()
        connection.execute(
            update(RunRow)
            .where(col(RunRow.id) == run_id, col(RunRow.phase) == QUEUED)
            .values(phase=CANCELLED, completed_date=utc_now(), cancel_requested_by=by, reason=f"cancelled by {by}")
        )
        connection.execute(
            update(RunRow).where(col(RunRow.id) == run_id, col(RunRow.phase) == RUNNING).values(cancel_requested_by=by)
        )
        run = session.get_one(RunRow, run_id, populate_existing=True)
        phase, token = run.phase, token_name(run.created_date, run.attempt)
    if phase == RUNNING:
        ask_to_stop(store.settings.run_folder(run_id), token)


def cancel_build(store: Store, release_id: int, by: str) -> None:
    """End a queued build; ask the supervisor of one that goes on to stop it and all it started."""
    with store.writing() as session:
        release = session.get_one(ReleaseRow, release_id)
        status, token = release.status, token_name(release.created_date, release.attempt)
        if status in ("Queued", "Building"):
            release.cancel_requested_by = by
        if status == "Queued":
            release.status = "Failed"
            release.reason = f"cancelled by {by}"
            release.completed_date = release.modified_date = utc_now()
    if status == "Building":
        ask_to_stop(store.settings.release_folder(release_id), token)


def ask_to_stop(folder: Path, token: str) -> None:
    """Send SIGTERM to the supervisor of a folder, if it has started and nobody did before.

    Whoever makes the marker file sends the signal: a second one would cut short the time the work has to stop.
    Where no supervisor has started yet, the engine calls this again.
    """
    supervisor = claimed_by(folder, token)
    if not isinstance(supervisor, ProcessIdentity):
        return
    try:
        os.close(os.open(folder / f"{token}-cancel", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    send_signal(supervisor, signal.SIGTERM)
