"""What a person types becomes a value, and a value becomes a text that can be typed again."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pandium_tui.manifest.form.choices import Option, as_title
from pandium_tui.manifest.form.fields import Field
from pandium_tui.manifest.form.json_values import MAX_DEPTH, is_plain, plain, same, value_at, written
from pandium_tui.manifest.form.normalise import fits_type
from pandium_tui.manifest.problem import quoted
from pandium_tui.text import shortened, visible

MAX_DIGITS = 30

LONGEST_NAME = 30
"""Characters of the name of an entry that are shown."""

_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")
_OFFSET = re.compile(r"([+-])([0-9]{1,5})([dw])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]{1,6})?)?(Z|z|[+-][0-9]{2}:[0-9]{2})?")

_YES = ("true", "yes", "y", "on", "1")
_NO = ("false", "no", "n", "off", "0")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The value, ``None`` for an emptied field; or what is wrong with the text, without repeating it."""

    value: Any = field(default=None, repr=False)
    error: str | None = None


class _InputError(ValueError):
    pass


def parse_input(
    field: Field, text: str, *, options: tuple[Option, ...] | None = None, now: datetime | None = None
) -> Parsed:
    """What a text means in a field. Whether the value keeps the field's limits is for the state of the form to say.

    Args:
        field: the field the text was typed into.
        text: as typed. Choices are their titles, or their values; several are on lines of their own. An alternative
            is its title, and becomes its place.
        options: the choices in force, when they depend on another field.
        now: what ``today``, ``now`` and ``+3d`` count from, with its time zone; else the present in UTC.
    """
    try:
        return Parsed(_parsed(field, text, field.options if options is None else options, now or datetime.now(UTC)))
    except _InputError as error:
        return Parsed(error=str(error))


def format_value(field: Field, value: Any, *, options: tuple[Option, ...] | None = None) -> str:
    """The text for a value: what :func:`parse_input` reads as this value again, if the field can have it.

    The value of alternatives is the place of one of them.
    """
    offered = field.options if options is None else options
    match field.kind:
        case _ if value is None:
            return ""
        case "choice" | "alternatives":
            return _title(value, offered)
        case "multichoice" if isinstance(value, list):
            return _lines(field, value, [_title(item, offered) for item in value], offered)
        case "list" if isinstance(value, list) and field.item and not field.lists_alternatives:
            return _lines(field, value, [format_value(field.item, item) for item in value], offered)
        case "boolean" if isinstance(value, bool):
            return "true" if value else "false"
        case "integer" | "number" if isinstance(value, int | float):
            return written(value)
        case "json" if isinstance(value, str):
            bare = _read_back(field, value, offered)
            return value if isinstance(bare, str) and bare == value else written(value)
        case _:
            return value if isinstance(value, str) else written(value, indent=2)


def entry_name(field: Field, entry: Any) -> str:
    """What an entry of a table or list is called, by ``elementLabelProp``; empty when that is nothing, or secret."""
    steps = field.label_of_entry
    value = value_at(entry, steps) if steps and isinstance(entry, dict) else None
    inside = [one for one in (*field.fields, *_filled_in(field.item)) if one.steps[-1] == steps[0]] if steps else []
    if value is None or any(one.secret for one in inside):
        return ""
    shown = format_value(inside[0], value) if inside and len(steps) == 1 else as_title(value)
    return shortened(visible(shown), LONGEST_NAME)


def _filled_in(item: Field | None) -> tuple[Field, ...]:
    """The fields in the alternatives of an entry."""
    return tuple(one for alternative in (item.fields if item else ()) for one in alternative.fields)


def _parsed(field: Field, text: str, options: tuple[Option, ...], now: datetime) -> Any:
    if field.kind == "readonly":
        raise _InputError("cannot be changed")
    if text == "" or (not text.strip() and field.kind not in ("text", "multiline", "password")):
        return None
    match field.kind:
        case "text" | "multiline" | "password":
            return text
        case "choice":
            return _chosen(text, options)
        case "alternatives":
            return _alternative(text, options)
        case "multichoice":
            return _several(text, options)
        case "list":
            return _entries(field, text, now)
        case "date" | "time" | "date-time":
            return _MOMENTS[field.kind](text.strip(), now)
        case "integer" | "number" | "boolean":
            return _PLAIN[field.kind](text.strip())
        case _:
            return _json(field, text)


def _integer(text: str) -> int:
    if _COMMA.fullmatch(text) or (_NUMBER.fullmatch(text) and not _INTEGER.fullmatch(text)):
        raise _InputError("must be a whole number, without a fraction")
    if not _INTEGER.fullmatch(text):
        raise _InputError("must be a whole number such as 50, of digits only")
    if len(text.lstrip("+-")) > MAX_DIGITS:
        raise _InputError(f"must have at most {MAX_DIGITS} digits")
    return int(text)


def _number(text: str) -> int | float:
    if _COMMA.fullmatch(text):
        raise _InputError("must be written with a point, such as 1.5, not with a comma")
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if not _NUMBER.fullmatch(text):
        raise _InputError("must be a number such as 1.5")
    number = float(text)
    if plain(number) is None:
        raise _InputError("is too large a number")
    return number


def _boolean(text: str) -> bool:
    if text.lower() not in (*_YES, *_NO):
        raise _InputError("must be true or false")
    return text.lower() in _YES


_PLAIN: dict[str, Callable[[str], Any]] = {"integer": _integer, "number": _number, "boolean": _boolean}


