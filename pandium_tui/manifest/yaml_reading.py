"""YAML as a manifest may use it: a strict part of YAML 1.2, every key and value with its place, all problems at once.

Built on PyYAML's stream of events, which uses no recursion and no memory beyond the text: what must not be in a
manifest (aliases, merge keys, tags, doubled keys, endless nesting) is refused before it can grow.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from pandium_tui.manifest.problem import MAX_PROBLEMS, Problem, pointer_token, quoted
from pandium_tui.manifest.yaml_scalars import ScalarError, plain_value
from pandium_tui.manifest.yaml_syntax import explain
from pandium_tui.text import visible

MAX_BYTES = 256 * 1024
MAX_DEPTH = 64
MAX_NODES = 50_000

# The C parser is twenty times as fast; PyYAML may be built without it.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_LINE_BREAK = re.compile("\r\n|\r|\n")
# C0 and C1, line breaks that only YAML 1.1 knows, a byte order mark inside the text, non-characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TAG_DIRECTIVE = re.compile("(?:\\A|[\r\n])%TAG")

_OWN_TAG = {
    yaml.ScalarEvent: "tag:yaml.org,2002:str",
    yaml.MappingStartEvent: "tag:yaml.org,2002:map",
    yaml.SequenceStartEvent: "tag:yaml.org,2002:seq",
}


class Unreadable:
    """The value of a node with a problem of its own: it is there, but no check should judge it."""


UNREADABLE: Final = Unreadable()


@dataclass(slots=True, eq=False)
class Node:
    """A value of the document. Lines and columns count from 1.

    ``value`` is plain data (texts, numbers, booleans, ``None``, lists, dictionaries with texts as keys) or
    :data:`UNREADABLE`; ``text`` is how a scalar is written; ``children`` are the nodes in a mapping or a list, ``step``
    the key or index of this node in its parent; ``key_line`` and ``key_column`` are the place of the key, in a list
    and at the top that of the value.
    """

    value: Any
    line: int
    column: int
    key_line: int
    key_column: int
    text: str = ""
    parent: "Node | None" = field(default=None, repr=False)
    step: str | int = ""
    children: dict[str | int, "Node"] = field(default_factory=dict)

    @property
    def pointer(self) -> str:
        """The JSON pointer of this node. Built when asked for: all of them together can need gigabytes."""
        steps: list[str] = []
        node = self
        while node.parent is not None:
            steps.append(pointer_token(node.step))
            node = node.parent
        return "".join(reversed(steps))


@dataclass(frozen=True, slots=True)
class Document:
    """What could be read. ``root`` is ``None`` when a problem stopped the reading before the end."""

    root: Node | None
    problems: tuple[Problem, ...]

    def find(self, pointer: str) -> Node | None:
        """The node at a JSON pointer, or ``None``."""
        node = self.root
        for token in pointer.split("/")[1:]:
            if node is None:
                return None
            name = token.replace("~1", "/").replace("~0", "~")
            node = node.children.get(int(name) if isinstance(node.value, list) and name.isdecimal() else name)
        return node


def read_yaml(content: bytes, loader: Any = _LOADER) -> Document:
    """Read one document of at most 256 KiB of UTF-8. Never raises: everything that is wrong is in the problems."""
    reader = _Reader()
    try:
        reader.read(reader.decode(content), loader)
    except _ReadingStopped:
        return Document(None, tuple(reader.problems))
    return Document(reader.root, tuple(reader.problems))


class _ReadingStopped(Exception):  # noqa: N818 - it ends the reading and never leaves this module
    pass


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been seen. ``step``: the key or index of the child being read."""

    node: Node
    step: str | int | None
    key_place: tuple[int, int] = (0, 0)
    expects_key: bool = False
    attaches: bool = True


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self._open: list[_Open] = []
        self._nodes = 0
        self._documents = 0
        self._actions: dict[type[yaml.Event], Callable[[Any], None]] = {
            yaml.DocumentStartEvent: self._start_document,
            yaml.AliasEvent: self._alias,
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start_container,
            yaml.SequenceStartEvent: self._start_container,
            yaml.MappingEndEvent: self._end_container,
            yaml.SequenceEndEvent: self._end_container,
        }

    def decode(self, content: bytes) -> str:
        """The text, with everything that may not be in it reported and replaced."""
        if len(content) > MAX_BYTES:
            self._stop(f"the file is larger than {MAX_BYTES // 1024} KiB; a manifest must be smaller", 1, 1)
        if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0\0" in (content[0:3:2], content[1:4:2]):
            self._stop("the file is UTF-16 or UTF-32; save it as UTF-8", 1, 1)
        try:
            text = content.removeprefix(b"\xef\xbb\xbf").decode()
        except UnicodeDecodeError as error:
            lines = _LINE_BREAK.split(content.removeprefix(b"\xef\xbb\xbf")[: error.start].decode())
            byte = error.object[error.start]
            self._stop(f"byte 0x{byte:02x} is not UTF-8; save the file as UTF-8", len(lines), len(lines[-1]) + 1)
        if not _FORBIDDEN.search(text):
            return text
        self._report_forbidden(text)
        return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)

    def read(self, text: str, loader: Any) -> None:
        if directive := _TAG_DIRECTIVE.search(text):
            line = len(_LINE_BREAK.split(text[: directive.end()]))
            self._stop("%TAG lines are not allowed; remove it", line, 1)
        place = (1, 1)
        try:
            for event in yaml.parse(text, Loader=loader):
                place = _place(event)
                if action := self._actions.get(type(event)):
                    action(event)
        except yaml.MarkedYAMLError as error:
            self._stop(*explain(error, _LINE_BREAK.split(text)))
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            # The Python parser converts escapes and version numbers without looking at their size.
            self._stop(f"this is not valid YAML after here ({visible(str(error))[:80]})", *place)

    def _start_document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self._stop("a second document begins here; keep one, and remove the --- line", *_place(event))

    def _start_container(self, event: yaml.CollectionStartEvent) -> None:
        self._enter(event)
        if len(self._open) >= MAX_DEPTH:
            self._stop(f"this is nested more than {MAX_DEPTH} levels deep", *_place(event))
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if self._open and self._open[-1].expects_key:
            self._skip_key()
            self._report("a key must be a text; if {{ }} is meant as a text, put it in quotes", *_place(event))
        node = self._node(event, {} if is_mapping else [])
        self._check_tag(event)
        self._attach(node)
        self._open.append(_Open(node, step=None if is_mapping else -1, expects_key=is_mapping))

    def _end_container(self, _: yaml.CollectionEndEvent) -> None:
        self._open.pop()
        self._leave()

    def _alias(self, event: yaml.AliasEvent) -> None:
        self._enter(event)
        if self._open and self._open[-1].expects_key:
            self._skip_key()
        else:
            self._attach(self._node(event, UNREADABLE))
        self._report(f"aliases are not allowed ({quoted(f'*{event.anchor}')}); write the value out", *_place(event))
        self._leave()

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._enter(event)
        if self._open and self._open[-1].expects_key:
            self._key(event)
        else:
            value: object = event.value
            try:
                value = plain_value(event.value) if event.implicit[0] else event.value
            except ScalarError as error:
                self._report(str(error), *_place(event))
                value = UNREADABLE
            if not self._check_tag(event) or not self._check_surrogates(event):
                value = UNREADABLE
            node = self._node(event, value)
            node.text = event.value
            self._attach(node)
        self._leave()

    def _key(self, event: yaml.ScalarEvent) -> None:
        parent = self._open[-1]
        key = event.value
        parent.step, parent.key_place = key, _place(event)
        parent.attaches = self._check_tag(event) and self._check_surrogates(event)
        if key == "<<" and event.implicit[0]:
            self._report("merge keys (<<) are not allowed; write the keys out", *_place(event))
            parent.attaches = False
        elif earlier := parent.node.children.get(key):
            message = f"{quoted(key)} is written twice, on line {earlier.key_line} and here; remove one"
            self._report(message, *_place(event))
            parent.attaches = False

    def _skip_key(self) -> None:
        """What stands in the place of a key is none: its value is read for its problems only."""
        self._open[-1].step, self._open[-1].attaches = None, False

    def _enter(self, event: yaml.NodeEvent) -> None:
        """Every node begins here: count it, and step to the next index of a list."""
        if self._open and isinstance(self._open[-1].step, int):
            self._open[-1].step += 1
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop(f"there are more than {MAX_NODES:,} keys and values in this file", *_place(event))

    def _leave(self) -> None:
        """Every node ends here: in a mapping keys and values take turns."""
        if self._open and isinstance(self._open[-1].node.value, dict):
            self._open[-1].expects_key = not self._open[-1].expects_key

    def _node(self, event: yaml.NodeEvent, value: object) -> Node:
        line, column = _place(event)
        in_mapping = self._open and isinstance(self._open[-1].node.value, dict)
        key_line, key_column = self._open[-1].key_place if in_mapping else (line, column)
        return Node(value, line, column, key_line, key_column)

    def _attach(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if parent.step is None or not parent.attaches:
            return
        node.parent, node.step = parent.node, parent.step
        parent.node.children[parent.step] = node
        if isinstance(parent.node.value, dict):
            parent.node.value[parent.step] = node.value
        else:
            parent.node.value.append(node.value)

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> bool:
        if event.tag is None or event.tag == _OWN_TAG[type(event)]:
            return True
        written = event.tag.replace("tag:yaml.org,2002:", "!!")
        self._report(f"tags are not allowed ({quoted(written)}); remove it, or quote the value", *_place(event))
        return False

    def _check_surrogates(self, event: yaml.ScalarEvent) -> bool:
        if not _SURROGATE.search(event.value):
            return True
        self._report("this text has an escape that is not a valid character", *_place(event))
        return False

    def _report_forbidden(self, text: str) -> None:
        """One problem per line, the first."""
        for number, line in enumerate(_LINE_BREAK.split(text), start=1):
            if match := _FORBIDDEN.search(line):
                character = f"U+{ord(match.group()):04X}"
                message = f"character {character} is not allowed here; remove it, or write it as an escape in quotes"
                self._report(message, number, match.start() + 1)

    def _report(self, message: str, line: int, column: int) -> None:
        # What is beyond the limit is only counted. Pointers can be long: a hundred are cheap, fifty thousand are not.
        shown = len(self.problems) < MAX_PROBLEMS
        self.problems.append(Problem("error", message, line, column, self._pointer() if shown else ""))

    def _stop(self, message: str, line: int, column: int) -> None:
        self._report(message, line, column)
        raise _ReadingStopped

    def _pointer(self) -> str:
        return "".join(pointer_token(container.step) for container in self._open if container.step is not None)


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
