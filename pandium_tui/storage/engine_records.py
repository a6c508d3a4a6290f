"""What the engine reads of what it works on: no more than it needs, for it looks often."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DueTenant:
    """A tenant whose planned slot has come."""

    id: int
    schedule: str
    timezone: str
    next_run: datetime
    integration_id: int
    catch_up: bool
    catch_up_window: int


@dataclass(frozen=True, slots=True)
class ActiveRun:
    """What the engine needs to know of a run that has not ended."""

    id: int
    phase: str
    attempt: int
    claimed_by: str | None
    cancel_requested: bool
    created_date: datetime


@dataclass(frozen=True, slots=True)
class OpenBuild:
    """What the engine needs to know of a release that is queued or building."""

    id: int
    integration_id: int
    status: str
    attempt: int
    claimed_by: str | None
    cancel_requested: bool
    created_date: datetime


@dataclass(frozen=True, slots=True)
class PolledIntegration:
    """What the engine needs to know to follow a tracking branch; see ``records.Integration`` for the last three."""

    id: int
    url: str
    branch: str | None
    interval: int | None
    date: datetime | None
    commit: str | None
