from datetime import UTC, datetime

import pytest

from pandium_tui.connectors.signatures import AwsKeys, aws_signature_headers

KEYS = AwsKeys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
MOMENT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)


# The cases get-vanilla and get-vanilla-query-order-key-case of AWS's own test suite.
@pytest.mark.parametrize(
    ("path", "signature"),
    [
        ("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("/?Param1=value1&Param2=value2", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ],
)
def test_the_vectors_of_aws(path: str, signature: str) -> None:
    headers = aws_signature_headers(KEYS, "us-east-1", "service", f"https://example.amazonaws.com{path}", MOMENT)
    assert headers == {
        "x-amz-date": "20150830T123600Z",
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}",
    }


def test_a_session_token_is_sent_and_signed() -> None:
    keys = AwsKeys(KEYS.access_key, KEYS.secret_key, "session")
    headers = aws_signature_headers(keys, "us-east-1", "sts", "https://sts.amazonaws.com/", MOMENT)
    assert headers["x-amz-security-token"] == "session"
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token" in headers["authorization"]
    assert "wJalr" not in repr(keys)
