"""Home: all integrations and how they are."""

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from pandium_tui.screens.page import FILTER_KEY, Page
from pandium_tui.widgets.key_words import key_of
from pandium_tui.widgets.record_list import RecordList
from pandium_tui.widgets.rows import WIDE, Cell, Column, Rows
from pandium_tui.widgets.when import NOTHING, When, phase_text

if TYPE_CHECKING:
    from pandium_tui.hub.bulk import Standing
    from pandium_tui.storage.database import Store
    from pandium_tui.storage.records import Integration

EMPTY = (
    "No integrations yet. Three ways to begin:\n\n"
    "{home.new}  from a git URL: a repository with a PANDIUM.yaml.\n"
    "{home.new}, then Setup repo on its page  from nothing: an empty repository gets files that run at once.\n"
    "{home.demo}  the demo: a sample is built and run in a home folder of its own, which then opens."
)
ALL_ARCHIVED = "All integrations are archived. Press {home.archived} to show them, {home.new} to add a new one."
FIRST_ROWS = 100
"""Rows that are read and put in before all others, so that the first page can be used at once."""
DRAW_EVERY = 10.0
"""Seconds between two readings of the newest runs of all."""
REST_AFTER = 0.2
"""Seconds from those to the others, which take the processor for as long as a key may take."""


