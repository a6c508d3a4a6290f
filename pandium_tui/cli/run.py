"""``pandium-tui run …``."""

import time
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from pandium_tui.cli.bulk import DryRun, print_changes
from pandium_tui.cli.context import FAILED, Context, complain, of, reported
from pandium_tui.cli.filtering import FilterText, empty_text, matching
from pandium_tui.cli.follow import LOOK_INTERVAL, LogStream, follow_log, log_records, print_log
from pandium_tui.cli.output import LARGEST_ID, AsJson, print_json, print_record, print_records
from pandium_tui.hub import runs as hub
from pandium_tui.hub import tenants
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.looking import record_what_ended
from pandium_tui.hub.outside_file import read_outside_file
from pandium_tui.hub.pausing import engines_pause
from pandium_tui.storage.records import Run, Trigger
from pandium_tui.storage.vocabulary import ACTIVE_PHASES, QUEUED, SUCCEEDED

if TYPE_CHECKING:
    from pandium_tui.engine.engine import Engine
    from pandium_tui.hub.bulk import Change

app = typer.Typer(help="Runs: start, rerun, list, show, log, cancel.", no_args_is_help=True)

Id = Annotated[int, typer.Argument(metavar="ID", min=1, max=LARGEST_ID, help="Id of the run.")]


class Mode(Enum):
    """What a run by hand asks the code to do."""

    normal = "normal"
    init = "init"


class Sort(Enum):
    """What runs can be sorted by."""

    phase = "phase"
    tenant = "tenant"
    started = "started"
    took = "took"
    mode = "mode"
    release = "release"


class RerunRelease(Enum):
    """Which release a rerun runs on."""

    original = "original"
    current = "current"


