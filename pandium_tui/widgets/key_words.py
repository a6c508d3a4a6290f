"""What is said of keys: how texts name them, as the person chose them in config.toml, and why one does nothing now."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

if TYPE_CHECKING:
    from pandium_tui.app import PandiumApp
KeyNames = Callable[[str], str]
"""What gives the key of an action, for texts that are put together away from the screen."""


@runtime_checkable
class TellsWhyNot(Protocol):
    """What has keys that cannot always act: one that is pressed all the same is answered."""

    def reason_against(self, action: str) -> str:
        """Why an action cannot be done now, in one short sentence; "" when there is nothing to say but that."""


_PLACE = re.compile(r"\{([a-z]+\.[a-z.]+)\}")


def with_keys(node: DOMNode, text: str) -> str:
    """A text of the program's own with the keys in place of ``{home.new}``; what names no action there stays."""

    def key(found: re.Match[str]) -> str:
        try:
            return key_of(node, found[1])
        except LookupError:
            return found[0]

    return _PLACE.sub(key, text)


def key_of(node: DOMNode, action_id: str, of: type[DOMNode] | None = None) -> str:
    """The key of an action, as a person reads it: the first one when it has several.

    Args:
        node: the widget or screen that has the action, or something in it.
        action_id: the id of its binding, such as ``form.save``.
        of: what has the action, when it is something else.

    Raises:
        LookupError: nothing there has such an action.
    """
    app = cast("PandiumApp", node.app)
    for owner in [of] if of else [type(one) for one in node.ancestors_with_self]:
        for kind in owner.__mro__:
            for binding in kind.__dict__.get("BINDINGS", ()):
                if isinstance(binding, Binding) and binding.id == action_id:
                    chosen = next((one.keys for one in app.settings.keys if one.action == action_id), None)
                    key = (chosen or binding.key).split(",")[0].strip()
                    display = None if chosen else binding.key_display
                    shown = app.get_key_display(Binding(key, binding.action, key_display=display))
                    return f"ctrl+{shown[1:]}" if shown[:1] == "^" and shown[1:] else shown
    raise LookupError(f"nothing there has the action {action_id}")


def reason_against(action: str, node: DOMNode) -> str:
    """Why an action cannot be done now, for a key that the node has; "" when it can, or when nothing is said of it."""
    target, name, _ = node.app._parse_action(action, node)
    return target.reason_against(name) if isinstance(target, TellsWhyNot) and not _can_do(action, node) else ""


def why_not(screen: Screen[object], key: str) -> str:
    """Why a key does nothing there now; "" when it is no key of an action there."""
    refused = [
        (binding, node)
        for node, bindings in screen._modal_binding_chain
        for binding in bindings.key_to_bindings.get(key, ())
        if binding.id and not _can_do(binding.action, node)
    ]
    reasons = (reason_against(binding.action, node) for binding, node in refused)
    return next(filter(None, reasons), f"{refused[0][0].description}: not now." if refused else "")


def _can_do(action: str, node: DOMNode) -> bool:
    target, name, parameters = node.app._parse_action(action, node)
    return bool(target.check_action(name, parameters))
