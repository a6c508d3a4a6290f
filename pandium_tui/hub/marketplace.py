"""The published listings as a folder of files that any web server, or a browser alone, can show."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.images import SUFFIXES, ImageError, opened_image
from pandium_tui.hub.listing_checks import IMAGE_LIMITS, is_url, references_of
from pandium_tui.hub.listing_content import FIELD_BY_NAME, plain_values
from pandium_tui.hub.listings import Listing, published_listings, shortcomings
from pandium_tui.hub.marketplace_pages import STYLE, ExportedListing, index_page, listing_page
from pandium_tui.storage.database import Store

INDEX = "listing.json"
GENERATOR = "pandium-tui"
OWN_NAMES = (INDEX, "index.html", "style.css", "integrations", "images")
"""What an export writes into its folder, and replaces the next time; other things in it stay."""


@dataclass(frozen=True, slots=True)
class MarketplaceExport:
    """What was written.

    Attributes:
        integrations: names of those that are listed.
        warnings: what is not as it should be in a listing that was written all the same.
    """

    folder: str
    integrations: tuple[str, ...]
    warnings: tuple[str, ...]


def export_marketplace(store: Store, folder: Path) -> MarketplaceExport:
    """Write listing.json, index.html and a page for each published integration, with copies of their images.

    The files of an earlier export are replaced once all new ones are written.

    Raises:
        RefusedError: the folder cannot be written, or holds files of these names that no export wrote.
    """
    found = published_listings(store)
    warnings: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(folder)
        with TemporaryDirectory(prefix=".export-", dir=folder) as workshop:
            new = Path(workshop, "new")
            _write(new, found, warnings.append)
            _put_in_place(new, folder, Path(workshop, "old"))
    except OSError as error:
        raise RefusedError(f"{error.filename or folder} cannot be written: {error.strerror}.") from error
    return MarketplaceExport(str(folder), tuple(one.integration_name for one in found), tuple(warnings))


def _write(folder: Path, found: list[Listing], warn: Callable[[str], None]) -> None:
    (folder / "integrations").mkdir(parents=True)
    (folder / "images").mkdir()
    exported = []
    for one in found:
        for shortcoming in shortcomings(one):
            warn(f"{one.integration_name}: {shortcoming}")
        exported.append(_exported(folder, one))
    for listing in exported:
        (folder / listing.page).write_text(listing_page(listing), encoding="utf-8")
    (folder / "index.html").write_text(index_page(exported), encoding="utf-8")
    (folder / "style.css").write_text(STYLE, encoding="utf-8")
    index = {"generator": GENERATOR, "integrations": [_plain(one) for one in exported]}
    (folder / INDEX).write_text(json.dumps(index, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _exported(folder: Path, one: Listing) -> ExportedListing:
    logos = _copied(folder, one, "logo")
    return ExportedListing(
        name=one.integration_name,
        type=one.integration_type,
        target_url=one.target_url if one.integration_type == "External" else None,
        published_date=one.published_date,
        content=one.content,
        page=f"integrations/{one.integration_name}.html",
        logo=logos[0] if logos else "",
        screenshots=_copied(folder, one, "screenshots"),
    )


def _copied(folder: Path, one: Listing, field: str) -> tuple[str, ...]:
    """The images of a field, files copied; those that cannot be used are left out (and warned about)."""
    limits = IMAGE_LIMITS[FIELD_BY_NAME[field].kind]
    copied = []
    for number, reference in enumerate(references_of(one.content, field), start=1):
        if is_url(reference):
            copied.append(reference)
            continue
        try:
            with opened_image(Path(reference), limits) as (image, stream):
                name = f"images/{one.integration_name}/{field}-{number}{SUFFIXES[image.format]}"
                (folder / name).parent.mkdir(exist_ok=True)
                with (folder / name).open("wb") as copy:
                    shutil.copyfileobj(stream, copy)
        except ImageError:
            continue
        copied.append(name)
    return tuple(copied)


def _plain(one: ExportedListing) -> dict[str, Any]:
    published = one.published_date and one.published_date.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "name": one.name,
        "type": one.type,
        "target_url": one.target_url,
        "page": one.page,
        "published_date": published,
        **plain_values(one.content),
        "logo": one.logo,
        "screenshots": list(one.screenshots),
    }


def _refuse_foreign(folder: Path) -> None:
    there = [name for name in OWN_NAMES if (folder / name).exists()]
    if there and not _is_export(folder / INDEX):
        raise RefusedError(
            f"{folder} holds {', '.join(there)} which no export wrote. Nothing was changed: choose another folder."
        )


def _is_export(index: Path) -> bool:
    try:
        content = json.loads(index.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("generator") == GENERATOR


def _put_in_place(new: Path, folder: Path, old: Path) -> None:
    old.mkdir()
    for name in OWN_NAMES:
        if (folder / name).exists():
            (folder / name).rename(old / name)
        (new / name).rename(folder / name)
