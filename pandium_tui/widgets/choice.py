"""A choice among things with names from outside."""

from collections.abc import Iterable
from typing import Any, TypeVar

from rich.console import RenderableType
from rich.text import Text
from textual.widgets import Select

from pandium_tui.text import visible

T = TypeVar("T")


class Choice(Select[T]):
    """A :class:`Select` whose names are shown as they are: Textual's own takes brackets in them for markup."""

    def __init__(self, options: Iterable[tuple[RenderableType, T]], **more: Any) -> None:
        super().__init__(_as_they_are(options), **more)

    def set_options(self, options: Iterable[tuple[RenderableType, T]]) -> None:
        """Offer these instead."""
        super().set_options(_as_they_are(options))


def _as_they_are(options: Iterable[tuple[RenderableType, T]]) -> list[tuple[RenderableType, T]]:
    return [(Text(visible(name)) if isinstance(name, str) else name, value) for name, value in options]
