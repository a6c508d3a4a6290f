"""The app's eye on the store: whether it changed, what keeps it from being used, and going on when it is back."""

import asyncio
from typing import TYPE_CHECKING

from pandium_tui.screens.page import Page
from pandium_tui.storage.errors import StoreError, StoreLostError
from pandium_tui.text import visible
from pandium_tui.widgets.banner import Banner

if TYPE_CHECKING:
    from pandium_tui.app import PandiumApp

LOOK_EVERY = 0.3
"""Seconds between two looks at whether the store changed."""
CALM_LOOK_EVERY = 2.0
"""The same with reduced motion."""
RECONNECT_EVERY = 1.0
"""Seconds between two attempts to use a store again that was lost."""


class StoreWatch:
    """Lets pages show themselves again when the store changed, and tells on them when it cannot be used."""

    def __init__(self, app: "PandiumApp") -> None:
        self._app = app
        self._changed = app.store.watch()
        self._trouble = ""
        self._reconnecting = False

    def begin(self) -> None:
        """Look now and then from now on; what was before is known to the page that is about to be shown."""
        self._changed()
        calm = self._app.settings.motion == "reduced"
        self._app.set_interval(CALM_LOOK_EVERY if calm else LOOK_EVERY, self._look)

    def show_trouble(self) -> None:
        """Tell on the page that is shown what is wrong, for as long as it is."""
        for banner in self._app.screen.query(Banner):
            banner.show_trouble(self._trouble)

    def _look(self) -> None:
        try:
            changed = self._changed()
        except StoreError as error:
            self._tell(str(error))
            if isinstance(error, StoreLostError) and not self._reconnecting:
                self._reconnecting = True
                self._app.run_worker(self._reconnect(), group="reconnect")
            return
        self._tell(self._app.engine.trouble)
        if changed:
            self._app.renew_page()

    def _tell(self, trouble: str) -> None:
        """On pages for as long as it lasts, elsewhere once."""
        if trouble == self._trouble:
            return
        self._trouble = trouble
        self.show_trouble()
        if trouble and not isinstance(self._app.screen, Page):
            self._app.notify(visible(trouble), severity="error", timeout=10, markup=False)

    async def _reconnect(self) -> None:
        """Go on with the store's file when there is one again; the engine begins anew on it."""
        app = self._app
        try:
            await asyncio.to_thread(app.engine.stop)
            await asyncio.to_thread(app.store.reopen)
            self._changed = app.store.watch()
        except StoreError as error:
            self._tell(str(error))
            await asyncio.sleep(RECONNECT_EVERY)
            return
        finally:
            self._reconnecting = False
        app.engine.start()
        self._tell("")
        app.notify("The store can be used again.", timeout=4)
        app.renew_page()
