"""The page of a run, over a real store and real log files."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlmodel import select
from textual.pilot import Pilot

from pandium_tui.app import PandiumApp
from pandium_tui.engine.dispatch import bundle_triggers
from pandium_tui.engine.retrying import ask_for_retry
from pandium_tui.hub.drafts import Draft
from pandium_tui.screens.rerun_form import RerunForm
from pandium_tui.screens.run import RunPage
from pandium_tui.screens.run_words import pretty_state
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.screens.text_screen import TextScreen
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IntegrationRow, RunRow, TenantRow, TriggerRow
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.log_view import LogView
from pandium_tui.widgets.text_lines import TextLines
from tests.screens.filling import HOSTILE, NOW, ago, app_on, fill
from tests.screens.log_files import add_lines, offered_keys, open_page, record, wait_until


def run_of(store: Store, phase: str) -> int:
    with store.writing() as session:
        run = session.exec(select(RunRow).where(RunRow.phase == phase)).first()
        assert run is not None
        assert run.id is not None
        return run.id


def change(store: Store, run_id: int, **values: object) -> None:
    with store.writing() as session:
        row = session.get_one(RunRow, run_id)
        for name, value in values.items():
            setattr(row, name, value)


def facts(app: PandiumApp) -> dict[str, str]:
    return dict(app.screen.query_one(Facts).facts)


def log_text(app: PandiumApp) -> str:
    lines = app.screen.query_one(LogView).lines
    return "\n".join(lines.render_line(y).text.rstrip() for y in range(lines.size.height))


def failed_run(store: Store) -> int:
    """A run that failed, with everything there can be to say about one."""
    fill(store)
    run_id = run_of(store, "Failed (Integration Issue)")
    change(
        store,
        run_id,
        exit_code=3,
        reason="it ended with exit code 3",
        state="done 12 of 14",
        warnings=["its state (the last line it printed to stdout) is not JSON; it is kept as it is", "second"],
        time_limit=600,
        configs={"batch": 100, "log_level": "INFO"},
    )
    with store.writing() as session:
        session.add(
            TriggerRow(
                tenant_id=session.get_one(RunRow, run_id).tenant_id,
                source="cron",
                scheduled_for=ago(minutes=31),
                created_date=ago(minutes=31),
                run_id=run_id,
                payload=b"x" * 312,
            )
        )
    lines = b"".join(record(f"row {number} of 14", moment="2099-05-04T11:30:01.000Z") for number in range(1, 13))
    folder = store.settings.run_folder(run_id)
    folder.mkdir(parents=True)
    log = lines + record("[red]Traceback[/red] \x1b[31mKeyError", "err") + record("done 12 of 14", "out")
    (folder / "log").write_bytes(log)
    return run_id


def test_a_failed_run_looks_like_this(store: Store, snap_compare: Callable[..., bool]) -> None:
    run_id = failed_run(store)
    app = app_on(store)

    async def before(pilot: Pilot[Any]) -> None:
        await open_page(pilot, app, RunPage(run_id))
        await wait_until(pilot, lambda: "Traceback" in log_text(app))

    assert snap_compare(app, run_before=before, terminal_size=(120, 40))


async def test_the_log_has_eight_lines_on_a_small_screen(store: Store) -> None:
    app = app_on(store)
    run_id = failed_run(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, RunPage(run_id))
        await wait_until(pilot, lambda: app.screen.query_one(LogView).lines.size.height >= 8)
        await pilot.press("l")
        await wait_until(pilot, lambda: app.screen.query_one(LogView).lines.size.height > 16)
        assert not app.screen.query_one(Facts).display


async def test_facts_say_why_and_how_it_ended(store: Store) -> None:
    app = app_on(store)
    run_id = failed_run(store)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_page(pilot, app, RunPage(run_id))
        said = facts(app)
    assert said["Run"] == f"{run_id}  ✗ Failed (Integration Issue)  (normal)"
    assert said["Tenant"] == "crm-sync/globex"
    assert said["Why"] == "2 triggers (s): manual; cron for 2099-05-04 11:29:00, payload of 312 bytes"
    assert said["Result"] == "it ended with exit code 3"
    assert said["State"] == "! not JSON: done 12 of 14"
    assert said["Warning"].endswith("(and 1 more: s)")
    assert said["Took"] == "1 m (limit 10 m)"
    assert said["Settings"] == "batch, log_level"


@pytest.mark.parametrize("motion", ["full", "reduced"])
async def test_it_follows_a_run_to_its_end(
    store: Store, motion: Literal["full", "reduced"], monkeypatch: pytest.MonkeyPatch
) -> None:
    unused = "" if motion == "reduced" else "CALM_"  # looking at the other pace, it would never see anything
    monkeypatch.setattr(f"pandium_tui.store_watch.{unused}LOOK_EVERY", 3600.0)
    monkeypatch.setattr(f"pandium_tui.widgets.log_frame.{unused}FOLLOW_SECONDS", 3600.0)
    fill(store)
    run_id = run_of(store, "Running")
    folder = store.settings.run_folder(run_id)
    app = app_on(store)
    app.settings = replace(app.settings, motion=motion)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, RunPage(run_id))
        await wait_until(pilot, lambda: "No log yet" in log_text(app))
        add_lines(folder, 100)
        await wait_until(pilot, lambda: "line 99" in log_text(app))
        add_lines(folder, 1, start=100)
        change(store, run_id, phase="Succeeded", exit_code=0, completed_date=ago(minutes=1), state='{"cursor": 12}')
        await wait_until(pilot, lambda: "Succeeded" in facts(app)["Run"] and "line 100" in log_text(app))
        assert facts(app)["State"] == '{"cursor": 12}'
        assert app.screen.query_one(LogView)._live is False


async def test_cancel_asks_first_and_says_what_happens(store: Store) -> None:
    fill(store)
    run_id = run_of(store, "Running")
    change(store, run_id, phase="Queued")
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, RunPage(run_id))
        await pilot.press("c")
        await wait_until(pilot, lambda: not isinstance(app.screen, RunPage))
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, RunPage))
        assert run_of(store, "Queued") == run_id
        await pilot.press("c")
        await wait_until(pilot, lambda: not isinstance(app.screen, RunPage))
        await pilot.press("y")
        await wait_until(pilot, lambda: isinstance(app.screen, RunPage) and "Cancelled" in facts(app)["Run"])
        assert "c" not in offered_keys(app)  # nothing left to cancel


async def test_the_state_in_full(store: Store) -> None:
    run_id = failed_run(store)
    change(store, run_id, state=json.dumps({"segments": list(range(100)), "note": HOSTILE}))
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, RunPage(run_id))
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen))
        lines = app.screen.query_one(TextLines)
        await wait_until(pilot, lambda: lines.render_line(3).text.strip() == '"segments": [')
        await pilot.press("G")
        await wait_until(pilot, lambda: any('"log_level": "INFO"' in lines.render_line(y).text for y in range(22)))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, RunPage))


@pytest.mark.parametrize(
    "state",
    ["not json", "{", "[" * 50_000, "1" * 5_000, '{"a": NaN}', "null", '"\\u001b[31m"'],
    ids=lambda text: text[:9],
)
def test_any_state_can_be_shown(state: str) -> None:
    assert pretty_state(state)


async def test_to_the_tenant_and_back(store: Store) -> None:
    filled = fill(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, RunPage(run_of(store, "Running")))
        await pilot.press("t")
        await wait_until(pilot, lambda: isinstance(app.screen, TenantPage) and app.screen.tenant_id == filled.tenant_id)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, RunPage))
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, RunPage))


async def test_outside_text_is_shown_as_it_is(store: Store, tmp_path: Path) -> None:
    run_id = failed_run(store)
    change(store, run_id, reason=HOSTILE, state=HOSTILE, warnings=[HOSTILE], configs={HOSTILE: HOSTILE})
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, RunPage(run_id))
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(app.screen, TextScreen))
        lines = app.screen.query_one(TextLines)
        await wait_until(pilot, lambda: "[red]x[/oops]" in lines.render_line(3).text)
        shown = "".join(lines.render_line(y).text for y in range(lines.size.height))
        assert not {"\x1b", "\x07", "\u202e"} & set(shown)


async def test_a_run_is_asked_for_once_more_and_opened(store: Store) -> None:
    run_id = failed_run(store)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_page(pilot, app, RunPage(run_id))
        await pilot.press("r")
        await wait_until(pilot, lambda: isinstance(app.screen, RerunForm))
        name, no_draft = f"run-{run_id}-again", Draft({}, {}, (), NOW)
        configs, edited, *_, counts = app.screen.query(Field)
        configs.set_value("edited")
        await wait_until(pilot, lambda: edited.display and "batch: 100" in edited.value)
        edited.set_value("{batch: 7")
        await wait_until(pilot, lambda: edited.problem != "")
        edited.set_value("batch: 7")
        counts.set_value(False)
        typed = {"configs": "edited", "edited_configs": "batch: 7", "counts": False}
        await wait_until(pilot, lambda: (app.drafts.find(name) or no_draft).values == typed)
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: isinstance(app.screen, RunPage))
        assert app.drafts.find(name) is None
        with store.writing() as session:
            asked = session.exec(select(TriggerRow).where(TriggerRow.rerun_of == run_id)).one()
            assert (asked.given_configs, asked.given_state, asked.counts_as_state) == ({"batch": 7}, "", False)
        bundle_triggers(store)
        await wait_until(pilot, lambda: f"run {run_id} once more (o)" in facts(app).get("Attempt", ""))
        assert "does not count" in facts(app)["Attempt"]
        await pilot.press("o")
        await wait_until(pilot, lambda: facts(app)["Run"].startswith(f"{run_id} "))


async def test_a_retry_says_which_attempt_it_is_and_when_the_next_one_is(store: Store) -> None:
    run_id = failed_run(store)
    with store.writing() as session:
        failed = session.get_one(RunRow, run_id)
        session.get_one(IntegrationRow, failed.integration_id).retry_count = 3
        session.get_one(TenantRow, failed.tenant_id).paused = False
        ask_for_retry(session, failed, NOW)
    app = app_on(store)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_page(pilot, app, RunPage(run_id))
        await wait_until(pilot, lambda: facts(app).get("Attempt", "").startswith("1 of 4; next at 2099-05-04 12:0"))
        with store.writing() as session:
            session.exec(select(TriggerRow).where(TriggerRow.retry_of == run_id)).one().not_before = None
        bundle_triggers(store)
        await wait_until(pilot, lambda: "tried again by run" in facts(app).get("Attempt", ""))
        await pilot.press("O")
        await wait_until(pilot, lambda: facts(app).get("Attempt") == f"2 of 4, tries run {run_id} again (o)")
        assert facts(app)["Started"] == "waits for an engine"
