"""HTML put together so that a text is always escaped, unless it is HTML already."""

from html import escape

_VOID = frozenset({"img", "link", "meta"})


class Html(str):
    """Text that is HTML and needs no escaping. Made by this module and by the Markdown renderer only."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str | None) -> Html:
    """An element; attributes that are None are left out, an underscore at the end of a name too (``class_``)."""
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Html(f"<{tag}{given}>")
    return Html(f"<{tag}{given}>{joined(*children)}</{tag}>")


def joined(*children: str) -> Html:
    """Texts and elements one after the other."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))
