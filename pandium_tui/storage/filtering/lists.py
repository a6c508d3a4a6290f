"""The fields of the lists that the store reads; their names are those above the columns."""

from pandium_tui.storage.filtering.filters import Field
from pandium_tui.storage.filtering.kinds import Choice, Moment, Number, Text
from pandium_tui.storage.vocabulary import CHANNELS, PHASES, RELEASE_STATUSES, RUN_MODES, SUCCEEDED, TRIGGER_SOURCES

SECONDS = "CAST(round((julianday({later}) - julianday({earlier})) * 86400) AS INTEGER)"


def _named(table: str, *, of: str) -> Field:
    """The name of what a row belongs to, looked up once and not for each row."""
    return Field(Text(), "name", f"{of}.{table}_id IN (SELECT id FROM {table} WHERE {{}})", searched=True)


_UNUSUAL = f"run.phase <> '{SUCCEEDED}'"

RUN_FIELDS = {
    "phase": Field(
        Choice(PHASES),
        "run.phase",
        usual=SUCCEEDED,
        inside_unusual=f"({_UNUSUAL} AND {{}})",
        searched=True,
        also="status",
    ),
    "tenant": _named("tenant", of="run"),
    "integration": _named("integration", of="run"),
    "release": _named("release", of="run"),
    "since": Field(Moment(since=True), "run.created_date"),
    "until": Field(Moment(since=False), "run.created_date"),
    "trigger": Field(
        Choice(TRIGGER_SOURCES),
        "run_trigger.source",
        "EXISTS (SELECT 1 FROM run_trigger WHERE run_trigger.run_id = run.id AND {})",
        usual="cron",
        inside_unusual="run.id IN (SELECT run_id FROM run_trigger WHERE run_trigger.source <> 'cron' AND {})",
    ),
    "mode": Field(Choice(RUN_MODES), "run.mode"),
    "took": Field(
        Number(units=True), SECONDS.format(later="run.completed_date", earlier="run.started_date"), also="duration"
    ),
    "exit": Field(Number(), "run.exit_code"),
    # Of a run that succeeded there is none: its row need not be read for that.
    "reason": Field(Text(), "run.reason", f"({_UNUSUAL} AND {{}})", searched=True),
    "run": Field(Number(), "run.id", searched=True, also="id"),
}

_TENANT_STATE = (
    "CASE WHEN tenant.archived THEN 'archived' WHEN tenant.paused THEN 'paused'"
    " WHEN tenant.schedule IS NULL THEN 'by hand' ELSE 'scheduled' END"
)

TENANT_FIELDS = {
    "tenant": Field(Text(), "tenant.name", searched=True, also="name"),
    "integration": Field(Text(), "integration.name", searched=True),
    "state": Field(Choice(("scheduled", "paused", "by hand", "archived")), _TENANT_STATE, searched=True),
    "phase": Field(Choice(PHASES), "coalesce(current_run.phase, last_run.phase)", searched=True),
    "since": Field(Moment(since=True), "coalesce(current_run.created_date, last_run.created_date)"),
    "until": Field(Moment(since=False), "coalesce(current_run.created_date, last_run.created_date)"),
    "release": Field(Text(), "resolved.name", searched=True),
    "channel": Field(Choice(CHANNELS), "tenant.integration_release_channel"),
    "schedule": Field(Text(), "tenant.schedule", searched=True),
    "zone": Field(Text(), "tenant.timezone", also="timezone"),
    "source": Field(Text(), "tenant.source"),
}

RELEASE_FIELDS = {
    "release": Field(Text(), "release.name", searched=True, also="name"),
    "status": Field(Choice(RELEASE_STATUSES), "release.status", searched=True),
    "is": Field(
        Choice(("default", "latest", "default and latest", "neither")),
        "CASE WHEN is_default AND is_latest THEN 'default and latest' WHEN is_default THEN 'default'"
        " WHEN is_latest THEN 'latest' ELSE 'neither' END",
    ),
    "tag": Field(Text(), "release.tag", searched=True),
    "commit": Field(Text(), 'release."commit"', searched=True),
    "subject": Field(Text(), "release.commit_subject", searched=True),
    "branch": Field(Text(), "release.branch", searched=True),
    "by": Field(Text(), "release.started_by", searched=True),
    "since": Field(Moment(since=True), "release.created_date"),
    "until": Field(Moment(since=False), "release.created_date"),
}

ACTIVITY_FIELDS = {
    "who": Field(Text(), "activity.actor", searched=True, also="actor"),
    "what": Field(Text(), "activity.action", searched=True, also="action"),
    "integration": _named("integration", of="activity"),
    "tenant": _named("tenant", of="activity"),
    "release": _named("release", of="activity"),
    "run": Field(Number(), "activity.run_id", searched=True),
    "detail": Field(Text(), "activity.detail", searched=True),
    "since": Field(Moment(since=True), "activity.created_date"),
    "until": Field(Moment(since=False), "activity.created_date"),
}
