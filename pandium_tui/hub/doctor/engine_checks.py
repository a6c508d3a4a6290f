"""What the doctor looks at of the engines: who works, what nobody works on, and what was left over."""

from collections.abc import Iterator

from pandium_tui.engine.containers import orphans
from pandium_tui.engine.leftovers import leftover_processes, lost_runs
from pandium_tui.engine.recovery import Engines
from pandium_tui.engine.retention import orphan_folders
from pandium_tui.hub.doctor.findings import Finding
from pandium_tui.storage import doctor_queries, notification_queries, queries, schedule_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.times import utc_now

SHOWN = 5
"""How many of the same kind are named."""


def engines(store: Store) -> Iterator[Finding]:
    """Which engines live, whether any fires schedules, and whether they are paused."""
    with store.reading() as reader:
        processes = queries.engine_processes(reader)
        planned = doctor_queries.has_plans(reader)
        pause = schedule_queries.engines_pause(reader)
    alive = Engines.look(processes).alive
    living = [one for one in processes if one.id in alive]
    names = ", ".join(f"{one.kind} (process {one.pid}, since {one.started_date:%Y-%m-%d %H:%M} UTC)" for one in living)
    if any(one.schedules for one in living):
        yield Finding("engines", "ok", f"At work: {names}.")
    elif planned:
        found = "No engine is at work: schedules do not fire."
        yield Finding("engines", "warning", found, "Open the app, or run: pandium-tui serve")
    else:
        yield Finding("engines", "ok", "No engine is at work, and no schedule is planned.")
    if pause is not None:
        found = f"The engines are paused since {pause.since:%Y-%m-%d %H:%M} UTC by {pause.by}: nothing is started."
        yield Finding("engines", "warning", found, "pandium-tui engine resume")
    if dead := len(processes) - len(living):
        yield Finding("engines", "ok", f"Engines that were killed: {dead}; the next one forgets them.")


def runs(store: Store) -> Iterator[Finding]:
    """Whether somebody works on every run that is said to be running."""
    lost = lost_runs(store)
    if not lost:
        yield Finding("runs", "ok", "Somebody works on every run that is running.")
        return
    found = f"Nobody works any more on {_named('run', lost)}."
    yield Finding("runs", "warning", found, "An engine records how they ended: open the app, or run pandium-tui serve.")


def notifications(store: Store) -> Iterator[Finding]:
    """Whether those who are told of failures can be reached, as far as the last message tells."""
    with store.reading() as reader:
        told = notification_queries.notifications(reader)
    for one in told:
        if one.problem:
            found = f"Notification {one.id} of {one.integration_name} did not arrive: {one.problem}."
            yield Finding("notifications", "warning", found, f"pandium-tui notification test {one.id}")
    if told and not any(one.problem for one in told):
        yield Finding("notifications", "ok", f"Notifications: {len(told)}; nothing is known to keep them.")


def leftovers(store: Store) -> Iterator[Finding]:
    """Processes, folders and containers of runs and builds that are over."""
    clean = True
    for pid, place in leftover_processes(store):
        clean = False
        found = f"The process {pid} belongs to {place}, which is over."
        yield Finding("left over", "problem", found, f"Look at what it does, then end it: kill {pid}")
    if folders := orphan_folders(store, utc_now()):
        clean = False
        names = [str(one.relative_to(store.settings.home)) for one in folders]
        found = f"Folders that are in no store any more: {_listed(names)}."
        yield Finding(
            "left over", "warning", found, "An engine removes them within the hour; now: pandium-tui store prune"
        )
    if containers := orphans(store):
        clean = False
        found = f"Containers that no run has: {_listed(containers)}."
        yield Finding("left over", "warning", found, "The next engine that starts removes them.")
    if clean:
        yield Finding("left over", "ok", "No process, folder or container is left over.")


def _named(noun: str, ids: list[int]) -> str:
    return f"{noun}{'s' if len(ids) > 1 else ''} {_listed(list(map(str, ids)))}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
