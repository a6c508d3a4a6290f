"""The widgets that pages share."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text
from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.widget import Widget

from pandium_tui.hub.overview import Overview
from pandium_tui.storage.vocabulary import PHASES, RELEASE_STATUSES
from pandium_tui.text import shortened, visible
from pandium_tui.widgets.choice import Choice
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.row_lines import line_of
from pandium_tui.widgets.rows import Column, Rows
from pandium_tui.widgets.status_line import status_words
from pandium_tui.widgets.tick import Tick
from pandium_tui.widgets.when import When, phase_words, span
from tests.screens.filling import HOSTILE, NOW, ago
from tests.screens.log_files import wait_until

WHEN = When(NOW, ZoneInfo("Europe/Berlin"))


class Holder(App[None]):
    """An app around one widget, which remembers the messages of ``Rows``."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.chosen: list[int] = []
        self.near_end = 0

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        self.chosen.append(event.key)

    def on_rows_near_end(self) -> None:
        self.near_end += 1


def screen_text(app: App[None]) -> str:
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)


def numbered(*keys: int) -> list[tuple[int, tuple[str, str]]]:
    return [(key, (f"name {key}", "x")) for key in keys]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.0 s"),
        (0.44, "0.4 s"),
        (42, "42 s"),
        (60, "1 m"),
        (190, "3 m 10 s"),
        (7500, "2 h 5 m"),
        (273_600, "3 d 4 h"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (0, "just now"),
        (-59, "just now"),
        (-125, "2 m ago"),
        (30, "in < 1 m"),
        (3 * 3600, "in 3 h"),
        (-180_000, "2 d ago"),
    ],
)
def test_a_moment_is_told_as_seen_from_now(away: int, words: str) -> None:
    assert WHEN.relative(NOW + timedelta(seconds=away)) == words


def test_moments_are_shown_in_the_zone() -> None:
    assert WHEN.both(ago(hours=1)) == "2099-05-04 13:00:00 CEST (1 h ago)"
    assert WHEN.lasted(ago(minutes=5), None) == "5 m so far"
    assert WHEN.lasted(ago(minutes=5), ago(minutes=4)) == "1 m"


def test_every_phase_and_status_has_a_symbol_of_its_own_kind() -> None:
    assert all(not phase_words(word).startswith("?") for word in (*PHASES, *RELEASE_STATUSES))
    assert phase_words("Failed (Timeout)") == "✗ Failed (Timeout)"


def test_the_status_line_says_when_nothing_fires() -> None:
    off = status_words(Overview(0, 1, 2, 3, 4, NOW + timedelta(hours=1)), WHEN)
    assert off == "✗ Scheduler off: nothing fires │ 1 running │ 2 queued │ 3 building │ ✗ 4 failed (24 h)"
    soon = status_words(Overview(0, 0, 0, 0, 0, NOW + timedelta(hours=1)), WHEN, starting=True)
    assert soon == "○ Scheduler starts │ 0 running │ 0 queued │ 0 failed (24 h)"
    paused = status_words(Overview(1, 0, 0, 0, 0, NOW, paused_by="ada"), WHEN)
    assert paused.startswith("‖ Paused by ada: nothing fires")
    on = status_words(Overview(1, 0, 0, 0, 0, NOW + timedelta(hours=1)), WHEN)
    assert on == "● Scheduler on, next in 1 h │ 0 running │ 0 queued │ 0 failed (24 h)"


async def test_rows_change_by_difference_and_the_cursor_stays_on_its_record() -> None:
    rows = Rows("Name", "X")
    app = Holder(rows)
    async with app.run_test(size=(60, 12)) as pilot:
        rows.focus()
        rows.set_rows(numbered(3, 2, 1))
        await pilot.press("j", "j")
        assert rows.current_key == 1
        rows.set_rows([(4, ("name 4", "x")), (3, ("name 3", "changed")), (1, ("name 1", "x"))])
        await pilot.pause()
        assert [rows.get_row_at(index)[0].plain for index in range(3)] == ["name 4", "name 3", "name 1"]
        assert rows.get_row("3")[1].plain == "changed"
        assert "changed" in screen_text(app)
        assert rows.current_key == 1
        await pilot.press("g", "enter")
        await pilot.press("G", "enter")
    assert app.chosen == [4, 1]


async def test_a_click_chooses_a_row() -> None:
    rows = Rows("Name", "X")
    app = Holder(rows)
    async with app.run_test(size=(60, 12)) as pilot:
        rows.set_rows(numbered(3, 2, 1))
        await pilot.pause()
        await pilot.click(Rows, offset=(4, 2))
        await pilot.click(Rows, offset=(9, 2))
    assert app.chosen == [2]


