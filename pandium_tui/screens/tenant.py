"""A tenant: what it runs, when, with which settings, and its runs."""

from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pandium_tui.hub.configs import shown_tenants
from pandium_tui.hub.connections import connections
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.init_offers import init_offer
from pandium_tui.hub.pausing import why_nothing_fires
from pandium_tui.hub.runs import runs, start_run
from pandium_tui.hub.schedules import explain_schedule
from pandium_tui.hub.tenants import archive_tenant, pause_tenant, restore_tenant, resume_tenant, tenant
from pandium_tui.hub.triggers import skipped_slots
from pandium_tui.screens.awaited_run import AwaitedRun
from pandium_tui.screens.connection_words import connector_facts
from pandium_tui.screens.connections import ConnectionsPage
from pandium_tui.screens.init_question import offer_init_runs
from pandium_tui.screens.page import Page, Place
from pandium_tui.screens.run import RunPage
from pandium_tui.screens.tenant_words import details_of, facts_of, run_cells
from pandium_tui.screens.text_screen import TextScreen
from pandium_tui.storage.records import Tenant
from pandium_tui.storage.vocabulary import Mode
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.key_words import key_of
from pandium_tui.widgets.record_list import RecordList
from pandium_tui.widgets.rows import Column, Rows

_OF_LIVE = ("run", "pause", "edit")
"""What can be done with a tenant that is not archived."""


