"""What is said about a tenant and in a table of its runs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from pandium_tui.screens.run_words import pretty, result_words
from pandium_tui.storage.records import Run, RunBrief, Tenant
from pandium_tui.storage.schedule_queries import SkippedSlots
from pandium_tui.widgets.facts import Fact
from pandium_tui.widgets.key_words import KeyNames
from pandium_tui.widgets.rows import Cell
from pandium_tui.widgets.when import NOTHING, When, phase_text, phase_words

if TYPE_CHECKING:
    from pandium_tui.hub.overview import Overview
    from pandium_tui.hub.settings_form import Move


def move_words(move: "Move") -> str:
    """What another release means for the settings of a tenant."""
    if move.problem:
        return move.problem
    lines = ["Its settings fit this release."]
    if move.refused:
        lines = ["! Its settings need attention afterwards, and runs are refused until then:", *move.refused]
    if move.unused:
        lines.append(f"Kept, but no run gets them any more: {', '.join(move.unused)}")
    return "\n".join(lines)


def facts_of(
    tenant: Tenant,
    schedule: str,
    when: When,
    key: KeyNames,
    attention: Sequence[str] = (),
    skipped: SkippedSlots | None = None,
    held: str = "",
) -> list[Fact]:
    """The facts of a tenant, a line each.

    The settings of ``tenant`` are as they may be shown. ``schedule`` is its schedule in words, ``attention`` why its
    settings need some, ``skipped`` what of its schedule did not run last, ``held`` what keeps it from firing.
    """
    facts = [
        ("Tenant", f"{tenant.integration_name}/{tenant.name}  {mark_of(tenant)}"),
        ("Release", release_words(tenant)),
        ("Schedule", f"{schedule} ({tenant.schedule}, {tenant.timezone})" if schedule else "none: runs only by hand"),
        ("Next run", _next_run(tenant, when, held, key("tenant.pause"))),
        ("Runs now", _current(tenant, when, key("tenant.waiting"))),
        ("Last run", run_words(tenant.last_run, when)),
        ("Last success", run_words(tenant.last_successful_run, when)),
        ("Settings", _settings(tenant, attention, key("tenant.form"))),
        (
            "Created",
            f"{when.moment(tenant.created_date)} ({tenant.source}), changed {when.moment(tenant.modified_date)}",
        ),
    ]
    if skipped is not None:
        facts.insert(4, (f"Skipped ({key('tenant.waiting')})", skipped_words(skipped, when)))
    return facts


def skipped_words(skipped: SkippedSlots, when: When) -> str:
    """Slots that did not run, in a line."""
    more = f" and {skipped.slots - 1} more" if skipped.slots > 1 else ""
    blocked = f" (run {skipped.blocking_run_id})" if skipped.blocking_run_id is not None else ""
    return f"{when.moment(skipped.first_slot)}{more}: {skipped.reason}{blocked}"


def mark_of(tenant: Tenant) -> str:
    """Whether it is archived, paused or neither, by a sign and a word."""
    if tenant.archived:
        return "▣ archived"
    return "‖ paused" if tenant.paused else "✓ active"


def release_words(tenant: Tenant) -> str:
    """What it follows, and the release a run would use now."""
    if tenant.integration_release_channel is None:
        return f"{tenant.release_name or tenant.integration_release_id} (pinned)"
    leads_to = tenant.release_name or "! no release: it cannot run"
    return f"{tenant.integration_release_channel} channel → {leads_to}"


def run_words(run: RunBrief | None, when: When) -> str:
    """A run of the past in a line."""
    if run is None:
        return NOTHING
    return f"{phase_words(run.phase)}, run {run.id}, {when.both(run.completed_date or run.created_date)}"


def waiting_words(tenant: Tenant, overview: "Overview | None", go_on: str) -> str:
    """What a run that was asked for waits for; empty when the engine takes it up. ``go_on`` is the key for engines."""
    if tenant.current_run is not None:
        return f"The run waits for run {tenant.current_run.id} of this tenant to end; then it opens here."
    if overview is not None and overview.paused_by is not None:
        return f"The run waits: the engines are paused. {go_on} on the first page lets them go on."
    if overview is not None and not overview.schedulers:
        return "The run waits: no engine is running. Start one with: pandium-tui serve"
    return ""


def run_cells(run: Run, when: When) -> list[Cell]:
    """What the table says about a run."""
    return [
        str(run.id),
        phase_text(run.phase),
        run.mode,
        ", ".join(run.sources) or NOTHING,
        when.moment(run.started_date or run.created_date),
        when.lasted(run.started_date, run.completed_date),
        run.release_name or NOTHING,
        Text(NOTHING) if (words := result_words(run)) == NOTHING else words,
    ]


def details_of(tenant: Tenant, when: When) -> str:
    """Everything that is too long for a line; the settings are as they may be shown."""
    sections = [("Settings", pretty(tenant.configs))]
    if tenant.dynamic_configs is not None:
        title = (
            f"Choices that init run {tenant.dynamic_configs_run_id} printed {when.moment(tenant.dynamic_configs_date)}"
        )
        sections.append((title, pretty(tenant.dynamic_configs)))
    sections.append(("Metadata", pretty(tenant.metadata)))
    return "\n\n".join(f"{title}\n{'─' * len(title)}\n{text}" for title, text in sections)


def _settings(tenant: Tenant, attention: Sequence[str], key: str) -> str:
    words = ", ".join(f"{name}={_short(value)}" for name, value in tenant.configs.items()) or NOTHING
    return f"! need attention ({key}): {'; '.join(attention)}" if attention else words


def _next_run(tenant: Tenant, when: When, held: str, key: str) -> str:
    if tenant.archived:
        return "never: archived"
    if tenant.paused:
        return f"never: paused ({key} lets the schedule go on)"
    return f"none while {held}" if held and tenant.schedule else when.both(tenant.next_run)


def _current(tenant: Tenant, when: When, key: str) -> str:
    run = tenant.current_run
    words = NOTHING if run is None else f"{phase_words(run.phase)}, run {run.id} since {when.moment(run.created_date)}"
    if not tenant.held_triggers:
        return words
    held = "1 trigger waits" if tenant.held_triggers == 1 else f"{tenant.held_triggers} triggers wait"
    return f"{words}; {held} ({key})" if run else f"{held} ({key})"


def _short(value: object) -> str:
    return value if isinstance(value, str) else " ".join(map(str.strip, pretty(value).splitlines()))
