"""The audit trail."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pandium_tui.hub.actor import Actor, new_name
from pandium_tui.storage import activity_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.filtering.filters import EVERYTHING, Filter
from pandium_tui.storage.queries import PAGE
from pandium_tui.storage.records import Activity
from pandium_tui.storage.times import utc_now

if TYPE_CHECKING:
    from sqlmodel import Session


def activities(
    store: Store,
    integration_id: int | None = None,
    *,
    before_id: int | None = None,
    limit: int = PAGE,
    matching: Filter = EVERYTHING,
    oldest_first: bool = False,
) -> list[Activity]:
    """What was done, newest or oldest first, a page at a time; ``matching``: see ``hub.filtering``."""
    with store.reading() as reader:
        return activity_queries.activities(
            reader, integration_id, before_id=before_id, limit=limit, matching=matching, oldest_first=oldest_first
        )


def note_activity(
    session: "Session",
    actor: Actor,
    action: str,
    *,
    integration_id: int | None = None,
    tenant_id: int | None = None,
    release_id: int | None = None,
    run_id: int | None = None,
    detail: str = "",
    undo: Mapping[str, Any] | None = None,
) -> None:
    """Write an audit row in the same transaction as what it tells of. Never give it a secret value.

    ``undo`` says how it is taken back, as ``hub.undo`` reads it; None for what cannot be.
    """
    from pandium_tui.storage.tables import ActivityRow

    session.add(
        ActivityRow(
            created_date=utc_now(),
            actor=str(actor),
            action=action,
            integration_id=integration_id,
            tenant_id=tenant_id,
            release_id=release_id,
            run_id=run_id,
            detail="; ".join(str(words) for words in (detail, actor.undoes) if words),
            undo=_way_back(actor, undo),
        )
    )


def _way_back(actor: Actor, undo: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """How it is taken back; of what was done to take something back, what that was."""
    if actor.undoes is not None:
        return {"undoes": actor.undoes.id}
    return None if undo is None else {**undo, "act": actor.act or new_name(), "session": actor.session}
