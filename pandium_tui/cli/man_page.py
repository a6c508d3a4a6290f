"""The man page, made of the help of the commands and the topics (man-pages(7), groff_man(7))."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pandium_tui import __version__


def man_page(root: Any, topics: Iterable[str]) -> str:
    """The whole page as roff.

    Args:
        root: the command line.
        topics: Markdown texts, each beginning with its title.
    """
    markdown = MarkdownIt("commonmark").enable("table")
    lines = [
        f'.TH PANDIUM-TUI 1 "" "pandium-tui {__version__}" "User Commands"',
        ".SH NAME",
        f"pandium-tui \\- {_escaped(root.help or '')}",
        ".SH SYNOPSIS",
        ".B pandium-tui",
        "[\\fB\\-\\-home\\fR \\fIFOLDER\\fR] [\\fICOMMAND\\fR ...]",
        ".SH DESCRIPTION",
        "Without a command it opens the app. The commands do whatever the app can do.",
    ]
    for text in topics:
        lines += _roff(markdown.parse(text))
    return "\n".join(lines)


def _roff(tokens: Sequence[Token]) -> list[str]:
    """Headings, paragraphs, lists, tables (a row a paragraph) and code of a topic."""
    lines: list[str] = []
    opened = ""
    cells: list[str] = []
    for token in tokens:
        if token.type.endswith("_open"):
            opened = token.type if token.type in ("td_open", "th_open") else token.tag
            lines += _begin(token.type, lines)
            cells = [] if token.type == "tr_open" else cells
        elif token.type == "inline" and opened in ("td_open", "th_open"):
            cells.append(_inline(token))
        elif token.type == "inline" and opened in _HEADINGS:
            lines.append(f'{_HEADINGS[opened]} "{_inline(token).replace(chr(34), "")}"')
        elif token.type == "inline":
            lines.append(_text(_inline(token)))
        elif token.type == "tr_close":
            lines += [".TP", *(_text(cell) for cell in cells)]
        elif token.type == "fence":
            lines += [".PP", ".nf", *(_text(_escaped(line)) for line in token.content.rstrip().split("\n")), ".fi"]
    return lines


_HEADINGS = {"h1": ".SH", "h2": ".SS", "h3": ".SS"}
_ITEM = ".IP \\(bu 2"


def _begin(kind: str, lines: list[str]) -> list[str]:
    if kind == "list_item_open":
        return [_ITEM]
    # The first paragraph of an item stands beside its bullet.
    return [".PP"] if kind == "paragraph_open" and lines[-1:] != [_ITEM] else []


def _inline(token: Token) -> str:
    parts = []
    for child in token.children or ():
        match child.type:
            case "code_inline":
                parts.append(f"\\fB{_escaped(child.content)}\\fR")
            case "softbreak" | "hardbreak":
                parts.append(" ")
            case "strong_open":
                parts.append("\\fB")
            case "em_open":
                parts.append("\\fI")
            case "strong_close" | "em_close":
                parts.append("\\fR")
            case _:
                parts.append(_escaped(child.content))
    return "".join(parts)


def _escaped(text: str) -> str:
    return re.sub("-", r"\\-", text.replace("\\", "\\e"))


def _text(line: str) -> str:
    """A line that is no request, whatever it begins with."""
    return f"\\&{line}" if line[:1] in (".", "'") else line
