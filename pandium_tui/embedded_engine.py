"""The engine in the app: what fires schedules as long as the app is open."""

import asyncio
import gc
from typing import TYPE_CHECKING

from pandium_tui.storage.errors import StoreError
from pandium_tui.text import visible

if TYPE_CHECKING:
    from pandium_tui.app import PandiumApp
    from pandium_tui.engine.engine import Engine


class EmbeddedEngine:
    """Starts the engine and stops it; runs and builds go on without it."""

    def __init__(self, app: "PandiumApp", *, wanted: bool) -> None:
        self._app = app
        self._wanted = wanted
        self._engine: Engine | None = None
        self.is_coming = wanted
        """Whether it is to start and did not yet."""

    @property
    def trouble(self) -> str:
        """What keeps it from working now; empty when nothing does."""
        return (self._engine and self._engine.trouble) or ""

    def start(self) -> None:
        """Start it, when this app is to have one."""
        if self._wanted:
            self._app.run_worker(self._start(), group="engine")

    def stop(self) -> None:
        """Stop it."""
        if self._engine is not None:
            self._engine.stop()
            self._engine = None

    async def _start(self) -> None:
        def start() -> None:
            # Imported here: it needs SQLModel, which takes longer to import than Textual.
            from pandium_tui.engine.engine import Engine

            # Kept from here, not from the coroutine: that one may be cancelled by leaving meanwhile.
            self._engine = Engine(self._app.store, kind="app")
            self._engine.start()

        try:
            await asyncio.to_thread(start)
            if not self._app.is_headless:
                # What it imported lasts: to look through it for garbage held up a key by 70 ms (measured).
                gc.freeze()
        except StoreError as error:
            self.is_coming = False
            told = visible(f"Schedules do not fire from this app. {error}")
            self._app.notify(told, severity="error", markup=False)
