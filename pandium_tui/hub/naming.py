"""The rule for names of integrations and tenants, and finding things by name."""

import difflib
import re
from collections.abc import Iterable

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

NAME_RULE = "lower-case letters, digits and inner hyphens, at most 63 characters"
NAME_HELP = NAME_RULE.capitalize()


def name_problem(name: str) -> str | None:
    """What is wrong with a name (the DNS label rule), None when it is fine."""
    if not name:
        return f"is required: {NAME_RULE}"
    if not _NAME.fullmatch(name):
        return f"may have only {NAME_RULE}"
    return None


def is_id(text: str) -> bool:
    """Whether a text can be an id: a whole number that the store can hold."""
    return text.isascii() and text.isdecimal() and len(text) <= 18


def suggestion(name: str, known: Iterable[str]) -> str:
    """An ending for a "there is no …" sentence that names what is near, or how to see what there is."""
    near = difflib.get_close_matches(name, list(known), n=3)
    return f" Did you mean {' or '.join(near)}?" if near else ""
