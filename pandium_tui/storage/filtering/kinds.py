"""What the values of a field mean: a test that SQL and records in memory answer alike."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Protocol

from pandium_tui.storage.filtering.language import FilterError, Value
from pandium_tui.storage.times import to_text

Condition = tuple[str, list[Any]]
"""A part of an SQL WHERE and the values of its ``?``."""


@dataclass(frozen=True, slots=True)
class Now:
    """What times in a filter are counted from, and the zone that dates are read in."""

    moment: datetime
    zone: tzinfo


class Test(Protocol):
    """What is asked of the value of a field."""

    def condition(self, column: str) -> Condition:
        """As SQL about a column."""

    def holds(self, value: Any) -> bool:
        """Whether it is so of the value of a record."""


class Kind(Protocol):
    """What may be written after ``field:``."""

    @property
    def hint(self) -> str:
        """It in a few words, for lists of fields."""

    def test(self, value: Value, now: Now) -> Test:
        """What a value asks.

        Raises:
            FilterError: the value means nothing here.
        """

    def search(self, value: Value) -> Test | None:
        """What looking for a text asks; None where it cannot be found."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The text looks like a value, upper and lower case alike; ``anywhere`` in it, or as a whole."""

    value: Value
    anywhere: bool = False

    def condition(self, column: str) -> Condition:
        """LIKE."""
        pattern = "%".join(re.sub(r"([%_\\])", r"\\\1", part) for part in self.value.parts)
        return f"coalesce({column}, '') LIKE ? ESCAPE '\\'", [f"%{pattern}%" if self.anywhere else pattern]

    def holds(self, value: Any) -> bool:
        """The same of a text; of several, that one of them does."""
        pattern = ".*".join(re.escape(part.lower()) for part in self.value.parts)
        find = re.search if self.anywhere else re.fullmatch
        texts = value if value and isinstance(value, tuple) else (value or "",)
        return any(find(pattern, text.lower(), re.DOTALL) for text in texts)


@dataclass(frozen=True, slots=True)
class OneOf:
    """It is one of these words."""

    words: tuple[str, ...]

    def condition(self, column: str) -> Condition:
        """IN."""
        return f"{column} IN ({', '.join('?' * len(self.words))})", list(self.words)

    def holds(self, value: Any) -> bool:
        """The same of a word."""
        return value in self.words


@dataclass(frozen=True, slots=True)
class Between:
    """It is known, and in a range; texts of moments sort like time."""

    lowest: Any = None
    highest: Any = None
    below: Any = None

    def condition(self, column: str) -> Condition:
        """Comparisons."""
        limits = [(">=", self.lowest), ("<=", self.highest), ("<", self.below)]
        given = [(sign, limit) for sign, limit in limits if limit is not None]
        return " AND ".join(f"{column} {sign} ?" for sign, _ in given), [limit for _, limit in given]

    def holds(self, value: Any) -> bool:
        """The same of a number or moment."""
        if isinstance(value, datetime):
            value = to_text(value)
        return (
            value is not None
            and (self.lowest is None or value >= self.lowest)
            and (self.highest is None or value <= self.highest)
            and (self.below is None or value < self.below)
        )


@dataclass(frozen=True, slots=True)
class Text:
    """A text: the whole of it, with ``*`` for anything."""

    hint: str = "text, * for anything"

    def test(self, value: Value, now: Now) -> Test:
        """The whole text."""
        return Matches(value)

    def search(self, value: Value) -> Test | None:
        """Anywhere in it."""
        return Matches(value, anywhere=True)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of our own words, by any part of it: ``phase:failed`` is every kind of failure."""

    words: tuple[str, ...]

    @property
    def hint(self) -> str:
        """The words."""
        return ", ".join(self.words)

    def test(self, value: Value, now: Now) -> Test:
        """The words that the value is part of, or that look like it."""
        found = self._found(Matches(value, anywhere=not value.has_star))
        if not found:
            raise FilterError(f"{value.text!r} is none of: {self.hint}", value.start, value.end)
        return OneOf(found)

    def search(self, value: Value) -> Test | None:
        """The words with the text in them."""
        found = self._found(Matches(value, anywhere=True))
        return OneOf(found) if found else None

    def _found(self, wanted: Matches) -> tuple[str, ...]:
        return tuple(word for word in self.words if wanted.holds(word))


_NUMBER = r"([0-9]{1,15})"
_COMPARED = re.compile(rf"(<=|>=|<|>)?{_NUMBER}([A-Za-z]*)|{_NUMBER}([A-Za-z]*)\.\.{_NUMBER}([A-Za-z]*)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number, more or less than one, or a range; with ``units`` seconds, also written ``5m``."""

    units: bool = False

    @property
    def hint(self) -> str:
        """Examples."""
        return "90s, >5m, <1h, 1m..5m" if self.units else "7, >7, <=7, 1..7"

    def test(self, value: Value, now: Now) -> Test:
        """A range."""
        found = None if value.has_star else _COMPARED.fullmatch(value.text)
        if found is None:
            raise FilterError(f"{value.text!r} is no number; write {self.hint}", value.start, value.end)
        sign, number, unit, first, first_unit, last, last_unit = found.groups()
        if number is None:
            return Between(self._number(value, first, first_unit), self._number(value, last, last_unit))
        limit = self._number(value, number, unit)
        match sign:
            case ">" | ">=":
                return Between(lowest=limit + (sign == ">"))
            case "<":
                return Between(below=limit)
            case "<=":
                return Between(highest=limit)
        return Between(limit, limit)

    def search(self, value: Value) -> Test | None:
        """The number itself."""
        return Between(int(value.text), int(value.text)) if re.fullmatch(_NUMBER, value.text) else None

    def _number(self, value: Value, number: str, unit: str) -> int:
        if unit and not (self.units and unit in _SECONDS):
            known = f"one of {', '.join(_SECONDS)}" if self.units else "a plain number"
            raise FilterError(f"{number + unit!r}: write {known}", value.start, value.end)
        return int(number) * _SECONDS.get(unit, 1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time: from it on (``since``), or until it; a day without a time is until its end."""

    since: bool
    hint: str = "2d, 3h, today, yesterday, 2026-11-24, 2026-11-24T10:30"

    def test(self, value: Value, now: Now) -> Test:
        """From it on, or before it."""
        try:
            begin, end = _span("" if value.has_star else value.text.strip().lower(), now)
            moment = to_text((begin if self.since else end).astimezone(UTC))
        except (ValueError, OverflowError):
            raise FilterError(f"{value.text!r} is no time; write {self.hint}", value.start, value.end) from None
        return Between(lowest=moment) if self.since else Between(below=moment)

    def search(self, value: Value) -> Test | None:
        """Times are not looked for."""
        return None


def _span(text: str, now: Now) -> tuple[datetime, datetime]:
    """When what is meant by a time begins and ends."""
    if found := re.fullmatch(r"([0-9]{1,9})([a-z])", text):
        if found.group(2) not in _SECONDS:
            raise ValueError(text)
        moment = now.moment - timedelta(seconds=int(found.group(1)) * _SECONDS[found.group(2)])
        return moment, moment
    day = now.moment.astimezone(now.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if text in ("today", "yesterday"):
        day = day if text == "today" else day - timedelta(days=1)
        return day, day + timedelta(days=1)
    moment = datetime.fromisoformat(text.upper())
    moment = moment if moment.tzinfo else moment.replace(tzinfo=now.zone)
    return moment, moment + timedelta(days=1) if len(text) == len("2026-11-24") else moment
