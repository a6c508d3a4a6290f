"""The ``base`` of a manifest: the language, and perhaps its version, that an integration is built and run with."""

import difflib
import re
from dataclasses import dataclass

from pandium_tui.manifest.problem import quoted

_LANGUAGES = {
    "python": "python",
    "node": "node",
    "nodejs": "node",
    "node.js": "node",
    "java": "java",
    ".net": "dotnet",
    "dotnet": "dotnet",
    "php": "php",
    "ruby": "ruby",
    "go": "go",
    "golang": "go",
    "kotlin": "kotlin",
    "rust": "rust",
    "clojure": "clojure",
    "closure": "clojure",  # as Pandium's documentation spells it
}

LANGUAGES = tuple(dict.fromkeys(_LANGUAGES.values()))
"""The normalised names that :attr:`Base.language` can have."""

# A version becomes part of names of programs and folders: nothing that could lead elsewhere.
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]{0,31}")


class BaseError(ValueError):
    """A base that cannot be understood; the message says why and what is possible."""


@dataclass(frozen=True, slots=True)
class Base:
    """A language in its normalised name, its version if one is asked for, and the text as written."""

    language: str
    version: str | None
    text: str


def parse_base(text: str) -> Base:
    """Read ``<language>:<version>``; capitals do not matter, the version may be missing.

    Raises:
        BaseError: the language is not known, or the version is none.
    """
    name, _, version = (part.strip() for part in text.partition(":"))
    language = _LANGUAGES.get(name.lower())
    if language is None:
        raise BaseError(f"the language {quoted(name)} is not known; {_suggestion(name)}")
    if version and not _VERSION.fullmatch(version):
        raise BaseError(f"the version {quoted(version)} is none; write it like {language}:1.2, or leave it out")
    return Base(language, version or None, text.strip())


def _suggestion(name: str) -> str:
    # Comparing is quadratic in the length of the name.
    close = difflib.get_close_matches(name.lower()[:20], _LANGUAGES, n=1)
    if close:
        return f"did you mean {_LANGUAGES[close[0]]}?"
    return f"write one of {', '.join(LANGUAGES)}"
