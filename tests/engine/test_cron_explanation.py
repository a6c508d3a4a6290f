from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pandium_tui.engine.cron import CronError, fires, parse_cron
from pandium_tui.engine.cron_explanation import explain
from pandium_tui.settings import SettingsError

START = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("* * * * *", "Every minute"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("30 14 * * *", "At 14:30"),
        ("@daily", "At 00:00"),
        ("@hourly", "Every hour"),
        ("0 22-2 * * *", "At 0 minutes past the hour, between 22:00 and 02:59"),
        ("0 20-2/3 * * *", "At 20:00, 23:00 and 02:00"),
        (
            "0 9-17/2 * jan-jun mon-fri",
            "Every 2 hours, between 09:00 and 17:59, Monday through Friday, January through June",
        ),
        ("0 0 13 * FRI", "At 00:00, on day 13 of the month, or on Friday"),
        ("0 0 13 * 1-5", "At 00:00, on day 13 of the month, or Monday through Friday"),
        ("0 0 */2 * 1", "At 00:00, every 2 days, but only on Monday"),
        ("0 0 13 * */2", "At 00:00, on day 13 of the month, but only on Sunday, Tuesday, Thursday, and Saturday"),
        ("0 0 * * 5-6/2", "At 00:00, only on Friday"),
        ("0 0 5-5 * *", "At 00:00, on day 5 of the month"),
        ("0 0 1 1 ?", "At 00:00, on day 1 of the month, only in January"),
        ("*/90 * * * *", "Every hour"),
        ("H H * * *", "At 07:15 (H, for example)"),
    ],
)
def test_descriptions(text: str, description: str) -> None:
    assert explain(text, "UTC", START).description == description


def test_with_an_id_h_is_described_and_previewed_as_that_tenant_gets_it() -> None:
    explanation = explain("H H * * *", "UTC", START, 1, hash_id="123456789")
    assert explanation.description == "At 19:02 (picked by H)"
    assert explanation.fires == (datetime(2026, 1, 15, 19, 2, tzinfo=UTC),)
    assert explanation.warnings == (
        "H: these times are drawn from this tenant's id and stay the same; other tenants get other times",
    )


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("0 9 * * *", []),
        ("0 9 * * 1-5", []),
        ("*/15 * * * *", []),
        ("0 */6 * * *", []),
        ("@monthly", []),
        ("0 0 1,15 * *", []),
        ("0 0 * * FRI-SUN", []),
        ("0 0 31 1,3 *", []),
        ("H * * * *", ["H: these times are an example; every tenant gets its own and keeps it"]),
        ("* * * * *", ["runs every minute, 1440 times a day"]),
        ("* 5 * * *", ["runs every minute of the hour 5, 60 times an hour; for once an hour write 0 5"]),
        ("*/7 * * * *", ["minute: */7 does not divide the hour: from 56 to 0 it is 4 minutes"]),
        ("0 */5 * * *", ["hour: */5 does not divide the day: from 20 to 0 it is 4 hours"]),
        ("*/90 * * * *", ["minute: */90 is 0 only: the step is as long as the hour or longer"]),
        ("0 0 1 */5 *", ["month: */5 does not divide the year: from 11 to 1 it is 2 months"]),
        ("0 0 * * */2", ["day of week: */2 does not divide the week: from 6 to 0 it is 1 days"]),
        ("0 0 */2 * *", ["day of month: */2 starts again every month, so the stretch at the end of a month is uneven"]),
        ("0 22-2 * * *", ["hour: 22-2 wraps around: 22, 23, 0, 1, 2"]),
        ("0 0 * * FRI-MON", ["day of week: 5-1 wraps around: Fri, Sat, Sun, Mon"]),
        ("0 0 31 * *", ["day of month: day 31 is left out where it is missing: Feb, Apr, Jun, Sep, Nov"]),
        ("0 0 29 2 *", ["day of month: 29 exists in Feb of leap years only"]),
        (
            "0 0 13 * FRI",
            ["day of month and day of week are both given: runs on days that match either of them, as cron does"],
        ),
        (
            "0 0 13 * */7",
            [
                "day of week: */7 is 0 only: the step is as long as the week or longer",
                "a day field starts with *: runs only on days that match both day of month and day of week",
            ],
        ),
    ],
)
def test_traps_are_warned_of_and_plain_schedules_are_not(text: str, warnings: list[str]) -> None:
    assert list(explain(text, "UTC", START).warnings) == warnings


