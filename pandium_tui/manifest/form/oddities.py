"""What is odd about the definition of a form: kept beside the form, and reported with lines by ``manifest check``."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from pandium_tui.manifest.problem import MAX_PROBLEMS, pointer_token, quoted

Severity = Literal["error", "warning"]

_NAMES_COMPARED = 300


@dataclass(frozen=True, slots=True)
class Oddity:
    """One oddity. ``pointer`` is the place in the schema or the uischema; ``at_key`` means the key itself is odd."""

    part: Literal["schema", "uischema"]
    pointer: str
    severity: Severity
    message: str
    at_key: bool = False


class Oddities:
    """Collects what is odd about one form, each once, and no more than a person would read."""

    def __init__(self) -> None:
        self._found: dict[Oddity, None] = {}

    def add(self, oddity: Oddity) -> None:
        """Keep it, unless there are more than enough already."""
        if not self.full:
            self._found[oddity] = None

    @property
    def full(self) -> bool:
        """Whether more are no longer kept."""
        # One more than is shown, so that a list that is cut says so.
        return len(self._found) > MAX_PROBLEMS

    def all(self) -> tuple[Oddity, ...]:
        """All in the order they were found."""
        return tuple(self._found)

    def suggestion(self, name: str, known: Iterable[str], otherwise: str = "") -> str:
        """``; did you mean "x"?`` for the closest known name, else the other text."""
        # Comparing is quadratic in the length of the name, and there may be thousands of names.
        candidates = [] if self.full else [other[:40] for other in islice(known, _NAMES_COMPARED)]
        close = difflib.get_close_matches(name[:40], candidates, n=1)
        return f"; did you mean {quoted(close[0])}?" if close else otherwise


def below(pointer: str, *steps: str | int) -> str:
    """The pointer of what is found at these keys or indexes."""
    return pointer + "".join(pointer_token(step) for step in steps)
