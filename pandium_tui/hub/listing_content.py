"""What a marketplace listing consists of: its fields, in the order of the form, the YAML file and the audit trail.

The field list and every limit are our own: Pandium's are not public.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.naming import suggestion

Kind = Literal["line", "markdown", "image", "images", "url", "email", "colour", "categories", "tags"]


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the marketplace; ``order`` is the place of the tile on it, low numbers first."""

    name: str
    order: int = 0


@dataclass(frozen=True, slots=True)
class ListingContent:
    """Copy and media of a listing. Images are absolute file paths or URLs; empty means not given."""

    display_name: str = ""
    tagline: str = ""
    short_description: str = ""
    long_description: str = ""
    install_instructions: str = ""
    logo: str = ""
    screenshots: tuple[str, ...] = ()
    video_url: str = ""
    categories: tuple[Category, ...] = ()
    tags: tuple[str, ...] = ()
    flag_name: str = ""
    flag_color: str = ""
    developer_name: str = ""
    support_email: str = ""
    support_url: str = ""
    documentation_url: str = ""
    privacy_url: str = ""
    terms_url: str = ""
    pricing_note: str = ""


@dataclass(frozen=True, slots=True)
class ListingField:
    """A field for people.

    Attributes:
        limit: characters of the text, or entries of a list.
        required: without it a listing cannot be submitted or published.
    """

    name: str
    label: str
    section: str
    kind: Kind
    limit: int
    hint: str
    required: bool = False


NAMES, MEDIA, CLASSES, SUPPORT = "Names and copy", "Media", "Classification", "Support and legal"

_URL = 2000

LISTING_FIELDS = (
    ListingField("display_name", "Display name", NAMES, "line", 60, "At most 60 characters", True),
    ListingField("tagline", "Tagline", NAMES, "line", 100, "One sentence for the tile, at most 100 characters", True),
    ListingField("short_description", "Short description", NAMES, "markdown", 400, "Markdown, at most 400", True),
    ListingField("long_description", "Long description", NAMES, "markdown", 20_000, "Markdown, at most 20,000", True),
    ListingField("install_instructions", "Install instructions", NAMES, "markdown", 10_000, "Markdown, at most 10,000"),
    ListingField(
        "logo", "Logo", MEDIA, "image", _URL, "File or URL. PNG, JPEG, GIF or WebP, 1 MiB, 64 to 2048 pixels", True
    ),
    ListingField(
        "screenshots",
        "Screenshots",
        MEDIA,
        "images",
        8,
        "At most 8, a line each: file or URL. 5 MiB, 320x200 to 4096x4096 pixels",
    ),
    ListingField("video_url", "Video URL", MEDIA, "url", _URL, "A page that shows it"),
    ListingField(
        "categories",
        "Categories",
        CLASSES,
        "categories",
        5,
        "At most 5, such as CRM:10, Sales. Number: place on it",
        True,
    ),
    ListingField("tags", "Tags", CLASSES, "tags", 20, "At most 20, with commas between"),
    ListingField("flag_name", "Flag", CLASSES, "line", 24, "A word on the tile, such as New; at most 24 characters"),
    ListingField("flag_color", "Flag colour", CLASSES, "colour", 7, "Such as #0a7f5c"),
    ListingField("developer_name", "Developer", SUPPORT, "line", 80, "Who made it; at most 80 characters", True),
    ListingField("support_email", "Support e-mail", SUPPORT, "email", 254, "This or the support URL is needed"),
    ListingField("support_url", "Support URL", SUPPORT, "url", _URL, "This or the support e-mail is needed"),
    ListingField("documentation_url", "Documentation URL", SUPPORT, "url", _URL, "Where customers read how to use it"),
    ListingField("privacy_url", "Privacy URL", SUPPORT, "url", _URL, "Where your privacy policy is"),
    ListingField("terms_url", "Terms URL", SUPPORT, "url", _URL, "Where your terms of service are"),
    ListingField("pricing_note", "Pricing note", SUPPORT, "line", 200, "Such as: free with the Pro plan"),
)

