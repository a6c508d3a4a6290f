"""Textual's table, sending only what changed: over a slow line each row that is painted for nothing is felt."""

from collections.abc import Mapping

from rich.text import Text
from textual import events
from textual.widgets import DataTable
from textual.widgets.data_table import RowKey


class BriefTable(DataTable[Text]):
    """A table whose keys of columns are known; the mouse that passes paints nothing."""

    def change_cells(self, row_key: str, cells: Mapping[str, Text]) -> None:
        """Show other texts in some cells of a row, by column."""
        # DataTable.update_cell paints the whole table again: 30 kB over SSH where this is 163 bytes for a cell.
        data = self._data[RowKey(row_key)]
        for column in self.ordered_columns:
            cell = cells.get(column.key.value or "")
            if cell is not None:
                data[column.key] = cell
                self._require_update_dimensions |= cell.cell_len > column.content_width
        self._update_count += 1
        if self._require_update_dimensions:
            self.refresh()
        elif len(cells) == 1:
            self.refresh_coordinate(self.get_cell_coordinate(row_key, next(iter(cells))))
        else:  # several cells of a line would each be sent with all that stands before them
            self.refresh_row(self.get_row_index(row_key))

    def put_in_order(self, place: Mapping[str, int]) -> None:
        """Put the rows in order by the place of each."""
        # DataTable.sort sees cells only; here rows go by their key.
        order = sorted(self.rows, key=lambda row_key: place[row_key.value or ""])
        self._row_locations = type(self._row_locations)({row_key: index for index, row_key in enumerate(order)})
        self._update_count += 1
        self.refresh()

    def _on_mouse_move(self, event: events.MouseMove) -> None:
        event.prevent_default()  # the hover row of DataTable costs 15 kB over SSH for every row the mouse passes

    def _set_hover_cursor(self, active: bool) -> None:
        """There is no hover row: DataTable would paint it with every key that moves the cursor."""
