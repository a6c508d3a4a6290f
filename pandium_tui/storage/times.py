"""Moments in the store: UTC, as text that sorts like time and that people can read."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The wall clock, aware, in UTC."""
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """An aware datetime as the store keeps it: ``2026-11-24T06:23:01.123456Z``, always 27 characters."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str | None) -> datetime | None:
    """The aware UTC datetime of a text made by :func:`to_text`; None stays None."""
    return None if text is None else datetime.fromisoformat(text)
