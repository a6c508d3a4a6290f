"""Objects of values of a tenant from a file: its configs, its metadata."""

from pathlib import Path
from typing import Any

from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.outside_file import read_outside_file

LARGEST = 256 * 1024
"""Bytes of a file of configs."""


def read_configs_file(file: Path, field: str = "configs") -> dict[str, Any]:
    """The object of values in a JSON or YAML file; ``-`` reads standard input.

    Raises:
        InvalidError: for the field, with the place of each problem.
    """
    from pandium_tui.manifest.yaml_reading import read_yaml

    document = read_yaml(read_outside_file(file, field, LARGEST))
    if document.problems:
        places = (f"{file}:{one.line}:{one.column}: {one.message}" for one in document.problems)
        raise InvalidError({field: "; ".join(places)})
    values = None if document.root is None else document.root.value
    if not isinstance(values, dict):
        raise InvalidError({field: f'{file} must hold an object of values, such as {{"batch": 50}}'})
    return values
