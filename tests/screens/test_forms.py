"""The forms, driven by keys over a real store."""

import sqlite3

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select, Static

from pandium_tui.app import PandiumApp
from pandium_tui.hub.integrations import (
    IntegrationValues,
    archive_integration,
    create_integration,
    integration,
    integrations,
)
from pandium_tui.hub.listing_content import LISTING_FIELDS
from pandium_tui.hub.releases import releases
from pandium_tui.hub.schedule_options import COMMON_OPTIONS
from pandium_tui.hub.tenants import tenant
from pandium_tui.screens.build_form import BuildForm
from pandium_tui.screens.form import Form
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.integration_form import IntegrationForm
from pandium_tui.screens.notification_form import NotificationForm
from pandium_tui.screens.page import Page
from pandium_tui.screens.source_account_form import SourceAccountForm
from pandium_tui.screens.tenant_form import TenantForm, open_tenant_form
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import ReleaseRow
from pandium_tui.text import visible
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.rows import Rows
from tests.scenario import ACTOR
from tests.screens.filling import HOSTILE, app_on, fill
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text


def field(form: Form, name: str) -> Field:
    return next(one for one in form.query(Field) if one.name == name)


def problem(form: Form, name: str) -> str:
    return field(form, name).problem


async def push(pilot: Pilot[None], app: PandiumApp, form: Form) -> list[int | None]:
    """Open a form; the list gets its result."""
    results: list[int | None] = []
    await app.push_screen(form, results.append)
    await wait_until(pilot, lambda: app.focused is not None)
    return results


async def test_every_field_has_a_line_that_helps(store: Store) -> None:
    fill(store)
    crm = integrations(store)[0]
    forms = [
        IntegrationForm(store, ACTOR),
        SourceAccountForm(store, ACTOR),
        TenantForm(store, ACTOR, crm, releases(store, crm.id)),
        BuildForm(store, ACTOR, crm),
        NotificationForm(store, ACTOR, crm.id, crm.name),
    ]
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        for form in forms:
            await push(pilot, app, form)
            for one in form.query(Field):
                one.set_note("", "")
                assert str(one.query_one(".note", Static).content), (form, one.name)
            form.dismiss(None)
            await wait_until(pilot, lambda form=form: app.screen is not form)  # type: ignore[misc]
    assert all(one.hint for one in LISTING_FIELDS)


async def type_text(pilot: Pilot[None], form: Form, name: str, text: str) -> None:
    control = field(form, name).control
    control.focus()
    await pilot.pause()
    if isinstance(control, Input):
        control.clear()
    await pilot.press(*(character if character.isalnum() else _key(character) for character in text))


async def choose(pilot: Pilot[None], form: Form, name: str, value: object) -> None:
    control = field(form, name).control
    assert isinstance(control, Select)
    control.value = value
    await pilot.pause()


def _key(character: str) -> str:
    names = {
        " ": "space", "-": "minus", "/": "slash", "*": "asterisk", "=": "equals_sign", ":": "colon",
        ".": "full_stop", "!": "exclamation_mark", "@": "at", "_": "underscore", "\n": "enter", ",": "comma",
    }  # fmt: skip
    return names[character]


async def tenant_form(app: PandiumApp, integration_id: int, tenant_id: int | None = None) -> TenantForm:
    page = app.screen
    assert isinstance(page, Page)
    return await open_tenant_form(page, integration_id, tenant(app.store, tenant_id) if tenant_id else None)


async def test_a_new_integration_is_created_by_keys_alone_and_opened(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Three ways" in screen_text(app))
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationForm) and app.focused is not None)
        form = app.screen
        assert isinstance(form, IntegrationForm)
        await pilot.press(*"crm", "tab", "tab", "tab")
        await type_text(pilot, form, "repository_url", "/srv/git/crm")
        await type_text(pilot, form, "repository_tracking_branch", "main")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(app.screen, IntegrationPage))
    made = integration(store, "crm")
    assert (made.repository_url, made.repository_tracking_branch) == ("/srv/git/crm", "main")
    assert made.default_release_channel is None


async def test_what_is_wrong_shows_while_typing_but_not_before(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        form = IntegrationForm(store, app.actor)
        await push(pilot, app, form)
        assert "✗" not in screen_text(app).split("Scheduler")[0]
        await type_text(pilot, form, "name", "Bad!")
        await wait_until(pilot, lambda: "lower-case" in problem(form, "name"))
        assert problem(form, "repository_url") == ""
        await type_text(pilot, form, "name", "good")
        await wait_until(pilot, lambda: problem(form, "name") == "")


async def test_submit_shows_every_problem_and_goes_to_the_first(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        form = IntegrationForm(store, app.actor)
        results = await push(pilot, app, form)
        await type_text(pilot, form, "name", "fine")
        await type_text(pilot, form, "run_time_limit", "soon")
        await type_text(pilot, form, "long_name", "Kept")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: bool(problem(form, "repository_url")))
        assert problem(form, "run_time_limit") == "must be a whole number of seconds, or empty"
        assert app.focused is field(form, "repository_url").control
        assert field(form, "long_name").value == "Kept"
        assert results == []
    assert integrations(store) == []


async def test_a_name_that_is_taken_is_told_after_saving_and_nothing_is_lost(store: Store) -> None:
    fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        form = IntegrationForm(store, app.actor)
        await push(pilot, app, form)
        await type_text(pilot, form, "name", "crm-sync")
        await type_text(pilot, form, "repository_url", "/srv/x")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "taken" in problem(form, "name"))
        assert field(form, "repository_url").value == "/srv/x"
        assert app.screen is form


