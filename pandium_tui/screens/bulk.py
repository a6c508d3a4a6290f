"""One change to several: what it would mean for each is shown, then it is done, then what came of it is told."""

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Footer, Static

from pandium_tui.hub.bulk import Change
from pandium_tui.hub.errors import HubError
from pandium_tui.screens.connection_words import wrapped
from pandium_tui.screens.page import Page
from pandium_tui.storage.errors import StoreError
from pandium_tui.text import visible
from pandium_tui.widgets.rows import Rows
from pandium_tui.widgets.text_lines import TextLines

Doing = Callable[[bool], list[Change]]
"""Does it; with True it only tells what would be."""


async def change_several(page: Page, verb: str, doing: Doing, *, undoable: bool = True) -> list[Change]:
    """Ask, do and tell; what was done, nothing when the person thought better of it."""
    planned = await page.do(doing, True)
    if planned is None:
        return []
    changes = await page.app.push_screen_wait(BulkScreen(verb, planned, doing))
    if changes is None:
        return []
    for rows in page.query(Rows):
        rows.unmark()
    page.renew()
    done = [change for change in changes if change.done]
    if done and undoable:
        page.tell(f"{verb}: {len(done)} done. {page.undoes}")
    return done


class BulkScreen(ModalScreen[list[Change] | None]):
    """The dry run, and after it was done the result, a paragraph for each."""

    DEFAULT_CSS = """
    BulkScreen { background: $background; }
    BulkScreen > Vertical { height: 1fr; padding: 1 2; }
    BulkScreen .summary { height: auto; margin-bottom: 1; text-style: bold; }
    BulkScreen Horizontal { height: 1; margin-top: 1; }
    BulkScreen Button { margin-right: 2; min-width: 10; }
    """
    BINDING_GROUP_TITLE = "Several at once"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "act", "Do it", id="bulk.yes", tooltip="Do it to those it can be done to"),
        Binding("n,escape,q", "close", "Back", id="bulk.back", tooltip="Back; nothing more is done"),
        Binding("left,right", "other_button", "Other button", show=False, id="bulk.other", tooltip="Change button"),
    ]

    def __init__(self, verb: str, planned: Sequence[Change], doing: Doing) -> None:
        super().__init__()
        self._verb = verb
        self._changes = list(planned)
        self._doing = doing
        self._state = "planned"

    def compose(self) -> ComposeResult:
        """What it is about, each, and two buttons."""
        with Vertical():
            yield Static(self._summary(), classes="summary", markup=False)
            yield TextLines()
            with Horizontal():
                yield Button("Back", id="no", compact=True)
                if self._possible:
                    yield Button(f"{self._verb} {self._possible}", id="yes", variant="warning", compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self, event: events.Mount) -> None:
        """The harmless answer has the focus."""
        self.query_one("#no").focus()

    def on_resize(self, event: events.Resize) -> None:
        """The lines are broken to the width."""
        self._show_lines()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button is an answer."""
        if event.button.id == "yes":
            self.action_act()
        else:
            self.action_close()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """It is done once, and only where it can be."""
        return self._state == "planned" and bool(self._possible) if action == "act" else True

    def reason_against(self, action: str) -> str:
        """How far it is."""
        if self._state == "planned":
            return "It can be done to none of these."
        return "It is done." if self._state == "done" else "It is being done."

    def action_close(self) -> None:
        """Back to the page, but not in the middle."""
        if self._state != "acting":
            self.dismiss(self._changes if self._state == "done" else None)

    def action_other_button(self) -> None:
        """Go to the other button."""
        self.focus_next(Button)

    @work(exclusive=True, group="act")
    async def action_act(self) -> None:
        """Do it in a thread, then show what came of it."""
        if self._state != "planned" or not self._possible:
            return
        self._state = "acting"
        self.refresh_bindings()
        try:
            self._changes = await asyncio.to_thread(self._doing, False)
        except (HubError, StoreError) as error:
            self._state = "planned"
            self.notify(visible(str(error)), severity="error", timeout=10, markup=False)
            return
        self._state = "done"
        self.query_one(".summary", Static).update(self._summary())
        for button in self.query("#yes"):
            button.display = False
        self.query_one("#no", Button).label = "Close"
        self.query_one("#no").focus()
        self._show_lines()
        self.refresh_bindings()

    @property
    def _possible(self) -> int:
        return sum(not change.problem for change in self._changes)

    def _summary(self) -> str:
        refused = len(self._changes) - self._possible
        if self._state == "done":
            done = sum(change.done for change in self._changes)
            return f"{self._verb}: {done} done" + (f", {refused} not." if refused else ".")
        if not self._possible:
            return f"{self._verb}: it can be done to none of them."
        return f"{self._verb} {self._possible}?" + (f" {refused} of {len(self._changes)} cannot be." if refused else "")

    def _show_lines(self) -> None:
        lines = [line for change in self._changes for line in lines_of(change)]
        self.query_one(TextLines).set_text(wrapped("\n".join(lines), self.app.size.width - 6))


def lines_of(change: Change) -> list[str]:
    """What is said of one: what changes, or why it does not, and what needs attention then."""
    if change.problem:
        return [f"✗ {visible(change.name)}: {visible(change.problem)}"]
    mark = "✓" if change.done else "!" if change.attention else "·"
    return [
        f"{mark} {visible(change.name)}: {visible(change.effect)}",
        *(f"    {visible(words)}" for words in change.attention),
    ]
