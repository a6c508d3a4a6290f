import base64
import json
import logging
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pandium_tui.connectors import testing
from tests.connectors.asking import OPTIONS, Methods, method_of, outcome
from tests.connectors.conftest import StartVendor, replying


def encodings(secret: str) -> dict[str, str]:
    content = secret.encode("utf-8", "surrogatepass")
    return {
        "as it is": secret,
        "upper case": secret.upper(),
        "JSON": json.dumps(secret),
        "repr": repr(secret),
        "percent": quote(content, safe=""),
        "hex": content.hex(),
        "base64": base64.b64encode(content).decode(),
        "base64 inside": base64.b64encode(b"ab" + content + b"c").decode(),
        "base64 of a pair": base64.b64encode(b"user:" + content).decode(),
        "the beginning": secret[: max(6, len(secret) // 2)],
        "the end": secret[-max(6, len(secret) // 2) :],
    }


TOKENS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60)
OUR_WORDS = """
    accepts the credentials, but they lack a right; grant it there does not accept the credentials; enter them again or
    make new ones there has nothing at the address of the test check the values that form it trouble of its own
    its own words are not shown because they repeat a part of a secret
"""


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    token=TOKENS, name=st.sampled_from(sorted(encodings("x" * 8))), status=st.sampled_from([200, 401, 403, 404, 500])
)
def test_no_outcome_and_no_log_repeats_a_secret(
    start_vendor: StartVendor, crm: Methods, caplog: pytest.LogCaptureFixture, token: str, name: str, status: int
) -> None:
    echo = encodings(token)[name]
    assume(token.casefold() not in OUR_WORDS and echo.casefold() not in OUR_WORDS)
    vendor = start_vendor(replying(status, json.dumps({"ok": False, "error": f"no: {echo}!"}).encode()))
    with caplog.at_level(logging.DEBUG):
        found = outcome(crm("token"), vendor, token)
    assert vendor.requests[0][2]["Authorization"] == f"Bearer {token}"
    assert found.status != "connected"
    assert found.words.endswith(testing.WITHHELD)
    assert echo.casefold() not in found.words.casefold()
    assert token not in caplog.text


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text(min_size=8, max_size=60), user=st.text(max_size=20))
def test_no_text_at_all_makes_a_test_fail_or_talk(start_vendor: StartVendor, token: str, user: str) -> None:
    assume(token.strip() and token.casefold() not in OUR_WORDS)
    vendor = start_vendor(replying(401))
    values = {"base_url": vendor.url, "test_path": "/", "api_key": token, "username": user, "password": token}
    for connector_id, method_id in (("api_key", "bearer"), ("basic", "password")):
        found = testing.test_connection(method_of(connector_id, method_id), values, OPTIONS)
        assert found.status in ("rejected", "cannot be tested")
        assert token not in repr(found)
