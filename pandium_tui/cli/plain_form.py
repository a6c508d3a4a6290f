"""A form line by line: for screen readers, slow lines and pipes. Questions go to stderr, answers come from stdin."""

import getpass
import sys
from typing import Any

import typer

from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.sealed_configs import MASK
from pandium_tui.hub.settings_form import TenantSettings
from pandium_tui.manifest.form.choices import Option
from pandium_tui.manifest.form.fields import Field
from pandium_tui.manifest.form.form import Form
from pandium_tui.manifest.form.json_values import parse_pointer, value_at
from pandium_tui.manifest.form.state import FormState
from pandium_tui.manifest.form.switches import Switches
from pandium_tui.manifest.form.values import Parsed, entry_name, format_value, parse_input
from pandium_tui.text import visible, visible_block

NOTHING = "-"
"""What is typed to empty a field."""

_HOW = {
    "multiline": "several lines; end with a line that is a single point",
    "table": "a JSON list of rows",
    "list": "a JSON list, or one value",
    "object": "a JSON object",
    "json": "JSON",
    "boolean": "yes or no",
    "multichoice": "numbers or titles, with commas",
    "choice": "a number or a title",
    "alternatives": "a number or a title",
    "date": "such as 2024-05-31, today, +3d",
    "time": "such as 13:45",
    "date-time": "such as 2024-05-31 13:45",
}
_MOST_CHOICES = 50


def field_named(form: Form, name: str, state: FormState) -> Field:
    """The field of a config, or inside of one by ``outer.inner`` or a JSON pointer; of several one that is shown.

    Raises:
        InvalidError: there is none; names the fields there are.
    """
    steps = parse_pointer(name) if name.startswith("/") else None
    found = [field for field in form.fields if field.steps == steps or field.name == name]
    if found:
        return next((field for field in found if field.number in state.visible), found[0])
    known = ", ".join(dict.fromkeys(field.name for field in form.fields)) or "none"
    raise InvalidError({name: f"is no field of the form; known are: {known}"})


def value_of(field: Field, state: FormState) -> Any:
    """The value of a field; of alternatives the place of the one that holds."""
    if field.kind == "alternatives":
        return state.alternatives.get(field.number)
    return value_at(state.values, field.steps)


def shown_value(field: Field, value: Any, options: tuple[Option, ...] | None) -> str:
    """A value for people; secret ones are masked."""
    if value is None:
        return NOTHING
    if field.secret and field.kind != "alternatives":
        return MASK
    return visible_block(format_value(field, value, options=options))


def ask_all(
    settings: TenantSettings, values: dict[str, Any], switches: Switches, *, quiet: bool = False
) -> dict[str, Any]:
    """The values after all visible fields were asked for, in their order. The end of the input keeps the rest."""
    if not quiet:
        typer.echo(f"Enter keeps what is in brackets, {NOTHING} empties a field.", err=True)
    form = settings.form
    try:
        for field in form.fields:
            state = form.state(values, chosen=switches.chosen)
            asked = field.number in state.visible and field.number in state.enabled
            if not asked or field.is_frame:
                _say_why_not(field, state)
                continue
            values = _ask(form, field, values, switches, state)
    except EOFError:
        pass
    return values


def _say_why_not(field: Field, state: FormState) -> None:
    hint = state.hints.get(field.number, "")
    if field.number in state.visible and hint:
        typer.echo(f"\n{visible(field.label)}: {visible(hint)}", err=True)


def _ask(form: Form, field: Field, values: dict[str, Any], switches: Switches, state: FormState) -> dict[str, Any]:
    """The values with an answer to one field that the form accepts."""
    options = state.options.get(field.number, field.options)
    _introduce(field, options, state.stale.get(field.number, ()))
    _name_entries(field, value_of(field, state))
    while True:
        current = shown_value(field, value_of(field, state), options).replace("\n", "\u240a")
        text = _answer(field, f"{visible(field.label)} [{current}]: ")
        if text is None:
            return values  # what is wrong with it is told when all is to be saved
        parsed = Parsed() if text == NOTHING else parse_input(field, _numbered(field, text, options), options=options)
        error = parsed.error or ""
        if not error and field.kind == "alternatives":
            return switches.switch(values, field, parsed.value)  # what it lacks is asked for next
        changed = values if error else form.with_value(values, field, parsed.value)
        error = error or _wrong(form.state(changed, chosen=switches.chosen), field)
        if not error:
            return changed
        typer.echo(f"  ✗ {visible(error)}", err=True)


def _introduce(field: Field, options: tuple[Option, ...], stale: tuple[Any, ...]) -> None:
    how = "a JSON list" if field.lists_alternatives else _HOW.get(field.kind, "")
    facts = [how, field.limits, "required" if field.required else "", "admin" * field.admin]
    words = "; ".join(visible(fact) for fact in facts if fact)
    typer.echo(f"\n{visible(field.label)}" + (f" ({words})" if words else ""), err=True)
    for line in [*field.help.splitlines(), *field.description.splitlines()]:
        typer.echo(f"  {visible(line)}", err=True)
    for number, option in enumerate(options[:_MOST_CHOICES], start=1):
        typer.echo(f"  {number}) {visible(option.title)}", err=True)
    if len(options) > _MOST_CHOICES:
        typer.echo(f"  … and {len(options) - _MOST_CHOICES} more: type the title", err=True)
    if stale:
        typer.echo("  ! The value it has is no longer offered.", err=True)


def _name_entries(field: Field, value: Any) -> None:
    """What the entries of a table or list are called that are there."""
    for number, entry in enumerate(value if field.label_of_entry and isinstance(value, list) else (), start=1):
        typer.echo(f"  entry {number}: {entry_name(field, entry) or '(no name)'}", err=True)


def _answer(field: Field, question: str) -> str | None:
    """What was typed; None keeps the value."""
    if field.secret and sys.stdin.isatty():
        return getpass.getpass(question) or None
    typer.echo(question, err=True, nl=False)
    first = _line()
    if field.kind != "multiline" or first in ("", NOTHING):
        return first or None
    lines = [first]
    while (line := _line()) != ".":
        lines.append(line)
    return "\n".join(lines)


def _line() -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.removesuffix("\n").removesuffix("\r")


def _numbered(field: Field, text: str, options: tuple[Option, ...]) -> str:
    """The titles of choices named by their numbers; what is a title already stays."""
    titles = {option.title for option in options}

    def title(part: str) -> str:
        bare = part.strip()
        is_number = bare not in titles and bare.isascii() and bare.isdecimal() and 0 < int(bare) <= len(options)
        return options[int(bare) - 1].title if is_number else bare

    if field.kind in ("choice", "alternatives"):
        return title(text)
    if field.kind == "multichoice" and not text.lstrip().startswith("[") and text not in titles:
        return "\n".join(title(part) for part in text.split(","))
    return text


def _wrong(state: FormState, field: Field) -> str:
    """What blocks saving about the field alone."""
    return "; ".join(one.message for one in state.problems if one.field == field.number and one.blocks_saving)
