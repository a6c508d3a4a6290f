"""What was typed and not saved is there when the form comes again, also in another app on the same home."""

import os

from textual.pilot import Pilot
from textual.widgets import Input, Select, Static

from pandium_tui.app import PandiumApp
from pandium_tui.engine.processes import identity_of
from pandium_tui.hub.drafts import Drafts
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.listings import edit_listing, listing
from pandium_tui.screens.form import Form
from pandium_tui.screens.integration.configure import ConfigureTab
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.integration_form import IntegrationForm
from pandium_tui.screens.settings.page import SettingsPage
from pandium_tui.screens.settings.row_forms import RowEditing
from pandium_tui.screens.settings.rows_editor import RowsTable
from pandium_tui.screens.source_account_form import SourceAccountForm
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IntegrationRow
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.field import Field
from tests.screens.filling import app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_configure_tab import open_tab, write
from tests.screens.test_marketplace_tab import field as listing_field
from tests.screens.test_marketplace_tab import open_tab as listing_tab
from tests.screens.test_marketplace_tab import put, settled, summary_of
from tests.screens.test_settings_page import block, tenant_with
from tests.screens.test_settings_page import opened as settings_page
from tests.screens.test_widgets import screen_text

CANARY = "canary-8f31"


def field(form: Form, name: str) -> Field:
    return next(one for one in form.query(Field) if one.name == name)


async def opened(pilot: Pilot[None], app: PandiumApp, form: Form) -> Form:
    await app.push_screen(form)
    await wait_until(pilot, lambda: app.focused is not None)
    return form


async def enter(pilot: Pilot[None], form: Form, name: str, text: str) -> None:
    line = field(form, name).control
    assert isinstance(line, Input)
    line.value = text
    await wait_until(pilot, lambda: field(form, name).label in form.changed_labels())


def drafts_of(store: Store) -> list[str]:
    """The names of the forms that drafts are kept of."""
    return sorted(file.name.partition("@")[0] for file in (store.settings.home / "drafts").glob("*.json"))


def noted(app: PandiumApp, name: str = "source-account-new") -> tuple[dict[str, object], tuple[str, ...]]:
    found = app.drafts.find(name)
    return ({}, ()) if found is None else (found.values, found.left_out)


async def test_a_form_that_was_torn_down_comes_back_without_its_secret(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 30)) as pilot:
        form = await opened(pilot, app, SourceAccountForm(store, app.actor))
        await enter(pilot, form, "name", "work")
        await enter(pilot, form, "token", CANARY)
        choice = field(form, "provider").control
        assert isinstance(choice, Select)
        choice.value = "GitLab"
        await wait_until(pilot, lambda: noted(app) == ({"name": "work", "provider": "GitLab"}, ("Token",)))
    assert drafts_of(store) == ["source-account-new"]
    files = [file for file in store.settings.home.rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if CANARY.encode() in file.read_bytes()]

    app = app_on(store)
    async with app.run_test(size=(80, 30)) as pilot:
        form = await opened(pilot, app, SourceAccountForm(store, app.actor))
        await wait_until(pilot, lambda: "restored. Secret fields were not kept: Token." in screen_text(app))
        values = {name: field(form, name).value for name in ("name", "provider", "token")}
        assert values == {"name": "work", "provider": "GitLab", "token": ""}
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Changed: Name, Provider" in screen_text(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: app.screen is not form and not isinstance(app.screen, Confirm))
        assert drafts_of(store) == []


async def test_a_draft_of_what_was_changed_elsewhere_is_a_choice_and_saving_ends_it(store: Store) -> None:
    number = fill(store).integration_id
    app = app_on(store)
    async with app.run_test(size=(80, 30)) as pilot:
        form = await opened(pilot, app, IntegrationForm(store, app.actor, integration(store, number)))
        await enter(pilot, form, "long_name", "Typed here")
        await wait_until(pilot, lambda: bool(drafts_of(store)))  # a moment later, without leaving
    with store.writing() as session:
        session.get_one(IntegrationRow, number).long_name = "Changed elsewhere"

    app = app_on(store)
    async with app.run_test(size=(80, 30)) as pilot:
        for answer, expected in (("n", "Changed elsewhere"), ("y", "Typed here")):
            form = IntegrationForm(store, app.actor, integration(store, number))
            await app.push_screen(form)
            await wait_until(pilot, lambda: "stored Changed elsewhere, draft Typed here" in screen_text(app))
            await pilot.press(answer)
            told = "kept until" if answer == "n" else "restored"
            await wait_until(pilot, lambda words=told: words in screen_text(app))  # type: ignore[misc]
            assert field(form, "long_name").value == expected
            await pilot.press("escape" if answer == "n" else "ctrl+s")
            await wait_until(pilot, lambda one=form: one not in app.screen_stack)  # type: ignore[misc]
            assert bool(drafts_of(store)) == (answer == "n")
    assert integration(store, number).long_name == "Typed here"


