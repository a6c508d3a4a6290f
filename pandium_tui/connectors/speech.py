"""What may be said about an answer: nothing that repeats a part of a secret, in whatever encoding."""

import base64
import html
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from pandium_tui.text import visible

LONGEST_QUOTE = 160
"""Characters of a foreign text that are shown at most."""

_RUN = 6


class Speech:
    """Holds the secrets of one test and judges texts from outside.

    A text that shares a run of six characters (case aside) with a secret or one of its encodings is withheld as a
    whole. That is stricter than masking, and it also catches a secret that is cut, wrapped or partly starred.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        """Secrets shorter than six characters count where they occur as a whole."""
        self._forms = {form.casefold() for secret in secrets if secret for form in _forms(secret)}

    def add(self, secret: str) -> None:
        """One more secret, made from the others."""
        self._forms |= {form.casefold() for form in _forms(secret)}

    def quotable(self, text: str) -> str | None:
        """The text, cut and harmless for a terminal, or ``None`` when it repeats a part of a secret."""
        head = text[:LONGEST_QUOTE]
        shown = visible(head) + ("…" if len(text) > LONGEST_QUOTE else "")
        return None if self._repeats(head.casefold()) or self._repeats(shown.casefold()) else shown

    def _repeats(self, text: str) -> bool:
        runs = {text[start : start + _RUN] for start in range(max(1, len(text) - _RUN + 1))}
        return any(
            any(run in form for run in runs if len(run) == _RUN) or (len(form) < _RUN and form in text)
            for form in self._forms
        )

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"Speech({len(self._forms)} forms)"


def _forms(secret: str) -> set[str]:
    content = secret.encode("utf-8", "surrogatepass")
    forms = {
        secret,
        secret.strip(),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(secret)[1:-1].replace("/", "\\/"),
        repr(secret)[1:-1],
        quote(content, safe=""),
        quote_plus(content),
        html.escape(secret),
        content.hex(),
    }
    # Inside a longer text base64 has three alignments; the runs at the edges differ, those between them do not.
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            forms.add(encode(b"\0" * shift + content).decode())
    return {form for form in forms if form}
