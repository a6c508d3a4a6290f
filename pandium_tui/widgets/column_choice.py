"""Which columns of a table are shown, and by which it is sorted."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

if TYPE_CHECKING:
    from pandium_tui.widgets.record_list import RecordList


class ColumnChoice(ModalScreen[None]):
    """The columns, a line each; what is chosen shows at once in the table it came from."""

    DEFAULT_CSS = """
    ColumnChoice { align: center middle; background: $background; }
    ColumnChoice > Vertical { width: 60; max-width: 100%; height: auto; padding: 1 2; border: round $primary; }
    ColumnChoice OptionList { height: auto; max-height: 14; margin-top: 1; }
    ColumnChoice OptionList, ColumnChoice OptionList:focus { border: none; padding: 0; }
    """
    BINDING_GROUP_TITLE = "Columns"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "show_or_hide", "Show or hide", id="columns.toggle", tooltip="Show the column, or hide it"),
        Binding("j", "down", "Down", show=False, id="columns.down", tooltip="One column down"),
        Binding("k", "up", "Up", show=False, id="columns.up", tooltip="One column up"),
        Binding("escape,q,C", "dismiss", "Back", id="columns.back", tooltip="Back to the table"),
    ]

    def __init__(self, record_list: "RecordList") -> None:
        super().__init__()
        self._list = record_list

    def compose(self) -> ComposeResult:
        """A line for each column."""
        with Vertical():
            yield Static("Columns: space shows or hides one, Enter sorts by it", markup=False)
            yield OptionList(*(Option(line, id=str(number)) for number, line in self._lines()), markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def action_show_or_hide(self) -> None:
        """Show or hide the column; what names the rows is always there."""
        number = self._chosen
        if not self._list.rows.names_rows(number):
            self._list.want_column(number, not self._list.rows.shows(number))
            self._renew()

    @on(OptionList.OptionSelected)
    def _sort(self, event: OptionList.OptionSelected) -> None:
        """Sort by the column; again: the other way round, then as at first."""
        event.stop()
        number = int(event.option_id or 0)
        if self._list.can_sort_by(number):
            self._list.sort_or_turn(number)
            self._renew()

    def action_down(self) -> None:
        """A line down."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """A line up."""
        self.query_one(OptionList).action_cursor_up()

    @property
    def _chosen(self) -> int:
        options = self.query_one(OptionList)
        return int(options.get_option_at_index(options.highlighted or 0).id or 0)

    def _lines(self) -> list[tuple[int, str]]:
        return [(number, self._line(number)) for number, one in enumerate(self._list.rows.all_columns) if one.label]

    def _line(self, number: int) -> str:
        shown = "[x]" if self._list.rows.shows(number) else "[ ]"
        order = self._list.order
        sorted_by = ""
        if order is not None and order.column == number:
            sorted_by = f"   sorted {'downwards' if order.descending else 'upwards'}"
        elif not self._list.can_sort_by(number):
            sorted_by = "   cannot be sorted by"
        return f"{shown} {self._list.rows.all_columns[number].label}{sorted_by}"

    def _renew(self) -> None:
        options = self.query_one(OptionList)
        for number, line in self._lines():
            options.replace_option_prompt(str(number), line)
