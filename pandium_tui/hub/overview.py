"""The numbers of the status line."""

from dataclasses import dataclass
from datetime import datetime

from pandium_tui.engine.disk import lack_of_space
from pandium_tui.engine.processes import ProcessIdentity, is_alive
from pandium_tui.storage import queries, schedule_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.times import utc_now


@dataclass(frozen=True, slots=True)
class Overview:
    """What the whole installation is doing.

    Attributes:
        schedulers: processes alive now that fire schedules; with none, no schedule fires.
        building: releases queued or building.
        queued: runs and held triggers that wait.
        next_run: the earliest planned slot of any tenant, UTC.
        paused_by: who paused the engines; None when they work.
        held: why no run or build is started now, None when nothing holds them.
    """

    schedulers: int
    running: int
    queued: int
    building: int
    failures_24h: int
    next_run: datetime | None
    paused_by: str | None = None
    held: str | None = None


def overview(store: Store) -> Overview:
    """Count what is going on."""
    with store.reading() as reader:
        counts = queries.counts(reader, utc_now())
        processes = queries.engine_processes(reader)
        pause = schedule_queries.engines_pause(reader)
    alive = sum(
        process.schedules and is_alive(ProcessIdentity(process.pid, process.start_ticks, process.boot_id))
        for process in processes
    )
    return Overview(
        schedulers=alive,
        running=counts.running,
        queued=counts.queued,
        building=counts.building,
        failures_24h=counts.failures_24h,
        next_run=counts.next_run,
        paused_by=pause.by if pause else None,
        held=lack_of_space(store.settings),
    )
