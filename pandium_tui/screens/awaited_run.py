"""A run that was asked for on a page, which opens it as soon as there is one."""

from typing import TYPE_CHECKING

from pandium_tui.hub.runs import trigger
from pandium_tui.hub.tenants import tenant
from pandium_tui.screens.tenant_words import waiting_words
from pandium_tui.widgets.key_words import key_of

if TYPE_CHECKING:
    from pandium_tui.screens.page import Page


class AwaitedRun:
    """The page calls ``look`` whenever it shows itself, and ``drop`` when the person went elsewhere."""

    def __init__(self, page: "Page") -> None:
        self._page = page
        self._trigger_id: int | None = None
        self._said = ""

    def wait_for(self, trigger_id: int) -> None:
        """From now on, wait for the run of this trigger."""
        self._trigger_id, self._said = trigger_id, ""
        self._page.renew()

    def drop(self) -> None:
        """Wait no more."""
        self._trigger_id = None

    async def look(self) -> None:
        """Open the run, or say what it waits for."""
        if self._trigger_id is None:
            return
        from pandium_tui.screens.home import HomePage

        page = self._page
        asked = await page.read(trigger, page.store, self._trigger_id)
        if asked.run_id is not None:
            if page.is_current:
                from pandium_tui.screens.run import RunPage

                self.drop()
                page.app.push_screen(RunPage(asked.run_id))
            return
        if asked.ended_date is not None:
            self.drop()
            page.tell(f"It will not run: {asked.ended_reason or 'it was dropped'}.")
            return
        waiting = await page.read(tenant, page.store, asked.tenant_id)
        words = waiting_words(waiting, page.pandium.overview, key_of(page, "home.pause.engines", HomePage))
        if words and words != self._said:
            page.tell(words)
        self._said = words
