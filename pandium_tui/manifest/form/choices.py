"""Choices: those a schema lists, and those an init run printed (dynamic configs)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pandium_tui.manifest.form.json_values import key_of, plain, written
from pandium_tui.manifest.form.keywords import DEFINITIONS
from pandium_tui.manifest.problem import quoted

MAX_STATE_BYTES = 1024 * 1024
"""The longest last line of an init run that is read."""

MAX_CHOICES = 10_000
"""The most choices of one definition; for dependent choices those of all parents together."""

RUN_INIT = "Run init to load the choices"
INIT_PRINTED_NONE = "The last init run printed no choices; run init again"
NOTHING_STORED = "The integration has not stored these choices yet"

_PLACEHOLDER = "placeholder"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: the value that is stored, and what a person sees. No two options of a field share a title."""

    value: Any
    title: str


def dynamic_from_state(state: str, config_schema: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The choices that an init run printed, and what was wrong with them.

    Args:
        state: what the run printed to stdout; its last line that is not empty counts.
        config_schema: the schema of the release that ran; only names in its definitions count.

    Returns:
        For each definition a list of ``{const, title}``, or a mapping of a parent's value to such a list: what to
        store, and to give :func:`~.building.build_form`. Empty means: keep the choices there were.
    """
    line = next((line for line in reversed(state.splitlines()) if line.strip()), "").strip()
    if not line:
        return {}, ("the init run printed nothing; the earlier choices are kept",)
    if len(line.encode(errors="replace")) > MAX_STATE_BYTES:
        return {}, ("the last line of the init run has more than 1 MiB; the earlier choices are kept",)
    try:
        printed = json.loads(line)
    except (ValueError, RecursionError):
        printed = None
    if not isinstance(printed, dict):
        message = f"the last line of the init run is no JSON object but {quoted(line)}; the earlier choices are kept"
        return {}, (message,)
    notes: list[str] = []
    schema = config_schema if isinstance(config_schema, dict) else {}
    known = {name for key in DEFINITIONS if isinstance(schema.get(key), dict) for name in schema[key]}
    unknown = [name for name in printed if name not in known]
    if unknown:
        names = ", ".join(quoted(str(name)) for name in unknown[:5])
        notes.append(f"the init run printed choices for {names}, which the schema does not define")
    chosen = {name: value for name, value in printed.items() if name in known}
    return clean_choices(chosen, notes), tuple(notes)


def clean_choices(dynamic: Any, notes: list[str] | None = None) -> dict[str, Any]:
    """Dynamic choices with everything left out that is no choice; says so in ``notes``."""
    notes = [] if notes is None else notes
    found: dict[str, Any] = {}
    for name, value in dynamic.items() if isinstance(dynamic, dict) else ():
        if isinstance(value, list):
            found[str(name)] = _clean_list(str(name), value, MAX_CHOICES, notes)
        elif isinstance(value, dict):
            found[str(name)] = _clean_mapping(str(name), value, notes)
        else:
            notes.append(f"the choices for {quoted(str(name))} are no list, and are ignored")
    return found


def _clean_mapping(name: str, by_parent: Mapping[Any, Any], notes: list[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    left = MAX_CHOICES
    for parent, value in list(by_parent.items())[:MAX_CHOICES]:
        if isinstance(value, list):
            found[str(parent)] = _clean_list(name, value, left, notes)
            left -= len(found[str(parent)])
        else:
            notes.append(f"the choices of {quoted(name)} for {quoted(str(parent))} are no list, and are ignored")
    return found


def _clean_list(name: str, values: list[Any], limit: int, notes: list[str]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    dropped = 0
    for entry in values:
        value = plain(entry)
        if isinstance(value, dict) and "const" in value:
            title = value.get("title")
            choice = {"const": value["const"], "title": title if isinstance(title, str) else as_title(value["const"])}
        elif isinstance(value, dict | list):
            dropped += 1
            continue
        else:
            choice = {"const": value, "title": as_title(value)}
        if len(found) >= limit:
            notes.append(f"there are more than {MAX_CHOICES:,} choices for {quoted(name)}; the rest is left out")
            break
        found.setdefault(key_of(choice["const"]), choice)
    if dropped:
        notes.append(f"{dropped} of the choices for {quoted(name)} are neither plain values nor have a const")
    return list(found.values())


def as_title(value: Any) -> str:
    """A value as a person sees it: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else written(value)


def options_of(choices: list[dict[str, Any]]) -> tuple[Option, ...]:
    """Options with titles of one line of which no two are the same."""
    options: list[Option] = []
    used: set[str] = set()
    for number, choice in enumerate(choices, start=1):
        title = " ".join(choice["title"].split()) or as_title(choice["const"])
        if title in used:
            title = f"{title} ({as_title(choice['const'])})"
        while title in used:
            title += f" ({number})"
        used.add(title)
        options.append(Option(choice["const"], title))
    return tuple(options)


def is_placeholder(choices: list[dict[str, Any]], *, init_has_run: bool) -> bool:
    """Whether these choices of a definition only wait for an init run to replace them.

    Pandium's placeholders are a single choice. Once an init run has printed nothing for them, a single choice may
    also be all there is, unless it is called placeholder.
    """
    if len(choices) > 1:
        return False
    named = any(
        text.strip().lower() == _PLACEHOLDER
        for choice in choices
        for text in (choice["title"], choice["const"])
        if isinstance(text, str)
    )
    return named or not choices or not init_has_run
