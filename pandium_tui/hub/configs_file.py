"""Configs of a tenant from a file."""

import sys
from pathlib import Path
from typing import Any

from pandium_tui.hub.errors import InvalidError


def read_configs_file(file: Path) -> dict[str, Any]:
    """The object of values in a JSON or YAML file; ``-`` reads standard input.

    Raises:
        InvalidError: for the field ``configs``, with the place of each problem.
    """
    from pandium_tui.manifest.yaml_reading import read_yaml

    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InvalidError({"configs": f"{file} cannot be read: {error.strerror}"}) from error
    document = read_yaml(content)
    if document.problems:
        places = (f"{file}:{one.line}:{one.column}: {one.message}" for one in document.problems)
        raise InvalidError({"configs": "; ".join(places)})
    values = None if document.root is None else document.root.value
    if not isinstance(values, dict):
        raise InvalidError({"configs": f'{file} must hold an object of values, such as {{"batch": 50}}'})
    return values
