"""What the store's reads give back: plain, frozen values that any layer may hold.

Names of fields are the names of Pandium's API where it has them. Moments are aware and in UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class RunBrief:
    """What a list says about a run."""

    id: int
    phase: str
    mode: str
    created_date: datetime
    started_date: datetime | None
    completed_date: datetime | None


@dataclass(frozen=True, slots=True)
class ScheduleOption:
    """A schedule that tenants may choose: what they read, its cron expression, whether new tenants begin with it."""

    label: str
    cron: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Integration:
    """An integration with what its page and the home page say about it.

    Attributes:
        source_account_id: how git reaches its repository; None for what the machine's own git can do.
        schedule_options: what tenants may choose, in the order they read it.
        custom_schedules: whether tenants may write a cron expression of their own.
        paused: its schedules fire nothing and catch up on nothing.
        catch_up: whether a run makes up for slots that were missed.
        catch_up_window: seconds after which a missed slot is not made up for.
        runs_at_once: how many of its runs may go on at once; None for no limit of its own.
        retry_count: how often a failed run is tried again; 0 for never.
        retry_backoff: seconds before the first retry; doubled for each further one.
        tenants: how many are not archived.
        last_run: the newest run of any tenant.
        next_run: the earliest planned slot of any tenant, None when nothing is planned.
        running: runs going on now.
        queued: runs and held triggers that wait.
        failures_24h: runs that ended in a failure in the last 24 hours.
        latest_release_id: the newest Ready release, which the channel Latest means.
        newest_build_status: the status of the release built last, whatever came of it.
        polling_interval: seconds between two looks at the tracking branch; 0 for none, None for what is usual.
        polled_date: when an engine last began to look at it.
        polled_commit: where it was then.
        source_problem: what keeps it from being followed, None when all is well.
    """

    id: int
    name: str
    long_name: str
    type: str
    target_url: str | None
    repository_url: str | None
    repository_tracking_branch: str | None
    repository_path: str
    default_release_id: int | None
    default_release_name: str | None
    default_release_channel: str | None
    run_time_limit: int | None
    source_account_id: int | None
    schedule_options: tuple[ScheduleOption, ...]
    custom_schedules: bool
    paused_by_default: bool
    paused: bool
    catch_up: bool
    catch_up_window: int
    runs_at_once: int | None
    retry_count: int
    retry_backoff: int
    archived: bool
    created_date: datetime
    modified_date: datetime
    tenants: int
    last_run: RunBrief | None
    next_run: datetime | None
    running: int
    queued: int
    failures_24h: int
    latest_release_id: int | None
    latest_release_name: str | None
    newest_build_status: str | None
    polling_interval: int | None
    polled_date: datetime | None
    polled_commit: str | None
    source_problem: str | None


@dataclass(frozen=True, slots=True)
class Release:
    """A release.

    Attributes:
        config_schema: ``configs.schema`` of PANDIUM.yaml, as read.
        config_uischema: ``configs.uischema`` of it.
        metadata_schema: ``metadata_schema.schema`` of it.
        manifest: the text of PANDIUM.yaml at this commit, None before it was read.
        toolchain: what it was built with, in words.
        warnings: what is odd about it but did not stop the build.
        reason: why it failed.
        is_default: the integration's default release.
        is_latest: the newest Ready release.
        tenants: how many tenants that are not archived would run on it now.
        retired_date: when its files were removed because nothing could use them any more.
        isolation: what its build was kept in; None before that, and when there was nothing to build.
    """

    id: int
    integration_id: int
    integration_name: str
    name: str
    tag: str | None
    commit: str | None
    commit_subject: str | None
    branch: str | None
    path: str
    base: str | None
    build_command: str | None
    run_command: str | None
    config_schema: dict[str, Any] | None
    config_uischema: dict[str, Any] | None
    config_version: str | None
    metadata_schema: dict[str, Any] | None
    manifest: str | None
    toolchain: str | None
    warnings: tuple[str, ...]
    status: str
    reason: str | None
    started_by: str
    cancel_requested_by: str | None
    started_date: datetime | None
    completed_date: datetime | None
    created_date: datetime
    modified_date: datetime
    is_default: bool
    is_latest: bool
    tenants: int
    retired_date: datetime | None
    isolation: str | None = None


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant.

    Attributes:
        release_id: the release a run would use now, None when its channel leads to none.
        configs: its settings, but for the secret ones.
        sealed_configs: the names of its secret settings, which the vault keeps.
        user_schedule: the cron expression as asked for.
        schedule: the cron expression in force, None when it is not scheduled.
        next_run: the next planned slot; None when paused, archived or not scheduled.
        held_triggers: triggers that wait for the current run to end.
    """

    id: int
    name: str
    integration_id: int
    integration_name: str
    integration_release_id: int | None
    integration_release_channel: str | None
    release_id: int | None
    release_name: str | None
    configs: dict[str, Any]
    sealed_configs: tuple[str, ...]
    paused: bool
    user_schedule: str | None
    schedule: str | None
    timezone: str
    next_run: datetime | None
    source: str
    archived: bool
    dynamic_configs: dict[str, Any] | None
    dynamic_configs_run_id: int | None
    dynamic_configs_date: datetime | None
    metadata: dict[str, Any]
    created_date: datetime
    modified_date: datetime
    last_run: RunBrief | None
    current_run: RunBrief | None
    last_successful_run: RunBrief | None
    held_triggers: int


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why a run happens; ``payload_bytes`` is the size of its payload, 0 without one."""

    id: int
    tenant_id: int
    source: str
    mode: str
    payload_bytes: int
    headers: dict[str, Any]
    scheduled_for: datetime | None
    created_by: str
    created_date: datetime
    run_id: int | None
    ended_date: datetime | None
    ended_reason: str | None
    note: str | None
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class Run:
    """A run as lists and its page show it.

    Attributes:
        sources: the sources of its triggers, such as ``("cron",)``.
        state: the last non-empty line it printed to stdout.
        reason: why it did not succeed.
        warnings: what is odd about it although it ended.
        log_bytes: size of its log when it ended.
        isolation: what it was kept in, such as ``container (podman)`` or ``bubblewrap``; None before it starts.
    """

    id: int
    tenant_id: int
    tenant_name: str
    integration_id: int
    integration_name: str
    release_id: int | None
    release_name: str | None
    mode: str
    phase: str
    sources: tuple[str, ...]
    time_limit: int | None
    configs: dict[str, Any] | None
    exit_code: int | None
    reason: str | None
    state: str | None
    warnings: tuple[str, ...]
    log_bytes: int | None
    cancel_requested_by: str | None
    created_date: datetime
    started_date: datetime | None
    completed_date: datetime | None
    isolation: str | None = None


@dataclass(frozen=True, slots=True)
class SourceAccount:
    """How git reaches the repositories of a host. Its token is sealed in the vault and is never part of it.

    Attributes:
        uuid: what its token is sealed for.
        username: what goes with the token; empty for what the provider expects.
        key_file: path of the ssh key; empty for the other methods.
        has_token: whether a token is sealed for it.
        integrations: names of the integrations that use it.
    """

    id: int
    uuid: str
    name: str
    provider: str
    method: str
    username: str
    key_file: str
    has_token: bool
    integrations: tuple[str, ...]
    created_date: datetime
    modified_date: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of the audit trail. The names are those that things have now; None when they are gone."""

    id: int
    created_date: datetime
    actor: str
    action: str
    integration_id: int | None
    tenant_id: int | None
    release_id: int | None
    run_id: int | None
    detail: str
    integration_name: str | None
    tenant_name: str | None
    release_name: str | None


@dataclass(frozen=True, slots=True)
class UndoableChange:
    """A change that can be taken back; ``undo`` is how, as ``hub.undo`` reads it."""

    id: int
    created_date: datetime
    actor: str
    action: str
    integration_id: int | None
    tenant_id: int | None
    undo: dict[str, Any]
    integration_name: str | None
    tenant_name: str | None


@dataclass(frozen=True, slots=True)
class LaterChange:
    """What was done after a change that can be taken back; ``undoes`` is the activity that it took back itself."""

    id: int
    actor: str
    action: str
    tenant_id: int | None
    detail: str
    undoes: int | None


@dataclass(frozen=True, slots=True)
class EngineProcess:
    """A process that said it runs an engine; it may have died since."""

    id: str
    pid: int
    start_ticks: int
    boot_id: str
    kind: str
    schedules: bool
    started_date: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of the status line.

    Attributes:
        next_run: the earliest planned slot of any tenant.
        building: releases queued or building.
    """

    running: int
    queued: int
    building: int
    failures_24h: int
    next_run: datetime | None


@dataclass(frozen=True, slots=True)
class Pause:
    """That no schedule fires and no run starts, since when, and who said so."""

    since: datetime
    by: str
