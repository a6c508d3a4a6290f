"""Going through the checks: all at once, each in a thread of its own with a time limit."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pandium_tui.builds.container_engine import ContainerEngineError
from pandium_tui.hub.doctor import engine_checks, machine_checks, store_checks
from pandium_tui.hub.doctor.findings import Diagnosis, Finding, diagnosis_of
from pandium_tui.settings import Settings
from pandium_tui.storage.database import SCHEMA_REVISION, Store, schema_revision
from pandium_tui.storage.errors import StoreError, explained
from pandium_tui.storage.vault import VaultError

logger = logging.getLogger(__name__)

TIME_LIMIT = 30.0
"""Seconds a check may take."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at.

    Attributes:
        reads_store: it is only done on a store of the present schema; the check of the store says what is wrong else.
    """

    name: str
    look: Callable[[Store], Iterable[Finding]]
    reads_store: bool = False
    seconds: float = TIME_LIMIT


CHECKS = (
    Check("settings", machine_checks.settings),
    Check("store", store_checks.integrity, seconds=store_checks.INTEGRITY_LIMIT + TIME_LIMIT),
    Check("write-ahead log", store_checks.write_ahead_log),
    Check("vault key", store_checks.vault_key, reads_store=True),
    Check("disk", machine_checks.disk),
    Check("programs", machine_checks.programs),
    Check("toolchains", machine_checks.toolchains, reads_store=True, seconds=2 * TIME_LIMIT),
    Check("container engine", machine_checks.container_engine),
    Check("isolation", machine_checks.isolation),
    Check("clock", machine_checks.time_service),
    Check("clock", store_checks.clock, reads_store=True),
    Check("engines", engine_checks.engines, reads_store=True),
    Check("runs", engine_checks.runs, reads_store=True),
    Check("notifications", engine_checks.notifications, reads_store=True),
    Check("left over", engine_checks.leftovers, reads_store=True),
)


@dataclass
class _Look:
    check: Check
    findings: list[Finding] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


def examine(settings: Settings) -> Diagnosis:
    """Look at everything; takes seconds, and changes nothing, also not a store of an older version.

    A check that does not end in time is a finding, and is left to end by itself.
    """
    store = Store(settings)
    looks = [_Look(check) for check in CHECKS]
    begun = time.monotonic()
    for look in looks:
        threading.Thread(target=_do, args=(look, store), name=f"doctor: {look.check.name}", daemon=True).start()
    findings: list[Finding] = []
    for look in looks:
        if look.ended.wait(max(0.0, begun + look.check.seconds - time.monotonic())):
            findings += look.findings
        else:
            advice = "Look for what makes the disk, the network or the machine slow, and try again."
            findings.append(
                Finding(look.check.name, "problem", f"It gave no answer in {look.check.seconds:g} s.", advice)
            )
    if all(look.ended.is_set() for look in looks):
        store.close()
    return diagnosis_of(findings)


def _do(look: _Look, store: Store) -> None:
    check = look.check
    try:
        if not check.reads_store or _is_present(store):
            look.findings = list(check.look(store))
    except (StoreError, VaultError, ContainerEngineError, OSError) as error:
        look.findings = [Finding(check.name, "problem", f"It cannot be looked at: {error}")]
    except Exception as error:
        logger.exception("the doctor could not look at: %s", check.name)
        found = f"It cannot be looked at: {type(error).__name__}: {error}"
        look.findings = [Finding(check.name, "problem", found, "This is a fault of pandium-tui: please report it.")]
    finally:
        look.ended.set()


def _is_present(store: Store) -> bool:
    """Whether there is a store that can be read by the queries of this version."""
    try:
        with explained(store.file):
            return schema_revision(store.file) == SCHEMA_REVISION
    except StoreError:
        return False
