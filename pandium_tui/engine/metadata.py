"""Metadata: what the state of a successful run becomes for its tenant, when the release has a ``metadata_schema``."""

import json
from typing import Any

from pandium_tui.storage.tables import ReleaseRow

MOST_PROBLEMS = 5
"""How many problems the reason of a run names."""

LONGEST_PROBLEM = 200


def new_metadata(release: ReleaseRow | None, mode: str, state: str | None) -> tuple[dict[str, Any], str]:
    """What a state adds to the metadata of its tenant, and what is wrong with it in a line (empty: nothing).

    What an init run prints are choices of the form, and no metadata (ours). A run that printed no state changes none.
    """
    if release is None or release.metadata_schema is None or mode == "init" or state is None:
        return {}, ""
    try:
        value = json.loads(state)
    except (ValueError, RecursionError):
        return {}, "it is not JSON"
    if not isinstance(value, dict):
        return {}, "it is not a JSON object"
    return value, "; ".join(metadata_problems(release.metadata_schema, value))


def metadata_problems(schema: dict[str, Any], value: dict[str, Any]) -> list[str]:
    """What is wrong with metadata by its schema. Nothing is fetched: a reference to elsewhere makes it unusable."""
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for(schema, offline=True, validate_formats=True)
        errors = list(validator.iter_errors(value))
    except ValueError as error:
        return [f"the metadata_schema of the release cannot be used: {_line(str(error))}"]
    texts = [f"{_place(list(error.instance_path))}: {_line(error.message)}" for error in errors[:MOST_PROBLEMS]]
    return texts + ([f"and {len(errors) - MOST_PROBLEMS} more"] if len(errors) > MOST_PROBLEMS else [])


def _place(path: list[str | int]) -> str:
    return "/".join(map(str, path)) or "the whole"


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_PROBLEM else f"{line[: LONGEST_PROBLEM - 1]}…"
