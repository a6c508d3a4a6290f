"""From a source control account of the store to what git gets."""

from pandium_tui.sources.credentials import Credentials
from pandium_tui.sources.errors import SourceError
from pandium_tui.storage import account_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import SourceAccount
from pandium_tui.storage.vault import SealContext, Vault, VaultError
from pandium_tui.storage.vocabulary import HTTPS_ACCESS, SSH_ACCESS

DEFAULT_USERNAMES = {
    "GitHub": "x-access-token",
    "GitLab": "oauth2",
    "Bitbucket": "x-token-auth",
    "Azure": "pandium-tui",
    "plain git": "git",
}
"""The user name that goes with a token where none was entered."""


def token_context(uuid: str) -> SealContext:
    """What the token of an account is sealed for."""
    return SealContext("account", "", uuid, "token")


def credentials_of(store: Store, account_id: int | None) -> Credentials | None:
    """What an account gives to git; None without an account.

    Raises:
        SourceError: kind ``credentials``; the account is gone, or its token cannot be opened.
    """
    if account_id is None:
        return None
    with store.reading() as reader:
        account = account_queries.source_account(reader, account_id)
    if account is None:
        raise SourceError("credentials", "The source control account of this integration is gone. Choose another one.")
    if account.method == SSH_ACCESS:
        return Credentials(key_file=account.key_file)
    if account.method != HTTPS_ACCESS:
        return Credentials()
    try:
        token = Vault(store).open(token_context(account.uuid))
    except VaultError as error:
        message = f"The token of the source control account {account.name} cannot be used: {error}"
        raise SourceError("credentials", message) from error
    return Credentials(username_of(account), token)


def username_of(account: SourceAccount) -> str:
    """The user name that goes with the account's token."""
    return account.username or DEFAULT_USERNAMES.get(account.provider, "git")