FIELD_BY_NAME = {field.name: field for field in LISTING_FIELDS}


def text_of(content: ListingContent, name: str) -> str:
    """A field's value as a person writes it: lists with commas, screenshots a line each."""
    value = getattr(content, name)
    match FIELD_BY_NAME[name].kind:
        case "images":
            return "\n".join(value)
        case "tags":
            return ", ".join(value)
        case "categories":
            return ", ".join(f"{one.name}:{one.order}" if one.order else one.name for one in value)
    return str(value)


def value_from_text(name: str, text: str) -> Any:
    """The value that a person's text means; the inverse of :func:`text_of`. Not yet checked."""
    match FIELD_BY_NAME[name].kind:
        case "images":
            return tuple(line.strip() for line in text.split("\n") if line.strip())
        case "tags":
            return tuple(_listed(text))
        case "categories":
            return tuple(_category(one) for one in _listed(text))
        case "markdown":
            return text.replace("\r\n", "\n").strip("\n")
    return text.strip()


def plain_values(content: ListingContent) -> dict[str, Any]:
    """The content as plain data, empty fields left out: as it is stored and written to files."""
    plain: dict[str, Any] = {}
    for field in LISTING_FIELDS:
        value = getattr(content, field.name)
        if field.kind == "categories":
            value = [{"name": one.name, "order": one.order} for one in value]
        elif isinstance(value, tuple):
            value = list(value)
        if value:
            plain[field.name] = value
    return plain


def parsed_values(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Field values from plain data, and what is wrong with its shape by key. Not yet checked otherwise."""
    parsed: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for key, value in values.items():
        try:
            parsed[key] = _parsed(key, value)
        except ValueError as error:
            problems[key] = str(error)
    return parsed, problems


def stored_content(values: Mapping[str, Any]) -> ListingContent:
    """The content of a row; what another version wrote and this one cannot read is left out."""
    return ListingContent(**parsed_values(values)[0])


def changed_content(content: ListingContent, changes: Mapping[str, Any]) -> ListingContent:
    """The content with some fields changed.

    Raises:
        InvalidError: there is no such field.
    """
    unknown = {name: _unknown(name) for name in changes if name not in FIELD_BY_NAME}
    if unknown:
        raise InvalidError(unknown)
    return replace(content, **changes)


def changed_fields(before: ListingContent, after: ListingContent) -> list[str]:
    """The names of the fields that differ."""
    return [one.name for one in fields(before) if getattr(before, one.name) != getattr(after, one.name)]


def _parsed(key: str, value: Any) -> Any:
    field = FIELD_BY_NAME.get(key)
    if field is None:
        raise ValueError(_unknown(key))
    if value is None:
        return getattr(ListingContent(), key)
    if field.kind in ("images", "tags", "categories"):
        if not isinstance(value, list):
            raise ValueError("must be a list")
        return tuple(_plain_category(one) if field.kind == "categories" else _plain_text(one) for one in value)
    return value_from_text(key, _plain_text(value))


def _plain_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text; put it in quotes if it looks like a number or a yes or no")
    return value


def _plain_category(value: Any) -> Category:
    if isinstance(value, str):
        return _category(value.strip())
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or value.keys() - {"name", "order"}:
        raise ValueError('each must be a text, or a mapping such as {name: "CRM", order: 10}')
    order = value.get("order", 0)
    if isinstance(order, bool) or not isinstance(order, int):
        raise ValueError("the order of a category must be a whole number")
    return Category(value["name"], order)


def _category(text: str) -> Category:
    name, _, order = text.rpartition(":")
    if name and order.strip().isascii() and order.strip().isdecimal() and len(order.strip()) <= 6:
        return Category(name.strip(), int(order))
    return Category(text)


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _unknown(name: str) -> str:
    known = suggestion(name, FIELD_BY_NAME) or f" The fields are {', '.join(FIELD_BY_NAME)}."
    return f"is no field of a listing.{known}"