async def test_rows_show_hostile_text_as_text() -> None:
    rows = Rows(Column("Name", 80))
    app = Holder(rows)
    async with app.run_test(size=(100, 12)) as pilot:
        rows.set_rows([(1, (HOSTILE,))])
        await pilot.pause()
        assert visible(HOSTILE) in screen_text(app)
        assert "\x1b" not in screen_text(app)


async def test_a_cell_that_grows_is_not_cut() -> None:
    rows = Rows("A", "B")
    app = Holder(rows)
    async with app.run_test(size=(60, 12)) as pilot:
        rows.set_rows([(1, ("x", "y"))])
        await pilot.pause()
        with app.batch_update():
            rows.set_rows([(1, (Text("much longer"), "longer too"))])
        await pilot.pause()
        assert "much longer  longer too" in screen_text(app)


class Watched(Rows):
    """Remembers which lines were painted."""

    def __init__(self, *columns: str) -> None:
        super().__init__(*columns)
        self.painted: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.painted.append(y)
        return super().render_line(y)


async def test_a_key_paints_the_two_rows_that_change_also_after_a_click() -> None:
    rows = Watched("Name", "X")
    app = Holder(rows)
    async with app.run_test(size=(60, 12)) as pilot:
        rows.focus()
        rows.set_rows(numbered(1, 2, 3, 4, 5))
        await pilot.click(Rows, offset=(4, 1))
        await pilot.press("j")
        await pilot.pause()
        rows.painted.clear()
        await pilot.press("j")
        await pilot.pause()
        assert sorted(rows.painted) == [2, 3]


def test_a_row_is_as_few_pieces_as_it_has_colours_and_as_wide_as_its_columns() -> None:
    cells = [(Text("✓", "green"), 1), (Text("名前"), 6), (Text("long name"), 5), (Text("a").append("b", "red"), 3)]
    line = line_of(cells, Style(color="white"), Console(), over=None)
    assert line.text == " ✓  名前    long…  ab   "
    assert line.cell_length == 1 + sum(width + 2 for _, width in cells) == cell_len(line.text)
    assert [(part, style.color and style.color.name) for part, style, _ in line if style] == [
        (" ", "white"),
        ("✓", "green"),
        ("  名前    long…  a", "white"),
        ("b", "red"),
        ("   ", "white"),
    ]
    under_the_cursor = line_of(cells, Style(color="white"), Console(), over=Style(color="black"))
    assert {style.color.name for part, style, _ in under_the_cursor if style and style.color and part.strip()} == {
        "black"
    }


async def test_long_text_is_cut_in_the_middle_at_the_limit() -> None:
    rows = Rows(Column("A", 9))
    app = Holder(rows)
    async with app.run_test(size=(60, 12)) as pilot:
        rows.set_rows([(1, ("begin-and-end",))])
        await pilot.pause()
        assert "begi…-end" in screen_text(app)


async def test_columns_come_with_the_width_of_the_screen() -> None:
    rows = Rows("A", Column("Wide", shown_from=100))
    app = Holder(rows)
    async with app.run_test(size=(80, 12)) as pilot:
        rows.set_rows([(1, ("x", "only when wide")), (2, ("y", "z"))])
        rows.move_cursor(row=1)
        await pilot.pause()
        assert "only when wide" not in screen_text(app)
        await pilot.resize_terminal(120, 12)
        await pilot.pause()
        assert "only when wide" in screen_text(app)
        assert rows.current_key == 2


async def test_rows_say_what_to_do_only_once_they_know_that_there_is_nothing() -> None:
    rows = Rows("A", empty_text="No runs yet: press r on a tenant to start one")
    app = Holder(rows)
    async with app.run_test(size=(30, 12)) as pilot:
        assert "No runs yet" not in screen_text(app)
        rows.set_rows([])
        await pilot.pause()
        assert "No runs yet: press r on a" in screen_text(app)
        rows.set_rows([(1, ("x",))])
        await pilot.pause()
        assert "No runs yet" not in screen_text(app)


