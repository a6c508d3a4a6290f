"""What a cron expression means, in words and in fire times."""

from datetime import datetime
from typing import TYPE_CHECKING

from pandium_tui.hub.errors import InvalidError
from pandium_tui.settings import SettingsError, checked_time_zone

if TYPE_CHECKING:
    from pandium_tui.engine.cron_explanation import Explanation


def explain_schedule(text: str, timezone: str, *, start: datetime | None = None, count: int = 5) -> "Explanation":
    """Explain an expression with the very function the scheduler uses.

    Args:
        text: a five-field cron expression or an alias such as ``@daily``.
        timezone: IANA name the expression is read in.
        start: aware; the fires shown are those after it. None for now.
        count: how many fires.

    Raises:
        InvalidError: the expression or the zone cannot be used, with the reason.
    """
    from pandium_tui.engine.cron import CronError
    from pandium_tui.engine.cron_explanation import explain

    try:
        checked_time_zone(timezone)
    except SettingsError as error:
        raise InvalidError({"timezone": str(error)}) from error
    try:
        return explain(text, timezone, start, count)
    except CronError as error:
        raise InvalidError({"schedule": str(error)}) from error
