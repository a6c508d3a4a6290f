r"""The text of a filter, and the terms it is made of.

Terms stand beside each other and must all hold. A term is a text to look for, or ``field:value``; ``-`` before it turns
it round; ``|`` and commas give alternatives; ``*`` in a value stands for anything; what is in double quotes is taken
as it is (``\"`` and ``\\`` for these two).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

LONGEST = 500
"""Characters of a filter: more would only make conditions that SQLite refuses."""

_FIELD = re.compile(r"([A-Za-z][A-Za-z_]*):")
_PLAIN = re.compile(r"[^\s|,\"*\\]+")
# SQLite ends a text at NUL, and half a surrogate pair cannot reach it.
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")


class FilterError(Exception):
    """A filter that cannot be used: the text says why; ``start`` and ``end`` are where."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = max(end, start + 1)

    def pointing_at(self, text: str) -> str:
        """The filter and, in a line below it, marks under what is wrong."""
        return f"{text}\n{' ' * self.start}{'^' * (self.end - self.start)}"


@dataclass(frozen=True, slots=True)
class Value:
    """A value: its ``parts`` are what stands literally before, between and after each ``*``."""

    parts: tuple[str, ...]
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """As it would stand in a message."""
        return "*".join(self.parts)

    @property
    def has_star(self) -> bool:
        """Whether it is a pattern."""
        return len(self.parts) > 1


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; ``name`` is None for a text that is looked for. At least one of ``values`` must match."""

    name: str | None
    values: tuple[Value, ...]
    negated: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


def parse_terms(text: str) -> tuple[Term, ...]:
    """Read a filter.

    Raises:
        FilterError: it cannot be read.
    """
    if len(text) > LONGEST:
        raise FilterError(f"the filter is longer than {LONGEST} characters", LONGEST, len(text))
    if unusable := _UNUSABLE.search(text):
        raise FilterError("this character cannot be looked for", unusable.start(), unusable.end())
    terms = []
    position = 0
    while (position := _after_spaces(text, position)) < len(text):
        term = _term(text, position)
        terms.append(term)
        position = term.end
    return tuple(terms)


def written(terms: Sequence[Term]) -> str:
    """The text that :func:`parse_terms` reads back as these terms."""
    return " ".join(
        f"{'-' if term.negated else ''}{f'{term.name}:' if term.name else ''}{'|'.join(map(_written, term.values))}"
        for term in terms
    )


def quoted(text: str) -> str:
    """A text as a value that means nothing but itself."""
    return _written(Value((text,)))


def _written(value: Value) -> str:
    return "*".join(_written_part(part, alone=not value.has_star) for part in value.parts)


def _written_part(part: str, *, alone: bool) -> str:
    if (part and _PLAIN.fullmatch(part) and not part.startswith("-") and ":" not in part) or not (part or alone):
        return part
    return '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _term(text: str, start: int) -> Term:
    position = start
    negated = text[position] == "-"
    position += negated
    name = None
    if found := _FIELD.match(text, position):
        name = found.group(1).lower()
        position = found.end()
    values: list[Value] = []
    while True:
        value = _value(text, position)
        if value is not None:
            values.append(value)
            position = value.end
        if text[position : position + 1] not in ("|", ","):
            break
        position += 1
    if not values:
        what = f"{name}: needs a value after it" if name else f"{text[start:position]!r} needs something to look for"
        raise FilterError(what, start, position)
    return Term(name, tuple(values), negated, start, position)


def _value(text: str, start: int) -> Value | None:
    """The value that begins here; None for none."""
    parts = [""]
    position = start
    while position < len(text):
        if found := _PLAIN.match(text, position):
            parts[-1] += found.group()
            position = found.end()
        elif text[position] == "*":
            if position == start or text[position - 1] != "*":  # several mean no more than one
                parts.append("")
            position += 1
        elif text[position] == '"':
            inside, position = _quoted(text, position)
            parts[-1] += inside
        elif text[position] == "\\":
            parts[-1] += "\\"
            position += 1
        else:
            break
    return None if position == start else Value(tuple(parts), start, position)


def _quoted(text: str, start: int) -> tuple[str, int]:
    inside = ""
    position = start + 1
    while position < len(text):
        character = text[position]
        if character == '"':
            return inside, position + 1
        if character == "\\" and text[position + 1 : position + 2] in ('"', "\\"):
            position += 1
            character = text[position]
        inside += character
        position += 1
    raise FilterError('the quote is not closed: add a " at its end', start, len(text))


def _after_spaces(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position
