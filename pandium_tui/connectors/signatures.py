"""AWS Signature Version 4 of a GET request without a body (AWS reference, "Create a signed AWS API request")."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class AwsKeys:
    """An access key; ``session_token`` is empty for keys that do not expire."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    session_token: str = field(repr=False, default="")


def aws_signature_headers(keys: AwsKeys, region: str, service: str, url: str, moment: datetime) -> dict[str, str]:
    """The headers that sign ``GET url`` at this moment.

    The query of the URL must be sorted and percent-encoded already, as it is sent.
    """
    parts = urlsplit(url)
    stamp = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {"host": parts.netloc, "x-amz-date": stamp}
    if keys.session_token:
        headers["x-amz-security-token"] = keys.session_token
    signed = ";".join(headers)
    canonical = "\n".join(
        (
            "GET",
            parts.path or "/",
            parts.query,
            *(f"{name}:{value}" for name, value in headers.items()),
            "",
            signed,
            hashlib.sha256(b"").hexdigest(),
        )
    )
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    to_sign = f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{keys.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    del headers["host"]
    credential = f"{keys.access_key}/{scope}"
    authorization = f"{_ALGORITHM} Credential={credential}, SignedHeaders={signed}, Signature={signature}"
    return {**headers, "authorization": authorization}
