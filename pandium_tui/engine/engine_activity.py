"""What the engine did by itself, in the audit trail: skips, clock steps and recoveries, not every tick."""

from typing import Any

from sqlmodel import Session

from pandium_tui.storage.tables import ActivityRow
from pandium_tui.storage.times import utc_now

ENGINE = "engine"


def note_engine_activity(session: Session, action: str, detail: str = "", **about: Any) -> None:
    """Write an audit row in the same transaction as what it tells of; ``about`` names ids such as ``tenant_id``."""
    session.add(ActivityRow(created_date=utc_now(), actor=ENGINE, action=action, detail=detail, **about))
