"""The Textual application: the stack of pages, what all of them share, and the embedded engine."""

import pandium_tui.terminal_defaults  # noqa: F401

# isort: split

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from textual import events, work
from textual.app import App, ScreenStackError, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.dom import NoScreen
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import Input
from textual.worker import WorkerFailed

from pandium_tui.embedded_engine import EmbeddedEngine
from pandium_tui.hub.actor import current_actor
from pandium_tui.hub.drafts import Drafts
from pandium_tui.hub.view_memory import ViewMemory
from pandium_tui.looks import HIGH_CONTRAST, Ascii, Readable, key_in_ascii, theme_for
from pandium_tui.screens.home import HomePage
from pandium_tui.screens.page import Page
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from pandium_tui.storage.errors import StoreError
from pandium_tui.storage.times import utc_now
from pandium_tui.store_watch import StoreWatch
from pandium_tui.terminal_watch import IN_BROWSER
from pandium_tui.text import visible
from pandium_tui.type_ahead import TypeAhead
from pandium_tui.widgets.key_words import key_of, why_not
from pandium_tui.widgets.status_line import StatusLine
from pandium_tui.widgets.when import When

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.driver import Driver

    from pandium_tui.crash import Crash
    from pandium_tui.hub.overview import Overview

ENGINE_AFTER = 0.3
"""Seconds from the first page to the engine, whose imports would compete with it for the processor."""
UP_AFTER = 10.0
"""Seconds after which a page that stood without a key did not fail at once."""
RELATIVE_TIMES_EVERY = 60.0
"""Seconds after which "2 m ago" is painted again although nothing changed."""


def _jumps() -> "type[Provider]":
    from pandium_tui.screens.palette import Jumps

    return Jumps