async def test_an_external_integration_has_other_fields(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 40)) as pilot:
        form = IntegrationForm(store, app.actor)
        results = await push(pilot, app, form)
        assert not field(form, "target_url").display
        kind = field(form, "type").control
        assert isinstance(kind, Select)
        kind.focus()
        await pilot.press("enter", "down", "enter")
        await wait_until(pilot, lambda: field(form, "target_url").display)
        assert not field(form, "repository_url").display
        await type_text(pilot, form, "name", "partner")
        await type_text(pilot, form, "target_url", "https://x.example.com")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: bool(results))
    assert integration(store, "partner").target_url == "https://x.example.com"


async def test_leaving_asks_only_when_something_was_changed(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        form = IntegrationForm(store, app.actor)
        results = await push(pilot, app, form)
        await pilot.press("x", "escape")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "Changed: Name" in screen_text(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.screen is form)
        assert field(form, "name").value == "x"
        await pilot.press("backspace", "escape")
        await wait_until(pilot, lambda: results == [None])


async def test_leaving_the_app_from_a_form_with_changes_asks_too(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        form = IntegrationForm(store, app.actor)
        await push(pilot, app, form)
        await pilot.press("x", "ctrl+q")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("ctrl+q", "n")
        await wait_until(pilot, lambda: app.screen is form)
        assert field(form, "name").value == "x"
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: not app.is_running)


async def test_editing_changes_what_was_typed_and_shows_hostile_text_as_text(store: Store) -> None:
    fill(store)
    made = create_integration(
        store, IntegrationValues("odd", long_name=HOSTILE, repository_url="/srv/odd"), app_on(store).actor
    )
    app = app_on(store)
    async with app.run_test(size=(100, 40)) as pilot:
        form = IntegrationForm(store, app.actor, made)
        results = await push(pilot, app, form)
        assert visible(HOSTILE)[:12] in screen_text(app)
        assert "\x1b" not in screen_text(app)
        await type_text(pilot, form, "repository_path", "crm/PANDIUM.yaml")
        await type_text(pilot, form, "run_time_limit", "90")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: results == [made.id])
    changed = integration(store, "odd")
    assert (changed.repository_path, changed.run_time_limit) == ("crm/PANDIUM.yaml", 90)


async def test_a_tenant_gets_typed_configs_and_a_schedule(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(100, 40)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        form = await tenant_form(app, filled.integration_id)
        results = await push(pilot, app, form)
        assert field(form, "configs").value == "log_level=INFO\nbatch=50\npush_notes=false\nsince="
        await type_text(pilot, form, "name", "initech")
        await type_text(pilot, form, "configs", "extra=yes\n")
        await choose(pilot, form, "schedule", "own")
        await type_text(pilot, form, "user_schedule", "@daily")
        await type_text(pilot, form, "timezone", "Europe/Berlin")
        await wait_until(pilot, lambda: "Next (Europe/Berlin): " in screen_text(app))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: bool(results))
    made = tenant(store, "crm-sync/initech")
    assert made.configs == {"extra": "yes", "log_level": "INFO", "batch": 50, "push_notes": False}
    assert (made.user_schedule, made.timezone) == ("@daily", "Europe/Berlin")
    assert made.integration_release_id == filled.release_id  # the integration pins new tenants


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("user_schedule", "61 * * * *", "out of range"),
        ("user_schedule", "0 0 30 2 *", "never"),
        ("timezone", "Mars", "not a known time zone"),
        ("configs", "batch=many\n", "must be a whole number"),
    ],
)
async def test_bad_values_of_a_tenant_are_told_while_typing(store: Store, name: str, text: str, reason: str) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(100, 40)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        form = await tenant_form(app, filled.integration_id)
        await push(pilot, app, form)
        if name == "user_schedule":
            await choose(pilot, form, "schedule", "own")
        await type_text(pilot, form, name, text)
        await wait_until(pilot, lambda: reason in problem(form, name))


async def test_secret_settings_have_no_line_and_are_refused_while_typing(store: Store) -> None:
    filled = fill(store)
    with store.writing() as session:
        release = session.get_one(ReleaseRow, filled.release_id)
        release.config_schema = {"properties": {"batch": {}, "token": {"type": "string", "format": "password"}}}
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        form = await tenant_form(app, filled.integration_id)
        results = await push(pilot, app, form)
        assert field(form, "configs").value == "batch="
        await type_text(pilot, form, "name", "initech")
        await type_text(pilot, form, "configs", "token=canary\n")
        await wait_until(pilot, lambda: "token is secret" in problem(form, "configs"))
        assert "canary" not in problem(form, "configs")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert results == []
        assert "Connection Settings" in screen_text(app)


