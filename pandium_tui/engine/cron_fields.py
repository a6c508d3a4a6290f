"""The fields of a cron schedule: what is written, brought into plain numbers or refused with the reason."""

import re
from dataclasses import dataclass

_LONGEST_TEXT = 256
_SHORTEST_MONTH = 28


class CronError(ValueError):
    """A schedule that is refused; the message names the field, the reason and what to write instead."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the five: its values from ``low`` to ``high``, of which ``size`` are different."""

    name: str
    low: int
    high: int
    size: int
    names: tuple[str, ...] = ()

    @property
    def accepted(self) -> str:
        return f"{self.low}-{self.high}" + (f" or {self.names[0]}-{self.names[-1]}" if self.names else "")

    @property
    def last(self) -> int:
        """The highest value that is not another name of the lowest: Sunday is 0 and 7."""
        return self.low + self.size - 1

    def plain(self, value: int) -> int:
        return (value - self.low) % self.size + self.low


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAY_OF_MONTH = Field("day of month", 1, 31, 31)
_DAY_OF_WEEK = Field("day of week", 0, 7, 7, _WEEKDAYS)
FIELDS = (
    Field("minute", 0, 59, 60),
    Field("hour", 0, 23, 24),
    _DAY_OF_MONTH,
    Field("month", 1, 12, 12, _MONTHS),
    _DAY_OF_WEEK,
)

_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_REFUSED_ALIASES = {
    "@reboot": "there is no machine start to wait for; start a run by hand instead",
    "@every": "intervals have no clock time; write a step such as */15 in the minute field",
}

_ITEM = re.compile(r"(?P<first>[a-z]+|[0-9]+)(?:-(?P<last>[a-z]+|[0-9]+))?(?:/(?P<step>[0-9]+))?")
_STAR = re.compile(r"\*(?:/(?P<step>[0-9]+))?")
_HASH = re.compile(r"h(?:\((?P<first>[0-9]+)-(?P<last>[0-9]+)\))?(?:/(?P<step>[0-9]+))?")
_FOREIGN = (
    (re.compile(r".*#.*"), "'#' (the n-th weekday) is not offered; write a weekday alone, or days of the month"),
    (re.compile(r".*~.*"), "'~' (random) is not offered; write H, which picks a time per tenant and keeps it"),
    (re.compile(r"r(\(.*)?(/.*)?"), "R (random) is not offered; write H, which picks a time per tenant and keeps it"),
    (re.compile(r"h([(/].*)?"), "H stands alone in a field: H, H(0-29), H/15 or H(0-29)/10"),
    (re.compile(r"l?[0-9]*w[0-9]*|wl"), "W (the nearest weekday) is not offered; write plain days"),
    (re.compile(r"[0-9]*l[0-9]*(-.*)?|[a-z]{3}l"), "L (the last day) is not offered; write plain days"),
    (re.compile(r"\?.*"), "'?' stands alone in a day field; write * or plain values"),
)


def plain_fields(text: str, hash_id: str) -> list[str]:
    """The five fields with aliases, names and ``H`` resolved, and without what croniter reads differently from cron.

    Args:
        text: the schedule as a person writes it.
        hash_id: what ``H`` is drawn from (crc32).

    Raises:
        CronError: the text is not of the dialect.
    """
    return [_plain_field(field, part, hash_id) for field, part in zip(FIELDS, written_fields(text), strict=True)]


def uses_hash(text: str) -> bool:
    """Whether a schedule is written with ``H``. Errors as :func:`written_fields`."""
    return any(_HASH.fullmatch(part) for part in written_fields(text))


def written_fields(text: str) -> list[str]:
    """The five fields in lower case, aliases expanded.

    Raises:
        CronError: the text is too long, has other characters, another number of fields or an unknown alias.
    """
    if len(text) > _LONGEST_TEXT:
        raise CronError(f"longer than {_LONGEST_TEXT} characters; write ranges and steps instead of long lists")
    text = text.strip(" \t\r\n")
    foreign = next((character for character in text if not (character == "\t" or " " <= character <= "~")), None)
    if foreign is not None:
        raise CronError(f"{foreign!a} is not a character of a schedule; write plain digits, letters and spaces")
    parts = text.lower().split()
    if not parts:
        raise CronError("empty; write five fields (minute hour day-of-month month day-of-week), such as 0 6 * * *")
    if re.match(r"(cron_)?tz=", parts[0]):
        raise CronError(f"{parts[0]!r}: the time zone is a setting of its own; write only the five fields here")
    if parts[0].startswith("@"):
        return _expanded_alias(parts)
    if len(parts) in (6, 7):
        raise CronError(
            f"has {len(parts)} fields, as Quartz and Spring write them; seconds and years are not offered: "
            "write minute hour day-of-month month day-of-week"
        )
    if len(parts) != len(FIELDS):
        raise CronError(f"has {len(parts)} field(s); write five: minute hour day-of-month month day-of-week")
    return parts


