"""The query language of the lists: as text, on records in memory, and as SQL."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pandium_tui.hub.filtering import FIELDS, described
from pandium_tui.hub.runs import runs
from pandium_tui.hub.tenants import tenants
from pandium_tui.storage.database import Store
from pandium_tui.storage.filtering.filters import Field, read_filter
from pandium_tui.storage.filtering.kinds import Choice, Moment, Now, Number, Text
from pandium_tui.storage.filtering.language import FilterError, Value, parse_terms, quoted, written
from pandium_tui.storage.filtering.lists import RUN_FIELDS, TENANT_FIELDS
from pandium_tui.storage.queries import RUNS as RUNS_SQL
from tests.screens.filling import NOW, fill

HERE = Now(NOW, ZoneInfo("Europe/Paris"))


@dataclass
class Run:
    """What stands for a record in memory."""

    tenant: str | None
    phase: str = "Succeeded"
    took: int | None = None
    begun: datetime | None = None


FIELDS_OF_RUN = {
    "phase": Field(Choice(("Queued", "Succeeded", "Failed (Timeout)", "Failed (Refresh)")), "phase",
                   read=lambda one: one.phase, searched=True),
    "tenant": Field(Text(), "tenant", read=lambda one: one.tenant, searched=True),
    "took": Field(Number(units=True), "took", read=lambda one: one.took),
    "since": Field(Moment(since=True), "begun", read=lambda one: one.begun),
    "until": Field(Moment(since=False), "begun", read=lambda one: one.begun),
}  # fmt: skip

RUNS = [
    Run("acme", "Failed (Timeout)", 600, datetime(2099, 5, 4, 11, tzinfo=UTC)),
    Run("acme-eu", "Succeeded", 3, datetime(2099, 5, 2, 9, tzinfo=UTC)),
    Run("50%_off", "Failed (Refresh)", None, datetime(2099, 5, 3, 21, 59, tzinfo=UTC)),
    Run('say "hi", you', "Queued"),
    Run(None),
]


def found(text: str) -> list[str | None]:
    wanted = read_filter(text, FIELDS_OF_RUN, HERE)
    return [one.tenant for one in RUNS if wanted.holds(one)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["acme", "acme-eu", "50%_off", 'say "hi", you', None]),
        ("ACME", ["acme", "acme-eu"]),
        ("acme -eu", ["acme"]),
        ("tenant:acme", ["acme"]),
        ("tenant:acme*", ["acme", "acme-eu"]),
        ("tenant:*e*u", ["acme-eu"]),
        ("tenant:50%_*", ["50%_off"]),
        ("tenant:5_%*", []),
        ("tenant:*\\*", []),
        ('tenant:"say \\"hi\\", you"', ['say "hi", you']),
        ('tenant:""', [None]),
        ("phase:failed", ["acme", "50%_off"]),
        ("PHASE:timeout|queued", ["acme", 'say "hi", you']),
        ("phase:failed,succeeded -tenant:acme*", ["50%_off", None]),
        ("-phase:failed", ["acme-eu", 'say "hi", you', None]),
        ("timeout|off", ["acme", "50%_off"]),
        ("took:>5m", ["acme"]),
        ("took:<=3", ["acme-eu"]),
        ("took:2s..10m", ["acme", "acme-eu"]),
        ("-took:>5m", ["acme-eu", "50%_off", 'say "hi", you', None]),
        ("since:2h", ["acme"]),
        ("since:today", ["acme"]),
        ("since:yesterday until:yesterday", ["50%_off"]),  # 23:59 in Paris
        ("until:2099-05-02", ["acme-eu"]),
        ("since:2099-05-03T23:59", ["acme", "50%_off"]),
        ("since:2099-05-03T23:59Z", ["acme"]),
    ],
)
def test_what_a_filter_finds(text: str, names: list[str | None]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    ("text", "marked", "words"),
    [
        ("phse:failed", "phse", "Did you mean phase? Fields: phase, tenant, took, since, until."),
        ("a -colour:red", "colour", "there is no field 'colour'"),
        ("since:soon", "soon", "'soon' is no time; write 2d, 3h, today"),
        ("since:2x", "2x", "is no time"),
        ("since:999999999w", "999999999w", "is no time"),
        ("since:0001-01-01", "0001-01-01", "is no time"),
        ("took:long", "long", "'long' is no number"),
        ("took:5y", "5y", "one of s, m, h, d, w"),
        ("phase:broken", "broken", "is none of: Queued, Succeeded, Failed (Timeout), Failed (Refresh)"),
        ('x tenant:"acme', '"acme', "the quote is not closed"),
        ("tenant:", "tenant:", "needs a value"),
        ("x - y", "-", "needs something"),
        ("a\x00b", "\x00", "cannot be looked for"),
        ("tenant:\udc80", "\udc80", "cannot be looked for"),
    ],
)
def test_a_mistake_is_named_and_pointed_at(text: str, marked: str, words: str) -> None:
    with pytest.raises(FilterError) as caught:
        read_filter(text, FIELDS_OF_RUN, HERE)
    assert words in str(caught.value)
    assert text[caught.value.start : caught.value.end] == marked
    filter_line, marks = caught.value.pointing_at(text).split("\n")
    assert filter_line == text
    assert marks == " " * caught.value.start + "^" * len(marked)


BITS = st.lists(
    st.sampled_from(["phase:", "tenant:", "since:", "took:", "x:", "-", " ", "|", ",", "*", '"', "\\", ":", "acme",
                     "failed", "2d", ">5m", "1..7", "%", "_", "é", "\t", "today", "2099-05-03", "\x00", "\ud800"])
    | st.characters(),
    max_size=12,
).map("".join)  # fmt: skip


@settings(deadline=None)
@given(BITS)
def test_any_text_is_a_filter_or_a_told_mistake(text: str) -> None:
    try:
        wanted = read_filter(text, FIELDS_OF_RUN, HERE)
    except FilterError as error:
        assert str(error)
        assert 0 <= error.start < error.end
    else:
        assert parse_terms(written(parse_terms(text))) == parse_terms(text)
        for one in RUNS:
            wanted.holds(one)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40))
def test_a_quoted_text_means_itself(text: str) -> None:
    (term,) = parse_terms(f"tenant:{quoted(text)}")
    assert term.values == (Value((text,)),)
    assert read_filter(f"tenant:{quoted(text)}", FIELDS_OF_RUN, HERE).holds(Run(text))


def test_sql_and_memory_agree(store: Store) -> None:
    @settings(deadline=None)
    @given(BITS, st.text('aAcmeé%_\\*"f (', max_size=6), st.sampled_from(RUNS))
    def agree(text: str, tenant: str, like: Run) -> None:
        record = Run(tenant if tenant else None, like.phase, like.took, like.begun)
        try:
            wanted = read_filter(text, FIELDS_OF_RUN, HERE)
        except FilterError:
            return
        condition, values = wanted.condition()
        begun = record.begun and record.begun.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        row = "SELECT ? AS tenant, ? AS phase, ? AS took, ? AS begun"
        given_row = (record.tenant, record.phase, record.took, begun)
        (hit,) = reader.execute(f"SELECT count(*) FROM ({row}) WHERE {condition}", (*given_row, *values)).fetchone()
        assert bool(hit) == wanted.holds(record), (text, record)

    with store.reading() as reader:
        agree()


def test_every_field_of_every_list_is_sql_that_runs(store: Store) -> None:
    filled = fill(store)
    examples = {"Text": "a*|b", "Choice": None, "Number": "1..9", "Moment": "2d"}

    def value(field: Field) -> str:
        return examples[type(field.kind).__name__] or field.kind.words[0].split()[0]  # type: ignore[attr-defined]

    for name, field in RUN_FIELDS.items():
        for text in (f"{name}:{value(field)}", f"-{name}:{value(field)}"):
            runs(store, matching=read_filter(text, RUN_FIELDS, HERE))
    for name, field in TENANT_FIELDS.items():
        tenants(store, matching=read_filter(f"{name}:{value(field)} -{name}:{value(field)}", TENANT_FIELDS, HERE))
    from pandium_tui.hub.activity import activities
    from pandium_tui.hub.releases import releases

    for name, field in FIELDS["activity"].items():
        activities(store, matching=read_filter(f"{name}:{value(field)}", FIELDS["activity"], HERE))
    for name, field in FIELDS["releases"].items():
        releases(store, filled.integration_id, matching=read_filter(f"{name}:{value(field)}", FIELDS["releases"], HERE))


def test_runs_are_found_a_page_at_a_time_in_both_orders(store: Store) -> None:
    fill(store)
    wanted = read_filter("integration:crm* -phase:failed trigger:manual since:3h", RUN_FIELDS, HERE)
    assert [one.id for one in runs(store, matching=wanted)] == [3, 1]
    assert [one.id for one in runs(store, matching=wanted, before_id=3)] == [1]
    assert [one.id for one in runs(store, matching=wanted, oldest_first=True, limit=1)] == [1]
    assert [one.id for one in runs(store, matching=wanted, oldest_first=True, before_id=1)] == [3]
    assert [one.name for one in tenants(store, matching=read_filter("state:paused", TENANT_FIELDS, HERE))] == ["globex"]


def test_runs_of_an_integration_are_found_by_an_index_in_their_order(store: Store) -> None:
    indexes = {
        "phase:failed": "ix_run_unusual (integration_id=? AND id<?)",
        "reason:*refused* -tenant:acme": "ix_run_unusual (integration_id=? AND id<?)",
        "phase:succeeded acme": "ix_run_integration_id_id (integration_id=? AND id<?)",
        "trigger:manual": "ix_run_integration_id_id (integration_id=?",
    }
    for text, index in indexes.items():
        condition, values = read_filter(text, RUN_FIELDS, HERE).condition()
        sql = f"{RUNS_SQL} WHERE {condition} AND run.id < ? AND run.integration_id = ? ORDER BY run.id DESC LIMIT 200"
        with store.reading() as reader:
            plan = [row[3] for row in reader.execute(f"EXPLAIN QUERY PLAN {sql}", (*values, 9, 1))]
        assert any(f"SEARCH run USING INDEX {index}" in line for line in plan), plan
        assert not any("TEMP B-TREE FOR ORDER BY" in line for line in plan), plan


def test_the_fields_of_every_list_are_documented() -> None:
    text = Path("pandium_tui/topics/filters.md").read_text(encoding="utf-8")
    for listed in FIELDS:
        assert described(listed) in text, (
            f"pandium_tui/topics/filters.md does not say of {listed}:\n{described(listed)}"
        )
