"""What a form looks like, and gives a run, for certain values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pandium_tui.manifest.environment import ConfigEnvironmentError, config_environment, variable_name
from pandium_tui.manifest.form.alternatives import Chosen, settled
from pandium_tui.manifest.form.choices import Option
from pandium_tui.manifest.form.defaults import in_effect
from pandium_tui.manifest.form.definition import Definition, inner_elements
from pandium_tui.manifest.form.fields import Element, Field
from pandium_tui.manifest.form.json_values import to_pointer, value_at
from pandium_tui.manifest.form.kinds import in_words
from pandium_tui.manifest.form.problems import ValueProblem, problems_of
from pandium_tui.manifest.problem import quoted


@dataclass(frozen=True, slots=True, eq=False)
class FormState:
    """The form for certain values. Numbers are those of its elements. Its repr shows no values: some are secret.

    Attributes:
        values: the values in effect: with defaults, without what is empty; values of hidden fields are among them.
        visible: the elements to show.
        enabled: the fields that can be changed.
        options: the choices in force, for each choice and multichoice, and the alternatives there are.
        alternatives: the place of the alternative that holds, for each field that has some.
        hints: why a field offers no choices: ``Choose Team first``.
        stale: the values of a field that are no longer offered.
        problems: what is wrong, from the top of the form to its end; nothing about hidden fields.
        environment: the variables a run gets: of declared properties, without hidden values. A property without any
            control is not hidden: its value, or default, is sent.
        secret_variables: the variables whose values must be masked.
    """

    values: dict[str, Any] = field(repr=False)
    visible: frozenset[int]
    enabled: frozenset[int]
    options: dict[int, tuple[Option, ...]]
    alternatives: dict[int, int]
    hints: dict[int, str]
    stale: dict[int, tuple[Any, ...]] = field(repr=False)
    problems: tuple[ValueProblem, ...]
    environment: dict[str, str] = field(repr=False)
    secret_variables: frozenset[str]

    @property
    def saveable(self) -> bool:
        """Whether the values can be saved; errors of hidden fields never prevent that."""
        return not any(problem.blocks_saving for problem in self.problems)

    @property
    def runnable(self) -> bool:
        """Whether a run with these values makes sense; if not, only an init run does."""
        return not any(problem.blocks_runs for problem in self.problems)

    @property
    def errors(self) -> dict[int, tuple[str, ...]]:
        """The messages to show at each field."""
        found: dict[int, tuple[str, ...]] = {}
        for problem in self.problems:
            if problem.field is not None:
                found[problem.field] = (*found.get(problem.field, ()), problem.message)
        return found


def evaluate(definition: Definition, given: dict[str, Any], chosen: Chosen, *, as_customer: bool) -> FormState:
    """The state of a form. Never raises."""
    values = in_effect(definition.schema, given, chosen)
    hidden, disabled = definition.hidden(values, chosen), definition.disabled(values)
    unseen = frozenset(_for_staff(definition.elements, False)) if as_customer else frozenset[int]()
    options, hints, stale = _choices(definition, values)
    # A field that offers nothing can still be emptied when its value is stale.
    without_choices = hints.keys() - stale.keys()
    enabled = frozenset(
        one.number
        for one in definition.fields
        if one.kind != "readonly" and one.number not in disabled and one.number not in without_choices
    )
    problems = list(problems_of(definition, values, unseen=unseen, chosen=chosen))
    declared = settled(definition.schema, values, (), chosen).get("properties", {})
    environment = _environment(definition, declared, definition.sent(values, chosen), problems)
    return FormState(
        values=values,
        visible=frozenset(_all(definition.elements)) - hidden - unseen,
        enabled=enabled,
        options=options,
        alternatives=_alternatives(definition, values, chosen),
        hints=hints,
        stale=stale,
        problems=tuple(problems),
        environment=environment,
        secret_variables=frozenset(map(variable_name, definition.secrets)).intersection(environment),
    )


def _choices(
    definition: Definition, values: dict[str, Any]
) -> tuple[dict[int, tuple[Option, ...]], dict[int, str], dict[int, tuple[Any, ...]]]:
    """The choices in force, why there are none, and the chosen values that are not among them."""
    options: dict[int, tuple[Option, ...]] = {}
    hints: dict[int, str] = {}
    stale: dict[int, tuple[Any, ...]] = {}
    for one in definition.fields:
        if one.kind == "alternatives":
            options[one.number] = one.options
        if one.kind not in ("choice", "multichoice"):
            continue
        offer, value = definition.offer(one, values), value_at(values, one.steps)
        options[one.number] = offer.options
        if offer.hint:
            hints[one.number] = offer.hint
        chosen = value if isinstance(value, list) and one.kind == "multichoice" else [value]
        left = tuple(item for item in chosen if item is not None and not offer.accepts(item))
        if left:
            stale[one.number] = left
    return options, hints, stale


def _alternatives(definition: Definition, values: dict[str, Any], chosen: Chosen) -> dict[int, int]:
    fields = (one for one in definition.fields if one.kind == "alternatives")
    places = {one.number: definition.alternative(one, values, chosen) for one in fields}
    return {number: place for number, place in places.items() if place is not None}


def _environment(
    definition: Definition, declared: Iterable[str], sent: dict[str, Any], problems: list[ValueProblem]
) -> dict[str, str]:
    """The variables of a run; what no variable can carry is left out and added to the problems."""
    controlled = (name for one in definition.fields for name in one.steps[:1])
    environment: dict[str, str] = {}
    for name in dict.fromkeys((*declared, *controlled)):
        if name not in sent:
            continue
        shown_by = definition.peers.get((name,))
        try:
            variables = config_environment({name: sent[name]})
        except ConfigEnvironmentError as error:
            problems.append(_no_variable(name, shown_by, str(error)))
            continue
        taken = variables.keys() & environment.keys()
        if taken:
            message = f"config {quoted(name)} becomes the same variable as another, {taken.pop()}"
            problems.append(_no_variable(name, shown_by, message))
        else:
            environment |= variables
    return environment


def _no_variable(name: str, shown_by: Field | None, message: str) -> ValueProblem:
    label = shown_by.label if shown_by else in_words(name)
    return ValueProblem(
        to_pointer((name,)), shown_by.number if shown_by else None, label, message, f"{label}: {message}"
    )


def _for_staff(elements: tuple[Element, ...], staff_only: bool) -> list[int]:
    found: list[int] = []
    for element in elements:
        is_staffs = staff_only or element.admin
        found += [element.number] if is_staffs else []
        found += _for_staff(inner_elements(element), is_staffs)
    return found


def _all(elements: tuple[Element, ...]) -> list[int]:
    return [number for element in elements for number in (element.number, *_all(inner_elements(element)))]