class TenantPage(Page):
    """Facts on top, runs below."""

    BINDING_GROUP_TITLE = "Tenant"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run('normal')", "Run now", id="tenant.run", tooltip="Start a normal run and open it"),
        Binding("i", "run('init')", "Init", id="tenant.init", tooltip="Start an init run, which prints the choices"),
        Binding("p", "pause", "Pause", id="tenant.pause", tooltip="Pause the schedule, or let it go on"),
        Binding("e", "edit", "Edit", id="tenant.edit", tooltip="Change release, settings, schedule, name"),
        Binding("f", "form", "Form", id="tenant.form", tooltip="Connection Settings: fill in the form"),
        Binding("s", "settings", "Settings", id="tenant.settings", tooltip="All settings and data of the tenant"),
        Binding("m", "metadata", "Metadata", id="tenant.metadata", tooltip="Look at the metadata, and change it"),
        Binding("c", "connectors", "Connectors", id="tenant.connectors", tooltip="Connector Status: connect, test"),
        Binding(
            "w", "waiting", "Waiting", show=False, id="tenant.waiting", tooltip="What waits, and slots that did not run"
        ),
        Binding(
            "o",
            "pictures",
            "Over time",
            show=False,
            id="tenant.pictures",
            tooltip="Pictures of runs and coming fires",
        ),
        Binding(
            "x",
            "archive",
            "Archive",
            id="tenant.archive",
            tooltip="Archive or restore; cancels marked runs; asks",
        ),
    ]

    def __init__(self, tenant_id: int) -> None:
        super().__init__()
        self.tenant_id = tenant_id
        self._tenant: Tenant | None = None
        self._shown: Tenant | None = None  # the same with its secret settings masked
        self._schedule_words = ("", "", "")
        self._awaited = AwaitedRun(self)

    @property
    def place(self) -> Place:
        """This tenant."""
        return "tenant", self.tenant_id

    def crumbs(self) -> list[str]:
        """Integration and tenant."""
        if self._tenant is None:
            return ["integrations", f"tenant {self.tenant_id}"]
        return ["integrations", self._tenant.integration_name, self._tenant.name]

    def compose_page(self) -> ComposeResult:
        """Facts and the table of runs."""
        yield Facts()
        yield RecordList(
            "runs",
            Column("Run", 8, sorts=lambda one: one.id),
            Column("Phase", 30, order="phase"),
            Column("Mode", 8, order="mode"),
            Column("Why", 16),
            Column("Started", 20, order="started"),
            Column("Took", 14, order="took"),
            Column("Release", 30, shown_from=100, order="release"),
            Column("Result", 60, shown_from=130),
            store=self.store,
            memory=self.pandium.memory,
            place=f"tenant.{self.tenant_id}",
            empty_text="No runs yet. Press {tenant.run} to run it now.",
            paged=True,
            marking=True,
        )

    def on_mount(self) -> None:
        """The keys go to the table."""
        self.query_one(Rows).focus()

    async def show(self) -> None:
        """Show the tenant and its runs as they are now."""
        self._tenant = found = await self.read(tenant, self.store, self.tenant_id)
        (shown,) = await self.read(shown_tenants, self.store, [found])
        self._shown = shown
        records = self.query_one(RecordList)
        found_runs = await self.read(runs, self.store, tenant_id=self.tenant_id, **records.reading())
        schedule = await self.read(self._explained, found)
        connected = await self.read(connections, self.store, self.tenant_id)
        attention = await self.read(self._attention, found)
        skipped = await self.read(skipped_slots, self.store, self.tenant_id, limit=1)
        offer = await self.read(init_offer, self.store, self.tenant_id)
        held = await self.read(why_nothing_fires, self.store, found)
        self.set_crumbs()
        when = self.when
        key = partial(key_of, self)
        facts = facts_of(shown, schedule, when, key, attention, skipped[0] if skipped else None, held)
        facts += connector_facts(connected, key)
        if offer is not None:
            facts.append(("Init run", f"! {key('tenant.init')} starts one: {offer.reason}"))
        self.query_one(Facts).set_facts(facts)
        records.show(found_runs, lambda one: run_cells(one, when))
        await self._awaited.look()

    def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        """Open the run."""
        self._awaited.drop()
        self.app.push_screen(RunPage(event.key))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An archived tenant can only be restored."""
        if action in _OF_LIVE:
            return (self._tenant is not None and not self._tenant.archived) or None
        return super().check_action(action, parameters)

    def reason_against(self, action: str) -> str:
        """An archived tenant can only be restored."""
        if action in _OF_LIVE and self._tenant is not None:
            return f"This tenant is archived. Press {key_of(self, 'tenant.archive')} to restore it first."
        return super().reason_against(action)

    @work(group="run", exclusive=True)
    async def action_run(self, mode: Mode) -> None:
        """Ask for a run; the page opens it as soon as there is one."""
        asked = await self.do(start_run, self.store, self.tenant_id, self.actor, mode=mode)
        if asked is not None:
            self._awaited.wait_for(asked.id)

    @work(group="change", exclusive=True)
    async def action_pause(self) -> None:
        """Pause or resume the schedule."""
        if (found := self._tenant) is None:
            return
        change = resume_tenant if found.paused else pause_tenant
        if await self.do(change, self.store, self.tenant_id, self.actor):
            how = "goes on" if found.paused else "is paused"
            self.tell(f"The schedule of {found.name} {how}. {self.undoes}")

    @work(group="change", exclusive=True)
    async def action_edit(self) -> None:
        """Change the tenant in its form."""
        from pandium_tui.screens.tenant_form import open_tenant_form

        if (before := self._tenant) is None:
            return
        if await self.app.push_screen_wait(await open_tenant_form(self, before.integration_id, before)) is not None:
            after = await self.do(tenant, self.store, self.tenant_id)
            if after is not None and after.release_id != before.release_id:
                await offer_init_runs(self, [self.tenant_id])

    @work(group="change", exclusive=True)
    async def action_archive(self) -> None:
        """Put the tenant away, after a question, or take it back; where runs are marked, cancel them."""
        if marked := self.query_one(Rows).marked:
            from pandium_tui.screens.integration.row_actions import cancel_runs_of

            await cancel_runs_of(self, marked)
            return
        if (found := self._tenant) is None:
            return
        if found.archived:
            question = f"Restore tenant {found.integration_name}/{found.name}?"
            affected = ["Its schedule goes on from now."] if found.schedule and not found.paused else []
            change, label = restore_tenant, "Restore"
        else:
            question = f"Archive tenant {found.integration_name}/{found.name}?"
            affected = ["Nothing of it runs any more. It can be restored, with all its runs and settings."]
            if found.current_run is not None:
                affected.append(f"Run {found.current_run.id} goes on to its end.")
            change, label = archive_tenant, "Archive"
        if not await self.app.push_screen_wait(Confirm(question, affected, yes=label)):
            return
        if await self.do(change, self.store, self.tenant_id, self.actor) is not None:
            self.tell(f"{found.name} is {label.lower()}d. {self.undoes}")

    def action_form(self) -> None:
        """Fill in the Connection Settings."""
        from pandium_tui.screens.settings.page import SettingsPage

        self.app.push_screen(SettingsPage(self.tenant_id))

    def action_metadata(self) -> None:
        """What runs keep for the tenant beside their state."""
        from pandium_tui.screens.metadata_form import MetadataForm

        if self._tenant is not None:
            self.app.push_screen(MetadataForm(self.store, self.actor, self._tenant))

    def action_connectors(self) -> None:
        """What its runs need to be connected with."""
        if self._tenant is not None:
            self.app.push_screen(ConnectionsPage(self._tenant))

    def action_waiting(self) -> None:
        """What waits, and what of the schedule did not run."""
        if (found := self._tenant) is not None:
            from pandium_tui.screens.waiting import Scope, WaitingPage

            self.app.push_screen(WaitingPage(Scope((found.integration_name, found.name), tenant_id=self.tenant_id)))

    def action_pictures(self) -> None:
        """How its runs went over time."""
        if (found := self._tenant) is not None:
            from pandium_tui.screens.pictures import PicturesPage
            from pandium_tui.screens.waiting import Scope

            self.app.push_screen(PicturesPage(Scope((found.integration_name, found.name), tenant_id=self.tenant_id)))

    def action_settings(self) -> None:
        """Everything about the tenant that is too long for the facts."""
        if (found := self._shown) is not None:
            title = f"Settings of {found.integration_name}/{found.name}"
            self.app.push_screen(TextScreen(title, details_of(found, self.when)))

    def _attention(self, found: Tenant) -> tuple[str, ...]:
        """Why its settings need attention."""
        from pandium_tui.hub.settings_form import settings_attention

        return settings_attention(self.store, found)

    def _explained(self, found: Tenant) -> str:
        """The schedule in words; computed again only when it changes."""
        if not found.schedule:
            return ""
        if self._schedule_words[:2] != (found.schedule, found.timezone):
            try:
                words = explain_schedule(found.schedule, found.timezone, count=1).description
            except InvalidError as error:
                words = f"! {error}"
            self._schedule_words = (found.schedule, found.timezone, words)
        return self._schedule_words[2]
