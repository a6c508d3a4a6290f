"""A run: why it happened, how it went, what it printed."""

from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pandium_tui.hub.errors import HubError
from pandium_tui.hub.reruns import attempts
from pandium_tui.hub.runs import cancel_run, run, run_log, triggers_of_run, why_queued
from pandium_tui.screens.awaited_run import AwaitedRun
from pandium_tui.screens.page import FINAL, Page, Place
from pandium_tui.screens.run_words import details_of, facts_of
from pandium_tui.screens.text_screen import TextScreen
from pandium_tui.storage.attempt_queries import Attempts
from pandium_tui.storage.errors import StoreError
from pandium_tui.storage.records import Run, Trigger
from pandium_tui.storage.vocabulary import ACTIVE_PHASES
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.key_words import key_of
from pandium_tui.widgets.log_view import LogView


class RunPage(Page):
    """Facts on top, the log below; it follows while the run goes on."""

    DEFAULT_CSS = """
    RunPage.-log-only Facts { display: none; }
    """
    BINDING_GROUP_TITLE = "Run"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "cancel", "Cancel", id="run.cancel", tooltip="Stop the run and everything it started; asks"),
        Binding("s", "state", "State", id="run.state", tooltip="State, reason, warnings and settings in full"),
        Binding("l", "log_only", "Only log", id="run.log", tooltip="The log on the whole page, or facts and log"),
        Binding("r", "rerun", "Run again", id="run.rerun", tooltip="Once more, as it was or otherwise"),
        Binding("o", "origin", "Origin", show=False, id="run.origin", tooltip="To the run that it repeats"),
        Binding("O", "retry", "Retry", show=False, id="run.retry", tooltip="To the run that tried it again"),
        Binding("t", "tenant", "Tenant", id="run.tenant", tooltip="To the tenant of this run"),
    ]

    def __init__(self, run_id: int) -> None:
        super().__init__()
        self._run_id = run_id
        self._run: Run | None = None
        self._triggers: list[Trigger] = []
        self._attempts: Attempts | None = None
        self._awaited = AwaitedRun(self)

    @property
    def place(self) -> Place:
        """This run."""
        return "run", self._run_id

    def crumbs(self) -> list[str]:
        """Integration, tenant, run."""
        if self._run is None:
            return ["integrations", f"run {self._run_id}"]
        return ["integrations", self._run.integration_name, self._run.tenant_name, f"run {self._run_id}"]

    def compose_page(self) -> ComposeResult:
        """Facts and log."""
        yield Facts()
        yield LogView(zone=self.when.zone, calm=self.pandium.settings.motion == "reduced")

    def on_mount(self) -> None:
        """The keys go to the log."""
        self.query_one(LogView).lines.focus()

    async def show(self) -> None:
        """Show the run as it is now."""
        self._run = found = await self.read(run, self.store, self._run_id)
        self._triggers = await self.read(triggers_of_run, self.store, self._run_id)
        self._attempts = where_from = await self.read(attempts, self.store, self._run_id)
        self.set_crumbs()
        waits_for = await self.read(why_queued, self.store, found)
        facts = facts_of(found, self._triggers, where_from, self.when, partial(key_of, self), waits_for)
        self.query_one(Facts).set_facts(facts)
        log = self.query_one(LogView)
        log.show_log(run_log(self.store, self._run_id), live=found.phase in ACTIVE_PHASES)
        await self._awaited.look()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What has ended cannot be cancelled, what goes on cannot be run again, and not every run has an origin."""
        if action in ("cancel", "rerun"):
            active = self._run is not None and self._run.phase in ACTIVE_PHASES
            return (self._run is not None and active == (action == "cancel")) or None
        if action == "origin":
            return self._origin is not None
        if action == "retry":
            return self._attempts is not None and self._attempts.retried_by is not None
        return super().check_action(action, parameters)

    def reason_against(self, action: str) -> str:
        """What the run is like, for each of these keys."""
        reasons = {
            "cancel": f"Run {self._run_id} has ended: there is nothing to cancel.",
            "rerun": f"Run {self._run_id} has not ended yet; cancel it first, or wait.",
            "origin": f"Run {self._run_id} repeats no other run.",
            "retry": f"Run {self._run_id} was not tried again.",
        }
        found = reasons.get(action) if self._run is not None else None
        return found or super().reason_against(action)

    @work(group="cancel", exclusive=True)
    async def action_cancel(self) -> None:
        """Ask, then stop the run."""
        found = self._run
        if found is None:
            return
        question = f"Cancel run {found.id} of {found.integration_name}/{found.tenant_name}?"
        affected = [
            "Everything it started is ended too: asked to stop first, killed when it does not.",
            f"{FINAL} It can be run again.",
        ]
        if not await self.app.push_screen_wait(Confirm(question, affected, yes="Cancel the run", no="Let it run")):
            return
        if await self.do(cancel_run, self.store, found.id, self.actor):
            self.tell(f"Run {found.id} is asked to stop.")

    @work(group="form", exclusive=True)
    async def action_rerun(self) -> None:
        """Ask for the run once more, and open it as soon as there is one."""
        from pandium_tui.screens.rerun_form import open_rerun_form

        try:
            form = await open_rerun_form(self, self._run_id)
        except (HubError, StoreError) as error:
            self.tell_error(error)
            return
        trigger_id = await self.app.push_screen_wait(form)
        if trigger_id is not None:
            self._awaited.wait_for(trigger_id)

    def action_origin(self) -> None:
        """Go to the run that this one tries or runs again."""
        if self._origin is not None:
            self.app.push_screen(RunPage(self._origin))

    def action_retry(self) -> None:
        """Go to the run that tried this one again."""
        if self._attempts is not None and self._attempts.retried_by is not None:
            self.app.push_screen(RunPage(self._attempts.retried_by))

    def action_state(self) -> None:
        """Everything about the run that may be too long for the facts."""
        if self._run is not None:
            self.app.push_screen(TextScreen(f"Run {self._run_id}", details_of(self._run, self._triggers, self.when)))

    def action_log_only(self) -> None:
        """Give the log the whole page, or give the facts their place back."""
        self.toggle_class("-log-only")
        self.query_one(LogView).lines.focus()

    def action_tenant(self) -> None:
        """Go to the tenant; back, when one comes from there."""
        from pandium_tui.screens.tenant import TenantPage

        if self._run is None:
            return
        before = self.app.screen_stack[-2]
        if isinstance(before, TenantPage) and before.tenant_id == self._run.tenant_id:
            self.dismiss()
        else:
            self.app.push_screen(TenantPage(self._run.tenant_id))

    @property
    def _origin(self) -> int | None:
        found = self._attempts
        return None if found is None else found.retry_of or found.rerun_of
