"""The command line: nouns and verbs over the functions of the hub; without a command it opens the app."""

from pathlib import Path
from typing import Annotated

import typer

from pandium_tui import __version__
from pandium_tui.cli import (
    activity,
    connection,
    connector,
    demo,
    doctor,
    engine,
    find,
    history,
    integration,
    keys,
    listing,
    manifest,
    marketplace,
    notification,
    release,
    run,
    schedule,
    serve,
    service,
    source_account,
    status,
    store,
    tenant,
    topics,
    trigger,
    undo,
    vault,
    web,
)
from pandium_tui.cli.context import Context
from pandium_tui.text import visible

app = typer.Typer(
    name="pandium-tui",
    help="Pandium's Integration Hub for internal integrations, in a terminal.",
    no_args_is_help=False,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(integration.app, name="integration")
app.add_typer(release.app, name="release")
app.add_typer(tenant.app, name="tenant")
app.add_typer(connector.app, name="connector")
app.add_typer(connection.app, name="connection")
app.add_typer(run.app, name="run")
app.add_typer(trigger.app, name="trigger")
app.add_typer(engine.app, name="engine")
app.add_typer(history.app, name="history")
app.add_typer(schedule.app, name="schedule")
app.add_typer(manifest.app, name="manifest")
app.add_typer(listing.app, name="listing")
app.add_typer(marketplace.app, name="marketplace")
app.add_typer(notification.app, name="notification")
app.add_typer(source_account.app, name="source-account")
app.add_typer(service.app, name="service")
app.add_typer(store.app, name="store")
app.add_typer(vault.app, name="vault")
app.command("activity")(activity.activity)
app.command("undo")(undo.undo)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("status")(status.status)
app.command("doctor")(doctor.doctor)
app.command("find")(find.find)
app.command("keys")(keys.keys)
app.command("web")(web.web)
app.command("help")(topics.show_help)


def _versions() -> str:
    """What matters for a report: our version, and those of what we stand on."""
    import locale
    import os
    import platform
    from importlib.metadata import version

    from pandium_tui.storage.database import SQLITE_VERSION

    return (
        f"pandium-tui {__version__}\n"
        f"Python {platform.python_version()}, Textual {version('textual')}, SQLite {SQLITE_VERSION}\n"
        f"{platform.platform()}, TERM={visible(os.environ.get('TERM', ''))}, {locale.getpreferredencoding(False)}"
    )


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(_versions())
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(help="Folder of the store, clones, releases and runs.", envvar="PANDIUM_TUI_HOME"),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Manage internal integrations. Without a command: open the app."""
    context.obj = Context(home)
    if context.invoked_subcommand is None:
        from pandium_tui.opening import open_app

        raise typer.Exit(open_app(home))


def main() -> None:
    """Run the command line and exit with its status."""
    app()
