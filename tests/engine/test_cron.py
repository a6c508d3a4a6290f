from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pandium_tui.engine.cron import CronError, allowed_values, fires, latest_fire, next_fire, parse_cron, wall_times
from pandium_tui.settings import SettingsError

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Atlantic/Azores")
EXPRESSIONS = (
    "* * * * *",
    "*/7 * * * *",
    "0 */3 * * *",
    "30 2 * * *",
    "0,30 1,2 * * *",
    "*/20 0-2 * * *",
    "15 0-23 * * *",
    "* * 1 * *",
    "0 0 13 * FRI",
    "0 6 */2 * MON",
    "0 12 29 2 *",
    "59 23 31 12 *",
)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=2000)).map(lambda away: datetime(2024, 1, 1, tzinfo=UTC) + away)
# Every second of two weeks with a clock change in most of the zones, so that the edges are met often.
NEAR_CHANGES = st.one_of(
    st.integers(0, 14 * 86_400).map(lambda seconds: datetime(2026, 3, 22, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.integers(0, 14 * 86_400).map(lambda seconds: datetime(2026, 10, 22, tzinfo=UTC) + timedelta(seconds=seconds)),
)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("30 2 * * *", "30 2 * * *"),
        ("  05\t02  *  * *\n", "5 2 * * *"),
        ("0 0 * JAN-mar Mon,WED,fri", "0 0 * 1-3 1,3,5"),
        ("0 0 ? * MON", "0 0 * * 1"),
        ("0 0 1 * ?", "0 0 1 * *"),
        ("*/1 */1 * * *", "* * * * *"),
        ("5-5 3-3/2 * * MON-MON", "5 3 * * 1"),
        ("5/15 * * * *", "5-59/15 * * * *"),
        ("59/15 * * * *", "59 * * * *"),
        ("0 0 * * 7", "0 0 * * 0"),
        ("0 0 * * 0-7", "0 0 * * 0-6"),
        ("0 0 * * SUN-SAT/2", "0 0 * * 0-6/2"),
        ("0 0 * * 7-SUN", "0 0 * * 0"),
        ("0 0 * * 5-7", "0 0 * * 5-0"),
        ("0 0 * * 1-7/3", "0 0 * * 1,4,0"),
        ("0 0 * * 6-3/2", "0 0 * * 6,1,3"),
        ("0 22-2 * * *", "0 22-2 * * *"),
        ("0 20-2/3 * * *", "0 20,23,2 * * *"),
        ("0 0 * 11-4/3 *", "0 0 * 11,2 *"),
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@Midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
    ],
)
def test_what_is_written_becomes_five_plain_fields(text: str, expression: str) -> None:
    cron = parse_cron(text, hash_id="an alias does not depend on it")
    assert (cron.text, cron.expression, cron.hashed) == (text, expression, False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("0 0 * *", "4 field"),
        ("0 0 12 * * ?", "6 fields.*Quartz"),
        ("0 0 12 1 * ? 2026", "7 fields.*Quartz"),
        ("60 * * * *", "minute: 60 is out of range; write 0-59"),
        ("0-60 * * * *", "minute: 60 is out of range; write 0-59"),
        ("0 24 * * *", "hour: 24 is out of range; write 0-23"),
        ("0 0 0 * *", "day of month: 0 is out of range; write 1-31"),
        ("0 0 32 * *", "day of month: 32 is out of range; write 1-31"),
        ("0 0 * 13 *", "month: 13 is out of range; write 1-12"),
        ("0 0 * * 8", "day of week: 8 is out of range; write 0-7"),
        ("0 0 * * funday", "day of week: 'funday'"),
        ("0 0 * mon *", "month: 'mon'"),
        ("0 0 -1 * *", "day of month: '-1'"),
        ("1,,2 * * * *", "minute: has an empty item"),
        ("*/0 * * * *", "minute: the step of '\\*/0' is 0"),
        ("1-5/0 * * * *", "step of '1-5/0' is 0"),
        ("*/ * * * *", "minute: '\\*/'"),
        ("0 0 1,* * 1", "day of month: '\\*' cannot be a part"),
        ("0 0 1 * */2,3", "day of week: '\\*/2' cannot be a part"),
        ("0 0 * * 1/2", "day of week: '1/2' has a step without a range; write a range such as 1-6/2"),
        ("0 0 L * *", "day of month: 'L'.*last day"),
        ("0 0 L-3 * *", "last day"),
        ("0 0 * * 5L", "day of week: '5L'.*last day"),
        ("0 0 LW * *", "W \\(the nearest weekday\\)"),
        ("0 0 15W * *", "W \\(the nearest weekday\\)"),
        ("0 0 * * 5#3", "day of week: '5#3'.*n-th weekday"),
        ("0 0 * * fri#3", "n-th weekday"),
        ("R R * * *", "minute: 'R'.*write H"),
        ("R(0-5)/2 * * * *", "write H"),
        ("0~30 * * * *", "write H"),
        ("H,5 * * * *", "minute: 'H'.*alone"),
        ("H(0-29),5 * * * *", "minute: 'H\\(0-29\\)'.*alone"),
        ("H(29-0) * * * *", "minute: 'H\\(29-0\\)'.*write H\\(0-59\\)"),
        ("0 H(0-24) * * *", "hour: 'H\\(0-24\\)'.*write H\\(0-23\\)"),
        ("H/0 * * * *", "step of 'h/0' is 0"),
        ("? * * * *", "minute: '\\?'"),
        ("0 0 ?,1 * *", "day of month: '\\?'"),
        ("@reboot", "@reboot is not offered: there is no machine start"),
        ("@every 5m", "@every is not offered: intervals"),
        ("@fortnightly", "'@fortnightly' is not a known alias; known are @hourly"),
        ("@daily 5", "@daily stands alone; remove '5'"),
        ("TZ=UTC 0 0 * * *", "time zone is a setting of its own"),
        ("CRON_TZ=Europe/Berlin 0 0 * * *", "time zone is a setting of its own"),
        ("\u0665 * * * *", "u0665"),
        ("0\u00a00 * * *", "xa0"),
        ("0 0 * * *\n0 1 * * *", "'\\\\n' is not a character"),
        ("\x1b[31m * * * *", "x1b"),
        ("1," * 128 + "1 * * * *", "longer than 256 characters"),
        ("0 0 31 2 *", "never fires"),
        ("0 0 30 FEB */2", "never fires"),
        ("0 0 31 4,6,9,11 *", "never fires"),
    ],
)
def test_what_is_refused_says_why_and_where(text: str, message: str) -> None:
    with pytest.raises(CronError, match=message):
        parse_cron(text)


