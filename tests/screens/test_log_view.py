"""The log view, driven by keys over real log files."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, Static

from pandium_tui.engine.logs import LogPage, LogReader
from pandium_tui.settings import Settings
from pandium_tui.widgets.log_view import LogView
from tests.screens.log_files import TIME, add_lines, record, wait_until

HOSTILE = "\x1b]0;owned\x07[red]not markup[/oops] \x9b31m \u202e evil\ttab [link=x]"


class CountingReader(LogReader):
    """A reader that knows how much it was asked to read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.bytes_read = 0

    def read(self, place: int, limit: int = 0) -> LogPage:
        page = super().read(place, limit)
        self.bytes_read += page.end - page.start
        return page

    def read_before(self, place: int, limit: int = 0) -> LogPage:
        page = super().read_before(place, limit)
        self.bytes_read += page.end - page.start
        return page


class LogApp(App[None]):
    """Only a log."""

    def __init__(self, reader: LogReader, live: bool = True) -> None:
        super().__init__()
        self.settings = Settings(home=Path("nowhere"))  # which keys are a person's own
        self.reader, self.live = reader, live
        self.view = LogView()

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.lines.focus()
        self.view.show_log(self.reader, live=self.live)


def shown(app: LogApp) -> list[str]:
    """The rows on the screen, without time and stream."""
    lines = app.view.lines
    return [lines.render_line(y).text.rstrip() for y in range(lines.size.height)]


def text(app: LogApp) -> str:
    return "\n".join(shown(app))


def bar(app: LogApp) -> str:
    return str(app.view.query_one(".log-bar", Static).content)


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    await wait_until(pilot, condition)


async def test_it_starts_at_the_end_and_follows(tmp_path: Path) -> None:
    add_lines(tmp_path, 300)
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "line 299" in text(app))
        assert shown(app)[-1].endswith("line 299")
        assert "▼ follows" in bar(app)
        add_lines(tmp_path, 2, start=300)
        await until(pilot, lambda: shown(app)[-1].endswith("line 301"))


async def test_scrolling_up_pauses_and_g_takes_it_up_again(tmp_path: Path) -> None:
    add_lines(tmp_path, 300)
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "line 299" in text(app))
        await pilot.press("k")
        await until(pilot, lambda: shown(app)[-1].endswith("line 298"))
        assert "‖" in bar(app)
        assert "G follows" in bar(app)
        add_lines(tmp_path, 50, start=300)
        await until(pilot, lambda: app.view._end > 300 * 30)
        await pilot.press("pageup", "j")
        await until(pilot, lambda: shown(app)[-1].endswith("line 277"))
        await pilot.press("G")
        await until(pilot, lambda: shown(app)[-1].endswith("line 349"))
        add_lines(tmp_path, 1, start=350)
        await until(pilot, lambda: shown(app)[-1].endswith("line 350"))


@pytest.mark.parametrize("key", ["g", "home"])
async def test_top_and_all_the_way_down_by_pages(tmp_path: Path, key: str) -> None:
    add_lines(tmp_path, 20_000)
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "line 19999" in text(app))
        await pilot.press(key)
        await until(pilot, lambda: shown(app)[0].endswith("line 0"))
        rows = len(shown(app))
        for page in range(1, 6):
            await pilot.press("pagedown")
            await until(pilot, lambda page=page: shown(app)[0].endswith(f"line {page * (rows - 1)}"))  # type: ignore[misc]
        for page in range(4, -1, -1):
            await pilot.press("pageup")
            await until(pilot, lambda page=page: shown(app)[0].endswith(f"line {page * (rows - 1)}"))  # type: ignore[misc]


async def test_scrolling_through_far_more_than_the_window_keeps(tmp_path: Path) -> None:
    add_lines(tmp_path, 20_000)
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "line 19999" in text(app))
        rows = len(shown(app))
        last = 19_999
        for _ in range(20):
            app.view.scroll_by(-900)
            last -= 900
        await until(pilot, lambda: shown(app)[-1].endswith(f"line {last}"))
        window = app.view.lines.window
        assert window is not None
        assert window.after - window.first < 8000
        for _ in range(17):
            app.view.scroll_by(1000)
        await until(pilot, lambda: shown(app)[-1].endswith(f"line {last + 17_000}"))
        for _ in range(25):
            app.view.scroll_by(-1000)
        await until(pilot, lambda: shown(app)[0].endswith("line 0"))
        for _ in range(25):
            app.view.scroll_by(1000)
        await until(pilot, lambda: shown(app)[-rows].endswith(f"line {20_000 - rows}"))


