"""What may be written in a uischema: the types of its elements, their keys, the options of a control, its texts."""

from typing import Any

from pandium_tui.manifest.form import kinds
from pandium_tui.manifest.form.normalise import Schema

CONTROLS = ("Control", "MultiSelectControl")
LAYOUTS = ("VerticalLayout", "HorizontalLayout", "Group", "Section", "Categorization", "Category")
TYPES = (*CONTROLS, *LAYOUTS, "Label", "Divider")

_COMMON = ("type", "label", "rule", "options", "admin", "i18n")
KEYS = {
    **dict.fromkeys(CONTROLS, (*_COMMON, "scope", "hintText")),
    **dict.fromkeys(LAYOUTS, (*_COMMON, "elements", "subtitle", "hintText", "title")),
    "Label": (*_COMMON, "text", "title", "subtitle", "hintText"),
    "Divider": _COMMON,
}
OPTIONS = (
    "autocomplete",
    "dependsOn",
    "detail",
    "elementLabelProp",
    "format",
    "hideRequiredAsterisk",
    "id",
    "minRows",
    "multi",
    "placeholder",
    "readonly",
    "restrict",
    "rows",
    "showSortButtons",
    "showUnfocusedDescription",
    "slider",
    "toggle",
    "trim",
)
"""Of JSON Forms those that may be written, whether they change anything here or not."""


def first_text(raw: dict[str, Any], *keys: str) -> str:
    """The first of these keys that holds a text."""
    return next((raw[key] for key in keys if isinstance(raw.get(key), str) and raw[key].strip()), "")


def advice_of(raw: dict[str, Any]) -> str:
    """The hint. In YAML's double quotes a line that goes on below begins with a space that nobody means."""
    return "\n".join(line.strip() for line in first_text(raw, "hintText").splitlines())


def label_of(written: Any, schema: Schema, name: str) -> tuple[str, bool]:
    """The label, and whether it is shown: the control's, else the schema's title, else the name in words."""
    shown = written is not False
    if isinstance(written, dict):
        shown = written.get("show") is not False
        written = written.get("text")
    if isinstance(written, str) and written.strip():
        return written, shown
    return schema.get("title", "").strip() or kinds.in_words(name), shown
