"""What cronie does, minute by minute: its main loop and matching rules, written down without croniter.

The virtual minute counter, the four kinds of wake-up and the ``*`` flags are those of ``cron.c`` and ``entry.c``.
cronie is assumed to wake up once in every real minute.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
EPOCH = datetime.fromisoformat("1970-01-01")
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def fires(expression: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    """The minutes (UTC) in ``(start, end]`` in which cronie would start the job, each once."""
    place = ZoneInfo(zone)
    job = _Job(expression)
    moment = start.astimezone(UTC)
    virtual = _local_minute(moment, place)
    found = []
    while moment < end:
        moment += MINUTE
        now = _local_minute(moment, place)
        started, virtual = _woken(job, virtual, now)
        if started:
            found.append(moment)
    return found


def _woken(job: "_Job", virtual: int, now: int) -> tuple[bool, int]:
    """Whether the job is started in this wake-up, and the virtual minute after it."""
    ahead = now - virtual
    if abs(ahead) > 180:  # a correction of the clock
        return job.matches(now), now
    if ahead > 5:  # daylight saving begins: fixed-time jobs of every missed minute, wildcard jobs of this one
        missed = any(job.matches(minute) for minute in range(virtual + 1, now + 1))
        return (job.matches(now) if job.wildcard else missed), now
    if ahead > 0:
        return any(job.matches(minute) for minute in range(virtual + 1, now + 1)), now
    return job.wildcard and job.matches(now), virtual  # daylight saving ends: until the virtual minute is caught up


def _local_minute(moment: datetime, place: ZoneInfo) -> int:
    return int((moment.astimezone(place).replace(tzinfo=None) - EPOCH) // MINUTE)


class _Job:
    def __init__(self, expression: str) -> None:
        fields = expression.split()
        self.sets = [_numbers(field, *bounds) for field, bounds in zip(fields, BOUNDS, strict=True)]
        self.wildcard = fields[0].startswith("*") or fields[1].startswith("*")
        self.days_by_and = fields[2].startswith("*") or fields[4].startswith("*")

    def matches(self, minute: int) -> bool:
        wall = EPOCH + minute * MINUTE
        minutes, hours, days, months, weekdays = self.sets
        if wall.minute not in minutes or wall.hour not in hours or wall.month not in months:
            return False
        by_day, by_weekday = wall.day in days, wall.isoweekday() % 7 in weekdays or wall.isoweekday() in weekdays
        return (by_day and by_weekday) if self.days_by_and else (by_day or by_weekday)


def _numbers(field: str, low: int, high: int) -> set[int]:
    return {number for item in field.split(",") for number in _item(item, low, high)}


def _item(item: str, low: int, high: int) -> Iterator[int]:
    bounds, _, step = item.partition("/")
    first, _, last = (f"{low}-{high}" if bounds == "*" else bounds).partition("-")
    yield from range(int(first), int(last or first) + 1, int(step or 1))
