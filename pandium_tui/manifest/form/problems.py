"""What is wrong with values, field by field, in the words of the form."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pandium_tui.manifest.form.alternatives import NOTHING_CHOSEN, Chosen, validator_of
from pandium_tui.manifest.form.choices import as_title
from pandium_tui.manifest.form.definition import ENTRY, Definition
from pandium_tui.manifest.form.fields import Field
from pandium_tui.manifest.form.json_values import to_pointer, value_at
from pandium_tui.manifest.form.kinds import alternatives_of, in_words
from pandium_tui.manifest.form.validation import Finding
from pandium_tui.manifest.form.values import entry_name, is_date, is_date_time, is_time
from pandium_tui.manifest.problem import quoted

_MOMENTS = {
    "date": (is_date, "must be a date such as 2024-05-31"),
    "time": (is_time, "must be a time such as 13:45:00"),
    "date-time": (is_date_time, "must be a date and a time such as 2024-05-31T13:45:00+00:00"),
}
_ABOUT_CHOICES = ("enum", "const", "type", "oneOf", "anyOf", "format")
_ABOUT_ONE_VALUE = ("type", "required", "stale", "alternative")


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """One thing that is wrong with values. No text repeats what a secret field contains.

    Attributes:
        path: the JSON pointer of the value, such as ``/comments/1/message``.
        field: the number of the field, of the table for a cell; ``None`` when no field of the form can repair it.
        label: the labels on the way to the value: ``Comments, row 2, Message``.
        message: what is wrong, without the label of the field: ``row 2, Message: at most 5 characters (8 now)`` for a
            cell of a table.
        text: the whole of it: ``Comments, row 2, Message: at most 5 characters (8 now)``.
        blocks_saving: whether the values cannot be saved like this.
        blocks_runs: whether a run with these values makes no sense. Choices that only an init run can bring block
            runs, but neither saving nor an init run.
    """

    path: str
    field: int | None
    label: str
    message: str
    text: str
    blocks_saving: bool = True
    blocks_runs: bool = True


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a finding belongs. ``labels`` lead from the field to the part of it."""

    field: Field | None
    label: str
    labels: tuple[str, ...]
    innermost: Field | None
    is_hidden: bool


def problems_of(
    definition: Definition, values: dict[str, Any], *, unseen: frozenset[int], chosen: Chosen = NOTHING_CHOSEN
) -> Iterator[ValueProblem]:
    """All problems of values in effect, but for those of hidden fields.

    Args:
        definition: the form.
        values: the values in effect, hidden ones included.
        unseen: the fields that the person who fills in the form does not see.
        chosen: the alternatives that person chose.
    """
    hidden = definition.hidden(values, chosen)
    hidden_steps = definition.hidden_steps(hidden)
    # What alternatives that do not hold ask for says nothing about the mapping they are in.
    kept_steps = hidden_steps - definition.hidden_steps(definition.passed_over(values, chosen))
    findings = [*definition.validator.findings(values), *own_findings(definition, values, chosen)]
    seen: set[tuple[str, str]] = set()
    for finding in sorted(findings, key=lambda one: _order(definition, one)):
        place = _place(definition, values, finding, hidden, hidden_steps)
        if place.is_hidden or _is_ours(place.innermost, finding) or _is_of_alternatives(definition, finding.within):
            continue
        # What tells alternatives of the whole apart has no field: it is the choice itself.
        if place.field is None and finding.steps and finding.steps[0] in definition.own_names:
            continue
        problem = _problem(place, finding, unseen, _reaches_hidden(finding, kept_steps))
        if (problem.path, problem.message) not in seen:
            seen.add((problem.path, problem.message))
            yield problem


def own_findings(definition: Definition, values: dict[str, Any], chosen: Chosen = NOTHING_CHOSEN) -> Iterator[Finding]:
    """What a validator cannot know.

    Choices that are no longer offered, formats that only the uischema states, and which alternative is meant.
    """
    passed_over = definition.passed_over(values, chosen)
    for field in definition.fields:
        if field.number in passed_over:
            continue
        value = value_at(values, field.steps)
        if field.kind in ("choice", "multichoice"):
            yield from _not_offered(definition, field, values, value)
        elif field.kind == "alternatives":
            yield from _of_alternative(field, value, definition.alternative(field, values, chosen))
        elif isinstance(value, list) and (field.kind == "table" or field.item):
            for index, item in enumerate(value):
                yield from (one.below((*field.steps, index)) for one in _of_item(definition, field, item))
        else:
            yield from _moment(field.steps, field, value)


