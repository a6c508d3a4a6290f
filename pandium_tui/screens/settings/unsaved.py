"""What of settings is not saved: told in words, and kept as a draft without its secrets."""

from collections.abc import Collection, Mapping
from typing import Any

from textual.widget import Widget

from pandium_tui.manifest.form.fields import Field, walk
from pandium_tui.manifest.form.form import Form
from pandium_tui.manifest.form.json_values import parse_pointer, same, to_pointer, value_at
from pandium_tui.screens.kept_draft import KeptDraft
from pandium_tui.screens.settings.form_view import FormView, Typed

VALUE, TEXT = "=", "?"
"""What the names in a draft begin with: of a value at the top, and of a text that could not be read as a value yet."""


def unsaved_labels(view: FormView, stored: dict[str, Any]) -> list[str]:
    """The labels of the fields whose values are not saved."""
    form = view.form
    now = form.values_in_effect(view.values_to_save, view.switches.chosen)
    before = form.values_in_effect(stored)
    labels = [
        field.label
        for field in _told_fields(form)
        if not same(value_at(now, field.steps), value_at(before, field.steps))
    ]
    known = {name for field in form.fields for name in field.steps[:1]}
    names = dict.fromkeys([*stored, *view.values])
    others = [one for one in names if one not in known and not same(stored.get(one), view.values.get(one))]
    # What tells alternatives of the whole apart is changed by choosing one.
    choice, own = form.field_at(""), form.definition.own_names
    labels += [choice.label if choice and one in own else one for one in others]
    return list(dict.fromkeys([*labels, *view.unreadable]))


class FormDraft:
    """The draft of a form of settings: of one tenant, or of a row in it."""

    def __init__(self, widget: Widget, name: str) -> None:
        self._kept = KeptDraft(widget, name)
        self.told = ""
        """What is to be said of the draft that was restored, while something is unsaved."""

    async def from_before(
        self, form: Form, stored: Mapping[str, Any], secret: Collection[str]
    ) -> tuple[dict[str, Any], Typed]:
        """The values to begin with, and texts that were no values yet; to be called from a worker, for it may ask."""
        values = dict(stored)
        found = await self._kept.from_before(
            {f"{VALUE}{name}": [value] for name, value in stored.items() if name not in secret},
            lambda name: _label(form, name),
            lambda name: _top_name(name) not in secret,
        )
        typed: Typed = {}
        if found is not None:
            self.told = found.told
            for name, kept in found.values.items():
                if name.startswith(TEXT):
                    typed[parse_pointer(name[1:])] = (kept[0], kept[1])
                elif kept is None:
                    values.pop(name[1:], None)
                else:
                    values[name[1:]] = kept[0]
        return values, typed

    def note(self, view: FormView, stored: dict[str, Any]) -> None:
        """Note what stands in the form now."""
        if not unsaved_labels(view, stored):
            self.told = ""
            self._kept.note({}, {})
            return
        now = view.values_to_save
        changed = [name for name in dict.fromkeys([*stored, *now]) if _differs(name, stored, now)]
        plain = [name for name in changed if name not in view.secret]
        values = {f"{VALUE}{name}": [now[name]] if name in now else None for name in plain}
        before = {f"{VALUE}{name}": [stored[name]] for name in plain if name in stored}
        left_out = [_label(view.form, f"{VALUE}{name}") for name in changed if name in view.secret]
        for steps, typed in view.typed.items():
            if steps and steps[0] not in view.secret:
                values[f"{TEXT}{to_pointer(steps)}"] = list(typed)
        self._kept.note(values, before, left_out)

    def forget(self) -> None:
        """It was saved or discarded."""
        self.told = ""
        self._kept.forget()


def _differs(name: str, one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (name in one) != (name in other) or not same(one.get(name), other.get(name))


def _top_name(name: str) -> str:
    return parse_pointer(name[1:])[0] if name.startswith(TEXT) else name[1:]


def _label(form: Form, name: str) -> str:
    top = _top_name(name)
    return next((field.label for field in form.fields if field.steps[:1] == (top,)), top)


def _told_fields(form: Form) -> list[Field]:
    """The fields that are told of when they changed: those that hold a value, of alternatives only the choice."""
    found, inside = [], set[int]()
    for field in form.fields:
        if field.kind == "alternatives" and not field.steps:
            continue  # Of the whole each value tells for itself.
        if field.kind == "alternatives":
            inside.update(one.number for one in walk(field.fields))
        if not field.is_frame and field.number not in inside:
            found.append(field)
    return found
