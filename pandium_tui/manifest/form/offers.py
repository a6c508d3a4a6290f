"""Which choices a field offers right now: those of its schema, of the last init run, and of the field it depends on."""

from dataclasses import dataclass
from typing import Any

from pandium_tui.manifest.form.choices import Option, as_title, options_of
from pandium_tui.manifest.form.conditional import ConditionalChoices
from pandium_tui.manifest.form.fields import Field
from pandium_tui.manifest.form.json_values import key_of, parse_pointer, value_at
from pandium_tui.manifest.form.keywords import CHOICES_BY_PARENT
from pandium_tui.manifest.form.kinds import in_words, merged
from pandium_tui.manifest.form.rules import Conditions


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """The choices. ``accepted`` are the keys of their values, ``None`` when the choices are not known yet.

    ``hint`` says why there are none.
    """

    options: tuple[Option, ...]
    accepted: frozenset[str] | None
    hint: str = ""

    def accepts(self, value: Any) -> bool:
        """Whether a value is among the choices, as far as they are known."""
        return self.accepted is None or key_of(value) in self.accepted


class Offers:
    """The offers of one form; each is made once."""

    def __init__(self, conditional: dict[str, tuple[ConditionalChoices, ...]], conditions: Conditions) -> None:
        self._conditional = conditional
        self._conditions = conditions
        self._made: dict[tuple[int, str], Offer] = {}

    def of(self, field: Field, values: dict[str, Any], peers: dict[tuple[str, ...], Field]) -> Offer:
        """What a choice, or a choice of several, offers for these values of the form."""
        if field.awaits:
            return Offer((), None, field.awaits)
        hint = ""
        if field.depends_on is not None:
            steps = parse_pointer(field.depends_on)
            parent, value = peers.get(steps), value_at(values, steps)
            if value in (None, "", []):
                label = parent.label if parent else in_words(steps[-1])
                return Offer((), frozenset(), f"Choose {label} first")
            hint = f"Nothing to choose for {_title(value, parent)}"
            by_parent = _chosen_from(field).get(CHOICES_BY_PARENT)
            if by_parent is not None:
                return self._of_parents(field, by_parent, value if isinstance(value, list) else [value], hint)
        conditional = self._conditional.get(field.steps[0], ()) if len(field.steps) == 1 else ()
        for number, one in enumerate(conditional):
            if self._conditions.accepts(one.condition, values) == one.holds:
                return self._made_once(field, f"condition {number}", _both(one.options, field.options), hint)
        by_parent = _chosen_from(field).get(CHOICES_BY_PARENT)
        if by_parent is not None:
            return self._of_parents(field, by_parent, list(by_parent), hint)
        return self._made_once(field, "own", field.options, hint or "Nothing to choose")

    def _of_parents(self, field: Field, by_parent: dict[str, Any], parents: list[Any], hint: str) -> Offer:
        keys = [as_title(parent) for parent in parents]
        made = self._made.get((field.number, key_of(keys)))
        if made is None:
            found = {key_of(choice["const"]): choice for key in keys for choice in by_parent.get(key, ())}
            made = self._made_once(field, key_of(keys), options_of(list(found.values())), hint)
        return made

    def _made_once(self, field: Field, key: str, options: tuple[Option, ...], hint: str) -> Offer:
        made = self._made.get((field.number, key))
        if made is None:
            accepted = frozenset(key_of(option.value) for option in options)
            made = self._made[field.number, key] = Offer(options, accepted, "" if options else hint)
        return made


def _chosen_from(field: Field) -> dict[str, Any]:
    return merged(field.schema["items"]) if field.kind == "multichoice" else field.schema


def _both(options: tuple[Option, ...], own: tuple[Option, ...]) -> tuple[Option, ...]:
    """The choices of a condition, but only those that the property itself lists, if it lists any."""
    if not own:
        return options
    listed = {key_of(option.value) for option in own}
    return tuple(option for option in options if key_of(option.value) in listed)


def _title(value: Any, parent: Field | None) -> str:
    options = parent.options if parent else ()
    titles = {key_of(option.value): option.title for option in options}
    return ", ".join(titles.get(key_of(one), as_title(one)) for one in (value if isinstance(value, list) else [value]))
