"""Upkeep of an installation: what is removed by age, and what takes up the disk."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.settings import Settings
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store, make_private_folder
from pandium_tui.storage.times import utc_now

if TYPE_CHECKING:
    from pandium_tui.engine.retention import Pruned
    from pandium_tui.storage.vacuum import Vacuumed


@dataclass(frozen=True, slots=True)
class Usage:
    """What the home folder takes up, in bytes.

    Attributes:
        store: the store with its write-ahead log.
        free: of the disk.
        floor: what must be free before a run or build is started.
        held: why nothing new is started now, None when there is space.
    """

    store: int
    runs: int
    releases: int
    repositories: int
    backups: int
    free: int
    floor: int
    held: str | None


def usage(store: Store) -> Usage:
    """Add up the sizes of the files; takes a while when there are many."""
    from pandium_tui.engine.disk import lack_of_space

    settings = store.settings
    files = [settings.store_file.with_name(settings.store_file.name + suffix) for suffix in ("", "-wal", "-shm")]
    return Usage(
        store=sum(file.stat().st_size for file in files if file.exists()),
        runs=_size(settings.home / "runs"),
        releases=_size(settings.home / "releases"),
        repositories=_size(settings.repositories_folder),
        backups=_size(settings.backups_folder),
        free=shutil.disk_usage(settings.home).free,
        floor=settings.disk_floor,
        held=lack_of_space(settings),
    )


def prune(store: Store, actor: Actor, *, dry_run: bool = False) -> "Pruned":
    """Remove what is older than the settings keep, as an engine does every hour; or only say what would go."""
    from pandium_tui.engine.retention import prune as prune_now

    pruned = prune_now(store, utc_now(), dry_run=dry_run)
    if not dry_run:
        with store.writing() as session:
            detail = f"{len(pruned.runs)} runs, the files of {len(pruned.releases)} releases"
            note_activity(session, actor, "prune", detail=detail)
    return pruned


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the store that was made and checked; ``size`` in bytes."""

    file: str
    size: int


def new_backup_file(store: Store) -> Path:
    """A file for a copy in the home folder, named by the moment; the folder is made when it is not there."""
    folder = store.settings.backups_folder
    make_private_folder(folder)
    return folder / f"store-{utc_now():%Y%m%dT%H%M%S%f}.db"


def back_up(store: Store, file: Path, actor: Actor) -> Backup:
    """Copy the store to a new file while it is in use. The vault's key is not part of it.

    Raises:
        StoreError: the file is there already, cannot be written, or the copy is damaged.
    """
    from pandium_tui.storage.copies import copy_store

    size = copy_store(store, file)
    with store.writing() as session:
        note_activity(session, actor, "back up store", detail=str(file))
    return Backup(str(file), size)


@dataclass(frozen=True, slots=True)
class Restoration:
    """A copy of the store that was put in its place.

    Attributes:
        revision: the schema the copy had; an older one was brought up to date.
        kept: the store that was there before, None when there was none.
        key_id: the vault key that opens its secrets, None when it holds none.
        vault: ``empty``, ``ok``, ``locked`` (that key is not here) or ``mismatch`` (another one is).
        vault_reason: what is wrong with the key and what to do, empty when nothing is.
    """

    file: str
    revision: str
    kept: str | None
    key_id: str | None
    vault: str
    vault_reason: str


def restore(settings: Settings, file: Path, actor: Actor) -> Restoration:
    """Put a copy of the store in its place; what was there is kept beside it. Only when nobody uses the store.

    Raises:
        StoreTooNewError: a newer version of the program wrote the copy.
        StoreError: the copy is damaged or none, or somebody uses the store; then nothing was changed.
    """
    from pandium_tui.storage.database import open_store
    from pandium_tui.storage.restoring import restore_store
    from pandium_tui.storage.vault import Vault

    done = restore_store(settings, file)
    store = open_store(settings)
    try:
        status = Vault(store).status()
        kept = None if done.kept is None else str(done.kept)
        with store.writing() as session:
            detail = f"from {file}" + (f"; the one before is {kept}" if kept else "")
            note_activity(session, actor, "restore store", detail=detail)
    finally:
        store.close()
    return Restoration(str(file), done.revision, kept, status.expected_key_id, status.state, status.reason)


def vacuum(store: Store, actor: Actor) -> "Vacuumed":
    """Write the store's file anew without what was deleted; says how large it was and is, in bytes.

    While an engine is at work it is given up after a few seconds, before the engine's patience ends.

    Raises:
        StoreError: there is no room, or others use the store and it takes too long; nothing was changed.
    """
    from pandium_tui.engine.recovery import Engines
    from pandium_tui.storage.vacuum import vacuum as vacuum_now

    with store.reading() as reader:
        processes = queries.engine_processes(reader)
    done = vacuum_now(store, shared=bool(Engines.look(processes).alive))
    with store.writing() as session:
        note_activity(session, actor, "vacuum store", detail=f"{done.before} to {done.after} bytes")
    return done


def _size(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(parent, name).lstat().st_blocks * 512
            except FileNotFoundError:
                continue
    return total
