"""The source control accounts of this installation."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pandium_tui.hub.source_accounts import remove_source_account, source_account, source_accounts
from pandium_tui.screens.page import FINAL, Page
from pandium_tui.sources.accounts import username_of
from pandium_tui.storage.records import SourceAccount
from pandium_tui.storage.vocabulary import HTTPS_ACCESS, SSH_ACCESS
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.record_list import RecordList
from pandium_tui.widgets.rows import Cell, Column, Rows
from pandium_tui.widgets.when import NOTHING, When

EMPTY = (
    "No source control accounts. Without one, git on this machine uses its own ssh keys and credential helpers. "
    "Press {accounts.new} to add one with a token or an ssh key of its own."
)


class SourceAccountsPage(Page):
    """The table of accounts."""

    BINDING_GROUP_TITLE = "Source control accounts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New account", id="accounts.new", tooltip="Add an account"),
        Binding("x,delete", "remove", "Remove", id="accounts.remove", tooltip="Remove the selected account; asks"),
    ]

    def crumbs(self) -> list[str]:
        """Where we are."""
        return ["source control accounts"]

    def compose_page(self) -> ComposeResult:
        """The table."""
        yield RecordList(
            "source accounts",
            Column("Account", 24, sorts=lambda one: one.name),
            Column("Provider", 10, sorts=lambda one: one.provider),
            Column("How", 12, sorts=lambda one: one.method),
            Column("User or key", 30),
            Column("Used by", 40, sorts=lambda one: len(one.integrations)),
            Column("Changed", 14, shown_from=100, sorts=lambda one: one.modified_date),
            store=self.store,
            memory=self.pandium.memory,
            place="accounts",
            empty_text=EMPTY,
        )

    def on_mount(self) -> None:
        """The keys go to the table, not to its filter."""
        self.query_one(Rows).focus()

    async def show(self) -> None:
        """Show all accounts."""
        found = await self.read(source_accounts, self.store)
        when = self.when
        self.query_one(RecordList).show(found, lambda one: cells_of(one, when))

    def on_rows_row_chosen(self, event: Rows.RowChosen) -> None:
        """Change the account."""
        self._open_form(event.key)

    def action_new(self) -> None:
        """Add an account."""
        self._open_form(None)

    @work(exclusive=True, group="form")
    async def _open_form(self, account_id: int | None) -> None:
        from pandium_tui.screens.source_account_form import SourceAccountForm

        account = None if account_id is None else await self.do(source_account, self.store, account_id)
        if account_id is None or account is not None:
            await self.app.push_screen_wait(SourceAccountForm(self.store, self.actor, account))

    @work(exclusive=True, group="change")
    async def action_remove(self) -> None:
        """Remove after a question that names who uses it."""
        key = self.query_one(Rows).current_key
        account = None if key is None else await self.do(source_account, self.store, key)
        if account is None:
            return
        affected = [
            f"Used by {name}: its next builds have what git on this machine has" for name in account.integrations
        ]
        affected += [f"Its token is deleted for good. {FINAL}"] if account.has_token else []
        if await self.app.push_screen_wait(
            Confirm(
                f"Remove the source control account {account.name}?", affected or ["Nothing uses it."], yes="Remove"
            )
        ):
            removed = await self.do(remove_source_account, self.store, account.id, self.actor, even_if_used=True)
            if removed is not None and not removed.has_token:
                self.tell(f"{removed.name} is removed. {self.undoes}")


def cells_of(one: SourceAccount, when: When) -> tuple[Cell, ...]:
    """What the table says about an account."""
    detail = one.key_file if one.method == SSH_ACCESS else NOTHING
    if one.method == HTTPS_ACCESS:
        detail = username_of(one) + ("" if one.has_token else " (no token)")
    users = ", ".join(one.integrations) or NOTHING
    return one.name, one.provider, one.method, detail, users, when.relative(one.modified_date)
