"""All keys of the page one comes from."""

from dataclasses import dataclass, field
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Static


@dataclass(slots=True)
class KeySection:
    """The keys of one part of a page: for each action its keys, its name, and what it does."""

    title: str
    keys: dict[str, tuple[list[str], str, str]] = field(default_factory=dict)


def keys_of(screen: Screen[object]) -> list[KeySection]:
    """What each key does there now, by group; from what has the focus to what holds everywhere."""
    sections: dict[str, KeySection] = {}
    for node, binding, enabled, tooltip in screen.active_bindings.values():
        if not enabled or not binding.id:
            continue
        group = binding.group.description if binding.group else ""
        title = group or getattr(node, "BINDING_GROUP_TITLE", None) or type(node).__name__
        section = sections.setdefault(title, KeySection(title))
        keys, _, _ = section.keys.setdefault(binding.action, ([], binding.description, tooltip or binding.tooltip))
        keys.append(screen.app.get_key_display(binding))
    return list(sections.values())


class HelpScreen(ModalScreen[None]):
    """A list of keys to read and to leave again."""

    DEFAULT_CSS = """
    HelpScreen { background: $background; }
    HelpScreen VerticalScroll { padding: 1 2; height: 1fr; }
    """
    BINDING_GROUP_TITLE = "Keys"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "Back", id="help.back", tooltip="Back to the page"),
        Binding("j", "scroll_down", "Down", show=False, id="help.down"),
        Binding("k", "scroll_up", "Up", show=False, id="help.up"),
    ]

    def __init__(self, sections: list[KeySection]) -> None:
        super().__init__()
        self._sections = sections

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll():
            yield Static(self._text())
        yield Footer(compact=True, show_command_palette=False)

    def action_scroll_down(self) -> None:
        """A line down."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_scroll_up(self) -> None:
        """A line up."""
        self.query_one(VerticalScroll).scroll_up(animate=False)

    def _text(self) -> Content:
        lines = []
        for section in self._sections:
            lines.append(Content.styled(section.title, "bold"))
            for keys, name, tooltip in section.keys.values():
                lines.append(Content(f"  {' '.join(keys):<12}  {name:<16}  {tooltip}"))
            lines.append(Content(""))
        return Content("\n").join(lines)
