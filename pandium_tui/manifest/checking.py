"""Checks of the shape of a document: each says what is wrong with a node, and gives back the node if all is well."""

import difflib
from collections.abc import Collection
from itertools import islice
from typing import Literal

from pandium_tui.manifest.problem import MAX_PROBLEMS, Problem, quoted
from pandium_tui.manifest.yaml_reading import UNREADABLE, Node


class Checker:
    """Collects problems. A node that already has a problem from reading is not judged again."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def report(
        self, severity: Literal["error", "warning"], message: str, node: Node | None, *, at_key: bool = False
    ) -> None:
        """Add a problem at the place of the value, or of its key; without a node at the start of the document."""
        if node is None:
            line, column, path = 1, 1, ""
        elif at_key:
            line, column, path = node.key_line, node.key_column, node.pointer
        else:
            line, column, path = node.line, node.column, node.pointer
        self.problems.append(Problem(severity, message, line, column, path))

    def text(self, parent: Node, key: str, advice: str) -> Node | None:
        """The child with a text that is not blank; it must be there."""
        node = parent.children.get(key)
        if node is None:
            self.report("error", f"{key} is missing; {advice}", parent)
        elif node.value is None or (isinstance(node.value, str) and not node.value.strip()):
            self.report("error", f"{key} is empty; {advice}", node, at_key=True)
        elif isinstance(node.value, str):
            return node
        elif node.value is not UNREADABLE:
            repair = "put it in quotes" if node.text else advice
            self.report("error", f"{key} must be a text, not {described(node)}; {repair}", node)
        return None

    def mapping(self, parent: Node, key: str | int, *, may_be_empty: bool = True) -> Node | None:
        """The child if it is a mapping; ``None`` when it is missing, empty, or wrong."""
        node = parent.children.get(key)
        if node is None or node.value is UNREADABLE or (node.value is None and may_be_empty):
            return None
        if isinstance(node.value, dict):
            return node
        message = f"{quoted(str(key))} must be a mapping of keys to values, not {described(node)}"
        self.report("error", message, node, at_key=node.value is None)
        return None

    def texts(self, parent: Node, key: str, each: str) -> list[Node]:
        """The children of a list of texts; ``each`` names what one of them is. A missing or empty list is fine."""
        node = parent.children.get(key)
        if node is None or node.value is None or node.value is UNREADABLE:
            return []
        if not isinstance(node.value, list):
            self.report("error", f"{key} must be a list, each {each} after a dash, not {described(node)}", node)
            return []
        found: list[Node] = []
        for item in node.children.values():
            if isinstance(item.value, str) and item.value.strip():
                found.append(item)
            elif item.value is not UNREADABLE:
                self.report("error", f"each of {key} must be {each}, not {described(item)}", item)
        return found

    def unknown_keys(self, node: Node, known: Collection[str]) -> None:
        """Warn about keys that mean nothing, with the key that may have been meant."""
        unknown = (child for child in node.children.values() if child.step not in known)
        for child in islice(unknown, MAX_PROBLEMS + 1):  # one more than is shown, so that a list that is cut says so
            name = str(child.step)
            # Comparing is quadratic in the length of the name.
            close = difflib.get_close_matches(name.lower()[:20], known, n=1)
            meant = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
            self.report("warning", f"key {quoted(name)} is not known and is ignored; {meant}", child, at_key=True)


def described(node: Node) -> str:
    """What a value is, in words for a message."""
    match node.value:
        case None:
            return "empty"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case bool():
            return f"the boolean {node.text}"
        case int() | float():
            return f"the number {quoted(node.text)[1:-1]}"
        case _:
            return f"the text {quoted(node.text)}" if node.text else "an empty text"