async def test_the_settings_of_a_tenant_come_back_and_a_secret_one_is_in_no_byte(store: Store) -> None:
    size, where = "size: {type: integer}", "where: {type: string}"
    text = f"schema: {{properties: {{{size}, {where}, token: {{type: string, format: password}}}}}}"
    number = tenant_with(store, text, None, where="here")
    app = app_on(store)
    async with app.run_test(size=(80, 40)) as pilot:
        page = await settings_page(pilot, app, number)
        for name, typed in (("size", "1-2"), ("where", "there"), ("token", CANARY)):
            block(page, name).query_one(Input).value = typed
        await wait_until(pilot, lambda: len(noted(app, f"tenant-{number}-settings")[0]) == 2)
        await wait_until(pilot, lambda: noted(app, f"tenant-{number}-settings")[1] != ())
    assert drafts_of(store) == [f"tenant-{number}-settings"]
    files = [file for file in store.settings.home.rglob("*") if file.is_file()]
    assert not [file for file in files if CANARY.encode() in file.read_bytes()]

    app = app_on(store)
    async with app.run_test(size=(80, 40)) as pilot:
        page = await settings_page(pilot, app, number)
        await wait_until(pilot, lambda: "restored. Secret fields were not kept: " in summary(page))
        await wait_until(pilot, lambda: block(page, "size").query_one(Input).value == "1-2")  # no value yet, but typed
        assert block(page, "where").query_one(Input).value == "there"
        assert block(page, "token").query_one(Input).value == ""
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: drafts_of(store) == [])
        await wait_until(pilot, lambda: block(page, "where").query_one(Input).value == "here")


def summary(page: SettingsPage) -> str:
    return str(page.query_one("#summary", Static).content)


ROWS = """
schema:
  properties:
    people: {type: array, items: {type: object, properties: {name: {type: string}, age: {type: integer}}}}
    tags: {type: array, items: {type: string}}
    keys: {type: array, items: {type: object, properties: {key: {type: string, format: password}}}}
"""


async def test_a_row_that_was_not_taken_over_comes_back_unless_it_may_hold_a_secret(store: Store) -> None:
    number = tenant_with(store, ROWS, None)
    app = app_on(store)
    async with app.run_test(size=(80, 40)) as pilot:
        page = await settings_page(pilot, app, number)
        row = await edited_row(pilot, app, page, "keys", "key", CANARY)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: row not in app.screen_stack)
        assert drafts_of(store) == []
        row = await edited_row(pilot, app, page, "tags", "", "red")
        await wait_until(pilot, lambda: len(rows_kept(store)) == 1)
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Leave the row as it was?" in screen_text(app))
        await pilot.press("y")
        await wait_until(pilot, lambda: row not in app.screen_stack and rows_kept(store) == [])
        await edited_row(pilot, app, page, "tags", "", "blue")
        await wait_until(pilot, lambda: len(rows_kept(store)) == 1)
        await pilot.press("enter")
        await wait_until(pilot, lambda: rows_kept(store) == [])
        row = await edited_row(pilot, app, page, "people", "age", "4-2")  # no value yet, but typed
        block(row, "name").query_one(Input).value = "Ada"
        await wait_until(pilot, lambda: len(rows_kept(store)) == 1)
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: "Leave the app without saving?" in screen_text(app))
        await wait_until(pilot, lambda: "Name, Age" in screen_text(app))
    files = [file for file in store.settings.home.rglob("*") if file.is_file()]
    assert not [file for file in files if CANARY.encode() in file.read_bytes()]

    app = app_on(store)
    async with app.run_test(size=(80, 40)) as pilot:
        page = await settings_page(pilot, app, number)
        await wait_until(pilot, lambda: "Tags" in page.changed_labels())
        block(page, "people").query_one(RowsTable).focus()
        await pilot.press("a")
        await wait_until(pilot, lambda: "restored" in screen_text(app))
        assert [block(app.screen, name).query_one(Input).value for name in ("name", "age")] == ["Ada", "4-2"]
        block(app.screen, "age").query_one(Input).value = "42"
        await wait_until(pilot, lambda: not block(app.screen, "age").error)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: app.screen is page and rows_kept(store) == [])
        await wait_until(pilot, lambda: "People" in page.changed_labels())
        kept = app.drafts.find(f"tenant-{number}-settings")
        assert kept is not None
        assert kept.values == {"=tags": [["blue"]], "=people": [[{"name": "Ada", "age": 42}]]}