def test_a_day_of_month_that_does_not_exist_is_no_obstacle_when_the_weekday_may_decide() -> None:
    monday = next_fire(parse_cron("0 0 31 2 MON"), datetime(2026, 1, 1, tzinfo=UTC), "UTC")
    assert monday == datetime(2026, 2, 2, tzinfo=UTC)


ANY_FIELD = st.text("0123456789*/-,?hHrlLwW#@()~ jansuMONfri\t", max_size=12)


@given(st.one_of(st.text(max_size=300), st.lists(ANY_FIELD, min_size=1, max_size=7).map(" ".join)))
@example("9" * 200 + " * * * *")
@example("*/" + "9" * 200 + " * * * *")
@example("H(0-" + "9" * 200 + ") * * * *")
@example("H/" + "9" * 200 + " * * * *")
@example(",".join(["1-59"] * 48) + " * * * *")
@settings(deadline=None, max_examples=400)
def test_any_text_is_a_schedule_that_fires_or_a_cron_error(text: str) -> None:
    try:
        cron = parse_cron(text)
    except CronError as error:
        assert str(error)
    else:
        assert next_fire(cron, datetime(2026, 1, 1, tzinfo=UTC), "UTC") is not None


@st.composite
def _plain_items(draw: st.DrawFn) -> tuple[int, str]:
    """A field's position and one item of it without names, stars and H."""
    position = draw(st.integers(0, 4))
    low, high = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))[position]
    first, last, step = draw(st.integers(low, high)), draw(st.integers(low, high)), draw(st.integers(1, 70))
    return position, draw(st.sampled_from([f"{first}", f"{first}-{last}", f"{first}-{last}/{step}"]))