async def test_a_huge_log_opens_without_being_read(tmp_path: Path) -> None:
    size = 300 * 1024 * 1024
    with (tmp_path / "log").open("wb") as file:
        file.write(record("the very first") * 100)
        file.truncate(size)
        file.seek(size)
        file.write(b"\n" + record("near the end") * 1000 + record("the very last"))
    reader = CountingReader(tmp_path)
    app = LogApp(reader)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "the very last" in text(app))
        await pilot.press("pageup", "G", "g")
        await until(pilot, lambda: "the very first" in text(app))
        assert reader.bytes_read < 1024 * 1024


async def test_nothing_from_the_log_is_markup_or_reaches_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(record(HOSTILE) + record(HOSTILE, "out+") + record("rest", "out"))
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: "rest" in text(app))
        assert "[red]not markup[/oops]" in text(app)
        assert "␛]0;owned␇" in text(app)
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\t"} & set(text(app))
        await pilot.press("slash", *"[red]", "enter")
        await until(pilot, lambda: "2 lines" in bar(app))
        assert "[red]" in bar(app)


async def test_streams_are_told_by_word_and_lines_that_go_on_by_a_sign(tmp_path: Path) -> None:
    data = record("half", "out+") + record("whole", "out") + record("problem", "err") + record("note", "sys")
    (tmp_path / "log").write_bytes(data)
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "note" in text(app))
        assert shown(app)[:4] == [
            "06:23:01 out+ half",
            "06:23:01 out  whole",
            "06:23:01 err  problem",
            "06:23:01 sys  note",
        ]
        await pilot.press("F")
        await until(pilot, lambda: shown(app)[:3] == ["06:23:01 err  problem", "06:23:01 sys  note", ""])
        assert "only err" in bar(app)
        await pilot.press("F")
        await until(pilot, lambda: shown(app)[0] == "06:23:01 out+ half" and "only out" in bar(app))
        await pilot.press("F")
        await until(pilot, lambda: "problem" in text(app) and "only" not in bar(app))


async def test_times_are_of_the_day_or_since_the_start_or_off(tmp_path: Path) -> None:
    later = record("later", moment="2026-11-24T09:30:08.100Z")
    soon = record("soon", moment="2026-11-24T06:23:08.600Z")
    (tmp_path / "log").write_bytes(record("begin") + soon + later)
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "later" in text(app))
        await pilot.press("T")
        await until(pilot, lambda: shown(app)[0].startswith("+0:00.0"))
        assert [row[:9].strip() for row in shown(app)[1:3]] == ["+0:07.4", "+3h07:06"]
        await pilot.press("T")
        await until(pilot, lambda: shown(app)[0] == "err  begin")
        await pilot.press("T")
        await until(pilot, lambda: shown(app)[0].startswith("06:23:01"))


async def test_colours_of_the_run_are_shown_and_no_other_sequence(tmp_path: Path) -> None:
    line = "\x1b[31;1mred\x1b[0m plain \x1b[38;5;208morange\x1b[2J\x1b[m end"
    (tmp_path / "log").write_bytes(record(line) + record("not coloured"))
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "not coloured" in text(app))
        assert shown(app)[0] == "06:23:01 err  red plain orange␛[2J end"
        styles = {segment.text.strip(): segment.style for segment in app.view.lines.render_line(0)}
        assert styles["red"] is not None
        assert (styles["red"].color.number, styles["red"].bold) == (1, True)  # type: ignore[union-attr]
        assert styles["orange␛[2J"].color.number == 208  # type: ignore[union-attr]
        assert styles["plain"].color == styles["end"].color  # type: ignore[union-attr]
        await pilot.press("slash", *"red plain", "enter")
        await until(pilot, lambda: "1 line" in bar(app))
        marked = [segment for segment in app.view.lines.render_line(0) if segment.style and segment.style.reverse]
        assert "".join(segment.text for segment in marked) == "red plain"


async def test_the_first_error_is_found_from_anywhere(tmp_path: Path) -> None:
    add_lines(tmp_path, 500)
    with (tmp_path / "log").open("ab") as file:
        file.write(record("ValueError: no such customer") + record("terror is no such word"))
    add_lines(tmp_path, 500, start=500)
    with (tmp_path / "log").open("ab") as file:
        file.write(record("FATAL: gave up"))
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "gave up" in text(app))
        await pilot.press("E")
        await until(pilot, lambda: ">ValueError" in text(app) and "2 lines" in bar(app))
        await pilot.press("n")
        await until(pilot, lambda: ">FATAL" in text(app))


