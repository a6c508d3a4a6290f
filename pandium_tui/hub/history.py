"""Numbers that people would rather see as pictures: how runs went over time, and when schedules will fire."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pandium_tui.storage import history_queries as queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.times import from_text, utc_now

RUNS = 200
RECENT = 20
RECENT_IN_A_CELL = 12
MOST_TENANTS = 500
"""Of an integration, whose recent runs are read at once."""
HOURS = 48
DAYS = 14
AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run that ended; ``seconds`` is how long it took, None when it was never started."""

    run_id: int
    phase: str
    started_date: datetime | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class TenantRuns:
    """The newest runs of a tenant that ended, oldest first."""

    tenant_id: int
    tenant_name: str
    runs: tuple[PastRun, ...]


@dataclass(frozen=True, slots=True)
class RunsOfHour:
    """The runs asked for in the hour that begins at ``hour``; those that neither succeeded nor failed count in runs."""

    hour: datetime
    runs: int
    succeeded: int
    failed: int


@dataclass(frozen=True, slots=True)
class FailuresOfHour:
    """How many runs failed in the hour that begins at ``hour``."""

    hour: datetime
    failed: int


@dataclass(frozen=True, slots=True)
class FiresOfMinute:
    """How many schedules fire at ``minute``."""

    minute: datetime
    fires: int


def past_runs(store: Store, tenant_id: int, limit: int = RUNS) -> list[PastRun]:
    """The newest runs of a tenant that ended, oldest first."""
    with store.reading() as reader:
        rows = queries.runs_of_tenant(reader, tenant_id, limit)
    return [_past_run(row) for row in reversed(rows)]


def recent_runs(store: Store, integration_id: int, count: int = RECENT) -> list[TenantRuns]:
    """The newest runs of each tenant of an integration that is not archived, the tenants by name."""
    with store.reading() as reader:
        rows = queries.recent_runs(reader, integration_id, count, MOST_TENANTS)
    by_tenant: dict[tuple[int, str], list[PastRun]] = {}
    for row in rows:
        found = by_tenant.setdefault((row["tenant_id"], row["tenant_name"]), [])
        if row["id"] is not None:
            found.insert(0, _past_run(row))
    return [TenantRuns(*tenant, tuple(runs)) for tenant, runs in by_tenant.items()]


def recent_of_integrations(store: Store, count: int = RECENT_IN_A_CELL) -> dict[int, list[PastRun]]:
    """The newest runs of each integration that has any and is not archived, oldest first, by its id."""
    with store.reading() as reader:
        rows = queries.recent_of_integrations(reader, count)
    found: dict[int, list[PastRun]] = {}
    for row in reversed(rows):
        found.setdefault(row["integration_id"], []).append(_past_run(row))
    return found


def runs_by_hour(
    store: Store, integration_id: int | None = None, *, hours: int = HOURS, now: datetime | None = None
) -> list[RunsOfHour]:
    """The runs of each of the last hours, those without any too, oldest first: of an integration, or of all."""
    first = _hour_of(now or utc_now()) - timedelta(hours=hours - 1)
    with store.reading() as reader:
        rows = queries.runs_by_hour(reader, integration_id, first)
    found = {_hour(row["hour"]): row for row in rows}
    return [
        RunsOfHour(hour, row["runs"], row["succeeded"], row["failed"])
        if (row := found.get(hour))
        else RunsOfHour(hour, 0, 0, 0)
        for hour in (first + timedelta(hours=number) for number in range(hours))
    ]


def failures_by_hour(
    store: Store, integration_id: int | None = None, *, days: int = DAYS, now: datetime | None = None
) -> list[FailuresOfHour]:
    """The hours of the last days in which runs failed, oldest first: of an integration, or of all."""
    since = _hour_of(now or utc_now()) - timedelta(days=days)
    with store.reading() as reader:
        return [
            FailuresOfHour(_hour(row["hour"]), row["failed"])
            for row in queries.failures_by_hour(reader, integration_id, since)
        ]


def coming_fires(
    store: Store,
    *,
    tenant_id: int | None = None,
    integration_id: int | None = None,
    now: datetime | None = None,
) -> list[FiresOfMinute]:
    """The minutes of the next 24 hours in which schedules fire, in order: of a tenant, of an integration, or of all.

    What will be skipped, by a run that is still going then, counts too.
    """
    from pandium_tui.engine.cron import fires, parse_cron

    begin = now or utc_now()
    with store.reading() as reader:
        rows = queries.planned_tenants(reader, tenant_id, integration_id)
    # Thousands of tenants share a few schedules: each is followed once.
    same = Counter((parse_cron(row["schedule"], hash_id=str(row["id"])), row["timezone"]) for row in rows)
    counts: Counter[datetime] = Counter()
    for (cron, zone), tenants in same.items():
        for moment in fires(cron, begin, zone):
            if moment > begin + AHEAD:
                break
            counts[moment] += tenants
    return [FiresOfMinute(minute, counts[minute]) for minute in sorted(counts)]


def _past_run(row: queries.Row) -> PastRun:
    started, ended = from_text(row["started_date"]), from_text(row["completed_date"])
    seconds = None if started is None or ended is None else (ended - started).total_seconds()
    return PastRun(row["id"], row["phase"], started, seconds)


def _hour(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00:00").replace(tzinfo=UTC)


def _hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
