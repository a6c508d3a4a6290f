"""What every page of the app is: breadcrumb on top, its content, the status line and the keys at the bottom."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, ParamSpec, TypeVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.css.query import NoMatches
from textual.dom import NoScreen
from textual.screen import Screen
from textual.widgets import Footer, Static

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import HubError
from pandium_tui.storage.database import Store
from pandium_tui.storage.errors import StoreError
from pandium_tui.text import visible
from pandium_tui.widgets.banner import Banner
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.key_words import key_of
from pandium_tui.widgets.pictures import ASCII, BLOCKS, Marks
from pandium_tui.widgets.record_list import RecordList
from pandium_tui.widgets.status_line import StatusLine
from pandium_tui.widgets.when import When

if TYPE_CHECKING:
    from pandium_tui.app import PandiumApp

P = ParamSpec("P")
T = TypeVar("T")

Place = tuple[str, int]
"""What a page shows: ``integration``, ``tenant``, ``release`` or ``run``, and its id."""

FILTER_KEY = Binding(
    "slash", "filter", "Filter", show=False, key_display="/", id="page.filter", tooltip="Show only rows that match"
)

FINAL = "It cannot be undone."
"""What is asked with before an act that cannot be."""

CRUMB_SEPARATOR = " \u203a "


class Page(Screen[None]):
    """A page. It shows what the store says and shows it again when the store changed (the app calls ``renew``).

    A page overrides ``crumbs``, ``compose_page`` and ``show``; keys come from ``BINDINGS`` with an id and a tooltip
    each, so that ``?`` can tell all of them.
    """

    BINDING_GROUP_TITLE = "This page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="page.back", tooltip="Back to the page before"),
        FILTER_KEY,
        Binding("u", "undo", "Undo", show=False, id="page.undo", tooltip="Take back what you did last"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._has_widgets = False
        self._showing = False
        self._show_again = False
        self._was_shown = False
        self._keys: list[tuple[str, str, bool]] = []

    @property
    def place(self) -> Place | None:
        """What the next start can come back to; None for a page that is only passed through."""
        return None

    def crumbs(self) -> list[str]:
        """The way from home to here, for the breadcrumb. Outside text is made visible by the caller."""
        return []

    def compose_page(self) -> ComposeResult:
        """The widgets of the page between breadcrumb and status line."""
        yield from ()

    async def show(self) -> None:
        """Read what the page shows (through ``self.read``) and put it into the widgets, changing only what changed."""

    def compose(self) -> ComposeResult:
        """The frame around the page."""
        with Horizontal(id="top"):
            yield Static(self._crumb_line(), id="crumbs", markup=False)
            # The footer is cut off where it is narrow; how to see all keys is said where it always has room.
            yield Static("? Keys", id="keys-hint", markup=False)
        yield Banner()
        with Vertical(id="content"):
            yield from self.compose_page()
        yield StatusLine()
        yield Footer(compact=True, show_command_palette=False)

    @on(events.Mount)
    def _begin(self) -> None:
        """Show the content for the first time: before this, there are no widgets to show it in."""
        self._has_widgets = True
        self.renew()

    def on_screen_resume(self) -> None:
        """Show the content again when the page comes back from under another one."""
        self.renew()
        self.pandium.renew_status_line()
        self.pandium.remember_pages()

    def renew(self) -> None:
        """Show the page again. What changes while it is being shown leads to one more time, never to a queue."""
        self._show_again = True
        if not self._showing and self._has_widgets and self.is_attached:
            self._showing = True
            self._show_until_settled()

    @work(group="renew")
    async def _show_until_settled(self) -> None:
        try:
            while self._show_again:
                self._show_again = False
                await self.show()
        except (HubError, StoreError) as error:  # a store that cannot be read is told, not fatal
            self.tell_error(error)
        except (NoMatches, NoScreen):
            if self.is_current:
                raise
            return  # the page was left while it was being shown, and its widgets are gone
        finally:
            self._showing = False
        self.was_shown()

    def was_shown(self) -> None:
        """What the page shows is there to be used: what it did not need begins."""
        self._was_shown = True
        self.refresh_bindings()
        self.pandium.page_was_shown()

    @property
    def pandium(self) -> "PandiumApp":
        """The app, by its own type."""
        app: PandiumApp = self.app  # type: ignore[assignment]
        return app

    @property
    def store(self) -> Store:
        """The app's store, to be handed to functions of the hub."""
        return self.pandium.store

    @property
    def actor(self) -> Actor:
        """Who does what is done on this page."""
        return self.pandium.actor

    @property
    def when(self) -> When:
        """How moments are shown now."""
        return self.pandium.when

    @property
    def marks(self) -> Marks:
        """The characters of pictures."""
        return ASCII if self.pandium.ascii_only else BLOCKS

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of the hub in a thread, so that nothing blocks the screen."""
        return await asyncio.to_thread(function, *args, **kwargs)

    async def fetch(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for what a key needs: what is typed meanwhile waits for what it opens."""
        with self.pandium.type_ahead.held():
            return await asyncio.to_thread(function, *args, **kwargs)

    async def do(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Call a function of the hub that changes something; tell the person if it is refused (then None).

        What is typed meanwhile waits.
        """
        with self.pandium.type_ahead.held():
            return await self.do_long(function, *args, **kwargs)

    async def do_long(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The same for what takes seconds: keys act on the page meanwhile."""
        try:
            result = await asyncio.to_thread(function, *args, **kwargs)
        except (HubError, StoreError) as error:
            self.tell_error(error)
            return None
        self.renew()
        return result

    def tell(self, sentence: str) -> None:
        """Show what was done."""
        self.notify(visible(sentence), timeout=4, markup=False)

    def tell_error(self, error: Exception) -> None:
        """Show an error's sentence."""
        self.notify(visible(str(error)), severity="error", timeout=10, markup=False)

    def set_crumbs(self) -> None:
        """Show the breadcrumb again, after what it names was read."""
        line = self._crumb_line()
        crumbs = self.query_one("#crumbs", Static)
        if str(crumbs.content) != line:
            crumbs.update(line)

    async def action_filter(self) -> None:
        """Begin to type a filter for the list that has the keys, else for the first that is shown."""
        if (found := self._list_to_filter) is not None:
            await found.begin_filter()

    @property
    def _list_to_filter(self) -> RecordList | None:
        lists = [one for one in self.query(RecordList) if one.is_shown]
        return next((one for one in lists if one.has_focus_within), lists[0] if lists else None)

    def on_record_list_wanted(self, event: RecordList.Wanted) -> None:
        """A list of the page is filtered or sorted differently."""
        self.renew()

    @work(exclusive=True, group="undo")
    async def action_undo(self) -> None:
        """Take back what was done last."""
        from pandium_tui.screens.undoing import undo_last

        await undo_last(self)

    def changed_labels(self) -> list[str]:
        """The labels of the fields whose unsaved changes would be lost with the page."""
        return []

    def action_back(self) -> None:
        """To the page before, after a question when something would be lost; from home there is nowhere to go."""
        if not self._is_home:
            if changed := self.changed_labels():
                self._ask_and_leave(changed)
            else:
                self.dismiss()

    @work(exclusive=True, group="leave")
    async def _ask_and_leave(self, changed: list[str]) -> None:
        affected = [f"Changed: {', '.join(changed)}"]
        question = Confirm("Leave the page without saving?", affected, yes="Leave", no="Go on editing")
        if await self.app.push_screen_wait(question):
            self.forget_drafts()
            self.dismiss()

    def forget_drafts(self) -> None:
        """What was typed on this page and not saved is discarded."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Home has no way back, and only what is listed can be filtered."""
        if action == "filter":
            return self._list_to_filter is not None
        return action != "back" or not self._is_home

    @property
    def _is_home(self) -> bool:
        return self.app.screen_stack[:1] == [self]

    def reason_against(self, action: str) -> str:
        """Why an action of this page cannot be done now, for a key that was pressed all the same; "" to say nothing."""
        match action:
            case "back":
                return f"There is no page before this one; {key_of(self, 'app.leave')} leaves the app."
            case "filter":
                return "There is no list here that could be filtered."
        return ""

    @property
    def undoes(self) -> str:
        """What is said of an act that can be taken back."""
        return f"{key_of(self, 'page.undo')} undoes it."

    def refresh_bindings(self) -> None:
        """Let the footer follow what the keys can do now, once there is something that they could do it to.

        Making it takes 15 ms and 2 kB, and much asks for it: so only when that changed.
        """
        # A page that lies under another one, or is being left, has nobody to tell.
        if not (self._was_shown and self.is_current and self.app.app_focus):
            return
        keys = [(key, active.binding.description, active.enabled) for key, active in self.active_bindings.items()]
        if keys != self._keys:
            self._keys = keys
            super().refresh_bindings()

    def _crumb_line(self) -> str:
        return CRUMB_SEPARATOR.join(visible(crumb) for crumb in ["pandium", *self.crumbs()])
