"""Lists and tables: looked at in a table, edited a row at a time in a form of its own."""

import copy
from typing import Any, ClassVar

from rich.text import Text
from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Static

from pandium_tui.hub.drafts import fingerprint
from pandium_tui.manifest.form.alternatives import NOTHING_CHOSEN, chosen_place
from pandium_tui.manifest.form.choices import Option
from pandium_tui.manifest.form.definition import ENTRY
from pandium_tui.manifest.form.fields import Field
from pandium_tui.manifest.form.json_values import same, to_pointer, written
from pandium_tui.manifest.form.values import entry_name, format_value
from pandium_tui.screens.settings.controls import MOST_LINES, Control
from pandium_tui.screens.settings.form_view import FormView
from pandium_tui.screens.settings.row_forms import EntryForm, RowForm
from pandium_tui.text import shortened, visible
from pandium_tui.widgets.key_words import key_of

WIDEST_CELL = 30


class RowsTable(DataTable[Text]):
    """The rows; its keys change them."""

    BINDING_GROUP_TITLE = "In a list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", id="rows_editor.add", tooltip="Add a row"),
        Binding("enter", "edit", "Edit", id="rows_editor.edit", tooltip="Edit the row"),
        Binding("c", "duplicate", "Copy", id="rows_editor.copy", tooltip="Add a copy of the row"),
        Binding("d,delete", "remove", "Delete", id="rows_editor.delete", tooltip="Delete the row"),
        Binding("K,shift+up", "move(-1)", "Up", id="rows_editor.up", tooltip="Move the row up"),
        Binding("J,shift+down", "move(1)", "Down", id="rows_editor.down", tooltip="Move the row down"),
        Binding("j", "cursor_down", "Row down", show=False, id="rows_editor.next", tooltip="To the next row"),
        Binding("k", "cursor_up", "Row up", show=False, id="rows_editor.before", tooltip="To the row before"),
    ]

    @property
    def editor(self) -> "RowsControl":
        """The control it is in."""
        found = self.parent
        assert isinstance(found, RowsControl)
        return found

    def action_add(self) -> None:
        """Add a row."""
        self.editor.edit(None)

    def action_edit(self) -> None:
        """Edit the row under the cursor; where there is none, add one."""
        self.editor.edit(self.cursor_row if self.row_count else None)

    def action_duplicate(self) -> None:
        """Add a copy below."""
        self.editor.duplicate(self.cursor_row)

    def action_remove(self) -> None:
        """Delete the row."""
        self.editor.delete(self.cursor_row)

    def action_move(self, step: int) -> None:
        """Move the row."""
        self.editor.move(self.cursor_row, step)


