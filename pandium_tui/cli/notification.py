"""``pandium-tui notification …``."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import AsJson, print_json, print_record, print_records
from pandium_tui.hub import integrations
from pandium_tui.hub import notifications as hub
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.notifications import NotificationValues
from pandium_tui.storage.vault import Secret

app = typer.Typer(
    help="Who is told of failures and recoveries: add, edit, list, test, remove, smtp-password.", no_args_is_help=True
)

Reference = Annotated[int, typer.Argument(metavar="NOTIFICATION", help="Its id, see notification list.")]
SecretFile = Annotated[Path | None, typer.Option(metavar="FILE", help="Read the secret of a webhook from a file.")]
FromStdin = Annotated[bool, typer.Option("--from-stdin", help="Read the secret from stdin.")]


@app.command()
def add(
    context: typer.Context,
    integration: Annotated[str, typer.Argument(metavar="INTEGRATION", help="Its id or name.")],
    command: Annotated[
        str | None, typer.Option(help="A program and its arguments, run without a shell; gets JSON on stdin.")
    ] = None,
    webhook: Annotated[str | None, typer.Option(metavar="URL", help="https address that gets signed JSON.")] = None,
    email: Annotated[list[str] | None, typer.Option(metavar="ADDRESS", help="May be given several times.")] = None,
    interval: Annotated[int, typer.Option(help="Seconds between two messages.")] = hub.USUAL_INTERVAL,
    secret_file: SecretFile = None,
    from_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Have a command, a webhook or people told of failures, and of the first success after one.

    Failures are those of runs, of builds, and of following the tracking branch.

    What happens within the interval after a message is told together. The secret that signs a webhook's messages comes
    from a file or stdin, never as an argument.
    """
    with reported():
        here = of(context)
        given = [name for name, value in (("command", command), ("webhook", webhook), ("email", email)) if value]
        if len(given) != 1:
            raise InvalidError({"--command, --webhook, --email": "give exactly one of them"})
        values = NotificationValues(
            given[0],
            command=_split(command),
            url=webhook or "",
            to=tuple(email or ()),
            interval=interval,
            secret=_secret(secret_file, from_stdin) if webhook else None,
        )
        parent = integrations.integration(here.store, integration)
        print_record(hub.add_notification(here.store, parent.id, values, here.actor), as_json)


@app.command()
def edit(
    context: typer.Context,
    notification: Reference,
    command: Annotated[str | None, typer.Option(help="Another program with its arguments.")] = None,
    webhook: Annotated[str | None, typer.Option(metavar="URL", help="Another https address.")] = None,
    email: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="Instead of all before; may be given several times.")
    ] = None,
    interval: Annotated[int | None, typer.Option(help="Seconds between two messages.")] = None,
    secret_file: SecretFile = None,
    from_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Change who is told, or how often. What is not given stays, the secret of a webhook too; so does the kind."""
    with reported():
        here = of(context)
        current = hub.notification(here.store, notification)
        given = {"command": _split(command), "url": webhook or "", "to": tuple(email or ())}
        option = {"command": "command", "webhook": "url", "email": "to"}[current.kind]
        if other := next((name for name, value in given.items() if value and name != option), None):
            wanted = {"command": "--command", "url": "--webhook", "to": "--email"}
            raise InvalidError({wanted[other]: f"notification {current.id} is a {current.kind}: {wanted[option]}"})
        secret = _secret(secret_file, from_stdin)
        if secret is not None and current.kind != "webhook":
            raise InvalidError({"secret": "only a webhook has one"})
        changes: dict[str, Any] = {option: given[option]} if given[option] else {}
        if interval is not None:
            changes["interval"] = interval
        values = replace(hub.values_of(current), secret=secret, **changes)
        print_record(hub.edit_notification(here.store, current.id, values, here.actor), as_json)


@app.command("list")
def list_(
    context: typer.Context,
    integration: Annotated[
        str | None, typer.Argument(metavar="INTEGRATION", help="Its id or name; all without.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List who is told, when it last was, and what went wrong."""
    with reported():
        store = of(context).store
        parent = None if integration is None else integrations.integration(store, integration).id
        print_records(
            hub.notifications(store, parent),
            (
                ("id", lambda one: one.id),
                ("integration", lambda one: one.integration_name),
                ("kind", lambda one: one.kind),
                ("who", hub.target_words),
                ("waiting", lambda one: one.pending),
                ("sent", lambda one: one.sent_date),
                ("problem", lambda one: one.problem),
            ),
            as_json,
            empty="Nobody is told. See: pandium-tui notification add --help",
        )


@app.command()
def test(context: typer.Context, notification: Reference, as_json: AsJson = False) -> None:
    """Send a message that says it is a test, now and from here. Ends with 1 when it did not arrive."""
    with reported():
        print_record(hub.test_notification(of(context).store, notification, of(context).actor), as_json)


@app.command()
def remove(context: typer.Context, notification: Reference, as_json: AsJson = False) -> None:
    """Tell nobody any more; what waits to be told is dropped."""
    with reported():
        print_record(hub.remove_notification(of(context).store, notification, of(context).actor), as_json)


@app.command("smtp-password")
def smtp_password(context: typer.Context, from_stdin: FromStdin = False, as_json: AsJson = False) -> None:
    """Seal the password of the mail server that smtp_host in config.toml names; asks for it, or reads stdin."""
    import getpass

    with reported():
        here = of(context)
        if not from_stdin and not sys.stdin.isatty():
            raise InvalidError({"password": "there is no terminal to ask on: give --from-stdin"})
        text = sys.stdin.readline() if from_stdin else getpass.getpass("Password of the mail server: ")
        hub.set_smtp_password(here.store, Secret(text.rstrip("\r\n")), here.actor)
        if as_json:
            print_json({"smtp_username": here.settings.smtp_username, "sealed": True})


def _split(command: str | None) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command or ""))
    except ValueError as error:
        raise InvalidError({"--command": str(error)}) from None


def _secret(file: Path | None, from_stdin: bool) -> Secret | None:
    if file is not None and from_stdin:
        raise InvalidError({"--secret-file": "does not go with --from-stdin"})
    try:
        if from_stdin:
            return Secret(sys.stdin.read().strip())
        return None if file is None else Secret(file.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise InvalidError({"--secret-file": f"{file} cannot be read: {error.strerror}"}) from None
    except UnicodeDecodeError:
        raise InvalidError({"secret": "is not UTF-8 text"}) from None
