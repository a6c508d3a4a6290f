"""Files that people name: read up to a limit, and told about when they cannot be."""

import stat
import sys
from pathlib import Path

from pandium_tui.hub.errors import InvalidError


def read_outside_file(file: Path, field: str, limit: int) -> bytes:
    """The content of a file; ``-`` is standard input.

    Args:
        file: what the person named.
        field: what it is for, for the message.
        limit: bytes.

    Raises:
        InvalidError: it cannot be read, is no regular file, or is larger than the limit.
    """
    try:
        if str(file) == "-":
            content = sys.stdin.buffer.read(limit + 1)
        else:
            if not stat.S_ISREG(file.stat().st_mode):
                raise InvalidError({field: f"{file} is not a file"})
            with file.open("rb") as stream:
                content = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidError({field: f"{file} cannot be read: {why}"}) from error
    if len(content) > limit:
        raise InvalidError({field: f"{file} is larger than {limit // 1024} KiB"})
    return content
