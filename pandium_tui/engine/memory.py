"""What the installation remembers between looks and restarts: its pause, its last look at the clock, its outages."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from pandium_tui.storage import schedule_queries
from pandium_tui.storage.times import from_text, to_text
from pandium_tui.storage.unattended_tables import InstallationRow

PAUSE = "pause"
OUTAGES = "outages"
OUTAGES_KEPT = 20


@dataclass(frozen=True, slots=True)
class Pause:
    """That no schedule fires and no run starts, since when, and who said so."""

    since: datetime
    by: str


def recall(session: Session, name: str) -> Any:
    """What is remembered by this name; None for nothing."""
    row = session.get(InstallationRow, name)
    return None if row is None else row.value


def remember(session: Session, name: str, value: Any) -> None:
    """Remember a JSON value by this name."""
    session.merge(InstallationRow(name=name, value=value))


def read_pause(reader: sqlite3.Connection) -> Pause | None:
    """The pause of all engines; None when they work."""
    return _pause_of(schedule_queries.remembered(reader, PAUSE))


def recall_pause(session: Session) -> Pause | None:
    """The same, in a transaction that acts on it."""
    return _pause_of(recall(session, PAUSE))


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


def _pause_of(value: Any) -> Pause | None:
    if not value:
        return None
    since = from_text(value["since"])
    assert since is not None
    return Pause(since, value["by"])
