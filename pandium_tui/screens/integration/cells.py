"""What the integration page says about its integration, runs, tenants and releases."""

from rich.text import Text

from pandium_tui.hub.integration_details import ConnectorSummary, IntegrationDetails
from pandium_tui.screens.connection_words import status_text
from pandium_tui.screens.integration.listing_words import MARKS
from pandium_tui.screens.integration_form import BEHAVIOURS
from pandium_tui.storage.records import Integration, Release, Run, RunBrief, Tenant
from pandium_tui.text import visible
from pandium_tui.widgets.facts import Fact
from pandium_tui.widgets.key_words import KeyNames
from pandium_tui.widgets.rows import Cell, Column
from pandium_tui.widgets.when import NOTHING, When, phase_text, phase_words

RUN_COLUMNS = (
    Column("Run", 12, sorts=lambda one: one.id),
    Column("Phase", 30, order="phase"),
    Column("Tenant", 24, order="tenant"),
    Column("When", 14, order="started"),
    Column("Took", 12, order="took"),
    Column("Why", 16, shown_from=100),
    Column("Mode", 8, shown_from=100, order="mode"),
    Column("Release", 28, shown_from=120, order="release"),
)
TENANT_COLUMNS = (
    Column("Tenant", 24, sorts=lambda one: one.name),
    Column("State", 12, sorts=lambda one: state_of(one).plain),
    Column("Last run", 30, sorts=lambda one: None if (last := last_of(one)) is None else last.phase),
    Column("When", 14, sorts=lambda one: None if (last := last_of(one)) is None else last.created_date),
    Column("Next run", 14, sorts=lambda one: one.next_run),
    Column("Schedule", 20, shown_from=100, sorts=lambda one: one.schedule),
    Column("Release", 30, shown_from=120, sorts=lambda one: one.release_name),
    Column("Newest runs", 12, shown_from=120),
)
RELEASE_COLUMNS = (
    Column("Release", 28, sorts=lambda one: one.id),
    Column("Status", 12),
    Column("Is", 16),
    Column("Commit", 8),
    Column("Tenants", 7),
    Column("Asked for", 14, shown_from=100),
    Column("Tag", 16, shown_from=100),
    Column("Branch", 20, shown_from=120),
)


def short_facts(one: IntegrationDetails, when: When, key: KeyNames) -> list[Fact]:
    """What matters most, for small screens."""
    if one.type == "External":
        return [
            ("Type", one.type),
            ("Target URL", one.target_url or NOTHING),
            ("Long name", one.long_name or NOTHING),
            ("Marketplace", _listing(one)),
        ]
    return [
        ("Repository", one.repository_url or NOTHING),
        ("Branch, path", f"{_branch(one)}, {_path(one)}"),
        ("Default release", f"{one.default_release_name or 'none'}; new tenants begin {_begin(one)}"),
        ("Connectors", _connectors(one)),
        ("Marketplace", _listing(one)),
        ("Last run", _last_run(one, when)),
        ("Next run", when.both(one.next_run)),
        ("Now", f"{_busy(one, key)}, {one.failures_24h} failed in 24 h"),
    ]


def all_facts(one: IntegrationDetails, when: When, key: KeyNames) -> list[Fact]:
    """Everything that is known of it."""
    dates = [("Created", when.both(one.created_date)), ("Changed", when.both(one.modified_date))]
    facts = [
        ("Id", str(one.id)),
        ("Name", one.name),
        ("Long name", one.long_name or NOTHING),
        ("Type", one.type + (", archived" if one.archived else "")),
    ]
    if one.type == "External":
        return [*facts, ("Target URL", one.target_url or NOTHING), ("Marketplace", _listing(one)), *dates]
    limit = "the installation's" if one.run_time_limit is None else f"{one.run_time_limit} s"
    return [
        *facts,
        ("Repository", one.repository_url or NOTHING),
        ("Branch", _branch(one)),
        ("Path", _path(one)),
        ("Source account", one.source_account or "none: what git on this machine has"),
        ("Default release", one.default_release_name or "none"),
        ("Latest release", one.latest_release_name or "none"),
        ("New tenants", next(label for label, channel in BEHAVIOURS if channel == one.default_release_channel)),
        ("New tenants begin", _begin(one)),
        ("Schedules offered", _schedules(one)),
        ("Time limit of a run", limit),
        ("Connectors", _connectors(one)),
        ("Marketplace", _listing(one)),
        ("Notifications", _notifications(one)),
        ("Tenants", str(one.tenants)),
        ("Last run", _last_run(one, when)),
        ("Next run", when.both(one.next_run)),
        ("Now", _busy(one, key)),
        ("Failed in 24 h", str(one.failures_24h)),
        *dates,
    ]


def _notifications(one: IntegrationDetails) -> str:
    if one.notification_problem:
        return f"✗ {one.notification_problem}"
    return "nobody is told of failures" if one.notifications == 0 else _count(one.notifications, "notification")


