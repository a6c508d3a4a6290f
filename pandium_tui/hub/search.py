"""Finding an integration, tenant, release or run by name or id."""

from pandium_tui.hub.naming import is_id
from pandium_tui.storage import search_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.search_queries import KINDS, Found

MOST = 10
"""So many of each kind are found."""


def find(store: Store, text: str, *, most: int = MOST) -> list[Found]:
    """What has this id, then what has the text in its name: integrations, tenants, releases.

    A kind in front (``run 12``, ``tenant acme``) leaves the others out; ``crm/acme`` is a tenant of an integration.
    Releases are found by the start of their name or of their commit (seven letters and more), and by their tag.
    """
    words = text.split()
    kinds = KINDS
    if len(words) > 1 and words[0].lower() in KINDS:
        kinds = (words[0].lower(),)
        words = words[1:]
    wanted = " ".join(words)
    if not wanted:
        return []
    found: list[Found] = []
    with store.reading() as reader:
        if is_id(wanted):
            for kind in kinds:
                found += search_queries.by_id(reader, kind, int(wanted))
        for kind in kinds:
            found += [one for one in search_queries.by_name(reader, kind, wanted, most) if one not in found]
    return found
