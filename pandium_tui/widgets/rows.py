"""A table of records that is refreshed by difference."""

import textwrap
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets import DataTable

from pandium_tui.text import shortened, visible
from pandium_tui.widgets.brief_table import BriefTable
from pandium_tui.widgets.key_words import with_keys
from pandium_tui.widgets.row_lines import line_of

Cell = Text | str

WIDE = 100
"""Columns of a wide screen."""
MARK = "◆ "
"""Before the first cell of a marked row."""
NEAR = 20
"""Rows before the end at which the next page is asked for."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what stands above it, how wide it may get, and the screen width from which it is shown.

    On a screen of less than 100 columns it may get as wide as ``narrow``, where that is given. ``sorts`` is what
    records are put in order by when the list is sorted by it, None where it cannot be; ``order`` is what the store
    puts them in order by where it pages them.
    """

    label: str
    limit: int = 40
    shown_from: int = 0
    narrow: int | None = None
    sorts: Callable[[Any], Any] | None = None
    order: str = ""

    def limit_at(self, screen_width: int) -> int:
        """How wide it may get on a screen of this width."""
        return self.limit if self.narrow is None or screen_width >= WIDE else self.narrow


class Rows(BriefTable):
    """Records by their id. Good to about 2,000 of them; more come a page at a time (``NearEnd``).

    A refresh removes what is gone, changes the cells that changed and adds what is new; the cursor stays on its
    record. Cells given as ``str`` are outside text: they are made visible and cut in the middle at the column's limit.
    Rows can be marked where ``marking`` says so; a row that is gone, or filtered out, is not marked any more.
    """

    DEFAULT_CSS = """
    Rows { height: 1fr; min-height: 4; background: $background; }
    """
    BINDING_GROUP_TITLE = "In a table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", id="rows.open", tooltip="Open what the cursor is on"),
        Binding("down,j", "cursor_down", "Down", show=False, id="rows.down", tooltip="One row down"),
        Binding("up,k", "cursor_up", "Up", show=False, id="rows.up", tooltip="One row up"),
        Binding("left,h", "cursor_left", "Left", show=False, id="rows.left", tooltip="See more on the left"),
        Binding("right,l", "cursor_right", "Right", show=False, id="rows.right", tooltip="See more on the right"),
        Binding("home,g", "scroll_top", "First", show=False, id="rows.first", tooltip="To the first row"),
        Binding("end,G", "scroll_bottom", "Last", show=False, id="rows.last", tooltip="To the last row"),
        Binding("space", "mark", "Mark", show=False, id="rows.mark", tooltip="Mark the row, or take its mark away"),
        Binding(
            "asterisk",
            "mark_all",
            "Mark all",
            show=False,
            key_display="*",
            id="rows.mark.all",
            tooltip="Mark all rows shown, or none; a key for one then acts on all marked",
        ),
    ]

    @dataclass
    class RowChosen(Message):
        """Enter or a click on a row: ``key`` is the record's id."""

        rows: "Rows"
        key: int

        @property
        def control(self) -> "Rows":
            """The table."""
            return self.rows

    @dataclass
    class NearEnd(Message):
        """The cursor came near an end of what is loaded, and there is more."""

        rows: "Rows"

        @property
        def control(self) -> "Rows":
            """The table."""
            return self.rows

    @dataclass
    class EndWanted(Message):
        """The first or the last row is wanted, and it is not loaded."""

        rows: "Rows"
        last: bool

        @property
        def control(self) -> "Rows":
            """The table."""
            return self.rows

    @dataclass
    class MarksChanged(Message):
        """Rows were marked or unmarked."""

        rows: "Rows"

        @property
        def control(self) -> "Rows":
            """The table."""
            return self.rows

    def __init__(
        self,
        *columns: Column | str,
        empty_text: str = "Nothing here yet.",
        marking: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id, cursor_type="row", cell_padding=1)
        self.all_columns = tuple(Column(column) if isinstance(column, str) else column for column in columns)
        self._empty_text = empty_text
        self._given: dict[int, tuple[Cell, ...]] = {}
        self._records: dict[int, tuple[Text, ...]] = {}
        self._marking = marking
        self._marked: set[int] = set()
        self._wanted: dict[str, bool] = {}
        self._heads: dict[int, str] = {}
        self._shown_columns: tuple[int, ...] = ()
        self._wide = True
        self.more_before = self.more_after = False
        """Whether there are rows before the first or after the last one that it was given."""
        self._known = False  # whether it was ever told what there is; before that it does not say that nothing is

    @property
    def current_key(self) -> int | None:
        """The id of the record under the cursor."""
        if not self.row_count:
            return None
        return int(self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value or 0)

    @property
    def keys(self) -> list[int]:
        """The ids of the records shown, from the top."""
        return list(self._records)

    @property
    def marked(self) -> list[int]:
        """The ids of the marked records, from the top."""
        return [key for key in self._records if key in self._marked]

    @property
    def chosen(self) -> list[int]:
        """What a key acts on: the marked records, else the one under the cursor."""
        current = self.current_key
        return self.marked or ([] if current is None else [current])

    def unmark(self) -> None:
        """Mark nothing."""
        self._mark(())

    def action_mark(self) -> None:
        """Mark or unmark the row, and go to the next."""
        if (key := self.current_key) is not None:
            self._mark(self._marked ^ {key})
            self.action_cursor_down()

    def action_mark_all(self) -> None:
        """Mark all rows; when all are, none."""
        self._mark(() if len(self._marked) == len(self._records) else self._records.keys())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Marks are for tables where something can be done to several rows."""
        return self._marking if action in ("mark", "mark_all") else super().check_action(action, parameters)

    def reason_against(self, action: str) -> str:
        """Marks are for tables where something can be done to several rows."""
        return "Nothing can be done to several of these rows at once: they are not marked."

    def set_look(self, wanted: dict[str, bool], heads: dict[int, str]) -> None:
        """Which columns a person wants or does not, by label, and what stands above some instead of their label."""
        if (wanted, heads) != (self._wanted, self._heads):
            self._wanted, self._heads = dict(wanted), dict(heads)
            if self._shown_columns:
                self._fit_columns(anew=True)

    def names_rows(self, number: int) -> bool:
        """Whether a column cannot be hidden: it is the first that has a label, or stands before that."""
        return not any(column.label for column in self.all_columns[:number])

    def shows(self, number: int) -> bool:
        """Whether a column is shown: what names rows always, others as wanted, else where the screen is wide enough."""
        column = self.all_columns[number]
        return self.names_rows(number) or self._wanted.get(column.label, column.shown_from <= self.app.size.width)

    def set_empty_text(self, text: str) -> None:
        """What is said when there are no rows: how to begin."""
        if text != self._empty_text:
            self._empty_text = text
            self.refresh(layout=not self.row_count)

    def set_rows(self, rows: Sequence[tuple[int, Sequence[Cell]]]) -> None:
        """Show exactly these records in this order; one cell for each of ``all_columns``."""
        self._fit_columns()
        given = {key: tuple(cells) for key, cells in rows}
        if not self._marked <= given.keys():
            self._marked &= given.keys()
            self.post_message(self.MarksChanged(self))
        records = {
            key: self._records[key] if self._given.get(key) == cells else self._texts(key, cells)
            for key, cells in given.items()
        }
        self._given = given
        if not self._known:
            self._known = True
            self.refresh(layout=not rows)  # there must be room for what is said instead
        current, above = self.current_key, self._rows_above_cursor
        with self.app.batch_update():
            kept = [key for key in self._records if key in records]
            if len(kept) < len(records) / 2:
                self._refill(records)
            else:
                self._change(records, kept)
            self._records = records
            self._measure()
            self._return_to(current, above)

    def on_mount(self) -> None:
        """The columns are there before anything is painted."""
        self._fit_columns()

    def on_resize(self, event: events.Resize) -> None:
        """Columns come and go with the width of the screen; a line that comes above takes no cursor away."""
        self._fit_columns()
        self._scroll_cursor_into_view()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Tell which record was chosen."""
        event.stop()
        self.post_message(self.RowChosen(self, int(event.row_key.value or 0)))

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Ask for more in time."""
        row = self.cursor_row  # the event may be of rows that are gone
        if (self.more_after and row >= self.row_count - NEAR) or (self.more_before and row < NEAR):
            self.post_message(self.NearEnd(self))

    def action_scroll_top(self) -> None:
        """To the first row of all."""
        if self.more_before:
            self.post_message(self.EndWanted(self, last=False))
        else:
            super().action_scroll_top()

    def action_scroll_bottom(self) -> None:
        """To the last row of all."""
        if self.more_after:
            self.post_message(self.EndWanted(self, last=True))
        else:
            super().action_scroll_bottom()

    def go_to_end(self, *, last: bool) -> None:
        """To the first or the last row of those that it has."""
        self.move_cursor(row=self.row_count - 1 if last else 0)

    def render_line(self, y: int) -> Strip:
        """A line of the table; without rows, what to do about it."""
        width, plain = self.size.width, self.rich_style
        lines = self._empty_lines(width)
        if 0 <= y - 2 < len(lines):
            return Strip([Segment(f" {lines[y - 2]}", plain)]).adjust_cell_length(width, plain)
        left, top = self.scroll_offset
        row = y - 1 + top if y else -1
        if row >= self.row_count:
            return Strip.blank(width, plain)
        style, over = plain, None
        if not y:
            style = self.get_component_rich_style("datatable--header")
        elif row == self.cursor_row:
            cursor = self.get_component_rich_style("datatable--cursor")
            style, over = plain + cursor, Style(color=cursor.color)
        style += Style(meta={"row": row, "column": 0})  # what DataTable knows a click by
        columns = self.ordered_columns
        cells = self.get_row_at(row) if y else [column.label for column in columns]
        widths = [column.content_width for column in columns]
        line = line_of(zip(cells, widths, strict=True), style, self.app.console, over=over)
        return line.crop_extend(left, left + width, style)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As high as its rows; without any, as what is said instead."""
        lines = self._empty_lines(width)
        return super().get_content_height(container, viewport, width) + (len(lines) + 1 if lines else 0)

    def _empty_lines(self, width: int) -> list[str]:
        if self.row_count or not self._known:
            return []
        return _wrapped(with_keys(self, self._empty_text), max(width - 2, 10))

    def _texts(self, key: int, cells: tuple[Cell, ...]) -> tuple[Text, ...]:
        width = WIDE if self._wide else 0
        first, *others = (
            _text(cell, column.limit_at(width)) for cell, column in zip(cells, self.all_columns, strict=True)
        )
        return (Text(MARK) + first if key in self._marked else first, *others)

    def _mark(self, keys: Collection[int]) -> None:
        changed = self._marked ^ set(keys)
        self._marked = set(keys)
        with self.app.batch_update():
            for key in changed & self._records.keys():
                self._records[key] = self._texts(key, self._given[key])
                self.change_cells(str(key), {"0": self._records[key][0]})
            self._measure()
        if changed:
            self.post_message(self.MarksChanged(self))

    def _fit_columns(self, *, anew: bool = False) -> None:
        shown = tuple(number for number in range(len(self.all_columns)) if self.shows(number))
        wide = self.app.size.width >= WIDE
        if shown == self._shown_columns and wide == self._wide and not anew:
            return
        if wide != self._wide:
            self._wide = wide
            self._records = {key: self._texts(key, cells) for key, cells in self._given.items()}
        current, above = self.current_key, self._rows_above_cursor
        self._shown_columns = shown
        self.clear(columns=True)
        for number in shown:
            self.add_column(Text(self._heads.get(number, self.all_columns[number].label)), key=str(number))
        self._refill(self._records)
        self._measure()
        self._return_to(current, above)

    def _refill(self, records: dict[int, tuple[Text, ...]]) -> None:
        self.clear()
        for key in records:
            self._add(key, records[key])

    def _change(self, records: dict[int, tuple[Text, ...]], kept: list[int]) -> None:
        for key in [key for key in self._records if key not in records]:
            self.remove_row(str(key))
        for key in kept:
            before, after = self._records[key], records[key]
            if before is after:
                continue
            changed = [number for number in self._shown_columns if before[number] != after[number]]
            if changed:
                self.change_cells(str(key), {str(number): after[number] for number in changed})
        new = [key for key in records if key not in self._records]
        for key in new:
            self._add(key, records[key])
        if [*kept, *new] != list(records):
            place = {str(key): index for index, key in enumerate(records)}
            self.put_in_order(place)

    def _add(self, key: int, cells: tuple[Text, ...]) -> None:
        self.add_row(*(cells[number] for number in self._shown_columns), key=str(key))

    def _measure(self) -> None:
        # DataTable does this when it is idle, 0.3 ms a row; what is painted before is cut, and its cache keeps it so.
        if not self._require_update_dimensions:
            return
        self._require_update_dimensions = False
        self._new_rows.clear()
        for number, column in zip(self._shown_columns, self.ordered_columns, strict=True):
            widths = [cells[number].cell_len for cells in self._records.values()]
            column.content_width = max(column.content_width, *widths) if widths else column.content_width
        self._update_dimensions(())
        self._clear_caches()

    @property
    def _rows_above_cursor(self) -> int:
        return self.cursor_row - self.scroll_offset.y

    def _return_to(self, key: int | None, above: int) -> None:
        """Put the cursor on its record, and the record where it was on the screen when it would be out of sight."""
        if key is not None and key in self._records and self.current_key != key:
            row = self.get_row_index(str(key))
            if not 0 <= row - self.scroll_offset.y < self.size.height - 1:
                self.scroll_to(y=row - above, animate=False, force=True, immediate=True)
            self.move_cursor(row=row, animate=False)


def _text(cell: Cell, limit: int) -> Text:
    if isinstance(cell, Text):
        if cell.cell_len <= limit:
            return cell
        cut = cell.copy()
        cut.truncate(limit, overflow="ellipsis")
        return cut
    return Text(shortened(visible(cell), limit), no_wrap=True)


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most this width; what ends a line in the text ends one here."""
    return [row for line in text.split("\n") for row in textwrap.wrap(line, width) or [""]]
