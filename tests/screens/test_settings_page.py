"""The page of Connection Settings, driven by keys over a real store."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Select, SelectionList, Static

from pandium_tui.app import PandiumApp
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.settings_form import save_settings, tenant_settings
from pandium_tui.hub.tenants import tenant
from pandium_tui.manifest.form.choices import dynamic_from_state
from pandium_tui.manifest.yaml_reading import read_yaml
from pandium_tui.screens.integration.move_form import MoveForm
from pandium_tui.screens.integration.overview import Overview
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.settings.editor import EditorError, edit_text
from pandium_tui.screens.settings.field_block import FieldBlock
from pandium_tui.screens.settings.form_view import FormView
from pandium_tui.screens.settings.page import SettingsPage
from pandium_tui.screens.settings.row_forms import RowForm
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.screens.tenant_form import TenantForm
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import ReleaseRow, TenantRow
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.field import Field
from tests.manifest.form.test_alternatives import TARGET, WHOLE
from tests.manifest.form.test_example import CONFIGS, PRINTED
from tests.scenario import ACTOR, Scenario, manifest
from tests.screens.filling import HOSTILE, app_on, fill
from tests.screens.log_files import open_page, wait_until
from tests.screens.test_widgets import screen_text

TOKEN = "canary-51ab"


def configs_of(text: str) -> dict[str, Any]:
    document = read_yaml(text.encode())
    assert document.root is not None
    value = document.root.value
    assert isinstance(value, dict)
    return value


def tenant_with(store: Store, text: str, printed: str | None = PRINTED, **configs: Any) -> int:
    """A tenant whose release has this form."""
    filled = fill(store)
    form = configs_of(text)
    with store.writing() as session:
        release = session.get_one(ReleaseRow, filled.release_id)
        release.config_schema, release.config_uischema = form.get("schema"), form.get("uischema")
        row = session.get_one(TenantRow, filled.tenant_id)
        row.configs = configs
        if printed is not None:
            row.dynamic_configs = dynamic_from_state(printed, form.get("schema"))[0]
            row.dynamic_configs_run_id = 1
    return filled.tenant_id


async def opened(pilot: Pilot[None], app: PandiumApp, tenant_id: int) -> SettingsPage:
    page = SettingsPage(tenant_id)
    await app.push_screen(page)
    await wait_until(pilot, lambda: any(str(one.content) for one in page.query("#summary").results(Static)))
    await wait_until(pilot, lambda: "Scheduler off" in screen_text(app))
    await at_rest(pilot, app)
    return page


async def saved(pilot: Pilot[None], app: PandiumApp) -> None:
    """Save, and wait until everything about it is shown."""
    await pilot.press("ctrl+s")
    await wait_until(pilot, lambda: "✓ Saved" in screen_text(app))
    await at_rest(pilot, app)


async def at_rest(pilot: Pilot[None], app: PandiumApp) -> None:
    await wait_until(pilot, lambda: not any(worker.is_running for worker in app.workers))


def block(page: Screen[Any], name: str) -> FieldBlock:
    """The field with this name, inside objects ``outer.inner``."""
    return next(one for one in page.query(FieldBlock) if ".".join(one.field.steps) == name)


async def go(pilot: Pilot[None], page: SettingsPage, name: str) -> FieldBlock:
    found = block(page, name)
    await page.query_one(FormView).go_to(found.field.number)
    await pilot.pause()
    return found


def values(page: SettingsPage) -> dict[str, Any]:
    return page.query_one(FormView).values


SOURCES = """\
schema:
  properties:
    sources:
      type: array
      items:
        oneOf:
          - {title: Table, required: [table], properties: {kind: {const: table}, table: {type: string}}}
          - {title: Query, required: [sql], properties: {kind: {const: query}, sql: {type: string}}}
