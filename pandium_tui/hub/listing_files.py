"""Listings as YAML files, to keep beside the code or to carry to another installation."""

import sys
from pathlib import Path
from typing import Any

from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.listing_checks import field_problems, located
from pandium_tui.hub.listing_content import ListingContent, changed_content, parsed_values, plain_values


def listing_yaml(content: ListingContent) -> str:
    """The listing as YAML, fields in the order of the form, empty ones left out."""
    import yaml

    class Writer(yaml.SafeDumper):
        """Texts of several lines as blocks, all others quoted: no reader can take them for something else."""

    def text(writer: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if "\n" in value else "'"
        return writer.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    def mapping(writer: yaml.SafeDumper, value: dict[str, Any]) -> yaml.MappingNode:
        pairs = [
            (writer.represent_scalar("tag:yaml.org,2002:str", key), writer.represent_data(one))
            for key, one in value.items()
        ]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False)

    Writer.add_representer(str, text)
    Writer.add_representer(dict, mapping)
    return yaml.dump(plain_values(content), Dumper=Writer, allow_unicode=True, sort_keys=False, width=10_000)


def write_listing(content: ListingContent, file: Path) -> None:
    """Write the listing to a new file.

    Raises:
        RefusedError: the file exists or cannot be written.
    """
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(listing_yaml(content))
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}. Nothing was exported.") from error


def read_listing(file: Path) -> dict[str, Any]:
    """The fields that a YAML file gives; ``-`` reads standard input.

    Image files are meant relative to the file, from standard input relative to the current folder.

    Raises:
        InvalidError: with the line and column of each problem, by field.
    """
    from pandium_tui.manifest.yaml_reading import read_yaml

    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InvalidError({"file": f"{file} cannot be read: {error.strerror}"}) from error
    document = read_yaml(content)
    if document.problems:
        places = (f"{file}:{one.line}:{one.column}: {one.message}" for one in document.problems)
        raise InvalidError({"file": "; ".join(places)})
    if document.root is None or not isinstance(document.root.value, dict):
        raise InvalidError({"file": f"{file} must hold fields of a listing, such as display_name: CRM Sync"})
    changes, problems = parsed_values(document.root.value)
    folder = Path.cwd() if str(file) == "-" else file.absolute().parent
    given = located(changed_content(ListingContent(), changes), folder)
    problems |= field_problems(given)
    if problems:
        raise InvalidError({name: f"{_place(document, file, name)}{problem}" for name, problem in problems.items()})
    return {name: getattr(given, name) for name in changes}


def _place(document: Any, file: Path, name: str) -> str:
    node = document.root.children.get(name)
    return f"{file}:{node.key_line}:{node.key_column}: " if node else ""
