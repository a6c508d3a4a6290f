"""All connectors an integration can have: those of the program and those that the user defined."""

import difflib
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml

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


@dataclass(frozen=True, slots=True)
class CatalogueProblem:
    """Something wrong in a file. ``place`` is the key, such as ``connectors[0] (crm).methods[1].test.url``.

    With an ``error`` that connector (or, without a place, the whole file) is left out; all others are there.
    """

    file: str
    place: str
    message: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.file}: {self.place}: {self.message}" if self.place else f"{self.file}: {self.message}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The connectors by id, and what was wrong in the files of the user."""

    connectors: Mapping[str, Connector]
    problems: tuple[CatalogueProblem, ...] = ()

    def find(self, connector_id: str) -> Connector | None:
        """The connector of exactly this id."""
        return self.connectors.get(connector_id)

    def near(self, connector_id: str) -> tuple[str, ...]:
        """Up to three ids that somebody who wrote this one may have meant, best first.

        Pandium's own ids name the method too (``hubspot-oauth``): the connector whose id begins it comes before those
        that only look similar.
        """
        wanted = connector_id.lower()
        beginnings = [known for known in self.connectors if re.match(rf"{re.escape(known)}[-_]", wanted)]
        beginnings.sort(key=len, reverse=True)
        misspelt = difflib.get_close_matches(wanted, self.connectors, n=1, cutoff=0.9)
        similar = difflib.get_close_matches(wanted, self.connectors, n=3, cutoff=0.6)
        return tuple(dict.fromkeys([*misspelt, *beginnings, *similar]))[:3]


def catalogue(user_folder: Path | None = None) -> Catalogue:
    """The catalogue of the program, and the ``*.yaml`` files of a folder, which may be missing.

    The files are read anew each time, so a correction counts at once. A connector of the user with the id of one of
    the program replaces it, with a warning: an update of the program must never change what an integration receives.
    Never raises for what is in the files: see :attr:`Catalogue.problems`.
    """
    built_in = _built_in()
    if user_folder is None:
        return built_in
    reading = _Reading(own=True)
    for file in _user_files(user_folder, reading):
        reading.read_file(file)
    for connector_id in reading.connectors.keys() & built_in.connectors.keys():
        message = f'"{connector_id}" replaces the connector of the same id in the catalogue of this program'
        reading.report(reading.file_of[connector_id], connector_id, message, "warning")
    return Catalogue({**built_in.connectors, **reading.connectors}, tuple(reading.problems))


@cache
def _built_in() -> Catalogue:
    file = "catalogue.yaml"
    reading = _Reading(own=False)
    text = resources.files("pandium_tui.connectors").joinpath(file).read_text(encoding="utf-8")
    reading.read_data(file, yaml.load(text, Loader=_FAST_LOADER))  # noqa: S506 - a safe loader
    return Catalogue(reading.connectors, tuple(reading.problems))


def _user_files(folder: Path, reading: "_Reading") -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if file.suffix in (".yaml", ".yml"))
    except FileNotFoundError:
        return []
    except OSError as error:
        reading.report(str(folder), "", f"cannot be read: {error.strerror}")
        return []


@dataclass(slots=True)
class _Reading:
    own: bool
    connectors: dict[str, Connector] = field(default_factory=dict)
    file_of: dict[str, str] = field(default_factory=dict)
    problems: list[CatalogueProblem] = field(default_factory=list)

    def report(self, file: str, place: str, message: str, severity: Literal["error", "warning"] = "error") -> None:
        shown = shortened(visible(message), MAX_MESSAGE)
        self.problems.append(CatalogueProblem(visible(file), visible(place), shown, severity))

    def read_file(self, path: Path) -> None:
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
