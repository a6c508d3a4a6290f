"""What waits for a run, and what of the schedules did not run: of a tenant, of an integration, or of all."""

from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from pandium_tui.hub.pausing import engines_pause
from pandium_tui.hub.triggers import cancel_trigger, held_triggers, skipped_slots, waits_for
from pandium_tui.screens.page import FINAL, Page
from pandium_tui.screens.places import page_at
from pandium_tui.screens.run_words import trigger_words
from pandium_tui.storage.schedule_queries import HeldTrigger, SkippedSlots
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.record_list import RecordList
from pandium_tui.widgets.rows import Cell, Column, Rows
from pandium_tui.widgets.when import NOTHING, When


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose triggers and slots: of a tenant, of an integration, or (with neither) of all; ``names`` for the crumbs."""

    names: tuple[str, ...] = ()
    tenant_id: int | None = None
    integration_id: int | None = None


ALL = Scope()


class WaitingPage(Page):
    """Two tables: triggers that wait, slots that were skipped."""

    DEFAULT_CSS = """
    WaitingPage .title { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    WaitingPage .title { text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDING_GROUP_TITLE = "Waiting and skipped"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x,delete", "cancel_trigger", "Cancel", id="waiting.cancel", tooltip="Cancel the trigger; asks"),
        Binding("t", "tenant", "Tenant", id="waiting.tenant", tooltip="To the tenant of the row"),
        Binding("tab", "app.focus_next", "Other table", id="waiting.other", tooltip="To the other table"),
    ]

    def __init__(self, scope: Scope = ALL) -> None:
        super().__init__()
        self._scope = scope
        self._held: dict[int, HeldTrigger] = {}
        self._skipped: dict[int, SkippedSlots] = {}

    def crumbs(self) -> list[str]:
        """Whose, and what."""
        return [*(["integrations", *self._scope.names] if self._scope.names else []), "waiting and skipped"]

    def compose_page(self) -> ComposeResult:
        """The tables, one above the other."""
        yield Static("Waiting for a run (Enter: the run in the way)", classes="title")
        yield self._list(
            "waiting",
            Column("Trigger", 8, sorts=lambda one: one.trigger.id),
            Column("Tenant", 40, narrow=18, sorts=lambda one: (one.integration_name, one.tenant_name)),
            Column("Waits for", 44, narrow=26),
            Column("Since", 12, sorts=lambda one: one.trigger.created_date),
            Column("Why", 40, shown_from=120),
            Column("Mode", 8, shown_from=100, sorts=lambda one: one.trigger.mode),
            empty_text="Nothing waits. What is asked for while the tenant has a run stands here until its turn.",
        )
        yield Static("Slots that did not run (Enter: the run that was in the way)", classes="title")
        yield self._list(
            "skipped",
            Column("Slot", 20, sorts=lambda one: one.first_slot),
            Column("Slots", 9, sorts=lambda one: one.slots),
            Column("Tenant", 40, narrow=14, sorts=lambda one: (one.integration_name, one.tenant_name)),
            Column("Why", 60, narrow=26, sorts=lambda one: one.reason),
            Column("Run", 8, sorts=lambda one: one.blocking_run_id),
            empty_text="Every slot ran, or nothing is scheduled. What a run or an outage kept from it stands here.",
        )

    def on_mount(self) -> None:
        """The keys go to what waits."""
        self._waiting.rows.focus()

    async def show(self) -> None:
        """Show both tables as they are now."""
        scope = self._scope
        held = await self.read(held_triggers, self.store, scope.tenant_id, integration_id=scope.integration_id)
        skipped = await self.read(
            skipped_slots,
            self.store,
            scope.tenant_id,
            integration_id=scope.integration_id,
            matching=self._missed.matching,
        )
        paused = await self.read(engines_pause, self.store) is not None
        self._held = {one.trigger.id: one for one in held}
        self._skipped = {one.id: one for one in skipped}
        when = self.when
        self._waiting.show(held, lambda one: held_cells(one, when, paused), lambda one: one.trigger.id)
        self._missed.show(skipped, lambda one: skipped_cells(one, when))

    def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        """Open the run in the way; without one, the tenant. A row that went at this moment opens nothing."""
        if event.rows is not self._waiting.rows:
            if slots := self._skipped.get(event.key):
                self._open(slots.blocking_run_id, slots.tenant_id)
        elif waiting := self._held.get(event.key):
            self._open(waiting.current_run_id, waiting.trigger.tenant_id)

    def on_descendant_focus(self) -> None:
        """What can be done depends on the table."""
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what waits can be cancelled."""
        if action == "cancel_trigger":
            return self._chosen is not None or None
        return super().check_action(action, parameters)

    def reason_against(self, action: str) -> str:
        """Only what waits can be cancelled."""
        if action == "cancel_trigger":
            return "Only what waits for a run can be cancelled, and the cursor is on nothing that does."
        return super().reason_against(action)

    @work(exclusive=True, group="change")
    async def action_cancel_trigger(self) -> None:
        """Ask, then end the trigger."""
        found = self._chosen
        if found is None:
            return
        trigger = found.trigger
        affected = [
            f"{found.integration_name}/{found.tenant_name}: {trigger_words(trigger, self.when)}, {trigger.mode}"
        ]
        if trigger.scheduled_for is not None:
            affected.append("The slot of the schedule is recorded as skipped.")
        affected.append(FINAL)
        if await self.app.push_screen_wait(
            Confirm(f"Cancel trigger {trigger.id}?", affected, yes="Cancel it", no="Let it wait")
        ):
            await self.do(cancel_trigger, self.store, trigger.id, self.actor)

    def _open(self, run_id: int | None, tenant_id: int) -> None:
        self.app.push_screen(page_at(("tenant", tenant_id) if run_id is None else ("run", run_id)))

    def action_tenant(self) -> None:
        """Open the tenant of the row under the cursor."""
        skipped = self._missed.rows
        if skipped.has_focus:
            slots = self._skipped.get(skipped.current_key or 0)
            tenant_id = None if slots is None else slots.tenant_id
        else:
            tenant_id = None if self._chosen is None else self._chosen.trigger.tenant_id
        if tenant_id is not None:
            self.app.push_screen(page_at(("tenant", tenant_id)))

    def _list(self, listed: str, *columns: Column, empty_text: str) -> RecordList:
        scope = self._scope
        return RecordList(
            listed,
            *columns,
            store=self.store,
            memory=self.pandium.memory,
            place=f"waiting.{scope.tenant_id or ''}.{scope.integration_id or ''}",
            empty_text=empty_text,
            id=listed,
        )

    @property
    def _waiting(self) -> RecordList:
        return self.query_one("#waiting", RecordList)

    @property
    def _missed(self) -> RecordList:
        return self.query_one("#skipped", RecordList)

    @property
    def _chosen(self) -> HeldTrigger | None:
        """The trigger under the cursor, while the keys go to that table."""
        if not self.is_mounted:
            return None
        rows = self._waiting.rows
        return self._held.get(rows.current_key or 0) if rows.has_focus else None


def held_cells(one: HeldTrigger, when: When, paused: bool) -> tuple[Cell, ...]:
    """What the table says about a trigger; ``paused`` is whether the engines are."""
    return (
        str(one.trigger.id),
        f"{one.integration_name}/{one.tenant_name}",
        waits_for(one, when.now, paused=paused),
        when.relative(one.trigger.created_date),
        trigger_words(one.trigger, when),
        one.trigger.mode,
    )


def skipped_cells(one: SkippedSlots, when: When) -> tuple[Cell, ...]:
    """What the table says about slots that did not run."""
    return (
        when.moment(one.first_slot),
        f"{one.slots:,}",
        f"{one.integration_name}/{one.tenant_name}",
        one.reason,
        NOTHING if one.blocking_run_id is None else str(one.blocking_run_id),
    )
