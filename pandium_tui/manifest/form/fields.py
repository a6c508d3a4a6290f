"""The parts of a form, as a screen shows them from top to bottom."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from pandium_tui.manifest.form.choices import Option
from pandium_tui.manifest.form.json_values import to_pointer

Kind = Literal[
    "text",
    "multiline",
    "password",
    "integer",
    "number",
    "boolean",
    "choice",
    "multichoice",
    "list",
    "table",
    "object",
    "alternatives",
    "date",
    "time",
    "date-time",
    "json",
    "readonly",
]

Effect = Literal["SHOW", "HIDE", "ENABLE", "DISABLE"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to an element when a condition (of JSON Forms) is true, and the opposite when it is not."""

    effect: Effect
    condition: Any


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Element:
    """Anything in a form. ``number`` is unique in the form and the same every time it is built from the same files."""

    number: int
    rule: Rule | None = None
    admin: bool = False


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Section(Element):
    """A block with a title; ``help`` may have several lines."""

    label: str
    subtitle: str = ""
    help: str = ""
    elements: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Group(Element):
    """Elements one below the other; ``label`` may be empty."""

    label: str = ""
    elements: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Row(Element):
    """Elements side by side where there is room."""

    elements: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Note(Element):
    """A text between the fields."""

    text: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Divider(Element):
    """A line between the fields."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Field(Element):
    """One value to fill in.

    Attributes:
        steps: the keys to the value, from the top of the values, or of the row for a column of a table.
        kind: how it is filled in.
        label: never empty; ``shows_label`` is false when the form wants none on the screen.
        help: longer advice, perhaps of several lines; ``description`` is the schema's own.
        required: of the mapping it is in. What other values require only shows as an error.
        options: the choices, or proposals for a text. Those of a dependent field are in the state of the form.
        secret: whether the value, or a part of it, must not be shown.
        depends_on: the path of the field that decides which choices there are.
        awaits: what to do to get choices, when there are none yet.
        rows: lines to show of a text of several lines.
        as_radio: whether the form wants the choices to be seen all at once.
        longest: the characters after which no more can be typed; only where the form says so.
        limits: what the schema allows, such as ``1 to 500``.
        fields: the fields of a mapping, the columns of a table, or what each alternative is filled in with: fields for
            the same value, of which the one of the alternative that holds is shown.
        alternative: its place among the alternatives of a value, None for any other field.
        only_in: the places of the alternatives of the whole form that ask for it, where a control of its own shows it.
        row: the elements of the form of one row of a table.
        item: what each entry of a list is.
        label_of_entry: the keys, in an entry of a table or list, to the value that the entry is called by.
        schema: the normalised schema of the value.
    """

    steps: tuple[str, ...]
    kind: Kind
    label: str
    shows_label: bool = True
    help: str = ""
    description: str = ""
    required: bool = False
    secret: bool = False
    options: tuple[Option, ...] = ()
    depends_on: str | None = None
    awaits: str = ""
    default: Any = field(default=None, repr=False)
    rows: int | None = None
    as_radio: bool = False
    longest: int | None = None
    limits: str = ""
    placeholder: str = ""
    fields: tuple["Field", ...] = ()
    row: tuple[Element, ...] = ()
    item: "Field | None" = None
    label_of_entry: tuple[str, ...] = ()
    alternative: int | None = None
    only_in: tuple[int, ...] | None = None
    schema: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_frame(self) -> bool:
        """Whether it is only filled in by the fields in it."""
        return self.kind == "object" and (bool(self.fields) or self.alternative is not None)

    @property
    def lists_alternatives(self) -> bool:
        """Whether it is a list each entry of which is one of several alternatives."""
        return self.kind == "list" and self.item is not None and self.item.kind == "alternatives"

    @property
    def name(self) -> str:
        """What a person calls it by: ``outer.inner``; of the choice of alternatives of the whole ``#``."""
        return ".".join(self.steps) or "#"

    @property
    def path(self) -> str:
        """The JSON pointer of the value."""
        return to_pointer(self.steps)


def walk(elements: tuple[Element, ...]) -> Iterator[Element]:
    """All elements from top to bottom: with the fields in mappings and alternatives, without the columns of tables."""
    for element in elements:
        yield element
        match element:
            case Section() | Group() | Row():
                yield from walk(element.elements)
            case Field(kind="object" | "alternatives"):
                yield from walk(element.fields)
