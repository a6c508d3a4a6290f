"""``pandium-tui schedule …``."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.filtering import FilterText, empty_text, matching
from pandium_tui.cli.output import AsJson, print_json, print_records
from pandium_tui.cli.scope import OnlyIntegration, OnlyTenant, integration_id, tenant_id
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.schedules import explain_schedule
from pandium_tui.settings import checked_time_zone

app = typer.Typer(
    help="Schedules: explain a cron expression, list what was skipped and what comes.", no_args_is_help=True
)


@app.callback()
def schedules() -> None:
    """Schedules: explain a cron expression, list what was skipped and what comes."""


@app.command()
def explain(
    context: typer.Context,
    cron: Annotated[str, typer.Argument(metavar="CRON", help="Five-field expression or alias.")],
    timezone: Annotated[str | None, typer.Option(metavar="TZ", help="Zone it is read in.")] = None,
    start: Annotated[str | None, typer.Option(metavar="ISO", help="Show the fires after this time.")] = None,
    count: Annotated[int, typer.Option(min=0, max=1000, help="How many fires.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Say what a cron expression means: in words, as the next fires, and what to watch out for."""
    with reported():
        zone = checked_time_zone(timezone or of(context).settings.time_zone, "--timezone")
        explanation = explain_schedule(cron, zone, start=_moment(start, zone), count=count)
        if as_json:
            print_json(explanation)
            return
        typer.echo(f"{explanation.description} ({explanation.timezone})")
        for fire in explanation.fires:
            typer.echo(f"  {fire.isoformat()}  {fire:%a}")
        for warning in explanation.warnings:
            typer.echo(f"warning: {warning}")


@app.command()
def skipped(
    context: typer.Context,
    tenant: Annotated[str | None, typer.Argument(metavar="TENANT", help="Its id, or integration/tenant; all.")] = None,
    integration: OnlyIntegration = None,
    filter_text: FilterText = "",
    as_json: AsJson = False,
) -> None:
    """List the slots of schedules that did not run, and why."""
    from pandium_tui.hub.triggers import skipped_slots

    with reported():
        store = of(context).store
        wanted = matching(store, "skipped", filter_text)
        print_records(
            skipped_slots(
                store,
                tenant_id(store, tenant),
                integration_id=integration_id(store, integration),
                matching=wanted,
            ),
            (
                ("tenant", lambda one: f"{one.integration_name}/{one.tenant_name}"),
                ("first", lambda one: one.first_slot),
                ("last", lambda one: one.last_slot),
                ("slots", lambda one: one.slots),
                ("reason", lambda one: one.reason),
                ("run in the way", lambda one: one.blocking_run_id),
            ),
            as_json,
            empty=empty_text(wanted, "Every slot ran."),
        )


@app.command()
def coming(
    context: typer.Context,
    tenant: OnlyTenant = None,
    integration: OnlyIntegration = None,
    as_json: AsJson = False,
) -> None:
    """List the minutes of the next 24 hours in which schedules fire, and how many do."""
    from pandium_tui.hub.history import coming_fires

    with reported():
        store = of(context).store
        print_records(
            coming_fires(
                store,
                tenant_id=tenant_id(store, tenant),
                integration_id=integration_id(store, integration),
            ),
            (("minute", lambda one: one.minute), ("fires", lambda one: one.fires)),
            as_json,
            empty="No schedule fires in the next 24 hours.",
        )


def _moment(text: str | None, zone: str) -> datetime | None:
    """An ISO time; without an offset it is read in the zone."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidError({"start": f"{text!r} is not an ISO time such as 2026-03-29T01:00:00+01:00"}) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
