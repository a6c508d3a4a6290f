"""``pandium-tui tenant metadata …``."""

from pathlib import Path
from typing import Annotated

import typer

from pandium_tui.cli.context import complain, of, reported
from pandium_tui.cli.output import AsJson, print_json

app = typer.Typer(help="The metadata of a tenant: show, set.", no_args_is_help=True)

Reference = Annotated[str, typer.Argument(metavar="TENANT", help="Its id, or integration/tenant.")]


@app.command()
def show(context: typer.Context, tenant: Reference, as_json: AsJson = False) -> None:
    """Print the metadata as JSON, and say whether it fits the metadata_schema of the release."""
    from pandium_tui.hub import tenant_metadata, tenants

    with reported():
        store = of(context).store
        found = tenants.tenant(store, tenant)
        print_json(found.metadata)
        for problem in tenant_metadata.metadata_problems(store, found, found.metadata):
            complain(f"it does not fit the metadata_schema: {problem}")


@app.command("set")
def set_(
    context: typer.Context,
    tenant: Reference,
    file: Annotated[Path, typer.Option(help="JSON or YAML file with an object; - for stdin.")] = Path("-"),
    as_json: AsJson = False,
) -> None:
    """Put an object in the place of the metadata; it must fit the metadata_schema of the release."""
    from pandium_tui.hub import tenant_metadata, tenants

    with reported():
        here = of(context)
        tenant_id = tenants.tenant(here.store, tenant).id
        value = tenant_metadata.read_metadata(file)
        print_json(tenant_metadata.set_metadata(here.store, tenant_id, value, here.actor).metadata)
