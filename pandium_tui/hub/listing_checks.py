"""What is wrong with a listing, by field."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from pandium_tui.hub.images import Image, ImageError, ImageLimits, image_in
from pandium_tui.hub.listing_content import (
    FIELD_BY_NAME,
    LISTING_FIELDS,
    Category,
    Kind,
    ListingContent,
    ListingField,
)

LOGO_LIMITS = ImageLimits(2**20, (64, 2048), (64, 2048))
SCREENSHOT_LIMITS = ImageLimits(5 * 2**20, (320, 4096), (200, 4096))
IMAGE_LIMITS: dict[Kind, ImageLimits] = {"image": LOGO_LIMITS, "images": SCREENSHOT_LIMITS}

WORD_LIMIT = 40
"""Characters of a category or a tag."""
HIGHEST_ORDER = 999_999

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_EMAIL = re.compile(r"[^@\s<>()\[\],;:\"\\]+@[^@\s<>()\[\],;:\"\\.]+(?:\.[^@\s<>()\[\],;:\"\\.]+)+")
# Controls, and the characters that turn the direction of the text that follows: never meant in copy.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\ufffe\uffff\ud800-\udfff]")


def problems_of(content: ListingContent) -> dict[str, str]:
    """What is wrong with the content, by field; empty fields are fine. Quick: for use while typing."""
    problems = field_problems(content)
    if content.flag_color and not content.flag_name:
        problems.setdefault("flag_color", "colours a flag, but there is none: give the flag too, or empty this")
    return problems


def field_problems(content: ListingContent) -> dict[str, str]:
    """What is wrong with each field alone, whatever the others hold."""
    problems: dict[str, str] = {}
    for field in LISTING_FIELDS:
        value = getattr(content, field.name)
        problem = _list_problem(field, value) if isinstance(value, tuple) else _text_problem(field, value)
        if problem:
            problems[field.name] = problem
    return problems


def image_problems(content: ListingContent) -> dict[str, str]:
    """What is wrong with the image files, by field; looks at the files, not at URLs."""
    problems: dict[str, str] = {}
    for field in LISTING_FIELDS:
        if limits := IMAGE_LIMITS.get(field.kind):
            wrong = []
            for reference in references_of(content, field.name):
                try:
                    image_of(reference, limits)
                except ImageError as error:
                    wrong.append(str(error))
            if wrong:
                problems[field.name] = "; ".join(wrong)
    return problems


def image_of(reference: str, limits: ImageLimits) -> Image | None:
    """What the image of a file path is; None for a URL, which is not fetched.

    Raises:
        ImageError: the file cannot be used.
    """
    return None if is_url(reference) else image_in(Path(reference), limits)


def references_of(content: ListingContent, name: str) -> tuple[str, ...]:
    """The images of a field: of the logo at most one."""
    value = getattr(content, name)
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()


def missing_from(content: ListingContent) -> list[str]:
    """What a customer must find in a listing and would not, as sentences."""
    missing = [
        f"{field.label}: missing" for field in LISTING_FIELDS if field.required and not getattr(content, field.name)
    ]
    if not content.support_email and not content.support_url:
        missing.append("Support e-mail or support URL: missing")
    return missing


def is_url(reference: str) -> bool:
    """Whether an image is given by URL and not by file."""
    return reference.lower().startswith(("https://", "http://"))


def is_colour(text: str) -> bool:
    """Whether a text is ``#rgb`` or ``#rrggbb``."""
    return bool(_COLOUR.fullmatch(text))


def is_light(colour: str) -> bool:
    """Whether black text reads better than white on a colour ``#rgb`` or ``#rrggbb``."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    red, green, blue = (int(digits[start : start + 2], 16) for start in (0, 2, 4))
    return 0.299 * red + 0.587 * green + 0.114 * blue > 150


def located(content: ListingContent, folder: Path) -> ListingContent:
    """The content with the paths of image files made absolute: relative ones are meant from ``folder``."""
    return replace(
        content,
        logo=located_image(content.logo, folder),
        screenshots=tuple(located_image(one, folder) for one in content.screenshots),
    )


def located_image(reference: str, folder: Path) -> str:
    """The reference, a relative path or one with ``~`` made absolute."""
    if not reference or is_url(reference) or "\0" in reference:
        return reference
    try:
        path = Path(reference).expanduser()
    except RuntimeError:  # ~user of somebody who does not exist
        path = Path(reference)
    return str(folder / path)


def _text_problem(field: ListingField, text: str) -> str | None:
    if not text:
        return None
    if unseen := _UNSEEN.search(text):
        return f"has a character that cannot be seen (U+{ord(unseen.group()):04X}); remove it"
    if field.kind != "markdown" and ("\n" in text or "\t" in text):
        return "must be one line"
    if len(text) > field.limit:
        return f"has {len(text):,} characters; at most {field.limit:,} are accepted"
    match field.kind:
        case "url":
            return _url_problem(text)
        case "image":
            return _reference_problem(text)
        case "email" if not _EMAIL.fullmatch(text):
            return "is no e-mail address, such as help@example.com"
        case "colour" if not is_colour(text):
            return "must be a colour such as #0a7f5c"
    return None


def _list_problem(field: ListingField, entries: tuple[str, ...] | tuple[Category, ...]) -> str | None:
    if len(entries) > field.limit:
        return f"has {len(entries)} entries; at most {field.limit} are accepted"
    seen: set[str] = set()
    for entry in entries:
        word = entry.name if isinstance(entry, Category) else entry
        if problem := _entry_problem(field, entry):
            return f"{word!r} {problem}"
        if word.casefold() in seen and field.kind != "images":
            return f"{word!r} is there twice"
        seen.add(word.casefold())
    return None


def _entry_problem(field: ListingField, entry: str | Category) -> str | None:
    if field.kind == "images":
        assert isinstance(entry, str)
        return _text_problem(FIELD_BY_NAME["logo"], entry) if entry else "is empty"
    word = entry.name if isinstance(entry, Category) else entry
    if not word.strip() or word != word.strip():
        return "is empty, or has a space at its begin or end"
    if _UNSEEN.search(word) or any(character in word for character in ",:\n\t"):
        return "may have no comma, colon or control character"
    if len(word) > WORD_LIMIT:
        return f"has {len(word)} characters; at most {WORD_LIMIT} are accepted"
    if isinstance(entry, Category) and not 0 <= entry.order <= HIGHEST_ORDER:
        return f"has order {entry.order}; it must be 0 to {HIGHEST_ORDER}"
    return None


def _url_problem(text: str) -> str | None:
    wrong = "is no address such as https://example.com/page"
    if not is_url(text) or re.search(r"[\s\"<>\\^`{|}]", text):
        return wrong
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return wrong
    if not host:
        return wrong
    if parts.username is not None or parts.password is not None:
        return "has a user name or password in it, which customers would see; remove it"
    return None


def _reference_problem(text: str) -> str | None:
    if is_url(text):
        return _url_problem(text)
    if "://" in text or text.startswith("data:"):
        return "must be a file, or an address that begins with https://"
    if not Path(text).is_absolute():
        return "must be a file with its whole path, or an address that begins with https://"
    return None
