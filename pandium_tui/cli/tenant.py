"""``pandium-tui tenant …``."""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from pandium_tui.cli import tenant_metadata
from pandium_tui.cli.bulk import DryRun, print_changes
from pandium_tui.cli.context import of, reported
from pandium_tui.cli.filtering import FilterText, empty_text, matching
from pandium_tui.cli.init_offers import offered_init_run
from pandium_tui.cli.output import AsJson, print_record, print_records
from pandium_tui.cli.tenant_configure import configure
from pandium_tui.cli.tenant_move import move
from pandium_tui.hub import integrations, releases
from pandium_tui.hub import tenants as hub
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.bulk import Standing, change_tenants
from pandium_tui.hub.configs import parse_config_lines, secret_configs, shown_tenants
from pandium_tui.hub.configs_file import read_configs_file
from pandium_tui.hub.tenants import TenantValues
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Release, Tenant
from pandium_tui.text import visible

app = typer.Typer(
    help="Tenants: create, list, show, edit, move, configure, metadata, pause, resume, archive.", no_args_is_help=True
)
app.command("configure")(configure)
app.command("move")(move)
app.add_typer(tenant_metadata.app, name="metadata")

Reference = Annotated[str, typer.Argument(metavar="TENANT", help="Its id, or integration/tenant.")]
References = Annotated[list[str], typer.Argument(metavar="TENANT...", help="Ids, or integration/tenant.")]


class Channel(Enum):
    """A channel a tenant may follow."""

    default = "Default"
    latest = "Latest"


ReleaseId = Annotated[int | None, typer.Option(help="Id of the release to pin it to.")]
ChannelName = Annotated[Channel | None, typer.Option(help="Channel to follow.")]
Config = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY=VALUE", help="A value that is not secret; may be given several times."),
]
ConfigsFile = Annotated[Path | None, typer.Option(help="JSON or YAML file with an object of values; - for stdin.")]
Schedule = Annotated[str | None, typer.Option(metavar="CRON", help="Cron expression; empty for none.")]
Timezone = Annotated[str | None, typer.Option(metavar="TZ", help="Zone the schedule is read in.")]


@app.command()
def create(
    context: typer.Context,
    integration: Annotated[str, typer.Argument(metavar="INTEGRATION", help="Its id or name.")],
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and inner hyphens.")],
    release: ReleaseId = None,
    channel: ChannelName = None,
    config: Config = None,
    configs_file: ConfigsFile = None,
    schedule: Schedule = None,
    timezone: Timezone = None,
    paused: Annotated[bool | None, typer.Option("--paused/--running", help="Whether its schedule is paused.")] = None,
    as_json: AsJson = False,
) -> None:
    """Create a tenant. Without a release or channel it gets what the integration says new tenants get."""
    with reported():
        store = of(context).store
        parent = integrations.integration(store, integration)
        values = TenantValues(
            name,
            integration_release_id=release,
            integration_release_channel=channel and channel.value,
            user_schedule=schedule or None,
            timezone=timezone,
            paused=paused,
        )
        configs = _configs(_release(store, hub.release_of_new(parent, values)), {}, config, configs_file)
        values = replace(values, configs=configs)
        _print(store, hub.create_tenant(store, parent.id, values, of(context).actor), as_json)


@app.command("list")
def list_(
    context: typer.Context,
    integration: Annotated[str | None, typer.Argument(metavar="INTEGRATION", help="Its id or name; all.")] = None,
    archived: Annotated[bool, typer.Option("--archived", help="Also the archived ones.")] = False,
    filter_text: FilterText = "",
    as_json: AsJson = False,
) -> None:
    """List tenants."""
    with reported():
        store = of(context).store
        wanted = matching(store, "tenants", filter_text)
        parent_id = None if integration is None else integrations.integration(store, integration).id
        print_records(
            shown_tenants(store, hub.tenants(store, parent_id, archived=archived, matching=wanted)),
            (
                ("id", lambda one: one.id),
                ("tenant", lambda one: f"{one.integration_name}/{one.name}"),
                ("release", lambda one: one.release_name),
                ("channel", lambda one: one.integration_release_channel),
                ("schedule", lambda one: one.schedule),
                ("paused", lambda one: one.paused),
                ("last run", lambda one: one.last_run and one.last_run.phase),
                ("next run", lambda one: one.next_run),
            ),
            as_json,
            empty=empty_text(wanted, "No tenants yet. Create one: pandium-tui tenant create INTEGRATION NAME"),
        )