async def test_a_tenant_begins_with_the_default_option_and_may_run_by_hand_only(store: Store) -> None:
    fill(store)
    made = create_integration(
        store, IntegrationValues("crm", repository_url="/srv/crm", default_release_channel="Latest"), ACTOR
    )
    app = app_on(store)
    async with app.run_test(size=(100, 40)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 4)
        form = await tenant_form(app, made.id)
        results = await push(pilot, app, form)
        await wait_until(pilot, lambda: "Every hour" in screen_text(app))
        assert not field(form, "user_schedule").display
        await type_text(pilot, form, "name", "hourly")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: bool(results))
        form = await tenant_form(app, made.id)
        results = await push(pilot, app, form)
        await type_text(pilot, form, "name", "hand")
        await choose(pilot, form, "schedule", "by hand")
        await wait_until(pilot, lambda: "Runs only by hand" in screen_text(app))
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: bool(results))
    assert (tenant(store, "crm/hourly").schedule, tenant(store, "crm/hand").schedule) == ("0 * * * *", None)


async def test_without_own_schedules_only_the_options_are_offered(store: Store) -> None:
    fill(store)
    made = create_integration(
        store,
        IntegrationValues(
            "crm", repository_url="/srv/crm", schedule_options=COMMON_OPTIONS[:1], custom_schedules=False
        ),
        ACTOR,
    )
    app = app_on(store)
    async with app.run_test(size=(100, 40)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 4)
        form = await tenant_form(app, made.id)
        await push(pilot, app, form)
        control = field(form, "schedule").control
        assert isinstance(control, Select)
        assert [value for _, value in control._options] == [0, "by hand"]


async def test_another_release_brings_its_own_settings_until_one_was_touched(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(100, 40)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        form = await tenant_form(app, filled.integration_id)
        await push(pilot, app, form)
        form._offered[filled.release_id].config_schema["properties"].pop("since")
        choice, lines = field(form, "release").control, field(form, "configs")
        assert isinstance(choice, Select)
        choice.value = "Default"
        await wait_until(pilot, lambda: "since" not in lines.value)
        await type_text(pilot, form, "configs", "x=1\n")
        choice.value = "Latest"
        await pilot.pause()
        assert lines.value.startswith("x=1\nlog_level")


async def test_editing_a_tenant_starts_from_what_it_has(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(100, 40)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Rows).row_count == 3)
        form = await tenant_form(app, filled.integration_id, filled.tenant_id)
        results = await push(pilot, app, form)
        assert field(form, "release").value == "Default"
        assert field(form, "configs").value.startswith("batch=100\n")
        assert (field(form, "schedule").value, field(form, "user_schedule").value) == ("own", "0 * * * *")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: results == [filled.tenant_id])
    assert tenant(store, filled.tenant_id).configs["batch"] == 100


async def test_a_build_is_asked_for_with_branch_and_tag(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        form = BuildForm(store, app.actor, integration(store, filled.integration_id))
        results = await push(pilot, app, form)
        await type_text(pilot, form, "branch", "-x")
        await wait_until(pilot, lambda: bool(problem(form, "branch")))
        await type_text(pilot, form, "branch", "dev")
        await type_text(pilot, form, "tag", "try one")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: bool(results))
    (newest, *_) = releases(store, filled.integration_id)
    assert (newest.id, newest.branch, newest.tag, newest.status) == (results[0], "dev", "try one", "Queued")


async def test_a_refusal_is_told_in_the_form(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    one = integration(store, filled.integration_id)
    archive_integration(store, one.id, app.actor)
    async with app.run_test(size=(80, 24)) as pilot:
        form = BuildForm(store, app.actor, one)
        results = await push(pilot, app, form)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: "is archived. Restore it first" in screen_text(app))
        assert results == []


async def test_a_form_stays_until_its_save_has_ended(store: Store) -> None:
    """Leaving in the middle of a save took away the question instead of the form, and then the app."""
    app = app_on(store)
    with sqlite3.connect(store.file, isolation_level=None) as other:
        async with app.run_test(size=(80, 24)) as pilot:
            form = IntegrationForm(store, ACTOR)
            results = await push(pilot, app, form)
            await type_text(pilot, form, "name", "crm")
            await type_text(pilot, form, "repository_url", "/srv/crm")
            other.execute("BEGIN IMMEDIATE")
            await pilot.press("ctrl+s")
            await wait_until(pilot, lambda: "Saving" in screen_text(app))
            await pilot.press("escape", "ctrl+q")
            await pilot.pause()
            assert app.screen is form
            other.execute("ROLLBACK")
            await wait_until(pilot, lambda: bool(results))
            assert results == [integration(store, "crm").id]
            assert not isinstance(app.screen, Form | Confirm)
    other.close()