async def test_rows_ask_for_more_near_the_end() -> None:
    rows = Rows("Name", "X")
    app = Holder(rows)
    async with app.run_test(size=(60, 12)) as pilot:
        rows.focus()
        rows.set_rows(numbered(*range(1, 101)))
        await pilot.pause()
        assert app.near_end == 0
        await pilot.press("G")
        assert app.near_end == 0
        rows.more_after = True
        await pilot.press("up")
        assert app.near_end == 1
        rows.more_after, rows.more_before = False, True
        await pilot.press("up")
        assert app.near_end == 1
        rows.move_cursor(row=19)
        await pilot.pause()
        assert app.near_end == 2


async def test_facts_take_two_columns_where_there_is_room() -> None:
    facts = Facts([(f"Label {number}", f"value {number}") for number in range(4)])
    app = Holder(facts)
    async with app.run_test(size=(80, 12)) as pilot:
        assert screen_text(app).split("\n")[3] == " Label 3  value 3"
        await pilot.resize_terminal(120, 12)
        await pilot.pause()
        lines = screen_text(app).split("\n")
        assert lines[0].split() == ["Label", "0", "value", "0", "Label", "2", "value", "2"]
        assert lines[2] == ""


async def test_facts_show_changes_hostile_text_and_long_values() -> None:
    facts = Facts([("Name", "first"), ("Repository", "x")])
    app = Holder(facts)
    async with app.run_test(size=(60, 12)) as pilot:
        facts.set_facts([("Name", HOSTILE), ("Repository", "https://" + "a" * 60 + "/end")])
        await pilot.pause()
        lines = screen_text(app).split("\n")
        assert visible(HOSTILE)[:20] in lines[0]
        assert "\x1b" not in lines[0]
        assert lines[1].startswith(" Repository  https://aaa")
        assert lines[1].endswith("/end")
        assert "…" in lines[1]


@pytest.mark.parametrize(("key", "answer"), [("y", True), ("n", False), ("escape", False), ("enter", False)])
async def test_a_question_is_answered_by_a_key_and_enter_means_no(key: str, answer: bool) -> None:
    app = Holder(Widget())
    answers: list[bool | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(Confirm("Really?", [HOSTILE]), answers.append)
        assert visible(HOSTILE) in screen_text(app)
        await pilot.press(key)
    assert answers == [answer]


async def test_the_other_button_means_yes() -> None:
    app = Holder(Widget())
    answers: list[bool | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(Confirm("Really?"), answers.append)
        await pilot.press("right", "enter")
    assert answers == [True]


@given(st.text().map(visible), st.integers(0, 30))
def test_what_is_cut_in_the_middle_fits_however_wide_its_letters_are(text: str, width: int) -> None:
    cut = shortened(text, width)
    assert cell_len(cut) <= width
    assert cut == text or cell_len(text) > width


def test_wide_text_is_cut_where_its_cells_end() -> None:
    assert shortened("日本語の名前で長い", 11) == "日本 …長い"
    assert shortened("abcdefghij", 5) == "ab…ij"


async def test_a_choice_shows_names_as_they_are() -> None:
    choice = Choice([(HOSTILE, 1)], value=1, allow_blank=False)
    app = Holder(choice)
    async with app.run_test(size=(80, 24)):
        assert visible(HOSTILE) in screen_text(app)
        choice.set_options([("[/closes what is not open]", 2)])
        choice.value = 2
        assert "[/closes what is not open]" in screen_text(app)


async def test_typing_goes_to_a_choice_also_while_its_list_is_closed() -> None:
    choice = Choice([("None", 1), ("Europe/Berlin", 2), ("Europe/Bern", 3), ("x [red]", 4)], value=1, allow_blank=False)
    app = Holder(choice)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press("tab", *"bern", "enter")
        assert (choice.value, choice.expanded, choice.has_focus) == (3, False, True)
        await pilot.press("x", "escape")
        assert (choice.value, choice.expanded) == (3, False)
        await pilot.press("X", "enter")
        assert choice.value == 4


def test_the_label_of_a_box_is_no_markup() -> None:
    assert Tick("overwrite apps/[id]/main.py [/oops]").label.plain == "overwrite apps/[id]/main.py [/oops]"


async def test_a_question_lets_all_that_is_affected_be_read() -> None:
    app = App[None]()
    async with app.run_test(size=(60, 20)) as pilot:
        await app.push_screen(Confirm("Archive it?", [f"tenant {number} stops" for number in range(40)]))
        await pilot.pause()
        assert "tenant 0 stops" in screen_text(app)
        assert "tenant 39 stops" not in screen_text(app)
        await pilot.press(*["down"] * 40)
        await wait_until(pilot, lambda: "tenant 39 stops" in screen_text(app))
        assert "Cancel" in screen_text(app)
