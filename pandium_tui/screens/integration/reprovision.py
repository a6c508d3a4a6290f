"""The tab Reprovision Connectors: add, remove, whose they are, provisioning, Show Secret Keys, global connections."""

import asyncio
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.css.query import NoMatches
from textual.widgets import DataTable

from pandium_tui.hub.connections import Connection, connection
from pandium_tui.hub.connector_changes import (
    affected_by_provisioning,
    affected_by_removal,
    change_scope,
    provision,
    remove_connector,
    reset_values,
    set_optional,
)
from pandium_tui.hub.connector_offers import catalogue_problems, methods_of, offered, secret_keys
from pandium_tui.hub.connectors import Connector, connectors
from pandium_tui.hub.errors import HubError
from pandium_tui.screens import connection_actions as actions
from pandium_tui.screens.connection_words import connection_words, connector_status, connector_words, wrapped
from pandium_tui.screens.connections import CONNECTION_KEYS
from pandium_tui.screens.page import FINAL, Page
from pandium_tui.storage.errors import StoreError
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.key_words import key_of
from pandium_tui.widgets.notice import Notice
from pandium_tui.widgets.record_list import RecordList
from pandium_tui.widgets.rows import Cell, Column, Rows
from pandium_tui.widgets.text_lines import TextLines

if TYPE_CHECKING:
    from pandium_tui.storage.database import Store

EMPTY = (
    "No connectors: runs get no PAN_SEC_ variables. Press {connectors.add} to add one; "
    "what PANDIUM.yaml names is offered first."
)


