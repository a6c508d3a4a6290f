"""Setup Integration Repo: choose, look at what will be written, push."""

import asyncio
import threading
from collections.abc import Iterable
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import HubError
from pandium_tui.hub.repository_setup import PushedSetup, plan_setup, push_setup
from pandium_tui.screens.form import Checked, Form, Raw
from pandium_tui.screens.page import Page
from pandium_tui.screens.text_screen import TextScreen
from pandium_tui.sources.errors import FetchCancelledError
from pandium_tui.sources.scaffold import ScaffoldPlan
from pandium_tui.storage.database import Store
from pandium_tui.storage.errors import StoreError
from pandium_tui.storage.records import Integration
from pandium_tui.text import shortened, visible
from pandium_tui.widgets.choice import Choice
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.text_input import TextInput
from pandium_tui.widgets.tick import Tick

LANGUAGES = (("Python", "python"), ("Node", "node"))
_LINES = {"new": "+ {path}: new, {count}", "same": "= {path}: there already, stays"}
LONGEST_PATH = 48
"""Cells of a path, so that the box beside it fits a small screen."""


async def set_up_repository(page: Page, one: Integration) -> None:
    """Ask, show, push; to be called from a worker of a page."""
    form = SetupForm(page.store, one)
    if await page.app.push_screen_wait(form) is None or form.plan is None:
        return
    pushed = await page.app.push_screen_wait(SetupFiles(page.store, page.actor, one, form.plan))
    if pushed is not None:
        page.tell(f"Pushed {len(pushed.files)} files to {pushed.branch} as {pushed.commit[:12]}. b builds a release.")


class SetupForm(Form):
    """Language and branch; ``plan`` has what they lead to."""

    SAVE_LABEL = "Show files"

    def __init__(self, store: Store, integration: Integration) -> None:
        super().__init__()
        self.plan: ScaffoldPlan | None = None
        self._store = store
        self._integration = integration

    def heading(self) -> str:
        """What the form is for."""
        return f"Setup Integration Repo of {self._integration.name}"

    def fields(self) -> Iterable[Field]:
        """What to write, and where to."""
        tracking = self._integration.repository_tracking_branch
        yield Field(
            "language",
            "Language",
            Choice(LANGUAGES, value="python", allow_blank=False, compact=True),
            "PANDIUM.yaml, a package file, a program that runs at once, README, .gitignore",
        )
        yield Field(
            "branch",
            "Branch",
            TextInput(tracking or ""),
            f"Empty: {tracking or 'the default branch'}. Nothing is pushed before you saw the files",
        )

    def changed_labels(self) -> list[str]:
        """Two choices are no work to lose."""
        return []

    def check(self, raw: Raw) -> Checked:
        """What is wrong shows when the repository is read."""
        return Checked({})

    def save(self, raw: Raw) -> int:
        """Read the repository."""
        self.app.call_from_thread(self._show_problem_line, "Reading the repository …")
        self.plan = plan_setup(
            self._store,
            self._integration.id,
            raw["language"],
            raw["branch"].strip() or None,
            cancelled=lambda: not self.is_attached,
        )
        return 1

    def _show_problem_line(self, text: str) -> None:
        line = self.query_one("#problem", Static)
        line.update(text)
        line.display = True


class SetupFiles(ModalScreen[PushedSetup | None]):
    """The files; those that are there and different are overwritten only when ticked."""

    DEFAULT_CSS = """
    SetupFiles { background: $background; }
    SetupFiles #heading { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    SetupFiles #heading { text-wrap: nowrap; text-overflow: ellipsis; }
    SetupFiles VerticalScroll { height: 1fr; padding: 1; }
    SetupFiles #told { height: auto; padding: 0 1; }
    """
    BINDING_GROUP_TITLE = "Files"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "push", "Push", id="setup.push", tooltip="Commit and push what is listed"),
        Binding("v", "view", "View", id="setup.view", tooltip="Read what will be written"),
        Binding("escape", "cancel", "Cancel", id="setup.cancel", tooltip="Stop the push, or leave without one"),
    ]

    def __init__(self, store: Store, actor: Actor, integration: Integration, plan: ScaffoldPlan) -> None:
        super().__init__()
        self._store = store
        self._actor = actor
        self._integration = integration
        self._plan = plan
        self._stop: threading.Event | None = None

    def compose(self) -> ComposeResult:
        """The plan, a line each."""
        plan = self._plan
        begins = " (a new branch)" if plan.starts_branch else ""
        where = f"One commit to {plan.branch}{begins} of {self._integration.repository_url}"
        yield Static(visible(where), id="heading", markup=False)
        with VerticalScroll():
            for one in plan.files:
                if one.state == "differs":
                    yield Tick(f"overwrite {shortened(visible(one.path), LONGEST_PATH)}: it differs", name=one.path)
                else:
                    count = len(one.content.splitlines())
                    words = f"{count:,} line{'' if count == 1 else 's'}"
                    line = _LINES[one.state].format(path=visible(one.path), count=words)
                    yield Static(line, markup=False)
        yield Static(id="told", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self, event: events.Mount) -> None:
        """What is in question has the focus."""
        boxes = self.query(Tick)
        (boxes.first() if boxes else self.query_one(VerticalScroll)).focus()

    def on_unmount(self) -> None:
        """A push that goes on has nobody to tell."""
        if self._stop is not None:
            self._stop.set()

    def action_view(self) -> None:
        """All files in one text."""
        parts = [f"--- {one.path} ({one.state})\n{one.content.decode()}" for one in self._plan.files]
        self.app.push_screen(TextScreen("What will be written", "\n".join(parts)))

    def action_cancel(self) -> None:
        """Stop the push, or leave."""
        if self._stop is not None:
            self._stop.set()
        else:
            self.dismiss(None)

    def action_push(self) -> None:
        """Push, once."""
        if self._stop is None:
            self._push()

    @work(exclusive=True, group="push")
    async def _push(self) -> None:
        loop = asyncio.get_running_loop()
        stop = self._stop = threading.Event()
        overwrite = [box.name for box in self.query(Tick) if box.value and box.name]

        def progress(line: str) -> None:
            if not stop.is_set():
                loop.call_soon_threadsafe(self._tell, f"… {shortened(line, 70)}")

        self._tell("… pushing; esc stops")
        try:
            pushed = await asyncio.to_thread(
                push_setup,
                self._store,
                self._integration.id,
                self._plan,
                self._actor,
                overwrite=overwrite,
                progress=progress,
                cancelled=stop.is_set,
            )
        except FetchCancelledError:
            self._tell("Stopped. Look at the branch before you try again: the push may have gone through.")
        except (HubError, StoreError) as error:
            self._tell(f"✗ {error}")
        else:
            self.dismiss(pushed)
        finally:
            self._stop = None

    def _tell(self, text: str) -> None:
        self.query_one("#told", Static).update(visible(text))