class HomePage(Page):
    """The table of integrations."""

    BINDING_GROUP_TITLE = "Integrations"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New integration", id="home.new", tooltip="Add an integration from a git repository"),
        replace(FILTER_KEY, show=True),
        Binding("s", "accounts", "Accounts", id="home.accounts", tooltip="Source control accounts: tokens, ssh keys"),
        Binding("v", "cockpit", "Now", id="home.cockpit", tooltip="What fails, runs and comes next"),
        Binding("p", "pause", "Pause", id="home.pause", tooltip="Pause its schedules, or of all marked; or resume"),
        Binding(
            "x",
            "archive",
            "Archive",
            show=False,
            id="home.archive",
            tooltip="Archive the integration, or all marked, or restore; tells what it means and asks",
        ),
        Binding(
            "P",
            "pause_engines",
            "Pause engines",
            show=False,
            id="home.pause.engines",
            tooltip="Pause all engines, or resume; asks",
        ),
        Binding("U", "audit", "Who did what", show=False, id="home.audit", tooltip="Who did what, and when"),
        Binding("d", "health", "Disk", show=False, id="home.health", tooltip="Store and disk: sizes, health, prune"),
        Binding(
            "w",
            "waiting",
            "Waiting",
            show=False,
            id="home.waiting",
            tooltip="What waits, and slots that did not run",
        ),
        Binding(
            "o",
            "pictures",
            "Over time",
            show=False,
            id="home.pictures",
            tooltip="Pictures of runs and coming fires",
        ),
        Binding("D", "demo", "Demo", id="home.demo", tooltip="Leave, and see a sample built and run"),
        Binding(
            "a", "archived", "Archived", show=False, id="home.archived", tooltip="Show or hide archived integrations"
        ),
    ]
    DEFAULT_CSS = """
    HomePage #summary { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._archived = False
        self._all: list[Integration] = []
        self._engines_paused = False
        self._newest_runs: dict[int, str] = {}
        self._draw_again = 0.0

    def compose_page(self) -> ComposeResult:
        """What is wrong in a line, and the table."""
        yield Static("", id="summary", markup=False)
        yield RecordList(
            "integrations",
            Column("", 2),
            Column("Integration", 32, narrow=20, sorts=lambda one: one.name),
            Column("Name", 28, shown_from=140, sorts=lambda one: one.long_name or None),
            Column("Last run", 40, narrow=22, sorts=_last_moment),
            Column("Failed 24 h", 12, sorts=lambda one: one.failures_24h),
            Column("Next run", 12, sorts=lambda one: one.next_run),
            Column("Tenants", 7, shown_from=WIDE, sorts=lambda one: one.tenants),
            Column("Busy", 24, shown_from=70, narrow=10, sorts=lambda one: one.running + one.queued),
            Column("Default release", 28, shown_from=100, sorts=lambda one: one.default_release_name),
            Column("Type", 10, shown_from=140, sorts=lambda one: one.type),
            Column("Newest runs", 12, shown_from=120),
            store=self.store,
            memory=self.pandium.memory,
            place="home",
            empty_text=EMPTY,
            marking=True,
        )

    def on_mount(self, event: events.Mount) -> None:
        """The table has the focus."""
        self.query_one(Rows).focus()

    async def show(self) -> None:
        """Show the integrations that pass the filter."""
        if not self.query_one(Rows).keys:
            await self._painted()  # reading needs imports, which the first paint is not kept waiting for
            if self.query_one(RecordList).takes_all:
                await self._show_first()
        await self._read()
        self._fill()
        await self._show_summary()
        await self._show_newest_runs()

    async def _show_first(self) -> None:
        """Where there are many, show the first of them, and the others when all that was put off has begun."""
        await self._read(FIRST_ROWS)
        if len(self._all) == FIRST_ROWS:
            self._fill()
            await self._painted()
            self.was_shown()
            await asyncio.sleep(REST_AFTER)

    async def _read(self, limit: int | None = None) -> None:
        self._all, self._engines_paused = await self.read(_standing, self.store, limit)

    async def _painted(self) -> None:
        painted = asyncio.Event()
        self.call_after_refresh(painted.set)
        with suppress(TimeoutError):  # what lies under another page is not painted
            await asyncio.wait_for(painted.wait(), 1)

    def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        """Open the integration."""
        self._open(event.key)

    def on_record_list_wanted(self, event: RecordList.Wanted) -> None:
        """Filter and sort what was read."""
        self._fill()

    def action_archived(self) -> None:
        """Show or hide the archived ones."""
        self._archived = not self._archived
        self._fill()

    def action_new(self) -> None:
        """Add an integration, then open it."""
        from pandium_tui.screens.integration_form import IntegrationForm

        self.app.push_screen(IntegrationForm(self.store, self.actor), self._open)

    def action_demo(self) -> None:
        """Leave this app for the demo."""
        self.pandium.leave_for("demo")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The demo is for who has nothing yet."""
        return not self._all if action == "demo" else super().check_action(action, parameters)

    def reason_against(self, action: str) -> str:
        """The demo is for who has nothing yet."""
        if action == "demo":
            return "The demo is offered where there is no integration yet; pandium-tui demo opens it any time."
        return super().reason_against(action)

    def action_cockpit(self) -> None:
        """What goes on."""
        from pandium_tui.screens.cockpit import CockpitPage

        self.app.push_screen(CockpitPage())

    def action_health(self) -> None:
        """Store and disk."""
        from pandium_tui.screens.health import HealthPage

        self.app.push_screen(HealthPage())

    def action_pictures(self) -> None:
        """How all runs went over time."""
        from pandium_tui.screens.pictures import PicturesPage

        self.app.push_screen(PicturesPage())

    def action_audit(self) -> None:
        """Who did what."""
        from pandium_tui.screens.audit import AuditPage

        self.app.push_screen(AuditPage())

    def action_accounts(self) -> None:
        """Manage the source control accounts."""
        from pandium_tui.screens.source_accounts import SourceAccountsPage

        self.app.push_screen(SourceAccountsPage())

    @work(exclusive=True, group="change")
    async def action_pause(self) -> None:
        """Pause the schedules of the integration under the cursor, or of those marked, or let them go on."""
        if marked := self._of(self.query_one(Rows).marked):
            await self._change(marked, "resume" if all(one.paused for one in marked) else "pause")
            return
        from pandium_tui.screens.integration.standing import turn_pause

        key = self.query_one(Rows).current_key
        for one in self._all:
            if one.id == key:
                await turn_pause(self, one.id, one.name, one.paused)

    @work(exclusive=True, group="change")
    async def action_archive(self) -> None:
        """Archive the integration under the cursor or those marked; when all are archived, restore them."""
        if chosen := self._of(self.query_one(Rows).chosen):
            await self._change(chosen, "restore" if all(one.archived for one in chosen) else "archive")

    async def _change(self, chosen: "list[Integration]", action: "Standing") -> None:
        from pandium_tui.hub.bulk import change_integrations
        from pandium_tui.screens.bulk import change_several

        store, actor, ids = self.store, self.actor, [one.id for one in chosen]
        await change_several(
            self, action.capitalize(), lambda dry: change_integrations(store, ids, action, actor, dry_run=dry)
        )

    def _of(self, keys: list[int]) -> "list[Integration]":
        return [one for one in self._all if one.id in keys]

    @work(exclusive=True, group="change")
    async def action_pause_engines(self) -> None:
        """Pause all engines of the installation, after a question, or let them go on."""
        from pandium_tui.hub.pausing import engines_pause, pause_engines, resume_engines
        from pandium_tui.widgets.confirm import Confirm

        pause = await self.fetch(engines_pause, self.store)
        if pause is not None:
            question = "Let the engines go on?"
            affected = [
                f"Paused {self.when.both(pause.since)} by {pause.by}.",
                "Schedules fire again, and each tenant catches up by the rule of its integration.",
            ]
            yes = "Go on"
        else:
            question = "Pause all engines of this installation?"
            affected = [
                f"No schedule fires and no run starts, of no integration, until they go on again "
                f"({key_of(self, 'home.pause.engines')}).",
                "What runs now goes on to its end. What is asked for by hand waits.",
            ]
            yes = "Pause"
        if await self.app.push_screen_wait(Confirm(question, affected, yes=yes)):
            change = pause_engines if pause is None else resume_engines
            if await self.do(change, self.store, self.actor) is not None:
                self.tell(f"The engines {'are paused' if pause is None else 'go on'}. {self.undoes}")
            self.pandium.renew_status_line()

    def action_waiting(self) -> None:
        """What waits, and what was skipped, of all."""
        from pandium_tui.screens.waiting import WaitingPage

        self.app.push_screen(WaitingPage())

    def _open(self, integration_id: int | None) -> None:
        if integration_id is not None:
            from pandium_tui.screens.integration.page import IntegrationPage

            self.app.push_screen(IntegrationPage(integration_id))

    async def _show_summary(self) -> None:
        """What is wrong, after the table is there: the first page is not kept waiting for it."""
        from pandium_tui.hub.cockpit import cockpit
        from pandium_tui.screens.cockpit import summary_of

        summary = summary_of(await self.read(cockpit, self.store, self.when.now)) if self._all else ""
        line = self.query_one("#summary", Static)
        if str(line.content) != summary:
            line.update(summary, layout=False)

    async def _show_newest_runs(self) -> None:
        """A picture of each integration's newest runs, where there is room for it; not with every run that ends."""
        rows = self.query_one(Rows)
        if not rows.shows(len(rows.all_columns) - 1) or time.monotonic() < self._draw_again:
            return
        from pandium_tui.screens.picture_lines import newest_runs_of_integrations

        self._draw_again = time.monotonic() + DRAW_EVERY
        self._newest_runs = await self.read(newest_runs_of_integrations, self.store, self.marks)
        self._fill()

    def _fill(self) -> None:
        found = [one for one in self._all if self._archived or not one.archived]
        records = self.query_one(RecordList)
        records.set_empty_text(ALL_ARCHIVED if self._all else EMPTY)
        when = self.when
        records.show(found, lambda one: cells_of(one, when, self._newest_runs.get(one.id, ""), self._engines_paused))


