"""Where to move tenants to: a list to choose from, which can be filtered."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from pandium_tui.hub.filtering import filter_of, passing
from pandium_tui.storage.database import Store
from pandium_tui.storage.filtering.language import FilterError
from pandium_tui.text import visible
from pandium_tui.widgets.key_words import with_keys
from pandium_tui.widgets.text_input import TextInput

NO_MATCH = "Nothing matches the filter. {target.back} drops it."


class TargetChoice(ModalScreen[int | str | None]):
    """Where to move tenants to: a channel or a release."""

    DEFAULT_CSS = """
    TargetChoice { align: center middle; background: $background; }
    TargetChoice > Vertical { width: 76; max-width: 100%; height: auto; padding: 1 2; border: round $primary; }
    TargetChoice TextInput { display: none; margin-top: 1; }
    TargetChoice #problem { display: none; height: auto; color: $text-error; }
    TargetChoice OptionList { height: auto; max-height: 14; margin-top: 1; }
    TargetChoice OptionList, TargetChoice OptionList:focus { border: none; padding: 0; }
    TargetChoice OptionList { text-wrap: nowrap; text-overflow: ellipsis; }
    TargetChoice #heading { height: auto; max-height: 20vh; }
    """
    BINDING_GROUP_TITLE = "Move to"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back", id="target.back", tooltip="Drop the filter; without one, move nothing"),
        Binding("slash", "filter", "Filter", key_display="/", id="target.filter", tooltip="Offer only what matches"),
        Binding("down", "list", "To the list", show=False, id="target.list", tooltip="From the filter to the list"),
    ]

    def __init__(self, heading: str, targets: Sequence[tuple[str, int | str]], store: Store) -> None:
        super().__init__()
        self._heading = heading
        self._targets = list(targets)
        self._shown = self._targets
        self._store = store

    def compose(self) -> ComposeResult:
        """A line for each."""
        with Vertical():
            yield Static(visible(self._heading), id="heading", markup=False)
            words = with_keys(self, "word -word; Enter to the list, {target.back} drops the filter")
            line = TextInput(placeholder=words)
            line.can_focus = False  # the keys go to the list at first
            yield line
            yield Static(id="problem", markup=False)
            yield OptionList(*self._options(), markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Offer what matches; while the filter cannot be used, what the one before found."""
        problem = ""
        try:
            self._shown = passing(self._targets, filter_of(self._store, "targets", event.value))
        except FilterError as error:
            problem = f"✗ {error}"
        else:
            options = self.query_one(OptionList)
            options.clear_options()
            options.add_options(self._options())
            options.highlighted = 0 if self._shown else None
            problem = "" if self._shown else with_keys(self, NO_MATCH)
        line = self.query_one("#problem", Static)
        line.update(visible(problem))
        line.display = bool(problem)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """To what was found."""
        self.action_list()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """This one."""
        self.dismiss(self._shown[event.option_index][1])

    def action_filter(self) -> None:
        """Begin to type a filter."""
        line = self.query_one(TextInput)
        line.display = line.can_focus = True
        line.focus()

    def action_list(self) -> None:
        """To the list."""
        self.query_one(OptionList).focus()

    def action_back(self) -> None:
        """Drop the filter; without one, back to the page."""
        line = self.query_one(TextInput)
        if not line.display:
            self.dismiss(None)
            return
        line.value = ""
        self.action_list()
        line.display = line.can_focus = False

    def _options(self) -> list[Option]:
        return [Option(visible(words)) for words, _ in self._shown]
