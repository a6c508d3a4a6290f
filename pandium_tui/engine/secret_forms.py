"""The forms in which a secret may turn up in what a run prints (Jenkins, GitHub and Buildkite mask subsets of these).

Cannot be caught: encryption, compression, reversal, a value split by separators, base64 wrapped in the middle.
Redaction protects from accidents, not from an integration that wants to print a secret.
"""

import base64
import html
import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import quote, quote_plus, unquote, urlsplit

from pandium_tui.connectors.checks import can_be_masked


def needles(values: Iterable[str]) -> frozenset[bytes]:
    """Every form of every maskable value."""
    forms: set[bytes] = set()
    for value in values:
        for part in _parts(value):
            raw = part.encode("utf-8", "surrogatepass")
            forms.update(_plain_forms(part))
            forms.update((raw.hex().encode(), raw.hex().upper().encode(), *_base64_forms(raw)))
    return frozenset(forms)


def secrets_in_urls(variables: Mapping[str, str]) -> list[str]:
    """Passwords inside addresses, such as those of a proxy that a build or run is told of."""
    found = []
    for value in variables.values():
        try:
            password = urlsplit(value).password if "@" in value else None
        except ValueError:  # not an address
            continue
        found += [password, unquote(password)] if password else []
    return found


def _parts(value: str) -> Iterator[str]:
    """The value, its lines, and the texts inside it when it is JSON."""
    found = [value, value.strip(), *(line.strip() for line in value.splitlines())]
    found += [value.replace("\r\n", "\n"), value.replace("\n", "\r\n"), " ".join(value.split())]
    with suppress(ValueError, RecursionError):  # not JSON: nothing inside it to look for
        found += _texts(json.loads(value))
    yield from {part for part in found if can_be_masked(part)}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield from value.splitlines()
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _plain_forms(value: str) -> Iterator[bytes]:
    as_json = json.dumps(value)[1:-1]
    forms = {
        value,
        value.replace("\n", "\\n"),
        as_json,
        json.dumps(value, ensure_ascii=False)[1:-1],
        as_json.replace("/", "\\/"),
        json.dumps(as_json)[1:-1],
        repr(value)[1:-1],
        html.escape(value),
        html.escape(value, quote=False),
        shlex.quote(value),
        value.replace("'", "'\\''"),
        value.replace("'", "'\"'\"'"),
    }
    for percent in (quote(value, safe=""), quote(value), quote_plus(value)):
        forms.update((percent, _lower_percent(percent)))
    for form in forms:
        yield form.encode("utf-8", "surrogatepass")


def _lower_percent(text: str) -> str:
    head, *rest = text.split("%")
    return "%".join([head, *(part[:2].lower() + part[2:] for part in rest)])


def _base64_forms(raw: bytes) -> Iterator[bytes]:
    """What base64 of any text around the secret must contain: three alignments without the edges that depend on it."""
    for shift, skip in ((0, 0), (1, 2), (2, 3)):
        whole = base64.b64encode(b"\0" * shift + raw + b"\0\0")
        sure = whole[skip : (shift + len(raw)) * 8 // 6]
        yield sure
        yield sure.translate(bytes.maketrans(b"+/", b"-_"))
