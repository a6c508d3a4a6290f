"""The table of schedule options: add, edit, delete, order, choose the default. Saved with the rest of the tab."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import DataTable

from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.schedules import explain_schedule
from pandium_tui.screens.integration.option_form import OptionForm
from pandium_tui.storage.records import ScheduleOption
from pandium_tui.widgets.rows import Column, Rows

Options = tuple[ScheduleOption, ...]


class OptionRows(Rows):
    """The options in the order tenants read them; the key of a row is its place, from 1."""

    DEFAULT_CSS = """
    OptionRows { height: auto; max-height: 12; }
    """
    BINDING_GROUP_TITLE = "Schedule options"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add", id="options.add", tooltip="Add a schedule option"),
        Binding("e,enter", "edit", "Edit", id="options.edit", tooltip="Change the selected option"),
        Binding("x,delete", "remove", "Delete", id="options.remove", tooltip="Take the selected option out"),
        Binding("d", "default", "Default", id="options.default", tooltip="New tenants begin with it; again: with none"),
        Binding("K,shift+up", "move(-1)", "Move up", id="options.up", tooltip="Earlier in the list"),
        Binding("J,shift+down", "move(1)", "Move down", id="options.down", tooltip="Later in the list"),
    ]

    @dataclass
    class Changed(Message):
        """The options are others now."""

        rows: "OptionRows"

    @dataclass
    class Selected(Message):
        """Another option is under the cursor, None without any."""

        option: ScheduleOption | None

    def __init__(self, zone: str, draft_name: str) -> None:
        """The table; ``draft_name`` is what drafts of its options begin with."""
        super().__init__(
            Column("Default", 7),
            Column("Label", 24),
            Column("Cron", 20),
            Column("In words", 60),
            empty_text="No options: tenants can only run by hand, or write their own. Press {options.add} to add one.",
            id="schedule-options",
        )
        self.options: Options = ()
        self.zone = zone
        self._draft_name = draft_name
        self._words: dict[str, str] = {}

    def show_options(self, options: Sequence[ScheduleOption]) -> None:
        """Show these options."""
        self.options = tuple(options)
        self._show()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Tell which option is meant."""
        event.stop()
        self._tell_selected()

    def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        """A click edits, like Enter."""
        event.stop()
        self.action_edit()

    def action_add(self) -> None:
        """Add an option after the selected one."""
        self._edit(None)

    def action_edit(self) -> None:
        """Change the selected option."""
        if self._place is not None:
            self._edit(self._place)

    def action_remove(self) -> None:
        """Take the selected option out; ctrl+r brings it back until it is saved."""
        if (place := self._place) is not None:
            self._replace((*self.options[:place], *self.options[place + 1 :]), place)

    def action_default(self) -> None:
        """Make the selected option the default; when it is, make none the default."""
        if (place := self._place) is not None:
            wanted = not self.options[place].default
            changed = [replace(one, default=wanted and at == place) for at, one in enumerate(self.options)]
            self._replace(tuple(changed), place)

    def action_move(self, step: int) -> None:
        """Move the selected option up or down."""
        place = self._place
        if place is not None and 0 <= place + step < len(self.options):
            changed = list(self.options)
            changed.insert(place + step, changed.pop(place))
            self._replace(tuple(changed), place + step)

    @property
    def _place(self) -> int | None:
        key = self.current_key
        return None if key is None or key > len(self.options) else key - 1

    @work(exclusive=True, group="option form")
    async def _edit(self, place: int | None) -> None:
        option = ScheduleOption("", "") if place is None else self.options[place]
        others = [one for at, one in enumerate(self.options) if at != place]
        form = OptionForm(option, others, self.zone, f"{self._draft_name}-{'new' if place is None else place + 1}")
        if await self.app.push_screen_wait(form) is None:
            return
        self.zone = form.zone
        changed = list(self.options)
        if place is None:
            place = len(changed) if self._place is None else self._place + 1
            changed.insert(place, form.option)
        else:
            changed[place] = form.option
        self._replace(tuple(changed), place)

    def _replace(self, options: Options, place: int) -> None:
        self.options = options
        self._show(min(place, len(options) - 1))
        self.post_message(self.Changed(self))

    def _show(self, place: int | None = None) -> None:
        """At once, so that the next key meets what the last one did; words that are not known yet come later."""
        self.set_rows(
            [
                (key, (Text("●" if one.default else ""), one.label, one.cron, self._words.get(one.cron, "…")))
                for key, one in enumerate(self.options, start=1)
            ]
        )
        if place is not None and place >= 0:
            self.move_cursor(row=place)
        self._tell_selected()
        if any(one.cron not in self._words for one in self.options):
            self._find_words()

    @work(exclusive=True, group="option words")
    async def _find_words(self) -> None:
        crons, zone = [one.cron for one in self.options], self.zone
        self._words |= await asyncio.to_thread(lambda: {cron: _in_words(cron, zone) for cron in crons})
        self._show()

    def _tell_selected(self) -> None:
        place = self._place
        self.post_message(self.Selected(None if place is None else self.options[place]))


def _in_words(cron: str, zone: str) -> str:
    try:
        return explain_schedule(cron, zone, count=1).description
    except InvalidError as error:
        return f"✗ {error}"
