"""Ctrl+P: what the keys of the page do now, and by a name or an id straight to what has it."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import App, SystemCommand
from textual.command import CommandPalette, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen
from textual.theme import ThemeProvider

from pandium_tui.hub.search import find
from pandium_tui.looks import HIGH_CONTRAST, SHORT_NAMES
from pandium_tui.screens.page import Page
from pandium_tui.screens.places import page_at
from pandium_tui.storage.errors import StoreError
from pandium_tui.storage.search_queries import Found
from pandium_tui.text import visible

if TYPE_CHECKING:
    from pandium_tui.app import PandiumApp


def commands_of(screen: Screen[object]) -> Iterator[SystemCommand]:
    """What the keys of a screen do now."""
    offered = {"command_palette"}
    for _, binding, enabled, tooltip in screen.active_bindings.values():
        if enabled and binding.id and not binding.id.startswith("rows.") and binding.action not in offered:
            offered.add(binding.action)
            namespace = screen if binding.id.partition(".")[0] != "app" else screen.app

            async def run(action: str = binding.action, namespace: Screen[object] | App[object] = namespace) -> None:
                await screen.app.run_action(action, namespace)

            yield SystemCommand(binding.description, tooltip or binding.tooltip, run)


class Jumps(Provider):
    """What the palette finds in the store. Over a form it finds nothing: a form is left first."""

    async def search(self, query: str) -> Hits:
        """The places whose name or id was typed."""
        if not isinstance(self.screen, Page):
            return
        app: PandiumApp = self.app  # type: ignore[assignment]
        try:
            found = await asyncio.to_thread(find, app.store, query)
        except StoreError:
            return  # the banner of the page tells it
        for rank, one in enumerate(found):
            score = 1 - rank / (len(found) + 1)
            yield Hit(
                score, Content(_words(one)), partial(self._open, one), text=_words(one), help=f"Open the {one.kind}"
            )

    def _open(self, one: Found) -> None:
        self.app.push_screen(page_at((one.kind, one.id)))


class Themes(ThemeProvider):
    """The themes by the names that config.toml takes, those it was made for first."""

    @property
    def commands(self) -> list[tuple[str, Callable[[], None]]]:
        """Name and what chooses it."""
        choices = dict(super().commands)
        made_for = {**SHORT_NAMES, HIGH_CONTRAST.name: HIGH_CONTRAST.name}
        return [*((short, choices.pop(name)) for short, name in made_for.items()), *choices.items()]


def theme_choice() -> CommandPalette:
    """A list to choose the colours from."""
    return CommandPalette(providers=[Themes], placeholder="Search for themes…")


def _words(one: Found) -> str:
    number = f"{one.kind} {one.id}"
    parts = [number, one.name, one.detail, "archived" if one.archived else ""]
    return visible("  ".join(part for part in parts if part))
