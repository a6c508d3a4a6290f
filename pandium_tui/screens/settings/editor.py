"""Editing a text in the person's own editor."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pandium_tui.widgets.outside_programs import NoProgramError, editor


class EditorError(Exception):
    """The editor could not be used; the text is as it was."""


def edit_text(text: str, suffix: str, environment: Mapping[str, str] = os.environ) -> str:
    """What the person made of a text in ``$VISUAL`` or ``$EDITOR``; returns when the editor has ended.

    The file is readable by its owner alone, in a folder of its own, and gone afterwards whatever happens.

    Raises:
        EditorError: there is none, it cannot be started, or it failed.
    """
    try:
        command = editor(environment)
    except NoProgramError as error:
        raise EditorError(str(error)) from None
    folder = Path(tempfile.mkdtemp(prefix="pandium-tui-"))  # made with mode 0700
    try:
        file = folder / f"settings{suffix}"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
        status = subprocess.call([*command, str(file)])
        if status != 0:
            raise EditorError(f"{command[0]} ended with status {status}; nothing was changed.")
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise EditorError(f"The text could not be edited with {command[0]}: {error}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
