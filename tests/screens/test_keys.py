"""Keys and looks that a person chose in config.toml."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.pilot import Pilot
from textual.widgets import Label
from typer.testing import CliRunner

import pandium_tui
from pandium_tui.app import PandiumApp
from pandium_tui.cli.main import app as command_line
from pandium_tui.looks import in_ascii, is_unicode, readable_style
from pandium_tui.screens.actions import all_actions
from pandium_tui.screens.home import HomePage
from pandium_tui.screens.integration_form import IntegrationForm
from pandium_tui.screens.run import RunPage
from pandium_tui.screens.source_accounts import SourceAccountsPage
from pandium_tui.settings import load_settings
from pandium_tui.storage.database import Store
from pandium_tui.widgets.notice import Notice
from pandium_tui.widgets.rows import Rows
from tests.screens.filling import NOW, app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text

KEYS = """
[keys]
"home.accounts" = "+"
home.new = "j"  # also a key of tables
"app.leav" = "w"
"app.help" = "blorb"
"""
PROBLEMS = [
    "line 4: j of home.new is also the key of rows.down (Down)",
    "line 5: there is no action app.leav; did you mean app.leave?",
    "line 6: 'blorb' is no key; keys are such as x, X, +, f5, ctrl+x, pagedown",
]


def config(tmp_path: Path, text: str) -> Path:
    (tmp_path / "config.toml").write_text(text)
    tmp_path.chmod(0o700)
    return tmp_path


def test_the_command_line_lists_actions_with_their_keys_and_what_is_wrong_with_them(tmp_path: Path) -> None:
    result = CliRunner().invoke(command_line, ["--home", str(config(tmp_path, KEYS)), "keys", "--json"])
    assert result.exit_code == 2
    keys = {one["id"]: one["keys"] for one in json.loads(result.stdout)}
    assert keys["home.accounts"] == ["plus"]
    assert keys["rows.down"] == ["down", "j"]
    assert [line.partition("config.toml, ")[2] for line in result.stderr.splitlines()] == PROBLEMS


def test_a_key_of_a_page_that_its_log_has_too_is_told(tmp_path: Path) -> None:
    home = config(tmp_path, '[keys]\n"run.cancel" = "w"\n"home.new" = "w"\n')
    told = CliRunner().invoke(command_line, ["--home", str(home), "keys"]).stderr
    assert "line 2: w of run.cancel is also the key of log.wrap (Wrap)" in told
    assert "home.new is also the key of log.wrap" not in told


def test_texts_name_keys_of_actions_that_there_are() -> None:
    known = all_actions(PandiumApp)
    package = Path(pandium_tui.__file__).parent
    named = [
        name
        for file in [*package.glob("screens/**/*.py"), *package.glob("widgets/*.py")]
        for name in re.findall(r"(?:Press|then|,) \{([a-z]+\.[a-z.]+)\} (?:to|for)", file.read_text())
    ]
    assert named
    assert [name for name in named if name not in known] == []


async def test_a_chosen_key_acts_and_mistakes_are_told(store: Store, tmp_path: Path) -> None:
    fill(store)
    settings = replace(store.settings, keys=load_settings(config(tmp_path, KEYS)).keys, theme="blue")
    app = PandiumApp(settings, store, embedded_engine=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, Notice))
        await wait_until(pilot, lambda: "is no key" in screen_text(app))
        told = "".join(screen_text(app).replace("│", "").split())
        assert [line for line in PROBLEMS if line.replace(" ", "") not in told] == []
        assert "thereisnoblue;therearedark,light" in told
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        await pilot.press("s")  # not its key any more
        assert isinstance(app.screen, HomePage)
        await pilot.press("+")
        await wait_until(pilot, lambda: isinstance(app.screen, SourceAccountsPage))


async def test_the_palette_jumps_to_what_has_the_name_or_id(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        await pilot.press("ctrl+p", *"run 3")
        await wait_until(pilot, lambda: "crm-sync/acme  Running" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, RunPage))
        assert app.screen.place == ("run", 3)  # type: ignore[attr-defined]
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, HomePage))


async def test_a_letter_jumps_to_a_field_also_in_a_form(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationForm) and app.focused is not None)
        form, first = app.screen, app.focused
        await pilot.press("ctrl+o")
        await wait_until(pilot, lambda: len(app.screen.query(Label)) > 3)
        assert {"a", "s", "d"} <= set(screen_text(app).split())
        await pilot.press("escape")
        assert (app.screen, app.focused) == (form, first)
        await pilot.press("ctrl+o", "s")
        await wait_until(pilot, lambda: app.screen is form and app.focused is form.focus_chain[1])


def test_every_action_has_an_id_a_name_and_a_tooltip_and_needs_no_key_that_terminals_lack() -> None:
    actions = all_actions(PandiumApp).values()
    assert len(actions) > 100
    assert [one.id for one in actions if not one.name or not one.tooltip] == []
    taken = ("alt+", "super+", "ctrl+a", "ctrl+b", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+h", "ctrl+shift+")
    assert [(one.id, key) for one in actions for key in one.keys if key.startswith(taken)] == []


@pytest.mark.parametrize("text", ['keys = "x"', "[keys]\na = 1", '[keys]\n"home.new" = ""'])
def test_keys_that_are_no_text_are_told_with_their_line(tmp_path: Path, text: str) -> None:
    result = CliRunner().invoke(command_line, ["--home", str(config(tmp_path, text)), "keys"])
    assert result.exit_code == 2
    assert f"line {len(text.splitlines())}: keys" in result.stderr


@pytest.mark.parametrize("theme", ["light", "high-contrast"])
def test_home_in_other_colours(snap_compare: Callable[..., bool], store: Store, theme: str) -> None:
    fill(store)
    settings = replace(store.settings, theme=theme)
    app = PandiumApp(settings, store, embedded_engine=False, clock=lambda: NOW)

    async def filled(pilot: Pilot[Any]) -> None:
        await wait_until(pilot, lambda: "Scheduler off" in screen_text(app))
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3 and "v: look" in screen_text(app))

    assert snap_compare(app, run_before=filled, terminal_size=(80, 24))


async def test_the_theme_is_kept_and_config_goes_before_it(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.action_change_theme()
        await wait_until(pilot, lambda: "ansi-dark" in screen_text(app))
        offered = screen_text(app).split()
        assert (
            offered.index("dark") < offered.index("light") < offered.index("high-contrast") < offered.index("ansi-dark")
        )
        await pilot.press(*"light")
        await wait_until(pilot, lambda: "ansi-dark" not in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.theme == "textual-light")
        app.theme = "high-contrast"
    again = app_on(store)
    assert again.theme == "high-contrast"
    assert PandiumApp(replace(store.settings, theme="light"), store, embedded_engine=False).theme == "textual-light"


@pytest.mark.parametrize("background", ["#1e1e1e", "#000000", "#ffffff", "#808080", "#0178d4"])
@pytest.mark.parametrize("style", ["red", "dim", "yellow", "#3a3a3a", "reverse green", "dim cyan on #202020", "white"])
def test_text_without_colours_and_in_high_contrast_can_be_read(style: str, background: str) -> None:
    shown = readable_style(Style.parse(style), RichColor.parse(background))
    assert not shown.dim or shown.color is None
    if shown.color is not None:
        text = Color.from_rich_color(shown.color)
        behind = Color.from_rich_color(shown.bgcolor or RichColor.parse(background))
        lighter, darker = sorted((luminance(text), luminance(behind)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(color: Color) -> float:
    parts = [one / 255 for one in color.rgb]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


async def test_a_terminal_without_utf_8_gets_ascii_of_the_same_width(store: Store) -> None:
    fill(store)
    app = PandiumApp(store.settings, store, embedded_engine=False, ascii_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        filters: list[LineFilter] = app._filters
        lines = list(app.screen._compositor.render_strips())
        for one in filters:
            lines = [strip.apply_filter(one, app.screen.background_colors[1]) for strip in lines]
        assert all(strip.text.isascii() and strip.cell_length == 80 for strip in lines)
        assert lines[-1].text.startswith("enter Open")
    assert in_ascii("╭─ é ✓ 漢 │") == "+- e + ?? |"


@pytest.mark.parametrize(
    ("environment", "unicode"),
    [
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "en_US.utf8@euro"}, True),
        ({"LC_ALL": "C", "LANG": "C.UTF-8"}, False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, False),
        ({"LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "de_DE"}, False),
        ({}, False),
    ],
)
def test_the_locale_says_what_the_terminal_shows(environment: dict[str, str], unicode: bool) -> None:
    assert is_unicode(environment) == unicode
