"""What ``manifest check`` says about a form, at its line and column."""

from pandium_tui.manifest.form.building import build_form
from pandium_tui.manifest.form.consistency import inconsistencies
from pandium_tui.manifest.problem import Problem
from pandium_tui.manifest.yaml_reading import UNREADABLE, Node


def check_form(schema: Node | None, uischema: Node | None) -> tuple[Problem, ...]:
    """The oddities of a form as it is before any init run. ``None`` is a part that is not written. Never raises."""
    parts = {"schema": schema, "uischema": uischema}
    form = build_form(_value(schema), _value(uischema), dynamic_known=False)
    problems: list[Problem] = []
    for oddity in (*form.notes, *inconsistencies(form.definition.schema)):
        root = parts[oddity.part]
        if root is None:
            continue
        node = _nearest(root, oddity.pointer)
        # What was not readable has a problem of its own already.
        if node.value is not UNREADABLE:
            line, column = (node.key_line, node.key_column) if oddity.at_key else (node.line, node.column)
            problems.append(Problem(oddity.severity, oddity.message, line, column, node.pointer))
    return tuple(problems)


def _value(node: Node | None) -> object:
    return node.value if node is not None else None


def _nearest(root: Node, pointer: str) -> Node:
    """The node at a pointer below ``root``, or the last one on the way to it."""
    node = root
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        step = int(name) if isinstance(node.value, list) and name.isdecimal() else name
        if step not in node.children:
            break
        node = node.children[step]
    return node