def _of_item(definition: Definition, field: Field, item: Any) -> Iterator[Finding]:
    """What a validator cannot know of a row of a table or an entry of a list."""
    if field.kind == "table":
        yield from own_findings(definition.row(field), item) if isinstance(item, dict) else ()
    elif field.lists_alternatives:
        yield from (one.inside(1) for one in own_findings(definition.entry(field), {ENTRY: item}))
    elif field.item:
        yield from _moment((), field.item, item)


def _not_offered(definition: Definition, field: Field, values: dict[str, Any], value: Any) -> Iterator[Finding]:
    offer = definition.offer(field, values)
    if value is None:
        return
    several = field.kind == "multichoice" and isinstance(value, list)
    for index, one in enumerate(value if several else [value]):
        if not offer.accepts(one):
            steps: tuple[str | int, ...] = (*field.steps, index) if several else field.steps
            what = "this" if field.secret else quoted(as_title(one))
            yield Finding(steps, "stale", f"{what} is no longer offered; choose another")


def _of_alternative(field: Field, value: Any, place: int | None) -> Iterator[Finding]:
    """What is wrong with a value as the alternative that holds."""
    if value is None:
        return
    if place is None and not field.steps:
        yield Finding((), "alternative", "choose one of the alternatives")
    elif place is None:
        yield Finding(field.steps, "alternative", "fits none of the alternatives; choose one")
    else:
        for finding in validator_of(alternatives_of(field.schema)[place]).findings(value):
            yield finding.below(field.steps)


def _is_of_alternatives(definition: Definition, steps: tuple[str | int, ...] | None) -> bool:
    """Whether the alternatives of the value at these steps are shown, and so are judged by the one that holds."""
    if steps is None:
        return False
    names = tuple(str(step) for step in steps)
    for length in range(len(names), -1, -1):
        fields, rest = definition.by_steps.get(names[:length], []), steps[length:]
        if fields and fields[0].kind == "table" and len(rest) > 1:
            return _is_of_alternatives(definition.row(fields[0]), rest[1:])
        if fields and fields[0].lists_alternatives and rest:
            return _is_of_alternatives(definition.entry(fields[0]), (ENTRY, *rest[1:]))
        if fields:
            return not rest and any(field.kind == "alternatives" for field in fields)
    return False


def _moment(steps: tuple[str | int, ...], field: Field, value: Any) -> Iterator[Finding]:
    if field.kind in _MOMENTS and isinstance(value, str):
        fits, message = _MOMENTS[field.kind]
        if not fits(value):
            yield Finding(steps, "moment", message)


def _place(
    definition: Definition,
    values: dict[str, Any],
    finding: Finding,
    hidden: frozenset[int],
    hidden_steps: frozenset[tuple[str, ...]],
) -> _Place:
    """The field that a finding is about: the innermost one on the way to the value."""
    steps = finding.steps
    names = tuple(str(step) for step in steps)
    is_hidden = any(names[:length] in hidden_steps for length in range(1, len(names) + 1))
    for length in range(len(steps), 0, -1):
        fields = definition.by_steps.get(names[:length])
        if fields:
            shown = [one for one in fields if one.number not in hidden] or fields
            # Of alternatives the one that holds, unless it is only a frame of other fields.
            field = next((one for one in shown if one.alternative is not None and not one.is_frame), shown[0])
            labels, innermost, hidden_inside = _inside(definition, field, values, steps, length)
            return _Place(field, _label(definition, field), labels, innermost, is_hidden or hidden_inside)
    if not steps and () in definition.peers:
        choice = definition.peers[()]
        return _Place(choice, choice.label, (), choice, is_hidden)
    label = ", ".join(in_words(name) for name in names) or "The form"
    return _Place(None, label, (), None, is_hidden)


def _label(definition: Definition, field: Field) -> str:
    """The label with those of the mappings it is in."""
    outermost = len(field.steps) + (0 if field.alternative is None else 1)
    above = [definition.peers.get(field.steps[:length]) for length in range(1, outermost)]
    return ", ".join([*(one.label for one in above if one), field.label])


