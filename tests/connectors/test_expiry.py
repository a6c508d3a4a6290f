"""When a credential ends: read from where the catalogue says that it stands, and nowhere else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.connectors.definitions import Method
from pandium_tui.connectors.expiry import expiry_of
from tests.connectors.asking import method_of, outcome
from tests.connectors.conftest import StartVendor, replying

END = datetime(2027, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2027-03-04 05:06:07 UTC", END),
        ("2027-03-04 07:06:07 +0200", END),
        ("2027-03-04T05:06:07Z", END),
        ("2027-03-04T05:06:07", END),
        ("1804136767", END),
        ("2027-03-04", datetime(2027, 3, 4, tzinfo=UTC)),
        ("never", None),
        ("", None),
        ("99999999999", datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:59", None),
    ],
)
def test_the_ways_to_write_it(text: str, meant: datetime | None) -> None:
    assert expiry_of(text) == meant


@given(st.text(max_size=40))
def test_no_text_is_an_error(text: str) -> None:
    assert expiry_of(text) is None or expiry_of(text).utcoffset().total_seconds() == 0  # type: ignore[union-attr]


def test_github_says_it_in_a_header(start_vendor: StartVendor) -> None:
    vendor = start_vendor(
        replying(200, b'{"login": "sync"}', github_authentication_token_expiration="2027-03-04 05:06:07 UTC")
    )
    method = method_of("github", "access-token")
    assert method.test is not None
    at_vendor = replace(method, test=replace(method.test, url=f"{vendor.url}/user"))
    assert outcome(at_vendor, vendor).expires == END
    assert outcome(replace(at_vendor, test=replace(at_vendor.test, expires_header="")), vendor).expires is None  # type: ignore[type-var]


def test_a_definition_of_ones_own_says_where_it_stands(start_vendor: StartVendor, crm: Callable[[str], Method]) -> None:
    method = crm("token")
    assert method.test is not None
    dated = replace(method, test=replace(method.test, expires_path="token.expires_at"))
    good = start_vendor(replying(200, b'{"ok": true, "token": {"expires_at": "2027-03-04"}}'))
    assert outcome(dated, good).expires == datetime(2027, 3, 4, tzinfo=UTC)
    assert outcome(method, good).expires is None
    refused = start_vendor(replying(401, b'{"token": {"expires_at": "2027-03-04"}}'))
    assert outcome(dated, refused).expires is None
