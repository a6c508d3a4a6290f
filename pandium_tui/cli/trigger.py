"""``pandium-tui trigger …``."""

from typing import Annotated

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.filtering import FilterText, empty_text, matching
from pandium_tui.cli.output import LARGEST_ID, AsJson, print_json, print_records
from pandium_tui.cli.scope import OnlyIntegration, OnlyTenant, integration_id, tenant_id
from pandium_tui.hub import triggers as hub
from pandium_tui.hub.filtering import passing
from pandium_tui.hub.pausing import engines_pause
from pandium_tui.storage.times import utc_now

app = typer.Typer(help="Triggers that wait for a run: list, cancel.", no_args_is_help=True)


@app.command("list")
def list_(
    context: typer.Context,
    tenant: OnlyTenant = None,
    integration: OnlyIntegration = None,
    filter_text: FilterText = "",
    as_json: AsJson = False,
) -> None:
    """List the triggers that wait, and what for."""
    with reported():
        store = of(context).store
        wanted = matching(store, "waiting", filter_text)
        found = hub.held_triggers(
            store,
            tenant_id(store, tenant),
            integration_id=integration_id(store, integration),
        )
        now, paused = utc_now(), engines_pause(store) is not None
        print_records(
            passing(found, wanted),
            (
                ("id", lambda held: held.trigger.id),
                ("tenant", lambda held: f"{held.integration_name}/{held.tenant_name}"),
                ("source", lambda held: held.trigger.source),
                ("mode", lambda held: held.trigger.mode),
                ("since", lambda held: held.trigger.created_date),
                ("waits for", lambda held: hub.waits_for(held, now, paused=paused)),
            ),
            as_json,
            empty=empty_text(wanted, "No trigger waits."),
        )


@app.command()
def cancel(
    context: typer.Context,
    trigger: Annotated[int, typer.Argument(metavar="ID", min=1, max=LARGEST_ID, help="Id of the trigger.")],
    as_json: AsJson = False,
) -> None:
    """Cancel a trigger that waits."""
    with reported():
        hub.cancel_trigger(of(context).store, trigger, of(context).actor)
        if as_json:
            print_json({"cancelled": trigger})
        else:
            typer.echo(f"Trigger {trigger} is cancelled.")
