"""How commands print: for people aligned lines, for scripts JSON with the API's field names."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer

from pandium_tui.text import visible

T = TypeVar("T")

LARGEST_ID = 10**18 - 1
"""Of anything in the store."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def print_json(value: Any) -> None:
    """Print a record, a list of records or plain values as JSON."""
    plain = _plain(value)
    try:
        text = json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, from outside: JSON has a way to write it
        text = json.dumps(plain, indent=2)
    typer.echo(text)


LONG_FIELDS = ("manifest", "config_schema", "config_uischema", "metadata_schema")
"""Fields that only ``--json`` prints."""


def print_record(record: Any, as_json: bool, **more: Any) -> None:
    """Print one record: as JSON with ``more`` beside its fields, or for people a line a field without the long ones."""
    if as_json:
        print_json({**{field.name: getattr(record, field.name) for field in dataclasses.fields(record)}, **more})
        return
    names = (field.name for field in dataclasses.fields(record))
    fields = {name: getattr(record, name) for name in names if name not in LONG_FIELDS}
    width = max(len(name) for name in fields)
    for name, value in fields.items():
        lines = _for_people(value).split("\n")
        typer.echo(f"{name:<{width}}  {visible(lines[0])}".rstrip())
        for line in lines[1:]:
            typer.echo(f"{'':<{width}}  {visible(line)}".rstrip())


def print_records(
    records: Iterable[T], columns: Sequence[tuple[str, Callable[[T], Any]]], as_json: bool, *, empty: str
) -> None:
    """Print a list: as JSON whole records, for people a line each with the given columns."""
    rows = list(records)
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo(empty, err=True)
        return
    table = [[name.upper() for name, _ in columns]]
    table += [[visible(_for_people(value(row)).replace("\n", " ")) for _, value in columns] for row in rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(columns))]
    for line in table:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _for_people(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        case dict() if value:
            return json.dumps(_plain(value), indent=2, ensure_ascii=False)
        case tuple() | list() if value:
            return "\n".join(_for_people(one) for one in value)
        case dict() | tuple() | list():
            return "-"
        case _ if dataclasses.is_dataclass(value):
            return ", ".join(
                f"{field.name} {_for_people(getattr(value, field.name))}" for field in dataclasses.fields(value)
            )
    return str(value)
