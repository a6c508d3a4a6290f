"""Writing a log as the supervisor does, and reading it back at any moment."""

import json
import os
import re
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pandium_tui.engine.log_writer import LINE_LIMIT, Log, State, Stream, sys_record
from pandium_tui.engine.logs import LogPage, LogReader, LogRecord
from tests.engine.supervised import all_records

PREFIX = len("2026-11-24T06:23:01.123Z out ")
LIMITS = st.sampled_from([1, 50, 400, 70_000])


def all_records_backwards(reader: LogReader, limit: int) -> list[LogRecord]:
    records: list[LogRecord] = []
    page = reader.read_before(reader.end() or 0, limit)
    while page.records:
        records = page.records + records
        page = reader.read_before(page.start, limit)
    assert page.start == 0
    return records


def joined(records: list[LogRecord], stream: str) -> str:
    return "".join(one.text + ("" if one.continued else "\n") for one in records if one.stream == stream)


def chunks_of(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


pieces = st.one_of(
    st.binary(max_size=20),
    st.text(max_size=10).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from([b"\n", b"\r\n", b"\r", b" ", b"\t\n", b"\xc3", b"\xa9", "€🙂".encode(), b"{}"]),
    st.integers(LINE_LIMIT - 5, LINE_LIMIT + 5).map(lambda size: b"x" * size),
)
outputs = st.lists(pieces, max_size=12).map(b"".join)
places = st.lists(st.integers(0, 10**6), max_size=8)


@settings(deadline=None, max_examples=150)
@given(data=outputs, cuts=places, limit=LIMITS)
@example(data=b"x" * (LINE_LIMIT - 1) + "é".encode() + b"\n", cuts=[], limit=1)
@example(data=b"x" * LINE_LIMIT + b"\r\n", cuts=[LINE_LIMIT, LINE_LIMIT + 1], limit=1)
@example(data=b"x" * (LINE_LIMIT - 1) + b"\rx\n\r", cuts=[], limit=1)
def test_whatever_is_printed_in_whatever_pieces_comes_back(data: bytes, cuts: list[int], limit: int) -> None:
    with TemporaryDirectory() as name:
        log = Log(f"{name}/log", 10**8)
        stream = Stream("out", log)
        for chunk in chunks_of(data, cuts):
            stream.feed(chunk)
        stream.finish()
        size = log.finish()
        reader = LogReader(Path(name))
        assert reader.end() == size
        records = all_records(reader, limit=limit)
        assert all_records_backwards(reader, limit) == records
        text = data.replace(b"\r\n", b"\n").decode("utf-8", "backslashreplace")
        assert joined(records, "out") == text + ("\n" if text and not text.endswith("\n") else "")


def test_a_character_is_not_divided_between_two_records(tmp_path: Path) -> None:
    log = Log(f"{tmp_path}/log", 10**6)
    stream = Stream("err", log)
    stream.feed("€".encode() * LINE_LIMIT + b"\n")
    log.finish()
    records = all_records(LogReader(tmp_path))
    assert all(set(one.text) == {"€"} for one in records)
    assert [one.continued for one in records] == [True] * (len(records) - 1) + [False]
    assert all(len(one.text.encode()) <= LINE_LIMIT for one in records)


@settings(deadline=None)
@given(data=outputs, cuts=places, limit=st.sampled_from([1, 3, 30, LINE_LIMIT, 10**6]))
@example(data=b"ab   c\n", cuts=[6], limit=3)
def test_the_state_does_not_depend_on_the_pieces_it_came_in(data: bytes, cuts: list[int], limit: int) -> None:
    state = State(limit)
    for chunk in chunks_of(data, cuts):
        state.feed(chunk)
    lines = [line for line in data.split(b"\n") if line.strip()]
    found, problem = state.result()
    if not lines:
        assert (found, problem) == (None, None)
    elif problem is None:
        assert found == lines[-1].strip().decode()
        assert len(lines[-1].strip()) <= limit
    else:
        assert found is None
        last = lines[-1]
        assert len(last) > limit or b"\0" in last or last.decode("utf-8", "replace").encode() != last


def write_numbers(log: Log, first: int, last: int) -> None:
    stream = Stream("out", log)
    for number in range(first, last + 1):
        stream.feed(b"%d\n" % number)


def numbers(records: list[LogRecord]) -> list[int]:
    return [int(one.text) for one in records if one.stream == "out"]


class Follower:
    """Reads on from where it was, as a viewer of a live log does."""

    def __init__(self, folder: Path) -> None:
        self.reader = LogReader(folder)
        self.place = 0
        self.records: list[LogRecord] = []

    def look(self, limit: int = 200) -> None:
        while (page := self.reader.read(self.place, limit)).records:
            self.records += page.records
            self.place = page.end


@settings(deadline=None, max_examples=60)
@given(limit=st.sampled_from([1, 100, 1000, 4000]), steps=st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_who_follows_sees_every_record_once_or_a_note_of_what_was_cut(limit: int, steps: list[int]) -> None:
    with TemporaryDirectory() as name:
        log = Log(f"{name}/log", limit)
        often, seldom, once = Follower(Path(name)), Follower(Path(name)), Follower(Path(name))
        written = 0
        for index, step in enumerate(steps):
            write_numbers(log, written + 1, written + step)
            written += step
            often.look()
            if index % 3 == 2:
                seldom.look()
        killed = all_records(LogReader(Path(name)))
        log.finish()
        for follower in (often, seldom, once):
            follower.look()
            seen = numbers(follower.records)
            assert seen == sorted(set(seen))
            missing = written - len(seen)
            notes = [one for one in follower.records if one.stream == "sys"]
            assert bool(missing) == bool(notes)
            assert seen[-1:] == ([written] if written else [])
        assert numbers(killed) == numbers(once.records)
        if max(steps) <= 1:
            assert numbers(often.records) == list(range(1, written + 1))
        if log.cut_bytes:
            (note,) = [one for one in once.records if one.stream == "sys"]
            assert f"{written - len(numbers(once.records)):,} lines" in note.text
        assert all_records_backwards(LogReader(Path(name)), 300) == once.records


@pytest.mark.parametrize("pace", [1, 2, 3, 7, 30, 60, 150])
def test_a_log_that_grows_and_ends_between_any_two_looks_is_followed_truly(tmp_path: Path, pace: int) -> None:
    log = Log(f"{tmp_path}/log", 2000)
    last = 300
    steps = iter([*((first, min(first + pace - 1, last)) for first in range(1, last + 1, pace)), None])

    class Growing(type(tmp_path)):  # type: ignore[misc]
        """Looking at the size of the log makes it grow right after."""

        def stat(self, **options: Any) -> os.stat_result:
            found: os.stat_result = super().stat(**options)
            if step := next(steps, None):
                write_numbers(log, *step)
            elif not finished:
                finished.append(log.finish())
            return found

    finished: list[int] = []
    follower = Follower(Growing(tmp_path))
    ends = [0]
    while not finished:
        follower.look()
        ends.append(follower.reader.end() or 0)
    follower.look()
    assert ends == sorted(ends)
    expected = 1
    for before, record in pairwise([None, *follower.records]):
        if record is not None and record.stream == "out":
            gap = before is not None and before.stream == "sys"
            assert int(record.text) > expected if gap else int(record.text) == expected
            expected = int(record.text) + 1
    assert expected == last + 1
    assert pace > 2 or not [one for one in follower.records if one.stream == "sys"], "it kept up with the writer"


def test_places_stay_when_the_parts_are_joined(tmp_path: Path) -> None:
    log = Log(f"{tmp_path}/log", 10_000)
    write_numbers(log, 1, 2000)
    reader = LogReader(tmp_path)
    before, end = {one.place: one for one in all_records(reader) if one.stream == "out"}, reader.end()
    size = log.finish()
    assert (tmp_path / "log").stat().st_size == size
    assert [file.name for file in tmp_path.iterdir() if file.stat().st_size] == ["log"]
    assert {one.place: one for one in all_records(reader) if one.stream == "out"} == before
    assert reader.end() == end
    middle = sorted(before)[len(before) * 3 // 4]
    assert reader.read(middle, 1).records == [before[middle]]


def test_a_log_between_half_and_all_of_its_limit_is_whole(tmp_path: Path) -> None:
    log = Log(f"{tmp_path}/log", 10_000)
    write_numbers(log, 1, 250)
    assert list(tmp_path.glob("log.tail-*"))
    reader = LogReader(tmp_path)
    before = all_records(reader)
    log.finish()
    assert [file.name for file in tmp_path.iterdir()] == ["log"]
    assert all_records(reader) == before
    assert numbers(before) == list(range(1, 251))


def test_killed_while_the_parts_were_joined_the_log_reads_the_same(tmp_path: Path) -> None:
    log = Log(f"{tmp_path}/log", 10_000)
    write_numbers(log, 1, 2000)
    parts = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    before = numbers(all_records(LogReader(tmp_path)))
    log.finish()
    after = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    (marker,) = set(after) - {"log"}
    moments = [
        {**parts, "log.merged": after["log"][:5000]},
        {**parts, "log.merged": after["log"], marker: b""},
        {**parts, **after},
        {**after, max(parts): parts[max(parts)]},
        after,
    ]
    for files in moments:
        for file in tmp_path.iterdir():
            file.unlink()
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        assert numbers(all_records(LogReader(tmp_path))) == before


@pytest.mark.parametrize("finished", [False, True])
def test_the_tail_is_the_end_of_all_records(tmp_path: Path, finished: bool) -> None:
    log = Log(f"{tmp_path}/log", 10_000)
    write_numbers(log, 1, 2000)
    if finished:
        log.finish()
    reader = LogReader(tmp_path)
    records = all_records(reader)
    for lines in (1, 7, 100, len(records), len(records) + 5):
        page = reader.tail(lines)
        assert page.records == records[-lines:]
        assert (page.start, page.end) == (page.records[0].place, reader.end())
    assert reader.tail(0).records == []


def test_a_record_stored_in_part_is_not_shown_before_it_is_whole(tmp_path: Path) -> None:
    line = b"2026-11-24T06:23:01.123Z out whole\n"
    (tmp_path / "log").write_bytes(line + line[:-3])
    reader = LogReader(tmp_path)
    page = reader.read(0)
    assert ([one.text for one in page.records], page.end) == (["whole"], len(line))
    assert reader.read(page.end) == LogPage(page.end, page.end, [])
    assert reader.tail(5) == LogPage(0, len(line), page.records)
    with (tmp_path / "log").open("ab") as file:
        file.write(line[-3:])
    assert [one.text for one in reader.read(page.end).records] == ["whole"]


def test_no_log_is_an_empty_log(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "gone"):
        reader = LogReader(folder)
        assert reader.end() is None
        assert reader.read(0) == reader.read_before(10) == reader.tail(3) == LogPage(0, 0, [])


@pytest.mark.parametrize("limit", [50, 10_000])
def test_a_log_that_exists_is_continued(tmp_path: Path, limit: int) -> None:
    (tmp_path / "log").write_bytes(sys_record("fetched\nchecked out"))
    log = Log(f"{tmp_path}/log", limit)
    write_numbers(log, 1, 1)
    assert log.finish() == (tmp_path / "log").stat().st_size
    assert [one.text for one in all_records(LogReader(tmp_path))] == ["fetched", "checked out", "1"]


def test_other_names_do_not_mix(tmp_path: Path) -> None:
    for name in ("log", "log.x", "build"):
        Log(f"{tmp_path}/{name}", 100).note(name)
    assert [one.text for one in all_records(LogReader(tmp_path, "log.x"))] == ["log.x"]
    assert [one.text for one in all_records(LogReader(tmp_path))] == ["log"]


@settings(deadline=None)
@given(content=st.lists(st.one_of(st.binary(max_size=40), outputs)).map(b"\n".join), limit=LIMITS)
@example(content=b"\n" + b"\xff" * 300_000, limit=50)
@example(content=b"2026-11-24T06:23:01.123Z out\n2026-11-24T06:23:01.123Z  \n \n\n", limit=50)
@example(content=b"2026-11-24T06:23:01.123Z OUT x\nTime out y\n", limit=1)
def test_what_is_no_record_never_raises_and_nothing_is_skipped(content: bytes, limit: int) -> None:
    with TemporaryDirectory() as name:
        Path(name, "log").write_bytes(content)
        reader = LogReader(Path(name))
        records = all_records(reader, limit=limit)
        for record, following in pairwise(records):
            assert record.place < following.place
        text = "".join(json.dumps(one.text)[1:-1] for one in records)
        shown = re.findall(rb"[a-z{}]+", content.rpartition(b"\n")[0])
        for word in shown:
            assert word.decode() in text or word in (b"out", b"err", b"sys")
        all_records_backwards(reader, limit)
        reader.tail(5)
