"""Colours and characters of the app, for what the person asked for and the terminal can show."""

import unicodedata
from collections.abc import Collection, Mapping
from functools import lru_cache

from rich.cells import cell_len
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

SHORT_NAMES = {"dark": "textual-dark", "light": "textual-light"}
HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#00ffff",
    secondary="#ffffff",
    accent="#ffff00",
    warning="#ffff00",
    error="#ff8080",
    success="#00ff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#202020",
    dark=True,
    variables={
        "block-cursor-background": "#ffff00",
        "block-cursor-foreground": "#000000",
        "border": "#ffffff",
        "footer-key-foreground": "#ffff00",
        "input-cursor-background": "#ffffff",
        "input-selection-background": "#0000c0",
        "scrollbar": "#ffffff",
        "scrollbar-background": "#202020",
    },
)

_ASCII = str.maketrans(
    {
        "✓": "+",
        "✗": "x",
        "●": "*",
        "○": "o",
        "·": ".",
        "•": "*",
        "‖": "=",
        "▣": "#",
        "⊘": "/",
        "…": "~",
        "\u203a": ">",
        "→": ">",
        "←": "<",
        "↑": "^",
        "↓": "v",
        "↻": "@",
        "⏎": "<",
        "\u2013": "-",
        "—": "-",
        "“": '"',
        "”": '"',
        "\u2019": "'",
        "▼": "v",
        "▶": ">",
    }
)


_KEYS_IN_ASCII = str.maketrans(
    {"⏎": "enter", "↑": "up", "↓": "down", "←": "left", "→": "right", "⌫": "backspace"},
)


def theme_for(wanted: str, remembered: str | None, available: Collection[str], *, no_color: bool) -> tuple[str, str]:
    """The theme to begin with, "" for the usual one, and what is wrong with the wanted one.

    Args:
        wanted: what config.toml says; it goes before what was chosen last.
        remembered: what was chosen last.
        available: the themes there are.
        no_color: whether the terminal shall show no colours; Textual's ``ansi`` themes are black on black then.
    """
    name = SHORT_NAMES.get(wanted, wanted) or remembered or ""
    if wanted and name not in available:
        return "", f"theme: there is no {wanted}; there are {', '.join([*SHORT_NAMES, *sorted(available)])}"
    return ("" if name not in available or (no_color and name.startswith("ansi")) else name), ""


class Ascii(LineFilter):
    """Shows everything with ASCII characters as wide as what they stand for."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line in ASCII."""
        return [
            segment if segment.control or segment.text.isascii() else Segment(in_ascii(segment.text), segment.style)
            for segment in segments
        ]


LEAST_CONTRAST = 4.5
"""Of text to its background, as WCAG 2 (1.4.3) asks of text."""


class Readable(LineFilter):
    """Gives text that is too near to its background black or white; for greys and high contrast."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line, readable."""
        return [
            Segment(text, style and readable_style(style, background.rich_color), control)
            for text, style, control in segments
        ]


@lru_cache(maxsize=1024)
def readable_style(style: Style, background: RichColor) -> Style:
    """The style with another colour of the text where that can hardly be read."""
    if style.color is None:
        return style
    text, behind = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor or background)
    if style.reverse:
        text, behind = behind, text
    if not style.dim and _contrast(text, behind) >= LEAST_CONTRAST:
        return style
    white, black = Color(255, 255, 255), Color(0, 0, 0)
    better = white if _contrast(white, behind) > _contrast(black, behind) else black
    colors = Style(bgcolor=better.rich_color) if style.reverse else Style(color=better.rich_color)
    return style + colors + Style(dim=False)


def _contrast(one: Color, other: Color) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    """Relative luminance as WCAG 2 defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@lru_cache(maxsize=1024)
def in_ascii(text: str) -> str:
    """A text of the same width in ASCII: symbols by what is like them, letters without accents, ``?`` for the rest."""
    return "".join(one if one.isascii() else _plain(one) for one in text.translate(_ASCII))


def key_in_ascii(shown: str) -> str:
    """A key as Textual shows it, with names in place of its signs."""
    return shown.translate(_KEYS_IN_ASCII)


def _plain(character: str) -> str:
    name = unicodedata.name(character, "")
    if name.startswith("BOX DRAWINGS"):
        vertical, horizontal = "VERTICAL" in name, "HORIZONTAL" in name
        return "|" if vertical and not horizontal else "-" if horizontal and not vertical else "+"
    if "BLOCK" in name or "SHADE" in name or "EIGHTH" in name:
        return "#"
    base = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    width = cell_len(character)
    return base if len(base) == width else "?" * width


def is_unicode(environment: Mapping[str, str]) -> bool:
    """Whether the locale says that the terminal shows UTF-8, by the variables and the order every program uses.

    In the C locale Python itself sets LC_CTYPE to C.UTF-8 (PEP 538): a LANG that says C goes before that.
    """
    said = [environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    if said[1:] in (["C.UTF-8", "C"], ["C.UTF-8", "POSIX"]):
        said[1] = ""
    locale = next((one for one in said if one), "").lower().replace("-", "")
    return "utf8" in locale
