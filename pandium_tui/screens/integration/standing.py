"""What the integration page can do with the integration as a whole: archive, pause, see what waits."""

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.integration_details import IntegrationDetails
from pandium_tui.hub.integrations import archive_integration, restore_integration
from pandium_tui.hub.pausing import pause_integration, resume_integration
from pandium_tui.screens.home import HomePage
from pandium_tui.screens.page import Page
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.key_words import key_of


class StandingKeys(Page):
    """The base of the integration page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "x",
            "archive",
            "Archive",
            show=False,
            id="integration.archive",
            tooltip="Archive or restore this integration, or marked tenants; cancel marked runs",
        ),
        Binding(
            "P",
            "pause",
            "Pause all",
            show=False,
            id="integration.pause.all",
            tooltip="Pause its schedules, or let them go on",
        ),
        Binding(
            "o",
            "pictures",
            "Over time",
            show=False,
            id="integration.pictures",
            tooltip="Pictures of runs and coming fires",
        ),
        Binding("U", "audit", "Who did what", show=False, id="integration.audit", tooltip="Who did what, and when"),
        Binding(
            "w",
            "waiting",
            "Waiting",
            show=False,
            id="integration.waiting",
            tooltip="What waits, and slots that did not run",
        ),
        Binding(
            "N",
            "notifications",
            "Notifications",
            show=False,
            id="integration.notifications",
            tooltip="Who is told of failures: a command, a webhook, people by e-mail",
        ),
    ]

    def __init__(self, integration_id: int) -> None:
        super().__init__()
        self.integration_id = integration_id
        self._integration: IntegrationDetails | None = None

    async def act_on_marked(self) -> bool:
        """Do it to marked rows instead; whether there are any."""
        return False

    @work(exclusive=True, group="change")
    async def action_archive(self) -> None:
        """Archive after a question; restore without one. Where rows are marked, it is about them."""
        if await self.act_on_marked():
            return
        one = self._integration
        if one is None:
            return
        if one.archived:
            if await self.do(restore_integration, self.store, one.id, self.actor) is not None:
                self.tell(f"{one.name} is restored. {self.undoes}")
            return
        affected = [
            f"{one.name}: {one.tenants} tenants, {one.running} running, {one.queued} queued",
            "No schedule of it fires any more and nothing of it can be started. Nothing is deleted.",
            f"It can be restored ({key_of(self, 'home.archived', HomePage)} on the home page shows archived ones, "
            f"{key_of(self, 'integration.archive')} restores).",
        ]
        question = Confirm(f"Archive the integration {one.name}?", affected, yes="Archive")
        if not await self.app.push_screen_wait(question):
            return
        if await self.do(archive_integration, self.store, one.id, self.actor) is not None:
            self.tell(f"{one.name} is archived. {self.undoes}")

    @work(exclusive=True, group="change")
    async def action_pause(self) -> None:
        """Pause its schedules, or let them go on."""
        one = self._integration
        if one is not None and not self._told_archived():
            await turn_pause(self, one.id, one.name, one.paused)

    def action_waiting(self) -> None:
        """What waits, and what was skipped."""
        if self._integration is not None:
            from pandium_tui.screens.waiting import Scope, WaitingPage

            scope = Scope((self._integration.name,), integration_id=self.integration_id)
            self.app.push_screen(WaitingPage(scope))

    def action_audit(self) -> None:
        """Who did what with it."""
        if self._integration is not None:
            from pandium_tui.screens.audit import AuditPage
            from pandium_tui.screens.waiting import Scope

            self.app.push_screen(AuditPage(Scope((self._integration.name,), integration_id=self.integration_id)))

    def action_pictures(self) -> None:
        """How its runs went over time."""
        if self._integration is not None:
            from pandium_tui.screens.pictures import PicturesPage
            from pandium_tui.screens.waiting import Scope

            scope = Scope((self._integration.name,), integration_id=self.integration_id)
            self.app.push_screen(PicturesPage(scope))

    def action_notifications(self) -> None:
        """Who is told of its failures."""
        if self._integration is not None:
            from pandium_tui.screens.notifications import NotificationsPage

            self.app.push_screen(NotificationsPage(self.integration_id, self._integration.name))

    def _told_archived(self) -> bool:
        """Whether the integration is archived; then it was said, before anything is filled in for nothing."""
        one = self._integration
        if one is None or not one.archived:
            return False
        key = key_of(self, "integration.archive")
        self.tell_error(RefusedError(f"{one.name} is archived. Press {key} to restore it first."))
        return True


async def turn_pause(page: Page, integration_id: int, name: str, paused: bool) -> None:
    """Pause the schedules of an integration, or let them go on when they are paused, and say so."""
    change = resume_integration if paused else pause_integration
    if await page.do(change, page.store, integration_id, page.actor) is not None:
        how = "go on from now" if paused else "are paused; runs by hand still start"
        page.tell(f"The schedules of {name} {how}. {page.undoes}")
