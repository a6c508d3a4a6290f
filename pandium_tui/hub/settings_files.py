"""Settings as files: exported for people to edit, imported again. Secret values never get into one."""

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pandium_tui.hub.configs_file import read_configs_file
from pandium_tui.hub.errors import InvalidError
from pandium_tui.manifest.form.json_values import same, written


def settings_text(values: Mapping[str, Any], *, as_json: bool) -> str:
    """The values as JSON or YAML, to be read back by :func:`settings_from_text`."""
    as_json_text = written(dict(values), indent=2) + "\n"
    if as_json:
        return as_json_text
    import yaml

    text: str = yaml.safe_dump(json.loads(as_json_text), allow_unicode=True, sort_keys=False, width=1000)
    try:
        # A library for YAML 1.1 leaves texts bare that are numbers in 1.2: JSON is YAML too.
        return text if same(settings_from_text(text), dict(values)) else as_json_text
    except InvalidError:
        return as_json_text


def settings_from_text(text: str, field: str = "configs") -> dict[str, Any]:
    """The values of a text that is JSON or YAML.

    Raises:
        InvalidError: for the field, with line and column of each problem.
    """
    from pandium_tui.manifest.yaml_reading import read_yaml

    document = read_yaml(text.encode("utf-8", "replace"))
    if document.problems:
        places = (f"line {one.line}, column {one.column}: {one.message}" for one in document.problems)
        raise InvalidError({field: "; ".join(places)})
    values = {} if document.root is None else document.root.value
    if not isinstance(values, dict):
        raise InvalidError({field: 'must be an object of values, such as {"batch": 50}'})
    return values


def write_settings(values: Mapping[str, Any], file: Path) -> None:
    """Write values into a new file that only its owner can read: JSON when its name ends with that, else YAML.

    Raises:
        InvalidError: for the field ``file``: it exists, or cannot be written.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(settings_text(values, as_json=file.suffix == ".json"))
    except FileExistsError:
        raise InvalidError({"file": f"{file} exists already; name a new file"}) from None
    except OSError as error:
        raise InvalidError({"file": f"{file} cannot be written: {error.strerror}"}) from None


def read_settings(file: Path) -> dict[str, Any]:
    """The values in a JSON or YAML file; ``-`` reads standard input.

    Raises:
        InvalidError: with the place of each problem.
    """
    return read_configs_file(file)


def entries_to_keep(text: str, known: Collection[str], secret: Collection[str]) -> str:
    """What of a text in YAML or JSON may be kept as it was typed: where something is secret, only known plain settings.

    A secret may stand in a comment, or behind a name that is not whole yet. JSON that cannot be read is not kept.
    """
    if not secret:
        return text
    try:
        values = settings_from_text(text)
    except InvalidError:
        return _entries(text, set(known) - set(secret))
    plain = {name: value for name, value in values.items() if name in known and name not in secret}
    if len(plain) == len(values) and "#" not in text:
        return text
    return settings_text(plain, as_json=text.lstrip().startswith("{")) if plain else ""


def _entries(text: str, names: Collection[str]) -> str:
    """The entries at the top of a text in YAML: a line that begins one, and what belongs to it."""
    kept: list[str] = []
    keeps = False
    for line in text.split("\n"):
        if line[:1] not in ("", " ", "-"):
            keeps = line.partition(":")[0].strip("\"' ") in names
        if keeps and "#" not in line:
            kept.append(line)
    return "\n".join(kept)
