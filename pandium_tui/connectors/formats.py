"""What the text of a field must look like, per format; the messages never repeat the value."""

import json
import re
from urllib.parse import urlsplit

from pandium_tui.connectors.definitions import Format

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST_LABEL = re.compile(_LABEL)
HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
"""RFC 9110, 5.1: a field name is a token."""

# They decide where a request goes or how its answer is read.
_RESERVED_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "upgrade", "te", "trailer"}
)


def format_problem(wanted: Format, value: str) -> str | None:
    """What is wrong with a value, as the end of a sentence that begins with the label of its field."""
    match wanted:
        case "text":
            return None
        case "url":
            return url_problem(value)
        case "host":
            fits = HOST.fullmatch(value) is not None and len(value) <= 253
            return None if fits else "must be a host name such as example.com, without https:// and without a path"
        case "host label":
            fits = HOST_LABEL.fullmatch(value) is not None
            return None if fits else "must be one name of letters, digits and hyphens, not a whole address"
        case "path":
            fits = re.fullmatch(r"/[\x21-\x7e]*", value) is not None and not re.search(r"[?#\\{}]|\.\.", value)
            return None if fits else "must be a path that begins with / and has no ?, # or .. in it"
        case "number":
            fits = re.fullmatch(r"[0-9]{1,9}", value) is not None
            return None if fits else "must be a whole number"
        case "header name":
            return header_name_problem(value)
        case "private key":
            return _private_key_problem(value)
        case "service account":
            return _service_account_problem(value)


def url_problem(value: str, schemes: tuple[str, ...] = ("https",)) -> str | None:
    """Why this cannot be the address of a service: it must be https, a host, perhaps a port and a path."""
    if re.search(r"[^\x21-\x7e]|[\\{}]", value):
        return "must not contain spaces, braces or characters outside ASCII"
    try:
        parts = urlsplit(value)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return "is not a valid address; write it like https://example.com"
    if parts.scheme.lower() not in schemes:
        return "must begin with https://"
    if "@" in parts.netloc:
        return "must not contain a user name or password; they have fields of their own"
    if "?" in value or "#" in value:
        return "must not have a query (?) or a fragment (#); credentials there end up in logs"
    if not (HOST.fullmatch(host) or re.fullmatch(r"[0-9a-f:.]+", host)) or port == 0:
        return "is not a valid address; write it like https://example.com"
    return None


def header_name_problem(value: str) -> str | None:
    """Why a request cannot carry a header of this name."""
    if not HEADER_NAME.fullmatch(value):
        return "must be the name of an HTTP header, such as X-Api-Key"
    if value.lower() in _RESERVED_HEADERS:
        return "must not be a header that belongs to HTTP itself"
    return None


def _private_key_problem(value: str) -> str | None:
    if not re.match(r"\s*-----BEGIN [A-Z0-9 ]+-----", value) or not re.search(r"-----END [A-Z0-9 ]+-----\s*\Z", value):
        return "must be a key in PEM: from -----BEGIN … KEY----- to -----END … KEY-----"
    if "PRIVATE KEY-----" not in value:
        return "holds no private key; give the file that says PRIVATE KEY, not the public one or the certificate"
    if "\n" not in value.strip():
        return "has lost its line breaks; read it from the file instead of pasting it"
    return None


def _service_account_problem(value: str) -> str | None:
    try:
        account = json.loads(value)
    except json.JSONDecodeError as error:
        return f"is not valid JSON (line {error.lineno}, column {error.colno}: {error.msg})"
    except RecursionError:
        return "is not the JSON of a service account: it is nested too deeply"
    if not isinstance(account, dict) or account.get("type") != "service_account":
        return 'is not the JSON of a service account: it must be an object with "type": "service_account"'
    for name in ("client_email", "private_key", "token_uri"):
        if not isinstance(account.get(name), str) or not account[name]:
            return f'is not the JSON of a service account: "{name}" is missing'
    if problem := _private_key_problem(account["private_key"]):
        return f'has a "private_key" that {problem}'
    if not account["token_uri"].startswith("https://"):
        return 'has a "token_uri" that does not begin with https://'
    return None
