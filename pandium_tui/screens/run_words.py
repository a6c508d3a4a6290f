"""What is said about a run, in facts of a line and in full."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pandium_tui.storage.attempt_queries import Attempts
from pandium_tui.storage.records import Run, Trigger
from pandium_tui.widgets.facts import Fact
from pandium_tui.widgets.key_words import KeyNames
from pandium_tui.widgets.when import NOTHING, When, phase_words, span


def facts_of(
    run: Run, triggers: Sequence[Trigger], where_from: Attempts, when: When, key: KeyNames, waits_for: str
) -> list[Fact]:
    """The facts of a run, a line each; ``waits_for`` is what a queued one waits for, else empty."""
    facts = [
        ("Run", f"{run.id}  {phase_words(run.phase)}  ({run.mode})"),
        ("Tenant", f"{run.integration_name}/{run.tenant_name}"),
        ("Release", run.release_name or "decided when it starts"),
        ("Why", _why(triggers, when, key("run.state"))),
        ("Created", when.both(run.created_date)),
        ("Started", f"waits for {waits_for}" if waits_for else when.both(run.started_date)),
        ("Ended", when.both(run.completed_date)),
        ("Took", f"{when.lasted(run.started_date, run.completed_date)}{_limit(run)}"),
        ("Result", result_words(run)),
        ("State", state_words(run.state)),
        ("Settings", ", ".join(run.configs) if run.configs else NOTHING),
    ]
    if words := attempt_words(where_from, when, key):
        facts.insert(4, ("Attempt", words))
    if run.isolation:
        facts.insert(3, ("Isolation", run.isolation))
    if run.warnings:
        more = f" (and {len(run.warnings) - 1} more: {key('run.state')})" if len(run.warnings) > 1 else ""
        facts.insert(-2, ("Warning", f"! {run.warnings[0]}{more}"))
    return facts


def details_of(run: Run, triggers: Sequence[Trigger], when: When) -> str:
    """Everything that may be too long for a line."""
    sections = [("State: the last line printed to stdout", pretty_state(run.state))]
    sections.append(("Result", result_words(run)))
    if run.warnings:
        sections.append(("Warnings", "\n".join(f"! {warning}" for warning in run.warnings)))
    sections.append(("Triggers", "\n".join(trigger_lines(trigger, when) for trigger in triggers) or NOTHING))
    sections.append(("Settings it got", pretty(run.configs or {})))
    return "\n\n".join(f"{title}\n{'─' * len(title)}\n{text}" for title, text in sections)


def trigger_words(trigger: Trigger, when: When) -> str:
    """Why a run happens, such as ``cron for 2026-11-24 06:00:00`` or ``manual by ada (hub)``."""
    if trigger.scheduled_for is not None:
        words = f"{trigger.source} for {when.moment(trigger.scheduled_for)}"
    else:
        words = f"{trigger.source} by {trigger.created_by}" if trigger.created_by else trigger.source
    if trigger.note and trigger.scheduled_for is not None:
        words += f" ({trigger.note})"
    return f"{words}, payload of {trigger.payload_bytes:,} bytes" if trigger.payload_bytes else words


def trigger_lines(trigger: Trigger, when: When) -> str:
    """A trigger in full: its id, why, in which mode, since when it waited. Of its headers only the names."""
    words = f"{trigger.id}  {trigger_words(trigger, when)}, {trigger.mode}, asked {when.moment(trigger.created_date)}"
    return f"{words}, headers {', '.join(trigger.headers)}" if trigger.headers else words


def attempt_words(found: Attempts, when: When, key: KeyNames) -> str:
    """Which try it is and what comes next, or which run it repeats; empty when there is nothing to say."""
    words = []
    if found.rerun_of is not None:
        words.append(f"run {found.rerun_of} once more ({key('run.origin')})")
        if not found.counts_as_state:
            words.append("does not count as the tenant's state")
    elif found.attempts > 1 and (found.retry_of or found.next_attempt or found.retried_by):
        again = f", tries run {found.retry_of} again ({key('run.origin')})" if found.retry_of else ""
        words.append(f"{found.attempt} of {found.attempts}{again}")
    if found.next_attempt is not None:
        words.append(f"next at {when.both(found.next_attempt)}")
    if found.retried_by is not None:
        words.append(f"tried again by run {found.retried_by} ({key('run.retry')})")
    if found.starts_after is not None and found.starts_after > when.now:
        words.append(f"starts at {when.both(found.starts_after)}")
    return "; ".join(words)


def result_words(run: Run) -> str:
    """Exit code and reason; that a cancel was asked for, while it goes on."""
    told = f"exit code {run.exit_code}"
    words = [] if run.exit_code is None or told in (run.reason or "") else [told]
    if run.reason:
        words.append(run.reason)
    elif run.cancel_requested_by and run.completed_date is None:
        words.append(f"asked to stop by {run.cancel_requested_by}")
    return ": ".join(words) or NOTHING


def state_words(state: str | None) -> str:
    """The state in a line, with a sign when it is not JSON."""
    if state is None:
        return "none printed"
    return state if is_json(state) else f"! not JSON: {state}"


def pretty_state(state: str | None) -> str:
    """The state laid out to be read; one that is not JSON as it is, with a warning."""
    if state is None:
        return "none printed"
    if not is_json(state):
        return f"! This is not JSON. It was kept as it is; the next run gets it like that.\n{state}"
    return pretty(json.loads(state))


def pretty(value: Mapping[str, Any] | object) -> str:
    """JSON laid out to be read."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def is_json(text: str) -> bool:
    """Whether it is JSON that can be laid out to be read."""
    try:
        json.dumps(json.loads(text), indent=2)  # also what nests too deep to be laid out
    except (ValueError, RecursionError):
        return False
    return True


def _why(triggers: Sequence[Trigger], when: When, key: str) -> str:
    words = "; ".join(trigger_words(trigger, when) for trigger in triggers) or NOTHING
    return f"{len(triggers)} triggers ({key}): {words}" if len(triggers) > 1 else words


def _limit(run: Run) -> str:
    return "" if run.time_limit is None else f" (limit {span(run.time_limit)})"
