"""What the page of settings says in whole texts."""

from collections.abc import Iterator, Mapping

from pandium_tui.hub.settings_form import shown_environment
from pandium_tui.manifest.form.fields import Field, Section
from pandium_tui.manifest.form.form import Form
from pandium_tui.manifest.form.state import FormState
from pandium_tui.screens.help import KeySection
from pandium_tui.text import visible_block

KINDS = {
    "multichoice": "several of its choices",
    "choice": "one of its choices",
    "boolean": "yes or no",
    "alternatives": "one of its alternatives",
    "json": "JSON",
}


def received_text(state: FormState) -> str:
    """The variables a run would get, a line each (more for a value of several lines)."""
    lines = [f"{name}={value}" for name, value in shown_environment(state).items()]
    return "\n".join(lines) or "nothing: no value is set"


def help_text(form: Form, state: FormState, keys: list[KeySection]) -> str:
    """Every field's help, then the keys."""
    lines = ["Fields"]
    for element in form.elements:
        lines += _help_lines(element, state)
    for section in keys:
        lines += ["", section.title]
        lines += [f"  {' '.join(one.keys):<12}  {one.name:<16}  {one.tooltip}" for one in section.lines.values()]
    return "\n".join(visible_block(line) for line in lines)


def searchable(form: Form, state: FormState) -> list[tuple[int, str, str]]:
    """The fields that are shown: number, label with its name, and what a search looks at."""
    found = []
    for field in form.fields:
        if field.number in state.visible and not (field.is_frame and field.alternative is not None):
            words = f"{field.label}  ({field.name})"
            found.append((field.number, words, f"{words} {field.help} {field.description}"))
    return found


def locked_text(locked: Mapping[str, str]) -> str:
    """Which secret values cannot be opened, and why."""
    return "; ".join(f"{name} is kept, but cannot be opened: {why}" for name, why in locked.items())


def _help_lines(element: object, state: FormState) -> Iterator[str]:
    if isinstance(element, Section):
        yield ""
        yield f"{element.label}  {element.subtitle}".rstrip()
        yield from (f"  {line}" for line in element.help.splitlines())
    if isinstance(element, Field) and element.number in state.visible:
        kind = "" if element.is_frame else KINDS.get(element.kind, element.kind)
        facts = ", ".join(fact for fact in (kind, element.limits, "required" if element.required else "") if fact)
        yield f"  {element.label} ({facts})" if facts else f"  {element.label}"
        yield from (f"    {line}" for line in element.help.splitlines())
        if element.description and element.description != element.help:
            yield f"    {element.description}"
    inner = getattr(element, "elements", ()) or (getattr(element, "fields", ()) if isinstance(element, Field) else ())
    for one in inner:
        yield from _help_lines(one, state)
