"""All keys of the page one comes from."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Input, Static

from pandium_tui.text import visible
from pandium_tui.widgets.key_words import reason_against

if TYPE_CHECKING:
    from pandium_tui.app import PandiumApp

NAME_WIDTH = 16


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

    def _text(self, wanted: str) -> Group | Text:
        parts: list[Text | Table] = []
        for section in self._sections:
            found = [line for line in section.lines.values() if line.matches(wanted)]
            if found:
                parts += [Text(section.title, style="bold"), self._table(found, wanted), Text()]
        return Group(*parts) if parts else Text("No key of this page has that text.")

    def _table(self, lines: list[KeyLine], wanted: str) -> Table:
        """Keys, name and description below each other; a long description goes on under its beginning."""
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=self._keys_width)
        table.add_column(width=NAME_WIDTH)
        table.add_column(ratio=1)
        for one in lines:
            words = Text(one.tooltip)
            if wanted:
                words.append(f"  [{one.id}]")
            if one.reason:
                words.append(f"  (not now: {visible(one.reason)})", style="dim")
            table.add_row(Text(f"  {' '.join(one.keys)}"), Text(one.name), words)
        return table

    @property
    def _keys_width(self) -> int:
        """As wide as the keys of most actions; where there are more, they go on below."""
        widths = [len(" ".join(one.keys)) + 2 for section in self._sections for one in section.lines.values()]
        return max(14, min(max(widths, default=0), 18))