"""

ALL_KINDS = """\
schema:
  required: [title]
  properties:
    title: {type: string, maxLength: 5}
    notes: {type: string}
    token: {type: string, format: password}
    count: {type: integer, min: 1, max: 10}
    ratio: {type: number}
    on: {type: boolean}
    level: {type: string, enum: [low, high]}
    tags: {type: array, items: {enum: [a, b, c]}}
    words: {type: array, items: {type: string}}
    pairs:
      type: array
      items:
        type: object
        required: [from]
        properties: {from: {type: string}, to: {type: string, default: x}}
    address: {type: object, properties: {street: {type: string}, number: {type: integer}}}
    day: {type: string, format: date}
    at: {type: string, format: time}
    when: {type: string, format: date-time}
    fixed: {type: string, readOnly: true, default: always}
    extra: {type: [string, object]}
    only_high: {type: string}
    place: {anyOf: [{type: string}, {enum: [Berlin, Bern]}]}
uischema:
  type: VerticalLayout
  elements:
    - {type: Control, scope: '#/properties/title', hintText: What it is called}
    - {type: Control, scope: '#/properties/notes', options: {multi: true}}
    - {type: Control, scope: '#/properties/token'}
    - {type: Control, scope: '#/properties/count'}
    - {type: Control, scope: '#/properties/ratio'}
    - {type: Control, scope: '#/properties/on'}
    - {type: Control, scope: '#/properties/level'}
    - type: Control
      scope: '#/properties/only_high'
      rule: {effect: SHOW, condition: {scope: '#/properties/level', schema: {const: high}}}
    - {type: MultiSelectControl, scope: '#/properties/tags'}
    - {type: Control, scope: '#/properties/words'}
    - {type: Control, scope: '#/properties/pairs'}
    - {type: Control, scope: '#/properties/address'}
    - {type: Control, scope: '#/properties/day'}
    - {type: Control, scope: '#/properties/at'}
    - {type: Control, scope: '#/properties/when'}
    - {type: Control, scope: '#/properties/fixed'}
    - {type: Control, scope: '#/properties/extra'}
    - {type: Control, scope: '#/properties/place'}