def _chosen(text: str, options: tuple[Option, ...]) -> Any:
    for candidate in (text, text.strip()):
        for option in options:
            if option.title == candidate:
                return option.value
        for option in options:
            if as_title(option.value) == candidate:
                return option.value
    raise _InputError(f"must be one of the choices{_examples(options)}")


def _alternative(text: str, options: tuple[Option, ...]) -> int:
    for option in options:
        if option.title == text.strip():
            return int(option.value)
    raise _InputError(f"must be one of the alternatives{_examples(options)}")


def _examples(options: tuple[Option, ...]) -> str:
    if not options:
        return ", and there are none"
    shown = ", ".join(quoted(option.title) for option in options[:5])
    return f": {shown}" + (f" and {len(options) - 5} more" if len(options) > 5 else "")


def _several(text: str, options: tuple[Option, ...]) -> list[Any]:
    listed = _json_list(text)
    lines = text.split("\n")
    attempts = [[line for line in lines if line.strip()], text.split(",")] if listed is None else [listed]
    for attempt in attempts:
        try:
            return [_chosen(entry if isinstance(entry, str) else written(entry), options) for entry in attempt]
        except _InputError as error:
            problem = error
    raise problem


def _entries(field: Field, text: str, now: datetime) -> list[Any]:
    listed = _json_list(text)
    if listed is not None:
        return listed
    if field.lists_alternatives:
        raise _InputError("must be a JSON list")
    assert field.item is not None
    entries = []
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            entries.append(_parsed(field.item, line, (), now))
        except _InputError as error:
            raise _InputError(f"entry {number} {error}") from None
    return [entry for entry in entries if entry is not None]


def _date(text: str, now: datetime) -> str:
    text = text.lower()
    days = {"today": 0, "tomorrow": 1, "yesterday": -1}.get(text)
    if offset := _OFFSET.fullmatch(text):
        sign, count, unit = offset.groups()
        days = int(sign + count) * (7 if unit == "w" else 1)
    if days is not None:
        try:
            return (now.date() + timedelta(days=days)).isoformat()
        except OverflowError:
            raise _InputError("is too far away") from None
    if not is_date(text):
        raise _InputError("must be a date such as 2024-05-31, today, or +3d")
    return text


def _time(text: str, now: datetime) -> str:
    if text.lower() == "now":
        return now.strftime("%H:%M:%S")
    match = _TIME.fullmatch(text)
    if match and match.group(3):
        raise _InputError("must be a time without an offset from UTC, such as 13:45")
    if not match or not is_time(match.group(1) + (match.group(2) or ":00")):
        raise _InputError("must be a time such as 13:45 or 13:45:00")
    return match.group(1) + (match.group(2) or ":00")


def _date_time(text: str, now: datetime) -> str:
    if is_date_time(text):
        return text
    lowered = text.lower()
    if lowered == "now":
        return now.isoformat(timespec="seconds")
    day, _, clock = lowered.replace("t", " ", 1).partition(" ") if _DATE.match(lowered) else lowered.partition(" ")
    match = _TIME.fullmatch(clock.strip() or "00:00")
    try:
        moment = f"{_date(day, now)}T{match.group(1)}{match.group(2) or ':00'}" if match else ""
        offset = (match and match.group(3)) or now.strftime("%z")[:3] + ":" + now.strftime("%z")[3:5]
    except _InputError:
        moment, offset = "", ""
    if not is_date_time(moment + offset.upper()):
        raise _InputError("must be a date and a time such as 2024-05-31 13:45, with the offset from UTC if it matters")
    return moment + offset.upper()


_MOMENTS: dict[str, Callable[[str, datetime], str]] = {"date": _date, "time": _time, "date-time": _date_time}


def is_date(text: str) -> bool:
    """Whether this is a day as RFC 3339 writes it."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    """Whether this is a time of the day with seconds. Unlike in RFC 3339 there may be no offset: pickers save none."""
    match = _TIME.fullmatch(text)
    if not match or not match.group(2):
        return False
    try:
        time.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


def is_date_time(text: str) -> bool:
    """Whether this is a moment as RFC 3339 writes it, with its offset."""
    match = _TIME.fullmatch(text[11:])
    return bool(match and match.group(3)) and text[10:11] in ("T", "t") and is_date(text[:10]) and is_time(text[11:])


def _json(field: Field, text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        if field.kind == "json" and fits_type("", field.schema.get("type", ())):
            return text
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise _InputError(f"is not valid JSON{where}") from None
    if not is_plain(value):
        raise _InputError(f"has more than {MAX_DEPTH} levels, a number that is too large, or half a character")
    if field.kind == "table" and not isinstance(value, list):
        raise _InputError("must be a JSON list of rows")
    if field.kind == "object" and not isinstance(value, dict):
        raise _InputError("must be a JSON object")
    return value


def _json_list(text: str) -> list[Any] | None:
    """The list that a text is as JSON, ``None`` when it is none."""
    if not text.lstrip().startswith("["):
        return None
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return plain(value) if isinstance(value, list) else None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _title(value: Any, options: tuple[Option, ...]) -> str:
    return next((option.title for option in options if same(option.value, value)), as_title(value))


def _lines(field: Field, value: list[Any], lines: list[str], options: tuple[Option, ...]) -> str:
    """Entries on lines of their own where that can be read back, else as JSON."""
    text = "\n".join(lines)
    return text if value and same(_read_back(field, text, options), value) else written(value)


def _read_back(field: Field, text: str, options: tuple[Option, ...]) -> Any:
    return parse_input(field, text, options=options).value
