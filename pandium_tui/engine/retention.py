"""What is kept, and for how long: old runs go with all that hangs on them, releases nobody can use lose their files.

Rows go before folders: what is interrupted in between leaves a folder without a row, which the next round removes.
Everything goes in small batches, so that no other writer waits long.
"""

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete
from sqlmodel import Session, col, select

from pandium_tui.builds.container_engine import ContainerEngineError
from pandium_tui.engine.containers import remove_image
from pandium_tui.engine.memory import recall, remember
from pandium_tui.engine.notifications import forget_old_events
from pandium_tui.settings import Settings
from pandium_tui.storage import retention_queries as queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.schedule_queries import remembered
from pandium_tui.storage.tables import IS_ACTIVE, IntegrationRow, ReleaseRow, RunRow, TenantRow, TriggerRow
from pandium_tui.storage.times import to_text, utc_now
from pandium_tui.storage.unattended_tables import SkippedSlotsRow

logger = logging.getLogger(__name__)

INTERVAL = timedelta(hours=1)
"""Between two rounds of all engines together."""

BATCH = 200
"""Rows that go in one transaction."""

RELEASES_AT_ONCE = 20
"""The same for releases, of each of which is asked who uses it."""

REST = 0.05
"""Seconds between two transactions: one after the other would leave other writers no moment to begin."""

ORPHAN_AGE = timedelta(days=1)
"""A folder without a row that is younger may belong to something that was only just begun."""

_DATE = "pruned_date"


@dataclass(frozen=True, slots=True)
class Pruned:
    """What went, or would go.

    Attributes:
        runs: ids of runs, with their triggers, logs and payloads.
        releases: ids of releases that lost their files.
        triggers: how many triggers that never became a run.
        skipped_slots: how many notes about slots that did not run.
        folders: left over by what was interrupted, relative to the home folder.
    """

    runs: tuple[int, ...]
    releases: tuple[int, ...]
    triggers: int
    skipped_slots: int
    folders: tuple[str, ...]


def claim_round(store: Store, now: datetime) -> bool:
    """Whether it is this engine's turn to prune: once in ``INTERVAL`` for all engines together."""
    with store.reading() as reader:
        if not _is_due(remembered(reader, _DATE), now):
            return False
    with store.writing() as session:
        if not _is_due(recall(session, _DATE), now):
            return False
        remember(session, _DATE, to_text(now))
    return True


def prune(
    store: Store, now: datetime, *, dry_run: bool = False, interrupted: Callable[[], bool] | None = None
) -> Pruned:
    """Remove what is older than the settings keep; with ``dry_run`` only say what would go.

    Raises:
        StoreError: the store cannot be used; what went until then is gone, nothing is half gone.
    """
    settings = store.settings
    cutoff = now - timedelta(days=settings.keep_run_days)
    with store.reading() as reader:
        runs = _without_referenced(queries.old_runs(reader, cutoff, settings.keep_runs), queries.references(reader))
        triggers = queries.old_triggers(reader, cutoff)
        slots = queries.old_skipped_slots(reader, cutoff)
        releases = queries.unused_releases(reader, cutoff)
    if dry_run:
        return Pruned(
            tuple(runs), tuple(releases), len(triggers), len(slots), _names(settings, orphan_folders(store, now))
        )
    gone: list[int] = []
    for batch in _batches(runs, interrupted):
        with store.writing() as session:
            gone += (deleted := _delete_runs(session, batch))
        for run_id in deleted:
            shutil.rmtree(settings.run_folder(run_id), ignore_errors=True)
    for batch in _batches(triggers, interrupted):
        with store.writing() as session:
            session.connection().execute(delete(TriggerRow).where(col(TriggerRow.id).in_(batch)))
    for batch in _batches(slots, interrupted):
        with store.writing() as session:
            session.connection().execute(delete(SkippedSlotsRow).where(col(SkippedSlotsRow.id).in_(batch)))
    with store.writing() as session:
        forget_old_events(session, cutoff)
    retired: list[int] = []
    for batch in _batches(releases, interrupted, RELEASES_AT_ONCE):
        retired += _retire(store, batch)
    orphans = [] if interrupted and interrupted() else orphan_folders(store, now)
    for folder in orphans:
        shutil.rmtree(folder, ignore_errors=True)
    return Pruned(tuple(gone), tuple(retired), len(triggers), len(slots), _names(settings, orphans))


