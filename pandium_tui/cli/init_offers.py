"""Telling at the command line that an init run is offered."""

import typer

from pandium_tui.hub.init_offers import init_offer
from pandium_tui.storage.database import Store
from pandium_tui.text import visible


def offered_init_run(store: Store, tenant_id: int, as_json: bool) -> str | None:
    """Why an init run of a tenant is offered, for ``--json``; people are told it, with the command, on stderr."""
    offer = init_offer(store, tenant_id)
    if offer is None:
        return None
    if not as_json:
        typer.echo(visible(f"An init run is offered: {offer.reason}. {offer.command}"), err=True)
    return offer.reason
