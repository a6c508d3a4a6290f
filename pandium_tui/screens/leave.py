"""Leaving the app while something goes on: it goes on by itself, unless the person wants something else."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import HubError, RefusedError
from pandium_tui.hub.integrations import integrations
from pandium_tui.hub.releases import cancel_build, releases
from pandium_tui.hub.runs import cancel_run
from pandium_tui.hub.tenants import tenants
from pandium_tui.screens.form import Form
from pandium_tui.screens.page import Page
from pandium_tui.screens.settings.row_forms import RowEditing
from pandium_tui.storage.database import Store
from pandium_tui.storage.errors import StoreError
from pandium_tui.text import visible
from pandium_tui.widgets.confirm import Confirm

if TYPE_CHECKING:
    from pandium_tui.app import PandiumApp

SHOWN = 6
"""How many of the things going on are named."""
_TYPED_INTO = (Form, Page, RowEditing)
LOOK_EVERY = 1.0
"""Seconds between two looks at whether everything has ended."""


@dataclass(frozen=True, slots=True)
class Active:
    """A run or a build that has not ended."""

    kind: str
    id: int
    name: str
    phase: str


def going_on(store: Store) -> list[Active]:
    """The runs and builds of the store that wait or go on, whoever started them."""
    active = [
        Active("run", one.current_run.id, f"{one.integration_name}/{one.name}", one.current_run.phase)
        for one in tenants(store, archived=True)
        if one.current_run is not None
    ]
    for parent in integrations(store, archived=True):
        if parent.newest_build_status in ("Queued", "Building"):
            active += [
                Active("build", release.id, release.name, release.status)
                for release in releases(store, parent.id)
                if release.status in ("Queued", "Building")
            ]
    return active


def cancel_all(store: Store, actor: Actor, active: list[Active]) -> None:
    """Cancel all of them; what has ended meanwhile is as good as cancelled."""
    for one in active:
        cancel = cancel_run if one.kind == "run" else cancel_build
        try:
            cancel(store, one.id, actor)
        except RefusedError:
            continue


async def agreed_to_leave(app: "PandiumApp") -> bool:
    """Whether the app may be left: asks about what was typed and not saved, and what shall become of what goes on."""
    if isinstance(app.screen, LeaveScreen | Confirm):
        return False  # one question at a time
    if any(isinstance(one, Form) and one.saving for one in app.screen_stack):
        app.notify("Still saving. Leave when that has ended.", timeout=4)
        return False
    changed = [label for one in app.screen_stack if isinstance(one, _TYPED_INTO) for label in one.changed_labels()]
    lost = any(isinstance(one, Form) and not one.draft_name and one.changed_labels() for one in app.screen_stack)
    kept = "What was typed is there again when you come back to it, secret fields excepted."
    if lost:
        kept = "What was typed into this form is not kept."
    question = Confirm("Leave the app without saving?", [f"Changed: {', '.join(changed)}", kept], yes="Leave")
    if changed and not await app.push_screen_wait(question):
        return False
    try:
        with app.type_ahead.held():
            active = await asyncio.to_thread(going_on, app.store)
    except StoreError:
        return True
    return not active or await app.push_screen_wait(LeaveScreen(app.store, app.actor, active))


class LeaveScreen(ModalScreen[bool]):
    """Says what goes on, and asks what shall become of it. True: leave now; False: stay."""

    DEFAULT_CSS = """
    LeaveScreen { align: center middle; background: $background; }
    LeaveScreen > Vertical { width: 76; max-width: 100%; height: auto; padding: 1 2; border: round $primary; }
    LeaveScreen OptionList { height: auto; margin-top: 1; border: none; background: $background; }
    """
    BINDING_GROUP_TITLE = "Leave"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stay", "Stay", id="leave.stay", tooltip="Back to the page"),
    ]

    def __init__(self, store: Store, actor: Actor, active: list[Active]) -> None:
        super().__init__()
        self._store = store
        self._actor = actor
        self._active = active

    def compose(self) -> ComposeResult:
        """What goes on, and the choices; the harmless one is first."""
        with Vertical():
            yield Static(self._description(self._active), id="going-on", markup=False)
            yield OptionList(
                Option("Leave them running: they end by themselves and are recorded", "leave"),
                Option("Wait for them, then leave", "wait"),
                Option("Cancel them, then leave", "cancel"),
                Option("Stay in the app", "stay"),
                markup=False,
                compact=True,
            )
        yield Footer(compact=True, show_command_palette=False)

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Do what was chosen."""
        if event.option_id in ("leave", "stay"):
            self.dismiss(event.option_id == "leave")
            return
        if event.option_id == "cancel":
            self.query_one(OptionList).disabled = True
        self.end_then_leave(cancel=event.option_id == "cancel")

    def action_stay(self) -> None:
        """Back to the page, also while waiting."""
        self.dismiss(False)

    @work(exclusive=True, group="leaving")
    async def end_then_leave(self, *, cancel: bool) -> None:
        """Cancel what goes on if asked for, wait until it has ended, then leave. Another choice stops the waiting."""
        wanted = {(one.kind, one.id) for one in self._active}
        try:
            if cancel:
                await asyncio.to_thread(cancel_all, self._store, self._actor, self._active)
            while left := [
                one for one in await asyncio.to_thread(going_on, self._store) if (one.kind, one.id) in wanted
            ]:
                words = "Cancelling. " if cancel else "Waiting; choose Cancel to end them now. "
                self.query_one("#going-on", Static).update(words + self._description(left))
                await asyncio.sleep(LOOK_EVERY)
        except (HubError, StoreError) as error:
            self.notify(visible(str(error)), severity="error", timeout=10, markup=False)
            self.query_one(OptionList).disabled = False
            return
        self.dismiss(True)

    def _description(self, active: list[Active]) -> str:
        runs = sum(one.kind == "run" for one in active)
        builds = len(active) - runs
        counts = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((runs, "run"), (builds, "build")) if n]
        lines = [f"{' and '.join(counts)} not ended yet:"]
        lines += [f"  {one.kind} {one.id}  {visible(one.name)}  {one.phase}" for one in active[:SHOWN]]
        if len(active) > SHOWN:
            lines.append(f"  and {len(active) - SHOWN} more")
        lines.append("Schedules fire only while an app or `pandium-tui serve` is open.")
        return "\n".join(lines)
