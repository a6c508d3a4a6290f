"""A schedule in words: what it means, when it fires next, and the traps in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from pandium_tui.engine.cron import Cron, CronError, allowed_values, fires, parse_cron, wall_times
from pandium_tui.settings import checked_time_zone
from pandium_tui.storage.times import utc_now

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_YEARS = range(1970, 2501)
_LOOK_AHEAD, _LONGEST_LOOK_AHEAD = 366 * _DAY, 5 * 366 * _DAY
_TIMES_SHOWN = 4

_DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_FIELDS = ("minute", "hour", "day of month", "month", "day of week")
_CYCLES = (
    ("hour", 60, "minutes"),
    ("day", 24, "hours"),
    ("month", 31, "days"),
    ("year", 12, "months"),
    ("week", 7, "days"),
)
_STEP_OVER_ALL = re.compile(r"[*h]/([0-9]+)")
_WRAPPED = re.compile(r"([0-9]+)-([0-9]+)")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a schedule means."""

    description: str
    """One English sentence with a 24-hour clock."""
    timezone: str
    fires: tuple[datetime, ...]
    """The next fires, aware, in the zone: ``isoformat()`` carries the offset."""
    warnings: tuple[str, ...]
    """Traps, one sentence each."""


def explain(
    text: str, zone: str, start: datetime | None = None, count: int = 5, hash_id: str | None = None
) -> Explanation:
    """Explain a schedule; the fires are those of the scheduler.

    Args:
        text: the schedule as a person writes it.
        zone: the IANA name of the time zone whose clock it follows.
        start: the preview begins strictly after this moment, now by default; without a time zone it is a wall time
            of the zone.
        count: how many fires to show.
        hash_id: what ``H`` is drawn from; without it the times of ``H`` are examples, and a warning says so.

    Raises:
        CronError: the text is not of the dialect, never fires, or the start is outside the years 1970-2500.
        SettingsError: the zone is not known.
    """
    place = ZoneInfo(checked_time_zone(zone))
    cron = parse_cron(text, hash_id=hash_id)
    start = utc_now() if start is None else start if start.tzinfo else start.replace(tzinfo=place)
    if start.year not in _YEARS:
        raise CronError(f"start: the year {start.year} is out of range; write {_YEARS[0]}-{_YEARS[-1]}")
    start = start.astimezone(UTC)
    preview = tuple(fire.astimezone(place) for fire in islice(fires(cron, start, zone), count))
    end = min(max((start + _LOOK_AHEAD, *preview)), start + _LONGEST_LOOK_AHEAD)
    warnings = (
        *_hash_warnings(cron, hash_id),
        *_minute_warnings(cron),
        *_step_warnings(cron),
        *_wrapping_warnings(cron),
        *_day_warnings(cron),
        *_clock_change_warnings(cron, place, start, end),
    )
    return Explanation(_description(cron, hash_id), zone, preview, warnings)


def _description(cron: Cron, hash_id: str | None) -> str:
    """The words of cron-descriptor, put together here: it misreads how cron joins the two day fields."""
    from cron_descriptor import (  # type: ignore[import-untyped]
        DescriptionTypeEnum,
        ExpressionDescriptor,
        Options,
    )

    fields = _fields_for_words(cron)
    options = Options(use_24hour_time_format=True, locale_code="en_US")

    def words(kind: DescriptionTypeEnum, *positions: int) -> str:
        expression = " ".join(field if position in positions else "*" for position, field in enumerate(fields))
        return str(ExpressionDescriptor(expression, options).get_description(kind))

    days = words(DescriptionTypeEnum.DAYOFMONTH, 2) if fields[2] != "*" else ""
    weekdays = words(DescriptionTypeEnum.DAYOFWEEK, 4)
    if days and weekdays:
        joined_by = ", but only " if _needs_both_days(cron) else ", or "
        weekdays = joined_by + weekdays.removeprefix(", only ").removeprefix(", ")
    sentence = words(DescriptionTypeEnum.FULL, 0, 1) + days + weekdays + words(DescriptionTypeEnum.MONTH, 3)
    if cron.hashed:
        sentence += " (H, for example)" if hash_id is None else " (picked by H)"
    return sentence


def _fields_for_words(cron: Cron) -> list[str]:
    """The fields as cron-descriptor reads them right: a step over weekdays, or beyond its field, is written out."""
    fields = cron.expression.split()
    for position, values in enumerate(allowed_values(cron)):
        if "/" in fields[position] and (_FIELDS[position] == "day of week" or len(values) == 1):
            fields[position] = ",".join(map(str, values))
    return fields


def _needs_both_days(cron: Cron) -> bool:
    _, _, day_of_month, _, day_of_week = cron.expression.split()
    return day_of_month.startswith("*") or day_of_week.startswith("*")


def _hash_warnings(cron: Cron, hash_id: str | None) -> Iterator[str]:
    if cron.hashed and hash_id is None:
        yield "H: these times are an example; every tenant gets its own and keeps it"
    elif cron.hashed:
        yield "H: these times are drawn from this tenant's id and stay the same; other tenants get other times"


