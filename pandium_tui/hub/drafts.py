"""What was typed into forms and not saved yet, kept over a dropped line and the end of the app. Never a secret."""

import contextlib
import hashlib
import json
import logging
import os
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pandium_tui.storage.times import from_text, to_text, utc_now

if TYPE_CHECKING:
    from pandium_tui.engine.processes import ProcessIdentity

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
        open_in: the process id of another app that is open and has it; None for this one's own.
    """

    values: dict[str, Any]
    stored: dict[str, str]
    left_out: tuple[str, ...]
    kept: datetime
    open_in: int | None = None

    def changed_since(self, stored: Mapping[str, Any]) -> list[str]:
        """The names of its fields of which something else is stored now than when it began."""
        return [name for name in self.values if self.stored.get(name) != fingerprint(stored.get(name))]


class Drafts:
    """Drafts by the names of their forms, a file each (0600) in a folder of their own (0700).

    What is noted is written by ``write``, which may be called from any thread, also while the app is being left.
    Several apps may use one folder: a draft belongs to the process it was typed into, and to whichever finds it first
    when that one has ended. Nobody writes over or removes the draft of a process that lives.
    """

    def __init__(self, folder: Path, process: "ProcessIdentity | None" = None) -> None:
        """The drafts in a folder, which is made when there is one to keep; of this process when none is given."""
        self._folder = folder
        self._given_process = process
        self._noted: dict[str, Draft] = {}
        self._lock = threading.Lock()

    def find(self, name: str) -> Draft | None:
        """The draft of this form; a file that cannot be read is none.

        It is this app's own, or the newest of those that ended apps left, which is its own from now on. Without them
        it is the newest of another app that is open (``open_in``).
        """
        from pandium_tui.engine.processes import is_alive

        with self._lock:
            if name in self._noted:
                return self._noted[name]
            own = self._file(name)
            if draft := _read(own):
                return draft
            open_elsewhere: list[tuple[Path, int]] = []
            for file in self._newest_first(name):
                process = _process_of(file)
                if process is not None and is_alive(process):
                    open_elsewhere.append((file, process.pid))
                elif _moved(file, own) and (draft := _read(own)):
                    return draft
        found = ((_read(file), pid) for file, pid in open_elsewhere)
        return next((replace(draft, open_in=pid) for draft, pid in found if draft is not None), None)

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
        """Forget this app's draft of a form, which was saved or discarded."""
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
            with contextlib.suppress(FileNotFoundError):
                if file.stat().st_mtime < before:
                    file.unlink()

    def _file(self, name: str) -> Path:
        return self._folder / f"{quote(name, safe='')}@{self._owner}.json"

    def _newest_first(self, name: str) -> list[Path]:
        """Files may be taken over by another app meanwhile."""
        ages: dict[Path, float] = {}
        for file in self._folder.glob(f"{quote(name, safe='')}@*.json"):
            with contextlib.suppress(FileNotFoundError):
                ages[file] = file.stat().st_mtime
        return sorted(ages, key=ages.__getitem__, reverse=True)

    @cached_property
    def _owner(self) -> str:
        """The process that its drafts belong to, as their files are named after it."""
        from pandium_tui.engine.processes import own_identity

        process = self._given_process or own_identity()
        return f"{process.pid}.{process.start_ticks}.{process.boot_id}"


def _process_of(file: Path) -> "ProcessIdentity | None":
    from pandium_tui.engine.processes import ProcessIdentity

    pid, _, rest = file.name.removesuffix(".json").rpartition("@")[2].partition(".")
    ticks, _, boot = rest.partition(".")
    return ProcessIdentity(int(pid), int(ticks), boot) if pid.isdecimal() and ticks.isdecimal() else None


def _moved(file: Path, to: Path) -> bool:
    """Take over a draft, unless another app was quicker."""
    try:
        file.rename(to)
    except OSError:
        return False
    return True


def _read(file: Path) -> Draft | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        values, stored = dict(found["values"]), dict(found["stored"])
        left_out = tuple(str(label) for label in found["left_out"])
        kept = from_text(found["kept"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return None if kept is None else Draft(values, stored, left_out, kept)


def fingerprint(value: Any) -> str:
    """What tells a value from another one without holding it."""
    return hashlib.sha256(_as_json(value).encode()).hexdigest()[:16]


def _as_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
