"""Who did what, and when: of an integration, or of all."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from pandium_tui.hub.activity import activities
from pandium_tui.screens.page import Page
from pandium_tui.screens.places import page_at
from pandium_tui.screens.waiting import ALL, Scope
from pandium_tui.storage.records import Activity
from pandium_tui.widgets.record_list import RecordList
from pandium_tui.widgets.rows import Cell, Column, Rows
from pandium_tui.widgets.when import NOTHING, When


class AuditPage(Page):
    """The audit trail; a row leads to what it is about."""

    BINDING_GROUP_TITLE = "Who did what"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, scope: Scope = ALL) -> None:
        super().__init__()
        self._scope = scope
        self._found: dict[int, Activity] = {}

    def crumbs(self) -> list[str]:
        """Of what."""
        return [*(["integrations", *self._scope.names] if self._scope.names else []), "who did what"]

    def compose_page(self) -> ComposeResult:
        """The table."""
        yield RecordList(
            "activity",
            Column("When", 20),
            Column("Who", 30, narrow=14),
            Column("What", 26, narrow=18),
            Column("On", 50, narrow=22),
            Column("Detail", 80, shown_from=100),
            store=self.store,
            memory=self.pandium.memory,
            place="audit" if self._scope.integration_id is None else f"integration.{self._scope.integration_id}",
            empty_text="Nobody has done anything yet. What people and engines change is written here: who, what, when.",
            paged=True,
        )

    def on_mount(self) -> None:
        """The table has the focus."""
        self.query_one(Rows).focus()

    async def show(self) -> None:
        """Show the newest rows that pass the filter."""
        records = self.query_one(RecordList)
        found = await self.read(activities, self.store, self._scope.integration_id, **records.reading())
        self._found = {one.id: one for one in found}
        when = self.when
        records.show(found, lambda one: cells_of(one, when))

    def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        """Open what the row is about, as near as it can be told."""
        one = self._found.get(event.key)
        if one is None:
            return  # it went at this moment
        places = {"run": one.run_id, "release": one.release_id, "tenant": one.tenant_id}
        for kind, key in (places | {"integration": one.integration_id}).items():
            if key is not None:
                self.app.push_screen(page_at((kind, key)))
                return
        self.tell("It is about the whole installation.")


def cells_of(one: Activity, when: When) -> tuple[Cell, ...]:
    """What the table says about a row of the trail."""
    return when.moment(one.created_date), one.actor, one.action, subject_of(one), one.detail or NOTHING


def subject_of(one: Activity) -> str:
    """What it was done to, such as ``crm/acme, run 12``."""
    names = [name for name in (one.integration_name, one.tenant_name) if name is not None]
    parts = ["/".join(names)] if names else []
    if one.release_name is not None:
        parts.append(one.release_name)
    if one.run_id is not None:
        parts.append(f"run {one.run_id}")
    return ", ".join(parts) or NOTHING
