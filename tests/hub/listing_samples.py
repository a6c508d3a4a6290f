"""Listings and image files for tests."""

import struct
import zlib
from pathlib import Path
from typing import Any

from pandium_tui.hub.listing_content import Category, ListingContent
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow
from pandium_tui.storage.times import utc_now

HOSTILE = "[red]x[/oops] <script>alert(1)</script> \"'><img src=x onerror=alert(2)>"
"""Text that a listing accepts, and that must never become markup or HTML."""


def png(width: int = 128, height: int = 128) -> bytes:
    """A whole black PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\0" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0;"


def jpeg(width: int, height: int) -> bytes:
    """The start of a JPEG with a long comment before a progressive frame."""
    comment = b"\xff\xfe" + struct.pack(">H", 60_002) + b"\xff\xc0" * 30_000
    tables = b"\xff\xff\xc4" + struct.pack(">H", 4) + b"\0\0"  # a fill byte, then a marker that is no frame
    return b"\xff\xd8" + comment + tables + b"\xff\xc2" + struct.pack(">HBHH", 11, 8, height, width) + b"\1\1\x11\0"


def webp(kind: str, width: int, height: int) -> bytes:
    if kind == "VP8X":
        data = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif kind == "VP8L":
        data = b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little") + b"\0" * 5
    else:
        data = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width | 0x4000, height)
    body = b"WEBP" + kind.ljust(4).encode() + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def complete(folder: Path, **changes: Any) -> dict[str, Any]:
    """The values of a listing that lacks nothing, with real image files in a folder."""
    folder.mkdir(exist_ok=True)
    logo, screenshot = folder / "logo.png", folder / "screenshot.dat"
    logo.write_bytes(png())
    screenshot.write_bytes(png(640, 400))
    content = {
        "display_name": "CRM Sync",
        "tagline": "Contacts where you need them",
        "short_description": "Keeps **contacts** in step.",
        "long_description": "# What it does\n\n- reads contacts\n- writes them",
        "logo": str(logo),
        "screenshots": (str(screenshot), "https://cdn.example.com/two.png"),
        "categories": (Category("CRM", 10),),
        "tags": ("contacts", "sync"),
        "developer_name": "Acme",
        "support_email": "help@example.com",
    }
    content |= changes
    ListingContent(**content)
    return content


def add_integration(store: Store, name: str, *, default_release: bool = True, **values: Any) -> int:
    """An internal integration, with a Ready release as its default when asked for; its id."""
    now = utc_now()
    dates = {"created_date": now, "modified_date": now}
    with store.writing() as session:
        row = IntegrationRow(name=name, repository_url="/srv/git/x", **dates, **values)
        session.add(row)
        session.flush()
        if default_release:
            release = ReleaseRow(integration_id=row.id, name=f"{name}-1", status="Ready", **dates)
            session.add(release)
            session.flush()
            row.default_release_id = release.id
    assert row.id is not None
    return row.id
