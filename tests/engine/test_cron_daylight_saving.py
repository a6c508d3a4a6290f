"""Fire times around clock changes: a table of known cases, and cronie's own loop as the judge of the rest."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pandium_tui.engine.cron import fires, latest_fire, next_fire, parse_cron
from tests.engine import cronie

CHANGES = (
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("Europe/Dublin", "2026-03-29"),  # winter is the time with the negative saving
    ("Europe/Dublin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("America/Chicago", "2027-03-14"),
    ("America/Chicago", "2027-11-07"),
    ("Australia/Lord_Howe", "2026-04-05"),  # half an hour
    ("Australia/Lord_Howe", "2026-10-04"),
    ("America/St_Johns", "2006-04-02"),  # at 00:01
    ("America/St_Johns", "2006-10-29"),
    ("Asia/Beirut", "2026-03-29"),  # midnight does not exist
    ("Asia/Beirut", "2026-10-25"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("America/Sao_Paulo", "2018-11-04"),  # midnight does not exist
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-30"),
    ("Atlantic/Azores", "2026-03-29"),
    ("Atlantic/Azores", "2026-10-25"),  # back to yesterday's hour, from offset 0
    ("America/Nuuk", "2024-03-31"),  # 23:00 does not exist
    ("America/Nuuk", "2024-10-27"),
    ("Africa/Casablanca", "2026-02-15"),
    ("Africa/Casablanca", "2026-03-22"),
    ("Antarctica/Troll", "2026-03-29"),  # two hours
    ("Antarctica/Troll", "2026-10-25"),
    ("Asia/Tehran", "2021-09-22"),
    ("Pacific/Chatham", "2026-04-05"),
    ("Pacific/Chatham", "2026-09-27"),
)
EXPRESSIONS = (
    "* * * * *",
    "*/7 * * * *",
    "35 * * * *",
    "0 */2 * * *",
    "15 */3 * * *",
    "30 0-23 * * *",
    "0 0 * * *",
    "30 0,1,2,3,23 * * *",
    "0,15,30,45 2 * * *",
    "0-59 1-2 * * *",
    "*/20 2 * * *",
    "* 0-1 * * *",
    "45 23 * * 6",
    "0 0 * * 0",
    "5 0 */2 * 0",
    "1 2 1-7 * 0",
    "* 1 25-31 * */7",
)


def _window(date: str) -> tuple[datetime, datetime]:
    noon = datetime.fromisoformat(date).replace(tzinfo=UTC)
    return noon - timedelta(hours=20), noon + timedelta(hours=36)


def _fires(text: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    return list(takewhile(lambda fire: fire <= end, fires(parse_cron(text), start, zone)))


@pytest.mark.parametrize(("zone", "date"), CHANGES)
def test_fires_are_those_of_cronie_around_a_clock_change(zone: str, date: str) -> None:
    start, end = _window(date)
    offsets = {moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in (start, end)}
    assert len(offsets) == 2, "the window must hold a clock change"
    for expression in EXPRESSIONS:
        assert _fires(expression, zone, start, end) == cronie.fires(expression, zone, start, end), expression


MINUTES = st.lists(st.integers(0, 59), min_size=1, max_size=3).map(lambda numbers: ",".join(map(str, numbers)))
STEPS = st.integers(2, 40).map(lambda step: f"*/{step}")
HOURS = st.one_of(
    st.lists(st.sampled_from([22, 23, 0, 1, 2, 3, 4]), min_size=1, max_size=4).map(
        lambda numbers: ",".join(map(str, numbers))
    ),
    st.sampled_from(["*", "*/2", "*/3", "0-3", "1-23/2", "0-23"]),
)


@given(
    st.tuples(
        st.one_of(MINUTES, STEPS, st.just("*"), st.just("10-50/20")),
        HOURS,
        st.sampled_from(["*", "*", "*/2", "1,8,22,25,29", "31"]),
        st.just("*"),
        st.sampled_from(["*", "*", "0", "*/3", "6-7", "1-5"]),
    ),
    st.sampled_from(CHANGES),
)
@settings(deadline=None, max_examples=150)
def test_fires_of_any_schedule_are_those_of_cronie(fields: tuple[str, ...], change: tuple[str, str]) -> None:
    expression, (zone, date) = " ".join(fields), change
    start, end = _window(date)
    assert _fires(expression, zone, start, end) == cronie.fires(expression, zone, start, end)


@pytest.mark.parametrize(
    ("text", "zone", "start", "expected"),
    [
        # a fixed time in the gap: right after it, once, and not again
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00+01:00", ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"]),
        (
            "0,30 2 * * *",
            "Europe/Berlin",
            "2026-03-28T12:00+01:00",
            ["2026-03-29T03:00+02:00", "2026-03-30T02:00+02:00"],
        ),
        (
            "30 2,3 * * *",
            "Europe/Berlin",
            "2026-03-28T12:00+01:00",
            ["2026-03-29T03:00+02:00", "2026-03-29T03:30+02:00"],
        ),
        (
            "30 2 29 3 *",
            "Europe/Berlin",
            "2026-01-01T00:00+01:00",
            ["2026-03-29T03:00+02:00", "2027-03-29T02:30+02:00"],
        ),
        # a fixed time in the repeated hour: once, the first time
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00+02:00", ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]),
        ("30 1 * * *", "America/New_York", "2026-11-01T01:45-04:00", ["2026-11-02T01:30-05:00"]),
        ("30 1 * * *", "America/New_York", "2026-11-01T01:15-05:00", ["2026-11-02T01:30-05:00"]),
        # wildcards follow elapsed time
        (
            "*/20 2 * * *",
            "Europe/Berlin",
            "2026-03-28T12:00+01:00",
            ["2026-03-30T02:00+02:00", "2026-03-30T02:20+02:00"],
        ),
        (
            "0 */2 * * *",
            "Europe/Berlin",
            "2026-03-29T00:00+01:00",
            ["2026-03-29T04:00+02:00", "2026-03-29T06:00+02:00"],
        ),
        ("0 * * * *", "Europe/Berlin", "2026-10-25T01:00+02:00", ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]),
        (
            "*/30 1 * * *",
            "America/New_York",
            "2026-11-01T01:00-04:00",
            ["2026-11-01T01:30-04:00", "2026-11-01T01:00-05:00"],
        ),
        # the second pass counts also when no wall time of the coming year is earlier
        (
            "*/30 1 1 11 *",
            "America/New_York",
            "2026-11-01T01:30-04:00",
            ["2026-11-01T01:00-05:00", "2026-11-01T01:30-05:00"],
        ),
        # half an hour: cronsim misses 03:00 here
        (
            "0 */3 * * *",
            "Australia/Lord_Howe",
            "2026-10-04T00:00+10:30",
            ["2026-10-04T03:00+11:00", "2026-10-04T06:00+11:00"],
        ),
        (
            "15 2 * * *",
            "Australia/Lord_Howe",
            "2026-10-03T12:00+10:30",
            ["2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"],
        ),
        (
            "45 1 * * *",
            "Australia/Lord_Howe",
            "2026-04-04T12:00+11:00",
            ["2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"],
        ),
        # a midnight that does not exist still has its daily run, on the same date
        ("0 0 * * *", "Asia/Beirut", "2026-03-28T12:00+02:00", ["2026-03-29T01:00+03:00", "2026-03-30T00:00+03:00"]),
        (
            "0 0 * * *",
            "America/Sao_Paulo",
            "2018-11-03T12:00-03:00",
            ["2018-11-04T01:00-02:00", "2018-11-05T00:00-02:00"],
        ),
        (
            "0 0 * * SUN",
            "America/Sao_Paulo",
            "2018-11-03T12:00-03:00",
            ["2018-11-04T01:00-02:00", "2018-11-11T00:00-02:00"],
        ),
        # a gap at the end of a day: the run of Saturday happens at Sunday's midnight
        (
            "30 23 * * SAT",
            "America/Nuuk",
            "2024-03-30T12:00-02:00",
            ["2024-03-31T00:00-01:00", "2024-04-06T23:30-01:00"],
        ),
        # Samoa left out 2011-12-30 (ours; cronie takes it for a correction of the clock): one run catches up
        ("30 2 * * *", "Pacific/Apia", "2011-12-29T12:00-10:00", ["2011-12-31T00:00+14:00", "2011-12-31T02:30+14:00"]),
        ("0 * * * *", "Pacific/Apia", "2011-12-29T23:00-10:00", ["2011-12-31T00:00+14:00", "2011-12-31T01:00+14:00"]),
        ("* * 30 12 *", "Pacific/Apia", "2011-12-29T12:00-10:00", ["2012-12-30T00:00+14:00"]),
    ],
)
def test_known_cases(text: str, zone: str, start: str, expected: list[str]) -> None:
    cron, moment, place = parse_cron(text), datetime.fromisoformat(start), ZoneInfo(zone)
    for fire in expected:
        found = next_fire(cron, moment, zone)
        assert found is not None
        assert found.astimezone(place).isoformat(timespec="minutes") == fire
        assert latest_fire(cron, moment, found, zone) == found
        moment = found
