"""Add or change a source control account."""

from collections.abc import Iterable

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.naming import NAME_HELP
from pandium_tui.hub.source_accounts import (
    SourceAccountValues,
    create_source_account,
    edit_source_account,
    problems_of,
    values_of,
)
from pandium_tui.screens.form import Checked, Form, Raw
from pandium_tui.sources.accounts import DEFAULT_USERNAMES
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import SourceAccount
from pandium_tui.storage.vault import Secret
from pandium_tui.storage.vocabulary import HTTPS_ACCESS, NO_ACCESS, SOURCE_PROVIDERS, SSH_ACCESS
from pandium_tui.widgets.choice import Choice
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.text_input import TextInput
from pandium_tui.widgets.token_input import TokenInput

METHODS = (
    ("Token over https", HTTPS_ACCESS),
    ("ssh key of its own", SSH_ACCESS),
    ("None: public, or what git on this machine has", NO_ACCESS),
)
_FIELDS_OF = {HTTPS_ACCESS: ("token", "username"), SSH_ACCESS: ("key_file",), NO_ACCESS: ()}


class SourceAccountForm(Form):
    """The form; with an account it changes that one."""

    def __init__(self, store: Store, actor: Actor, account: SourceAccount | None = None) -> None:
        super().__init__()
        self._store = store
        self._actor = actor
        self._account = account

    def heading(self) -> str:
        """What the form is for."""
        return "New source control account" if self._account is None else f"Edit account {self._account.name}"

    @property
    def draft_name(self) -> str:
        """One for new accounts, and one for each that is changed."""
        return "source-account-new" if self._account is None else f"source-account-{self._account.id}"

    def fields(self) -> Iterable[Field]:
        """All of them; those of other methods are hidden."""
        now = SourceAccountValues("") if self._account is None else values_of(self._account)
        providers = [(provider, provider) for provider in SOURCE_PROVIDERS]
        yield Field("name", "Name", TextInput(now.name), NAME_HELP)
        provider = Choice(providers, value=now.provider, allow_blank=False, compact=True)
        yield Field("provider", "Provider", provider, "Where its repositories are")
        method = Choice(METHODS, value=now.method, allow_blank=False, compact=True)
        yield Field("method", "How git gets in", method, "With what its integrations clone and push")
        kept = "Empty: the one that is sealed stays. " if self._has_token else ""
        yield Field("token", "Token", TokenInput(), f"{kept}Sealed in the vault; it cannot be shown again")
        yield Field("username", "User name", TextInput(now.username), "Empty: what the provider wants beside a token")
        yield Field(
            "key_file",
            "Key file",
            TextInput(now.key_file, "~/.ssh/id_ed25519"),
            "A private key, without passphrase or in the ssh agent",
        )

    def show_and_hide(self, raw: Raw) -> None:
        """Each method has its own fields."""
        shown = _FIELDS_OF[raw["method"]]
        for name in ("token", "username", "key_file"):
            self._fields[name].display = name in shown

    def check(self, raw: Raw) -> Checked:
        """What the hub says about the values."""
        hint = f"Goes with the token; empty: {DEFAULT_USERNAMES[raw['provider']]}, as {raw['provider']} expects"
        return Checked(problems_of(_values(raw), has_token=self._has_token), {"username": hint})

    def save(self, raw: Raw) -> int:
        """Create or change it."""
        if self._account is None:
            return create_source_account(self._store, _values(raw), self._actor).id
        return edit_source_account(self._store, self._account.id, _values(raw), self._actor).id

    @property
    def _has_token(self) -> bool:
        return self._account is not None and self._account.has_token


def _values(raw: Raw) -> SourceAccountValues:
    token = raw["token"].strip()
    return SourceAccountValues(
        name=raw["name"].strip(),
        provider=raw["provider"],
        method=raw["method"],
        username=raw["username"].strip(),
        key_file=raw["key_file"].strip(),
        token=Secret(token) if token else None,
    )
