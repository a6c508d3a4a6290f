"""What the page of pictures shows of each: the picture with a sentence, or the same numbers as text."""

from collections.abc import Sequence
from datetime import timedelta

from rich.cells import cell_len, set_cell_size

from pandium_tui.hub.history import (
    DAYS,
    HOURS,
    RECENT,
    RECENT_IN_A_CELL,
    FailuresOfHour,
    FiresOfMinute,
    PastRun,
    RunsOfHour,
    TenantRuns,
    recent_of_integrations,
    recent_runs,
)
from pandium_tui.storage.database import Store
from pandium_tui.text import shortened, visible
from pandium_tui.widgets.pictures import Marks, axis, bars, buckets, heat, sparkline
from pandium_tui.widgets.when import NOTHING, When, phase_words, span

DAY_MINUTES = 24 * 60
CROWDED_SHOWN = 5
NO_RUN = f"No run in the last {HOURS} hours. Runs are counted here as they begin."
NONE_COMING = "No schedule fires in the next 24 hours. Those of paused tenants do not."


def runs_picture(runs: Sequence[PastRun], width: int, when: When, marks: Marks) -> list[str]:
    """How long the newest runs took, and below each column how it ended."""
    shown = runs[-width:]
    if not shown:
        return ["No run has ended yet."]
    ends = {True: marks.failed, False: marks.other}
    outcomes = "".join(
        marks.succeeded if one.phase == "Succeeded" else ends[one.phase.startswith("Failed")] for one in shown
    )
    dates = [one.started_date for one in shown if one.started_date is not None]
    edges = f"{when.moment(dates[0])} … {when.moment(dates[-1])}" if dates else ""
    seconds = [one.seconds for one in shown if one.seconds is not None]
    failed = sum(one.phase.startswith("Failed") for one in shown)
    words = f"{len(shown)} runs, {failed} failed ({marks.failed})"
    if seconds:
        words += f"; took {span(sorted(seconds)[len(seconds) // 2])} in the middle, {span(max(seconds))} at most"
    return [*bars([one.seconds or 0.0 for one in shown], 5, marks), outcomes, edges, words]


def runs_text(runs: Sequence[PastRun], when: When) -> list[str]:
    """A line for each, newest first."""
    return [
        f"{when.moment(one.started_date):<20} {phase_words(one.phase):<28}"
        f" {NOTHING if one.seconds is None else span(one.seconds):<10} run {one.run_id}"
        for one in reversed(runs)
    ] or ["No run has ended yet."]


def recent_picture(tenants: Sequence[TenantRuns], width: int, when: When, marks: Marks) -> list[str]:
    """A line for each tenant: its newest runs, oldest left, higher the longer they took."""
    if not tenants:
        return ["No tenants yet."]
    name_width = min(max(cell_len(visible(one.tenant_name)) for one in tenants), max(width - RECENT - 30, 12))
    lines = []
    for one in tenants:
        spark = spark_of(one.runs, marks)
        name = set_cell_size(shortened(visible(one.tenant_name), name_width), name_width)
        lines.append(f"{name}  {spark:<{RECENT}}  {recent_words(one.runs, when)}".rstrip())
    return lines


def spark_of(runs: Sequence[PastRun], marks: Marks) -> str:
    """Runs in a character each: higher the longer they took, failures as a mark."""
    failed = [run.phase.startswith("Failed") for run in runs]
    return sparkline([run.seconds or 0.0 for run in runs], failed, marks)


def newest_runs_of_tenants(store: Store, integration_id: int, marks: Marks) -> dict[int, str]:
    """A cell's picture for each tenant of an integration."""
    found = recent_runs(store, integration_id, RECENT_IN_A_CELL)
    return {one.tenant_id: spark_of(one.runs, marks) for one in found}


def newest_runs_of_integrations(store: Store, marks: Marks) -> dict[int, str]:
    """A cell's picture for each integration."""
    return {key: spark_of(runs, marks) for key, runs in recent_of_integrations(store).items()}


def recent_text(tenants: Sequence[TenantRuns], when: When) -> list[str]:
    """The same in words."""
    return [f"{visible(one.tenant_name)}: {recent_words(one.runs, when)}" for one in tenants] or ["No tenants yet."]


def recent_words(runs: Sequence[PastRun], when: When) -> str:
    """How many of a tenant's newest runs failed, and when the newest one began."""
    if not runs:
        return "no run has ended yet"
    failed = sum(one.phase.startswith("Failed") for one in runs)
    return f"{failed} of {len(runs)} failed, last {when.relative(runs[-1].started_date)}"