def rows_kept(store: Store) -> list[str]:
    return [name for name in drafts_of(store) if not name.endswith("-settings")]


async def edited_row(
    pilot: Pilot[None], app: PandiumApp, page: SettingsPage, name: str, column: str, text: str
) -> RowEditing:
    """The form of a new row of a list, with something typed into it."""
    block(page, name).query_one(RowsTable).focus()
    await pilot.press("a")
    await wait_until(pilot, lambda: isinstance(app.screen, RowEditing) and bool(app.screen.query(Input)))
    row = app.screen
    assert isinstance(row, RowEditing)
    await wait_until(pilot, lambda: app.focused is not None)
    line = block(row, column).query_one(Input) if column else row.query_one(Input)
    line.value = text
    await wait_until(pilot, lambda: bool(row.changed_labels()))
    return row


async def test_configure_comes_back_and_saving_ends_its_draft(store: Store) -> None:
    number = fill(store).integration_id
    app = app_on(store)
    async with app.run_test(size=(80, 40)) as pilot:
        tab = await open_tab(pilot, app, number)
        await write(pilot, tab, "repository_tracking_branch", "draft-branch")
        await wait_until(pilot, lambda: drafts_of(store) == [f"integration-{number}-configure"])

    app = app_on(store)
    async with app.run_test(size=(80, 40)) as pilot:
        page = IntegrationPage(number)
        await app.push_screen(page)  # it remembers its tab
        await wait_until(pilot, lambda: branch(page) == "draft-branch")
        await wait_until(pilot, lambda: "restored" in str(page.query_one("#unsaved", Static).content))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: drafts_of(store) == [])
    assert integration(store, number).repository_tracking_branch == "draft-branch"


def branch(page: IntegrationPage) -> object:
    fields = page.query_one(ConfigureTab).query(Field)
    return next((one.value for one in fields if one.name == "repository_tracking_branch"), None)


async def test_a_listing_comes_back_and_saving_or_dropping_it_ends_its_draft(store: Store) -> None:
    number = fill(store).integration_id
    for saved in (True, False):
        app = app_on(store)
        async with app.run_test(size=(80, 40)) as pilot:
            tab = await listing_tab(pilot, app, number)
            await put(pilot, tab, "tagline", "Typed here")
            await put(pilot, tab, "long_description", "# Two\nlines")
            await wait_until(pilot, lambda app=app: len(noted(app, f"integration-{number}-listing")[0]) == 2)  # type: ignore[misc]
        assert drafts_of(store) == [f"integration-{number}-listing"]

        app = app_on(store)
        async with app.run_test(size=(80, 40)) as pilot:
            tab = await listing_tab(pilot, app, number)
            await wait_until(pilot, lambda tab=tab: "restored" in summary_of(tab))  # type: ignore[misc]
            texts = [listing_field(tab, name).value for name in ("tagline", "long_description")]
            assert texts == ["Typed here", "# Two\nlines"]
            await pilot.press("ctrl+s" if saved else "ctrl+r")
            await wait_until(pilot, lambda: drafts_of(store) == [])
            await settled(pilot, app)
        assert listing(store, number).content.tagline == ("Typed here" if saved else "Stored")
        edit_listing(store, number, {"tagline": "Stored", "long_description": "Stored"}, app.actor)


async def test_what_is_typed_in_another_app_stays_there_and_can_be_copied(store: Store) -> None:
    number = fill(store).integration_id
    name = f"integration-{number}-edit"
    others = Drafts(store.settings.home / "drafts", identity_of(os.getppid()))
    others.note(name, {"long_name": "Typed there"}, {"long_name": integration(store, number).long_name})
    others.write()
    app = app_on(store)
    async with app.run_test(size=(80, 30)) as pilot:
        for answer, told in (("n", "stays in the other app"), ("y", "copied from the other app.")):
            form = IntegrationForm(store, app.actor, integration(store, number))
            await app.push_screen(form)
            await wait_until(pilot, lambda: f"(process {os.getppid()}) has a draft" in screen_text(app))
            assert "draft Typed there" in screen_text(app)
            await pilot.press(answer)
            await wait_until(pilot, lambda told=told: told in screen_text(app))  # type: ignore[misc]
            assert (field(form, "long_name").value == "Typed there") == (answer == "y")
            if answer == "y":
                await wait_until(pilot, lambda: drafts_of(store) == [name, name])
            await pilot.press("escape" if answer == "n" else "ctrl+s")
            await wait_until(pilot, lambda form=form: form not in app.screen_stack)  # type: ignore[misc]
    assert integration(store, number).long_name == "Typed there"
    assert drafts_of(store) == [name]
    found = others.find(name)
    assert found is not None
    assert found.values == {"long_name": "Typed there"}
