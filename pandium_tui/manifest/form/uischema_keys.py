"""What may be written in a uischema: the types of its elements, their keys, and the options of a control."""

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
