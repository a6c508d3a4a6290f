"""No secret gets through, in any usual encoding, however the stream is cut."""

import base64
import html
import json
import shlex
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.connectors.checks import can_be_masked
from pandium_tui.engine.redaction import MASK, Redactor
from pandium_tui.engine.secret_forms import needles

SECRETS = st.text(
    st.characters(codec="utf-8", exclude_characters="[]", exclude_categories=("Cs",)), min_size=6, max_size=40
).filter(lambda text: can_be_masked(text) and len(text.strip()) > 6 and not set(text.strip()) <= set("*redacted"))

ENCODINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "json": json.dumps,
    "json in json": lambda text: json.dumps(json.dumps(text)),
    "json utf-8": lambda text: json.dumps(text, ensure_ascii=False),
    "repr": repr,
    "percent": lambda text: quote(text, safe=""),
    "percent lower": lambda text: quote(text, safe="").lower() if text.islower() else quote(text, safe=""),
    "form": quote_plus,
    "html": html.escape,
    "shell": shlex.quote,
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 with newline": lambda text: base64.b64encode(text.encode() + b"\n").decode(),
    "basic authorization": lambda text: base64.b64encode(b"user:" + text.encode()).decode(),
    "url-safe base64": lambda text: base64.urlsafe_b64encode(b"x" + text.encode() + b"yz").decode(),
}


def redacted(secrets: list[str], stream: bytes, cuts: list[int]) -> bytes:
    redactor = Redactor(needles(secrets))
    output, at = b"", 0
    for cut in [*sorted(cuts), len(stream)]:
        output += redactor.feed(stream[at:cut])
        at = max(cut, at)
    return output + redactor.flush()


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(secret=SECRETS, data=st.data())
def test_no_form_of_a_secret_gets_through(encoding: str, secret: str, data: st.DataObject) -> None:
    printed = f"token={ENCODINGS[encoding](secret)}; done\n".encode()
    cuts = data.draw(st.lists(st.integers(0, len(printed)), max_size=6))
    output = redacted([secret], printed, cuts)
    assert MASK in output
    for needle in needles([secret]):
        assert needle not in output


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=8))
def test_what_holds_no_secret_is_left_as_it_is(stream: bytes, cuts: list[int]) -> None:
    assert redacted(["a secret that does not occur"], stream, cuts) == stream


@given(
    st.lists(st.sampled_from([b"secret", b"secsec", b"retsecret", b"s", b"ec", b"ret", b" "]), max_size=30), st.data()
)
def test_the_cuts_do_not_matter(pieces: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(pieces)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=10))
    secrets = ["secret", "secretsecret", "retsec!"]
    assert redacted(secrets, stream, cuts) == redacted(secrets, stream, [])


@given(st.integers(0, 40), st.integers(15, 24), st.integers(0, 40))
def test_a_long_secret_is_found_wherever_it_lies(before: int, length: int, after: int) -> None:
    secret = b"Zq3-secret-of-many-letters"[:length]
    assert Redactor([secret]).feed(b"." * before + secret + b"." * after) == b"." * before + MASK + b"." * after


def test_overlapping_secrets_are_one_mask() -> None:
    assert redacted(["abcdefgh", "efghijkl"], b"<abcdefghijkl>", []) == b"<" + MASK + b">"


def test_an_endless_repetition_is_held_back_no_more_than_needed() -> None:
    redactor = Redactor(needles(["aaaaaaa"]))
    output = b"".join(redactor.feed(b"a" * 1000) for _ in range(100)) + redactor.feed(b"b") + redactor.flush()
    assert output == MASK + b"b"


def test_only_a_possible_beginning_is_held_back() -> None:
    redactor = Redactor([b"hunter22"])
    assert redactor.feed(b"ready\nhunt") == b"ready\n"
    assert redactor.feed(b"ing\n") == b"hunting\n"
    assert not redactor.found
    assert redactor.feed(b"hunter22") == MASK
    assert redactor.found


def test_each_line_of_a_key_is_masked() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqh\nkiG9w0BAQEFAASC\n-----END KEY-----\n"
    assert b"kiG9w0BAQEFAASC" not in redacted([key], b"line 2 is kiG9w0BAQEFAASC\n", [])


def test_texts_inside_a_json_secret_are_masked() -> None:
    account = json.dumps({"client_email": "robot@example.com", "private_key": "-----BEGIN-----\nabcdefghijkl\n"})
    assert b"abcdefghijkl" not in redacted([account], b"key abcdefghijkl", [])


@pytest.mark.parametrize("value", ["", "abc", "true", "localhost", "  no  "])
def test_what_would_hide_half_the_log_is_not_masked(value: str) -> None:
    assert not can_be_masked(value)
    assert redacted([value], b"abc true localhost no", []) == b"abc true localhost no"
