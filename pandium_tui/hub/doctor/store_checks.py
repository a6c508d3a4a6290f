"""What the doctor looks at in the store: whether it is whole, its key, and the times it holds."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from pandium_tui.hub.doctor.findings import TIME_SERVICE, Finding
from pandium_tui.storage import doctor_queries as queries
from pandium_tui.storage.database import SCHEMA_REVISION, Store, schema_revision
from pandium_tui.storage.errors import StoreDamagedError, StoreError, explained
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import Vault

INTEGRITY_LIMIT = 120.0
"""Seconds that going through the whole store may take."""

MEBIBYTE = 1024 * 1024
LARGEST_LOG = 64 * MEBIBYTE
"""Bytes of the write-ahead log from which on it is told; it is cut to this size when it can be."""

CLOCK_TOLERANCE = timedelta(seconds=5)
RESTORE = "Keep a copy of it, stop every pandium-tui, and put the last good copy back: pandium-tui store restore FILE."


def integrity(store: Store) -> Iterator[Finding]:
    """Whether there is a store, of a schema this version knows, whole, and closed to others."""
    file = store.file
    if not file.exists():
        yield Finding("store", "ok", f"There is no store in {store.settings.home} yet; what is first done makes it.")
        return
    yield from _closed_to_others(store)
    try:
        with explained(file):
            revision = schema_revision(file)
        with store.reading() as reader:
            problems = queries.integrity_problems(reader, INTEGRITY_LIMIT)
    except TimeoutError:
        found = f"Going through the whole of {file} takes longer than {INTEGRITY_LIMIT:g} s; it was not finished."
        yield Finding("store", "warning", found, "Check a copy of it: pandium-tui store backup FILE does.")
        return
    except StoreError as error:
        # Of all others the message says what to do, and it is not another store.
        yield Finding("store", "problem", str(error), RESTORE if isinstance(error, StoreDamagedError) else "")
        return
    if problems:
        yield Finding("store", "problem", f"{file} is damaged: {'; '.join(problems)}.", RESTORE)
    elif revision != SCHEMA_REVISION:
        yield _of_another_schema(file, revision)
    else:
        size = file.stat().st_size / MEBIBYTE
        yield Finding("store", "ok", f"{file} is whole ({size:.1f} MiB, schema {revision}).")


def _closed_to_others(store: Store) -> Iterator[Finding]:
    for path in (store.settings.home, store.file):
        mode = path.stat().st_mode & 0o777
        if mode & 0o077:
            wanted = "700" if path.is_dir() else "600"
            yield Finding("store", "warning", f"{path} is open to others (mode {mode:04o}).", f"chmod {wanted} {path}")


def _of_another_schema(file: Path, revision: str | None) -> Finding:
    from pandium_tui.storage.migrations import known_revisions

    if revision is None or revision in known_revisions():
        found = f"{file} has the schema {revision or 'of no version'}, and this version {SCHEMA_REVISION}."
        advice = "The next command brings it up to date, after a copy in backups/. Then look again."
        return Finding("store", "warning", found, advice)
    found = f"{file} was written by a newer pandium-tui (schema {revision}, this version knows {SCHEMA_REVISION})."
    return Finding("store", "problem", found, "Install the newer version.")


def write_ahead_log(store: Store) -> Iterator[Finding]:
    """Whether the log of what is not yet in the store's file stays small."""
    log = store.file.with_name(f"{store.file.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    words = f"The write-ahead log of the store has {size / MEBIBYTE:.1f} MiB"
    if size <= LARGEST_LOG:
        yield Finding("write-ahead log", "ok", f"{words}.")
        return
    advice = "Close whatever else has the store open, such as a database browser; then it shrinks by itself."
    yield Finding("write-ahead log", "warning", f"{words}: somebody reads from the store without an end.", advice)


def vault_key(store: Store) -> Iterator[Finding]:
    """Whether the key is there, is the right one, and was backed up."""
    status = Vault(store).status()
    if status.state in ("locked", "mismatch"):
        yield Finding("vault key", "problem", status.reason, "Runs that need a secret are refused until then.")
        return
    if status.state == "empty":
        if status.reason:
            yield Finding("vault key", "warning", status.reason, "Until then no secret can be sealed.")
        else:
            yield Finding("vault key", "ok", "No secret was sealed yet, so no key is needed.")
        return
    yield Finding("vault key", "ok", f"It opens the secrets ({status.values}) and comes from the {status.source}.")
    if status.broken:
        names = ", ".join(sorted({one.field for one in status.broken}))
        yield Finding(
            "vault key", "problem", f"{len(status.broken)} sealed values do not open: {names}.", status.reason
        )
    if status.backup_date is None:
        found = "The key was never backed up: without it the secrets are lost."
        yield Finding("vault key", "warning", found, "pandium-tui vault backup FILE, and keep the file elsewhere.")


def clock(store: Store) -> Iterator[Finding]:
    """Whether the clock agrees with the times in the store."""
    now = utc_now()
    with store.reading() as reader:
        newest = queries.newest_moment(reader)
        misordered = queries.misordered_runs(reader)
        steps = queries.clock_steps(reader)
    if newest is not None and newest > now + CLOCK_TOLERANCE:
        found = (
            f"The clock says {now:%Y-%m-%d %H:%M:%S} UTC, and the store holds {newest:%Y-%m-%d %H:%M:%S} UTC: it is "
            "behind, or was ahead. Schedules fire by this clock."
        )
        yield Finding("clock", "problem", found, f"Set the clock. {TIME_SERVICE}")
        return
    odd = [f"run {run_id} has times in the wrong order" for run_id in misordered[-3:]]
    odd += [f"{action} {detail}" for _, action, detail in steps[:3]]
    if odd:
        yield Finding("clock", "warning", f"The clock was set while engines worked: {'; '.join(odd)}.", TIME_SERVICE)
        return
    yield Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC, after everything the store holds.")
