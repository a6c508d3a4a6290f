"""The four tabs of the integration page: which there are, the keys that turn them, and which is shown at first."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import TabbedContent

from pandium_tui.screens.integration.standing import StandingKeys

TABS = ("overview", "configure", "marketplace", "connectors")
TITLES = {
    "configure": "Configure",
    "marketplace": "Marketplace Setup",
    "connectors": "Reprovision Connectors",
}
_GROUP = Binding.Group("Tabs", compact=True)


class TabKeys(StandingKeys):
    """A page of an integration with tabs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"tab('{tab}')", name, show=False, id=f"integration.tab.{tab}", group=_GROUP)
            for number, (tab, name) in enumerate(zip(TABS, ("Overview", *TITLES.values()), strict=True), start=1)
        ),
        Binding(
            "ctrl+pagedown",
            "turn_tab(1)",
            "Next tab",
            show=False,
            priority=True,
            id="integration.tab.next",
            group=_GROUP,
        ),
        Binding(
            "ctrl+pageup",
            "turn_tab(-1)",
            "Tab before",
            show=False,
            priority=True,
            id="integration.tab.before",
            group=_GROUP,
        ),
    ]

    @property
    def tabs(self) -> TabbedContent:
        """The tabs."""
        return self.query_one(TabbedContent)

    @property
    def first_tab(self) -> str:
        """The tab that was shown last, else the first."""
        remembered = self.pandium.memory.recall(self.remembered("tab"), str)
        return remembered if remembered in TABS else TABS[0]

    def give_keys_to(self, tab: str) -> None:
        """Let what is in a tab have the keys, which what is in the one that was left has no more."""

    def remembered(self, what: str) -> str:
        """The name that something about this integration's page is kept by."""
        return f"integration.{self.integration_id}.{what}"

    def on_tabbed_content_tab_activated(self, event: TabbedContent.TabActivated) -> None:
        """Keys belong to the tab that is shown, and the next start shows it again."""
        self.pandium.memory.keep(self.remembered("tab"), None if event.pane.id == TABS[0] else event.pane.id)
        self.refresh_bindings()

    def action_tab(self, tab: str) -> None:
        """Show a tab. What is in the one that was left has the keys no more: the tabs take them when they are shown."""
        if self.tabs.active != tab:
            self.tabs.active = tab
            self.give_keys_to(tab)

    def action_turn_tab(self, step: int) -> None:
        """Show the next tab, or the one before."""
        self.action_tab(TABS[(TABS.index(self.tabs.active) + step) % len(TABS)])
