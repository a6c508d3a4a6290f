"""The first tab of the integration page: Details, and below them runs, tenants or releases."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import ContentSwitcher, Static

from pandium_tui.hub.integration_details import IntegrationDetails
from pandium_tui.screens.integration.cells import (
    RELEASE_COLUMNS,
    RUN_COLUMNS,
    TENANT_COLUMNS,
    all_facts,
    release_cells,
    run_cells,
    short_facts,
    tenant_cells,
    warning_of,
)
from pandium_tui.storage.records import Release, Run, Tenant
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.key_words import key_of
from pandium_tui.widgets.record_list import RecordList
from pandium_tui.widgets.rows import Column, Rows
from pandium_tui.widgets.when import When

if TYPE_CHECKING:
    from pandium_tui.screens.integration.page import IntegrationPage

View = Literal["activity", "tenants", "releases"]
VIEWS: tuple[View, ...] = ("activity", "tenants", "releases")

ALL_FACTS_FROM = 36
"""Lines of the screen from which all facts are shown without being asked for."""


class Overview(Vertical):
    """Widgets only: the page reads, and hands over what to show."""

    DEFAULT_CSS = """
    Overview VerticalScroll { height: auto; max-height: 60%; }
    Overview #warning { padding: 0 1; color: $text-warning; text-style: bold; height: auto; }
    Overview #views { height: 1; padding: 0 1; background: $panel; }
    Overview ContentSwitcher { height: 1fr; }
    """
    EMPTY_TEXTS: ClassVar[dict[View, str]] = {
        "activity": "No runs yet. Press {integration.view} for the tenants, then {integration.run} to start a run "
        "of one; or give a tenant a schedule.",
        "tenants": "No tenants yet. Press {integration.tenant} to create one.",
        "releases": "No releases yet. Press {integration.build} to build one from the repository.",
    }

    def __init__(self) -> None:
        super().__init__(id="overview-content")
        self.view: View = "activity"
        self._everything: bool | None = None
        self._tenants = 0

    def compose(self) -> ComposeResult:
        """Details on top, the chosen table below."""
        warning = Static(id="warning", markup=False)
        warning.display = False
        yield warning
        with VerticalScroll(can_focus=False):
            yield Facts()
        yield Static(self._view_bar(), id="views")
        with ContentSwitcher(initial="activity"):
            yield self._list("activity", "runs", RUN_COLUMNS, paged=True)
            yield self._list("tenants", "tenants", TENANT_COLUMNS)
            yield self._list("releases", "releases", RELEASE_COLUMNS, paged=True)

    @property
    def rows(self) -> Rows:
        """The table of the chosen view."""
        return self.records.rows

    @property
    def records(self) -> RecordList:
        """The list of the chosen view."""
        return self.query_one(f"#{self.view}", RecordList)

    def choose_view(self, view: View) -> None:
        """Show the runs, the tenants or the releases."""
        self.view = view
        self.query_one(ContentSwitcher).current = view
        self.query_one("#views", Static).update(self._view_bar(), layout=False)

    def toggle_facts(self) -> None:
        """All facts, or those that matter most."""
        self._everything = not self._shows_everything

    def show_details(self, one: IntegrationDetails, when: When) -> None:
        """The Details section."""
        key = partial(key_of, self)
        text = warning_of(one, key)
        warning = self.query_one("#warning", Static)
        if str(warning.content) != text:
            warning.update(text)
            warning.display = bool(text)
        facts_of = all_facts if self._shows_everything else short_facts
        self.query_one(Facts).set_facts(facts_of(one, when, key))
        if one.tenants != self._tenants:
            self._tenants = one.tenants
            self.query_one("#views", Static).update(self._view_bar(), layout=False)

    def show_runs(self, runs: list[Run], when: When) -> None:
        """The view Activity."""
        self.query_one("#activity", RecordList).show(runs, lambda one: run_cells(one, when))

    def show_tenants(self, tenants: list[Tenant], when: When, newest_runs: Mapping[int, str]) -> None:
        """The view Tenants; ``newest_runs`` has a picture of them by tenant."""
        self.query_one("#tenants", RecordList).show(
            tenants, lambda one: tenant_cells(one, when, newest_runs.get(one.id, ""))
        )

    def show_releases(self, releases: list[Release], when: When) -> None:
        """The view Releases."""
        self.query_one("#releases", RecordList).show(releases, lambda one: release_cells(one, when))

    def _list(self, view: View, listed: str, columns: Sequence[Column], *, paged: bool = False) -> RecordList:
        page = cast("IntegrationPage", self.screen)
        return RecordList(
            listed,
            *columns,
            store=page.store,
            memory=page.pandium.memory,
            place=f"integration.{page.integration_id}",
            empty_text=self.EMPTY_TEXTS[view],
            paged=paged,
            marking=view != "releases",
            id=view,
        )

    @property
    def _shows_everything(self) -> bool:
        return self.app.size.height >= ALL_FACTS_FROM if self._everything is None else self._everything

    def _view_bar(self) -> Content:
        parts: list[Content | str] = []
        for view in VIEWS:
            name = view.capitalize() + (f" {self._tenants:,}" if view == "tenants" else "")
            parts += [Content.styled(f"[{name}]", "bold reverse") if view == self.view else f" {name} ", "  "]
        return Content.assemble(*parts, ("v: next view", "dim"))
