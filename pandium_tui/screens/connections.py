"""Connector Status of a tenant: what its runs need, how it stands, connect, test, disconnect."""

from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from pandium_tui.hub.connections import Connection, connections
from pandium_tui.screens import connection_actions as actions
from pandium_tui.screens.connection_words import connection_words, status_text, wrapped
from pandium_tui.screens.page import Page
from pandium_tui.storage.records import Tenant
from pandium_tui.widgets.record_list import RecordList
from pandium_tui.widgets.rows import Cell, Column, Rows
from pandium_tui.widgets.text_lines import TextLines
from pandium_tui.widgets.when import NOTHING, When

CONNECTION_KEYS = (
    Binding("c", "connect", "Connect", id="connections.connect", tooltip="Connect, or reconnect with other values"),
    Binding("t", "test", "Test", id="connections.test", tooltip="Ask the vendor whether it accepts the credentials"),
    Binding("d", "disconnect", "Disconnect", id="connections.remove", tooltip="Delete the connection; asks"),
    Binding(
        "o",
        "switch",
        "On/off",
        show=False,
        id="connections.toggle",
        tooltip="Disable it without deleting, or enable it",
    ),
    Binding("w", "show_secret", "Reveal", show=False, id="connections.reveal", tooltip="Show a secret value; asks"),
)

EMPTY = (
    "The integration has no connectors: its runs get no PAN_SEC_ variables. Connectors are added on the integration's "
    "page, tab 4 (Reprovision Connectors)."
)


class ConnectionsPage(Page):
    """The table of a tenant's connections, and below it all about the one under the cursor."""

    BINDING_GROUP_TITLE = "Connector Status"
    BINDINGS: ClassVar[list[BindingType]] = [*CONNECTION_KEYS]
    DEFAULT_CSS = """
    ConnectionsPage RecordList { height: auto; max-height: 50%; }
    ConnectionsPage Rows { height: auto; max-height: 50vh; }
    ConnectionsPage TextLines { border-top: solid $panel; padding: 0 1; }
    """

    def __init__(self, tenant: Tenant) -> None:
        super().__init__()
        self._tenant = tenant
        self._found: list[Connection] = []

    def crumbs(self) -> list[str]:
        """Integration, tenant, connectors."""
        return ["integrations", self._tenant.integration_name, self._tenant.name, "connectors"]

    def compose_page(self) -> ComposeResult:
        """The table and the text."""
        yield RecordList(
            "connections",
            Column("Connector", 20, sorts=lambda one: one.connector),
            Column("Status", 30, sorts=lambda one: one.status),
            Column("Whose", 24, sorts=lambda one: one.whose),
            Column("Uses", 40, shown_from=100, sorts=lambda one: one.label),
            store=self.store,
            memory=self.pandium.memory,
            place=f"tenant.{self._tenant.id}",
            empty_text=EMPTY,
        )
        yield TextLines()

    def on_mount(self, event: events.Mount) -> None:
        """The keys go to the table."""
        self.query_one(Rows).focus()

    async def show(self) -> None:
        """Show how they stand now."""
        self._found = await self.read(connections, self.store, self._tenant.id)
        when = self.when
        self.query_one(RecordList).show(self._found, lambda one: _cells(one, when), lambda one: one.connector_id)
        self._show_text()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """The text follows the cursor."""
        self._show_text()

    def on_resize(self, event: events.Resize) -> None:
        """The text is broken to the width."""
        self.call_after_refresh(self._show_text)

    def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        """Connect or reconnect."""
        self.action_connect()

    @work(exclusive=True, group="change")
    async def action_connect(self) -> None:
        """Connect or reconnect."""
        if one := self._current:
            await actions.connect(self, one.connector_id, one.tenant_id)

    @work(exclusive=True, group="change")
    async def action_test(self) -> None:
        """Test the connection."""
        if one := self._current:
            await actions.test(self, one.connector_id, one.tenant_id)

    @work(exclusive=True, group="change")
    async def action_disconnect(self) -> None:
        """Disconnect."""
        if one := self._current:
            await actions.remove(self, one.connector_id, one.tenant_id)

    @work(exclusive=True, group="change")
    async def action_switch(self) -> None:
        """Disable or enable."""
        if one := self._current:
            await actions.toggle(self, one.connector_id, one.tenant_id)

    @work(exclusive=True, group="change")
    async def action_show_secret(self) -> None:
        """Reveal a secret value."""
        if one := self._current:
            await actions.show_secret(self, one.connector_id, one.tenant_id)

    @property
    def _current(self) -> Connection | None:
        return actions.current(self._found, self.query_one(Rows).current_key)

    def _show_text(self) -> None:
        lines, one = self.query_one(TextLines), self._current
        lines.set_text(wrapped(connection_words(one, self.when), lines.size.width) if one else "")


def _cells(one: Connection, when: When) -> tuple[Cell, ...]:
    tested = when.relative(one.tested_date) if one.tested_date else ""
    return (
        one.connector,
        status_text(one.status, tested),
        "all tenants (global)" if one.scope == "global" else one.whose or NOTHING,
        f"{one.label}: {one.method_label}",
    )
