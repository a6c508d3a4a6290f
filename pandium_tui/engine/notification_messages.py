"""What a notification says: as JSON for programs, and in words for people."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pandium_tui.engine.notifications import Batch, Event
from pandium_tui.storage.times import to_text
from pandium_tui.text import visible

LISTED = 20
"""How many failures, and how many recoveries, a message lists at most; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message; ``payload`` is all of it, ``subject`` and ``text`` the same in words."""

    subject: str
    text: str
    payload: dict[str, Any]


def message_of(batch: Batch, now: datetime) -> Message:
    """The message of what is pending: one failure, one recovery, or a digest of several."""
    failures = [one for one in batch.events if not one.recovered]
    recoveries = [one for one in batch.events if one.recovered]
    single = len(batch.events) == 1
    event = "digest" if not single else "failure" if failures else "recovery"
    payload = {
        "event": event,
        # The same when it is sent again because nobody knows whether it arrived.
        "id": str(uuid.uuid5(uuid.UUID(batch.uuid), "-".join(str(one.id) for one in batch.events))),
        "created_date": to_text(now),
        "integration": {"id": batch.integration_id, "name": batch.integration_name},
        "failures_total": len(failures),
        "recoveries_total": len(recoveries),
        "failures": [one.summary for one in failures[:LISTED]],
        "recoveries": [one.summary for one in recoveries[:LISTED]],
    }
    lines = [*_listed("Failed", failures), *_listed("Recovered", recoveries)]
    return Message(_subject(batch.integration_name, failures, recoveries), "\n".join(lines), payload)


def trial_message(integration_id: int, integration_name: str, now: datetime) -> Message:
    """A message that says it is a test."""
    payload = {
        "event": "test",
        "id": str(uuid.uuid4()),
        "created_date": to_text(now),
        "integration": {"id": integration_id, "name": integration_name},
        "failures_total": 0,
        "recoveries_total": 0,
        "failures": [],
        "recoveries": [],
    }
    name = visible(integration_name)
    return Message(f"[pandium-tui] {name}: a test", f"This is a test: nothing of {name} has failed.", payload)


def _subject(name: str, failures: list[Event], recoveries: list[Event]) -> str:
    parts = []
    for events, one, many in ((failures, "failed", "failures"), (recoveries, "recovered", "recoveries")):
        if len(events) == 1:
            parts.append(f"{_what(events[0])} {one}")
        elif events:
            parts.append(f"{len(events)} {many}")
    return visible(f"[pandium-tui] {name}: {', '.join(parts)}")


def _listed(word: str, events: list[Event]) -> list[str]:
    lines = []
    for event in events[:LISTED]:
        told = event.summary
        reason = f": {told['reason']}" if told["reason"] else ""
        phase = f", {told['phase']}" if "phase" in told else ""
        lines.append(visible(f"{word}: {_place(event)}, {told['completed_date']}{phase}{reason}"))
    if len(events) > LISTED:
        lines.append(f"and {len(events) - LISTED} more that {word.lower()}")
    return lines


def _what(event: Event) -> str:
    """What failed or recovered, in a few words."""
    told = event.summary
    match told.get("about", "run"):
        case "build":
            return f"the build of {told['release']['name']}"
        case "branch":
            return f"the tracking branch {told['branch'] or ''}".rstrip()
        case _:
            return str(told["tenant"]["name"])


def _place(event: Event) -> str:
    if event.summary.get("about", "run") == "run":
        return f"tenant {_what(event)}, run {event.summary['run_id']}"
    return _what(event)
