"""What is said about a run, in facts of a line and in full."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pandium_tui.storage.records import Run, Trigger
from pandium_tui.widgets.facts import Fact
from pandium_tui.widgets.when import NOTHING, When, phase_words, span


def facts_of(run: Run, triggers: Sequence[Trigger], when: When) -> list[Fact]:
    """The facts of a run, a line each."""
    facts = [
        ("Run", f"{run.id}  {phase_words(run.phase)}  ({run.mode})"),
        ("Tenant", f"{run.integration_name}/{run.tenant_name}"),
        ("Release", run.release_name or "decided when it starts"),
        ("Why", "; ".join(trigger_words(trigger, when) for trigger in triggers) or NOTHING),
        ("Created", when.both(run.created_date)),
        ("Started", when.both(run.started_date)),
        ("Ended", when.both(run.completed_date)),
        ("Took", f"{when.lasted(run.started_date, run.completed_date)}{_limit(run)}"),
        ("Result", result_words(run)),
        ("State", state_words(run.state)),
        ("Settings", ", ".join(run.configs) if run.configs else NOTHING),
    ]
    if run.isolation:
        facts.insert(3, ("Isolation", run.isolation))
    if run.warnings:
        more = f" (and {len(run.warnings) - 1} more: s)" if len(run.warnings) > 1 else ""
        facts.insert(-2, ("Warning", f"! {run.warnings[0]}{more}"))
    return facts


def details_of(run: Run, triggers: Sequence[Trigger], when: When) -> str:
    """Everything that may be too long for a line."""
    sections = [("State: the last line printed to stdout", pretty_state(run.state))]
    sections.append(("Result", result_words(run)))
    if run.warnings:
        sections.append(("Warnings", "\n".join(f"! {warning}" for warning in run.warnings)))
    sections.append(("Why", "\n".join(trigger_words(trigger, when) for trigger in triggers) or NOTHING))
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
    return state if _is_json(state) else f"! not JSON: {state}"


def pretty_state(state: str | None) -> str:
    """The state laid out to be read; one that is not JSON as it is, with a warning."""
    if state is None:
        return "none printed"
    if not _is_json(state):
        return f"! This is not JSON. It was kept as it is; the next run gets it like that.\n{state}"
    return pretty(json.loads(state))


def pretty(value: Mapping[str, Any] | object) -> str:
    """JSON laid out to be read."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _is_json(text: str) -> bool:
    try:
        json.dumps(json.loads(text), indent=2)  # also what nests too deep to be laid out
    except (ValueError, RecursionError):
        return False
    return True


def _limit(run: Run) -> str:
    return "" if run.time_limit is None else f" (limit {span(run.time_limit)})"