def hours_picture(hours: Sequence[RunsOfHour], width: int, when: When, marks: Marks) -> list[str]:
    """A column for each hour, a mark below those with failures, and the times of day."""
    shown = hours[-width:]
    failures = "".join(marks.failed if one.failed else " " for one in shown)
    local = [one.hour.astimezone(when.zone) for one in shown]
    labels = [(place, f"{hour:%H:%M}") for place, hour in enumerate(local) if hour.hour % 6 == 0]
    runs, failed = sum(one.runs for one in shown), sum(one.failed for one in shown)
    if not runs:
        return [NO_RUN]
    busiest = max(shown, key=lambda one: one.runs)
    most = f"most at {busiest.hour.astimezone(when.zone):%a %H:%M}: {busiest.runs:,}"
    words = f"{runs:,} runs in {len(shown)} h, {failed:,} failed ({marks.failed}); {most}"
    return [*bars([one.runs for one in shown], 5, marks), failures, axis(labels, width), words]


def hours_text(hours: Sequence[RunsOfHour], when: When) -> list[str]:
    """A line for each hour that had runs, newest first."""
    return [
        f"{when.moment(one.hour)}  {one.runs} runs, {one.succeeded} succeeded, {one.failed} failed"
        for one in reversed(hours)
        if one.runs
    ] or [NO_RUN]


def failures_picture(failures: Sequence[FailuresOfHour], width: int, when: When, marks: Marks) -> list[str]:
    """A line for each of the last days, a cell for each hour of the day."""
    if not failures:
        return failures_text(failures, when)
    today = when.now.astimezone(when.zone).date()
    days = [today - timedelta(days=number) for number in range(DAYS)]
    counts: dict[tuple[object, int], int] = {}
    for one in failures:
        local = one.hour.astimezone(when.zone)
        counts[local.date(), local.hour] = counts.get((local.date(), local.hour), 0) + one.failed
    rows = [[counts.get((day, hour), 0) for hour in range(24)] for day in days]
    cell = 2 if width >= 68 else 1
    lines = [axis([(10 + hour * cell, f"{hour:02}") for hour in range(0, 24, 3)], width)]
    for day, row, line in zip(days, rows, heat(rows, cell, marks), strict=True):
        lines.append(f"{day:%a %m-%d} {line} {sum(row) or ''}".rstrip())
    total, worst = sum(map(sum, rows)), max(map(max, rows))
    return [*lines, f"{total:,} failed in {DAYS} days, at most {worst:,} in an hour"]


def failures_text(failures: Sequence[FailuresOfHour], when: When) -> list[str]:
    """A line for each hour with failures, newest first."""
    return [f"{when.moment(one.hour)}  {one.failed} failed" for one in reversed(failures)] or [
        f"No run failed in the last {DAYS} days."
    ]


def coming_picture(coming: Sequence[FiresOfMinute], width: int, when: When, marks: Marks) -> list[str]:
    """The next 24 hours; a column is 15 minutes where there is room, else 30."""
    if not coming:
        return [NONE_COMING]
    size = next((minutes for minutes in (15, 30) if DAY_MINUTES // minutes <= width), 60)
    values = [0.0] * (DAY_MINUTES + 1)
    for one in coming:
        values[min(int((one.minute - when.now).total_seconds() // 60), DAY_MINUTES)] += one.fires
    local = when.now.astimezone(when.zone)
    to_hour = 60 - local.minute
    labels = [
        ((to_hour + hour * 60) // size, f"{local + timedelta(minutes=to_hour + hour * 60):%H}") for hour in range(24)
    ]
    every = [label for label in labels if int(label[1]) % 3 == 0]
    return [
        *bars(buckets(values[:DAY_MINUTES], size), 4, marks),
        axis(every, width),
        f"{sum(one.fires for one in coming):,} fires; a column is {size} minutes",
        crowded_words(coming, when),
    ]


def crowded_words(coming: Sequence[FiresOfMinute], when: When) -> str:
    """The minutes in which most schedules fire at once."""
    crowded = sorted((one for one in coming if one.fires > 1), key=lambda one: (-one.fires, one.minute))
    words = ", ".join(f"{one.minute.astimezone(when.zone):%H:%M} ({one.fires})" for one in crowded[:CROWDED_SHOWN])
    return f"Crowded minutes: {words}" if words else "No two schedules fire in the same minute."


def coming_text(coming: Sequence[FiresOfMinute], when: When) -> list[str]:
    """A line for each minute in which anything fires."""
    return [f"{when.moment(one.minute)}  {one.fires} fire" for one in coming] or [NONE_COMING]
