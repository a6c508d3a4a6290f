"""Reading the files of the catalogue: the program's own and those of the user."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml

from pandium_tui.connectors.catalogue import Catalogue, CatalogueProblem
from pandium_tui.connectors.consistency import inconsistencies
from pandium_tui.connectors.definitions import Connector
from pandium_tui.connectors.reading import connector_from
from pandium_tui.connectors.shape import connector_problems, file_problems
from pandium_tui.text import shortened, visible

MAX_FILE_BYTES = 256 * 1024
"""The largest file of the user that is read, in bytes."""

MAX_MESSAGE = 200
"""At most this many characters of a message: it may quote the file."""

# The C parser is twenty times as fast; PyYAML may be built without it.
_FAST_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def built_in() -> Catalogue:
    """The program's own catalogue."""
    file = "catalogue.yaml"
    reading = CatalogueReading(own=False)
    text = resources.files("pandium_tui.connectors").joinpath(file).read_text(encoding="utf-8")
    reading.read_data(file, yaml.load(text, Loader=_FAST_LOADER))  # noqa: S506 - a safe loader
    return Catalogue(reading.connectors, tuple(reading.problems))


def user_files(folder: Path, reading: "CatalogueReading") -> list[Path]:
    """The files of a folder that may be missing; one that cannot be read is a problem of the reading."""
    try:
        return sorted(file for file in folder.iterdir() if file.suffix in (".yaml", ".yml"))
    except FileNotFoundError:
        return []
    except OSError as error:
        reading.report(str(folder), "", f"cannot be read: {error.strerror}")
        return []


@dataclass(slots=True)
class CatalogueReading:
    """What was read so far, and what was wrong with it. ``own``: whether a user defined it."""

    own: bool
    connectors: dict[str, Connector] = field(default_factory=dict)
    file_of: dict[str, str] = field(default_factory=dict)
    problems: list[CatalogueProblem] = field(default_factory=list)

    def report(self, file: str, place: str, message: str, severity: Literal["error", "warning"] = "error") -> None:
        """Note a problem."""
        shown = shortened(visible(message), MAX_MESSAGE)
        self.problems.append(CatalogueProblem(visible(file), visible(place), shown, severity))

    def read_file(self, path: Path) -> None:
        """Read a file of the user."""
        file = str(path)
        try:
            if not path.is_file():
                self.report(file, "", "is not a file")
                return
            with path.open("rb") as stream:
                content = stream.read(MAX_FILE_BYTES + 1)
            if len(content) > MAX_FILE_BYTES:
                self.report(file, "", f"is larger than {MAX_FILE_BYTES // 1024} KiB")
                return
            data = yaml.load(content.decode(), Loader=_UserLoader)  # noqa: S506 - a safe loader
        except OSError as error:
            self.report(file, "", f"cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            self.report(file, "", "is not UTF-8; save it as UTF-8")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
            self.report(file, place, error.problem or "is not valid YAML")
        except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
            self.report(file, "", f"is not valid YAML ({type(error).__name__})")
        else:
            self.read_data(file, data)

    def read_data(self, file: str, data: Any) -> None:
        """Take the connectors of a file that was read."""
        try:
            problems = list(file_problems(data))
        except ValueError:
            problems = [("", "holds something other than texts, numbers, lists and mappings")]
        for place, message in problems:
            self.report(file, place, message)
        if problems:
            return
        for index, entry in enumerate(data["connectors"]):
            name = f" ({entry['id']})" if isinstance(entry, dict) and isinstance(entry.get("id"), str) else ""
            self._read_connector(file, f"connectors[{index}]{name}", entry)

    def _read_connector(self, file: str, place: str, entry: Any) -> None:
        problems = list(connector_problems(entry))
        connector = None
        if not problems:
            connector = connector_from(entry, own=self.own)
            problems = list(inconsistencies(connector))
            if connector.id in self.connectors:
                problems.append(("id", f'"{connector.id}" is defined before, in {self.file_of[connector.id]}'))
        for inner, message in problems:
            self.report(file, f"{place}.{inner}" if inner else place, message)
        if connector is not None and not problems:
            self.connectors[connector.id] = connector
            self.file_of[connector.id] = file


class _UserLoader(yaml.SafeLoader):
    """Refuses what a definition never needs and what would be read in another way than it looks."""

    # Dates would be no texts.
    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        for problem, mark in _key_problems(node):
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
        return super().construct_mapping(node, deep)


def _key_problems(node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Mark]]:
    seen = set()
    for key, _ in node.value:
        if key.tag != "tag:yaml.org,2002:str":
            yield "a key must be a text; put it in quotes", key.start_mark
        elif key.value in seen:
            yield f'"{key.value}" is written twice', key.start_mark
        else:
            seen.add(key.value)