@given(_plain_items())
@settings(deadline=None)
def test_a_range_means_its_values_counted_around_the_field(position_and_item: tuple[int, str]) -> None:
    position, item = position_and_item
    low, size = ((0, 60), (0, 24), (1, 31), (1, 12), (0, 7))[position]
    bounds, _, step = item.partition("/")
    first, last = (int(bound) for bound in (bounds.split("-") * 2)[:2]) if "-" in bounds else (int(bounds),) * 2
    length = last - first if last >= first else last - first + size
    expected = {(first - low + away) % size + low for away in range(0, length + 1, int(step or 1))}
    fields = ["*"] * 5
    fields[position] = item
    assert set(allowed_values(parse_cron(" ".join(fields)))[position]) == expected


@given(st.text(max_size=40))
@settings(deadline=None)
def test_h_is_stable_for_an_id_and_stays_in_its_range(hash_id: str) -> None:
    cron = parse_cron("H(10-20) H/6 H H(3-5) H", hash_id=hash_id)
    assert cron.hashed
    assert cron == parse_cron("H(10-20) H/6 H H(3-5) H", hash_id=hash_id)
    minutes, hours, days, months, weekdays = allowed_values(cron)
    assert len(minutes) == len(days) == len(months) == len(weekdays) == 1
    assert minutes[0] in range(10, 21)
    assert len(hours) == 4 and hours == tuple(range(hours[0], 24, 6))
    assert days[0] in range(1, 29)
    assert months[0] in (3, 4, 5)
    assert weekdays[0] in range(7)


def test_h_spreads_tenants_and_is_what_croniter_draws() -> None:
    minutes = {allowed_values(parse_cron("H * * * *", hash_id=f"tenant-{number}"))[0] for number in range(500)}
    assert len(minutes) == 60
    # The published check value of crc32: 0xCBF43926 % 60 = 2, (0xCBF43926 >> 1) % 24 = 19
    assert parse_cron("H H * * *", hash_id="123456789").expression == "2 19 * * *"


def test_without_an_id_h_can_be_checked_and_is_always_the_same_example() -> None:
    assert parse_cron("H H * * *") == parse_cron("H H * * *")
    assert parse_cron("H H * * *").hashed


@given(st.sampled_from(EXPRESSIONS), st.one_of(MOMENTS, NEAR_CHANGES), st.sampled_from(ZONES))
@settings(deadline=None, max_examples=300)
def test_fires_are_a_strictly_increasing_chain_that_can_be_entered_anywhere(
    text: str, after: datetime, zone: str
) -> None:
    cron = parse_cron(text)
    chain = list(islice(fires(cron, after, zone), 8))
    assert all(earlier < later for earlier, later in pairwise([after, *chain]))
    for fire, following in pairwise(chain):
        assert fire.tzinfo is UTC
        assert fire.astimezone(ZoneInfo(zone)).second == fire.microsecond == 0
        assert next_fire(cron, fire - SECOND, zone) == fire
        assert next_fire(cron, fire - timedelta(microseconds=1), zone) == fire
        assert next_fire(cron, fire + timedelta(microseconds=1), zone) == following
        assert next_fire(cron, fire + (following - fire) / 2, zone) == following


@given(
    st.sampled_from(EXPRESSIONS),
    NEAR_CHANGES,
    st.timedeltas(timedelta(0), timedelta(hours=30)),
    st.sampled_from(ZONES),
)
@settings(deadline=None, max_examples=150)
def test_the_latest_fire_is_the_last_of_all_fires(text: str, after: datetime, length: timedelta, zone: str) -> None:
    cron, until = parse_cron(text), after + length
    in_window = list(takewhile(lambda fire: fire <= until, fires(cron, after, zone)))
    assert latest_fire(cron, after, until, zone) == (in_window[-1] if in_window else None)


