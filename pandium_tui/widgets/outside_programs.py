"""The person's own pager and editor, as their environment names them."""

import os
import shlex
import shutil
from collections.abc import Mapping


class NoProgramError(Exception):
    """None is set; the message says what to do."""


def editor(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The program of ``$VISUAL`` or ``$EDITOR`` with its arguments.

    Raises:
        NoProgramError: neither is set.
    """
    if command := shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or ""):
        return command
    raise NoProgramError("No editor is set: set VISUAL or EDITOR, such as EDITOR=nano, and start the app again.")


def pager(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The program of ``$PAGER`` with its arguments, else ``less``.

    Raises:
        NoProgramError: none is set and there is no less.
    """
    if command := shlex.split(environment.get("PAGER") or ""):
        return command
    if less := shutil.which("less"):
        return [less]
    raise NoProgramError("No pager is set: set PAGER, such as PAGER=less, and start the app again.")
