"""How texts name keys: with those that the person chose in config.toml."""

import re
from typing import TYPE_CHECKING, cast

from textual.binding import Binding
from textual.dom import DOMNode

if TYPE_CHECKING:
    from pandium_tui.app import PandiumApp


_PLACE = re.compile(r"\{([a-z]+\.[a-z.]+)\}")


def with_keys(node: DOMNode, text: str) -> str:
    """A text of the program's own with the keys in place of ``{home.new}``; what names no action there stays."""

    def key(found: re.Match[str]) -> str:
        try:
            return key_of(node, found[1])
        except LookupError:
            return found[0]

    return _PLACE.sub(key, text)


def key_of(node: DOMNode, action_id: str) -> str:
    """The key of an action, as a person reads it: the first one when it has several.

    Args:
        node: the widget or screen that has the action, or something in it.
        action_id: the id of its binding, such as ``form.save``.

    Raises:
        LookupError: nothing there has such an action.
    """
    app = cast("PandiumApp", node.app)
    for owner in node.ancestors_with_self:
        for kind in type(owner).__mro__:
            for binding in kind.__dict__.get("BINDINGS", ()):
                if isinstance(binding, Binding) and binding.id == action_id:
                    chosen = next((one.keys for one in app.settings.keys if one.action == action_id), None)
                    key = (chosen or binding.key).split(",")[0].strip()
                    display = None if chosen else binding.key_display
                    shown = app.get_key_display(Binding(key, binding.action, key_display=display))
                    return f"ctrl+{shown[1:]}" if shown[:1] == "^" and shown[1:] else shown
    raise LookupError(f"nothing there has the action {action_id}")