"""

KEYS: list[tuple[str, list[str], Any]] = [
    ("title", [*"ab"], "ab"),
    ("notes", ["x", "enter", "y"], "x\ny"),
    ("token", [*"abc"], "abc"),
    ("count", ["7"], 7),
    ("ratio", ["1", "full_stop", "5"], 1.5),
    ("on", ["space"], True),
    ("level", ["enter", "down", "down", "enter"], "high"),
    ("tags", ["space", "down", "down", "space"], ["a", "c"]),
    ("words", ["a", "u", "enter", "a", "v", "enter"], ["u", "v"]),
    ("pairs", ["a", "f", "ctrl+s"], [{"from": "f", "to": "x"}]),
    ("address.street", [*"Elm"], "Elm"),
    ("address.number", ["5"], 5),
    ("day", [*"2024", "minus", *"05", "minus", *"31"], "2024-05-31"),
    ("at", [*"13", "colon", *"45"], "13:45:00"),
    ("when", [*"2024", "minus", *"05", "minus", *"31"], "2024-05-31T00:00:00+00:00"),
    ("extra", [*"hi"], "hi"),
    ("place", [*"berl", "right"], "Berlin"),
]


async def test_each_kind_of_field_is_filled_in_by_keys_and_saved(store: Store) -> None:
    tenant_id = tenant_with(store, ALL_KINDS)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        for name, keys, value in KEYS:
            await go(pilot, page, name)
            for key in keys:
                before = app.screen
                await pilot.press(key)
                if name in ("words", "pairs") and key in ("a", "enter", "ctrl+s"):
                    await wait_until(pilot, lambda before=before: app.screen is not before)  # type: ignore[misc]
                    await wait_until(pilot, lambda: app.focused is not None)
            await wait_until(pilot, lambda: "● Not saved" in screen_text(app))
            await saved(pilot, app)
            found: Any = tenant_settings(store, tenant_id).values
            for step in name.split("."):
                found = found[step]
            assert found == value, name


async def test_rules_and_errors_follow_while_typing(store: Store) -> None:
    app = app_on(store)
    tenant_id = tenant_with(store, ALL_KINDS, title="t", only_high="kept")
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        assert not block(page, "only_high").display
        await go(pilot, page, "level")
        await pilot.press("enter", "down", "down", "enter")
        await wait_until(pilot, lambda: bool(block(page, "only_high").display))
        await go(pilot, page, "count")
        await pilot.press("1", "1")
        await wait_until(pilot, lambda: "at most 10" in block(page, "count").problem)
        await pilot.press("comma", "5")
        await wait_until(pilot, lambda: "whole number" in block(page, "count").problem)
        await go(pilot, page, "title")
        await pilot.press(*"abcdef")
        await wait_until(pilot, lambda: "at most 5" in block(page, "title").problem)


async def test_a_refused_save_loses_nothing_and_goes_to_the_field(store: Store) -> None:
    app = app_on(store)
    tenant_id = tenant_with(store, ALL_KINDS)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        page = await opened(pilot, app, tenant_id)
        await go(pilot, page, "ratio")
        await pilot.press("1", "comma", "5", "ctrl+s")
        await wait_until(pilot, lambda: "Not saved" in screen_text(app) and block(page, "ratio").has_focus_within)
        assert "point" in block(page, "ratio").problem
        assert block(page, "title").problem == "required"
        assert block(page, "ratio").query_one(Input).value == "1,5"
        await at_rest(pilot, app)
    assert tenant(store, tenant_id).configs == {}


async def test_leaving_with_changes_asks(store: Store) -> None:
    app = app_on(store)
    tenant_id = tenant_with(store, ALL_KINDS, title="t")
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        await go(pilot, page, "title")
        await pilot.press("end", "x", "escape")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "Changed: Title" in screen_text(app)
        await pilot.press("n")
        await wait_until(pilot, lambda: app.screen is page)
        await pilot.press("backspace", "escape")
        await wait_until(pilot, lambda: app.screen is not page)
        await at_rest(pilot, app)


async def test_new_choices_come_in_without_losing_edits(store: Store) -> None:
    app = app_on(store)
    tenant_id = tenant_with(store, CONFIGS, printed=None, queue_id=9)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        assert "Run init to load the choices" in screen_text(app)
        assert block(page, "queue_id").control.disabled
        queue = next(line for line in screen_text(app).splitlines() if "▼" in line and "Queue" in line)
        assert " 9 " in queue, "what a run gets is shown, also before its choices are there"
        await go(pilot, page, "batch")
        await pilot.press("end", "x")
        await go(pilot, page, "since")
        await pilot.press(*"2024")
        with store.writing() as session:
            row = session.get_one(TenantRow, tenant_id)
            row.dynamic_configs = {"queues": [{"const": 7, "title": "Billing"}, {"const": 9, "title": "Returns"}]}
            row.dynamic_configs_run_id = 2
        await wait_until(pilot, lambda: not block(page, "queue_id").control.disabled)
        assert block(page, "batch").query_one(Input).value == "50x"
        assert block(page, "since").query_one(Input).value == "2024"
        await wait_until(pilot, lambda: "Returns" in screen_text(app))
        await go(pilot, page, "queue_id")
        await pilot.press("enter", "up", "enter")
        await wait_until(pilot, lambda: values(page).get("queue_id") == 7)
        await at_rest(pilot, app)


async def test_a_value_that_is_no_longer_offered_stays_and_is_explained(store: Store) -> None:
    app = app_on(store)
    tenant_id = tenant_with(store, CONFIGS, queue_id=8, tag_names=["vip", "gone"])
    async with app.run_test(size=(80, 40)) as pilot:
        page = await opened(pilot, app, tenant_id)
        text = screen_text(app)
        assert "8 (no longer offered)" in text
        assert "gone (no longer offered)" in text
        assert "no longer offered; choose another" in text
        await go(pilot, page, "queue_id")
        await pilot.press("enter", "up", "enter")
        await go(pilot, page, "tag_names")
        await pilot.press("end", "space")
        await wait_until(pilot, lambda: values(page) == {"queue_id": 9, "tag_names": ["vip"]})
        await at_rest(pilot, app)


DEPENDENT = """\
schema:
  definitions:
    teams: {enum: [placeholder]}
    queues: {enum: [placeholder]}
  properties:
    team: {$ref: '#/definitions/teams'}
    queue: {$ref: '#/definitions/queues'}
