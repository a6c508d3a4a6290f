"""What is read about notifications: who is told of an integration's failures, and what waits to be told."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pandium_tui.storage.row_reading import moment
from pandium_tui.storage.times import from_text


@dataclass(frozen=True, slots=True)
class Notification:
    """Whom an integration tells, and how it stands.

    Attributes:
        kind: ``command``, ``webhook`` or ``email``.
        target: ``{"command": [...]}``, ``{"url": ...}`` or ``{"to": [...]}``.
        interval: seconds between two messages; what happens meanwhile is told together.
        pending: how many failures and recoveries wait to be told.
        sent_date: of the last message that arrived.
        problem: why the last one did not arrive, None when it did.
    """

    id: int
    uuid: str
    integration_id: int
    integration_name: str
    kind: str
    target: dict[str, Any]
    interval: int
    pending: int
    sent_date: datetime | None
    problem: str | None
    problem_date: datetime | None
    created_date: datetime


@dataclass(frozen=True, slots=True)
class DueNotification:
    """One that has something to tell, and when it may."""

    id: int
    interval: int
    not_before: datetime | None
    sent_date: datetime | None
    claimed_date: datetime | None
    oldest: datetime


_NOTIFICATIONS = """
SELECT notification.id, notification.uuid, integration_id, integration.name AS integration_name, kind, target, interval,
    (SELECT count(*) FROM notification_event INDEXED BY ix_notification_event_pending
        WHERE notification_id = notification.id AND ended_date IS NULL) AS pending,
    sent_date, problem, problem_date, notification.created_date
FROM notification JOIN integration ON integration.id = notification.integration_id
"""


def notifications(reader: sqlite3.Connection, integration_id: int | None = None) -> list[Notification]:
    """The notifications of an integration, or all, oldest first."""
    where = "" if integration_id is None else " WHERE integration_id = :integration_id"
    rows = reader.execute(f"{_NOTIFICATIONS}{where} ORDER BY notification.id", {"integration_id": integration_id})
    return [_notification_of(row) for row in rows]


def notification(reader: sqlite3.Connection, notification_id: int) -> Notification | None:
    """One notification."""
    row = reader.execute(_NOTIFICATIONS + " WHERE notification.id = ?", (notification_id,)).fetchone()
    return None if row is None else _notification_of(row)


def waiting(reader: sqlite3.Connection) -> list[DueNotification]:
    """The notifications that have something to tell."""
    rows = reader.execute(
        "SELECT notification.id, interval, not_before, sent_date, claimed_date, min(notification_event.created_date)"
        " AS oldest FROM notification_event INDEXED BY ix_notification_event_pending"
        " JOIN notification ON notification.id = notification_id WHERE ended_date IS NULL GROUP BY notification.id"
    )
    return [
        DueNotification(
            row["id"],
            row["interval"],
            from_text(row["not_before"]),
            from_text(row["sent_date"]),
            from_text(row["claimed_date"]),
            moment(row["oldest"]),
        )
        for row in rows
    ]


def _notification_of(row: sqlite3.Row) -> Notification:
    values = dict(row)
    values["target"] = json.loads(values["target"])
    values["sent_date"], values["problem_date"] = from_text(values["sent_date"]), from_text(values["problem_date"])
    values["created_date"] = moment(values["created_date"])
    return Notification(**values)
