"""``pandium-tui integration …``."""

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pandium_tui.cli.bulk import DryRun, print_changes
from pandium_tui.cli.context import FAILED, of, reported
from pandium_tui.cli.filtering import NO_MATCH, FilterText, matching
from pandium_tui.cli.output import AsJson, print_json, print_record, print_records
from pandium_tui.cli.schedule_option import parsed_option
from pandium_tui.cli.setup_repository import setup_repository
from pandium_tui.hub import integrations as hub
from pandium_tui.hub import source_accounts as accounts
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.filtering import passing
from pandium_tui.hub.integrations import IntegrationValues
from pandium_tui.storage.database import Store
from pandium_tui.text import visible

if TYPE_CHECKING:
    from pandium_tui.hub.bulk import Standing

app = typer.Typer(help="Integrations: create, list, show, edit, archive.", no_args_is_help=True)

References = Annotated[list[str], typer.Argument(metavar="INTEGRATION...", help="Ids or names.")]
Reference = Annotated[str, typer.Argument(metavar="INTEGRATION", help="Its id or name.")]

app.command("setup-repository")(setup_repository)


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
SourceAccountName = Annotated[
    str | None, typer.Option(metavar="ACCOUNT", help="Source control account, by id or name; empty for none.")
]
ScheduleOptions = Annotated[
    list[str] | None,
    typer.Option(
        "--schedule-option",
        metavar="LABEL=CRON",
        help="A schedule tenants may choose, in this order, in place of those there are; * before the label: default.",
    ),
]
PollingInterval = Annotated[
    str | None,
    typer.Option(
        metavar="SECONDS",
        help="Seconds between two looks at the tracking branch; 0 for none; empty: 300, none for local paths.",
    ),
]
CatchUp = Annotated[
    bool | None,
    typer.Option("--catch-up/--no-catch-up", help="Whether the newest slot that was missed is made up for."),
]
CatchUpWindow = Annotated[
    int | None, typer.Option(metavar="SECONDS", help="After which a missed slot is not made up for. 86400 at first.")
]
RunsAtOnce = Annotated[int | None, typer.Option(metavar="NUMBER", help="Runs of it at once; 0: no limit of its own.")]
RetryCount = Annotated[
    int | None, typer.Option(metavar="NUMBER", help="How often a failed run is tried again; 0: never.")
]
RetryBackoff = Annotated[
    int | None, typer.Option(metavar="SECONDS", help="Before the first retry; doubled for each further one.")
]
CustomSchedules = Annotated[
    bool | None,
    typer.Option("--custom-schedules/--no-custom-schedules", help="Whether tenants may write their own cron."),
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
    source_account: SourceAccountName = None,
    schedule_option: ScheduleOptions = None,
    custom_schedules: CustomSchedules = None,
    polling_interval: PollingInterval = None,
    catch_up: CatchUp = None,
    catch_up_window: CatchUpWindow = None,
    runs_at_once: RunsAtOnce = None,
    retry_count: RetryCount = None,
    retry_backoff: RetryBackoff = None,
    as_json: AsJson = False,
) -> None:
    """Create an integration."""
    with reported():
        values = _changed(
            of(context).store,
            IntegrationValues(name, type="External" if external else "Internal"),
            repository=repository,
            branch=branch,
            path=path,
            long_name=long_name,
            target_url=target_url,
            time_limit=time_limit,
            new_tenants=new_tenants,
            paused_by_default=paused_by_default,
            source_account=source_account,
            schedule_option=schedule_option,
            custom_schedules=custom_schedules,
            polling_interval=polling_interval,
            catch_up=catch_up,
            catch_up_window=catch_up_window,
            runs_at_once=runs_at_once,
            retry_count=retry_count,
            retry_backoff=retry_backoff,
        )
        print_record(hub.create_integration(of(context).store, values, of(context).actor), as_json)


@app.command("list")
def list_(
    context: typer.Context,
    archived: Annotated[bool, typer.Option("--archived", help="Also the archived ones.")] = False,
    filter_text: FilterText = "",
    as_json: AsJson = False,
) -> None:
    """List the integrations."""
    with reported():
        store = of(context).store
        wanted = matching(store, "integrations", filter_text)
        found = passing(hub.integrations(store, archived=archived), wanted)
        empty = "No integrations yet. Create one: pandium-tui integration create NAME --repository URL"
        if wanted:
            empty = NO_MATCH
        elif not found and hub.integrations(store, archived=True):
            empty = "All integrations are archived. Show them: pandium-tui integration list --archived"
        print_records(
            found,
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
                ("problem", lambda one: one.source_problem),
            ),
            as_json,
            empty=empty,
        )


