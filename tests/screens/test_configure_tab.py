"""The tab Configure and the source control accounts, driven by keys over a real store."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input, Select, TabbedContent

from pandium_tui.app import PandiumApp
from pandium_tui.hub import source_accounts as accounts
from pandium_tui.hub.integrations import (
    IntegrationValues,
    create_integration,
    edit_integration,
    integration,
    values_of,
)
from pandium_tui.hub.schedule_options import COMMON_OPTIONS
from pandium_tui.hub.source_accounts import SourceAccountValues
from pandium_tui.screens.integration.configure import ConfigureTab
from pandium_tui.screens.integration.option_form import OptionForm
from pandium_tui.screens.integration.option_rows import OptionRows
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.source_account_form import SourceAccountForm
from pandium_tui.screens.source_accounts import SourceAccountsPage
from pandium_tui.sources.accounts import token_context
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration, ScheduleOption
from pandium_tui.storage.vault import Secret, Vault
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.rows import Rows
from tests.hub.test_hub import make_release
from tests.scenario import ACTOR, commit, manifest
from tests.screens.filling import app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_forms import choose, problem, type_text
from tests.screens.test_widgets import screen_text

Snapshot = Callable[..., bool]
TOKEN = "ghp_canary0a1b2c3d"


@pytest.fixture(autouse=True)
def no_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PANDIUM_TUI_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def make(store: Store, **values: object) -> Integration:
    given = IntegrationValues("crm", repository_url="https://git.example.com/acme/crm")
    return create_integration(store, replace(given, **values), ACTOR)  # type: ignore[arg-type]


async def open_tab(pilot: Pilot[None], app: PandiumApp, integration_id: int) -> ConfigureTab:
    """The tab, once it shows what the store has."""
    await wait_until(pilot, lambda: app.overview is not None)
    page = IntegrationPage(integration_id)
    await app.push_screen(page)
    await wait_until(pilot, lambda: page.query_one(TabbedContent).active == "overview")
    await pilot.press("2")
    tab = page.query_one(ConfigureTab)
    await wait_until(pilot, lambda: bool(tab.query(OptionRows)) and table(tab).row_count == len(table(tab).options))
    await wait_until(pilot, lambda: tab.has_focus_within)
    return tab


def table(tab: ConfigureTab) -> OptionRows:
    return tab.query_one(OptionRows)


def field(tab: ConfigureTab, name: str) -> Field:
    return next(one for one in tab.query(Field) if one.name == name)


async def write(pilot: Pilot[None], tab: ConfigureTab, name: str, text: str) -> None:
    control = field(tab, name).control
    assert isinstance(control, Input)
    control.focus()
    await pilot.pause()
    control.value = text
    await pilot.pause()


async def test_all_of_it_is_saved_by_one_key(store: Store) -> None:
    made = make(store)
    ready = make_release(store, made.id)
    account = accounts.create_source_account(store, SourceAccountValues("acme", token=Secret(TOKEN)), ACTOR)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, made.id)
        await pilot.press("enter")  # to the first field
        await wait_until(pilot, lambda: app.focused is field(tab, "repository_url").control)
        await write(pilot, tab, "repository_tracking_branch", "dev")
        await write(pilot, tab, "run_time_limit", "90")
        for name, value in (
            ("source_account_id", account.id),
            ("default_release_id", ready.id),
            ("default_release_channel", "Latest"),
        ):
            control = field(tab, name).control
            assert isinstance(control, Select)
            control.value = value
        for name, value in (("custom_schedules", False), ("paused_by_default", True)):
            box = field(tab, name).control
            assert isinstance(box, Checkbox)
            box.value = value
        await wait_until(pilot, lambda: "concerns the next builds only" in text_of(tab, "repository_tracking_branch"))
        assert len(tab.changed_labels()) == 7
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: tab.changed_labels() == [])
        told = [one.message for one in app._notifications]
        assert told == ["Saved. The changed repository concerns the next builds only."]
    saved = integration(store, made.id)
    assert (saved.repository_tracking_branch, saved.run_time_limit, saved.source_account_id) == ("dev", 90, account.id)
    assert (saved.default_release_id, saved.default_release_channel) == (ready.id, "Latest")
    assert (saved.custom_schedules, saved.paused_by_default) == (False, True)
    assert saved.schedule_options == COMMON_OPTIONS


def text_of(tab: ConfigureTab, name: str) -> str:
    return str(field(tab, name).query_one(".note").content)  # type: ignore[attr-defined]


async def test_a_failed_save_keeps_everything_and_goes_to_what_is_wrong(store: Store) -> None:
    made = make(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, made.id)
        await write(pilot, tab, "run_time_limit", "soon")
        await write(pilot, tab, "repository_path", "crm")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "whole number of seconds" in field(tab, "run_time_limit").problem)
        await wait_until(pilot, lambda: app.focused is field(tab, "run_time_limit").control)
        assert field(tab, "repository_path").value == "crm"
        assert tab.changed_labels() == ["Path of PANDIUM.yaml", "Time limit of a run"]
    assert integration(store, made.id).repository_path == ""


async def test_without_a_default_release_it_warns(store: Store) -> None:
    made = make(store)
    make_release(store, made.id, "Failed")
    app = app_on(store)
    async with app.run_test(size=(80, 50)) as pilot:
        tab = await open_tab(pilot, app, made.id)
        await wait_until(pilot, lambda: "customers cannot install" in text_of(tab, "default_release_id"))
        control = field(tab, "default_release_id").control
        assert isinstance(control, Select)
        assert [value for _, value in control._options] == [0]  # only Ready ones can be chosen
        assert "Follow the latest: gets every successful build" in screen_text(app)


async def test_options_are_added_explained_ordered_and_made_default_by_keys(store: Store) -> None:
    made = make(store)
    app = app_on(store)
    async with app.run_test(size=(100, 40)) as pilot:
        tab = await open_tab(pilot, app, made.id)
        table(tab).focus()
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, OptionForm) and app.focused is not None)
        form = app.screen
        assert isinstance(form, OptionForm)
        await type_text(pilot, form, "label", "Hourly")
        await wait_until(pilot, lambda: problem(form, "label") == "is the label of another option")
        await type_text(pilot, form, "label", "Dawn")
        await type_text(pilot, form, "cron", "30 6 31 * mon")
        await wait_until(pilot, lambda: "day 31 is left out where it is missing" in screen_text(app))
        assert "At 06:30" in screen_text(app)
        await type_text(pilot, form, "timezone", "Europe/Berlin")
        await wait_until(pilot, lambda: "Next (Europe/Berlin): " in screen_text(app))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: table(tab).row_count == 6)
        assert table(tab).options[1] == ScheduleOption("Dawn", "30 6 31 * mon")
        await wait_until(pilot, lambda: "Next (Europe/Berlin): " in screen_text(app))
        await pilot.press("d", "K")
        await wait_until(pilot, lambda: table(tab).options[0] == ScheduleOption("Dawn", "30 6 31 * mon", True))
        await wait_until(pilot, lambda: table(tab).current_key == 1)
        assert sum(option.default for option in table(tab).options) == 1
        await pilot.press("J", "J")
        await wait_until(pilot, lambda: table(tab).current_key == 3)
        await pilot.press("up", "x")
        await wait_until(pilot, lambda: table(tab).row_count == 5)
        assert tab.changed_labels() == ["Schedule options"]
        assert integration(store, made.id).schedule_options == COMMON_OPTIONS
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: tab.changed_labels() == [])
    labels = [option.label for option in integration(store, made.id).schedule_options]
    assert labels == ["Every 15 minutes", "Dawn", "Every 6 hours", "Daily", "Weekly"]


async def test_enter_changes_an_option_and_escape_leaves_it(store: Store) -> None:
    made = make(store)
    app = app_on(store)
    async with app.run_test(size=(100, 40)) as pilot:
        tab = await open_tab(pilot, app, made.id)
        table(tab).focus()
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, OptionForm) and app.focused is not None)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage))
        assert tab.changed_labels() == []
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, OptionForm) and app.focused is not None)
        await pilot.press("end", "space", "x", "ctrl+s")
        await wait_until(pilot, lambda: table(tab).options[1].label == "Hourly x")
        assert table(tab).options[1].default


async def test_check_shows_commit_and_problems_before_anything_is_saved(store: Store, tmp_path: Path) -> None:
    sha = commit(tmp_path / "repository", {"crm/PANDIUM.yaml": manifest() + "colour: red\n"}, "Read [red]segments")
    made = make(store)
    app = app_on(store)
    async with app.run_test(size=(120, 40)) as pilot:
        tab = await open_tab(pilot, app, made.id)
        await write(pilot, tab, "repository_url", str(tmp_path / "repository"))
        await write(pilot, tab, "repository_path", "crm")
        await pilot.press("f5")
        await wait_until(pilot, lambda: "can be built" in screen_text(app), 30)
        assert f"main is at {sha[:12]}" in screen_text(app)
        assert "Read [red]segments (Tester)" in screen_text(app)
        assert 'crm/PANDIUM.yaml:6:1: warning: key "colour"' in screen_text(app)
        await write(pilot, tab, "repository_path", "nowhere")
        await wait_until(pilot, lambda: "can be built" not in screen_text(app))  # it was about other values
        await pilot.press("f5")
        await wait_until(pilot, lambda: "there is no" in screen_text(app), 30)
        await write(pilot, tab, "repository_tracking_branch", "-x")
        await pilot.press("f5")
        await wait_until(pilot, lambda: "Correct the values first" in screen_text(app), 30)
        assert "begins with '-'" in field(tab, "repository_tracking_branch").problem
    assert integration(store, made.id) == made


@pytest.mark.parametrize("keys", [("3",), ("ctrl+pagedown",)])
async def test_leaving_the_tab_with_changes_asks(store: Store, keys: tuple[str, ...]) -> None:
    made = make(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, made.id)
        tabs = app.screen.query_one(TabbedContent)
        await write(pilot, tab, "repository_path", "crm")
        await pilot.press("escape", *keys)
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "Changed: Path of PANDIUM.yaml" in screen_text(app)
        await pilot.press("n")
        await wait_until(pilot, lambda: tabs.active == "configure")
        assert field(tab, "repository_path").value == "crm"
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage) and tab.has_focus_within)
        await pilot.press(*keys)
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: field(tab, "repository_path").value == "")
        assert tabs.active == "marketplace"
        assert tab.changed_labels() == []


async def test_leaving_the_page_with_changes_asks(store: Store) -> None:
    made = make(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, made.id)
        await write(pilot, tab, "repository_path", "crm")
        await pilot.press("escape", "escape")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "Path of PANDIUM.yaml" in screen_text(app)
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage))
        assert field(tab, "repository_path").value == "crm"


async def test_what_changes_elsewhere_is_shown_unless_something_was_typed(store: Store) -> None:
    made = make(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, made.id)
        edit_integration(store, made.id, replace(values_of(made), repository_path="one"), ACTOR)
        await wait_until(pilot, lambda: field(tab, "repository_path").value == "one")
        await write(pilot, tab, "repository_tracking_branch", "dev")
        edit_integration(store, made.id, replace(values_of(made), repository_path="two"), ACTOR)
        await wait_until(pilot, lambda: "changed elsewhere meanwhile" in screen_text(app))
        assert field(tab, "repository_path").value == "one"
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: field(tab, "repository_path").value == "two")
        assert field(tab, "repository_tracking_branch").value == ""


async def test_an_account_removed_elsewhere_while_typing_breaks_nothing(store: Store) -> None:
    account = accounts.create_source_account(store, SourceAccountValues("acme", token=Secret(TOKEN)), ACTOR)
    made = make(store, source_account_id=account.id)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        tab = await open_tab(pilot, app, made.id)
        await write(pilot, tab, "repository_path", "crm")
        accounts.remove_source_account(store, account.id, ACTOR, even_if_used=True)
        await wait_until(pilot, lambda: "which is gone" in screen_text(app))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "this account is gone" in field(tab, "source_account_id").problem)
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: field(tab, "source_account_id").value == 0)
        assert field(tab, "repository_path").value == ""
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: not app.is_running)  # nothing is unsaved, so nothing is asked


async def test_an_external_integration_has_nothing_to_configure(store: Store) -> None:
    made = make(store, type="External", target_url="https://x.example.com")
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = IntegrationPage(made.id)
        await app.push_screen(page)
        await wait_until(pilot, lambda: "x.example.com" in screen_text(app))
        await pilot.press("2")
        await wait_until(pilot, lambda: "has no code" in screen_text(app))
        await pilot.press("ctrl+s", "f5")
        assert page.changed_labels() == []


async def test_accounts_are_made_and_removed_by_keys_and_never_show_the_token(store: Store) -> None:
    made = make(store)
    app = app_on(store)
    async with app.run_test(size=(100, 30)) as pilot:
        tab = await open_tab(pilot, app, made.id)
        await pilot.press("f6")
        await wait_until(pilot, lambda: "Press n to add one" in " ".join(screen_text(app).split()))
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, SourceAccountForm) and app.focused is not None)
        form = app.screen
        assert isinstance(form, SourceAccountForm)
        await type_text(pilot, form, "name", "acme")
        await type_text(pilot, form, "token", TOKEN)
        await pilot.press("ctrl+a", "ctrl+c", "ctrl+x")
        assert app.clipboard == ""
        assert TOKEN not in screen_text(app)
        assert "x-access-token, as GitHub expects" in screen_text(app)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(app.screen, SourceAccountsPage))
        account = accounts.source_account(store, "acme")
        assert Vault(store).open(token_context(account.uuid)) == Secret(TOKEN)
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 1)
        await pilot.press("escape")
        control = field(tab, "source_account_id").control
        assert isinstance(control, Select)
        await wait_until(pilot, lambda: [value for _, value in control._options] == [0, account.id])
        control.value = account.id
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: integration(store, made.id).source_account_id == account.id)
        await pilot.press("f6")
        await wait_until(pilot, lambda: isinstance(app.screen, SourceAccountsPage))
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 1)
        await pilot.press("x")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "Used by crm" in screen_text(app)
        await pilot.press("y")
        await wait_until(pilot, lambda: accounts.source_accounts(store) == [])
        await pilot.press("escape")
        await wait_until(pilot, lambda: field(tab, "source_account_id").value == 0)


async def test_the_fields_of_an_account_follow_its_method(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        form = SourceAccountForm(store, ACTOR)
        await app.push_screen(form)
        await wait_until(pilot, lambda: app.focused is not None)

        def shown() -> set[str | None]:
            return {one.name for one in form.query(Field) if one.display} - {"name", "provider", "method"}

        assert shown() == {"token", "username"}
        await choose(pilot, form, "method", "ssh key")
        await wait_until(pilot, lambda: shown() == {"key_file"})
        await choose(pilot, form, "method", "none")
        await wait_until(pilot, lambda: shown() == set())


def test_the_tab_looks_like_this(snap_compare: Snapshot, store: Store) -> None:
    filled = fill(store)
    one = integration(store, filled.integration_id)
    edit_integration(store, one.id, replace(values_of(one), schedule_options=COMMON_OPTIONS), ACTOR)
    app = app_on(store)

    async def prepare(pilot: Pilot[Any]) -> None:
        tab = await open_tab(pilot, app, one.id)
        await wait_until(pilot, lambda: "Scheduler off" in screen_text(app))
        await write(pilot, tab, "repository_tracking_branch", "dev")
        await wait_until(pilot, lambda: "Not saved" in screen_text(app))
        await wait_until(pilot, lambda: "next builds only" in screen_text(app))

    assert snap_compare(app, run_before=prepare, terminal_size=(120, 40))
