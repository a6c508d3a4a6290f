"""When a credential ends, as vendors write it in their answers."""

import re
from datetime import UTC, datetime


def expiry_of(text: str) -> datetime | None:
    """The moment in UTC that a vendor's text means; ``None`` when it means none.

    Known are ISO 8601 with or without a time of day (without a zone: UTC), the same with a blank before the zone
    (``2026-12-31 23:59:59 UTC``), and seconds since 1970.
    """
    text = text.strip()
    try:
        if re.fullmatch(r"[0-9]{9,11}", text):
            return datetime.fromtimestamp(int(text), UTC)
        found = datetime.fromisoformat(re.sub(r" ?(?:UTC|GMT|Z)$", "+00:00", re.sub(r" (?=[+-][0-9]{2})", "", text)))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