def _is_due(value: str | None, now: datetime) -> bool:
    if value is None:
        return True
    date = datetime.fromisoformat(value)
    # A date in the future is one of a clock that was put back since.
    return not date <= now < date + INTERVAL


def _without_referenced(runs: list[int], references: list[tuple[int, int]]) -> list[int]:
    """The runs without those that a run which stays was made from."""
    going = set(runs)
    while kept := {earlier for later, earlier in references if earlier in going and later not in going}:
        going -= kept
    return sorted(going)


def _delete_runs(session: Session, batch: list[int]) -> list[int]:
    """Delete runs, but for those that somebody has begun to need since they were chosen."""
    needed = set(
        session.exec(
            select(TriggerRow.rerun_of).where(col(TriggerRow.run_id).is_(None), col(TriggerRow.rerun_of).in_(batch))
        )
    )
    needed |= set(session.exec(select(RunRow.rerun_of).where(IS_ACTIVE, col(RunRow.rerun_of).in_(batch))))
    for column in (TenantRow.last_run_id, TenantRow.last_successful_run_id, TenantRow.dynamic_configs_run_id):
        needed |= set(session.exec(select(column).where(col(column).in_(batch))))
    going = [run_id for run_id in batch if run_id not in needed]
    connection = session.connection()
    connection.execute(delete(TriggerRow).where(col(TriggerRow.run_id).in_(going)))
    connection.execute(delete(RunRow).where(col(RunRow.id).in_(going)))
    return going


def _retire(store: Store, batch: list[int]) -> list[int]:
    """Note that releases have no files any more, then remove them; not of those that came into use meanwhile."""
    with store.writing() as session:
        going = [session.get_one(ReleaseRow, one) for one in batch if not _is_in_use(session, one)]
        for release in going:
            release.retired_date = utc_now()
    retired = []
    for release in going:
        assert release.id is not None
        try:
            remove_image(store.settings, release.executor, release.image)
        except ContainerEngineError as error:
            logger.warning("the image of release %s is left: %s", release.id, error)
        shutil.rmtree(store.settings.release_folder(release.id), ignore_errors=True)
        retired.append(release.id)
    return retired


def _is_in_use(session: Session, release_id: int) -> bool:
    active = select(RunRow.id).where(IS_ACTIVE)
    asked_for = select(TriggerRow.id).where(TriggerRow.given_release_id == release_id)
    uses = (
        select(TenantRow.id).where(TenantRow.integration_release_id == release_id),
        select(IntegrationRow.id).where(IntegrationRow.default_release_id == release_id),
        active.where(RunRow.release_id == release_id),
        asked_for.where(col(TriggerRow.run_id).in_(active)),
        asked_for.where(col(TriggerRow.run_id).is_(None), col(TriggerRow.ended_date).is_(None)),
    )
    return any(session.exec(use.limit(1)).first() is not None for use in uses)


def orphan_folders(store: Store, now: datetime) -> list[Path]:
    """Folders of runs and releases that are not in the store, or of which it says that they have no files.

    A folder that is younger than ``ORPHAN_AGE`` is not told.
    """
    found = [*_numbered(store.settings.home / "runs"), *_numbered(store.settings.home / "releases")]
    # Read after the listing: a row is always there before its folder.
    with store.reading() as reader:
        known = {"runs": queries.run_ids(reader), "releases": queries.release_ids_with_files(reader)}
    return [one for one in found if int(one.name) not in known[one.parent.name] and _age(one, now) > ORPHAN_AGE]


def _numbered(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (Path(entry.path) for entry in os.scandir(folder) if entry.name.isdecimal())


def _age(folder: Path, now: datetime) -> timedelta:
    try:
        return timedelta(seconds=now.timestamp() - folder.lstat().st_mtime)
    except FileNotFoundError:
        return timedelta()


def _names(settings: Settings, folders: list[Path]) -> tuple[str, ...]:
    return tuple(str(folder.relative_to(settings.home)) for folder in folders)


def _batches(ids: list[int], interrupted: Callable[[], bool] | None, size: int = BATCH) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        if start:
            time.sleep(REST)
        if interrupted and interrupted():
            return
        yield ids[start : start + size]
