"""What an answer of a vendor means for a credential."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pandium_tui.connectors.definitions import ConnectionTest, Expectation, Status
from pandium_tui.connectors.expiry import expiry_of

_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Answer:
    """``body`` is ``None`` when it was too large or compressed, ``location`` the host a redirect leads to.

    ``expires`` is what stands in the header that says when the credential ends.
    """

    status: int
    body: bytes | None
    location: str = ""
    expires: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` is our own text, the end of a sentence after the host; ``said`` is the vendor's, not yet judged.

    ``expires`` is when the vendor lets the credential end, as far as it says so.
    """

    status: Status
    reason: str
    said: str = ""
    expires: datetime | None = None


def verdict(test: ConnectionTest, answer: Answer) -> Verdict:
    """The meaning of an answer: the vendor's known words first, then the status code, then the body."""
    data = _json(answer.body)
    said = _text_at(data, test.said) if test.said else ""
    for known in test.answers:
        if _text_at(data, known.path) in known.one_of:
            return Verdict(known.means, _REASONS[known.means], said)
    if answer.status in test.status:
        return _expected(test, answer, data, said)
    meaning = test.meanings.get(answer.status, _MEANINGS.get(answer.status))
    if meaning is not None:
        return Verdict(meaning, f"{_REASONS[meaning]} (HTTP {answer.status})", said)
    if 300 <= answer.status < 400:
        said = f"Location: {answer.location}" if answer.location else ""
    return Verdict("unreachable", _unexpected(answer), said)


_MEANINGS: dict[int, Status] = {401: "rejected", 403: "accepted, right missing"}

_REASONS: dict[Status, str] = {
    "connected": "accepts the credentials",
    "rejected": "does not accept the credentials; enter them again or make new ones there",
    "accepted, right missing": "accepts the credentials, but they lack a right; grant it there",
    "unreachable": "cannot answer now; try again later",
    "cannot be tested": "gives no answer from which anything follows",
}


def _expected(test: ConnectionTest, answer: Answer, data: Any, said: str) -> Verdict:
    if test.expect and answer.body is None:
        return Verdict("unreachable", "gave an answer that is too large or compressed to be judged")
    if test.expect and data is _NOTHING:
        return Verdict("unreachable", "answered with something other than JSON, perhaps a login or maintenance page")
    for expectation in test.expect:
        if not _met(expectation, data):
            return Verdict(expectation.otherwise, f"{_REASONS[expectation.otherwise]} (HTTP {answer.status})", said)
    text = answer.expires or (_text_at(data, test.expires_path) if test.expires_path else "")
    return Verdict("connected", _REASONS["connected"], expires=expiry_of(text))


def _unexpected(answer: Answer) -> str:
    match answer.status:
        case status if 300 <= status < 400:
            return "redirects to another address, and no credentials are sent after it; check the address"
        case 404 | 410:
            return f"has nothing at the address of the test (HTTP {answer.status}); check the values that form it"
        case 429:
            return "asks for fewer requests (HTTP 429); try again later"
        case status if status >= 500:
            return f"has trouble of its own (HTTP {status}); try again later"
        case status:
            return f"gave an answer that says nothing about the credentials (HTTP {status})"


def _met(expectation: Expectation, data: Any) -> bool:
    value = _at(data, expectation.path)
    match expectation.state:
        case "present":
            return value is not _NOTHING and value is not None
        case "absent":
            return value is _NOTHING or value is None or value in ([], {}, "")
        case "not empty":
            return isinstance(value, list | dict | str) and len(value) > 0
        case None:
            # In Python 1 == True; for a vendor they are different answers.
            return type(value) is type(expectation.equals) and value == expectation.equals


def _json(body: bytes | None) -> Any:
    if body is None:
        return _NOTHING
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return _NOTHING


def _at(data: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        else:
            return _NOTHING
    return data


def _text_at(data: Any, path: str) -> str:
    value = _at(data, path)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
