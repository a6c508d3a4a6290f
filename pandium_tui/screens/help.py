"""All keys of the page one comes from."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Input, Static

from pandium_tui.text import visible
from pandium_tui.widgets.key_words import reason_against

if TYPE_CHECKING:
    from pandium_tui.app import PandiumApp


@dataclass(slots=True)
class KeyLine:
    """An action: its keys, its name, what it does, its id for ``[keys]`` in config.toml, and why not now."""

    keys: list[str]
    name: str
    tooltip: str
    id: str
    reason: str = ""

    def matches(self, wanted: str) -> bool:
        """Whether it has this text, in lower case, somewhere."""
        return wanted in " ".join((*self.keys, self.name, self.tooltip, self.id)).casefold()


@dataclass(slots=True)
class KeySection:
    """The keys of one part of a page, by action."""

    title: str
    lines: dict[str, KeyLine] = field(default_factory=dict)


def keys_of(screen: Screen[object]) -> list[KeySection]:
    """What each key does there now, by group; from what has the focus to what holds everywhere."""
    app: PandiumApp = screen.app  # type: ignore[assignment]
    sections: dict[str, KeySection] = {}
    for node, binding, enabled, tooltip in screen.active_bindings.values():
        if not binding.id:
            continue
        group = binding.group.description if binding.group else ""
        title = group or getattr(node, "BINDING_GROUP_TITLE", None) or type(node).__name__
        section = sections.setdefault(title, KeySection(title))
        reason = "" if enabled else reason_against(binding.action, node) or "not now"
        line = KeyLine([], binding.description, tooltip or binding.tooltip, binding.id, reason)
        section.lines.setdefault(binding.action, line).keys.append(app.get_key_display(binding))
    return list(sections.values())


class HelpScreen(ModalScreen[None]):
    """A list of keys to read, to search in, and to leave again."""

    DEFAULT_CSS = """
    HelpScreen { background: $background; }
    HelpScreen Input { height: 1; border: none; padding: 0 2; background: $panel; }
    HelpScreen VerticalScroll { padding: 1 2; height: 1fr; }
    """
    BINDING_GROUP_TITLE = "Keys"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="help.back", tooltip="Out of the search, then back to the page"),
        Binding("q,question_mark", "dismiss", "Back", show=False, id="help.leave", tooltip="Back to the page"),
        Binding("slash", "search", "Search", key_display="/", id="help.search", tooltip="Search the keys"),
        Binding("down,j", "scroll_down", "Down", show=False, id="help.down", tooltip="A line down"),
        Binding("up,k", "scroll_up", "Up", show=False, id="help.up", tooltip="A line up"),
        Binding("home,g", "scroll_top", "Top", show=False, id="help.top", tooltip="To the first line"),
        Binding("end,G", "scroll_bottom", "End", show=False, id="help.end", tooltip="To the last line"),
    ]

    def __init__(self, sections: list[KeySection]) -> None:
        super().__init__()
        self._sections = sections

    def compose(self) -> ComposeResult:
        """The search, and one scrolling text."""
        yield Input(placeholder="/ search: a key, a word, or an id for [keys] in config.toml", compact=True)
        with VerticalScroll():
            yield Static(self._text(""))
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Keys scroll until a search begins."""
        self.query_one(VerticalScroll).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what has the text."""
        self.query_one(Static).update(self._text(event.value.strip().casefold()))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """To what was found."""
        self.query_one(VerticalScroll).focus()

    def action_search(self) -> None:
        """Begin to search."""
        self.query_one(Input).focus()

    def action_back(self) -> None:
        """Drop the search, or go back to the page."""
        search = self.query_one(Input)
        if search.value or search.has_focus:
            search.value = ""
            self.query_one(VerticalScroll).focus()
        else:
            self.dismiss()

    def action_scroll_down(self) -> None:
        """A line down."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_scroll_up(self) -> None:
        """A line up."""
        self.query_one(VerticalScroll).scroll_up(animate=False)

    def action_scroll_top(self) -> None:
        """To the first line."""
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_scroll_bottom(self) -> None:
        """To the last line."""
        self.query_one(VerticalScroll).scroll_end(animate=False)

    def _text(self, wanted: str) -> Content:
        lines = []
        for section in self._sections:
            found = [line for line in section.lines.values() if line.matches(wanted)]
            if found:
                lines += [
                    Content.styled(section.title, "bold"),
                    *(self._line(one, wanted) for one in found),
                    Content(""),
                ]
        return Content("\n").join(lines) if lines else Content("No key of this page has that text.")

    def _line(self, one: KeyLine, wanted: str) -> Content:
        line = Content(f"  {' '.join(one.keys):<12}  {one.name:<16}  {one.tooltip}")
        if wanted:
            line += Content(f"  [{one.id}]")
        if one.reason:
            line += Content.styled(f"  (not now: {visible(one.reason)})", "dim")
        return line
