"""All connectors an integration can have: those of the program and those that the user defined."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pandium_tui.connectors.definitions import Connector


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
    # Imported here: most commands name connectors and never read the catalogue.
    from pandium_tui.connectors.catalogue_files import CatalogueReading, built_in, user_files

    own = built_in()
    if user_folder is None:
        return own
    reading = CatalogueReading(own=True)
    for file in user_files(user_folder, reading):
        reading.read_file(file)
    for connector_id in reading.connectors.keys() & own.connectors.keys():
        message = f'"{connector_id}" replaces the connector of the same id in the catalogue of this program'
        reading.report(reading.file_of[connector_id], connector_id, message, "warning")
    return Catalogue({**own.connectors, **reading.connectors}, tuple(reading.problems))
