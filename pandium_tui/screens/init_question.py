"""The question whether init runs are to be started, after what makes choices of settings out of date."""

from collections.abc import Sequence

from pandium_tui.hub.init_offers import init_offers
from pandium_tui.hub.runs import start_run
from pandium_tui.screens.page import Page
from pandium_tui.widgets.confirm import Confirm

SHOWN = 8
"""How many tenants are told of by name."""


async def offer_init_runs(page: Page, tenant_ids: Sequence[int]) -> None:
    """Ask, where an init run would be of use now, and start it; it waits where the tenant runs already."""
    offers = await page.do(init_offers, page.store, tenant_ids)
    if not offers:
        return
    reasons = [f"{one.tenant}: {one.reason}." for one in offers[:SHOWN]]
    if len(offers) > SHOWN:
        reasons.append(f"and {len(offers) - SHOWN} more")
    reasons.append("An init run prints the choices of the form. It can be started later too.")
    whose = f"an init run of {offers[0].tenant}" if len(offers) == 1 else f"init runs of {len(offers)} tenants"
    if not await page.app.push_screen_wait(Confirm(f"Start {whose} now?", reasons, yes="Start", no="Not now")):
        return
    asked = 0
    for one in offers:
        asked += await page.do(start_run, page.store, one.tenant_id, page.actor, mode="init") is not None
    if asked:
        page.tell("An init run is asked for." if asked == 1 else f"{asked} init runs are asked for.")
