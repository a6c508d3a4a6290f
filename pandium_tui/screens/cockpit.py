"""What goes on: what fails first, what runs, what comes next; Enter goes to where each is."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pandium_tui.hub.cockpit import KINDS, MOST, Entry, cockpit
from pandium_tui.screens.page import Page
from pandium_tui.widgets.record_list import RecordList
from pandium_tui.widgets.rows import Cell, Column, Rows
from pandium_tui.widgets.when import NOTHING, When, span

if TYPE_CHECKING:
    from pandium_tui.hub.cockpit import Kind

TITLES: dict["Kind", tuple[str, str]] = {
    "failing": ("✗ failing", "red"),
    "build": ("✗ build", "red"),
    "credential": ("! credential", "yellow"),
    "notification": ("! notification", "yellow"),
    "storage": ("· storage", ""),
    "running": ("● running", "cyan"),
    "next": ("→ next", ""),
}


class CockpitPage(Page):
    """One table; a row leads to what it is about."""

    BINDING_GROUP_TITLE = "Now"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_kind", "Next kind", id="cockpit.next", tooltip="To the first row of the next kind"),
        Binding("d", "health", "Disk", id="cockpit.health", tooltip="Store and disk: sizes, health, prune"),
        Binding("w", "waiting", "Waiting", id="cockpit.waiting", tooltip="What waits, and slots that did not run"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[int, Entry] = {}

    def crumbs(self) -> list[str]:
        """What it shows."""
        return ["now"]

    def compose_page(self) -> ComposeResult:
        """The table."""
        yield RecordList(
            "now",
            Column("What", 14),
            Column("Of", 44, narrow=20, sorts=lambda one: one.subject),
            Column("When", 16, sorts=lambda one: one.date),
            Column("How", 90, narrow=32, sorts=lambda one: one.words),
            store=self.store,
            memory=self.pandium.memory,
            place="now",
            empty_text="Nothing goes on.",
        )

    def on_mount(self) -> None:
        """The table has the focus."""
        self.query_one(Rows).focus()

    async def show(self) -> None:
        """Show what goes on now."""
        when = self.when
        found = await self.read(cockpit, self.store, when.now)
        self._entries = keyed(found)
        keys = {id(one): key for key, one in self._entries.items()}
        self.query_one(RecordList).show(found, lambda one: cells_of(one, when), lambda one: keys[id(one)])

    def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        """Go to what the row is about, unless it went at this moment."""
        if found := self._entries.get(event.key):
            self._open(*found.place)

    def action_next_kind(self) -> None:
        """Move the cursor to the first row of the next kind; after the last one, to the first row."""
        rows = self.query_one(Rows)
        keys = rows.keys
        if rows.current_key in keys:
            at = keys.index(rows.current_key)
            here = self._entries[keys[at]].kind
            following = (n for n in range(at, len(keys)) if self._entries[keys[n]].kind != here)
            rows.move_cursor(row=next(following, 0), animate=False)

    def action_health(self) -> None:
        """Store and disk."""
        self._open("health", 0)

    def action_waiting(self) -> None:
        """What waits, of all."""
        from pandium_tui.screens.waiting import WaitingPage

        self.app.push_screen(WaitingPage())

    def _open(self, kind: str, key: int) -> None:
        if kind == "health":
            from pandium_tui.screens.health import HealthPage

            self.app.push_screen(HealthPage())
        elif kind in ("connections", "connectors"):
            self.run_worker(self._open_connections(kind, key), group="open", exclusive=True)
        else:
            from pandium_tui.screens.places import page_at

            self.app.push_screen(page_at((kind, key)))

    async def _open_connections(self, kind: str, key: int) -> None:
        from pandium_tui.hub.tenants import tenant
        from pandium_tui.screens.connections import ConnectionsPage
        from pandium_tui.screens.integration.page import IntegrationPage

        if kind == "connections":
            found = await self.do(tenant, self.store, key)
            if found is not None:
                self.app.push_screen(ConnectionsPage(found))
        else:
            page = IntegrationPage(key)
            await self.app.push_screen(page)
            page.action_tab("connectors")


def cells_of(one: Entry, when: When) -> tuple[Cell, ...]:
    """What the table says about an entry; what runs with its elapsed time."""
    title, style = TITLES[one.kind]
    if one.kind == "storage" and one.wrong:
        title, style = "✗ storage", "red"
    moment = NOTHING if one.date is None else when.relative(one.date)
    if one.kind == "running" and one.date is not None:
        minutes = (when.now - one.date).total_seconds() // 60
        moment = f"for {span(minutes * 60)}" if minutes > 0 else "for < 1 m"
    return Text(title, style=style), one.subject, moment, one.words


def summary_of(entries: Sequence[Entry]) -> str:
    """What is wrong, in a line for the first page."""
    counts = Counter(one.kind for one in entries if one.wrong)
    words = {
        "failing": ("✗ {} tenant fails", "✗ {} tenants fail"),
        "build": ("✗ {} build failed", "✗ {} builds failed"),
        "credential": ("! {} credential to renew", "! {} credentials to renew"),
        "notification": ("! {} integration cannot notify", "! {} integrations cannot notify"),
        "storage": ("✗ the disk is full", "✗ the disk is full"),
    }
    parts = []
    for kind in KINDS:
        if number := counts[kind]:
            parts.append(words[kind][number > 1].format(f"{number} or more" if number >= MOST else number))
    return f"{' │ '.join(parts)} │ v: look" if parts else "✓ Nothing is wrong │ v: what runs, what comes next"


def keyed(entries: Sequence[Entry]) -> dict[int, Entry]:
    """The entries by a number that stays with each: what it is about, as what, and which of those."""
    counts: Counter[tuple[str, str, int]] = Counter()
    found = {}
    for one in entries:
        nth = counts[one.kind, *one.place]
        counts[one.kind, *one.place] += 1
        found[((one.place[1] * 10 + KINDS.index(one.kind)) * 2 + (one.place[0] == "connectors")) * 1000 + nth] = one
    return found
