"""The page of one integration, the heart of the app."""

from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import TabbedContent, TabPane

from pandium_tui.hub.errors import HubError
from pandium_tui.hub.integration_details import integration_details
from pandium_tui.hub.integrations import integration, set_default_release
from pandium_tui.hub.releases import releases
from pandium_tui.hub.runs import runs
from pandium_tui.hub.tenants import tenants
from pandium_tui.screens.integration import row_actions
from pandium_tui.screens.integration.cells import TENANT_COLUMNS
from pandium_tui.screens.integration.configure import ConfigureTab
from pandium_tui.screens.integration.marketplace import MarketplaceTab
from pandium_tui.screens.integration.overview import VIEWS, Overview
from pandium_tui.screens.integration.reprovision import ReprovisionTab
from pandium_tui.screens.integration.tab_keys import TABS, TITLES, TabKeys
from pandium_tui.screens.page import Place
from pandium_tui.screens.picture_lines import newest_runs_of_tenants
from pandium_tui.screens.places import page_at
from pandium_tui.storage.errors import StoreError
from pandium_tui.storage.records import Tenant
from pandium_tui.widgets.key_words import key_of
from pandium_tui.widgets.rows import Rows

_OF_VIEW = {
    "set_default": "releases",
    "run_tenant": "tenants",
    "pause_tenant": "tenants",
    "move_tenant": "tenants",
    "archived": "tenants",
}
_OF_OVERVIEW = ("next_view", "previous_view", "details", *_OF_VIEW)
_OF_INTERNAL = (
    "build",
    "set_up_repository",
    "create_tenant",
    "next_view",
    "previous_view",
    "pause",
    "waiting",
    "pictures",
    *_OF_VIEW,
)


