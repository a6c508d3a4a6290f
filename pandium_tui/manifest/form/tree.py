"""From a normalised schema and a uischema to the tree of elements that a screen shows."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from pandium_tui.manifest.form import kinds
from pandium_tui.manifest.form.alternatives import constant_of, own_names, telling_name, titles_of
from pandium_tui.manifest.form.conditional import conditional_choices, parent_of
from pandium_tui.manifest.form.fields import Divider, Element, Field, Group, Kind, Note, Row, Rule, Section, walk
from pandium_tui.manifest.form.json_values import MAX_DEPTH, key_of, plain
from pandium_tui.manifest.form.keywords import CHOICES_AWAITED
from pandium_tui.manifest.form.normalise import Schema
from pandium_tui.manifest.form.oddities import Oddities, Oddity, below
from pandium_tui.manifest.form.parents import parents_of
from pandium_tui.manifest.form.scopes import declared, declared_names, names_in_scopes, steps_of
from pandium_tui.manifest.form.uischema import CONTROLS, KEYS, LAYOUTS, OPTIONS, TYPES, advice_of, first_text, label_of
from pandium_tui.manifest.problem import quoted

MAX_ELEMENTS = 5_000

_EFFECTS = {"SHOW": "SHOW", "HIDE": "HIDE", "ENABLE": "ENABLE", "DISABLE": "DISABLE"}
# What later versions of JSON Forms call the same.
_EFFECTS |= {"WRITABLE": "ENABLE", "READONLY": "DISABLE"}


class _Numbers:
    """Counts the elements of a form, those of rows included."""

    def __init__(self) -> None:
        self.given = 0

    def next(self) -> int:
        self.given += 1
        return self.given


class TreeBuilder:
    """Builds the elements of one form, or of the form of one row of a table."""

    def __init__(
        self, schema: Schema, uischema: Any, oddities: Oddities, base: str = "", numbers: _Numbers | None = None
    ) -> None:
        self._schema = schema
        self._uischema = uischema
        self._oddities = oddities
        self._base = base
        self._is_row = numbers is not None
        self._numbers = numbers or _Numbers()
        self._conditional = conditional_choices(schema)
        self._parents = parents_of(schema, uischema, oddities, base)
        self._names: list[str] | None = None
        self._shown: set[tuple[str, ...]] = set()
        self._wholes = () if self._is_row else kinds.alternatives_of(kinds.merged(schema))
        """The alternatives of the whole, which are chosen in a field of their own."""
        self._own_names = own_names(schema) if self._wholes else frozenset[str]()
        self._with_controls = frozenset[str]()

    def build(self) -> tuple[Element, ...]:
        """The elements; from the schema alone, in its order, when there is no uischema."""
        uischema = self._uischema
        if uischema is not None and not isinstance(uischema, dict):
            self._note(self._base, "the uischema must be a mapping; the form is made from the schema alone")
        if not isinstance(uischema, dict) or not (uischema.get("elements") or "scope" in uischema):
            choice = (self._choice({}, ""),) if self._wholes else ()
            fields = (*choice, *self._fields(self._schema, (), self._own_names))
            self._shown.update(field.steps for field in fields)
            self._note_missing()
            return fields
        self._with_controls = names_in_scopes(uischema)
        root = self._element(uischema, self._base, 0)
        if self._wholes and () not in self._shown:
            choice = (self._choice({}, ""),)
            root = Group(number=self._numbers.next(), elements=(*choice, *((root,) if root else ())))
        self._note_missing()
        if isinstance(root, Group) and not root.label and root.rule is None and not root.admin:
            return root.elements
        return (root,) if root else ()

    def _element(self, raw: Any, pointer: str, depth: int) -> Element | None:
        if not isinstance(raw, dict):
            self._note(pointer, "an element must be a mapping with a type; it is left out")
            return None
        if depth > MAX_DEPTH:
            self._note(pointer, f"this is nested more than {MAX_DEPTH} levels deep, and is left out")
            return None
        if self._is_full():
            return None
        kind = self._type(raw, pointer)
        self._note_unknown_keys(raw, pointer, kind)
        if kind in CONTROLS:
            return self._control(raw, pointer, kind)
        if kind in LAYOUTS:
            return self._layout(raw, pointer, kind, depth)
        rule, admin = self._rule(raw, pointer), raw.get("admin") is True
        if kind == "Divider":
            return Divider(number=self._numbers.next(), rule=rule, admin=admin)
        if kind == "Label":
            text = first_text(raw, "text", "title", "label", "subtitle")
            if not text:
                self._note(pointer, "this label has no text; write it after title")
            return Note(number=self._numbers.next(), rule=rule, admin=admin, text=text)
        return None

    def _note_unknown_keys(self, raw: dict[str, Any], pointer: str, kind: str) -> None:
        known = KEYS.get(kind, tuple(raw))
        for key in raw:
            if key not in known and not str(key).startswith("x-"):
                suggestion = self._oddities.suggestion(str(key), known)
                message = f"key {quoted(str(key))} means nothing here and is ignored{suggestion}"
                self._note(below(pointer, key), message, key=True)
        written = raw.get("options")
        for key in written if isinstance(written, dict) and kind in CONTROLS else ():
            suggestion = self._oddities.suggestion(str(key), OPTIONS) if key not in OPTIONS else ""
            if suggestion:
                message = f"option {quoted(str(key))} means nothing and is ignored{suggestion}"
                self._note(below(pointer, "options", key), message, key=True)

    def _type(self, raw: dict[str, Any], pointer: str) -> str:
        """The type of an element; for one that is not known the nearest that can show what is in it."""
        named = raw.get("type")
        if named in TYPES and isinstance(named, str):
            return named
        likely = "Control" if "scope" in raw else "VerticalLayout" if isinstance(raw.get("elements"), list) else ""
        if named is None and likely == "VerticalLayout" and pointer == self._base:
            return likely
        shown = f"it is shown like {likely}" if likely else "it is left out"
        what = (
            f"element type {quoted(str(named))} is not known" if isinstance(named, str) else "this element has no type"
        )
        known = f"; known are {', '.join(TYPES)}"
        suggestion = self._oddities.suggestion(named, TYPES, known) if isinstance(named, str) else ""
        self._note(below(pointer, "type") if isinstance(named, str) else pointer, f"{what}; {shown}{suggestion}")
        return likely

    def _layout(self, raw: dict[str, Any], pointer: str, kind: str, depth: int) -> Element:
        number, rule, admin = self._numbers.next(), self._rule(raw, pointer), raw.get("admin") is True
        listed = raw.get("elements")
        if listed is not None and not isinstance(listed, list):
            self._note(below(pointer, "elements"), "elements must be a list, each element after a dash")
        inner = [
            self._element(child, below(pointer, "elements", index), depth + 1)
            for index, child in enumerate(listed if isinstance(listed, list) else ())
        ]
        elements = tuple(element for element in inner if element is not None)
        label = first_text(raw, "label", "title")
        if kind == "HorizontalLayout":
            return Row(number=number, rule=rule, admin=admin, elements=elements)
        if kind == "Section":
            subtitle, advice = first_text(raw, "subtitle"), advice_of(raw)
            return Section(
                number=number, rule=rule, admin=admin, label=label, subtitle=subtitle, help=advice, elements=elements
            )
        return Group(number=number, rule=rule, admin=admin, label=label, elements=elements)

    def _control(self, raw: dict[str, Any], pointer: str, kind: str) -> Element | None:
        scope = raw.get("scope")
        steps = steps_of(scope)
        if self._wholes and steps is not None and steps in ((), (telling_name(self._wholes),)):
            if () in self._shown:
                self._note(below(pointer, "scope"), "there is a second control for the choice of alternatives")
            return self._choice(raw, pointer)
        found = declared(self._schema, steps) if steps else None
        if steps is None or found is None:
            self._note_scope(raw, pointer)
            return None
        place = below(pointer, "scope")
        if not str(scope).startswith("#/"):
            self._note(place, f'scope {quoted(str(scope))} should begin with "#/"')
        if steps in self._shown:
            self._note(place, f"there is a second control for {quoted(str(scope))}; remove one")
        self._shown.add(steps)
        if steps[0] in self._own_names:
            return self._of_alternatives(steps, raw, pointer)
        built = self._field(*found, steps, raw, pointer)
        if kind == "MultiSelectControl" and built.kind not in ("multichoice", "readonly"):
            message = "a MultiSelectControl needs a property of type array whose items list the choices"
            self._note(place, message)
        return built

    def _choice(self, raw: dict[str, Any], pointer: str) -> Field:
        """The choice of an alternative of the whole, with the fields of each that have no controls of their own."""
        self._shown.add(())
        whole = kinds.merged(self._schema)
        name = telling_name(self._wholes)
        told = kinds.merged(whole.get("properties", {}).get(name, {}))
        named = raw.get("label") or told.get("title") or whole.get("title") or (kinds.in_words(name) if name else "")
        built = self._field(whole, {}, (), {**raw, "label": named or "Alternative"}, pointer)
        description = told.get("description") or built.description
        return replace(built, required=True, default=None, description=description)

    def _of_alternatives(self, steps: tuple[str, ...], raw: dict[str, Any], pointer: str) -> Element | None:
        """What a control is for that only some alternatives of the whole have, or not all in the same way."""
        places: dict[str, list[int]] = {}
        for place, alternative in enumerate(self._wholes):
            found = declared(alternative, steps)
            if found is not None and constant_of(found[0]) is None:
                places.setdefault(key_of([found[0], steps[-1] in found[1].get("required", ())]), []).append(place)
        fields = [
            replace(self._field(*found, steps, raw, pointer), only_in=tuple(several))
            for several in places.values()
            if (found := declared(self._wholes[several[0]], steps))
        ]
        return fields[0] if len(fields) == 1 else Group(number=self._numbers.next(), elements=tuple(fields))

    def _note_scope(self, raw: dict[str, Any], pointer: str) -> None:
        scope = raw.get("scope")
        if not isinstance(scope, str) or not scope:
            self._note(pointer, "this control has no scope and is left out; write scope: '#/properties/NAME'")
            return
        suggestion = self._suggestion(scope)
        message = f"scope {quoted(scope)} leads to no property of the schema; the control is left out{suggestion}"
        self._note(below(pointer, "scope"), message)

    def _suggestion(self, scope: str) -> str:
        if self._names is None:
            self._names = declared_names(self._schema)
        return self._oddities.suggestion(scope.rsplit("/", 1)[-1], self._names)

    def _fields(self, schema: Schema, steps: tuple[str, ...], left_out: Collection[str] = ()) -> Iterator[Field]:
        """Fields for all properties of a mapping, in their order, but for those left out."""
        whole = kinds.merged(schema)
        for name, declaration in whole.get("properties", {}).items():
            if name in left_out:
                continue
            if self._is_full():
                return
            yield self._field(kinds.merged(declaration), whole, (*steps, name), {}, "")

    def _field(
        self, schema: Schema, parent: Schema, steps: tuple[str, ...], control: dict[str, Any], pointer: str
    ) -> Field:
        number = self._numbers.next()
        written = control.get("options")
        options = plain(written) if isinstance(written, dict) else {}
        has_choices = len(steps) == 1 and steps[0] in self._conditional
        kind = kinds.kind_of(schema, options, has_choices=has_choices)
        label, shows_label = label_of(control.get("label"), schema, steps[-1] if steps else "")
        required = bool(steps) and steps[-1] in parent.get("required", ())
        rows = options.get("rows")
        row = self._row(schema, control, pointer) if kind == "table" else ()
        fields = self._inner_fields(schema, kind, steps, row)
        item = self._item(schema, label) if kind == "list" else None
        secret = kind == "password" or any(one.secret for one in (*fields, *((item,) if item else ())))
        return Field(
            number=number,
            rule=self._rule(control, pointer),
            admin=control.get("admin") is True,
            steps=steps,
            kind=kind,
            label=label,
            shows_label=shows_label,
            help=advice_of(control),
            description=schema.get("description", ""),
            required=required,
            secret=secret or (not fields and kinds.has_password(schema)),
            **self._choosing(schema, kind, steps),
            default=kinds.default_of(schema, required=required),
            rows=rows if isinstance(rows, int) and not isinstance(rows, bool) and 0 < rows <= 100 else None,
            as_radio=options.get("format") == "radio",
            longest=schema.get("maxLength") if options.get("restrict") is True else None,
            limits=kinds.limits_of(schema),
            placeholder=kinds.placeholder_of(schema, options, kind),
            fields=fields,
            row=row,
            item=item,
            label_of_entry=self._label_of_entry(schema, kind, options, pointer),
            schema=schema,
        )

    def _inner_fields(
        self, schema: Schema, kind: Kind, steps: tuple[str, ...], row: tuple[Element, ...]
    ) -> tuple[Field, ...]:
        if kind == "object":
            return tuple(self._fields(schema, steps))
        if kind == "alternatives":
            return tuple(self._alternatives(schema, steps))
        return _columns(row)

    def _alternatives(self, schema: Schema, steps: tuple[str, ...]) -> Iterator[Field]:
        """What each alternative is filled in with: a field for the same value, a mapping without its constants."""
        titles = titles_of(schema)
        for place, alternative in enumerate(kinds.alternatives_of(schema)):
            if self._is_full():
                return
            built = self._field(alternative, {}, steps, {"label": titles[place].title}, "")
            inner = tuple(one for one in built.fields if constant_of(one.schema) is None)
            if not steps:
                inner = tuple(one for one in inner if self._is_in_choice(one.steps[0]))
                yield replace(built, alternative=place, kind="object", fields=inner)
                continue
            yield replace(built, alternative=place, fields=inner if built.kind == "object" else built.fields)

    def _is_in_choice(self, name: str) -> bool:
        """Whether a property of alternatives of the whole is filled in beneath the choice."""
        return name in self._own_names and name not in self._with_controls

    def _choosing(self, schema: Schema, kind: Kind, steps: tuple[str, ...]) -> dict[str, Any]:
        """What there is to choose from, and on what that depends."""
        if kind == "alternatives":
            return {"options": titles_of(schema)}
        if kind not in ("choice", "multichoice"):
            return {"options": kinds.proposals_of(schema)}
        chosen_from = kinds.merged(schema["items"]) if kind == "multichoice" else schema
        depends_on = self._parents.get(steps)
        if depends_on is None and len(steps) == 1 and steps[0] in self._conditional:
            depends_on = parent_of(self._conditional[steps[0]], steps[0])
        awaits = "" if "enum" in chosen_from else chosen_from.get(CHOICES_AWAITED, "")
        return {"options": kinds.choices_of(chosen_from), "depends_on": depends_on, "awaits": awaits}

    def _row(self, schema: Schema, control: dict[str, Any], pointer: str) -> tuple[Element, ...]:
        """The elements for one row of a table: those of ``options.detail``, or one for each property of the items."""
        options = control.get("options")
        detail = options.get("detail") if isinstance(options, dict) else None
        uischema = detail if isinstance(detail, dict) else None
        base = below(pointer, "options", "detail")
        return TreeBuilder(schema["items"], uischema, self._oddities, base, self._numbers).build()

    def _label_of_entry(self, schema: Schema, kind: Kind, options: dict[str, Any], pointer: str) -> tuple[str, ...]:
        """What ``elementLabelProp`` names: the keys, with points between them as JSON Forms has it."""
        written = options.get("elementLabelProp")
        if kind not in ("table", "list") or not isinstance(written, str) or not written:
            return ()
        steps = tuple(written.split("."))
        if declared(schema["items"], steps) is not None:
            return steps
        suggestion = self._oddities.suggestion(written, declared_names(schema["items"]))
        message = f"elementLabelProp {quoted(written)} is no property of the entries{suggestion}"
        self._note(below(pointer, "options", "elementLabelProp"), message)
        return ()

    def _item(self, schema: Schema, label: str) -> Field:
        return self._field(kinds.merged(schema["items"]), {}, ("0",), {"label": label}, "")

    def _rule(self, raw: dict[str, Any], pointer: str) -> Rule | None:
        rule = raw.get("rule")
        if rule is None:
            return None
        effect = rule.get("effect") if isinstance(rule, dict) else None
        if not isinstance(rule, dict) or not isinstance(effect, str) or effect not in _EFFECTS:
            message = "a rule needs an effect (SHOW, HIDE, ENABLE or DISABLE) and a condition; it is ignored"
            self._note(below(pointer, "rule"), message)
            return None
        condition = rule.get("condition")
        self._note_condition(condition, below(pointer, "rule", "condition"), 0)
        return Rule(_EFFECTS[effect], plain(condition))  # type: ignore[arg-type]

    def _note_condition(self, condition: Any, pointer: str, depth: int) -> None:
        if not isinstance(condition, dict):
            self._note(pointer, "this condition is no mapping, and counts as true")
            return
        listed = condition.get("conditions")
        if isinstance(listed, list) and depth < MAX_DEPTH:
            for index, inner in enumerate(listed):
                self._note_condition(inner, below(pointer, "conditions", index), depth + 1)
        elif "scope" not in condition:
            self._note(pointer, "this condition has no scope, and counts as true")
        else:
            steps = steps_of(condition["scope"])
            if steps is None or declared(self._schema, steps) is None:
                name = str(condition["scope"])
                suggestion = self._suggestion(name)
                message = f"scope {quoted(name)} leads to no property of the schema{suggestion}"
                self._note(below(pointer, "scope"), message)

    def _is_full(self) -> bool:
        if self._numbers.given < MAX_ELEMENTS:
            return False
        self._note("", f"at most {MAX_ELEMENTS:,} elements are possible; the rest is left out")
        return True

    def _note_missing(self) -> None:
        shown = {name for steps in self._shown for name in steps[:1]} | self._own_names
        # What only counts under a condition, or in an alternative of the whole, has a field where a control names it.
        for name in () if self._is_row or self._is_full() else declared_names(self._schema):
            if name not in shown:
                message = f"property {quoted(name)} has no control, so nobody can fill it in"
                self._oddities.add(Oddity("schema", below("", "properties", name), "warning", message, at_key=True))

    def _note(self, pointer: str, message: str, *, key: bool = False) -> None:
        self._oddities.add(Oddity("uischema", pointer, "warning", message, at_key=key))


def _columns(row: tuple[Element, ...]) -> tuple[Field, ...]:
    fields = (element for element in walk(row) if isinstance(element, Field) and element.alternative is None)
    return tuple(field for field in fields if len(field.steps) == 1)