@pytest.mark.parametrize(
    ("text", "zone", "warnings"),
    [
        (
            "30 2 * * *",
            "Europe/Berlin",
            [
                "2026-03-29: 02:30 does not exist in Europe/Berlin, runs at 03:00",
                "2026-10-25: 02:30 happens twice in Europe/Berlin, runs once, the first time",
            ],
        ),
        (
            "*/30 1 * * *",
            "Europe/London",
            [
                "2026-03-29: 01:00, 01:30 do not exist in Europe/London, no run then",
                "2026-10-25: 01:00, 01:30 happen twice in Europe/London, runs both times",
            ],
        ),
        (
            "0-50/10 2 * 3 *",
            "Europe/Berlin",
            ["2026-03-29: 02:00, 02:10, 02:20, 02:30, … 02:50 do not exist in Europe/Berlin, runs once at 03:00"],
        ),
        ("0 0 1-31 3 *", "Asia/Beirut", ["2026-03-29: 00:00 does not exist in Asia/Beirut, runs at 01:00"]),
        ("30 23 * 3 *", "America/Nuuk", ["2026-03-28: 23:30 does not exist in America/Nuuk, runs at 2026-03-29 00:00"]),
        ("0 12 * * *", "Europe/Berlin", []),
        ("0 * * * *", "Europe/Berlin", []),
        ("30 2 * * *", "Asia/Tokyo", []),
        # beyond a year, as far as the preview goes
        (
            "30 1 4 10 *",
            "Australia/Lord_Howe",
            [],
        ),
        (
            "10 2 4 10 *",
            "Australia/Lord_Howe",
            ["2026-10-04: 02:10 does not exist in Australia/Lord_Howe, runs at 02:30"],
        ),
        ("30 2 26 3 *", "Europe/Berlin", ["2028-03-26: 02:30 does not exist in Europe/Berlin, runs at 03:00"]),
    ],
)
def test_clock_changes_that_touch_the_schedule_are_told(text: str, zone: str, warnings: list[str]) -> None:
    assert list(explain(text, zone, START).warnings) == warnings


@given(
    st.sampled_from(["30 2 * * *", "*/20 1-2 * * *", "0 0 13 * FRI", "@weekly", "H H(1-3) * * *"]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    st.integers(0, 400),
    st.integers(0, 8),
)
@example("H H(1-3) * * *", "America/New_York", 282, 8)
@settings(deadline=None, max_examples=40)
def test_the_preview_is_what_the_scheduler_fires(text: str, zone: str, days: int, count: int) -> None:
    start = START + timedelta(days=days)
    explanation = explain(text, zone, start, count, hash_id="tenant-1")
    assert explanation.timezone == zone
    # In UTC, for Python calls an hour that comes twice equal to no moment of another zone.
    expected = tuple(islice(fires(parse_cron(text, hash_id="tenant-1"), start, zone), count))
    assert tuple(fire.astimezone(UTC) for fire in explanation.fires) == expected
    assert all(fire.tzinfo == ZoneInfo(zone) for fire in explanation.fires)


def test_a_told_clock_change_is_what_the_preview_shows() -> None:
    explanation = explain("30 2 * * *", "Europe/Berlin", datetime(2026, 3, 28, tzinfo=UTC), 3)
    assert [fire.isoformat() for fire in explanation.fires] == [
        "2026-03-28T02:30:00+01:00",
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]


def test_a_start_without_a_zone_is_a_wall_time_of_the_zone() -> None:
    start = datetime.fromisoformat("2026-07-01T12:00")
    explanation = explain("0 * * * *", "Asia/Tokyo", start, 1)
    assert explanation.fires[0].isoformat() == "2026-07-01T13:00:00+09:00"


def test_without_a_start_the_preview_begins_now() -> None:
    before = datetime.now(UTC)
    first = explain("* * * * *", "UTC", count=1).fires[0]
    assert before < first <= datetime.now(UTC) + timedelta(minutes=1)


@pytest.mark.parametrize("start", ["0001-01-01", "9999-12-31T23:59"])
def test_a_start_outside_the_calendar_is_refused(start: str) -> None:
    with pytest.raises(CronError, match=r"start: the year .* write 1970-2500"):
        explain("@daily", "Pacific/Kiritimati", datetime.fromisoformat(start))


def test_what_the_scheduler_refuses_has_no_explanation() -> None:
    with pytest.raises(CronError, match="minute: 60 is out of range"):
        explain("60 * * * *", "UTC")
    with pytest.raises(SettingsError, match="'Nowhere' is not a known time zone"):
        explain("@daily", "Nowhere")
