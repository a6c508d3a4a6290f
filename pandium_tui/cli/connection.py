"""``pandium-tui connection …``."""

from datetime import datetime
from typing import Annotated

import typer

from pandium_tui.cli.context import FAILED, Context, complain, of, reported
from pandium_tui.cli.fields import Fields, fields_from_stdin, given_fields
from pandium_tui.cli.filtering import FilterText, empty_text, matching
from pandium_tui.cli.init_offers import offered_init_run
from pandium_tui.cli.output import AsJson, print_json, print_record, print_records
from pandium_tui.cli.revealing import refuse_off_terminal, reveal_on_terminal
from pandium_tui.hub import connections as hub
from pandium_tui.hub import connectors, integrations, tenants
from pandium_tui.hub.connections import Connection
from pandium_tui.hub.connector_offers import connection_fields
from pandium_tui.hub.filtering import passing
from pandium_tui.hub.revealing import SecretPlace

app = typer.Typer(help="Connections: set, test, remove, disable, enable, reveal, list.", no_args_is_help=True)

Owner = Annotated[
    str, typer.Argument(metavar="TENANT", help="Its id, integration/tenant, or integration/ for a global connector.")
]
Name = Annotated[str, typer.Argument(metavar="CONNECTOR", help="Its name in the integration.")]


@app.command("set")
def set_(
    context: typer.Context,
    tenant: Owner,
    connector: Name,
    field: Fields = None,
    from_stdin: Annotated[
        bool, typer.Option("--from-stdin", help="Read the secret value, or a JSON object of several, from stdin.")
    ] = False,
    expires: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day on which the vendor lets it expire, UTC.")
    ] = None,
    test: Annotated[bool, typer.Option("--test", help="Test it at once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Connect or reconnect; what is not given stays. A secret is never an argument: use @FILE or --from-stdin."""
    with reported():
        here = of(context)
        connector_id, tenant_id = _place(here, tenant, connector)
        fields = connection_fields(here.store, connector_id)
        given = given_fields(field, fields)
        if from_stdin:
            given |= fields_from_stdin(fields, given)
        day = expires.date() if expires else None
        saved = hub.set_connection(here.store, connector_id, tenant_id, given, here.actor, expires=day)
        for line in (*saved.notices, *saved.warnings):
            complain(line)
        found = saved.connection
        if test:
            found = hub.test_connection(here.store, connector_id, tenant_id, here.actor)
        offered = None if tenant_id is None else offered_init_run(here.store, tenant_id, as_json)
        if as_json:
            notes = {"notices": saved.notices, "warnings": saved.warnings, "init_run_offered": offered}
            print_json({"connection": found, **notes})
        else:
            _print(found, as_json)
        _fail_unless_tested(found, wanted=test)


@app.command()
def test(context: typer.Context, tenant: Owner, connector: Name, as_json: AsJson = False) -> None:
    """Ask the vendor whether it accepts the credentials. Ends with 1 unless it does."""
    with reported():
        here = of(context)
        found = hub.test_connection(here.store, *_place(here, tenant, connector), here.actor)
        _print(found, as_json)
        _fail_unless_tested(found, wanted=True)


@app.command()
def remove(context: typer.Context, tenant: Owner, connector: Name, as_json: AsJson = False) -> None:
    """Disconnect: delete the connection and its secrets for good."""
    with reported():
        here = of(context)
        _print(hub.disconnect(here.store, *_place(here, tenant, connector), here.actor), as_json)


@app.command()
def disable(context: typer.Context, tenant: Owner, connector: Name, as_json: AsJson = False) -> None:
    """Keep a connection from being used, without deleting it."""
    with reported():
        here = of(context)
        _print(hub.set_disabled(here.store, *_place(here, tenant, connector), True, here.actor), as_json)


@app.command()
def enable(context: typer.Context, tenant: Owner, connector: Name, as_json: AsJson = False) -> None:
    """Let a disabled connection be used again."""
    with reported():
        here = of(context)
        _print(hub.set_disabled(here.store, *_place(here, tenant, connector), False, here.actor), as_json)


@app.command()
def reveal(
    context: typer.Context,
    tenant: Owner,
    connector: Name,
    field: Annotated[str, typer.Argument(metavar="FIELD", help="Which of its secret values.")],
) -> None:
    """Show a secret value on the terminal, after a question. It is written into the activity; the value is not."""
    with reported():
        here = of(context)
        refuse_off_terminal()
        reveal_on_terminal(here, SecretPlace(*_place(here, tenant, connector), field), f"{connector}, {tenant},")


@app.command("list")
def list_(context: typer.Context, tenant: Owner, filter_text: FilterText = "", as_json: AsJson = False) -> None:
    """List what the runs of a tenant need, or the global connections of an integration."""
    with reported():
        here = of(context)
        wanted = matching(here.store, "connections", filter_text)
        if tenant.endswith("/"):
            parent = integrations.integration(here.store, tenant[:-1])
            of_it = [one for one in connectors.connectors(here.store, parent.id) if one.scope == "global"]
            found = [hub.connection(here.store, one.id, None) for one in of_it]
        else:
            found = hub.connections(here.store, tenants.tenant(here.store, tenant).id)
        print_records(
            passing(found, wanted),
            (
                ("connector", lambda one: one.connector),
                ("whose", lambda one: one.whose),
                ("uses", lambda one: f"{one.label}: {one.method_label}"),
                ("status", lambda one: one.status),
                ("tested", lambda one: one.tested_date),
                ("words", lambda one: one.words),
            ),
            as_json,
            empty=empty_text(
                wanted, "No connectors, so runs get no PAN_SEC_ variables. Add one: pandium-tui connector add"
            ),
        )


def _place(here: Context, owner: str, connector: str) -> tuple[int, int | None]:
    """The connector's id and the tenant's."""
    if owner.endswith("/"):
        parent = integrations.integration(here.store, owner[:-1])
        return connectors.connector(here.store, parent.id, connector).id, None
    tenant = tenants.tenant(here.store, owner)
    return connectors.connector(here.store, tenant.integration_id, connector).id, tenant.id


def _print(found: Connection, as_json: bool) -> None:
    print_record(found, as_json)
    if found.pasted_token and found.modified_date and not as_json:
        complain("This token was pasted: nothing renews it when it expires.")


def _fail_unless_tested(found: Connection, *, wanted: bool) -> None:
    if wanted and not found.is_good:
        raise typer.Exit(FAILED)
