"""Markdown of listings: one dialect for the preview and the exported pages, without raw HTML."""

from typing import TYPE_CHECKING

from pandium_tui.hub.html import Html

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_SAFE_SCHEMES = ("https://", "http://", "mailto:")


def markdown_parser() -> "MarkdownIt":
    """CommonMark with tables and strike-through. HTML in it is text; links lead to web pages and mail only.

    Relative links lead nowhere once the pages lie elsewhere, and other schemes can run programs: both stay text.
    """
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.validateLink = _is_safe  # type: ignore[method-assign]
    return parser


def markdown_html(text: str) -> Html:
    """A Markdown text as HTML that can be put into any page."""
    return Html(markdown_parser().render(text))


def _is_safe(url: str) -> bool:
    return url.strip().lower().startswith(_SAFE_SCHEMES)
