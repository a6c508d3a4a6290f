"""Source control accounts: how git reaches private repositories. A token is sealed, and never given back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError, NotFoundError, RefusedError
from pandium_tui.hub.naming import name_problem, suggestion
from pandium_tui.sources.accounts import token_context
from pandium_tui.storage import account_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import SourceAccount
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import Secret, Vault
from pandium_tui.storage.vocabulary import HTTPS_ACCESS, SOURCE_METHODS, SOURCE_PROVIDERS, SSH_ACCESS

if TYPE_CHECKING:
    from pandium_tui.storage.setup_tables import SourceAccountRow

TOKEN_LENGTH = 8192


@dataclass(frozen=True, slots=True)
class SourceAccountValues:
    """What a person may enter about an account.

    Attributes:
        provider: one of ``SOURCE_PROVIDERS``; says which user name goes with a token.
        method: one of ``SOURCE_METHODS``.
        username: goes with the token; empty for what the provider expects.
        key_file: path of a private ssh key on this machine.
        token: None to keep the one that is sealed.
    """

    name: str
    provider: str = "GitHub"
    method: str = HTTPS_ACCESS
    username: str = ""
    key_file: str = ""
    token: Secret | None = field(default=None, repr=False)


def source_accounts(store: Store) -> list[SourceAccount]:
    """All accounts by name."""
    with store.reading() as reader:
        return account_queries.source_accounts(reader)


def source_account(store: Store, reference: int | str) -> SourceAccount:
    """One account by its id or name.

    Raises:
        NotFoundError: there is none.
    """
    known = source_accounts(store)
    found = next((one for one in known if one.name == str(reference)), None)
    found = found or next((one for one in known if str(one.id) == str(reference)), None)
    if found is None:
        near = suggestion(str(reference), [one.name for one in known])
        raise NotFoundError(f"There is no source control account {str(reference)!r}.{near}")
    return found


def values_of(account: SourceAccount) -> SourceAccountValues:
    """The values of an account as a person would enter them; the token stays where it is."""
    return SourceAccountValues(account.name, account.provider, account.method, account.username, account.key_file)


def problems_of(values: SourceAccountValues, *, has_token: bool = False) -> dict[str, str]:
    """What is wrong with the values, by field; ``has_token`` when one is sealed already."""
    problems: dict[str, str] = {}
    if problem := name_problem(values.name):
        problems["name"] = problem
    if values.provider not in SOURCE_PROVIDERS:
        problems["provider"] = f"must be one of {', '.join(SOURCE_PROVIDERS)}"
    if values.method not in SOURCE_METHODS:
        problems["method"] = f"must be one of {', '.join(SOURCE_METHODS)}"
    if not values.username.isprintable() or " " in values.username:
        problems["username"] = "may have no blanks or control characters"
    if values.method == HTTPS_ACCESS and (problem := _token_problem(values.token, has_token)):
        problems["token"] = problem
    if values.method == SSH_ACCESS and (problem := _key_problem(values.key_file)):
        problems["key_file"] = problem
    return problems


def create_source_account(store: Store, values: SourceAccountValues, actor: Actor) -> SourceAccount:
    """Add an account, and seal its token.

    Raises:
        InvalidError: with what is wrong by field.
        VaultError: the token cannot be sealed; nothing was added.
    """
    from pandium_tui.storage.setup_tables import SourceAccountRow

    now = utc_now()
    row = SourceAccountRow(uuid=str(uuid.uuid4()), name="", provider="", method="", created_date=now, modified_date=now)
    return _saved(store, row, values, actor, "create source account", has_token=False)


def edit_source_account(store: Store, account_id: int, values: SourceAccountValues, actor: Actor) -> SourceAccount:
    """Change an account; it concerns the next builds of the integrations that use it.

    Raises:
        InvalidError: with what is wrong by field.
        VaultError: the token cannot be sealed; nothing was changed.
    """
    from pandium_tui.storage.setup_tables import SourceAccountRow

    before = source_account(store, account_id)
    row = SourceAccountRow(
        id=before.id, uuid=before.uuid, created_date=before.created_date, name="", provider="", method="",
        modified_date=utc_now(),
    )  # fmt: skip
    has_token = before.has_token and before.method == HTTPS_ACCESS
    return _saved(store, row, values, actor, "edit source account", has_token=has_token)


def remove_source_account(store: Store, account_id: int, actor: Actor, *, even_if_used: bool = False) -> SourceAccount:
    """Remove an account and its token for good. Integrations that used it go on with this machine's own git.

    Without a token it can be undone.

    Raises:
        RefusedError: integrations use it; the text names them. ``even_if_used`` removes it all the same.
    """
    from sqlmodel import select

    from pandium_tui.storage.setup_tables import SourceAccountRow
    from pandium_tui.storage.tables import IntegrationRow

    found = source_account(store, account_id)
    if found.integrations and not even_if_used:
        raise RefusedError(
            f"The source control account {found.name} is used by {', '.join(found.integrations)}. Their next builds "
            "would have only what git on this machine has."
        )
    with store.writing() as session:
        users = list(session.exec(select(IntegrationRow).where(IntegrationRow.source_account_id == account_id)))
        for user in users:
            user.source_account_id = None
            user.modified_date = utc_now()
        Vault(store).forget(session, found.uuid)
        session.delete(session.get_one(SourceAccountRow, account_id))
        account = {name: getattr(found, name) for name in ("name", "provider", "method", "username", "key_file")}
        kept = {"of": "source account", "account": account, "users": [user.id for user in users]}
        note_activity(
            session, actor, "remove source account", detail=found.name, undo=None if found.has_token else kept
        )
    return found


def add_source_account_again(
    store: Store, values: SourceAccountValues, user_ids: Sequence[int], actor: Actor
) -> SourceAccount:
    """Add an account that was removed; of the integrations that used it, those use it again that use no other now.

    Raises:
        InvalidError: with what is wrong by field.
    """
    from sqlmodel import col, select

    from pandium_tui.storage.tables import IntegrationRow

    added = create_source_account(store, values, actor)
    with store.writing() as session:
        for user in session.exec(select(IntegrationRow).where(col(IntegrationRow.id).in_(user_ids))):
            if user.source_account_id is None:
                user.source_account_id = added.id
                user.modified_date = utc_now()
    return source_account(store, added.id)


def _saved(
    store: Store, row: "SourceAccountRow", values: SourceAccountValues, actor: Actor, action: str, *, has_token: bool
) -> SourceAccount:
    from sqlalchemy.exc import IntegrityError

    if problems := problems_of(values, has_token=has_token):
        raise InvalidError(problems)
    row.name, row.provider, row.method = values.name, values.provider, values.method
    row.username = values.username if values.method == HTTPS_ACCESS else ""
    row.key_file = values.key_file.strip() if values.method == SSH_ACCESS else ""
    vault = Vault(store)
    try:
        with store.writing() as session:
            row = session.merge(row)
            session.flush()
            if values.method != HTTPS_ACCESS:
                vault.forget(session, row.uuid)
            elif values.token is not None:
                vault.seal(session, token_context(row.uuid), values.token)
            note_activity(session, actor, action, detail=values.name)
    except IntegrityError as error:
        raise InvalidError({"name": f"{values.name!r} is taken by another account"}) from error
    return source_account(store, values.name)


def _token_problem(token: Secret | None, has_token: bool) -> str | None:
    if token is None or not token.reveal():
        return None if has_token else "is required with this method"
    text = token.reveal()
    if len(text) > TOKEN_LENGTH or not text.isascii() or not text.isprintable() or " " in text:
        return f"must be one line of at most {TOKEN_LENGTH} letters, digits and signs, without blanks"
    return None


def _key_problem(key_file: str) -> str | None:
    if not key_file.strip():
        return "is required with this method: the path of a private key, such as ~/.ssh/id_ed25519"
    try:
        file = Path(key_file.strip()).expanduser()
    except RuntimeError:
        return "names a user who has no home folder here"
    if not file.is_absolute():
        return "must be a full path, or begin with ~"
    return None if file.is_file() else "there is no such file on this machine"
