"""Who is told of the failures and recoveries of an integration."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pandium_tui.hub.notifications import (
    notification,
    notifications,
    remove_notification,
    target_words,
    test_notification,
)
from pandium_tui.screens.page import FINAL, Page
from pandium_tui.screens.text_screen import TextScreen
from pandium_tui.storage.notification_queries import Notification
from pandium_tui.text import visible
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.record_list import RecordList
from pandium_tui.widgets.rows import Cell, Column, Rows
from pandium_tui.widgets.when import NOTHING, When

EMPTY = (
    "Nobody is told when something of it fails. Press {notifications.new} to add a command, a webhook, "
    "or people by e-mail."
)


class NotificationsPage(Page):
    """The table of notifications."""

    BINDING_GROUP_TITLE = "Notifications"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", id="notifications.new", tooltip="Have somebody told"),
        Binding("e", "edit", "Edit", id="notifications.edit", tooltip="Change who is told, or how often"),
        Binding("t", "test", "Test", id="notifications.test", tooltip="Send a message that says it is a test"),
        Binding("x,delete", "remove", "Remove", id="notifications.remove", tooltip="Tell the selected no more; asks"),
    ]

    def __init__(self, integration_id: int, integration_name: str) -> None:
        super().__init__()
        self._integration_id = integration_id
        self._integration_name = integration_name

    def crumbs(self) -> list[str]:
        """Where we are."""
        return ["integrations", self._integration_name, "notifications"]

    def compose_page(self) -> ComposeResult:
        """The table."""
        yield RecordList(
            "notifications",
            Column("Kind", 8, sorts=lambda one: one.kind),
            Column("Who", 36, sorts=target_words),
            Column("Sent", 14, sorts=lambda one: one.sent_date),
            Column("Problem", 60, sorts=lambda one: one.problem),
            Column("Waiting", 8, shown_from=100, sorts=lambda one: one.pending),
            Column("At most every", 14, shown_from=100, sorts=lambda one: one.interval),
            store=self.store,
            memory=self.pandium.memory,
            place=f"integration.{self._integration_id}",
            empty_text=EMPTY,
        )

    async def show(self) -> None:
        """Show all of them."""
        found = await self.read(notifications, self.store, self._integration_id)
        when = self.when
        self.query_one(RecordList).show(found, lambda one: cells_of(one, when))
        if self.focused is None:
            self.query_one(Rows).focus()

    @work(exclusive=True, group="open")
    async def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        """Show what the table has no room for."""
        one = await self.do(notification, self.store, event.key)
        if one is not None:
            title = f"Notification {one.id} of {one.integration_name}"
            self.app.push_screen(TextScreen(title, details_of(one, self.when)))

    @work(exclusive=True, group="form")
    async def action_new(self) -> None:
        """Add one."""
        from pandium_tui.screens.notification_form import NotificationForm

        form = NotificationForm(self.store, self.actor, self._integration_id, self._integration_name)
        await self.app.push_screen_wait(form)

    @work(exclusive=True, group="form")
    async def action_edit(self) -> None:
        """Change the selected one."""
        from pandium_tui.screens.notification_form import NotificationForm

        key = self.query_one(Rows).current_key
        one = None if key is None else await self.do(notification, self.store, key)
        if one is not None:
            form = NotificationForm(self.store, self.actor, self._integration_id, self._integration_name, one)
            await self.app.push_screen_wait(form)

    @work(exclusive=True, group="test")
    async def action_test(self) -> None:
        """Send a test, which takes seconds."""
        key = self.query_one(Rows).current_key
        if key is None:
            return
        self.tell("Sending a test…")
        if done := await self.do_long(test_notification, self.store, key, self.actor):
            self.tell(f"The test has arrived: {target_words(done)}")

    @work(exclusive=True, group="change")
    async def action_remove(self) -> None:
        """Remove after a question."""
        key = self.query_one(Rows).current_key
        one = None if key is None else await self.do(notification, self.store, key)
        if one is None:
            return
        waiting = [f"What waits to be told is dropped: {one.pending}."] if one.pending else []
        final = [] if one.kind == "email" else [FINAL]
        if one.kind == "webhook":
            final = [f"The secret that signs its messages is deleted for good. {FINAL}"]
        question = f"Tell {one.kind} {target_words(one)} no more?"
        if await self.app.push_screen_wait(Confirm(question, [*waiting, *final], yes="Remove")):
            removed = await self.do(remove_notification, self.store, one.id, self.actor)
            if removed is not None and not final:
                self.tell(f"{target_words(removed)} is told no more. {self.undoes}")


def cells_of(one: Notification, when: When) -> tuple[Cell, ...]:
    """What the table says about a notification."""
    problem = f"✗ {visible(one.problem)}" if one.problem else NOTHING
    return (
        one.kind,
        target_words(one),
        when.relative(one.sent_date) if one.sent_date else "never",
        problem,
        str(one.pending),
        f"{one.interval} s",
    )


def details_of(one: Notification, when: When) -> str:
    """All that is known of a notification, a line each."""
    lines = [
        ("Kind", one.kind),
        ("Who", target_words(one)),
        ("At most every", f"{one.interval} s"),
        ("Waiting", f"{one.pending} failures and recoveries"),
        ("Sent", when.both(one.sent_date) if one.sent_date else "never"),
        ("Problem", f"{one.problem} ({when.both(one.problem_date)})" if one.problem else NOTHING),
        ("Since", when.both(one.created_date)),
    ]
    return "\n".join(f"{label:<16}{words}" for label, words in lines)