def _standing(store: "Store", limit: int | None) -> "tuple[list[Integration], bool]":
    """The integrations, or the first that are not archived, and whether the engines are paused."""
    from pandium_tui.hub.integrations import integrations
    from pandium_tui.hub.pausing import engines_pause

    return integrations(store, archived=limit is None, limit=limit), engines_pause(store) is not None


def _last_moment(one: "Integration") -> datetime | None:
    return None if one.last_run is None else one.last_run.completed_date or one.last_run.created_date


def cells_of(one: "Integration", when: When, newest_runs: str, engines_paused: bool) -> list[Cell]:
    """What the table says about an integration; ``newest_runs`` is a picture of them."""
    last = one.last_run
    last_run: Cell = NOTHING
    if last is not None:
        last_run = phase_text(last.phase).append(f", {when.relative(last.completed_date or last.created_date)}", "")
    busy = [f"{number} {word}" for number, word in ((one.running, "running"), (one.queued, "queued")) if number]
    failed = Text(f"✗ {one.failures_24h}", style="red") if one.failures_24h else Text("0")
    default = one.default_release_name or (NOTHING if one.type == "External" else "! none")
    return [
        state_mark(one),
        one.name,
        one.long_name,
        last_run,
        failed,
        _next_run(one, when, engines_paused),
        str(one.tenants),
        Text(", ".join(busy) or NOTHING),  # what runs stays to be read where it is cut
        default,
        one.type,
        newest_runs,
    ]


def _next_run(one: "Integration", when: When, engines_paused: bool) -> str:
    if one.paused:
        return "‖ paused"
    return "‖ all paused" if engines_paused and one.next_run is not None else when.relative(one.next_run)


def state_mark(one: "Integration") -> Text:
    """One sign for how an integration is: archived, busy, paused, failed last, fine, or nothing known."""
    if one.archived:
        return Text("▣", style="dim")
    if one.running or one.newest_build_status == "Building":
        return Text("●", style="cyan")
    if one.paused:
        return Text("‖", style="yellow")
    if one.last_run is not None and one.last_run.phase.startswith("Failed"):
        return Text("✗", style="red")
    if one.newest_build_status == "Failed" or one.source_problem:
        return Text("!", style="yellow")
    return Text("✓", style="green") if one.last_run is not None else Text("·")
