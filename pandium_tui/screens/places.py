"""The pages that can be opened by the id of what they show: to come back to them, and to jump to them."""

import asyncio
from typing import TYPE_CHECKING

from pandium_tui.hub.errors import HubError
from pandium_tui.hub.integration_details import integration_details
from pandium_tui.hub.releases import release
from pandium_tui.hub.runs import run
from pandium_tui.hub.tenants import tenant
from pandium_tui.screens.page import Page, Place
from pandium_tui.storage.database import Store
from pandium_tui.storage.errors import StoreError

if TYPE_CHECKING:
    from pandium_tui.app import PandiumApp

_FINDERS = {"integration": integration_details, "tenant": tenant, "release": release, "run": run}


def page_at(place: Place) -> Page:
    """A new page that shows this."""
    kind, key = place
    # Imported when they are opened: the first page is not kept waiting for all of them.
    if kind == "integration":
        from pandium_tui.screens.integration.page import IntegrationPage

        return IntegrationPage(key)
    if kind == "tenant":
        from pandium_tui.screens.tenant import TenantPage

        return TenantPage(key)
    if kind == "release":
        from pandium_tui.screens.release import ReleasePage

        return ReleasePage(key)
    from pandium_tui.screens.run import RunPage

    return RunPage(key)


async def open_places(app: "PandiumApp", remembered: list[object]) -> None:
    """Open the pages of remembered places one on the other, as far as what they show still exists."""
    places = await asyncio.to_thread(_existing, app.store, remembered)
    if len(app.screen_stack) == 1:  # nothing was opened meanwhile
        for place in places:
            await app.push_screen(page_at(place))


def _existing(store: Store, remembered: list[object]) -> list[Place]:
    """The places that a remembered value names, up to the first that is none or is gone."""
    places: list[Place] = []
    for one in remembered:
        match one:
            case [str(kind), int(key)] if kind in _FINDERS:
                try:
                    _FINDERS[kind](store, key)
                except (HubError, StoreError):  # a store that cannot be read is told by the first page
                    break
                places.append((kind, key))
            case _:
                break
    return places
