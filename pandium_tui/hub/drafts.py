"""What was typed into forms and not saved yet, kept over a dropped line and the end of the app. Never a secret."""

import hashlib
import json
import logging
import os
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pandium_tui.storage.times import from_text, to_text, utc_now

KEPT_FOR = timedelta(days=90)
"""After which a draft that nobody came back to is removed."""
_PASSWORD_IN_ADDRESS = re.compile(r"https?://[^/\s\"]*@|://[^/\s\"@]*:[^/\s\"@]*@")


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed into a form.

    Attributes:
        values: what stands in the fields that were changed, by their names; values of JSON.
        stored: a fingerprint of what was stored of each of them when the draft began.
        left_out: the labels of fields that were changed and hold secrets, which are not kept.
        kept: when it was kept last (UTC).
    """

    values: dict[str, Any]
    stored: dict[str, str]
    left_out: tuple[str, ...]
    kept: datetime

    def changed_since(self, stored: Mapping[str, Any]) -> list[str]:
        """The names of its fields of which something else is stored now than when it began."""
        return [name for name in self.values if self.stored.get(name) != fingerprint(stored.get(name))]


class Drafts:
    """Drafts by the names of their forms, a file each (0600) in a folder of their own (0700).

    What is noted is written by ``write``, which may be called from any thread, also while the app is being left.
    Several apps may use one folder: what was written last counts.
    """

    def __init__(self, folder: Path) -> None:
        """The drafts in a folder; it is made when there is one to keep."""
        self._folder = folder
        self._noted: dict[str, Draft] = {}
        self._lock = threading.Lock()

    def find(self, name: str) -> Draft | None:
        """The draft of this form if there is one; a file that cannot be read is none."""
        with self._lock:
            if name in self._noted:
                return self._noted[name]
        try:
            found = json.loads(self._file(name).read_text(encoding="utf-8"))
            values, stored = dict(found["values"]), dict(found["stored"])
            left_out = tuple(str(label) for label in found["left_out"])
            kept = from_text(found["kept"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return None if kept is None else Draft(values, stored, left_out, kept)

    def note(
        self, name: str, values: Mapping[str, Any], stored: Mapping[str, Any], left_out: Sequence[str] = ()
    ) -> None:
        """Remember what was typed; ``write`` keeps it. An address with a password in it is left out.

        Args:
            name: of the form: words with dots and hyphens.
            values: what stands in the changed fields now; never a secret.
            stored: what was stored of these fields when the person began.
            left_out: labels of changed fields that hold secrets.
        """
        hidden = [field for field, value in values.items() if _PASSWORD_IN_ADDRESS.search(_as_json(value))]
        kept = {field: value for field, value in values.items() if field not in hidden}
        draft = Draft(kept, {field: fingerprint(stored.get(field)) for field in kept}, (*left_out, *hidden), utc_now())
        with self._lock:
            self._noted[name] = draft

    def write(self) -> None:
        """Write what was noted since the last time. A file that cannot be written is told in the log only."""
        with self._lock:
            noted, self._noted = self._noted, {}
            try:
                for name, draft in noted.items():
                    self._write(name, draft)
            except OSError as error:
                logging.getLogger(__name__).warning("%s cannot be written: %s", self._folder, error.strerror)

    def drop(self, name: str) -> None:
        """Forget the draft of a form, which was saved or discarded."""
        with self._lock:
            self._noted.pop(name, None)
            try:
                self._file(name).unlink(missing_ok=True)
            except OSError as error:
                logging.getLogger(__name__).warning("%s cannot be removed: %s", self._file(name), error.strerror)

    def _write(self, name: str, draft: Draft) -> None:
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700, exist_ok=True)
        self._remove_old()
        content = {
            "values": draft.values,
            "stored": draft.stored,
            "left_out": draft.left_out,
            "kept": to_text(draft.kept),
        }
        file = self._file(name)
        new = file.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as text:
            text.write(_as_json(content))
        new.replace(file)

    def _remove_old(self) -> None:
        before = (utc_now() - KEPT_FOR).timestamp()
        for file in self._folder.iterdir():
            if file.stat().st_mtime < before:
                file.unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / f"{quote(name, safe='')}.json"


def fingerprint(value: Any) -> str:
    """What tells a value from another one without holding it."""
    return hashlib.sha256(_as_json(value).encode()).hexdigest()[:16]


def _as_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
