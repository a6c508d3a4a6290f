"""What the app remembers of its own looks between starts: pages, tabs, theme, how tables are shown. Never a secret."""

import json
import logging
import os
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

Remembered = str | int | float | bool | list["Remembered"] | dict[str, "Remembered"] | None
"""A value that JSON can hold."""


class ViewMemory:
    """Named values in one small file (0600). A file that cannot be read is an empty one, and is written anew.

    Names have dots, the page first: ``home.filter``, ``integration.7.tab``. Several apps may use one file: each goes on
    with what it has itself, and the file has what was kept last of each name.
    """

    def __init__(self, file: Path) -> None:
        """The memory in this file, read now."""
        self._file = file
        self._values = _values_in(file)

    def recall(self, name: str, kind: type[T]) -> T | None:
        """The value of this name if there is one of this kind; check what is in it, for the file is a person's too."""
        value = self._values.get(name)
        return value if isinstance(value, kind) else None

    def keep(self, name: str, value: Remembered) -> None:
        """Remember a value, None to forget it. It takes a fraction of a millisecond; nothing happens when it is known.

        A file that cannot be written is told in the log only: the app works, it will just not remember.
        """
        if self._values.get(name) == value:
            return
        self._values[name] = value
        kept = {key: one for key, one in {**_values_in(self._file), name: value}.items() if one is not None}
        new = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as text:
                json.dump(kept, text, indent=1, sort_keys=True)
            new.replace(self._file)
        except OSError as error:
            logging.getLogger(__name__).warning("%s cannot be written: %s", self._file, error.strerror)


def _values_in(file: Path) -> dict[str, Remembered]:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
