"""A release: what was built, how that went, and its PANDIUM.yaml."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import ContentSwitcher, Static

from pandium_tui.hub.integrations import set_default_release
from pandium_tui.hub.releases import build_log, build_release, cancel_build, release
from pandium_tui.screens.page import FINAL, Page, Place
from pandium_tui.screens.release_words import facts_of
from pandium_tui.storage.records import Release
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.facts import Facts
from pandium_tui.widgets.log_view import LogView
from pandium_tui.widgets.text_lines import TextLines

OPEN_STATUSES = ("Queued", "Building")
VIEWS = ("log", "manifest")


class ReleasePage(Page):
    """Facts on top; below them the build log or PANDIUM.yaml."""

    DEFAULT_CSS = """
    ReleasePage #views { height: 1; padding: 0 1; text-wrap: nowrap; }
    ReleasePage ContentSwitcher { height: 1fr; }
    ReleasePage.-log-only Facts { display: none; }
    """
    BINDING_GROUP_TITLE = "Release"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "view('log')", "Log", show=False, id="release.log", tooltip="The build log"),
        Binding("2", "view('manifest')", "YAML", show=False, id="release.yaml", tooltip="PANDIUM.yaml of this commit"),
        Binding("ctrl+pagedown,ctrl+pageup", "next_view", "Other", show=False, id="release.next", tooltip="Other view"),
        Binding("d", "default", "Default", id="release.default", tooltip="Make it the integration's default release"),
        Binding("c", "cancel", "Cancel", id="release.cancel", tooltip="Stop the build; asks"),
        Binding("b", "build", "Build again", id="release.build", tooltip="Build the same commit again"),
        Binding("l", "log_only", "No facts", id="release.only", tooltip="Give the lower part the whole page, or not"),
    ]

    def __init__(self, release_id: int) -> None:
        super().__init__()
        self._release_id = release_id
        self._release: Release | None = None

    @property
    def place(self) -> Place:
        """This release."""
        return "release", self._release_id

    def crumbs(self) -> list[str]:
        """Integration and release."""
        if self._release is None:
            return ["integrations", f"release {self._release_id}"]
        return ["integrations", self._release.integration_name, self._release.name]

    def compose_page(self) -> ComposeResult:
        """Facts, the names of the views, the views."""
        yield Facts()
        yield Static(_view_names("log"), id="views", markup=False)
        with ContentSwitcher(initial="log"):
            yield LogView(id="log", zone=self.when.zone, calm=self.pandium.settings.motion == "reduced")
            yield TextLines(numbered=True, id="manifest")

    def on_mount(self) -> None:
        """The keys go to the log."""
        self.query_one(LogView).lines.focus()

    async def show(self) -> None:
        """Show the release as it is now."""
        self._release = found = await self.read(release, self.store, self._release_id)
        self.set_crumbs()
        self.query_one(Facts).set_facts(facts_of(found, self.when))
        manifest = self.query_one(TextLines)
        if found.manifest:
            manifest.set_text(found.manifest)
        else:
            manifest.tell("PANDIUM.yaml has not been read yet: a build reads it.")
        log = self.query_one(LogView)
        log.show_log(build_log(self.store, self._release_id), live=found.status in OPEN_STATUSES)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a Ready release can be the default, only a build that goes on can be cancelled."""
        if action == "default":
            one = self._release
            usable = one is not None and one.status == "Ready" and one.retired_date is None
            return (usable and one is not None and not one.is_default) or None
        if action == "cancel":
            return (self._release is not None and self._release.status in OPEN_STATUSES) or None
        return super().check_action(action, parameters)

    def reason_against(self, action: str) -> str:
        """What the release is like, for each of these keys."""
        one = self._release
        if one is not None and action == "cancel":
            return "The build has ended: there is nothing to cancel."
        if one is not None and action == "default":
            if one.is_default:
                return "It is the default release already."
            return (
                "Its files were removed."
                if one.status == "Ready"
                else "Only a release that is Ready can be the default."
            )
        return super().reason_against(action)

    def action_view(self, view: str) -> None:
        """Show the build log or PANDIUM.yaml."""
        self.query_one(ContentSwitcher).current = view
        self.query_one("#views", Static).update(_view_names(view), layout=False)
        (self.query_one(LogView).lines if view == "log" else self.query_one(TextLines)).focus()

    def action_next_view(self) -> None:
        """Show the other view."""
        self.action_view(VIEWS[self.query_one(ContentSwitcher).current == VIEWS[0]])

    def action_log_only(self) -> None:
        """Give the lower part the whole page, or give the facts their place back."""
        self.toggle_class("-log-only")

    @work(group="change", exclusive=True)
    async def action_default(self) -> None:
        """Make it the default release; say who gets it by that."""
        if (found := self._release) is None:
            return
        if await self.do(set_default_release, self.store, found.integration_id, found.id, self.actor):
            self.tell(f"{found.name} is the default release of {found.integration_name}.")

    @work(group="change", exclusive=True)
    async def action_cancel(self) -> None:
        """Ask, then stop the build."""
        if (found := self._release) is None:
            return
        question = f"Cancel the build of {found.name}?"
        affected = [
            "Everything the build started is ended. The release becomes Failed.",
            f"{FINAL} It can be built again.",
        ]
        if not await self.app.push_screen_wait(Confirm(question, affected, yes="Cancel the build", no="Let it go on")):
            return
        if await self.do(cancel_build, self.store, found.id, self.actor):
            self.tell(f"The build of {found.name} is asked to stop.")

    @work(group="change", exclusive=True)
    async def action_build(self) -> None:
        """Build the same commit again, as a new release, and show that."""
        if (found := self._release) is None:
            return
        built = await self.do(
            build_release,
            self.store,
            found.integration_id,
            self.actor,
            branch=found.branch,
            commit=found.commit,
            tag=found.tag,
        )
        if built is not None:
            self.app.switch_screen(ReleasePage(built.id))


def _view_names(current: str) -> str:
    """The names of the views with their keys; a sign and not a colour says which one is shown."""
    names = {"log": "1 Build log", "manifest": "2 PANDIUM.yaml"}
    return "  ".join(f"[{name}]" if view == current else f" {name} " for view, name in names.items())