class IntegrationPage(TabKeys):
    """Details, runs, tenants and releases of an integration, and its three tabs."""

    BINDING_GROUP_TITLE = "Integration"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "build", "Build", id="integration.build", tooltip="Build Release: from a branch or commit"),
        Binding("c", "create_tenant", "Tenant", id="integration.tenant", tooltip="Create Tenant"),
        Binding("e", "edit", "Edit", id="integration.edit", tooltip="Change repository, branch, path, names, limits"),
        Binding(
            "r",
            "run_tenant",
            "Run now",
            id="integration.run",
            tooltip="Start a run of the selected tenant, or of all marked",
        ),
        Binding(
            "p",
            "pause_tenant",
            "Pause",
            id="integration.pause",
            tooltip="Pause or resume the selected tenant, or all marked",
        ),
        Binding("m", "move_tenant", "Move", id="integration.move", tooltip="Move to a release; tells what breaks"),
        Binding(
            "a", "archived", "Archived", show=False, id="integration.archived", tooltip="Show or hide archived tenants"
        ),
        Binding(
            "d", "set_default", "Default", id="integration.default", tooltip="Make the selected release the default"
        ),
        Binding(
            "s",
            "set_up_repository",
            "Setup repo",
            show=False,
            id="integration.setup",
            tooltip="Setup Integration Repo: push the files an integration begins with",
        ),
        Binding("v", "next_view", "View", id="integration.view", tooltip="Activity, Tenants, Releases in turn"),
        Binding(
            "V", "previous_view", "View before", show=False, id="integration.view.before", tooltip="The view before"
        ),
        Binding(
            "i",
            "details",
            "Details",
            show=False,
            id="integration.details",
            tooltip="All facts, or those that matter most",
        ),
    ]
    DEFAULT_CSS = """
    IntegrationPage TabbedContent { height: 1fr; }
    IntegrationPage TabPane { padding: 0; height: 1fr; }
    """

    def __init__(self, integration_id: int) -> None:
        super().__init__(integration_id)
        self.tenants: dict[int, Tenant] = {}
        """Those in the table, by id."""
        self._archived = False

    @property
    def place(self) -> Place:
        """This integration."""
        return "integration", self.integration_id

    def crumbs(self) -> list[str]:
        """The integration's name."""
        return ["integrations", self._integration.name if self._integration else f"{self.integration_id}"]

    def compose_page(self) -> ComposeResult:
        """Four tabs."""
        with TabbedContent(initial=self.first_tab):
            with TabPane("1 Overview", id=TABS[0]):
                yield Overview()
            for number, (tab, title) in enumerate(TITLES.items(), start=2):
                with TabPane(f"{number} {title}", id=tab):
                    if tab == "configure":
                        yield ConfigureTab(self.integration_id)
                    elif tab == "marketplace":
                        yield MarketplaceTab(self.integration_id)
                    else:
                        yield ReprovisionTab(self.integration_id)

    def on_mount(self, event: events.Mount) -> None:
        """What is shown has the keys; the view is the one that was looked at last."""
        remembered = self.pandium.memory.recall(self.remembered("view"), str)
        for view in VIEWS:
            if view == remembered:
                self._overview.choose_view(view)
        self.give_keys_to(self.first_tab)

    async def show(self) -> None:
        """Details, and the chosen view."""
        one = self._integration = await self.read(integration_details, self.store, self.integration_id)
        overview = self._overview
        self.set_crumbs()
        overview.show_details(one, self.when)
        records = overview.records
        if overview.view == "activity":
            found = await self.read(runs, self.store, integration_id=one.id, **records.reading())
            overview.show_runs(found, self.when)
        elif overview.view == "tenants":
            of_it = await self.read(tenants, self.store, one.id, archived=self._archived, matching=records.matching)
            self.tenants = {tenant.id: tenant for tenant in of_it}
            newest = {}
            if overview.rows.shows(len(TENANT_COLUMNS) - 1):
                newest = await self.read(newest_runs_of_tenants, self.store, one.id, self.marks)
            overview.show_tenants(of_it, self.when, newest)
        else:
            built = await self.read(releases, self.store, one.id, **records.reading())
            overview.show_releases(built, self.when)
        await self.query_one(ConfigureTab).renew()
        await self.query_one(MarketplaceTab).renew()
        await self.query_one(ReprovisionTab).renew()

    def changed_labels(self) -> list[str]:
        """What leaving the page would lose."""
        return [*self.query_one(ConfigureTab).changed_labels(), *self.query_one(MarketplaceTab).changed_labels()]

    def forget_drafts(self) -> None:
        """Those of both tabs."""
        self.query_one(ConfigureTab).forget_draft()
        self.query_one(MarketplaceTab).forget_draft()

    def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        """Open the page of the run, tenant or release."""
        self._open(event.key, self._overview.view)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are there where they can do something."""
        if action in _OF_OVERVIEW:
            shown = self.is_mounted and self.tabs.active in ("", TABS[0])
            if not shown or _OF_VIEW.get(action, self._overview.view) != self._overview.view:
                return False
        if self._integration is not None and self._integration.type == "External" and action in _OF_INTERNAL:
            return False
        return super().check_action(action, parameters)

    def reason_against(self, action: str) -> str:
        """External integrations have no code; some keys are for one view of the first tab."""
        if self._integration is not None and self._integration.type == "External" and action in _OF_INTERNAL:
            return "An external integration is only listed in the marketplace: there is no code of it here."
        if action in _OF_OVERVIEW and self.tabs.active != TABS[0]:
            return f"This key is for the Overview: press {key_of(self, 'integration.tab.overview')}."
        if view := _OF_VIEW.get(action):
            return f"This key is for the view {view.capitalize()}: press {key_of(self, 'integration.view')}."
        return super().reason_against(action)

    @work(exclusive=True, group="form")
    async def action_edit(self) -> None:
        """Change the integration."""
        if self._told_archived():
            return
        from pandium_tui.screens.integration_form import IntegrationForm

        one = await self.do(integration, self.store, self.integration_id)
        if one is not None:
            await self.app.push_screen_wait(IntegrationForm(self.store, self.actor, one))

    @work(exclusive=True, group="form")
    async def action_build(self) -> None:
        """Ask for a build, and watch it."""
        if self._told_archived():
            return
        from pandium_tui.screens.build_form import BuildForm

        one = await self.do(integration, self.store, self.integration_id)
        if one is None:
            return
        release_id = await self.app.push_screen_wait(BuildForm(self.store, self.actor, one))
        if release_id is not None:
            self._open(release_id, "releases")

    @work(exclusive=True, group="form")
    async def action_set_up_repository(self) -> None:
        """Setup Integration Repo."""
        if self._told_archived():
            return
        from pandium_tui.screens.integration.setup_repository import set_up_repository

        one = await self.do(integration, self.store, self.integration_id)
        if one is not None:
            await set_up_repository(self, one)

    @work(exclusive=True, group="form")
    async def action_create_tenant(self) -> None:
        """Create a tenant, and open it."""
        if self._told_archived():
            return
        from pandium_tui.screens.tenant_form import open_tenant_form

        try:
            form = await open_tenant_form(self, self.integration_id)
        except (HubError, StoreError) as error:
            self.tell_error(error)
            return
        tenant_id = await self.app.push_screen_wait(form)
        if tenant_id is not None:
            self._open(tenant_id, "tenants")
            await self._open_settings(tenant_id)

    @work(exclusive=True, group="change")
    async def action_set_default(self) -> None:
        """Make the selected release the default one."""
        release_id = self._overview.rows.current_key
        if release_id is not None and not self._told_archived():
            changed = await self.do(set_default_release, self.store, self.integration_id, release_id, self.actor)
            if changed is not None:
                self.tell(f"{changed.default_release_name} is now the default release of {changed.name}.")

    @work(group="change")
    async def action_run_tenant(self) -> None:
        """Start a run of the selected tenant, or of those marked."""
        if not self._told_archived():
            await row_actions.run_tenants(self)

    @work(exclusive=True, group="change")
    async def action_pause_tenant(self) -> None:
        """Pause the selected tenant, or let it go on; so with those marked."""
        if not self._told_archived():
            await row_actions.turn_pause(self)

    @work(exclusive=True, group="form")
    async def action_move_tenant(self) -> None:
        """Move the selected tenant, all shown or all marked to a release; what breaks is shown first."""
        if not self._told_archived():
            await row_actions.move_tenants(self)

    def action_archived(self) -> None:
        """Show or hide archived tenants."""
        self._archived = not self._archived
        self.renew()

    def action_next_view(self) -> None:
        """Activity, Tenants, Releases in turn."""
        self._turn_view(1)

    def action_previous_view(self) -> None:
        """The same backwards."""
        self._turn_view(-1)

    def action_details(self) -> None:
        """All facts, or the short ones."""
        self._overview.toggle_facts()
        self.renew()

    async def act_on_marked(self) -> bool:
        """Archive or restore marked tenants, cancel marked runs; False when nothing is marked."""
        if self.tabs.active != TABS[0] or not self.rows.marked:
            return False
        if self._overview.view == "activity":
            await row_actions.cancel_runs_of(self, self.rows.marked)
        else:
            await row_actions.turn_archive(self)
        return True

    @property
    def rows(self) -> Rows:
        """The table of the view that is shown."""
        return self._overview.rows

    @property
    def _overview(self) -> Overview:
        return self.query_one(Overview)

    def _turn_view(self, step: int) -> None:
        overview = self._overview
        overview.choose_view(VIEWS[(VIEWS.index(overview.view) + step) % len(VIEWS)])
        overview.rows.focus()
        self.pandium.memory.keep(self.remembered("view"), overview.view if overview.view != VIEWS[0] else None)
        self.renew()

    def give_keys_to(self, tab: str) -> None:
        """The table of the overview, that of connectors; the forms take them themselves."""
        self.set_focus(None)
        if tab == TABS[0]:
            self._overview.rows.focus()
        elif tab == "connectors":
            self.query_one(ReprovisionTab).take_keys()

    async def _open_settings(self, tenant_id: int) -> None:
        """The form of a new tenant, when there is something to fill in before it can run."""
        from pandium_tui.hub.settings_form import settings_attention
        from pandium_tui.hub.tenants import tenant
        from pandium_tui.screens.settings.page import SettingsPage

        if await self.fetch(lambda: settings_attention(self.store, tenant(self.store, tenant_id))):
            self.app.push_screen(SettingsPage(tenant_id))

    def _open(self, key: int, view: str) -> None:
        kind = {"activity": "run", "tenants": "tenant"}.get(view, "release")
        self.app.push_screen(page_at((kind, key)))
