"""Pictures made of characters: functions from numbers to lines, for screens and wherever else there are lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters of a picture: ``levels`` and ``shades`` from nothing to all, and how a run ended."""

    levels: str
    shades: str
    succeeded: str
    failed: str
    other: str


BLOCKS = Marks(" ▁▂▃▄▅▆▇█", " ░▒▓█", "·", "✗", "⊘")
ASCII = Marks(" ._-=+*%#", " .:*#", ".", "x", "o")
"""For terminals that show nothing else. Levels are told by density."""


def bars(values: Sequence[float], height: int, marks: Marks = BLOCKS) -> list[str]:
    """A column for each value, the highest as high as the picture; what is not 0 can always be seen.

    Args:
        values: none below 0.
        height: lines, from the top.
        marks: its characters.
    """
    steps = len(marks.levels) - 1
    highest = max(values, default=0)
    filled = [max(round(value / highest * height * steps), 1) if value else 0 for value in values]
    return [
        "".join(marks.levels[min(max(one - line * steps, 0), steps)] for one in filled)
        for line in range(height - 1, -1, -1)
    ]


def sparkline(values: Sequence[float], failed: Sequence[bool], marks: Marks = BLOCKS) -> str:
    """A line with a character for each value; a failure has a mark instead, so that it needs no colour."""
    line = bars(values, 1, marks)[0]
    return "".join(marks.failed if bad else one for one, bad in zip(line, failed, strict=True))


def heat(rows: Sequence[Sequence[float]], cell: int = 2, marks: Marks = BLOCKS) -> list[str]:
    """A line for each row and ``cell`` characters for each value, denser the nearer it is to the highest of all."""
    highest = max((value for row in rows for value in row), default=0)
    most = len(marks.shades) - 1
    return ["".join(marks.shades[ceil(value / highest * most) if value else 0] * cell for value in row) for row in rows]


def buckets(values: Sequence[float], size: int) -> list[float]:
    """The sums of ``size`` values each; the last bucket may have fewer."""
    return [sum(values[start : start + size]) for start in range(0, len(values), size)]


def axis(labels: Sequence[tuple[int, str]], width: int) -> str:
    """Labels that begin at their places; one that would touch the one before it, or the edge, is left out."""
    line = ""
    for place, label in labels:
        if place >= len(line) + bool(line) and place + len(label) <= width:
            line = line.ljust(place) + label
    return line