class PandiumApp(App[None]):
    """The app. Pages show what the store says; the app tells the page on top when that changed."""

    TITLE = "pandium-tui"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    COMMANDS = App.COMMANDS | {_jumps}
    BINDING_GROUP_TITLE = "Everywhere"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Keys", key_display="?", id="app.help", tooltip="All keys of this page"),
        Binding("q", "leave", "Leave", id="app.leave", tooltip="Leave the app; says so when runs are going"),
        Binding(
            "ctrl+q", "leave", "Leave", show=False, priority=True, id="app.quit", tooltip="Leave, also from a form"
        ),
        Binding("ctrl+o", "jump", "Jump", show=False, priority=True, id="app.jump", tooltip="To a field by its letter"),
        Binding(
            "ctrl+l", "repaint", "Repaint", show=False, id="app.repaint", tooltip="When others wrote on the screen"
        ),
        Binding(
            "ctrl+z",
            "suspend_process",
            "To the shell",
            show=False,
            id="app.suspend",
            tooltip="To the shell until fg; schedules of this app wait",
        ),
        Binding(
            "ctrl+p,colon",
            "command_palette",
            "Commands",
            show=False,
            id="app.commands",
            tooltip="Find a command or a name",
        ),
    ]

    def __init__(
        self,
        settings: Settings,
        store: Store,
        *,
        embedded_engine: bool = True,
        clock: Callable[[], datetime] = utc_now,
        before: "PandiumApp | None" = None,
        ascii_only: bool = False,
    ) -> None:
        """The app on an open store.

        ``clock`` is what pages take for now when they say "2 m ago"; ``before`` is the app that ended because of a
        fault, which this one goes on for and tells; ``ascii_only`` is for terminals that show nothing else.
        """
        super().__init__()
        self.animation_level = "none"
        self.settings = settings
        self.store = store
        self.next_command: str | None = None
        self.type_ahead = TypeAhead(self, super().on_event)
        self.memory: ViewMemory = before.memory if before else ViewMemory(settings.home / "view.json")
        """What pages keep of how they are looked at, for the next start."""
        self.drafts = Drafts(settings.home / "drafts")
        """What was typed into forms and not saved yet."""
        self.register_theme(HIGH_CONTRAST)
        remembered = self.memory.recall("theme", str)
        theme, self._theme_problem = theme_for(
            settings.theme, remembered, self.available_themes, no_color=self.no_color
        )
        if theme:
            self.theme = theme
        self._readable = Readable(enabled=self.no_color or theme == HIGH_CONTRAST.name)
        self._filters.append(self._readable)
        self.ascii_only = ascii_only
        if ascii_only:
            self._filters.append(Ascii())
        self.actor = current_actor("hub")
        self.overview: Overview | None = None
        self._clock = clock
        self.engine = EmbeddedEngine(self, wanted=embedded_engine)
        self._watch = StoreWatch(self)
        self._returning = False
        self._first_page_shown = False
        self._crash_before = before.crash if before else None
        self.crash: Crash | None = None
        """The fault that ended the app."""
        self.came_up = False
        """Whether a key or the mouse was pressed on a page, or it stood for a while: what fails then is not at once."""

    @property
    def when(self) -> When:
        """How moments are shown now."""
        return When(self._clock(), ZoneInfo(self.settings.time_zone))

    def get_driver_class(self) -> "type[Driver]":
        """For a terminal one that sends no more than what changed; in a browser that of Textual."""
        from pandium_tui.terminal_driver import BriefDriver

        return super().get_driver_class() if IN_BROWSER in os.environ else BriefDriver

    def get_default_screen(self) -> Screen[None]:
        """Home is at the bottom of the stack."""
        return HomePage()

    def on_mount(self) -> None:
        """Begin to look at the store; the engine starts after the first page is there."""
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self.set_keymap({choice.action: choice.keys for choice in self.settings.keys})
        self._return_to_pages()
        if self.settings.keys or self._theme_problem:
            self._check_settings()
        self._watch.begin()
        self.set_interval(RELATIVE_TIMES_EVERY, self.renew_page)
        # Textual does not paint when it comes back from the shell.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        if not self.is_headless:
            self._leave_on_signals()

    def on_unmount(self) -> None:
        """The app is being left, by a person or a signal: what was typed last is written."""
        self.drafts.write()

    def page_was_shown(self) -> None:
        """The first page can be used: what it did not need begins."""
        if self._first_page_shown:
            return
        self._first_page_shown = True
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        self.renew_status_line()
        self.set_timer(ENGINE_AFTER, self.engine.start)
        self.set_timer(UP_AFTER, self._has_come_up)

    def _has_come_up(self) -> None:
        self.came_up = True

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """No cursor blinks, also not in the command palette: a blinking one costs 2.5 kB a second over SSH."""
        if isinstance(event.widget, Input):
            event.widget.cursor_blink = False

    def renew_page(self) -> None:
        """Let the page on top show itself again; what lies under a modal waits until it comes back."""
        if isinstance(self.screen, Page):
            self.screen.renew()
        self.renew_status_line()

    def remember_pages(self) -> None:
        """Keep the way from home to here, so that the next start comes back here."""
        if not self._returning:
            places = takewhile(bool, (page.place for page in self.screen_stack[1:] if isinstance(page, Page)))
            self.memory.keep("pages", [list(place) for place in places if place])

    @work(group="return")
    async def _return_to_pages(self) -> None:
        """Open the pages that were open when the app was left, as far as what they show still exists."""
        remembered = self.memory.recall("pages", list)
        if remembered:
            from pandium_tui.screens.places import open_places

            self._returning = True
            try:
                await open_places(self, remembered)
            finally:
                self._returning = False
            self.remember_pages()
        if self._crash_before is not None:
            from pandium_tui.screens.crash_notice import CrashNotice

            await self.push_screen(CrashNotice(self._crash_before))

    def _keep_theme(self, theme: Theme) -> None:
        self.memory.keep("theme", theme.name)
        self._readable.enabled = self.no_color or theme.name == HIGH_CONTRAST.name

    @work(group="settings")
    async def _check_settings(self) -> None:
        """Tell what is wrong with the keys and the theme of config.toml."""
        # Imported here: it imports every screen.
        from pandium_tui.screens.actions import problems_of

        found = await asyncio.to_thread(problems_of, self.settings.keys, PandiumApp) if self.settings.keys else []
        found += [self._theme_problem] if self._theme_problem else []
        if found:
            from pandium_tui.widgets.notice import Notice

            await self.push_screen(Notice("Some of config.toml cannot be used as it is.", found))

    async def on_event(self, event: events.Event) -> None:
        """Notice that the app is used: what fails before that would fail again when it is shown again."""
        if isinstance(event, events.Key | events.MouseDown) and isinstance(self.screen, Page):
            self._has_come_up()
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded and not self._quits(event):
            self.type_ahead.take(event)
        else:
            await super().on_event(event)

    def _quits(self, event: events.Key | events.Paste) -> bool:
        """Whether it is the key that leaves the app whatever goes on."""
        keys = self._bindings.key_to_bindings
        return isinstance(event, events.Key) and any(one.id == "app.quit" for one in keys.get(event.key, ()))

    @work(exclusive=True, group="status line")
    async def renew_status_line(self) -> None:
        """Count what is going on and show it, and what is wrong; not before there is a page to show it on."""
        if not self._first_page_shown or not self._screen_stack:
            return
        self._watch.show_trouble()
        from pandium_tui.hub.overview import overview

        try:
            self.overview = await asyncio.to_thread(overview, self.store)
        except StoreError:
            return  # the page on top tells it
        self.engine.is_coming &= not self.overview.schedulers and not self.engine.trouble
        for line in self.screen.query(StatusLine):  # none under a modal, or on a page that is just being made
            line.show(self.overview, self.when, starting=self.engine.is_coming)

    def action_help(self) -> None:
        """Show all keys of the page."""
        from pandium_tui.screens.help import HelpScreen, keys_of

        self.push_screen(HelpScreen(keys_of(self.screen)))

    def action_jump(self) -> None:
        """Show a letter on all that can have the keyboard, and go where one is typed."""
        from pandium_tui.screens.jump import JumpScreen, places_of

        screen = self.screen
        if not isinstance(screen, JumpScreen | CommandPalette):
            # Nothing chosen leaves the keyboard where it is.
            self.push_screen(JumpScreen(places_of(screen)), lambda chosen: screen.set_focus(chosen or screen.focused))

    def action_repaint(self) -> None:
        """What another program wrote on the terminal goes away."""
        self.screen.refresh()

    def action_help_quit(self) -> None:
        """Ctrl+C copies or does nothing: say how to leave."""
        self.notify(f"Press {key_of(self, 'app.leave')} or {key_of(self, 'app.quit')} to leave the app.", timeout=4)

    @work(exclusive=True, group="leave")
    async def action_leave(self) -> None:
        """Leave; when something is going on, ask what shall become of it."""
        from pandium_tui.screens.leave import agreed_to_leave

        if await agreed_to_leave(self):
            self.exit()

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Do what a key says; when nothing here can do it now, say why, once as long as that is shown."""
        if await super()._check_bindings(key, priority):
            return True
        reason = "" if priority else visible(why_not(self.screen, key))
        if reason and all(shown.message != reason for shown in self._notifications):
            self.notify(reason, timeout=4, markup=False)
        return bool(reason)

    def get_key_display(self, binding: Binding) -> str:
        """Keys with a sign of their own by name where there is only ASCII: what is like the sign is another key."""
        shown = super().get_key_display(binding)
        return key_in_ascii(shown) if self.ascii_only else shown

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette offers what the keys of the page do now."""
        from pandium_tui.screens.palette import commands_of

        yield from commands_of(screen)
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)

    def search_themes(self) -> None:
        """Offer the themes."""
        from pandium_tui.screens.palette import theme_choice

        self.push_screen(theme_choice())

    def leave_for(self, command: str) -> None:
        """End the app, and let a command of the program take its place."""
        self.next_command = command
        self.exit()

    def copy_to_clipboard(self, text: str) -> None:
        """Send a text to the clipboard of the person's terminal; whether that takes it cannot be known."""
        self._clipboard = text
        self._send_to_clipboard(text)

    @work(group="copy")
    async def _send_to_clipboard(self, text: str) -> None:
        from pandium_tui.widgets.clipboard import send_to_clipboard

        if self._driver is not None:
            said = await send_to_clipboard(text, self._driver.write, {} if self.is_web else os.environ)
            self.notify(said, markup=False)

    def leave_from_thread(self) -> None:
        """Leave like q does, asked for by another thread than the app's own."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.exit)

    def _leave_on_signals(self) -> None:
        """A lost connection (SIGHUP) or a polite kill leaves the app like q does; runs go on."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.exit)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, self.exit)

    def _handle_exception(self, error: Exception) -> None:
        """While the app is being taken down, pages may miss their widgets; that is no mistake."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        leaving = self._exit or self._closing or not self._running
        if not (leaving and isinstance(cause, NoMatches | NoScreen | ScreenStackError)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Textual's report shows the values of local variables; ours names the place and keeps the rest in a file."""
        error: BaseException | None = self._exception
        if isinstance(error, WorkerFailed):
            error = error.error  # the worker's failure says nothing of what failed in it
        assert error is not None
        if self.crash is None:
            # Imported here: it is needed on bad days only.
            from pandium_tui.crash import reported

            pages = (
                ", ".join(type(screen).__name__ for screen in self.screen_stack) if self._screen_stack else "no page"
            )
            self.crash = reported(error, self.settings.home, pages)
        self._close_messages_no_wait()
