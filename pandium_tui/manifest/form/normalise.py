"""A schema as people write it becomes one that a validator takes: references followed, spellings settled.

In the result every ``$ref`` is replaced by what it leads to, with the keys beside it winning; ``min`` and ``max`` are
``minimum`` and ``maximum``; choices are an ``enum`` with their titles beside it, and are those of the last init run
where the schema only has a placeholder; what has not the shape of its keyword is left out. Never raises: what is left
out is noted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pandium_tui.manifest.form import choices
from pandium_tui.manifest.form.json_values import MAX_DEPTH, key_of, parse_pointer, plain, to_pointer, value_at
from pandium_tui.manifest.form.keywords import (
    CHOICE_TITLES,
    CHOICES_AWAITED,
    CHOICES_BY_PARENT,
    DEFINITIONS,
    KEPT,
    LISTED_SCHEMAS,
    NAMED_SCHEMAS,
    ONE_SCHEMA,
    RENAMED,
    SHAPES,
    SPELLINGS,
    TYPES,
    compiles,
)
from pandium_tui.manifest.form.oddities import Oddities, Oddity, below
from pandium_tui.manifest.problem import quoted

Schema = dict[str, Any]

MAX_PARTS = 20_000
"""Schemas in one form, counted after references are followed: references can multiply without bound."""

_VALUES_PER_PART = 50


@dataclass(frozen=True, slots=True)
class _Place:
    pointer: str
    depth: int = 0
    references: tuple[str, ...] = ()

    def at(self, *steps: str | int) -> "_Place":
        return replace(self, pointer=below(self.pointer, *steps), depth=self.depth + 1)


class Normaliser:
    """Normalises one schema.

    Args:
        root: the schema, any JSON value.
        dynamic: what the last init run printed, by name of the definition (cleaned).
        metadata: the choices in the tenant's metadata, for references to ``#/metadata/NAME`` (cleaned).
        dynamic_known: whether there was a successful init run.
        oddities: where they go.
    """

    def __init__(
        self,
        root: Any,
        dynamic: Mapping[str, Any],
        metadata: Mapping[str, Any],
        dynamic_known: bool,
        oddities: Oddities,
    ) -> None:
        self._root = root
        self._dynamic = dynamic
        self._metadata = metadata
        self._dynamic_known = dynamic_known
        self._oddities = oddities
        self._parts = 0
        self._circles: set[frozenset[str]] = set()

    def run(self) -> Schema:
        """The normalised schema. Definitions nobody refers to are looked at too, for their oddities."""
        start = _Place("")
        if not isinstance(self._root, dict):
            if self._root is not None:
                self._note(start, "the schema must be a mapping")
            return {}
        schema = self._schema(self._root, start)
        for key in DEFINITIONS:
            definitions = self._root.get(key)
            if isinstance(definitions, dict):
                for name, definition in definitions.items():
                    self._schema(definition, start.at(key, name))
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                schema[keyword] = self._of_mappings(schema[keyword], keyword)
        if not schema.get("properties"):
            # Then a validator cannot say what is too much; what is not declared reaches no run anyway.
            schema.pop("additionalProperties", None)
        return schema

    def _of_mappings(self, branches: list[Schema], keyword: str) -> list[Schema]:
        """Alternatives of all settings: what is of another type than a mapping can never hold."""
        kept = []
        for index, branch in enumerate(branches):
            names = branch.get("type", "object")
            if "object" in ([names] if isinstance(names, str) else names):
                kept.append({"type": "object", **branch} if branch else branch)
            else:
                message = "an alternative of all settings must be of type object; it cannot be chosen"
                self._note(_Place("").at(keyword, index), message)
        return kept or branches

    def _schema(self, raw: Any, place: _Place) -> Schema:
        if isinstance(raw, bool):
            return {} if raw else {"not": {}}
        if not isinstance(raw, dict):
            self._note(place, "a schema must be a mapping")
            return {}
        self._parts += 1
        if self._parts > MAX_PARTS:
            self._note(_Place(""), f"the form has more than {MAX_PARTS:,} parts; what is beyond is left out")
            return {}
        if place.depth > MAX_DEPTH:
            self._note(place, f"this is nested more than {MAX_DEPTH} levels deep")
            return {}
        own = self._own(raw, place)
        target = self._target(raw["$ref"], place) if isinstance(raw.get("$ref"), str) else {}
        settled = _settled({**target, **own})
        self._parts += len(settled.get("enum", ())) // _VALUES_PER_PART
        return settled

    def _own(self, raw: Mapping[Any, Any], place: _Place) -> Schema:
        """The keywords of this schema itself, without what its ``$ref`` adds."""
        own: Schema = {}
        for key, value in raw.items():
            keyword = RENAMED.get(key, key)
            if keyword not in SHAPES:
                self._unknown(str(key), place)
                continue
            fits, shape = SHAPES[keyword]
            if value is None and keyword not in ("default", "const"):
                continue  # A key with nothing after it says nothing.
            if not fits(value):
                meant = self._oddities.suggestion(value, TYPES) if key == "type" and isinstance(value, str) else ""
                self._note(place.at(key), f"{key} must be {shape}; it is ignored{meant}")
            elif keyword in KEPT:
                kept = self._kept(keyword, value, place.at(key))
                own[keyword] = {**own[keyword], **kept} if keyword == "dependencies" and keyword in own else kept
        return _choices_listed(own)

    def _kept(self, keyword: str, value: Any, place: _Place) -> Any:
        if keyword in LISTED_SCHEMAS or (keyword == "items" and isinstance(value, list)):
            return [self._schema(item, place.at(index)) for index, item in enumerate(value)]
        if keyword in ONE_SCHEMA:
            # Draft 7 knows true and false as schemas, and false says that there must be nothing.
            return value if isinstance(value, bool) else self._schema(value, place)
        if keyword == "patternProperties":
            value = {pattern: item for pattern, item in value.items() if compiles(str(pattern))}
        if keyword in NAMED_SCHEMAS:
            return {str(name): self._schema(item, place.at(name)) for name, item in value.items()}
        if keyword == "dependencies":
            return {str(name): self._dependency(item, place.at(name)) for name, item in value.items()}
        if keyword == "required":
            return list(dict.fromkeys(plain(value)))
        return plain(value)

    def _dependency(self, value: Any, place: _Place) -> Any:
        if isinstance(value, list):
            return list(dict.fromkeys(name for name in plain(value) if isinstance(name, str)))
        return self._schema(value, place)

    def _target(self, reference: str, place: _Place) -> Schema:
        steps = self._steps(reference, place.at("$ref"))
        if steps is None:
            return {}
        if steps[:1] == ("metadata",) and len(steps) == 2:
            return self._with_choices({}, self._metadata.get(steps[1]), choices.NOTHING_STORED)
        pointer = to_pointer(steps)
        if pointer in place.references:
            self._note_circle(place.references[place.references.index(pointer) :], place)
            return {}
        raw = value_at(self._root, steps)
        if raw is None:
            names = value_at(self._root, steps[:-1])
            known = [str(name) for name in names] if isinstance(names, dict) else []
            message = f"$ref {quoted(reference)} leads nowhere{self._oddities.suggestion(steps[-1], known)}"
            self._note(place.at("$ref"), message, "error")
            return {}
        target = self._schema(raw, _Place(pointer, place.depth + 1, (*place.references, pointer)))
        if len(steps) == 2 and steps[0] in DEFINITIONS:
            return self._filled(steps[1], target)
        return target

    def _note_circle(self, circle: tuple[str, ...], place: _Place) -> None:
        # One circle is met from each of its members.
        if frozenset(circle) not in self._circles:
            self._circles.add(frozenset(circle))
            chain = " to ".join(quoted(pointer or "#") for pointer in (*circle[:4], circle[0]))
            self._note(place.at("$ref"), f"these references go round in a circle: {chain}", "error")

    def _steps(self, reference: str, place: _Place) -> tuple[str, ...] | None:
        """The keys a reference goes through, ``None`` when it leads out of this schema."""
        if reference == "#":
            return ()
        if reference.startswith("#/"):
            return parse_pointer(reference[1:])
        if reference.startswith(tuple(f"{key}/" for key in DEFINITIONS)):
            self._note(place, f'$ref {quoted(reference)} should begin with "#/"')
            return parse_pointer(f"/{reference}")
        if value_at(self._root, ("definitions", reference)) is not None:
            self._note(place, f"$ref {quoted(reference)} should be {quoted('#/definitions/' + reference)}")
            return ("definitions", reference)
        message = f'$ref {quoted(reference)} is not in this schema and is never fetched; write "#/definitions/NAME"'
        self._note(place, message, "error")
        return None

    def _filled(self, name: str, target: Schema) -> Schema:
        """The definition with what the last init run printed for it."""
        listed = target.get("items") if isinstance(target.get("items"), dict) else target
        if CHOICE_TITLES not in (listed or {}) and name not in self._dynamic:
            return target
        if name in self._dynamic:
            return self._with_choices(target, self._dynamic[name], choices.INIT_PRINTED_NONE)
        offered = listed_choices(listed or {})
        if choices.is_placeholder(offered, init_has_run=self._dynamic_known):
            awaited = choices.INIT_PRINTED_NONE if self._dynamic_known else choices.RUN_INIT
            return self._with_choices(target, None, awaited)
        return target

    def _with_choices(self, target: Schema, offered: Any, awaited: str) -> Schema:
        if target.get("type") == "array" and isinstance(target.get("items"), dict):
            return {**target, "items": self._with_choices(target["items"], offered, awaited)}
        bare = {key: value for key, value in target.items() if key not in ("enum", "oneOf", CHOICE_TITLES)}
        if isinstance(offered, list):
            return {**bare, **_enumerated(offered)}
        if isinstance(offered, dict):
            return {**bare, CHOICES_BY_PARENT: offered}
        return {**bare, CHOICES_AWAITED: awaited}

    def _unknown(self, key: str, place: _Place) -> None:
        # The files that Pandium makes have a name at the top.
        if key.startswith("x-") or (key == "name" and not place.pointer):
            return
        otherwise = '; did you mean "$ref"?' if key == "ref" else ""
        advice = otherwise or self._oddities.suggestion(key, SPELLINGS)
        message = f"key {quoted(key)} means nothing in a schema and is ignored{advice}"
        self._oddities.add(Oddity("schema", place.at(key).pointer, "warning", message, at_key=True))

    def _note(self, place: _Place, message: str, severity: Literal["error", "warning"] = "warning") -> None:
        self._oddities.add(Oddity("schema", place.pointer, severity, message))


def listed_choices(schema: Schema) -> list[dict[str, Any]]:
    """The choices of a normalised schema: constant and title each, none when it lists none."""
    titles = schema.get(CHOICE_TITLES)
    if titles is None:
        return []
    return [{"const": value, "title": title} for value, title in zip(schema["enum"], titles, strict=True)]


def _enumerated(offered: list[dict[str, Any]]) -> Schema:
    return {
        "enum": [choice["const"] for choice in offered],
        CHOICE_TITLES: [choice["title"] for choice in offered],
    }


def _choices_listed(own: Schema) -> Schema:
    """``enum``, and ``oneOf`` of constants, as one ``enum`` with titles; the titles of both where there are both."""
    keyword = "oneOf" if "oneOf" in own else "anyOf"
    branches = own.get(keyword)
    constants = branches if branches and all("const" in one or "enum" in one for one in branches) else None
    if constants is None and "enum" not in own:
        return own
    entries = []
    for one in constants or ():
        for value in [one["const"]] if "const" in one else one["enum"]:
            entries.append({"const": value, "title": one.get("title") or choices.as_title(value)})
    titled = {key_of(entry["const"]): entry for entry in reversed(entries)}
    plain_entries = [{"const": value, "title": choices.as_title(value)} for value in own.get("enum", ())]
    offered = {key_of(entry["const"]): titled.get(key_of(entry["const"]), entry) for entry in plain_entries}
    if not offered:
        offered = {key_of(entry["const"]): titled[key_of(entry["const"])] for entry in entries}
    rest = {key: value for key, value in own.items() if key != "enum" and not (key == keyword and constants)}
    return {**rest, **_enumerated(list(offered.values()))}


def _settled(schema: Schema) -> Schema:
    """What only shows once the target of a reference and the keys beside it are together."""
    if schema.get("type") == "array" and "items" not in schema:
        about_choices = ("enum", CHOICE_TITLES, CHOICES_BY_PARENT, CHOICES_AWAITED)
        items = {key: schema[key] for key in about_choices if key in schema}
        # The choices of a list are those of its entries, unless they are lists themselves.
        if items and not any(isinstance(value, list) for value in items.get("enum", ())):
            rest = {key: value for key, value in schema.items() if key not in about_choices}
            return {**rest, "items": items}
    names = schema.get("type")
    if names is not None and not all(fits_type(value, names) for value in schema.get("enum", ())):
        # Whatever is offered must be valid; Pandium's own tutorial states a wrong type.
        return {key: value for key, value in schema.items() if key != "type"}
    return _nullable(_without_draft_4(schema))


def _nullable(schema: Schema) -> Schema:
    """One alternative or nothing, as some programs write what may be left out, is that alternative."""
    for keyword in ("anyOf", "oneOf"):
        branches = schema.get(keyword, ())
        others = [one for one in branches if one.get("type") != "null"]
        if len(others) == 1 < len(branches) and not {"type", "properties"} & schema.keys():
            rest = {key: value for key, value in schema.items() if key != keyword}
            names = others[0].get("type")
            listed = [names] if isinstance(names, str) else names
            types = {"type": [*listed, "null"]} if listed and "enum" not in others[0] else {}
            return {**others[0], **rest, **types}
    return schema


def _without_draft_4(schema: Schema) -> Schema:
    settled = dict(schema)
    for excluded, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(settled.get(excluded), bool) and settled.pop(excluded) and limit in settled:
            settled[excluded] = settled.pop(limit)
    return settled


def fits_type(value: Any, names: Any) -> bool:
    """Whether a value is of a type, or one of the types, of JSON Schema."""
    return any(_is_of(value, name) for name in ([names] if isinstance(names, str) else names))


def _is_of(value: Any, name: str) -> bool:
    match value:
        case bool():
            return name == "boolean"
        case int():
            return name in ("integer", "number")
        case float():
            return name == "number" or (name == "integer" and value.is_integer())
        case str():
            return name == "string"
        case list():
            return name == "array"
        case dict():
            return name == "object"
        case _:
            return name == "null"
