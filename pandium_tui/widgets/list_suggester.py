"""Completion of the last word of a list with commas."""

from collections.abc import Sequence

from textual.suggester import Suggester

from pandium_tui.text import visible


class ListSuggester(Suggester):
    """Completes what is typed after the last comma, with words that the list does not hold yet."""

    def __init__(self, words: Sequence[str]) -> None:
        # Case-sensitive for Textual only, so that what was typed before comes back as it was typed.
        super().__init__(use_cache=False, case_sensitive=True)
        self._words = [visible(word) for word in words]

    async def get_suggestion(self, value: str) -> str | None:
        """The whole list with its last word completed."""
        before, comma, typed = value.rpartition(",")
        start = typed.lstrip()
        there = {one.strip().casefold() for one in before.split(",")}
        for word in self._words:
            if start and word.casefold().startswith(start.casefold()) and word.casefold() not in there:
                return before + comma + typed[: len(typed) - len(start)] + word
        return None
