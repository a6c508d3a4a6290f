"""Every action of the app that has keys, and the keys a person gave them in config.toml.

The bindings of the screens and widgets are the registry: each has an id, a name and a tooltip. The footer, the list of
keys, the palette and this read them.
"""

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys, _character_to_key

import pandium_tui.screens
import pandium_tui.widgets
from pandium_tui.screens.release import ReleasePage
from pandium_tui.screens.run import RunPage
from pandium_tui.settings import KeyChoice
from pandium_tui.widgets.log_frame import LogFrame
from pandium_tui.widgets.rows import Rows

AROUND_LOGS = {*RunPage.__mro__, *ReleasePage.__mro__}
"""What has keys while a log has the keyboard: the pages that one is on, and what they have theirs from."""
KEY_NAMES = {one.value for one in Keys if not one.value.startswith("<")}
KEY_NAMES |= {_character_to_key(chr(code)) for code in range(0x21, 0x7F)}


@dataclass(frozen=True, slots=True)
class Action:
    """An action: its id, the keys it has now, and where they hold."""

    id: str
    keys: tuple[str, ...]
    name: str
    tooltip: str
    group: str


def all_actions(app: type[App[None]], choices: Sequence[KeyChoice] = ()) -> dict[str, Action]:
    """All actions by id, with the keys chosen for them. It imports every screen."""
    return {
        binding.id or "": _action(owner, binding, choices)
        for owner, binding in reversed(list(_bindings(app)))  # the first one of an id holds
    }


def problems_of(choices: Sequence[KeyChoice], app: type[App[None]]) -> list[str]:
    """What is wrong with the keys a person chose: unknown actions, what is no key, and keys that two actions have."""
    actions = all_actions(app, choices)
    owners = {binding.id: owner for owner, binding in reversed(list(_bindings(app)))}
    problems = []
    for choice in choices:
        action = actions.get(choice.action)
        if action is None:
            near = difflib.get_close_matches(choice.action, actions, n=1)
            hint = f"did you mean {near[0]}?" if near else "pandium-tui keys lists all."
            problems.append(f"{choice.place}: there is no action {choice.action}; {hint}")
            continue
        for key in action.keys:
            if key not in KEY_NAMES and len(key) != 1:
                problems.append(f"{choice.place}: {key!r} is no key; keys are such as x, X, +, f5, ctrl+x, pagedown")
            problems += [
                f"{choice.place}: {key} of {action.id} is also the key of {other.id} ({other.name})"
                for other in actions.values()
                if other is not action and key in other.keys and _meet(owners[action.id], owners[other.id])
            ]
    return problems


def _meet(one: type[DOMNode], other: type[DOMNode]) -> bool:
    """Whether both can have the keyboard at once, so that one key cannot be for both."""
    everywhere = (App, Rows)
    if issubclass(one, (other, *everywhere)) or issubclass(other, (one, *everywhere)):
        return True
    pairs = ((one, other), (other, one))
    return any(issubclass(inner, LogFrame) and outer in AROUND_LOGS for inner, outer in pairs)


def _action(owner: type[DOMNode], binding: Binding, choices: Sequence[KeyChoice]) -> Action:
    chosen = next((choice.keys for choice in choices if choice.action == binding.id), binding.key)
    return Action(
        binding.id or "",
        tuple(_key_name(one.strip()) for one in chosen.split(",")),
        binding.description,
        binding.tooltip or binding.description,
        getattr(owner, "BINDING_GROUP_TITLE", None) or owner.__name__,
    )


def _bindings(app: type[App[None]]) -> Iterator[tuple[type[DOMNode], Binding]]:
    for owner in (app, *_owners()):
        for binding in owner.__dict__.get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id:
                yield owner, binding


def _key_name(key: str) -> str:
    """The one name of a key: ``/`` is ``slash``."""
    return _character_to_key(key) if len(key) == 1 else key


def _owners() -> Iterator[type[DOMNode]]:
    """The screens and widgets with keys."""
    for package in (pandium_tui.screens, pandium_tui.widgets):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if issubclass(found, DOMNode) and found.__module__ == module.name:
                    yield found