def _inside(
    definition: Definition, field: Field, values: dict[str, Any], steps: tuple[str | int, ...], length: int
) -> tuple[tuple[str, ...], Field, bool]:
    """The labels from a field to a part of its value, the field of that part, and whether it is hidden in its row."""
    rest = steps[length:]
    if not rest:
        return (), field, False
    if field.kind == "table" and isinstance(rest[0], int):
        row_values = value_at(values, steps[: length + 1])
        labels = (_with_name(f"row {rest[0] + 1}", field, row_values),)
        if len(rest) == 1 or not isinstance(row_values, dict):
            return labels, field, False
        row = definition.row(field)
        hidden = row.hidden(row_values)
        place = _place(row, row_values, Finding(rest[1:], "", ""), hidden, row.hidden_steps(hidden))
        return (*labels, place.label, *place.labels), place.innermost or field, place.is_hidden
    if field.lists_alternatives and isinstance(rest[0], int):
        entry, entry_values = definition.entry(field), {ENTRY: value_at(values, steps[: length + 1])}
        hidden = entry.hidden(entry_values)
        place = _place(entry, entry_values, Finding((ENTRY, *rest[1:]), "", ""), hidden, entry.hidden_steps(hidden))
        # The entry itself has the label of the list.
        inside = [place.label.removeprefix(f"{field.label}, ")] if place.label != field.label else []
        return (
            (_with_name(f"entry {rest[0] + 1}", field, entry_values[ENTRY]), *inside, *place.labels),
            place.innermost or field,
            place.is_hidden,
        )
    if field.kind in ("list", "multichoice") and isinstance(rest[0], int):
        return (f"entry {rest[0] + 1}",), field.item or field, False
    return tuple(f"entry {one + 1}" if isinstance(one, int) else in_words(one) for one in rest), field, False


def _with_name(words: str, field: Field, entry: Any) -> str:
    name = entry_name(field, entry)
    return f"{words} ({name})" if name else words


def _is_ours(field: Field | None, finding: Finding) -> bool:
    """Whether the validator says what our own checks say better."""
    if field is None or finding.keyword in ("stale", "moment"):
        return False
    if field.kind in ("choice", "multichoice"):
        # Of several choices the list itself can still be wrong, by its length for example.
        at_entry = field.kind == "choice" or isinstance(finding.steps[-1], int)
        return at_entry and finding.keyword in _ABOUT_CHOICES
    return field.kind in _MOMENTS and finding.keyword == "format"


def _problem(place: _Place, finding: Finding, unseen: frozenset[int], reaches_hidden: bool) -> ValueProblem:
    field = place.field
    size = "" if place.innermost and place.innermost.secret else finding.size
    message = finding.message + size
    can_repair = field is not None and field.kind != "readonly"
    awaited = field is not None and field.awaits != "" and finding.keyword == "required"
    if awaited and field:
        message = f"required; {field.awaits[0].lower()}{field.awaits[1:]}"
    # Of the form as a whole, or of a mapping, a hidden field may be the one that is wrong.
    blocks = (can_repair or not finding.steps) and not (reaches_hidden and finding.keyword not in _ABOUT_ONE_VALUE)
    return ValueProblem(
        path=to_pointer(finding.steps),
        field=field.number if field else None,
        label=", ".join((place.label, *place.labels)),
        message=": ".join(part for part in (", ".join(place.labels), message) if part),
        text=f"{', '.join((place.label, *place.labels))}: {message}",
        blocks_saving=blocks and not awaited and not (field is not None and field.number in unseen),
        blocks_runs=blocks,
    )


def _reaches_hidden(finding: Finding, hidden_steps: frozenset[tuple[str, ...]]) -> bool:
    names = tuple(str(step) for step in finding.steps)
    return any(steps[: len(names)] == names for steps in hidden_steps)


def _order(definition: Definition, finding: Finding) -> tuple[int, list[str]]:
    """From the top of the form to its end."""
    names = tuple(str(step) for step in finding.steps)
    found = next((definition.peers[names[:n]] for n in range(len(names), 0, -1) if names[:n] in definition.peers), None)
    return found.number if found else 0, [step.zfill(9) if step.isdecimal() else step for step in names]
