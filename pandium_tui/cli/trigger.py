"""``pandium-tui trigger …``."""

from typing import Annotated

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import LARGEST_ID, AsJson, print_json, print_records
from pandium_tui.hub import integrations, tenants
from pandium_tui.hub import triggers as hub
from pandium_tui.hub.pausing import engines_pause
from pandium_tui.storage.times import utc_now

app = typer.Typer(help="Triggers that wait for a run: list, cancel.", no_args_is_help=True)


@app.command("list")
def list_(
    context: typer.Context,
    tenant: Annotated[str | None, typer.Option(metavar="TENANT", help="Only of this tenant.")] = None,
    integration: Annotated[
        str | None, typer.Option(metavar="INTEGRATION", help="Only of tenants of this integration.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the triggers that wait, and what for."""
    with reported():
        store = of(context).store
        found = hub.held_triggers(
            store,
            None if tenant is None else tenants.tenant(store, tenant).id,
            integration_id=None if integration is None else integrations.integration(store, integration).id,
        )
        now, paused = utc_now(), engines_pause(store) is not None
        print_records(
            found,
            (
                ("id", lambda held: held.trigger.id),
                ("tenant", lambda held: f"{held.integration_name}/{held.tenant_name}"),
                ("source", lambda held: held.trigger.source),
                ("mode", lambda held: held.trigger.mode),
                ("since", lambda held: held.trigger.created_date),
                ("waits for", lambda held: hub.waits_for(held, now, paused=paused)),
            ),
            as_json,
            empty="No trigger waits.",
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