async def test_a_log_is_saved_as_plain_lines_and_over_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(record("\x1b[31mred\x1b[m \x07") + record("second", "out"))
    app = LogApp(LogReader(tmp_path))
    file = tmp_path / "saved.txt"
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "second" in text(app))
        for told in ("2 lines saved", "there already"):
            await pilot.press("S", *str(file), "enter")
            await until(pilot, lambda told=told: any(told in one.message for one in app._notifications))  # type: ignore[misc]
    assert file.read_text() == f"{TIME} err red ␇\n{TIME} out second\n"
    assert file.stat().st_mode & 0o777 == 0o600


async def test_the_screen_is_copied(tmp_path: Path) -> None:
    add_lines(tmp_path, 2)
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "line 1" in text(app))
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard.startswith("06:23:01 err  line 0\n06:23:01 err  line 1"))


async def test_lines_are_marked_by_keys_and_copied_whole(tmp_path: Path) -> None:
    add_lines(tmp_path, 30)
    with (tmp_path / "log").open("ab") as log:
        log.write(record("wide " * 40 + "end"))
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 11)) as pilot:
        await until(pilot, lambda: "wide" in text(app))
        await pilot.press("v")
        await until(pilot, lambda: "1 line marked, y copies" in bar(app) and "‖" in bar(app))
        await pilot.press("k", "k", "j")
        await until(pilot, lambda: "2 lines marked" in bar(app))
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard.startswith("06:23:01 err  line 29\n06:23:01 err  wide"))
        assert app.clipboard.endswith("wide end")
        await until(pilot, lambda: "marked" not in bar(app))
        await pilot.press("/", *"line 4", "enter")
        await until(pilot, lambda: "/line 4 found" in bar(app))
        await pilot.press("v", "pageup", "pageup")
        await until(pilot, lambda: "5 lines marked" in bar(app) and shown(app)[0].endswith("line 0"))
        await pilot.press("pagedown", "pagedown", "j")
        await until(pilot, lambda: "16 lines marked" in bar(app) and shown(app)[-1].endswith("line 19"))
        await pilot.press("escape")
        await until(pilot, lambda: "marked" not in bar(app) and "/line 4" in bar(app))


async def test_long_lines_are_cut_with_a_sign_and_wrap_on_w(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(record("short") + record("x" * 100 + "Y" * 60 + "z" * 9000))
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "short" in text(app))
        assert shown(app)[1].endswith("x…")
        await pilot.press(*["right"] * 5)
        await until(pilot, lambda: "Y" in text(app) and "from column 101" in bar(app))
        await pilot.press(*["left"] * 6)
        await until(pilot, lambda: "short" in text(app) and "from column" not in bar(app))
        await pilot.press("slash", *"xyz", "enter")
        await until(pilot, lambda: "not found" in bar(app) and "from column" not in bar(app))
        await pilot.press("slash", *"xyy", "enter")
        await until(pilot, lambda: "xYY" in text(app) and "from column" in bar(app))
        await pilot.press("slash", *"short", "enter")
        await until(pilot, lambda: "short" in text(app) and "from column" not in bar(app))
        await pilot.press("escape")
        await pilot.press("w", "g")
        await until(pilot, lambda: "wrapped" in bar(app) and "short" in text(app))
        assert text(app).count("Y") == 60
        await pilot.press("G")
        await until(pilot, lambda: "(5,160 more characters)" in text(app))
        last = shown(app)[-1]
        await pilot.press("k")
        await until(pilot, lambda: shown(app)[-1] != last)
        assert "z" in shown(app)[-1]


async def test_search_goes_through_the_whole_log_both_ways_and_round(tmp_path: Path) -> None:
    add_lines(tmp_path, 10_000)
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "line 9999" in text(app))

        def marked() -> str:
            return next((row for row in shown(app) if row[13:14] == ">"), "")

        await pilot.press("slash", *"LINE 12", "enter")
        await until(pilot, lambda: "not found" in bar(app))  # an upper-case letter makes it exact
        await pilot.press("slash", *"line 1234", "enter")
        await until(pilot, lambda: marked().endswith("line 1234"))
        assert "from the other end" in bar(app)
        assert "1 line" in bar(app)
        await pilot.press("slash", *"line 777", "enter")
        await until(pilot, lambda: marked().endswith("line 7770"))
        assert "11 lines" in bar(app)
        await pilot.press("n")
        await until(pilot, lambda: marked().endswith("line 7771"))
        await pilot.press("N", "N")
        await until(pilot, lambda: marked().endswith("line 777"))
        await pilot.press("N")
        await until(pilot, lambda: marked().endswith("line 7779"))
        await pilot.press("escape")
        await until(pilot, lambda: not marked() and "777" not in bar(app))


