"""What a plain (unquoted) YAML text means, by the rules of the YAML 1.2 core schema (YAML 1.2.2, section 10.3)."""

import math
import re

MAX_DIGITS = 30

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class ScalarError(ValueError):
    """A number that cannot be kept exactly enough; the message says which rule it breaks and what to do."""


def plain_value(text: str) -> str | int | float | bool | None:
    """The value of an unquoted text: null, a boolean, a number, or the text itself.

    ``no``, ``on``, ``13:37`` and ``2019-04-01`` stay texts: only YAML 1.1 gave them a meaning.

    Raises:
        ScalarError: a number with more than 30 digits, one that does not fit a double, ``.inf`` or ``.nan``.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _NOT_FINITE.fullmatch(text):
        raise ScalarError("infinity and not-a-number are not allowed; write a number, or quote it if it is a text")
    if _INTEGER.fullmatch(text):
        _limit_digits(text.lstrip("+-"))
        return int(text)
    for pattern, base in ((_OCTAL, 8), (_HEXADECIMAL, 16)):
        if pattern.fullmatch(text):
            _limit_digits(text[2:])
            return int(text[2:], base)
    if _FLOAT.fullmatch(text):
        _limit_digits("".join(character for character in text if character.isdigit()))
        number = float(text)
        if not math.isfinite(number):
            raise ScalarError("this number is too large; quote it if it is a text")
        return number
    return text


def _limit_digits(digits: str) -> None:
    if len(digits) > MAX_DIGITS:
        raise ScalarError(
            f"this number has {len(digits):,} digits, at most {MAX_DIGITS} are possible; quote it if it is a text"
        )