def _expanded_alias(parts: list[str]) -> list[str]:
    alias = parts[0]
    if alias in _REFUSED_ALIASES:
        raise CronError(f"{alias} is not offered: {_REFUSED_ALIASES[alias]}")
    if alias not in _ALIASES:
        raise CronError(f"{alias!r} is not a known alias; known are {', '.join(_ALIASES)}")
    if len(parts) > 1:
        raise CronError(f"{alias} stands alone; remove {parts[1]!r}")
    return _ALIASES[alias].split()


def _plain_field(field: Field, text: str, hash_id: str) -> str:
    if text == "?" and field in (_DAY_OF_MONTH, _DAY_OF_WEEK):
        return "*"
    if match := _STAR.fullmatch(text):
        step = _step(field, match)
        return "*" if step == 1 else f"*/{step}"
    if match := _HASH.fullmatch(text):
        return _hashed_field(field, match, hash_id)
    return ",".join(_plain_item(field, item) for item in text.split(","))


def _plain_item(field: Field, item: str) -> str:
    match = _ITEM.fullmatch(item)
    if match is None:
        raise CronError(_complaint(field, item))
    first, step = _value(field, match["first"], item), _step(field, match)
    if match["last"] is None and match["step"] is None:
        return str(field.plain(first))
    if match["last"] is None and field is _DAY_OF_WEEK:
        raise CronError(f"{field.name}: {item!r} has a step without a range; write a range such as {first}-6/{step}")
    last = field.high if match["last"] is None else _value(field, match["last"], item)
    return _plain_range(field, first, last, step)


def _plain_range(field: Field, first: int, last: int, step: int) -> str:
    """A range that croniter reads as cron does: it takes 5-5 for the whole field and miscounts 22-4/3."""
    if first == field.low and last > field.last:  # 0-7 is the whole week
        last = field.last
    if field.plain(first) == field.plain(last):
        return str(field.plain(first))
    if step == 1:
        return f"{field.plain(first)}-{field.plain(last)}"
    if first < last <= field.last:
        return f"{first}-{last}/{step}"
    values = range(first, last + 1 if first < last else last + field.size + 1, step)
    return ",".join(str(field.plain(value)) for value in values)


def _hashed_field(field: Field, match: re.Match[str], hash_id: str) -> str:
    from croniter import croniter

    first = int(match["first"] or field.low)
    last = int(match["last"] or (_SHORTEST_MONTH if field is _DAY_OF_MONTH else field.last))
    if not field.low <= first < last <= field.last:
        raise CronError(
            f"{field.name}: {match[0].upper()!r} needs a range that ascends within {field.low}-{field.last}; "
            f"write H({field.low}-{field.last})"
        )
    step = _step(field, match)
    fields = ["*"] * len(FIELDS)
    fields[FIELDS.index(field)] = f"h({first}-{last})" + (f"/{step}" if match["step"] else "")
    values = croniter.expand(" ".join(fields), hash_id=hash_id.encode())[0][FIELDS.index(field)]
    return ",".join(str(value) for value in values)


def _value(field: Field, word: str, item: str) -> int:
    if word in field.names:
        return field.names.index(word) + field.low
    if not word.isdigit():
        raise CronError(_complaint(field, item))
    if not field.low <= int(word) <= field.high:
        raise CronError(f"{field.name}: {word} is out of range; write {field.accepted}")
    return int(word)


def _step(field: Field, match: re.Match[str]) -> int:
    step = 1 if match["step"] is None else int(match["step"])
    if step == 0:
        raise CronError(f"{field.name}: the step of {match[0]!r} is 0; write a step of at least 1")
    return step


def _complaint(field: Field, item: str) -> str:
    if not item:
        return f"{field.name}: has an empty item; remove the comma too many"
    if "*" in item:
        return f"{field.name}: {item!r} cannot be a part of something else; write * or */n alone, or plain values"
    for pattern, reason in _FOREIGN:
        if pattern.fullmatch(item):
            return f"{field.name}: {item.upper()!r}: {reason}"
    return f"{field.name}: {item!r} is not understood; write {field.accepted}, ranges, steps (*/2) or lists (1,3)"
