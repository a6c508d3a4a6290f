"""A value that is entered as itself, or as ``@FILE`` to be read from a file."""

from pathlib import Path

from pandium_tui.hub.errors import InvalidError
from pandium_tui.storage.vault import Secret

LARGEST = 256 * 1024
"""Bytes of a value from outside."""


def entered_value(name: str, text: str) -> Secret:
    """The value of a field: the text, or the content of ``@FILE``; ``@@`` is an @ that the value begins with.

    Raises:
        InvalidError: the file cannot be read, is too large or not text.
    """
    if text.startswith("@@"):
        return Secret(text[1:])
    return Secret(_content(name, text[1:])) if text.startswith("@") else Secret(text)


def _content(name: str, path: str) -> str:
    try:
        file = Path(path).expanduser()
        if not file.is_file():
            raise InvalidError({name: f"there is no file {path} (a value that begins with @ is written with @@)"})
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise InvalidError({name: f"{path} is larger than {LARGEST // 1024} KiB"})
        return content.decode()
    except (OSError, RuntimeError) as error:  # RuntimeError: a user without a home folder
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidError({name: f"{path} cannot be read: {why}"}) from None
    except UnicodeDecodeError:
        raise InvalidError({name: f"{path} is not UTF-8 text"}) from None
