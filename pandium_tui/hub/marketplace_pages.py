"""The exported marketplace as HTML: pages without scripts, which work when opened as files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pandium_tui.hub.html import Html, element, joined
from pandium_tui.hub.listing_checks import is_colour, is_light, is_url
from pandium_tui.hub.listing_content import ListingContent
from pandium_tui.hub.listing_markdown import markdown_html

# Nothing in the pages needs a script, a frame or a form: should one get in, browsers refuse it.
_POLICY = "script-src 'none'; object-src 'none'; frame-src 'none'; base-uri 'none'; form-action 'none'"

STYLE = """\
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
a { color: inherit; }
img { max-width: 100%; height: auto; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem; padding: 0; }
.tile { list-style: none; border: 1px solid #8884; border-radius: .5rem; padding: 1rem; overflow-wrap: anywhere; }
.tile a { text-decoration: none; }
.logo { width: 4rem; height: 4rem; object-fit: contain; }
.flag { border-radius: .25rem; padding: .1rem .5rem; background: #555; color: #fff; font-size: .8rem; }
.flag.light { color: #000; }
.screenshots { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem; }
table { border-collapse: collapse; }
td, th { border: 1px solid #8886; padding: .25rem .5rem; }
.tags, .by { opacity: .8; font-size: .9rem; }
"""


@dataclass(frozen=True, slots=True)
class ExportedListing:
    """A published listing with its images as the pages reach them.

    Attributes:
        page: path of its page in the exported folder.
        logo: path in the exported folder, or URL; empty when there is none.
        target_url: of an external integration.
    """

    name: str
    type: str
    target_url: str | None
    published_date: datetime | None
    content: ListingContent
    page: str
    logo: str
    screenshots: tuple[str, ...]


def index_page(listings: Sequence[ExportedListing]) -> str:
    """The page of all tiles, one section for each category; a tile can stand in several."""
    shelves: dict[str, list[tuple[int, str, ExportedListing]]] = {}
    for one in listings:
        for category in one.content.categories:
            shelves.setdefault(category.name, []).append((category.order, one.name, one))
    sections = [
        joined(
            element("h2", shelf),
            element("ul", *(_tile(one) for _, _, one in sorted(tiles, key=lambda tile: tile[:2])), class_="tiles"),
        )
        for shelf, tiles in sorted(shelves.items(), key=lambda item: item[0].casefold())
    ]
    empty = () if listings else (element("p", "No integration is published yet."),)
    return _document("Integrations", "", element("h1", "Integrations"), *empty, *sections)


def listing_page(one: ExportedListing) -> str:
    """The page of one integration, one folder below the index."""
    content, up = one.content, "../"
    return _document(
        content.display_name,
        up,
        element("p", element("a", "All integrations", href=f"{up}index.html")),
        _logo(one, up),
        element("h1", content.display_name, " ", _flag(content)),
        element("p", content.tagline),
        element("p", f"By {content.developer_name}", class_="by"),
        element("section", markdown_html(content.short_description)),
        *_target(one),
        element("section", markdown_html(content.long_description)),
        *_section("Screenshots", _screenshots(one, up) if one.screenshots else None),
        *_section(
            "Installation", markdown_html(content.install_instructions) if content.install_instructions else None
        ),
        *_section("Pricing", element("p", content.pricing_note) if content.pricing_note else None),
        *_section("Support and legal", _links(content)),
        element("p", " · ".join([*(one.name for one in content.categories), *content.tags]), class_="tags"),
    )


def _document(title: str, up: str, *body: str) -> str:
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("link", rel="stylesheet", href=f"{up}style.css"),
    )
    return f"<!DOCTYPE html>\n{element('html', head, element('body', *body), lang='en')}\n"


def _tile(one: ExportedListing) -> Html:
    content = one.content
    return element(
        "li",
        element(
            "a",
            _logo(one, ""),
            element("h3", content.display_name, " ", _flag(content)),
            element("p", content.tagline),
            element("p", f"By {content.developer_name}", class_="by"),
            href=one.page,
        ),
        class_="tile",
    )


def _logo(one: ExportedListing, up: str) -> Html:
    if not one.logo:
        return Html()
    return element("img", class_="logo", src=_reached(one.logo, up), alt=f"Logo of {one.content.display_name}")


def _screenshots(one: ExportedListing, up: str) -> Html:
    images = (
        element("img", src=_reached(image, up), alt=f"Screenshot {number} of {one.content.display_name}")
        for number, image in enumerate(one.screenshots, start=1)
    )
    return element("div", *images, class_="screenshots")


def _flag(content: ListingContent) -> Html:
    if not content.flag_name:
        return Html()
    if not is_colour(content.flag_color):
        return element("span", content.flag_name, class_="flag")
    light = "flag light" if is_light(content.flag_color) else "flag"
    return element("span", content.flag_name, class_=light, style=f"background: {content.flag_color}")


def _target(one: ExportedListing) -> tuple[Html, ...]:
    return (element("p", element("a", "Open", href=one.target_url)),) if one.target_url else ()


def _links(content: ListingContent) -> Html:
    links = [
        ("Video", content.video_url),
        ("Documentation", content.documentation_url),
        ("Support", content.support_url),
        ("Privacy", content.privacy_url),
        ("Terms", content.terms_url),
    ]
    items = [element("li", f"{label}: ", element("a", url, href=url)) for label, url in links if is_url(url)]
    if mail := content.support_email:
        items.append(element("li", "E-mail: ", element("a", mail, href=f"mailto:{mail}")))
    return element("ul", *items)


def _section(title: str, body: Html | None) -> tuple[Html, ...]:
    return () if body is None else (element("section", element("h2", title), body),)


def _reached(image: str, up: str) -> str:
    return f"{up}{image}" if image.startswith("images/") else image