def warning_of(one: IntegrationDetails, key: KeyNames) -> str:
    """What stands in the way of customers, empty when nothing does."""
    if one.archived:
        return (
            f"Archived: no schedule fires and nothing can be started. Press {key('integration.archive')} to restore it."
        )
    if one.paused:
        return f"Paused: no schedule of its tenants fires. Press {key('integration.pause.all')} to let them go on."
    if one.source_problem:
        return f"Tracking branch: {visible(one.source_problem)}"
    if one.notification_problem:
        look = key("integration.notifications")
        return f"A notification did not arrive, {visible(one.notification_problem)}. Press {look} to look at it."
    if one.type == "External" or one.default_release_id is not None:
        return ""
    if one.latest_release_id is None:
        build = key("integration.build")
        return f"No release yet: press {build} to build one. Without a default release customers cannot install it."
    choose = key("integration.default")
    return f"No default release: customers cannot install it. Choose one under Releases and press {choose}."


def run_cells(run: Run, when: When) -> tuple[Cell, ...]:
    """A run, for ``RUN_COLUMNS``."""
    return (
        str(run.id),
        phase_text(run.phase),
        run.tenant_name,
        when.relative(run.started_date or run.created_date),
        when.lasted(run.started_date, run.completed_date),
        ", ".join(run.sources) or NOTHING,
        run.mode,
        run.release_name or NOTHING,
    )


def tenant_cells(tenant: Tenant, when: When, newest_runs: str) -> tuple[Cell, ...]:
    """A tenant, for ``TENANT_COLUMNS``; ``newest_runs`` is a picture of them."""
    last = last_of(tenant)
    release = tenant.release_name or "none"
    if tenant.integration_release_channel:
        release = f"{tenant.integration_release_channel}: {release}"
    return (
        tenant.name,
        state_of(tenant),
        phase_text(last.phase) if last else NOTHING,
        when.relative(last.started_date or last.created_date) if last else NOTHING,
        when.relative(tenant.next_run),
        tenant.schedule or "by hand",
        release,
        newest_runs,
    )


def release_cells(release: Release, when: When) -> tuple[Cell, ...]:
    """A release, for ``RELEASE_COLUMNS``."""
    roles = [word for word, has in (("default", release.is_default), ("latest", release.is_latest)) if has]
    return (
        release.name,
        phase_text(release.status),
        ", ".join(roles),
        (release.commit or NOTHING)[:8],
        str(release.tenants),
        when.relative(release.created_date),
        release.tag or NOTHING,
        release.branch or NOTHING,
    )


def last_of(tenant: Tenant) -> RunBrief | None:
    """The run that goes on, else the one that ended last."""
    return tenant.current_run or tenant.last_run


def state_of(tenant: Tenant) -> Text:
    """Whether a tenant runs by itself."""
    if tenant.archived:
        return Text("▣ Archived", style="dim")
    if tenant.paused:
        return Text("‖ Paused", style="yellow")
    return Text("✓ Scheduled", style="green") if tenant.schedule else Text("· By hand")


def connector_words(one: ConnectorSummary) -> str:
    """A connector in a few words: its own status when it is global, else how many tenants are connected."""
    if one.problem:
        return f"{one.name} ! not provisioned"
    if one.status is not None:
        return f"{one.name} {status_text(one.status)}"
    return f"{one.name} {'·' if one.ready and one.tenants else '○'} {one.connected} of {one.tenants} tenants"


def _connectors(one: IntegrationDetails) -> str:
    if not one.connectors:
        return "none"
    # What is left to do comes first: a long line is cut.
    words = ", ".join(connector_words(each) for each in sorted(one.connectors, key=lambda each: each.ready))
    return f"{len(one.connectors)}: {words}" if len(one.connectors) > 1 else words


def _listing(one: IntegrationDetails) -> str:
    state = f"{MARKS[one.review_state]} {one.review_state}"
    return state if one.published else f"{state}, not published"


def _schedules(one: IntegrationDetails) -> str:
    labels = [f"{option.label}{' (default)' if option.default else ''}" for option in one.schedule_options]
    return ", ".join([*labels, *(["own cron"] if one.custom_schedules else [])]) or "none: by hand only"


def _begin(one: IntegrationDetails) -> str:
    return "paused" if one.paused_by_default else "running"


def _last_run(one: Integration, when: When) -> str:
    if one.last_run is None:
        return "none yet"
    moment = one.last_run.completed_date or one.last_run.started_date or one.last_run.created_date
    return f"{phase_words(one.last_run.phase)}, {when.relative(moment)} (run {one.last_run.id})"


def _busy(one: Integration, key: KeyNames) -> str:
    waits = f" ({key('integration.waiting')})" if one.queued else ""
    return f"{one.running} running, {one.queued} queued{waits}"


def _branch(one: Integration) -> str:
    return one.repository_tracking_branch or "default branch"


def _path(one: Integration) -> str:
    return one.repository_path or "PANDIUM.yaml"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