@app.command()
def show(context: typer.Context, tenant: Reference, as_json: AsJson = False) -> None:
    """Show a tenant."""
    with reported():
        _print(of(context).store, hub.tenant(of(context).store, tenant), as_json)


@app.command()
def edit(
    context: typer.Context,
    tenant: Reference,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    release: ReleaseId = None,
    channel: ChannelName = None,
    config: Config = None,
    unset_config: Annotated[list[str] | None, typer.Option(metavar="KEY", help="Take a value away.")] = None,
    configs_file: ConfigsFile = None,
    schedule: Schedule = None,
    timezone: Timezone = None,
    paused: Annotated[bool | None, typer.Option("--paused/--running", help="Whether its schedule is paused.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change a tenant; what is not given stays."""
    with reported():
        store = of(context).store
        found = hub.tenant(store, tenant)
        changes: dict[str, Any] = {}
        if release is not None or channel is not None:
            changes["integration_release_id"] = release
            changes["integration_release_channel"] = channel and channel.value
        given = {"name": name, "user_schedule": schedule, "timezone": timezone, "paused": paused}
        changes |= {field: value for field, value in given.items() if value is not None}
        values = replace(hub.values_of(found), **changes)
        kept = {key: value for key, value in found.configs.items() if key not in (unset_config or [])}
        parent = integrations.integration(store, found.integration_id)
        runs_on = _release(store, hub.release_of_new(parent, values))
        # A secret that is not given stays; one without a value is forgotten.
        kept |= dict.fromkeys(secret_configs(runs_on, found).intersection(unset_config or []))
        values = replace(values, configs=_configs(runs_on, kept, config, configs_file, found))
        edited = hub.edit_tenant(store, found.id, values, of(context).actor)
        _print(store, edited, as_json)
        if edited.release_id != found.release_id:
            _tell_attention(store, edited)


@app.command()
def pause(context: typer.Context, tenant: References, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Stop the schedule of tenants; runs by hand stay possible."""
    _do(context, tenant, "pause", hub.pause_tenant, dry_run, as_json)


@app.command()
def resume(context: typer.Context, tenant: References, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Let the schedule of tenants go on from now."""
    _do(context, tenant, "resume", hub.resume_tenant, dry_run, as_json)


@app.command()
def archive(context: typer.Context, tenant: References, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Archive tenants: nothing of them runs any more. They can be restored."""
    _do(context, tenant, "archive", hub.archive_tenant, dry_run, as_json)


@app.command()
def restore(context: typer.Context, tenant: References, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Take tenants back from the archive."""
    _do(context, tenant, "restore", hub.restore_tenant, dry_run, as_json)


def _do(
    context: typer.Context,
    references: list[str],
    action: Standing,
    change: Callable[[Store, int, Actor], Tenant],
    dry_run: bool,
    as_json: bool,
) -> None:
    """One tenant is printed as it is afterwards; of several, what was done to each. Ends with 1 if one is refused."""
    with reported():
        store, actor = of(context).store, of(context).actor
        ids = [hub.tenant(store, reference).id for reference in references]
        if len(ids) == 1 and not dry_run:
            _print(store, change(store, ids[0], actor), as_json)
            return
        changes = change_tenants(store, ids, action, actor, dry_run=dry_run)
        print_changes(changes, as_json)


def _print(store: Store, tenant: Tenant, as_json: bool) -> None:
    (shown,) = shown_tenants(store, [tenant])
    print_record(shown, as_json, init_run_offered=offered_init_run(store, tenant.id, as_json))


def _tell_attention(store: Store, tenant: Tenant) -> None:
    from pandium_tui.hub.settings_form import settings_attention

    for problem in settings_attention(store, tenant):
        typer.echo(f"! Before a run: {visible(problem)}", err=True)


def _release(store: Store, release_id: int | None) -> Release | None:
    return None if release_id is None else releases.release(store, release_id)


def _configs(
    release: Release | None,
    configs: dict[str, Any],
    lines: list[str] | None,
    file: Path | None,
    tenant: Tenant | None = None,
) -> dict[str, Any]:
    """The configs with those of a file and then those given one by one; texts are typed by the release's schema."""
    if file is not None:
        configs = configs | read_configs_file(file)
    if lines:
        schema = None if release is None else release.config_schema
        configs = configs | parse_config_lines("\n".join(lines), schema, secret_configs(release, tenant))
    return configs
