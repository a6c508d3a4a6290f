"""Which part of a list that the store pages is loaded."""

from dataclasses import dataclass

PAGE = 200
MOST = 2000
"""How many rows are loaded at most; further ones are reached from the other end, or by a filter."""


@dataclass(frozen=True, slots=True)
class Part:
    """So many rows, from the first or from the last of all."""

    wanted: int = PAGE
    from_last: bool = False

    def grown(self) -> "Part":
        """With a page more; the same when it is as large as it may get."""
        return Part(min(self.wanted + PAGE, MOST), self.from_last)

    def words(self, loaded: int) -> str:
        """What is said above the table, with the places of keys; "" when the list begins and ends as it seems to."""
        if loaded < self.wanted:
            return ""
        if self.from_last:
            return f"These are the last {loaded:,}. {{rows.first}} goes to the first."
        if self.wanted == MOST:
            return f"These are the first {loaded:,}. {{rows.last}} goes to the last; a filter finds what is between."
        return ""
