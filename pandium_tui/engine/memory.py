"""What the installation remembers between looks and restarts: its pause, its last look at the clock, its outages."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from pandium_tui.storage import schedule_queries
from pandium_tui.storage.records import Pause
from pandium_tui.storage.times import to_text
from pandium_tui.storage.unattended_tables import InstallationRow

OUTAGES = "outages"
OUTAGES_KEPT = 20


def recall(session: Session, name: str) -> Any:
    """What is remembered by this name; None for nothing."""
    row = session.get(InstallationRow, name)
    return None if row is None else row.value


def remember(session: Session, name: str, value: Any) -> None:
    """Remember a JSON value by this name."""
    session.merge(InstallationRow(name=name, value=value))


def recall_pause(session: Session) -> Pause | None:
    """The pause of all engines, in a transaction that acts on it."""
    return schedule_queries.pause_of(recall(session, schedule_queries.PAUSE))


def note_outage(session: Session, begin: datetime, end: datetime, cause: str) -> None:
    """Remember that nothing fired in this time, and why: slots of it are skipped with this reason."""
    outages = [*(recall(session, OUTAGES) or []), {"from": to_text(begin), "to": to_text(end), "cause": cause}]
    remember(session, OUTAGES, outages[-OUTAGES_KEPT:])


def cause_of_outage(session: Session, slot: datetime) -> str:
    """Why a slot did not fire when it was due."""
    at = to_text(slot)
    for outage in reversed(recall(session, OUTAGES) or []):
        if outage["from"] <= at <= outage["to"]:
            return str(outage["cause"])
    return "no engine was working"