class RowsControl(Control):
    """A list of values, or of objects (with a column for each of their fields)."""

    DEFAULT_CSS = """
    RowsControl DataTable { height: auto; background: $surface; }
    RowsControl DataTable:focus { background: $panel; }
    RowsControl .empty { display: none; color: $text-muted; }
    RowsControl.-empty .empty { display: block; }
    """

    def __init__(self, field: Field, value: Any) -> None:
        super().__init__(field)
        self._rows: list[Any] = list(value) if isinstance(value, list) else []

    def compose(self) -> ComposeResult:
        """The table, and what to press when it is empty."""
        yield RowsTable(cursor_type="row", cell_padding=1)
        key = key_of(self, "rows_editor.add", RowsTable)
        yield Static(f"Nothing yet: {key} adds a row.", classes="empty", markup=False)

    def on_mount(self, event: events.Mount) -> None:
        """Columns are those of the field."""
        labels = [column.label for column in self._columns] or ["Value"]
        self._table.add_columns("", *(Text(visible(label)) for label in labels))
        self._fill(0)

    def put(self, value: Any, options: tuple[Option, ...], stale: tuple[Any, ...]) -> None:
        """Show these rows."""
        rows = list(value) if isinstance(value, list) else []
        if not same(rows, self._rows):
            self._rows = rows
            self._fill(self._table.cursor_row)

    def _is_full(self) -> bool:
        most = self.field.schema.get("maxItems")
        if most is None or len(self._rows) < most:
            return False
        self.notify(f"No more than {self.field.limits} are possible here.", severity="warning", markup=False)
        return True

    @work(exclusive=True)
    async def edit(self, place: int | None) -> None:
        """Edit a row, or a new one, in a form of its own."""
        if place is None and self._is_full():
            return
        number = len(self._rows) + 1 if place is None else place + 1
        name = "" if place is None else entry_name(self.field, self._rows[place])
        heading = f"{self.field.label}, row {number}" + (f" ({name})" if name else "")
        view = next(one for one in self.ancestors if isinstance(one, FormView))
        form, draft_name = view.form, self._draft_name(view, place)
        if self.field.kind == "table":
            first = form.new_row(self.field) if place is None else copy.deepcopy(self._rows[place])
            row = first if isinstance(first, dict) else {}
            result = await self.app.push_screen_wait(RowForm(heading, form.row_form(self.field), row, draft_name))
        elif self.field.lists_alternatives:
            begun = {} if place is None else {ENTRY: copy.deepcopy(self._rows[place])}
            filled = await self.app.push_screen_wait(RowForm(heading, form.entry_form(self.field), begun, draft_name))
            result = (filled or {}).get(ENTRY)
        else:
            assert self.field.item is not None
            value = None if place is None else self._rows[place]
            entered = await self.app.push_screen_wait(EntryForm(heading, self.field.item, value, draft_name))
            result = None if entered is None else entered[0]
        if result is not None:
            rows = [*self._rows]
            if place is None:
                rows.append(result)
            else:
                rows[place] = result
            self._change(rows, number - 1)

    def _draft_name(self, view: FormView, place: int | None) -> str:
        """Of the row; "" where it may hold a secret."""
        if not view.draft_name or self.field.secret or not view.secret.isdisjoint(self.field.steps[:1]):
            return ""
        row = "new" if place is None else place + 1
        return f"{view.draft_name}-{fingerprint(to_pointer(self.field.steps))}-{row}"

    def duplicate(self, place: int) -> None:
        """Add a copy of a row below it."""
        if self._rows and not self._is_full():
            rows = [*self._rows[: place + 1], copy.deepcopy(self._rows[place]), *self._rows[place + 1 :]]
            self._change(rows, place + 1)

    def delete(self, place: int) -> None:
        """Delete a row."""
        if self._rows:
            self._change([*self._rows[:place], *self._rows[place + 1 :]], place)

    def move(self, place: int, step: int) -> None:
        """Move a row up or down."""
        if self._rows and 0 <= place + step < len(self._rows):
            rows = [*self._rows]
            rows[place], rows[place + step] = rows[place + step], rows[place]
            self._change(rows, place + step)

    @property
    def _table(self) -> RowsTable:
        return self.query_one(RowsTable)

    def _change(self, rows: list[Any], cursor: int) -> None:
        self._rows = rows
        self._fill(cursor)
        self.enter(rows or None)

    def _fill(self, cursor: int) -> None:
        table = self._table
        table.clear()
        for number, row in enumerate(self._rows, start=1):
            table.add_row(Text(str(number)), *(Text(cell) for cell in self._cells(row)))
        table.styles.height = min(len(self._rows) + 1, MOST_LINES)
        if self._rows:
            table.move_cursor(row=min(cursor, len(self._rows) - 1), animate=False)
        self.set_class(not self._rows, "-empty")

    def _cells(self, row: Any) -> list[str]:
        if self.field.kind == "list":
            assert self.field.item is not None
            name = entry_name(self.field, row)
            return [f"{name}  {_cell(self.field.item, row)}" if name else _cell(self.field.item, row)]
        values = row if isinstance(row, dict) else {}
        return [_cell(column, values.get(column.steps[-1])) for column in self._columns]

    @property
    def _columns(self) -> list[Field]:
        """The fields of a row; what rows are called by comes first, where it is seen on a narrow screen too."""
        return sorted(self.field.fields, key=lambda column: column.steps[-1:] != self.field.label_of_entry[:1])


def _cell(field: Field, value: Any) -> str:
    if field.secret:
        return "********" if value is not None else ""
    if field.kind == "alternatives":
        return shortened(visible(_alternative_words(field, value)), WIDEST_CELL)
    return shortened(visible(format_value(field, value)), WIDEST_CELL)


def _alternative_words(field: Field, value: Any) -> str:
    """Which alternative it is, and what is filled in for it."""
    place = chosen_place(field.schema, value, field.steps, NOTHING_CHOSEN)
    if place is None:
        return format_value(field, None) if value is None else written(value)
    chosen = field.fields[place]
    if not isinstance(value, dict):
        return f"{chosen.label}: {format_value(chosen, value)}"
    told = [format_value(one, value.get(one.steps[-1])) for one in chosen.fields if not one.secret]
    return ": ".join(part for part in (chosen.label, ", ".join(one for one in told if one)) if part)
