"""Text from outside (YAML, names, logs, git messages) made safe to show on a terminal."""

import re

# C0 without tab, DEL, C1, and the characters that reorder or hide text (Unicode TR9 and TR36).
_UNSAFE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")

COLOUR = re.compile(r"\x1b\[([0-9;:]*)m")
"""What sets colours of the text after it and does nothing else (SGR, ECMA-48 8.3.117)."""


def uncoloured(text: str) -> str:
    """The text without what would colour it."""
    return COLOUR.sub("", text) if "\x1b[" in text else text


def visible(text: str) -> str:
    r"""One line of outside text with every control and bidirectional character made visible.

    C0 controls become their Unicode pictures (``ESC`` is shown as ``␛``, a newline as ``␊``), a tab becomes
    four spaces, everything else unsafe becomes ``\u202e``-style escapes. The result never moves the cursor
    and never changes the terminal's state. It is data, not markup: give it to widgets with markup off.
    """
    return _UNSAFE.sub(_picture, text).replace("\t", "    ")


def visible_block(text: str) -> str:
    """Like :func:`visible` for text of several lines: newlines stay."""
    return "\n".join(visible(line) for line in text.replace("\r\n", "\n").split("\n"))


def shortened(text: str, width: int) -> str:
    """The text cut in the middle to at most ``width`` cells of a terminal, with an ellipsis where it was cut."""
    if text.isascii():
        if len(text) <= width:
            return text
        head = width // 2
        tail = width - 1 - head
        return f"{text[:head]}…{text[len(text) - tail :]}" if width > 1 else "…"[:width]
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    head = width // 2
    # From behind: what stands on the left is given up cell by cell.
    end = text[-width:]
    while cell_len(end) > width - 1 - head:
        end = end[1:]
    return f"{set_cell_size(text, head)}…{end}"


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
