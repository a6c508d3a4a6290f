"""A filter for a certain list: its text, read with the fields of that list."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pandium_tui.storage.filtering.kinds import Condition, Kind, Now, OneOf, Test
from pandium_tui.storage.filtering.language import FilterError, Term, parse_terms


@dataclass(frozen=True, slots=True)
class Field:
    """What ``name:`` may be asked about.

    Attributes:
        column: the SQL expression it is about; empty for lists that are filtered in memory.
        inside: the condition it is part of, with ``{}`` for that about the column: a subselect on an index.
        usual: the word that nearly all rows have, and ``inside_unusual`` the condition where others are asked for:
            what SQLite needs to see that a partial index of the others will do.
        read: its value in a record, for lists that are filtered in memory.
        searched: whether a text without a field is looked for in it.
        also: another word for it, which somebody may try first.
    """

    kind: Kind
    column: str = ""
    inside: str = "{}"
    usual: str = ""
    inside_unusual: str = ""
    read: Callable[[Any], Any] = lambda record: None
    searched: bool = False
    also: str = ""

    def condition(self, test: Test) -> Condition:
        """A test as SQL."""
        sql, values = test.condition(self.column)
        unusual = isinstance(test, OneOf) and self.usual and self.usual not in test.words
        return (self.inside_unusual if unusual else self.inside).replace("{}", sql), values


Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Filter:
    """What must hold of each record of a list: all of the terms, each of which is any of its tests, or none."""

    text: str
    terms: tuple[tuple[bool, tuple[tuple[Field, Test], ...]], ...] = ()

    def __bool__(self) -> bool:
        """Whether it asks anything."""
        return bool(self.terms)

    def condition(self) -> Condition:
        """As SQL, to be put behind WHERE."""
        parts: list[str] = []
        values: list[Any] = []
        for negated, tests in self.terms:
            conditions = [field.condition(test) for field, test in tests]
            either = " OR ".join(f"({sql})" for sql, _ in conditions) or "0"
            parts.append(f"NOT coalesce(({either}), 0)" if negated else f"({either})")
            values += [value for _, given in conditions for value in given]
        return " AND ".join(parts) or "1", values

    def holds(self, record: Any) -> bool:
        """Whether a record passes."""
        return all(
            negated != any(test.holds(field.read(record)) for field, test in tests) for negated, tests in self.terms
        )


EVERYTHING = Filter("")


def read_filter(text: str, fields: Fields, now: Now) -> Filter:
    """A filter for a list with these fields.

    Raises:
        FilterError: with where in the text, and what is possible there.
    """
    return Filter(text, tuple((term.negated, _tests(term, fields, now)) for term in parse_terms(text)))


def _tests(term: Term, fields: Fields, now: Now) -> tuple[tuple[Field, Test], ...]:
    if term.name is None:
        searches = ((one, one.kind.search(value)) for value in term.values for one in fields.values() if one.searched)
        return tuple((one, test) for one, test in searches if test is not None)
    found = fields.get(term.name) or next((one for one in fields.values() if one.also == term.name), None)
    if found is None:
        start = term.start + term.negated
        raise FilterError(_unknown(term.name, fields), start, start + len(term.name))
    return tuple((found, found.kind.test(value, now)) for value in term.values)


def _unknown(name: str, fields: Fields) -> str:
    near = difflib.get_close_matches(name, [*fields, *(one.also for one in fields.values() if one.also)], 1)
    meant = f" Did you mean {near[0]}?" if near else ""
    return f"there is no field {name!r}.{meant} Fields: {', '.join(fields)}. A text with a colon goes in quotes."
