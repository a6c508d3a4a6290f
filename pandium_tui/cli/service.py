"""``pandium-tui service …``."""

from typing import TYPE_CHECKING, Annotated

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import AsJson, print_json, print_record
from pandium_tui.text import visible

if TYPE_CHECKING:
    from pandium_tui.hub.service import Service

app = typer.Typer(help="The engine as a service of systemd: install, status, uninstall.", no_args_is_help=True)

System = Annotated[bool, typer.Option("--system", help="For the whole machine instead of your user.")]


@app.command()
def install(
    context: typer.Context,
    system: System = False,
    print_only: Annotated[bool, typer.Option("--print", help="Only print the unit, write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a unit for serve, and print the commands that start it; runs none of them.

    A service for the whole machine works as the owner of the home folder. The vault's key is handed over as a
    credential when its file is there.
    """
    from pandium_tui.hub import service as hub

    with reported():
        here = of(context)
        store = here.store
        if print_only:
            planned = hub.plan_service(store.settings, system=system, given_home=here.home_is_given)
            if as_json:
                print_json(planned)
            else:
                typer.echo(planned.unit, nl=False)
            return
        _tell(hub.install_service(store, here.actor, system=system, given_home=here.home_is_given), "Written", as_json)


@app.command()
def status(context: typer.Context, system: System = False, as_json: AsJson = False) -> None:
    """Say whether the unit is there, and what systemd says about it."""
    from pandium_tui.hub import service as hub

    with reported():
        print_record(hub.service_status(of(context).settings, system=system), as_json)


@app.command()
def uninstall(context: typer.Context, system: System = False, as_json: AsJson = False) -> None:
    """Remove the unit; prints the commands that stop the service."""
    from pandium_tui.hub import service as hub

    with reported():
        _tell(hub.uninstall_service(of(context).store, of(context).actor, system=system), "Removed", as_json)


def _tell(service: "Service", verb: str, as_json: bool) -> None:
    if as_json:
        print_json(service)
        return
    typer.echo(f"{verb}: {service.file}" if service.written else f"Not allowed to change: {service.file}")
    for note in service.notes:
        typer.echo(f"! {visible(note)}", err=True)
    typer.echo("Now run:")
    for command in service.commands:
        typer.echo(f"  {command}")
