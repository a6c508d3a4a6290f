"""Reading marketplace listings with plain SQL."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pandium_tui.storage.times import from_text


@dataclass(frozen=True, slots=True)
class StoredListing:
    """The listing of an integration as it is stored; empty and a Draft when nothing was saved yet.

    Attributes:
        content: fields by name, as plain data.
        default_release: whether new customers of an internal integration would get a release.
        modified_date: None when nothing was saved yet.
    """

    integration_id: int
    integration_name: str
    integration_type: str
    target_url: str | None
    archived: bool
    default_release: bool
    content: dict[str, Any]
    review_state: str
    published: bool
    published_date: datetime | None
    modified_date: datetime | None


_LISTINGS = """
SELECT integration.id, integration.name, integration.type, integration.target_url, integration.archived,
    integration.default_release_id IS NOT NULL AS default_release,
    coalesce(listing.content, '{}') AS content,
    coalesce(listing.review_state, 'Draft') AS review_state,
    coalesce(listing.published, 0) AS published,
    listing.published_date,
    listing.modified_date
FROM integration LEFT JOIN listing ON listing.integration_id = integration.id
"""


def listing(reader: sqlite3.Connection, integration_id: int) -> StoredListing | None:
    """The listing of an integration; None when there is no such integration."""
    row = reader.execute(_LISTINGS + " WHERE integration.id = ?", (integration_id,)).fetchone()
    return None if row is None else _listing_of(row)


def listings(reader: sqlite3.Connection) -> list[StoredListing]:
    """The listings of all integrations that have one, by name of the integration."""
    rows = reader.execute(_LISTINGS + " WHERE listing.integration_id IS NOT NULL ORDER BY integration.name")
    return [_listing_of(row) for row in rows]


def _listing_of(row: sqlite3.Row) -> StoredListing:
    content = json.loads(row["content"])
    return StoredListing(
        integration_id=row["id"],
        integration_name=row["name"],
        integration_type=row["type"],
        target_url=row["target_url"],
        archived=bool(row["archived"]),
        default_release=bool(row["default_release"]),
        content=content if isinstance(content, dict) else {},
        review_state=row["review_state"],
        published=bool(row["published"]),
        published_date=from_text(row["published_date"]),
        modified_date=from_text(row["modified_date"]),
    )
