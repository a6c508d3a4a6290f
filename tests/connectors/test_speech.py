import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pandium_tui.connectors.speech import LONGEST_QUOTE, Speech

SECRETS = st.text(min_size=6, max_size=40)
AROUND = st.binary(max_size=5)


def forms(secret: str, before: bytes, after: bytes) -> list[str]:
    content = secret.encode()
    return [
        secret,
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        repr(secret),
        quote(secret),
        quote(secret, safe="").lower(),
        quote_plus(secret),
        html.escape(secret),
        content.hex(),
        content.hex().upper(),
        base64.b64encode(before + content + after).decode(),
        base64.urlsafe_b64encode(before + content + after).decode(),
    ]


@given(SECRETS, AROUND, AROUND, st.integers(0, 11), st.text(max_size=20))
def test_no_encoding_of_a_secret_is_quoted(secret: str, before: bytes, after: bytes, form: int, beginning: str) -> None:
    assume(all(not 0xD800 <= ord(character) <= 0xDFFF for character in secret))
    assert Speech([secret]).quotable(beginning + forms(secret, before, after)[form]) is None


@given(SECRETS, st.integers(0, 40), st.integers(6, 40))
def test_no_part_of_six_characters_is_quoted(secret: str, start: int, length: int) -> None:
    part = secret[start : start + length]
    assume(len(part) >= 6)
    assert Speech([secret]).quotable(f"key {part}***") is None


@pytest.mark.parametrize("secret", ["abc", "x"])
def test_a_short_secret_counts_as_a_whole(secret: str) -> None:
    assert Speech([secret]).quotable(f"not {secret}!") is None
    assert Speech(["abc"]).quotable("no ab c") == "no ab c"


def test_what_repeats_nothing_is_quoted_cut_and_harmless() -> None:
    speech = Speech(["tok-0123456789", ""])
    assert speech.quotable("invalid_auth") == "invalid_auth"
    assert speech.quotable("a\x1b[2J") == "a␛[2J"
    assert speech.quotable("y" * 500) == "y" * LONGEST_QUOTE + "…"
    assert speech.quotable("y" * LONGEST_QUOTE + "tok-0123456789") == "y" * LONGEST_QUOTE + "…"
    assert speech.quotable("y" * (LONGEST_QUOTE - 6) + "tok-0123456789") is None
    assert "0123" not in repr(speech)