async def test_escape_closes_the_search_field_and_gives_the_focus_back(tmp_path: Path) -> None:
    add_lines(tmp_path, 3)
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash")
        assert isinstance(app.focused, Input)
        await pilot.press("escape")
        assert app.focused is app.view.lines


async def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No log yet" in text(app))
        (tmp_path / "log").touch()
        await until(pilot, lambda: "Nothing printed so far" in text(app))
        add_lines(tmp_path, 1)
        await until(pilot, lambda: "line 0" in text(app))
        (tmp_path / "log").unlink()
        await until(pilot, lambda: "removed" in text(app))


async def test_an_ended_log_that_is_empty_or_gone(tmp_path: Path) -> None:
    app = LogApp(LogReader(tmp_path), live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "There is no log" in text(app))
        (tmp_path / "log").touch()
        app.view.show_log(app.reader, live=False)
        await until(pilot, lambda: "Nothing was printed" in text(app))


async def test_it_stays_at_the_end_when_the_screen_changes(tmp_path: Path) -> None:
    add_lines(tmp_path, 300)
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "line 299" in text(app))
        await pilot.resize_terminal(60, 12)
        await until(pilot, lambda: len(shown(app)) == 11 and shown(app)[-1].endswith("line 299"))


async def test_a_wrapped_log_survives_any_change_of_the_screen(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"".join(record(f"{number} " + "汉字 wide " * 200) for number in range(30)))
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(30, 20)) as pilot:
        await until(pilot, lambda: "wide" in text(app))
        await pilot.press("w", "g", "pagedown", "pagedown", "j")
        for width, height in [(120, 10), (20, 30), (200, 50), (12, 3), (80, 24)]:
            await pilot.resize_terminal(width, height)
            await until(pilot, lambda height=height: len(shown(app)) == height - 1)  # type: ignore[misc]
            assert "‖" in bar(app)
        await pilot.press("G")
        await until(pilot, lambda: "▼ follows" in bar(app) and "wide" in shown(app)[-1])


async def test_what_the_mouse_selects_is_what_is_on_the_screen(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(record("first") + record("second \x1b[31m"))
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "second" in text(app))
        await pilot.mouse_down(app.view.lines, offset=(14, 0))
        await pilot.hover(app.view.lines, offset=(20, 1))
        await pilot.mouse_up(app.view.lines, offset=(20, 1))
        await until(pilot, lambda: app.screen.get_selected_text() is not None)
        selected = app.screen.get_selected_text()
        assert selected is not None
        assert selected.startswith("first\n06:23:01 err  second")


async def test_a_record_that_is_only_begun_is_not_shown_and_breaks_nothing(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(record("half")[:30])
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.view._end == 30)
        await pilot.press("g", "k", "j", "right", "pagedown", "w", "slash", *"half", "enter", "n", "N", "G")
        await until(pilot, lambda: "not found" in bar(app))
        with (tmp_path / "log").open("ab") as file:
            file.write(record("half")[30:])
        await until(pilot, lambda: shown(app)[0].endswith("half"))


async def test_keys_typed_at_once_after_the_search_key_go_into_the_field(tmp_path: Path) -> None:
    add_lines(tmp_path, 3)
    app = LogApp(LogReader(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "line 2" in text(app))
        for key in "/wn G":
            name = {"/": "slash", " ": "space"}.get(key, key)
            app.post_message(events.Key(name, key))
        await until(pilot, lambda: app.view.query_one(Input).value == "wn G")
        assert not app.view.lines.wrap


async def test_the_pager_gets_a_file_of_its_owner_alone_that_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_lines(tmp_path, 3)
    seen = tmp_path / "seen"
    pager = tmp_path / "pager"
    pager.write_text(f'#!/bin/sh\n(stat -c %a "$1"; echo "$1"; cat "$1") > {seen}.new && mv {seen}.new {seen}\n')
    pager.chmod(0o755)
    monkeypatch.setenv("PAGER", str(pager))
    app = LogApp(LogReader(tmp_path))
    monkeypatch.setattr(app, "suspend", nullcontext)  # there is no terminal to give away
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "line 2" in text(app))
        await pilot.press("P")
        await until(pilot, seen.exists)
        mode, file, *lines = seen.read_text().splitlines()
        assert (mode, [line[-6:] for line in lines]) == ("600", ["line 0", "line 1", "line 2"])
        await until(pilot, lambda: not Path(file).parent.exists())
        monkeypatch.setenv("PAGER", str(tmp_path / "none"))
        await pilot.press("P")
        await until(pilot, lambda: bool(app._notifications))
        assert "none cannot be started: No such file" in next(iter(app._notifications)).message
