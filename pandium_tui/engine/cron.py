"""Cron schedules: one dialect, and fire times that follow cronie through daylight saving.

The dialect is the five-field crontab of Vixie cron with names, ranges, steps, lists, ``@daily``-style aliases and
``H``. croniter finds matching dates on a clock without a time zone; what a clock change does to them is decided
here by the rules of cronie 1.7 (``cron.c``):

* A job whose minute or hour field starts with ``*`` follows elapsed time: nothing runs in a skipped hour, both
  passes of a repeated hour run.
* Every other job has a fixed time: one in a skipped hour runs once right after the gap, one in a repeated hour
  runs once, in the first pass.

cronie takes a change of three hours or more for a correction of the clock and jumps; here it follows the same two
rules (ours), so a fixed-time job of the day that Samoa left out in 2011 is caught up on.
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pandium_tui.engine.cron_fields import FIELDS, CronError, plain_fields, uses_hash
from pandium_tui.settings import checked_time_zone

if TYPE_CHECKING:
    from croniter import croniter

__all__ = [
    "EXAMPLE_HASH_ID",
    "Cron",
    "CronError",
    "allowed_values",
    "clock_change_note",
    "fires",
    "latest_fire",
    "next_fire",
    "parse_cron",
    "wall_times",
]

#: Stands in for a tenant when an expression with ``H`` is checked or explained without one.
EXAMPLE_HASH_ID = "example"

_MINUTE = timedelta(minutes=1)
_SOME_WALL_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 - wall times have no zone


@dataclass(frozen=True, slots=True)
class Cron:
    """A checked schedule, made by :func:`parse_cron`."""

    text: str
    """As written."""
    expression: str
    """The same as five plain fields: numbers for names, aliases and ``H`` resolved."""
    follows_elapsed_time: bool
    """Minute or hour starts with ``*``: decides what a clock change does to it."""
    hashed: bool
    """Written with ``H``: the times depend on the hash id."""


def parse_cron(text: str, *, hash_id: str | None = None) -> Cron:
    """Check a schedule and bring it into plain five-field form.

    Args:
        text: the schedule as a person writes it.
        hash_id: what ``H`` is drawn from (crc32), stable for one tenant; without it :data:`EXAMPLE_HASH_ID` is used,
            so that the text can be checked and explained. A bare ``H`` as day of month picks from 1-28, so that no
            tenant's month is left out.

    Raises:
        CronError: the text is not of this dialect, or it never fires.
    """
    return _parsed(text, hash_id if "h" in text.lower() else None)


def next_fire(cron: Cron, after: datetime, zone: str) -> datetime | None:
    """The first fire strictly after a moment, in UTC, at second 0 of the zone's clock; None when there is none.

    Args:
        cron: the schedule.
        after: an aware moment.
        zone: the IANA name of the time zone whose clock the schedule follows.

    Raises:
        SettingsError: the zone is not known.
        ValueError: ``after`` has no time zone.
    """
    place = _zone(zone)
    moment = _in_utc(after).replace(microsecond=0)
    local = moment.astimezone(place)
    wall = local.replace(tzinfo=None, fold=0)
    found = _first_after(moment, cron, wall, place)
    repeated = _coming_again(local)
    if repeated and cron.follows_elapsed_time and (found is None or found - moment >= repeated):
        # The first pass of a repeated hour has no more fires: the second pass starts at an earlier wall time.
        found = _first_after(moment, cron, wall - repeated, place)
    return found


def latest_fire(cron: Cron, after: datetime, until: datetime, zone: str) -> datetime | None:
    """The newest fire in ``(after, until]``, in UTC; None when there is none.

    It asks :func:`next_fire` a few times (a bisection, tried first where the next fire of a regular schedule is
    expected), so a year without the program costs about as much as a minute.

    Raises:
        SettingsError: the zone is not known.
        ValueError: a moment has no time zone.
    """
    newest, end = next_fire(cron, after, zone), _in_utc(until)
    if newest is None or newest > end:
        return None
    following = next_fire(cron, newest, zone)
    probe = end if following is None else end - (following - newest)
    while following is not None and following <= end:
        candidate = next_fire(cron, probe, zone)
        if candidate is not None and candidate <= end:
            newest = candidate
        else:
            newest, end = following, probe
        following = next_fire(cron, newest, zone)
        probe = newest + (end - newest) / 2
    return newest


def fires(cron: Cron, after: datetime, zone: str) -> Iterator[datetime]:
    """All fires strictly after a moment, in order, in UTC. Errors as :func:`next_fire`."""
    moment = next_fire(cron, after, zone)
    while moment is not None:
        yield moment
        moment = next_fire(cron, moment, zone)


def wall_times(expression: str, start: datetime) -> Iterator[datetime]:
    """The times at which the fields of a plain expression match, after ``start``, on a clock without time zone."""
    matcher = copy(_matcher(expression))  # the cached one is shared by threads
    matcher.set_current(start)
    while True:
        try:
            yield matcher.get_next(datetime)
        except (ValueError, OverflowError):  # nothing within fifty years, or beyond the year 9999
            return


def allowed_values(cron: Cron) -> tuple[tuple[int, ...], ...]:
    """The values each of the five fields accepts, in ascending order; Sunday is 0."""
    return tuple(
        tuple(range(field.low, field.last + 1)) if values == ["*"] else tuple(values)
        for field, values in zip(FIELDS, _matcher(cron.expression).expanded, strict=True)
    )


def clock_change_note(cron: Cron, fire: datetime, zone: str) -> str | None:
    """What a change of the clock did to a fire of a fixed-time job, in words; None on every other day."""
    if cron.follows_elapsed_time:
        return None
    place = _zone(zone)
    local = fire.astimezone(place)
    wall = local.replace(tzinfo=None, fold=0)
    if _coming_again(local):
        return f"{wall:%H:%M} came twice on {wall:%Y-%m-%d}, ran at the first"
    gap = (fire - _MINUTE).astimezone(place).replace(tzinfo=None, fold=0)
    if gap + _MINUTE >= wall:
        return None
    missing = next(wall_times(cron.expression, gap), None)
    if missing is None or missing >= wall:
        return None
    return f"{missing:%H:%M} did not exist on {missing:%Y-%m-%d}, ran at {wall:%H:%M}"


@lru_cache(maxsize=16_384)
def _parsed(text: str, hash_id: str | None) -> Cron:
    expression = " ".join(plain_fields(text, EXAMPLE_HASH_ID if hash_id is None else hash_id))
    if next(wall_times(expression, _SOME_WALL_TIME), None) is None:
        raise CronError(f"never fires: no date has the day and the month of {text.strip()!r}; write another day")
    minute, hour = expression.split()[:2]
    return Cron(text, expression, minute.startswith("*") or hour.startswith("*"), uses_hash(text))


@lru_cache(maxsize=4096)
def _matcher(expression: str) -> "croniter":
    from croniter import croniter  # 40 ms that a start of the program need not pay

    # Vixie cron joins the two day fields by AND when one of them starts with a star, by OR otherwise.
    return croniter(expression, _SOME_WALL_TIME, implement_cron_bug=True)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(checked_time_zone(name))


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be compared with a schedule")
    return moment.astimezone(UTC)


def _first_after(moment: datetime, cron: Cron, wall: datetime, place: tzinfo) -> datetime | None:
    """The first fire after a moment among those whose wall time is after ``wall``."""
    for candidate in wall_times(cron.expression, wall):
        for instant in _instants(candidate, place, cron.follows_elapsed_time):
            if instant > moment:
                return instant
    return None


def _instants(wall: datetime, place: tzinfo, follows_elapsed_time: bool) -> list[datetime]:
    """When a schedule that names this wall time runs: not at all, once or twice, by the rules of cronie."""
    first = wall.replace(tzinfo=place).astimezone(UTC)
    skipped = first.astimezone(place).replace(tzinfo=None, fold=0) != wall
    if not follows_elapsed_time:
        return [_end_of_gap(wall, place) if skipped else first]
    second = wall.replace(tzinfo=place, fold=1).astimezone(UTC)
    return [] if skipped else [first] if second == first else [first, second]


def _end_of_gap(wall: datetime, place: tzinfo) -> datetime:
    """The first whole minute after a wall time that the clock of the place shows."""
    while True:
        wall += _MINUTE
        moment = wall.replace(tzinfo=place).astimezone(UTC)
        if moment.astimezone(place).replace(tzinfo=None, fold=0) == wall:
            return moment


def _coming_again(local: datetime) -> timedelta:
    """By how much the clock will be put back, when this is the first pass of a repeated hour; else nothing."""
    if local.fold:
        return timedelta(0)
    second_pass = local.replace(fold=1)
    return second_pass.astimezone(UTC) - local.astimezone(UTC)