class ReprovisionTab(Vertical):
    """The connectors of an integration, and below them all about the one under the cursor."""

    DEFAULT_CSS = """
    ReprovisionTab RecordList { height: auto; max-height: 50%; }
    ReprovisionTab Rows { height: auto; max-height: 50vh; }
    ReprovisionTab TextLines { border-top: solid $panel; padding: 0 1; }
    """
    BINDING_GROUP_TITLE = "Reprovision Connectors"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", id="connectors.add", tooltip="Add a connector"),
        Binding("e", "provision", "Reprovision", id="connectors.provision", tooltip="Change the provisioning values"),
        Binding(
            "s", "keys", "Secret keys", id="connectors.keys", tooltip="Show Secret Keys: the variables of the code"
        ),
        Binding("m", "scope", "Global", id="connectors.scope", tooltip="Global, or each tenant's own; asks"),
        Binding(
            "n",
            "optional",
            "Optional",
            show=False,
            id="connectors.optional",
            tooltip="Let runs start without a connection of it, or not",
        ),
        Binding("r", "reset", "Reset", show=False, id="connectors.reset", tooltip="Take the provisioning away; asks"),
        Binding("x,delete", "remove", "Remove", id="connectors.remove", tooltip="Remove the connector; asks"),
        Binding(
            "y", "copy", "Copy", show=False, id="connectors.copy", tooltip="Send the .env template to the clipboard"
        ),
        Binding(
            "W",
            "show_provisioning",
            "Reveal provisioning",
            show=False,
            id="connectors.reveal",
            tooltip="Show a secret provisioning value; asks",
        ),
        *(replace(key, show=False) for key in CONNECTION_KEYS),
    ]

    def __init__(self, integration_id: int) -> None:
        super().__init__()
        self._integration_id = integration_id
        self._found: dict[int, Connector] = {}
        self._connections: dict[int, Connection] = {}
        self._templates: dict[int, str] = {}
        self._shows_keys = False
        self._was_shown = False
        self._added: int | None = None
        """The connector that was added here, until the cursor is on it."""

    def compose(self) -> ComposeResult:
        """The table and the text."""
        yield RecordList(
            "connectors",
            Column("Connector", 20, sorts=lambda one: one.name),
            Column("Status", 30, sorts=lambda one: one.status or f"{len(one.connected):09} connected"),
            Column("Scope", 10, sorts=lambda one: one.scope),
            Column("Uses", 44, shown_from=100, sorts=lambda one: one.label),
            store=self._page.store,
            memory=self._page.pandium.memory,
            place=f"integration.{self._integration_id}",
            empty_text=EMPTY,
        )
        yield TextLines()

    def on_show(self, event: events.Show) -> None:
        """The tab was chosen: read what it shows."""
        self._was_shown = True
        self._open()

    def take_keys(self) -> None:
        """The keys go to the table."""
        self.query_one(Rows).focus()

    async def renew(self) -> None:
        """Show what the store has now.

        Raises:
            HubError, StoreError: the connectors cannot be read.
        """
        if not self._was_shown or not self.is_attached:
            return
        found, connected, templates = await asyncio.to_thread(_read, self._page.store, self._integration_id)
        if not self.is_attached:
            return
        self._found, self._connections, self._templates = found, connected, templates
        self.query_one(RecordList).show(list(found.values()), _cells)
        rows = self.query_one(Rows)
        if self._added in rows.keys:
            rows.move_cursor(row=rows.keys.index(self._added))
            self._added = None
        self._show_text()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """The text follows the cursor."""
        self._show_text()

    def on_resize(self, event: events.Resize) -> None:
        """The text is broken to the width."""
        self.call_after_refresh(self._show_text)

    def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        """Enter shows what is always harmless: the keys."""
        event.stop()
        self.action_keys()

    @work(exclusive=True, group="form")
    async def action_add(self) -> None:
        """Choose a connector, then name and provision it."""
        from pandium_tui.screens.connector_forms import ConnectorForm, OfferScreen

        page = self._page
        offers = await page.do(offered, page.store, self._integration_id)
        problems = await page.do(catalogue_problems, page.store)
        if offers is None:
            return
        if problems:
            await self.app.push_screen_wait(Notice("In your own definitions of connectors:", problems))
        offer = await self.app.push_screen_wait(OfferScreen(offers))
        if offer is None:
            return
        if not offer.methods:
            lines = [
                f"PANDIUM.yaml names {offer.name}, which is not in the catalogue.",
                f"Add api_key, basic or custom, and name it {offer.name}: its variables get the same names.",
                f"Or define it in a file of your own in {page.store.settings.connectors_folder}",
            ]
            await self.app.push_screen_wait(Notice("Not in the catalogue", lines))
            return
        form = ConnectorForm(page.store, page.actor, self._integration_id, offer)
        self._added = await self.app.push_screen_wait(form)
        if self._added is not None:
            page.tell("Added. Without a connection no run starts, unless it is optional.")

    @work(exclusive=True, group="form")
    async def action_provision(self) -> None:
        """Change the provisioning."""
        from pandium_tui.screens.connector_forms import ProvisionForm

        page = self._page
        if (one := self._current) is None:
            return
        methods = await page.do(methods_of, page.store, one.catalogue_id)
        if not methods:
            page.tell(f"{one.name} has no definition any more: {one.problem}")
            return
        form = ProvisionForm(page.store, page.actor, one, [(method.label, method.id) for method in methods])
        if await self.app.push_screen_wait(form) is None or form.done is None:
            return
        for line in (*form.done.notices, *form.done.warnings, *form.done.must_reconnect):
            page.tell(line)
        page.tell(f"{one.name} is reprovisioned.")

    @work(exclusive=True, group="form")
    async def action_reset(self) -> None:
        """Take all provisioning values away, after a question that names who must reconnect."""
        page = self._page
        if (one := self._current) is None:
            return
        values = reset_values(one)
        if not values:
            page.tell(f"{one.name} has no provisioning values.")
            return
        affected = await page.do(affected_by_provisioning, page.store, one.id, values)
        lines = [*(affected or ["Nobody has to reconnect."]), f"{FINAL} The values are entered again."]
        question = f"Take away all provisioning values of {one.name}?"
        if affected is not None and await self.app.push_screen_wait(Confirm(question, lines, yes="Reset")):
            await page.do(provision, page.store, one.id, values, page.actor, even_if_connected=True)

    @work(exclusive=True, group="form")
    async def action_remove(self) -> None:
        """Remove after a question that names whose connections go."""
        page = self._page
        if (one := self._current) is None:
            return
        affected = await page.do(affected_by_removal, page.store, one.id)
        question = f"Remove the connector {one.name} of {one.integration_name}?"
        values = ["Its provisioning values are deleted."] if reset_values(one) else []
        lines = [*(affected or ["Nobody is connected."]), *values, FINAL]
        if affected is not None and await self.app.push_screen_wait(Confirm(question, lines, yes="Remove")):
            await page.do(remove_connector, page.store, one.id, page.actor, even_if_connected=True)

    @work(exclusive=True, group="form")
    async def action_scope(self) -> None:
        """Make it global, or each tenant's own, after a question."""
        page = self._page
        if (one := self._current) is None:
            return
        scope = "tenant" if one.scope == "global" else "global"
        words = "each tenant's own" if scope == "tenant" else "global, one connection for all tenants"
        affected = await page.do(affected_by_removal, page.store, one.id)
        again = f"{FINAL} No secret becomes somebody else's: it is entered again."
        lines = [*affected, again] if affected else ["Nobody is connected."]
        question = f"Make the connector {one.name} {words}?"
        if affected is not None and await self.app.push_screen_wait(Confirm(question, lines, yes="Change")):
            await page.do(change_scope, page.store, one.id, scope, page.actor, even_if_connected=True)

    @work(exclusive=True, group="form")
    async def action_optional(self) -> None:
        """Let runs start without it, or not any more; that can be taken back by the same key."""
        page = self._page
        if (one := self._current) is None:
            return
        done = await page.do(set_optional, page.store, one.id, not one.optional, page.actor)
        if done is not None:
            words = "optional: runs start without it" if done.optional else "needed by every run"
            page.tell(f"{one.name} is {words}.")

    def action_keys(self) -> None:
        """Show Secret Keys, or hide them."""
        self._shows_keys = not self._shows_keys
        self._show_text()

    def action_copy(self) -> None:
        """Send names and formats to the terminal's clipboard."""
        if (one := self._current) is not None and one.id in self._templates:
            self.app.copy_to_clipboard(self._templates[one.id])

    @work(exclusive=True, group="form")
    async def action_connect(self) -> None:
        """Connect a global connector."""
        if (one := self._global) is not None:
            await actions.connect(self._page, one.id, None)

    @work(exclusive=True, group="form")
    async def action_test(self) -> None:
        """Test a global connection."""
        if (one := self._global) is not None:
            await actions.test(self._page, one.id, None)

    @work(exclusive=True, group="form")
    async def action_disconnect(self) -> None:
        """Disconnect a global connector."""
        if (one := self._global) is not None:
            await actions.remove(self._page, one.id, None)

    @work(exclusive=True, group="form")
    async def action_switch(self) -> None:
        """Disable or enable a global connection."""
        if (one := self._global) is not None:
            await actions.toggle(self._page, one.id, None)

    @work(exclusive=True, group="form")
    async def action_show_secret(self) -> None:
        """Reveal a secret value of a global connection."""
        if (one := self._global) is not None:
            await actions.show_secret(self._page, one.id, None)

    @work(exclusive=True, group="form")
    async def action_show_provisioning(self) -> None:
        """Reveal a secret provisioning value."""
        if (one := self._current) is not None:
            await actions.show_provisioning_secret(self._page, one)

    @cached_property
    def _page(self) -> "Page":
        return cast("Page", self.screen)  # kept: what was begun here may end when the tab has left the screen

    @property
    def _current(self) -> Connector | None:
        one = self._found.get(self.query_one(Rows).current_key or 0)
        if one is None:
            self._page.tell(f"There is no connector yet: press {key_of(self, 'connectors.add')} to add one.")
        return one

    @property
    def _global(self) -> Connector | None:
        """The connector under the cursor when it is global; else it says where tenants connect."""
        one = self._current
        if one is not None and one.scope != "global":
            from pandium_tui.screens.tenant import TenantPage

            keys = f"{key_of(self, 'tenant.connectors', TenantPage)}, then {key_of(self, 'connections.connect')}"
            self._page.tell(f"{one.name} is connected by each tenant: on the tenant's page press {keys}.")
            return None
        return one

    @work(exclusive=True, group="connectors open")
    async def _open(self) -> None:
        try:
            await self.renew()
        except (HubError, StoreError) as error:
            self._page.tell_error(error)

    def _show_text(self) -> None:
        try:
            one = self._found.get(self.query_one(Rows).current_key or 0)
            lines = self.query_one(TextLines)
            lines.set_text("" if one is None else wrapped(self._text_of(one), lines.size.width))
        except NoMatches:
            return  # the page is being left

    def _text_of(self, one: Connector) -> str:
        when = self._page.when
        parts = [connector_words(one, when)]
        if self._shows_keys:
            hide, copy = key_of(self, "connectors.keys"), key_of(self, "connectors.copy")
            parts.insert(0, f"Secret keys ({hide} hides, {copy} copies)\n{self._templates.get(one.id, '')}")
        if one.id in self._connections:
            parts.append(connection_words(self._connections[one.id], when))
        return "\n\n".join(parts)


def _cells(one: Connector) -> tuple[Cell, ...]:
    return one.name, connector_status(one), one.scope, f"{one.label}: {one.method_label}"


def _read(store: "Store", integration_id: int) -> tuple[dict[int, Connector], dict[int, Connection], dict[int, str]]:
    found = {one.id: one for one in connectors(store, integration_id)}
    of_all = {one.id: connection(store, one.id, None) for one in found.values() if one.scope == "global"}
    templates = {}
    for one in found.values():
        try:
            templates[one.id] = secret_keys(store, one).template
        except HubError as error:
            templates[one.id] = f"! {error}"
    return found, of_all, templates