@app.command()
def start(
    context: typer.Context,
    tenant: Annotated[list[str], typer.Argument(metavar="TENANT...", help="Ids, or integration/tenant.")],
    mode: Annotated[Mode, typer.Option(help="What the code is asked to do.")] = Mode.normal,
    payload: Annotated[Path | None, typer.Option(help="File with the trigger's payload; - for stdin.")] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the end of the run.")] = True,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Run tenants now; the log of a single one goes to stderr. Ends with 1 when a run did not succeed."""
    with reported():
        here = of(context)
        found, *others = (tenants.tenant(here.store, reference) for reference in tenant)
        if others or dry_run:
            ids = [one.id for one in (found, *others)]
            start_several(here, ids, mode.value, _payload(payload), wait=wait, dry_run=dry_run, as_json=as_json)
            return
        trigger = hub.start_run(here.store, found.id, here.actor, mode=mode.value, payload=_payload(payload))
        with here.engine("cli", schedules=False) as engine:
            try:
                run = wait_for_start(here, trigger, engine, patient=wait)
            except KeyboardInterrupt:
                typer.echo("The trigger stays: it runs when this tenant is free and an engine works.", err=True)
                raise typer.Exit(130) from None
            if run is None:
                print_record(hub.trigger(here.store, trigger.id), as_json)
                return
            if wait:
                run = wait_for_end(here, run)
        print_record(run, as_json)
        if wait and run.phase != SUCCEEDED:
            raise typer.Exit(FAILED)


@app.command()
def rerun(
    context: typer.Context,
    run: Id,
    configs: Annotated[str, typer.Option(metavar="original|current|FILE", help="Settings it gets.")] = "original",
    state: Annotated[str, typer.Option(metavar="original|current|FILE", help="State it gets.")] = "original",
    release: Annotated[
        RerunRelease, typer.Option(help="Its own release, or the tenant's now.")
    ] = RerunRelease.original,
    count: Annotated[bool, typer.Option("--count/--no-count", help="Whether it becomes the tenant's state.")] = True,
    as_json: AsJson = False,
) -> None:
    """Ask for an ended run once more; an engine runs it when the tenant is free."""
    from pandium_tui.hub.configs_file import LARGEST, read_configs_file
    from pandium_tui.hub.reruns import RerunValues
    from pandium_tui.hub.reruns import rerun as ask

    with reported():
        here = of(context)
        chosen = RerunValues(release=release.value, counts=count)
        if configs in ("original", "current"):
            chosen = replace(chosen, configs=cast(Literal["original", "current"], configs))
        else:
            chosen = replace(chosen, configs=read_configs_file(Path(configs)))
        if state in ("original", "current"):
            chosen = replace(chosen, state=cast(Literal["original", "current"], state))
        else:
            text = read_outside_file(Path(state), "state", LARGEST).decode("utf-8", "replace").strip()
            chosen = replace(chosen, edited_state=text)
        print_record(ask(here.store, run, chosen, here.actor), as_json)


def start_several(
    here: Context,
    tenant_ids: list[int],
    mode: Literal["normal", "init"],
    payload: bytes | None,
    *,
    wait: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Ask for a run of each, wait for their ends, and print a line of each."""
    from pandium_tui.hub.bulk import start_runs

    asked = start_runs(here.store, tenant_ids, here.actor, mode=mode, payload=payload, dry_run=dry_run)
    if wait and not dry_run:
        with here.engine("cli", schedules=False) as engine:
            asked = [_ended(here, change, engine) for change in asked]
    print_changes(asked, as_json)


def _ended(here: Context, change: "Change", engine: "Engine") -> "Change":
    if change.trigger_id is None:
        return change
    try:
        run = wait_for_start(here, hub.trigger(here.store, change.trigger_id), engine, patient=True)
        while run is not None and run.phase in ACTIVE_PHASES:
            time.sleep(LOOK_INTERVAL)
            run = hub.run(here.store, run.id)
    except RefusedError as error:
        return replace(change, problem=str(error))
    except KeyboardInterrupt:
        typer.echo("What was asked for stays: it runs when an engine works.", err=True)
        raise typer.Exit(130) from None
    assert run is not None
    ended = f"run {run.id}: {run.phase}"
    return replace(change, effect=ended) if run.phase == SUCCEEDED else replace(change, effect="", problem=ended)


def wait_for_start(here: Context, trigger: Trigger, engine: "Engine", *, patient: bool) -> Run | None:
    """Wait until a trigger has become a run that is not queued any more.

    A trigger that is held, by another run of the tenant or by a pause, is waited for only when ``patient``; else None.
    """
    told = False
    trouble: str | None = None
    while True:
        if engine.trouble != trouble and engine.trouble is not None:
            complain(engine.trouble)
        trouble = engine.trouble
        trigger = hub.trigger(here.store, trigger.id)
        if trigger.ended_reason is not None:
            raise RefusedError(f"The run was not started: {trigger.ended_reason}.")
        if trigger.run_id is not None:
            run = hub.run(here.store, trigger.run_id)
            if run.phase != QUEUED:
                return run
        else:
            waits_for = _held_by(here, trigger)
            if waits_for and not patient:
                typer.echo(f"Held: it waits for {waits_for}.", err=True)
                return None
            if waits_for and not told:
                typer.echo(f"Waiting for {waits_for}.", err=True)
                told = True
        time.sleep(LOOK_INTERVAL)


def _held_by(here: Context, trigger: Trigger) -> str:
    """What keeps a trigger from becoming a run at once; empty when an engine is about to take it up."""
    if engines_pause(here.store) is not None:
        return "the engines, which are paused; let them go on with: pandium-tui engine resume"
    current = tenants.tenant(here.store, trigger.tenant_id).current_run
    return "" if current is None else f"the end of run {current.id} of this tenant"


def wait_for_end(here: Context, run: Run) -> Run:
    """Wait until a run has ended, its log on stderr."""

    def ended() -> bool:
        return hub.run(here.store, run.id).phase not in ACTIVE_PHASES

    try:
        follow_log(hub.run_log(here.store, run.id), ended, to_stderr=True)
    except KeyboardInterrupt:
        typer.echo(f"The run goes on. Stop it with: pandium-tui run cancel {run.id}", err=True)
        raise typer.Exit(130) from None
    return hub.run(here.store, run.id)


@app.command("list")
def list_(
    context: typer.Context,
    tenant: Annotated[str | None, typer.Argument(metavar="TENANT", help="Its id, or integration/tenant; all.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 100,
    before: Annotated[
        int | None, typer.Option(metavar="ID", min=1, max=LARGEST_ID, help="Only runs older than this one.")
    ] = None,
    filter_text: FilterText = "",
    oldest_first: Annotated[
        bool, typer.Option("--oldest-first", help="The other way round; --before is then after.")
    ] = False,
    sort: Annotated[
        Sort | None, typer.Option(help="Another order, among the newest 2,000 that match; a filter looks further back.")
    ] = None,
    descending: Annotated[bool, typer.Option("--descending", help="Turn the order of --sort round.")] = False,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first. Fields of a filter: phase, tenant, since, trigger … (pandium-tui help filters)."""
    with reported():
        if sort is not None and (before is not None or oldest_first):
            raise InvalidError({"--sort": "goes with neither --before nor --oldest-first"})
        if descending and sort is None:
            raise InvalidError({"--descending": "goes with --sort"})
        store = of(context).store
        wanted = matching(store, "runs", filter_text)
        record_what_ended(store)
        tenant_id = None if tenant is None else tenants.tenant(store, tenant).id
        if sort is not None and not as_json:
            typer.echo("Sorted among the newest 2,000 runs that match; a filter looks further back.", err=True)
        print_records(
            hub.runs(
                store,
                tenant_id=tenant_id,
                before_id=before,
                limit=limit,
                matching=wanted,
                oldest_first=oldest_first,
                sort=None if sort is None else sort.value,
                descending=descending,
            ),
            (
                ("id", lambda one: one.id),
                ("tenant", lambda one: f"{one.integration_name}/{one.tenant_name}"),
                ("phase", lambda one: one.phase),
                ("mode", lambda one: one.mode),
                ("trigger", lambda one: ", ".join(one.sources)),
                ("release", lambda one: one.release_name),
                ("started", lambda one: one.started_date),
                ("completed", lambda one: one.completed_date),
                ("exit code", lambda one: one.exit_code),
            ),
            as_json,
            empty=empty_text(wanted, "No runs yet. Start one: pandium-tui run start TENANT"),
        )


@app.command()
def show(context: typer.Context, run: Id, as_json: AsJson = False) -> None:
    """Show a run with its triggers, and the runs it comes from or led to."""
    from pandium_tui.hub.reruns import attempts

    with reported():
        store = of(context).store
        record_what_ended(store)
        found, triggers, where_from = hub.run(store, run), hub.triggers_of_run(store, run), attempts(store, run)
        if as_json:
            print_json(hub.with_triggers(found, where_from, triggers))
            return
        print_record(found, as_json=False)
        print_record(where_from, as_json=False)
        if waits_for := hub.why_queued(store, found):
            typer.echo(f"It waits for {waits_for}.")
        for trigger in triggers:
            typer.echo("")
            print_record(trigger, as_json=False)


@app.command()
def log(
    context: typer.Context,
    run: Id,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")] = False,
    stream: LogStream = None,
    as_json: AsJson = False,
) -> None:
    """Print the log of a run."""
    with reported():
        store = of(context).store
        hub.run(store, run)
        reader = hub.run_log(store, run).only(stream)
        if as_json:
            print_json(log_records(reader))
        elif follow:
            with of(context).engine("cli", schedules=False):
                follow_log(reader, lambda: hub.run(store, run).phase not in ACTIVE_PHASES, to_stderr=False)
        else:
            print_log(reader, 0, to_stderr=False)


@app.command()
def cancel(
    context: typer.Context,
    run: Annotated[list[int], typer.Argument(metavar="ID...", min=1, max=LARGEST_ID, help="Ids of the runs.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Stop runs and everything they started. Of several, what was done to each; ends with 1 when one is refused."""
    with reported():
        here = of(context)
        if len(run) == 1 and not dry_run:
            print_record(hub.cancel_run(here.store, run[0], here.actor), as_json)
            return
        from pandium_tui.hub.bulk import cancel_runs

        print_changes(cancel_runs(here.store, run, here.actor, dry_run=dry_run), as_json)


def _payload(file: Path | None) -> bytes | None:
    return None if file is None else read_outside_file(file, "payload", hub.PAYLOAD_LIMIT)