uischema:
  type: VerticalLayout
  elements:
    - {type: Control, scope: '#/properties/team'}
    - {type: Control, scope: '#/properties/queue', options: {dependsOn: '#/properties/team'}}
"""


async def test_a_dependent_choice_follows_its_parent(store: Store) -> None:
    app = app_on(store)
    printed = '{"teams": ["t1", "t2"], "queues": {"t1": ["q1"], "t2": ["q2"]}}'
    tenant_id = tenant_with(store, DEPENDENT, printed)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        assert "Choose Team first" in screen_text(app)
        await go(pilot, page, "team")
        await pilot.press("enter", "down", "enter")
        await wait_until(pilot, lambda: not block(page, "queue").control.disabled)
        await go(pilot, page, "queue")
        await pilot.press("enter", "down", "enter")
        await wait_until(pilot, lambda: values(page) == {"team": "t1", "queue": "q1"})
        await go(pilot, page, "team")
        await pilot.press("enter", "down", "enter")
        await wait_until(pilot, lambda: values(page) == {"team": "t2"})
        await at_rest(pilot, app)


async def test_a_secret_never_gets_to_the_screen(store: Store) -> None:
    app = app_on(store)
    tenant_id = tenant_with(store, ALL_KINDS, title="t")
    save_settings(store, tenant_id, {"title": "t", "token": TOKEN}, ACTOR)
    async with app.run_test(size=(120, 40)) as pilot:
        page = await opened(pilot, app, tenant_id)
        assert "PAN_CFG_TOKEN=********" in screen_text(app)
        assert "canary" not in screen_text(app)
        assert block(page, "token").query_one(Input).value == ""
        await go(pilot, page, "token")
        await pilot.press("backspace")
        await wait_until(pilot, lambda: "PAN_CFG_TOKEN" not in screen_text(app))
        await saved(pilot, app)
    assert tenant(store, tenant_id).sealed_configs == ()


async def test_customer_view_search_help_and_what_a_run_receives(store: Store) -> None:
    app = app_on(store)
    tenant_id = tenant_with(store, CONFIGS, queue_id=7)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        assert "[admin]" in screen_text(app)
        await pilot.press("f2")
        await wait_until(pilot, lambda: "[admin]" not in screen_text(app) and "As a customer" in screen_text(app))
        await pilot.press("f2", "ctrl+f")
        await wait_until(pilot, lambda: "Find a field" in screen_text(app) and app.focused is not None)
        await pilot.press(*"batch", "enter")
        await wait_until(pilot, lambda: app.screen is page and block(page, "batch").has_focus_within)
        await pilot.press("f3")
        await wait_until(pilot, lambda: "PAN_CFG_QUEUE_ID=7" in screen_text(app))
        await pilot.press("escape", "f1")
        await wait_until(pilot, lambda: "Queue: where tickets come from." in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is page)
        await at_rest(pilot, app)


async def test_values_go_to_a_file_and_back(store: Store, tmp_path: Path) -> None:
    app = app_on(store)
    tenant_id = tenant_with(store, CONFIGS, queue_id=7)
    file = tmp_path / "out.json"
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        for key in ("f6", "f7"):
            await pilot.press(key)
            await wait_until(pilot, lambda: app.screen is not page and isinstance(app.focused, Input))
            entry = app.focused
            assert isinstance(entry, Input)
            entry.value = str(file)
            await pilot.press("ctrl+s")
            await wait_until(pilot, lambda: app.screen is page)
            if key == "f6":
                assert file.read_text() == '{\n  "queue_id": 7\n}\n'
                file.write_text("queue_id: 9\nbatch: 5\n")
        await wait_until(pilot, lambda: values(page) == {"queue_id": 9, "batch": 5})
        assert block(page, "batch").query_one(Input).value == "5"
        await at_rest(pilot, app)


async def test_outside_text_is_never_markup_and_odd_values_survive_untouched(store: Store) -> None:
    app = app_on(store)
    text = ALL_KINDS.replace("hintText: What it is called", "label: '[red]x[/oops]'")
    tenant_id = tenant_with(store, text, title="t\tu", notes=HOSTILE, words=[HOSTILE], pairs=[{"from": HOSTILE}])
    async with app.run_test(size=(80, 40)) as pilot:
        page = await opened(pilot, app, tenant_id)
        assert "[red]x[/oops]" in screen_text(app)
        assert "\x1b" not in screen_text(app)
        assert "● Not saved" not in screen_text(app)
        await go(pilot, page, "count")
        await pilot.press("7")
        await saved(pilot, app)
    assert tenant(store, tenant_id).configs["notes"] == HOSTILE
    assert tenant(store, tenant_id).configs["title"] == "t\tu"


async def test_a_large_form_puts_closed_sections_on_the_screen_when_they_are_opened(store: Store) -> None:
    names = [f"f{number}" for number in range(60)]
    sections = "".join(
        f"\n    - type: Section\n      label: Part {at}\n      elements: ["
        + ", ".join(f"{{type: Control, scope: '#/properties/{name}'}}" for name in names[at * 20 : at * 20 + 20])
        + "]"
        for at in range(3)
    )
    properties = ", ".join(f"{name}: {{type: string}}" for name in names)
    app = app_on(store)
    tenant_id = tenant_with(
        store, f"schema: {{properties: {{{properties}}}}}\nuischema:\n  type: VerticalLayout\n  elements:{sections}\n"
    )
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        assert len(page.query(FieldBlock)) == 20
        await go_by_find(pilot, app, "f45x")
        await wait_until(pilot, lambda: "No field has this in its label, name or help." in screen_text(app))
        await pilot.press("down", "backspace", "enter")
        await wait_until(pilot, lambda: len(page.query(FieldBlock)) == 40 and block(page, "f45").has_focus_within)
        await pilot.press("z")
        await wait_until(pilot, lambda: values(page) == {"f45": "z"})
        await at_rest(pilot, app)


async def go_by_find(pilot: Pilot[None], app: PandiumApp, text: str) -> None:
    await pilot.press("ctrl+f")
    await wait_until(pilot, lambda: "Find a field" in screen_text(app) and isinstance(app.focused, Input))
    await pilot.press(*text, "enter")


async def test_a_long_list_of_choices_is_filtered(store: Store) -> None:
    printed = '{"queues": [1], "tags": [' + ", ".join(f'"tag {number}"' for number in range(100, 140)) + "]}"
    app = app_on(store)
    tenant_id = tenant_with(store, CONFIGS, printed, queue_id=1)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        found = await go(pilot, page, "tag_names")
        assert isinstance(app.focused, Input)
        await pilot.press(*"137")
        await wait_until(pilot, lambda: found.query_one(SelectionList).option_count == 1)
        await pilot.press("tab", "space")
        await wait_until(pilot, lambda: values(page).get("tag_names") == ["tag 137"])
        await at_rest(pilot, app)


async def test_refreshing_the_choices_starts_an_init_run(scenario: Scenario) -> None:
    indented = "\n" + "\n".join(f"  {line}" for line in CONFIGS.strip("\n").split("\n"))
    files = {"PANDIUM.yaml": manifest("cat choices", configs=indented), "choices": PRINTED}
    integration_id = scenario.integration(files)
    assert scenario.build(integration_id).status == "Ready"
    tenant_id = scenario.tenant(integration_id).id
    app = app_on(scenario.store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        await go(pilot, page, "batch")
        await pilot.press("7", "f5")
        await wait_until(pilot, lambda: not block(page, "queue_id").control.disabled)
        assert values(page) == {"batch": 7}
        await go(pilot, page, "queue_id")
        await pilot.press("enter", "down", "down", "enter")
        await saved(pilot, app)
    assert scenario.run(tenant_id).phase == "Succeeded"


async def test_a_new_tenant_comes_to_its_form_and_back_by_a_key_of_its_page(store: Store) -> None:
    tenant_id = tenant_with(store, CONFIGS, printed=None)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = TenantPage(tenant_id)
        await open_page(pilot, app, page)
        assert "need attention (f): Queue: req" in screen_text(app)
        await pilot.press("f")
        await wait_until(pilot, lambda: isinstance(app.screen, SettingsPage) and bool(app.screen.query(FieldBlock)))
        await at_rest(pilot, app)


async def test_tenants_are_moved_after_what_breaks_was_shown(store: Store) -> None:
    tenant_id = tenant_with(store, ALL_KINDS, printed=None)
    app = app_on(store)
    async with app.run_test(size=(100, 30)) as pilot:
        page = IntegrationPage(tenant(store, tenant_id).integration_id)
        await app.push_screen(page)
        await pilot.press("v")
        await wait_until(pilot, lambda: page.query_one(Overview).rows.row_count == 2)
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(app.screen, MoveForm) and app.focused is not None)
        await pilot.press("enter", "down", "enter")
        target = next(one for one in app.screen.query(Field) if one.name == "target")
        release_id = tenant(store, tenant_id).release_id
        target.set_value(release_id)
        await wait_until(pilot, lambda: "! acme: Title: required" in screen_text(app))
        assert tenant(store, tenant_id).integration_release_channel == "Default"
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: app.screen is page)
        await at_rest(pilot, app)
    assert tenant(store, tenant_id).integration_release_id == release_id


def test_the_form_of_a_tenant_tells_what_another_release_breaks(store: Store) -> None:
    tenant_id = tenant_with(store, ALL_KINDS, printed=None)
    found = tenant(store, tenant_id)
    form = TenantForm(store, ACTOR, integration(store, found.integration_id), [], found)
    raw = {"name": "acme", "configs": "", "schedule": "own", "user_schedule": "@daily", "timezone": "", "paused": False}
    assert form.check({**raw, "release": "Default"}).hints["release"] == ""
    told = form.check({**raw, "release": found.release_id}).hints["release"].splitlines()
    assert told == ["! Its settings need attention afterwards, and runs are refused until then:", "Title: required"]


def test_the_editor_gets_a_file_for_the_owner_alone_and_it_is_gone_afterwards(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = tmp_path / "editor"
    script.write_text(f'#!/bin/sh\nstat -c "%a %n" "$1" "$(dirname "$1")" > {log}\nprintf more >> "$1"\n')
    script.chmod(0o755)
    assert edit_text("text ", ".txt", {"EDITOR": str(script)}) == "text more"
    (mode, file), (folder_mode, folder) = (line.split() for line in log.read_text().splitlines())
    assert (mode, folder_mode) == ("600", "700")
    assert not Path(file).exists()
    assert not Path(folder).exists()
    with pytest.raises(EditorError, match="status 1"):
        edit_text("text", ".txt", {"EDITOR": "false"})
    with pytest.raises(EditorError, match="set VISUAL or EDITOR"):
        edit_text("text", ".txt", {})


def test_how_the_example_looks(snap_compare: Callable[..., bool], store: Store) -> None:
    tenant_id = tenant_with(store, CONFIGS, queue_id=9, tag_names=["vip", "late order"])
    app = app_on(store)

    async def before(pilot: Pilot[Any]) -> None:
        page = await opened(pilot, app, tenant_id)
        await wait_until(pilot, lambda: block(page, "log_level").has_focus_within)
        await at_rest(pilot, app)

    assert snap_compare(app, run_before=before, terminal_size=(120, 40))


async def test_an_alternative_is_chosen_and_what_was_typed_for_the_other_is_kept(store: Store) -> None:
    tenant_id = tenant_with(store, TARGET)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        choice = await go(pilot, page, "target")
        assert not [one for one in page.query(FieldBlock) if one.field.label in ("Bucket", "Host") and one.region]
        await pilot.press("enter", "down", "enter", "tab", *"too long")
        assert "at most 5 characters" in screen_text(app)
        await pilot.press("shift+tab", "enter", "down", "enter")
        assert "Bucket" not in screen_text(app)
        await pilot.press("tab", *"h")
        assert values(page) == {"target": {"kind": "ftp", "prefix": "out", "host": "h"}}
        assert page.changed_labels() == ["Where to"]
        await go(pilot, page, "target")
        await pilot.press("enter", "up", "enter")
        assert block(page, "target.bucket").query_one(Input).value == "too long"
        await pilot.press("enter", "down", "enter")
        await saved(pilot, app)
        assert choice.problem == ""
        assert tenant_settings(store, tenant_id).values == {"target": {"kind": "ftp", "prefix": "out", "host": "h"}}


async def test_an_alternative_of_all_settings_is_chosen_on_the_screen(store: Store) -> None:
    tenant_id = tenant_with(store, WHOLE)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        await pilot.press("enter", "down", "enter")
        await wait_until(pilot, lambda: "Bucket *" in screen_text(app))
        assert page.changed_labels() == ["Prefix", "Store in"]
        await pilot.press("tab", *"b")
        await wait_until(pilot, lambda: values(page) == {"kind": "s3", "prefix": "out", "bucket": "b"})
        await saved(pilot, app)
    assert tenant_settings(store, tenant_id).values == {"kind": "s3", "prefix": "out", "bucket": "b"}


async def test_typing_faster_than_the_form_follows_loses_nothing(store: Store) -> None:
    tenant_id = tenant_with(store, ALL_KINDS)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        line = (await go(pilot, page, "token")).query_one(Input)
        for typed in ("h", "hu", "hus", "hush"):
            line.value = typed
        await wait_until(pilot, lambda: values(page).get("token") == "hush")
        await at_rest(pilot, app)
        assert line.value == "hush"
        assert "hush" not in screen_text(app)
        await pilot.press("f9")
        assert "hush" in screen_text(app)
        await pilot.press("tab")
        assert "hush" not in screen_text(app)


async def test_an_entry_of_a_list_is_one_of_several_alternatives(store: Store) -> None:
    tenant_id = tenant_with(store, SOURCES)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        await go(pilot, page, "sources")
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, RowForm) and "(nothing)" in screen_text(app))
        app.screen.query_one(Select).focus()
        await pilot.press("enter", "down", "down", "enter")
        await wait_until(pilot, lambda: "Sql *" in screen_text(app))
        await pilot.press("tab", *"q1", "ctrl+s")
        await wait_until(pilot, lambda: "Query: q1" in screen_text(app))
        assert values(page) == {"sources": [{"kind": "query", "sql": "q1"}]}
        await saved(pilot, app)


async def test_a_few_choices_are_seen_all_at_once_where_the_form_wants_it(store: Store) -> None:
    text = """\
schema: {properties: {level: {enum: [low, 2], default: low}}}
uischema: {type: VerticalLayout, elements: [{type: Control, scope: '#/properties/level', options: {format: radio}}]}
"""
    tenant_id = tenant_with(store, text)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        page = await opened(pilot, app, tenant_id)
        assert "▐●▌ low" in screen_text(app) and "▐ ▌ 2" in screen_text(app)
        await pilot.press("down", "down", "space")
        await wait_until(pilot, lambda: values(page) == {"level": 2})
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: "▐●▌ low" in screen_text(app) and "▐ ▌ 2" in screen_text(app))
        await pilot.press("up", "space")
        await wait_until(pilot, lambda: values(page) == {"level": None})