def _minute_warnings(cron: Cron) -> Iterator[str]:
    minutes, hours, *_ = allowed_values(cron)
    if len(minutes) == 60 and len(hours) == 24:
        yield "runs every minute, 1440 times a day"
    elif len(minutes) == 60:
        hour = cron.expression.split()[1]
        yield f"runs every minute of the hour {hour}, 60 times an hour; for once an hour write 0 {hour}"


def _step_warnings(cron: Cron) -> Iterator[str]:
    """Steps start again with their field, so the last stretch differs when they do not divide it."""
    written = cron.text.lower().split()
    if len(written) != len(_FIELDS):  # an alias
        return
    for name, item, values, (cycle, size, unit) in zip(_FIELDS, written, allowed_values(cron), _CYCLES, strict=True):
        match = _STEP_OVER_ALL.fullmatch(item)
        if match is None or int(match[1]) == 1:
            continue
        stretch = size - values[-1] + values[0]
        if len(values) == 1:
            yield f"{name}: {item.upper()} is {values[0]} only: the step is as long as the {cycle} or longer"
        elif name == "day of month":
            yield f"{name}: {item.upper()} starts again every month, so the stretch at the end of a month is uneven"
        elif stretch != int(match[1]):
            last = f"from {values[-1]} to {values[0]} it is {stretch} {unit}"
            yield f"{name}: {item.upper()} does not divide the {cycle}: {last}"


def _wrapping_warnings(cron: Cron) -> Iterator[str]:
    for name, field, values in zip(_FIELDS, cron.expression.split(), allowed_values(cron), strict=True):
        for first, last in _WRAPPED.findall(field):
            if int(first) > int(last) and (name, last) != ("day of week", "0"):
                in_order = sorted(values, key=lambda value: (value < int(first), value))
                shown = ", ".join(_value_name(name, value) for value in in_order)
                yield f"{name}: {first}-{last} wraps around: {shown}"


def _value_name(field_name: str, value: int) -> str:
    return _WEEKDAYS[value] if field_name == "day of week" else str(value)


def _day_warnings(cron: Cron) -> Iterator[str]:
    _, _, day_field, _, weekday_field = cron.expression.split()
    _, _, days, months, _ = allowed_values(cron)
    if "*" not in (day_field, weekday_field):
        if _needs_both_days(cron):
            yield "a day field starts with *: runs only on days that match both day of month and day of week"
        else:
            yield "day of month and day of week are both given: runs on days that match either of them, as cron does"
    late = [day for day in days if day > min(_DAYS_IN_MONTH)]
    short = [_MONTHS[month - 1] for month in months if late and _DAYS_IN_MONTH[month - 1] < late[-1]]
    if short and not day_field.startswith("*") and len(days) < 31:
        if late == [29]:
            yield "day of month: 29 exists in Feb of leap years only"
        else:
            yield f"day of month: day {', '.join(map(str, late))} is left out where it is missing: {', '.join(short)}"


def _clock_change_warnings(cron: Cron, place: ZoneInfo, start: datetime, end: datetime) -> Iterator[str]:
    every_hour = cron.expression.split()[1] == "*"
    for change, before, after in _clock_changes(place, start, end):
        if every_hour and not (after - before) % _HOUR:
            continue  # elapsed time goes on evenly
        first, last = sorted(change.replace(tzinfo=None) + offset for offset in (before, after))
        named = list(takewhile(last.__gt__, wall_times(cron.expression, first - _MINUTE)))
        if named:
            yield f"{named[0]:%Y-%m-%d}: {_listed(named)} {_fate(cron, place, named, last if after > before else None)}"


def _fate(cron: Cron, place: ZoneInfo, named: list[datetime], end_of_gap: datetime | None) -> str:
    """What a clock change does to the wall times that a schedule names; there is no gap when the hour repeats."""
    one = len(named) == 1
    if end_of_gap is None:
        fate = "runs both times" if cron.follows_elapsed_time else "runs once, the first time"
        return f"{'happens' if one else 'happen'} twice in {place.key}, {fate}"
    missing = f"{'does' if one else 'do'} not exist in {place.key}"
    if cron.follows_elapsed_time:
        return f"{missing}, no run then"
    same_day = end_of_gap.date() == named[0].date()
    return f"{missing}, runs {'' if one else 'once '}at {end_of_gap:{'%H:%M' if same_day else '%Y-%m-%d %H:%M'}}"


def _listed(named: list[datetime]) -> str:
    shown = ", ".join(f"{wall:%H:%M}" for wall in named[:_TIMES_SHOWN])
    return shown if len(named) <= _TIMES_SHOWN else f"{shown}, … {named[-1]:%H:%M}"


def _clock_changes(place: tzinfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """The moments (UTC, whole minutes) at which the offset of a place changes, with the offsets before and after."""

    def offset(moment: datetime) -> timedelta:
        return moment.astimezone(place).utcoffset() or timedelta(0)

    low = start.replace(second=0, microsecond=0)
    while low < end:
        high = low + _DAY
        next_low, before, after = high, offset(low), offset(high)
        if before != after:
            while high - low > _MINUTE:
                middle = low + (high - low) // _MINUTE // 2 * _MINUTE
                low, high = (middle, high) if offset(middle) == before else (low, middle)
            yield high, before, after
        low = next_low
