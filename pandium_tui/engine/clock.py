"""The clocks of the machine, and noticing when the wall clock was put forward or back, or time passed unseen.

``CLOCK_BOOTTIME`` goes on in suspend and is never set, ``CLOCK_MONOTONIC`` stands still in suspend: what the wall clock
moved more or less than the first is a step, what the second missed is a suspend. The last look is kept in the store,
so that a step is noticed across restarts too, and told once however many engines are open.
"""

import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, delete

from pandium_tui.engine.engine_activity import note_engine_activity
from pandium_tui.engine.memory import note_outage, recall, remember
from pandium_tui.engine.process_tree import boot_id
from pandium_tui.engine.schedule import plan_all_tenants
from pandium_tui.storage.database import Store
from pandium_tui.storage.times import to_text, utc_now
from pandium_tui.storage.unattended_tables import SkippedSlotsRow

LAST_LOOK = "last look"
STEP = 5.0
"""Seconds by which clocks may differ before it is called a step: time servers correct less by slewing."""
REMEMBER_EVERY = 60.0
"""Seconds between two writes of the last look."""
UNSEEN = 2 * REMEMBER_EVERY
"""Seconds after which it is said that no engine was working."""


@dataclass(frozen=True, slots=True)
class Look:
    """All clocks at one moment; ``boottime`` and ``monotonic`` in seconds, good within one boot."""

    wall: datetime
    boottime: float
    monotonic: float
    boot_id: str


class Clock:
    """The clocks of this machine; tests give the engine another one."""

    def look(self) -> Look:
        """Read them."""
        return Look(
            utc_now(), time.clock_gettime(time.CLOCK_BOOTTIME), time.clock_gettime(time.CLOCK_MONOTONIC), boot_id()
        )


@dataclass(frozen=True, slots=True)
class Passed:
    """What happened between two looks, in seconds; ``stepped`` is None when it cannot be told (another boot)."""

    stepped: float | None
    slept: float
    unseen: float


def passed(before: Look, after: Look) -> Passed:
    """Compare two looks. Of another boot only a wall clock that went back can be told."""
    wall = (after.wall - before.wall).total_seconds()
    if before.boot_id != after.boot_id:
        return Passed(wall if wall < 0 else None, 0.0, max(wall, 0.0))
    boottime = after.boottime - before.boottime
    return Passed(wall - boottime, boottime - (after.monotonic - before.monotonic), boottime)


class ClockWatch:
    """Remembers the last look and tells what happened since."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: Look | None = None
        self._remembered: Look | None = None

    def notice(self, look: Look) -> None:
        """Compare with the look before, record what is odd, and remember this one now and then.

        Raises:
            StoreError: the store cannot be used now; the next look notices it.
        """
        known, remembered = self._seen, self._remembered
        quiet = known is not None and not _is_odd(passed(known, look))
        fresh = remembered is not None and 0 <= look.boottime - remembered.boottime < REMEMBER_EVERY
        if not (quiet and fresh):
            with self._store.writing() as session:
                before = _look_of(recall(session, LAST_LOOK))
                if before is not None:
                    _record(session, before, look)
                remember(session, LAST_LOOK, {**asdict(look), "wall": to_text(look.wall)})
            self._remembered = look
        self._seen = look


def _is_odd(change: Passed) -> bool:
    return change.slept > STEP or change.unseen > UNSEEN or (change.stepped is not None and abs(change.stepped) > STEP)


def _record(session: Session, before: Look, look: Look) -> None:
    change = passed(before, look)
    times = f"from {before.wall:%Y-%m-%d %H:%M:%S} to {look.wall:%Y-%m-%d %H:%M:%S} UTC"
    if change.stepped is not None and change.stepped < -STEP:
        # Planned by a clock that was wrong: plan again. What fired has its trigger and does not fire again.
        session.exec(delete(SkippedSlotsRow).where(SkippedSlotsRow.first_slot > look.wall))  # type: ignore[arg-type]
        plan_all_tenants(session, look.wall)
        span = timedelta(seconds=round(-change.stepped))
        note_engine_activity(session, "clock went back", f"by {span}, {times}; no slot fires twice")
    elif change.stepped is not None and change.stepped > STEP:
        span = timedelta(seconds=round(change.stepped))
        note_engine_activity(session, "clock went forward", f"by {span}, {times}")
        note_outage(session, before.wall, look.wall, "the clock was put forward")
    if change.slept > STEP:
        span = timedelta(seconds=round(change.slept))
        note_engine_activity(session, "machine was asleep", f"for {span}, {times}")
        note_outage(session, before.wall, look.wall, "the machine was asleep")
    elif change.unseen > UNSEEN:
        note_engine_activity(session, "no engine was working", times)
        note_outage(session, before.wall, look.wall, "no engine was working")


def _look_of(value: Any) -> Look | None:
    return None if value is None else Look(**{**value, "wall": datetime.fromisoformat(value["wall"])})
