"""Store and disk: what takes up the disk, whether all is well, and what can go."""

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pandium_tui.hub.upkeep import Usage, back_up, new_backup_file, prune, usage, vacuum
from pandium_tui.screens.page import FINAL, Page
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.facts import Fact, Facts
from pandium_tui.widgets.notice import Notice
from pandium_tui.widgets.record_list import RecordList
from pandium_tui.widgets.rows import Column, Rows

if TYPE_CHECKING:
    from pandium_tui.engine.retention import Pruned
    from pandium_tui.hub.doctor.findings import Finding

SIGNS = {"ok": ("✓ ok", "green"), "warning": ("! warning", "yellow"), "problem": ("✗ problem", "red")}


class HealthPage(Page):
    """Sizes on top, findings below. Both are looked for when the page is opened, and again by a key."""

    BINDING_GROUP_TITLE = "Store and disk"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "prune", "Prune", id="health.prune", tooltip="Remove what is old; shows it first"),
        Binding("b", "back_up", "Back up", id="health.backup", tooltip="Copy the store while it is in use; asks"),
        Binding("v", "vacuum", "Vacuum", id="health.vacuum", tooltip="Give back what was deleted; asks"),
        Binding("r", "look", "Look again", id="health.look", tooltip="Sizes and findings again"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._findings: tuple[Finding, ...] = ()

    def crumbs(self) -> list[str]:
        """What it shows."""
        return ["store and disk"]

    def compose_page(self) -> ComposeResult:
        """Facts and the table of findings."""
        yield Facts([("Sizes", "adding up…")])
        yield RecordList(
            "findings",
            Column("Is", 12, sorts=lambda one: one.status),
            Column("What", 24, sorts=lambda one: one.check),
            Column("Found", 110, narrow=48, sorts=lambda one: one.found),
            store=self.store,
            memory=self.pandium.memory,
            place="health",
            empty_text="Looking…",
        )

    def on_mount(self) -> None:
        """Begin to look: it takes seconds, so not whenever the store changes."""
        self.query_one(Rows).focus()
        self.action_look()

    def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        """The finding in full, with what to do about it."""
        finding = self._findings[event.key]
        self.app.push_screen(Notice(finding.check, [line for line in (finding.found, finding.advice) if line]))

    def on_record_list_wanted(self, event: RecordList.Wanted) -> None:
        """Filter and sort what was found."""
        self._show_findings()

    def _show_findings(self) -> None:
        self.query_one(RecordList).show(
            self._findings,
            lambda one: (Text(SIGNS[one.status][0], style=SIGNS[one.status][1]), one.check, one.found),
            self._findings.index,
        )

    @work(exclusive=True, group="look")
    async def action_look(self) -> None:
        """Add up the sizes, then examine the installation as ``pandium-tui doctor`` does."""
        from pandium_tui.hub.doctor.examination import examine

        facts = self.query_one(Facts)
        found = await self.do_long(usage, self.store)
        if found is not None:
            facts.set_facts(facts_of(found))
        diagnosis = await self.do_long(examine, self.store.settings)
        if diagnosis is not None:
            self._findings = diagnosis.findings
            self._show_findings()

    @work(exclusive=True, group="change")
    async def action_prune(self) -> None:
        """Say what would go, ask, then remove it."""
        found = await self.do(prune, self.store, self.actor, dry_run=True)
        if found is None:
            return
        lines = words_of(found)
        if not lines:
            self.tell("Nothing is older than the settings keep.")
            return
        settings = self.store.settings
        kept = f"Kept are {settings.keep_run_days} days and the newest {settings.keep_runs} runs of each tenant."
        if await self.app.push_screen_wait(Confirm("Remove for good?", [*lines, kept, FINAL], yes="Remove")):
            if await self.do_long(prune, self.store, self.actor) is not None:
                self.tell("Removed what was old.")
            self.action_look()

    @work(exclusive=True, group="change")
    async def action_back_up(self) -> None:
        """Copy the store into the folder of backups, and check the copy."""
        file = await self.do(new_backup_file, self.store)
        if file is None:
            return
        affected = [
            f"To {file}; somewhere else: pandium-tui store backup FILE",
            "The vault's key is not in it: pandium-tui vault backup FILE",
        ]
        if await self.app.push_screen_wait(Confirm("Copy the store?", affected, yes="Copy")):
            done = await self.do_long(back_up, self.store, file, self.actor)
            if done is not None:
                self.tell(f"Copied and checked: {size_words(done.size)}.")
            self.action_look()

    @work(exclusive=True, group="change")
    async def action_vacuum(self) -> None:
        """Write the store's file anew, without what was deleted."""
        affected = ["Whoever wants to write waits meanwhile: seconds, for a large store longer."]
        question = Confirm("Write the store's file anew, without what was deleted?", affected, yes="Vacuum")
        if await self.app.push_screen_wait(question):
            done = await self.do_long(vacuum, self.store, self.actor)
            if done is not None:
                self.tell(f"The store had {size_words(done.before)}, it has {size_words(done.after)} now.")
            self.action_look()


def facts_of(found: Usage) -> list[Fact]:
    """The sizes, a line each."""
    held = f"; ! {found.held}" if found.held else ""
    return [
        ("Store", size_words(found.store)),
        ("Runs", size_words(found.runs)),
        ("Releases", size_words(found.releases)),
        ("Clones", size_words(found.repositories)),
        ("Backups", size_words(found.backups)),
        ("Free on the disk", f"{size_words(found.free)}, at least {size_words(found.floor)} must be{held}"),
    ]


def words_of(found: "Pruned") -> list[str]:
    """What would go, a line each; none when nothing would."""
    numbers = (
        (len(found.runs), "runs with their logs and payloads"),
        (len(found.releases), "releases lose their files (no tenant can use them)"),
        (found.triggers, "triggers that never became a run"),
        (found.skipped_slots, "notes about slots that did not run"),
        (len(found.folders), "folders that were left over"),
    )
    return [f"{number:,} {words}" for number, words in numbers if number]


def size_words(size: float) -> str:
    """Bytes in a unit that can be read."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1024
    return f"{size:,.1f} TiB"
