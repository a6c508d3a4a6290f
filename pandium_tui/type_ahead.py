"""Keys typed faster than the app is: each waits for what the one before began, and goes to what is on top then.

Over a slow line a person types on before the dialog is there that the last key opens. Textual would hand those keys to
the page below, which may do something quite different with them.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual import events

if TYPE_CHECKING:
    from pandium_tui.app import PandiumApp

TURNS = 100
"""Turns of the loop that a key is given to come from the widget with the keyboard to what it does."""
LOOK_EVERY = 0.005
"""Seconds between two looks whether a screen that was just opened has its widgets."""

Typed = events.Key | events.Paste


class TypeAhead:
    """What was typed and is not handed on yet."""

    def __init__(self, app: "PandiumApp", hand_on: Callable[[events.Event], Awaitable[None]]) -> None:
        """The queue; ``hand_on`` is what Textual does with an event."""
        self._app = app
        self._hand_on = hand_on
        self._typed = deque[Typed]()
        self._feeding = False
        self._held = 0

    def take(self, typed: Typed) -> None:
        """Something was typed: it is handed on when its turn comes."""
        self._typed.append(typed)
        if not self._feeding:
            self._feeding = True
            self._app.run_worker(self._feed(), group="typed")

    @contextmanager
    def held(self) -> Iterator[None]:
        """What is typed meanwhile waits: it may be meant for what comes next."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    async def _feed(self) -> None:
        try:
            while self._typed:
                await self._hand_on(self._typed.popleft())
                await self._settle()
        finally:
            self._feeding = False

    async def _settle(self) -> None:
        """Let what the key began come to where it shows, or asks, or has ended."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        while self._held or not self._app.screen.is_mounted:
            await asyncio.sleep(LOOK_EVERY)
            for _ in range(TURNS):
                await asyncio.sleep(0)
