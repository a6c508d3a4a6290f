"""``pandium-tui vault …``."""

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from pandium_tui.cli.context import FAILED, complain, of, reported
from pandium_tui.cli.output import AsJson, print_json, print_record
from pandium_tui.hub import vault as hub
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.storage.vault import Secret

app = typer.Typer(
    help="The vault of secrets: status, rotate, backup, verify, restore, reset-credentials.", no_args_is_help=True
)

CONFIRMATION = "reset"

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="File of the key backup.")]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file", metavar="FILE", help="Read the passphrase from a file, - for stdin, instead of asking."
    ),
]


@app.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Say whether secrets can be used. Ends with 1 when they are locked or some are broken."""
    with reported():
        found = hub.vault_status(of(context).store)
        print_record(found, as_json)
        if found.values and found.backup_date is None:
            complain("The key was never backed up: without it the secrets are lost. Run: pandium-tui vault backup FILE")
        if found.state in ("locked", "mismatch") or found.broken:
            raise typer.Exit(FAILED)


@app.command()
def rotate(context: typer.Context, as_json: AsJson = False) -> None:
    """Renew the keys and seal every value anew; other processes may go on meanwhile."""
    with reported():
        here = of(context)
        done = hub.rotate_vault(here.store, here.actor)
        print_record(done, as_json)
        if done.key_renewed:
            complain(
                "The old key is kept beside the new one, for older copies of the store. Back up the new one: "
                "pandium-tui vault backup FILE"
            )
        else:
            complain(f"Only the data key was renewed: the key comes from the {done.source}, which only you can change.")


@app.command()
def backup(
    context: typer.Context, file: BackupFile, passphrase_file: PassphraseFile = None, as_json: AsJson = False
) -> None:
    """Write the key, not the store, to a new file that a passphrase opens. Keep it away from copies of the store."""
    with reported():
        here = of(context)
        passphrase = _passphrase(passphrase_file, twice=True)
        print_record(hub.back_up_key(here.store, file.absolute(), passphrase, here.actor), as_json)


@app.command()
def verify(
    context: typer.Context, file: BackupFile, passphrase_file: PassphraseFile = None, as_json: AsJson = False
) -> None:
    """Prove that a key backup opens this store. Ends with 1 when it does not."""
    with reported():
        done = hub.verify_key_backup(of(context).store, file.absolute(), _passphrase(passphrase_file))
        print_record(done, as_json)


@app.command()
def restore(
    context: typer.Context, file: BackupFile, passphrase_file: PassphraseFile = None, as_json: AsJson = False
) -> None:
    """Put the key of a backup back into the key file, when it is the key of this store."""
    with reported():
        here = of(context)
        print_record(hub.restore_key(here.store, file.absolute(), _passphrase(passphrase_file), here.actor), as_json)


@app.command("reset-credentials")
def reset_credentials(context: typer.Context, as_json: AsJson = False) -> None:
    """Delete every secret, for a key that is lost for good; everything else stays. Asks for a typed word."""
    with reported():
        here = of(context)
        values = hub.vault_status(here.store).values
        typer.echo(
            f"Every secret of {here.settings.home} ({values}) will be deleted, and cannot be brought back. "
            "Integrations, tenants, settings and runs stay; every connection must be made anew.\n"
            f"Type {CONFIRMATION} to go on: ",
            nl=False,
            err=True,
        )
        if sys.stdin.readline().strip() != CONFIRMATION:
            raise RefusedError("Nothing was deleted.")
        deleted = hub.reset_credentials(here.store, here.actor)
        if as_json:
            print_json({"deleted": deleted})
        else:
            typer.echo(f"Deleted secrets: {deleted}.")


def _passphrase(file: Path | None, *, twice: bool = False) -> Secret:
    """The passphrase: from a file or stdin without the newline at its end, else asked for on the terminal."""
    if file is not None:
        try:
            text = sys.stdin.read() if file == Path("-") else file.read_text(encoding="utf-8")
        except OSError as error:
            raise InvalidError({"--passphrase-file": f"{file} cannot be read: {error.strerror}"}) from None
        except UnicodeDecodeError:
            raise InvalidError({"--passphrase-file": f"{file} is not UTF-8 text"}) from None
        return Secret(text.removesuffix("\n").removesuffix("\r"))
    if not sys.stdin.isatty():
        raise InvalidError({"passphrase": "there is no terminal to ask on: give --passphrase-file"})
    passphrase = Secret(getpass.getpass("Passphrase of the key backup: "))
    if twice and Secret(getpass.getpass("The same again: ")) != passphrase:
        raise RefusedError("The two passphrases differ. Nothing was written.")
    return passphrase