@given(st.sampled_from(EXPRESSIONS), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=5000)), st.sampled_from(ZONES))
@settings(deadline=None, max_examples=150)
def test_the_latest_fire_of_a_long_outage_is_consistent_with_the_next(
    text: str, after: datetime, length: timedelta, zone: str
) -> None:
    cron, until = parse_cron(text), after + length
    newest = latest_fire(cron, after, until, zone)
    if newest is None:
        following = next_fire(cron, after, zone)
    else:
        assert after < newest <= until
        assert next_fire(cron, newest - SECOND, zone) == newest
        following = next_fire(cron, newest, zone)
    assert following is None or following > until


def test_a_window_is_open_at_its_start_and_closed_at_its_end() -> None:
    hourly, noon = parse_cron("0 * * * *"), datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert latest_fire(hourly, noon, noon, "UTC") is None
    assert latest_fire(hourly, noon, noon + timedelta(hours=1), "UTC") == noon + timedelta(hours=1)
    assert latest_fire(hourly, noon - SECOND, noon, "UTC") == noon
    assert latest_fire(hourly, noon - timedelta(days=30), noon, "UTC") == noon
    assert latest_fire(hourly, noon - timedelta(days=30), noon - SECOND, "UTC") == noon - timedelta(hours=1)
    assert latest_fire(hourly, noon, noon - timedelta(days=1), "UTC") is None


def test_two_searches_of_one_expression_do_not_disturb_each_other() -> None:
    january, july = (datetime.fromisoformat(date) for date in ("2026-01-01", "2026-07-01"))
    first, second = wall_times("0 0 1 * *", january), wall_times("0 0 1 * *", july)
    assert [next(wall).month for wall in (first, second, first, second)] == [2, 8, 3, 9]


def test_moments_in_any_zone_are_accepted_and_without_one_refused() -> None:
    daily, tokyo = parse_cron("0 0 * * *"), datetime(2026, 1, 1, 8, tzinfo=ZoneInfo("Asia/Tokyo"))
    midnight = datetime(2026, 1, 1, tzinfo=UTC)
    assert next_fire(daily, tokyo, "UTC") == midnight
    assert latest_fire(daily, tokyo, tokyo + timedelta(hours=1), "UTC") == midnight
    with pytest.raises(ValueError, match="without a time zone"):
        next_fire(daily, datetime.fromisoformat("2026-01-01"), "UTC")
    with pytest.raises(ValueError, match="without a time zone"):
        latest_fire(daily, tokyo, datetime.fromisoformat("2026-01-01"), "UTC")


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(SettingsError, match="'Mars/Olympus' is not a known time zone"):
        next_fire(parse_cron("@daily"), datetime(2026, 1, 1, tzinfo=UTC), "Mars/Olympus")


def test_the_calendar_ends_without_an_error() -> None:
    assert next_fire(parse_cron("0 0 1 1 *"), datetime(9999, 6, 1, tzinfo=UTC), "UTC") is None


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("0 0 13 * FRI", ["2026-02-06", "2026-02-13", "2026-02-20"]),  # either
        ("0 0 13 * 0-6", ["2026-02-01", "2026-02-02", "2026-02-03"]),
        ("0 0 1-31 * MON", ["2026-02-01", "2026-02-02", "2026-02-03"]),
        ("0 0 */2 * MON", ["2026-02-09", "2026-02-23", "2026-03-09"]),  # a star: both
        ("0 0 13 * */5", ["2026-02-13", "2026-03-13", "2026-09-13"]),
        ("0 0 * * MON", ["2026-02-02", "2026-02-09", "2026-02-16"]),
        ("0 0 29 2 */7", ["2032-02-29", "2060-02-29", "2088-02-29"]),  # Sundays that are leap days
        ("0 0 31 * *", ["2026-03-31", "2026-05-31", "2026-07-31"]),
    ],
)
def test_day_fields_are_joined_as_vixie_cron_joins_them(text: str, dates: list[str]) -> None:
    found = islice(fires(parse_cron(text), datetime(2026, 1, 31, 12, tzinfo=UTC), "UTC"), 3)
    assert [fire.date().isoformat() for fire in found] == dates
