"""A list of records: a table, above it what it is filtered by, and the order it is in; all of it kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from pandium_tui.hub.view_memory import ViewMemory
from pandium_tui.storage.database import Store
from pandium_tui.widgets.key_words import with_keys
from pandium_tui.widgets.loaded_part import MOST, Part
from pandium_tui.widgets.rows import Cell, Column, Rows

if TYPE_CHECKING:
    from pandium_tui.storage.filtering.filters import Filter
    from pandium_tui.storage.filtering.language import FilterError
    from pandium_tui.widgets.filter_line import FilterLine

T = TypeVar("T")

NO_MATCH = "Nothing matches the filter. Press {page.filter} to change it, {rows.drop} to drop it."
PLACEHOLDER = "word -word field:value*; Enter to the table, {rows.drop} drops the filter"
SETTLED_AFTER = 0.12
"""Seconds without a key after which what was typed is looked for: not each letter is worth a look."""
UP, DOWN = "↑", "↓"


@dataclass(frozen=True, slots=True)
class Order:
    """The number of the column that a list is sorted by, and which way round."""

    column: int
    descending: bool = False


class RecordList(Vertical):
    """Shows records in a :class:`Rows` table; ``/`` of the page filters, ``>`` and ``C`` sort and choose columns.

    A list that the store pages (``paged``) is filtered and put in order by whoever reads it
    (``reading``). All others are given whole, and filtered and sorted here.
    """

    DEFAULT_CSS = """
    RecordList { height: 1fr; }
    RecordList .filter-problem { height: auto; max-height: 4; padding: 0 1; color: $text-error; }
    RecordList .among { height: auto; padding: 0 1; color: $text-warning; }
    RecordList .marks { height: 1; padding: 0 1; color: $text-accent; }
    """
    BINDING_GROUP_TITLE = "In a table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "greater_than_sign",
            "sort_by_next",
            "Sort",
            show=False,
            key_display=">",
            id="rows.sort",
            tooltip="Sort by the next column; each upwards, then downwards, at last as at first",
        ),
        Binding("C", "columns", "Columns", show=False, id="rows.columns", tooltip="Choose and sort columns"),
        Binding("escape", "drop", "Drop", show=False, id="rows.drop", tooltip="Unmark all rows, then drop the filter"),
        Binding("down", "to_table", "To the table", show=False, id="rows.enter", tooltip="From the filter to the rows"),
    ]

    @dataclass
    class Wanted(Message):
        """Other records are wanted, or in another order."""

        record_list: "RecordList"

        @property
        def control(self) -> "RecordList":
            """The list."""
            return self.record_list

    def __init__(
        self,
        listed: str,
        *columns: Column,
        store: Store,
        memory: ViewMemory,
        place: str,
        empty_text: str,
        paged: bool = False,
        marking: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """A list.

        Args:
            listed: which fields it can be filtered by, one of ``hub.filtering.FIELDS``; also the name it is known by.
            columns: of the table.
            store: whose time zone filters are read in.
            memory: where its filter, order and columns are kept.
            place: whose list it is; each place has a filter of its own.
            empty_text: what is said when there is nothing: how to begin.
            paged: whether the store pages it; it is in the order of its first column then, the highest first.
            marking: whether rows can be marked.
            id: of the widget.
        """
        super().__init__(id=id)
        self.rows = Rows(*columns, empty_text=empty_text, marking=marking)
        self._listed = listed
        self._paged = paged
        self._store = store
        self._memory = memory
        self._place = f"{place}.{listed}.filter"
        self._empty_text = empty_text
        self._text = memory.recall(self._place, str) or ""
        if self._text and self._problem_of(self._text):
            self._text = ""  # kept by another version
        self._settling: Timer | None = None
        self._line: FilterLine | None = None
        self._part = self._part_read = Part()
        self._going_to_last: bool | None = None
        self.order = self._kept_order()

    def compose(self) -> ComposeResult:
        """The table; lines above it come when there is something to say in them."""
        if self._text:
            yield self._filter_line()
        yield self.rows

    def _filter_line(self) -> "FilterLine":
        from pandium_tui.widgets.filter_line import FilterLine

        self._line = FilterLine(self._text, with_keys(self, PLACEHOLDER))
        return self._line

    def on_mount(self) -> None:
        """A filter, columns and an order that were kept are shown."""
        if self._line is not None:
            self._line.show(True)
        self._show_look()

    @property
    def matching(self) -> "Filter":
        """The filter in force; times in it count from now."""
        # Imported here, and where it is used below: a list is painted before anybody filters it.
        from pandium_tui.hub.filtering import filter_in_force

        return filter_in_force(self._store, self._listed, self._text)

    @property
    def takes_all(self) -> bool:
        """Whether it shows all that it is given, in the order it is given in."""
        return not self._text and self.order is None

    def reading(self) -> dict[str, Any]:
        """The arguments that a paged list is read with now, for what is shown next: which rows, in which order."""
        part = self._part_read = self._part
        arguments = {"matching": self.matching, "limit": part.wanted}
        if (sort := self._order_of_store) and self.order is not None:
            return arguments | {"sort": sort, "descending": self.order.descending}
        return arguments | {"oldest_first": (self.order is not None) != part.from_last}

    @property
    def _order_of_store(self) -> str:
        return "" if self.order is None else self.rows.all_columns[self.order.column].order

    def set_empty_text(self, text: str) -> None:
        """What is said when there is nothing, though nothing is filtered."""
        self._empty_text = text

    def show(
        self,
        records: Sequence[T],
        cells: Callable[[T], Sequence[Cell]],
        key: Callable[[T], int] = lambda record: record.id,  # type: ignore[attr-defined]
    ) -> None:
        """Show records; those of a list that is not paged as far as they pass the filter, in the order chosen."""
        from pandium_tui.hub.filtering import passing

        matching = self.matching
        shown = list(records) if self._paged else self._sorted(passing(records, matching))
        if self._part_read.from_last:
            shown.reverse()
        self.rows.set_empty_text(NO_MATCH if matching else self._empty_text)
        self.rows.set_rows([(key(one), cells(one)) for one in shown])
        if self._paged:
            self._take_part(len(shown))

    def _take_part(self, loaded: int) -> None:
        """Tell the table where there is more, and go to the end that was asked for."""
        part = self._part_read
        more = loaded >= part.wanted
        self.rows.more_before, self.rows.more_after = more and part.from_last, more and not part.from_last
        if part == self._part and self._going_to_last is not None:
            self.rows.go_to_end(last=self._going_to_last)
            self._going_to_last = None
        self._say("among", self._among_words(loaded))

    def on_rows_near_end(self, event: Rows.NearEnd) -> None:
        """Load a page more."""
        event.stop()
        if (grown := self._part.grown()) != self._part and self._part == self._part_read:
            self._part = grown
            self.post_message(self.Wanted(self))

    def on_rows_end_wanted(self, event: Rows.EndWanted) -> None:
        """Load the other end instead; what the store puts in order has an end that is not far."""
        event.stop()
        self._part = Part(MOST) if event.last and self._order_of_store else Part(from_last=event.last)
        self._going_to_last = event.last
        self.post_message(self.Wanted(self))

    @on(Input.Changed)
    def _filter_as_typed(self, event: Input.Changed) -> None:
        event.stop()
        problem = self._problem_of(event.value)
        if self._line is not None:
            self._line.mark(*((problem.start, problem.end) if problem else (0, 0)))
        self._say("filter-problem", f"✗ {problem}" if problem else "")
        if problem is None and event.value.strip() != self._text:
            self._text = event.value.strip()
            if self._settling is not None:
                self._settling.stop()
            self._settling = self.set_timer(SETTLED_AFTER, self._want_filtered)

    def _want_filtered(self) -> None:
        self._part = Part()
        self._memory.keep(self._place, self._text or None)
        self.post_message(self.Wanted(self))

    @on(Input.Submitted)
    def _end_typing(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_to_table()

    @on(Rows.MarksChanged)
    def _tell_marks(self) -> None:
        count = len(self.rows.marked)
        self._say("marks", f"◆ {count} marked: keys act on all of them. Esc unmarks." if count else "")
        self.refresh_bindings()

    async def begin_filter(self) -> None:
        """Begin to type a filter."""
        line = self._line
        if line is None:
            line = self._filter_line()
            await self.mount(line, before=0)
        line.show(True)
        line.field.focus()
        self.refresh_bindings()

    def action_to_table(self) -> None:
        """Keep the filter and go to what it found."""
        if self._line is not None:
            self._line.show(bool(self._line.field.value))
        self.rows.focus()
        self.refresh_bindings()

    def action_drop(self) -> None:
        """Unmark what is marked; when nothing is, drop the filter."""
        if self.rows.marked and not self._typing:
            self.rows.unmark()
            return
        if self._line is not None:
            self._line.field.value = ""
        self.action_to_table()

    def action_sort_by_next(self) -> None:
        """Each column that can be sorted by, upwards and downwards in turn, then as at first."""
        shown = [number for number in range(len(self.rows.all_columns)) if self.rows.shows(number)]
        self._take_next([order for number in shown for order in self._orders_of(number)])

    def action_columns(self) -> None:
        """Choose and sort columns in a list of them."""
        from pandium_tui.widgets.column_choice import ColumnChoice

        self.app.push_screen(ColumnChoice(self))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape goes one step back only while there is something to drop; the rest is said of the typing."""
        if action == "drop":
            return (self._line is not None and self._line.field.can_focus) or bool(self.rows.marked)
        if action == "to_table":
            return self._typing
        return not self._typing if action in ("sort_by_next", "columns") else True

    def can_sort_by(self, number: int) -> bool:
        """Whether a column has an order."""
        return bool(self._orders_of(number))

    def sort_or_turn(self, number: int) -> None:
        """Sort by a column; when it is, the other way round, and then as at first."""
        self._take_next(self._orders_of(number))

    def _take_next(self, orders: list[Order]) -> None:
        """The order after the present one, at last that which the list has by itself."""
        place = orders.index(self.order) + 1 if self.order in orders else 0
        self.sort_by(orders[place] if place < len(orders) else None)

    def _orders_of(self, number: int) -> list[Order]:
        column = self.rows.all_columns[number]
        if column.sorts is None and not column.order:
            return []
        # A paged list has its first column downwards by itself.
        turns = not (self._paged and not column.order)
        return [Order(number), *([Order(number, descending=True)] if turns else [])]

    def sort_by(self, order: Order | None) -> None:
        """Put the list in another order; None for that it has by itself."""
        self.order = order
        self._part = Part()
        label = None if order is None else self.rows.all_columns[order.column].label
        self._memory.keep(f"{self._listed}.sort", None if order is None else [label, order.descending])
        self._show_look()
        self.post_message(self.Wanted(self))

    def want_column(self, number: int, wanted: bool) -> None:
        """Show a column, or do not, however wide the screen is."""
        columns = self._kept_columns() | {self.rows.all_columns[number].label: wanted}
        self._memory.keep(f"{self._listed}.columns", dict(columns))
        self._show_look()

    @property
    def is_shown(self) -> bool:
        """Whether it is on the tab or view that is shown."""
        return all(node.display for node in self.ancestors_with_self if isinstance(node, Widget))

    @property
    def _typing(self) -> bool:
        return self._line is not None and self._line.field.has_focus

    def _show_look(self) -> None:
        heads = {}
        if self.order is not None:
            label = self.rows.all_columns[self.order.column].label
            heads[self.order.column] = f"{label} {DOWN if self.order.descending else UP}"
        self.rows.set_look(self._kept_columns(), heads)
        self._say("among", self._among_words(0))

    def _among_words(self, loaded: int) -> str:
        """Among which rows one is, when there are others."""
        if self._order_of_store:
            from pandium_tui.storage.run_order_queries import SORTED_AMONG

            return f"Sorted among the newest {SORTED_AMONG:,} that match; a filter (/) looks further back."
        return with_keys(self.rows, self._part_read.words(loaded)) if self._paged else ""

    def _say(self, what: str, text: str) -> None:
        """In a line above the table, which is there as long as it has something to say."""
        for line in self.query(f".{what}").results(Static):
            line.update(text)
            line.display = bool(text)
            return
        if text:
            self.mount(Static(text, classes=what, markup=False), before=self.rows)

    def _kept_columns(self) -> dict[str, bool]:
        kept = self._memory.recall(f"{self._listed}.columns", dict) or {}
        return {str(label): bool(wanted) for label, wanted in kept.items()}

    def _kept_order(self) -> Order | None:
        match self._memory.recall(f"{self._listed}.sort", list):
            case [str(label), bool(descending)]:
                for number, column in enumerate(self.rows.all_columns):
                    if column.label == label and self.can_sort_by(number):
                        return Order(number, descending)
        return None

    def _problem_of(self, text: str) -> "FilterError | None":
        from pandium_tui.hub.filtering import problem_of

        return problem_of(self._store, self._listed, text)

    def _sorted(self, records: list[T]) -> list[T]:
        """In the chosen order; what has no value there comes last in either direction."""
        sorts = None if self.order is None else self.rows.all_columns[self.order.column].sorts
        if sorts is None or self.order is None:
            return records
        known = [one for one in records if sorts(one) is not None]
        unknown = [one for one in records if sorts(one) is None]
        return sorted(known, key=lambda one: _comparable(sorts(one)), reverse=self.order.descending) + unknown


def _comparable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