@app.command()
def show(context: typer.Context, integration: Reference, as_json: AsJson = False) -> None:
    """Show an integration, with its connectors, account and listing."""
    from pandium_tui.hub.integration_details import integration_details

    with reported():
        print_record(integration_details(of(context).store, integration), as_json)


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
    default_release: Annotated[int | None, typer.Option(help="Id of a Ready release; 0 for none.")] = None,
    time_limit: TimeLimit = None,
    new_tenants: Behaviour = None,
    paused_by_default: PausedByDefault = None,
    source_account: SourceAccountName = None,
    schedule_option: ScheduleOptions = None,
    custom_schedules: CustomSchedules = None,
    polling_interval: PollingInterval = None,
    catch_up: CatchUp = None,
    catch_up_window: CatchUpWindow = None,
    runs_at_once: RunsAtOnce = None,
    retry_count: RetryCount = None,
    retry_backoff: RetryBackoff = None,
    as_json: AsJson = False,
) -> None:
    """Change an integration; what is not given stays. A changed repository concerns the next builds only."""
    with reported():
        store = of(context).store
        found = hub.integration(store, integration)
        values = _changed(
            store,
            hub.values_of(found),
            repository=repository,
            branch=branch,
            path=path,
            long_name=long_name,
            target_url=target_url,
            time_limit=time_limit,
            new_tenants=new_tenants,
            paused_by_default=paused_by_default,
            source_account=source_account,
            schedule_option=schedule_option,
            custom_schedules=custom_schedules,
            polling_interval=polling_interval,
            catch_up=catch_up,
            catch_up_window=catch_up_window,
            runs_at_once=runs_at_once,
            retry_count=retry_count,
            retry_backoff=retry_backoff,
        )
        if name is not None:
            values = replace(values, name=name)
        actor = of(context).actor
        if default_release is None:
            changed = hub.edit_integration(store, found.id, values, actor)
        else:
            changed = hub.configure_integration(store, found.id, values, default_release or None, actor)
        print_record(changed, as_json)


@app.command()
def archive(context: typer.Context, integration: References, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Archive integrations: nothing of them runs any more. They can be restored."""
    _do(context, integration, "archive", dry_run, as_json)


@app.command()
def restore(context: typer.Context, integration: References, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Take integrations back from the archive."""
    _do(context, integration, "restore", dry_run, as_json)


@app.command()
def pause(context: typer.Context, integration: References, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Let no schedule of their tenants fire; runs by hand are still accepted."""
    _do(context, integration, "pause", dry_run, as_json)


@app.command()
def resume(context: typer.Context, integration: References, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Let the schedules of their tenants go on from now."""
    _do(context, integration, "resume", dry_run, as_json)


def _do(context: typer.Context, references: list[str], action: "Standing", dry_run: bool, as_json: bool) -> None:
    """One integration is printed as it is afterwards; of several, what was done to each."""
    from pandium_tui.hub.bulk import INTEGRATION_ACTIONS, change_integrations

    with reported():
        store, actor = of(context).store, of(context).actor
        ids = [hub.integration(store, reference).id for reference in references]
        if len(ids) == 1 and not dry_run:
            print_record(INTEGRATION_ACTIONS[action](store, ids[0], actor), as_json)
            return
        print_changes(change_integrations(store, ids, action, actor, dry_run=dry_run), as_json)


@app.command()
def check(
    context: typer.Context,
    integration: Reference,
    repository: Repository = None,
    branch: Branch = None,
    path: Path = None,
    source_account: SourceAccountName = None,
    as_json: AsJson = False,
) -> None:
    """Look what branch and path lead to, and what is wrong there; nothing is saved. Ends with 1 on errors."""
    from pandium_tui.hub.repository_check import check_repository

    with reported():
        store = of(context).store
        values = _changed(
            store,
            hub.values_of(hub.integration(store, integration)),
            repository=repository,
            branch=branch,
            path=path,
            source_account=source_account,
        )
        found = check_repository(store, values, progress=lambda line: typer.echo(visible(line), err=True))
        if as_json:
            print_json(found)
        else:
            typer.echo(f"{visible(found.branch)} is at {found.commit}: {visible(found.subject)}")
            for one in found.problems:
                typer.echo(f"{visible(found.file)}:{one.line}:{one.column}: {one.severity}: {visible(one.message)}")
        if any(one.severity == "error" for one in found.problems):
            raise typer.Exit(FAILED)


def _changed(
    store: Store,
    values: IntegrationValues,
    *,
    repository: str | None = None,
    branch: str | None = None,
    path: str | None = None,
    long_name: str | None = None,
    target_url: str | None = None,
    time_limit: int | None = None,
    new_tenants: NewTenants | None = None,
    paused_by_default: bool | None = None,
    source_account: str | None = None,
    schedule_option: list[str] | None = None,
    custom_schedules: bool | None = None,
    polling_interval: str | None = None,
    catch_up: bool | None = None,
    catch_up_window: int | None = None,
    runs_at_once: int | None = None,
    retry_count: int | None = None,
    retry_backoff: int | None = None,
) -> IntegrationValues:
    """The values with what was given on the command line; an empty text takes a value away."""
    given: dict[str, Any] = {
        "repository_url": repository,
        "repository_tracking_branch": branch,
        "repository_path": path,
        "long_name": long_name,
        "target_url": target_url,
        "paused_by_default": paused_by_default,
        "custom_schedules": custom_schedules,
        "catch_up": catch_up,
        "catch_up_window": catch_up_window,
        "retry_count": retry_count,
        "retry_backoff": retry_backoff,
    }
    changes = {field: value for field, value in given.items() if value is not None}
    if time_limit is not None:
        changes["run_time_limit"] = time_limit or None
    if runs_at_once is not None:
        changes["runs_at_once"] = runs_at_once or None
    if polling_interval is not None:
        changes["polling_interval"] = _seconds(polling_interval)
    if new_tenants is not None:
        changes["default_release_channel"] = None if new_tenants is NewTenants.pin else new_tenants.value
    if source_account is not None:
        changes["source_account_id"] = accounts.source_account(store, source_account).id if source_account else None
    if schedule_option is not None:
        changes["schedule_options"] = tuple(parsed_option(text) for text in schedule_option if text)
    return replace(values, **changes)


def _seconds(text: str) -> int | None:
    if text.strip() and not text.strip().isdecimal():
        raise InvalidError({"polling_interval": f"must be a whole number of seconds or empty, not {text!r}"})
    return int(text) if text.strip() else None
