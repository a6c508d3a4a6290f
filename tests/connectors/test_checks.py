import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.connectors.checks import can_be_masked, check_free_value, check_value, missing, unknown
from pandium_tui.connectors.definitions import Field, Format
from tests.connectors.asking import method_of

SECRET = Field("api_key", "API key", secret=True)
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvAIBADANBg\nkqhkiG9w0B\n-----END PRIVATE KEY-----\n"
ACCOUNT = {
    "type": "service_account",
    "client_email": "a@b.iam.gserviceaccount.com",
    "private_key": PEM,
    "token_uri": "https://oauth2.googleapis.com/token",
}
KEY_FIELD = Field("private_key", "Private key", secret=True, multiline=True, format="private key")
ACCOUNT_FIELD = Field("account", "Account", secret=True, multiline=True, format="service account")


@pytest.mark.parametrize("value", ["abc12", "true", "None", "LOCALHOST", " on ", "12345"])
def test_what_logs_cannot_hide_is_warned_about(value: str) -> None:
    assert not can_be_masked(value)
    assert any("masked" in warning for warning in check_value(SECRET, value).warnings)


def test_a_long_value_is_masked_and_a_plain_one_needs_no_mask() -> None:
    assert can_be_masked("abc123")
    assert check_value(SECRET, "sk_live_12345").warnings == ()
    assert check_value(Field("region", "Region"), "eu").warnings == ()


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n"])
def test_the_newline_at_the_end_is_removed_with_a_notice(ending: str) -> None:
    checked = check_value(SECRET, f"sk_live_12345{ending}")
    assert checked.value == "sk_live_12345"
    assert len(checked.notices) == 1
    assert not checked.errors


def test_the_lines_of_a_key_are_kept() -> None:
    checked = check_value(KEY_FIELD, PEM)
    assert (checked.value, checked.notices, checked.warnings, checked.errors) == (PEM, (), (), ())
    assert check_free_value("generic", "KEY", PEM).value == PEM


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("MIIEvAIBADANBg", "PEM"),
        (PEM.replace("PRIVATE", "PUBLIC"), "no private key"),
        (PEM.replace("\n", " "), "line breaks"),
        (PEM.replace("-----END PRIVATE KEY-----\n", ""), "PEM"),
    ],
)
def test_what_is_no_private_key(value: str, words: str) -> None:
    (error,) = check_value(KEY_FIELD, value).errors
    assert words in error
    assert "MIIEvAIBADANBg" not in error


def test_a_key_with_written_line_breaks_is_warned_about() -> None:
    assert any("two characters" in w for w in check_value(KEY_FIELD, PEM.replace("\n", "\\n")).warnings)


def test_a_value_of_one_line() -> None:
    assert "one line" in check_value(SECRET, "first\nsecond").errors[0]
    assert check_free_value("generic", "KEY", "first\nsecond").errors == ()
    assert any("space" in warning for warning in check_value(SECRET, " sk_live_12345").warnings)
    assert any("header" in warning for warning in check_value(SECRET, "Bearer sk_live_12345").warnings)


def test_a_service_account() -> None:
    text = json.dumps(ACCOUNT, indent=2) + "\n"
    checked = check_value(ACCOUNT_FIELD, text)
    assert (checked.value, checked.warnings, checked.errors) == (text, (), ())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('{"private_key": "canary', "line 1"),
        ("[]", "service_account"),
        (json.dumps({**ACCOUNT, "type": "authorized_user"}), "service_account"),
        (json.dumps({**ACCOUNT, "client_email": ""}), "client_email"),
        (json.dumps({**ACCOUNT, "private_key": "canary"}), "private_key"),
        (json.dumps({**ACCOUNT, "token_uri": "http://canary"}), "token_uri"),
        pytest.param("[" * 100_000, "nested", id="nested"),
    ],
)
def test_what_is_no_service_account(value: str, words: str) -> None:
    (error,) = check_value(ACCOUNT_FIELD, value).errors
    assert words in error
    assert "canary" not in error


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("url", "https://shop.example.com:8443/base", "http://shop.example.com"),
        ("url", "https://10.0.0.1", "https://user:pw@shop.example.com"),
        ("url", "https://[2001:db8::1]/", "https://shop.example.com/?key=1"),
        ("url", "https://a.example", "https://a.example/{x}"),
        ("url", "https://a.example", "https:///path"),
        ("url", "https://a.example", "https://a.example:99999"),
        ("host", "acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("host", "acme", "acme.com/evil"),
        ("host label", "acme-1", "acme.evil.com"),
        ("host label", "a", "-a"),
        ("path", "/v1/me", "v1/me"),
        ("path", "/v1/me", "/v1/../me"),
        ("path", "/", "/me?key=1"),
        ("number", "5432", "54a"),
        ("header name", "X-Api-Key", "X Api Key"),
        ("header name", "Authorization", "host"),
    ],
)
def test_formats(form: Format, good: str, bad: str) -> None:
    entry = Field("f", "The field", format=form)
    assert check_value(entry, good).errors == ()
    (error,) = check_value(entry, bad).errors
    assert error.startswith("The field ")
    assert bad not in error


def test_choices() -> None:
    field = next(entry for entry in method_of("ftp", "password").fields if entry.name == "tls_mode")
    assert check_value(field, "explicit").errors == ()
    assert "clear text" in check_value(field, "none").warnings[0]
    assert "explicit" in check_value(field, "maybe").errors[0]


@pytest.mark.parametrize("key", ["lower", "1A", "", "A" * 65, "MY_CLIENT_SECRET", "REFRESH_TOKEN", "A-B"])
def test_keys_of_ones_own_that_are_refused(key: str) -> None:
    assert check_free_value("generic", key, "value-1234").errors


def test_a_value_that_no_variable_can_carry_is_refused() -> None:
    assert "NUL" in check_value(SECRET, "canary\0").errors[0]
    (error,) = check_free_value("generic", "KEY", "x" * 131_060).errors
    assert "too long" in error


@given(st.text(min_size=12), st.sampled_from([SECRET, KEY_FIELD, ACCOUNT_FIELD, Field("u", "U", format="url")]))
def test_no_sentence_and_no_repr_repeats_the_value(value: str, entry: Field) -> None:
    checked = check_value(entry, value)
    said = " ".join((*checked.notices, *checked.warnings, *checked.errors))
    assert value.strip() == "" or value.strip() not in said + repr(checked) or len(value.strip()) < 12


def test_what_is_missing() -> None:
    sftp = method_of("sftp", "ssh")
    assert missing(sftp, {"host": "h", "username": "u", "host_key": "k"}) == ("Password or Private key is missing",)
    assert missing(sftp, {"host": "h", "username": "u", "host_key": "k", "private_key": PEM}) == ()
    oauth = method_of("slack", "oauth")
    assert missing(oauth, {}, "provisioning") == ()
    assert missing(oauth, {}, "connection") == ("OAuth access token is missing",)
    assert unknown(oauth, {"client_id": "x", "colour": "red"}) == ("colour",)
    assert unknown(method_of("custom", "keys"), {"ANY": "x"}) == ()
