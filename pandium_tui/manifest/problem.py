"""What is wrong with a manifest, and where: the one shape every check of this room reports in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pandium_tui.text import shortened, visible

MAX_PROBLEMS = 100
"""At most this many problems are reported for one file; the last one then says how many more there are."""

MAX_QUOTED = 60
"""At most this many characters of a text from the file are repeated in a message."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. Lines and columns count from 1; ``path`` is a JSON pointer, ``""`` the whole document."""

    severity: Literal["error", "warning"]
    message: str
    line: int
    column: int
    path: str


def arranged(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems by line, errors first where they share one, cut to :data:`MAX_PROBLEMS` with a note."""
    ordered = sorted(problems, key=lambda problem: (problem.line, problem.severity == "warning", problem.column))
    if len(ordered) <= MAX_PROBLEMS:
        return tuple(ordered)
    shown, hidden = ordered[: MAX_PROBLEMS - 1], ordered[MAX_PROBLEMS - 1 :]
    # An error that is cut off still has to make the whole file count as wrong.
    severity: Literal["error", "warning"] = "error" if _any_error(hidden) else "warning"
    note = f"{len(hidden)} more problems are not listed; correct those above first"
    return (*shown, Problem(severity, note, hidden[0].line, hidden[0].column, ""))


def quoted(text: str) -> str:
    """A text from the file as it may stand in a message: in quotes, on one line, not too long, harmless."""
    # A control character is shown as up to six characters: cut after making it visible, and before it for speed.
    return f'"{shortened(visible(shortened(text, 2 * MAX_QUOTED)), MAX_QUOTED)}"'


def pointer_token(name: str | int) -> str:
    """A key or an index as one part of a JSON pointer (RFC 6901), with its slash."""
    return "/" + str(name).replace("~", "~0").replace("/", "~1")


def _any_error(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)
