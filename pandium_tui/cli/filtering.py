"""``--filter``: the same query language as ``/`` in the app."""

from typing import Annotated

import typer

from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.filtering import filter_of
from pandium_tui.storage.database import Store
from pandium_tui.storage.filtering.filters import Filter
from pandium_tui.storage.filtering.language import FilterError
from pandium_tui.text import visible

FilterText = Annotated[
    str,
    typer.Option(
        "--filter", metavar="FILTER", help="Only what matches: 'word -word field:value* field:a|b'; a field: names all."
    ),
]

NO_MATCH = "Nothing matches the filter."


def empty_text(wanted: Filter, otherwise: str) -> str:
    """What is said of an empty list."""
    return NO_MATCH if wanted else otherwise


def matching(store: Store, listed: str, text: str) -> Filter:
    """The filter of a command for a list.

    Raises:
        InvalidError: it cannot be used; the message points at where.
    """
    try:
        return filter_of(store, listed, text)
    except FilterError as error:
        # Each character is one column only when it is visible: what is not is shown as a dot here.
        shown = "".join(character if visible(character) == character else "." for character in text)
        raise InvalidError({"filter": f"{error}\n{error.pointing_at(shown)}"}) from None
