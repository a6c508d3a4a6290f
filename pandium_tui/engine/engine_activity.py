"""What the engine did by itself, in the audit trail: skips, clock steps and recoveries, not every tick."""

from sqlmodel import Session

from pandium_tui.storage.tables import ActivityRow
from pandium_tui.storage.times import utc_now

ENGINE = "engine"


def note_engine_activity(
    session: Session,
    action: str,
    detail: str = "",
    *,
    actor: str = ENGINE,
    integration_id: int | None = None,
    tenant_id: int | None = None,
    release_id: int | None = None,
    run_id: int | None = None,
) -> None:
    """Write an audit row in the same transaction as what it tells of; ``actor`` is the part that did it."""
    session.add(
        ActivityRow(
            created_date=utc_now(),
            actor=actor,
            action=action,
            detail=detail,
            integration_id=integration_id,
            tenant_id=tenant_id,
            release_id=release_id,
            run_id=run_id,
        )
    )
