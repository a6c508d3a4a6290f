"""``pandium-tui history …``: the numbers that the app shows as pictures, line by line."""

from typing import Annotated

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import AsJson, print_records
from pandium_tui.cli.scope import integration_id
from pandium_tui.hub import history as hub
from pandium_tui.hub import integrations, tenants

app = typer.Typer(help="How runs went over time: of a tenant, by hour, failures.", no_args_is_help=True)

OfIntegration = Annotated[str | None, typer.Argument(metavar="INTEGRATION", help="Its id or name; all.")]


@app.command()
def runs(
    context: typer.Context,
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="Its id, or integration/tenant.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of the newest.")] = hub.RUNS,
    as_json: AsJson = False,
) -> None:
    """List how long the runs of a tenant took and how they ended, oldest first."""
    with reported():
        store = of(context).store
        print_records(
            hub.past_runs(store, tenants.tenant(store, tenant).id, limit),
            (
                ("run", lambda one: one.run_id),
                ("started", lambda one: one.started_date),
                ("phase", lambda one: one.phase),
                ("seconds", lambda one: one.seconds),
            ),
            as_json,
            empty="No run has ended yet.",
        )


@app.command("tenants")
def tenants_(
    context: typer.Context,
    integration: Annotated[str, typer.Argument(metavar="INTEGRATION", help="Its id or name.")],
    as_json: AsJson = False,
) -> None:
    """List the newest runs of each tenant: how many failed, how long they took."""
    with reported():
        store = of(context).store
        print_records(
            hub.recent_runs(store, integrations.integration(store, integration).id),
            (
                ("tenant", lambda one: one.tenant_name),
                ("runs", lambda one: len(one.runs)),
                ("failed", lambda one: sum(run.phase.startswith("Failed") for run in one.runs)),
                ("seconds, oldest first", lambda one: " ".join(f"{run.seconds or 0:.1f}" for run in one.runs)),
            ),
            as_json,
            empty="No tenants yet.",
        )


@app.command()
def hours(
    context: typer.Context,
    integration: OfIntegration = None,
    hours: Annotated[int, typer.Option(min=1, max=24 * 90, help="How many of the last hours.")] = hub.HOURS,
    as_json: AsJson = False,
) -> None:
    """List the runs of each hour."""
    with reported():
        store = of(context).store
        print_records(
            hub.runs_by_hour(store, integration_id(store, integration), hours=hours),
            (
                ("hour", lambda one: one.hour),
                ("runs", lambda one: one.runs),
                ("succeeded", lambda one: one.succeeded),
                ("failed", lambda one: one.failed),
            ),
            as_json,
            empty="",
        )


@app.command()
def failures(
    context: typer.Context,
    integration: OfIntegration = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="How many of the last days.")] = hub.DAYS,
    as_json: AsJson = False,
) -> None:
    """List the hours in which runs failed, and how many."""
    with reported():
        store = of(context).store
        print_records(
            hub.failures_by_hour(store, integration_id(store, integration), days=days),
            (("hour", lambda one: one.hour), ("failed", lambda one: one.failed)),
            as_json,
            empty=f"No run failed in the last {days} days.",
        )
