"""``pandium-tui release …``."""

from typing import Annotated

import typer

from pandium_tui.cli.context import FAILED, Context, of, reported
from pandium_tui.cli.filtering import FilterText, empty_text, matching
from pandium_tui.cli.follow import LogStream, follow_log, log_records, print_log
from pandium_tui.cli.output import LARGEST_ID, AsJson, print_json, print_record, print_records
from pandium_tui.hub import integrations
from pandium_tui.hub import releases as hub
from pandium_tui.hub.looking import record_what_ended
from pandium_tui.hub.overview import overview
from pandium_tui.storage.records import Release

app = typer.Typer(help="Releases: build, list, show, log, default, cancel.", no_args_is_help=True)

Reference = Annotated[str, typer.Argument(metavar="INTEGRATION", help="Its id or name.")]
Id = Annotated[int, typer.Argument(metavar="ID", min=1, max=LARGEST_ID, help="Id of the release.")]


@app.command()
def build(
    context: typer.Context,
    integration: Reference,
    branch: Annotated[str | None, typer.Option(help="Branch; the tracking branch without one.")] = None,
    commit: Annotated[str | None, typer.Option(help="Commit instead of the branch's newest.")] = None,
    tag: Annotated[str | None, typer.Option(help="A free label for the release.")] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the end of the build.")] = True,
    as_json: AsJson = False,
) -> None:
    """Build a release; its log goes to stderr. Ends with 1 when the build failed."""
    with reported():
        here = of(context)
        parent = integrations.integration(here.store, integration)
        asked = hub.build_release(here.store, parent.id, here.actor, branch=branch, commit=commit, tag=tag)
        if wait:
            asked = wait_for_build(here, asked)
        elif overview(here.store).schedulers == 0:
            typer.echo("It waits for an engine: open the app, or run pandium-tui serve.", err=True)
        print_record(asked, as_json)
        if wait and asked.status != "Ready":
            raise typer.Exit(FAILED)
        if wait and integrations.integration(here.store, parent.id).default_release_id is None:
            words = "Without a default release customers cannot install it. To choose this one"
            typer.echo(f"{words}: pandium-tui release default {parent.name} {asked.id}", err=True)


def wait_for_build(here: Context, asked: Release) -> Release:
    """Work on a build until it has ended, its log on stderr."""

    def ended() -> bool:
        return hub.release(here.store, asked.id).status in ("Ready", "Failed")

    with here.engine("cli", schedules=False):
        try:
            follow_log(hub.build_log(here.store, asked.id), ended, to_stderr=True)
        except KeyboardInterrupt:
            going_on = hub.is_being_built(here.store, asked.id)
            state = "goes on" if going_on else "begins again when an engine works (the app, or pandium-tui serve)"
            typer.echo(f"The build {state}. Stop it with: pandium-tui release cancel {asked.id}", err=True)
            raise typer.Exit(130) from None
    return hub.release(here.store, asked.id)


@app.command("list")
def list_(
    context: typer.Context, integration: Reference, filter_text: FilterText = "", as_json: AsJson = False
) -> None:
    """List the releases of an integration, newest first."""
    with reported():
        wanted = matching(of(context).store, "releases", filter_text)
        record_what_ended(of(context).store)
        parent = integrations.integration(of(context).store, integration)
        print_records(
            hub.releases(of(context).store, parent.id, matching=wanted),
            (
                ("id", lambda one: one.id),
                ("name", lambda one: one.name),
                ("tag", lambda one: one.tag),
                ("status", lambda one: one.status),
                ("commit", lambda one: (one.commit or "")[:10]),
                ("branch", lambda one: one.branch),
                ("default", lambda one: one.is_default),
                ("latest", lambda one: one.is_latest),
                ("tenants", lambda one: one.tenants),
                ("created", lambda one: one.created_date),
            ),
            as_json,
            empty=empty_text(wanted, f"No releases yet. Build one: pandium-tui release build {parent.name}"),
        )


@app.command()
def show(context: typer.Context, release: Id, as_json: AsJson = False) -> None:
    """Show a release."""
    with reported():
        record_what_ended(of(context).store)
        print_record(hub.release(of(context).store, release), as_json)


@app.command()
def log(context: typer.Context, release: Id, stream: LogStream = None, as_json: AsJson = False) -> None:
    """Print the build log of a release."""
    with reported():
        hub.release(of(context).store, release)
        reader = hub.build_log(of(context).store, release).only(stream)
        if as_json:
            print_json(log_records(reader))
        else:
            print_log(reader, 0, to_stderr=False)


@app.command()
def default(
    context: typer.Context,
    integration: Reference,
    release: Annotated[str, typer.Argument(metavar="ID", help="Id of a Ready release, or `none`.")],
    as_json: AsJson = False,
) -> None:
    """Set the default release of an integration."""
    with reported():
        if release != "none" and not release.isdecimal():
            raise typer.BadParameter("give the id of a release, or none", param_hint="ID")
        store = of(context).store
        parent = integrations.integration(store, integration)
        chosen = None if release == "none" else int(release)
        print_record(integrations.set_default_release(store, parent.id, chosen, of(context).actor), as_json)


@app.command()
def cancel(context: typer.Context, release: Id, as_json: AsJson = False) -> None:
    """Stop a build that waits or goes on."""
    with reported():
        print_record(hub.cancel_build(of(context).store, release, of(context).actor), as_json)
