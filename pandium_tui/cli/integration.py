"""``pandium-tui integration …``."""

from dataclasses import replace
from enum import Enum
from typing import Annotated, Any

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import AsJson, print_record, print_records
from pandium_tui.hub import integrations as hub
from pandium_tui.hub.integrations import IntegrationValues

app = typer.Typer(help="Integrations: create, list, show, edit, archive.", no_args_is_help=True)

Reference = Annotated[str, typer.Argument(metavar="INTEGRATION", help="Its id or name.")]


class NewTenants(Enum):
    """What new tenants get."""

    pin = "pin"
    default = "Default"
    latest = "Latest"


Repository = Annotated[str | None, typer.Option(help="Git URL or local path of the repository.")]
Branch = Annotated[str | None, typer.Option(help="Tracking branch; the repository's default branch without one.")]
Path = Annotated[str | None, typer.Option(help="File or folder of PANDIUM.yaml in the repository.")]
LongName = Annotated[str | None, typer.Option(help="Name to display.")]
TargetUrl = Annotated[str | None, typer.Option(help="Address of an external integration.")]
TimeLimit = Annotated[int | None, typer.Option(help="Seconds a run may take; 0 for the installation's limit.")]
Behaviour = Annotated[
    NewTenants | None,
    typer.Option(help="New tenants: pin to the default release, or follow the channel Default or Latest."),
]
PausedByDefault = Annotated[
    bool | None, typer.Option("--paused-by-default/--start-by-default", help="Whether new tenants start paused.")
]


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and inner hyphens.")],
    repository: Repository = None,
    branch: Branch = None,
    path: Path = None,
    long_name: LongName = None,
    external: Annotated[bool, typer.Option("--external", help="A listing only: no code runs here.")] = False,
    target_url: TargetUrl = None,
    time_limit: TimeLimit = None,
    new_tenants: Behaviour = None,
    paused_by_default: PausedByDefault = None,
    as_json: AsJson = False,
) -> None:
    """Create an integration."""
    with reported():
        values = _changed(
            IntegrationValues(name, type="External" if external else "Internal"),
            repository=repository,
            branch=branch,
            path=path,
            long_name=long_name,
            target_url=target_url,
            time_limit=time_limit,
            new_tenants=new_tenants,
            paused_by_default=paused_by_default,
        )
        print_record(hub.create_integration(of(context).store, values, of(context).actor), as_json)


@app.command("list")
def list_(
    context: typer.Context,
    archived: Annotated[bool, typer.Option("--archived", help="Also the archived ones.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the integrations."""
    with reported():
        print_records(
            hub.integrations(of(context).store, archived=archived),
            (
                ("id", lambda one: one.id),
                ("name", lambda one: one.name),
                ("type", lambda one: one.type),
                ("tenants", lambda one: one.tenants),
                ("last run", lambda one: one.last_run and one.last_run.phase),
                ("next run", lambda one: one.next_run),
                ("running", lambda one: one.running),
                ("queued", lambda one: one.queued),
                ("failures 24h", lambda one: one.failures_24h),
            ),
            as_json,
            empty="No integrations yet. Create one: pandium-tui integration create NAME --repository URL",
        )


@app.command()
def show(context: typer.Context, integration: Reference, as_json: AsJson = False) -> None:
    """Show an integration."""
    with reported():
        print_record(hub.integration(of(context).store, integration), as_json)


@app.command()
def edit(
    context: typer.Context,
    integration: Reference,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    repository: Repository = None,
    branch: Branch = None,
    path: Path = None,
    long_name: LongName = None,
    target_url: TargetUrl = None,
    time_limit: TimeLimit = None,
    new_tenants: Behaviour = None,
    paused_by_default: PausedByDefault = None,
    as_json: AsJson = False,
) -> None:
    """Change an integration; what is not given stays. A changed repository concerns the next builds only."""
    with reported():
        store = of(context).store
        found = hub.integration(store, integration)
        values = _changed(
            hub.values_of(found),
            repository=repository,
            branch=branch,
            path=path,
            long_name=long_name,
            target_url=target_url,
            time_limit=time_limit,
            new_tenants=new_tenants,
            paused_by_default=paused_by_default,
        )
        if name is not None:
            values = replace(values, name=name)
        print_record(hub.edit_integration(store, found.id, values, of(context).actor), as_json)


@app.command()
def archive(context: typer.Context, integration: Reference, as_json: AsJson = False) -> None:
    """Archive an integration: nothing of it runs any more. It can be restored."""
    with reported():
        store = of(context).store
        found = hub.integration(store, integration)
        print_record(hub.archive_integration(store, found.id, of(context).actor), as_json)


@app.command()
def restore(context: typer.Context, integration: Reference, as_json: AsJson = False) -> None:
    """Take an integration back from the archive."""
    with reported():
        store = of(context).store
        found = hub.integration(store, integration)
        print_record(hub.restore_integration(store, found.id, of(context).actor), as_json)


def _changed(
    values: IntegrationValues,
    *,
    repository: str | None,
    branch: str | None,
    path: str | None,
    long_name: str | None,
    target_url: str | None,
    time_limit: int | None,
    new_tenants: NewTenants | None,
    paused_by_default: bool | None,
) -> IntegrationValues:
    """The values with what was given on the command line; an empty text takes a value away."""
    given: dict[str, Any] = {
        "repository_url": repository,
        "repository_tracking_branch": branch,
        "repository_path": path,
        "long_name": long_name,
        "target_url": target_url,
        "paused_by_default": paused_by_default,
    }
    changes = {field: value for field, value in given.items() if value is not None}
    if time_limit is not None:
        changes["run_time_limit"] = time_limit or None
    if new_tenants is not None:
        changes["default_release_channel"] = None if new_tenants is NewTenants.pin else new_tenants.value
    return replace(values, **changes)
