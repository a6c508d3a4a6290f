"""A text that must not be seen by accident."""

import hmac
from typing import NoReturn

HIDDEN = "<secret>"


class Secret:
    """A secret text. Printing, formatting, logging and pickling never give it away; :meth:`reveal` does.

    It cannot be wiped from memory: open it late, and drop it soon.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def encoded(self) -> bytes:
        """The text itself in UTF-8; lone surrogates pass, since an error about them would carry the text."""
        return self._text.encode("utf-8", "surrogatepass")

    @classmethod
    def decoded(cls, content: bytes) -> "Secret":
        """The secret of what :meth:`encoded` gave."""
        return cls(content.decode("utf-8", "surrogatepass"))

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, specification: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.encoded(), other.encoded())

    __hash__ = None  # type: ignore[assignment]

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is neither copied nor pickled")
