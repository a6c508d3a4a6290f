"""``pandium-tui source-account …``."""

import sys
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from pandium_tui.cli.context import complain, of, reported
from pandium_tui.cli.filtering import FilterText, empty_text, matching
from pandium_tui.cli.output import AsJson, print_record, print_records
from pandium_tui.hub import source_accounts as hub
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.filtering import passing
from pandium_tui.hub.source_accounts import SourceAccountValues
from pandium_tui.storage.vault import Secret

app = typer.Typer(help="Source control accounts: add, list, edit, remove.", no_args_is_help=True)


class Provider(Enum):
    """Who keeps the repositories."""

    github = "GitHub"
    gitlab = "GitLab"
    bitbucket = "Bitbucket"
    azure = "Azure"
    plain = "plain git"


class Method(Enum):
    """How git gets in."""

    none = "none"
    https = "https token"
    ssh = "ssh key"


Reference = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its id or name.")]
ProviderName = Annotated[Provider | None, typer.Option(case_sensitive=False, help="Says which user goes with a token.")]
MethodName = Annotated[Method | None, typer.Option(help="How git gets in; follows from a token or key file given.")]
Username = Annotated[str | None, typer.Option(help="User that goes with the token; what the provider expects without.")]
KeyFile = Annotated[str | None, typer.Option(metavar="FILE", help="Private ssh key on this machine.")]
TokenFile = Annotated[Path | None, typer.Option(metavar="FILE", help="Read the token from a file.")]
FromStdin = Annotated[bool, typer.Option("--from-stdin", help="Read the token from stdin.")]


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and inner hyphens.")],
    provider: ProviderName = None,
    method: MethodName = None,
    username: Username = None,
    key_file: KeyFile = None,
    token_file: TokenFile = None,
    from_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Add an account. A token is sealed in the vault; it comes from a file or stdin, never as an argument."""
    with reported():
        token = _token(token_file, from_stdin)
        values = _changed(SourceAccountValues(name), provider, method, username, key_file, token)
        print_record(hub.create_source_account(of(context).store, values, of(context).actor), as_json)


@app.command("list")
def list_(context: typer.Context, filter_text: FilterText = "", as_json: AsJson = False) -> None:
    """List the accounts."""
    with reported():
        wanted = matching(of(context).store, "source accounts", filter_text)
        print_records(
            passing(hub.source_accounts(of(context).store), wanted),
            (
                ("id", lambda one: one.id),
                ("name", lambda one: one.name),
                ("provider", lambda one: one.provider),
                ("method", lambda one: one.method),
                ("used by", lambda one: ", ".join(one.integrations)),
            ),
            as_json,
            empty=empty_text(wanted, "No accounts yet. Add one: pandium-tui source-account add NAME --token-file FILE"),
        )


@app.command()
def edit(
    context: typer.Context,
    account: Reference,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    provider: ProviderName = None,
    method: MethodName = None,
    username: Username = None,
    key_file: KeyFile = None,
    token_file: TokenFile = None,
    from_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Change an account; what is not given stays. It concerns the next builds of the integrations that use it."""
    with reported():
        store = of(context).store
        found = hub.source_account(store, account)
        token = _token(token_file, from_stdin)
        values = _changed(hub.values_of(found), provider, method, username, key_file, token)
        if name is not None:
            values = replace(values, name=name)
        print_record(hub.edit_source_account(store, found.id, values, of(context).actor), as_json)


@app.command()
def remove(
    context: typer.Context,
    account: Reference,
    yes: Annotated[bool, typer.Option("--yes", help="Also when integrations use it, without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove an account and its token for good; asks when integrations use it."""
    with reported():
        store = of(context).store
        found = hub.source_account(store, account)
        if found.integrations and not yes and sys.stdin.isatty():
            complain(f"{found.name} is used by {', '.join(found.integrations)}.")
            if not typer.confirm("Remove it all the same?", err=True):
                raise RefusedError("Nothing was removed.")
            yes = True
        try:
            removed = hub.remove_source_account(store, found.id, of(context).actor, even_if_used=yes)
        except RefusedError as error:
            raise RefusedError(f"{error} Give --yes to remove it all the same.") from error
        print_record(removed, as_json)


def _token(file: Path | None, from_stdin: bool) -> Secret | None:
    if file is not None and from_stdin:
        raise InvalidError({"--token-file": "does not go with --from-stdin"})
    try:
        if from_stdin:
            return Secret(sys.stdin.read().strip())
        return None if file is None else Secret(file.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise InvalidError({"--token-file": f"{file} cannot be read: {error.strerror}"}) from None
    except UnicodeDecodeError:
        raise InvalidError({"token": "is not UTF-8 text"}) from None


def _changed(
    values: SourceAccountValues,
    provider: Provider | None,
    method: Method | None,
    username: str | None,
    key_file: str | None,
    token: Secret | None,
) -> SourceAccountValues:
    """The values with what was given; a token or a key file alone says how git gets in."""
    given: dict[str, Any] = {
        "provider": provider and provider.value,
        "method": (method and method.value) or (key_file and Method.ssh.value) or (token and Method.https.value),
        "username": username,
        "key_file": key_file,
        "token": token,
    }
    return replace(values, **{field: value for field, value in given.items() if value is not None})
