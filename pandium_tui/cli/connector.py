"""``pandium-tui connector …``."""

from enum import Enum
from typing import Annotated

import typer

from pandium_tui.cli.context import Context, complain, of, reported
from pandium_tui.cli.fields import Fields, given_fields
from pandium_tui.cli.filtering import FilterText, empty_text, matching
from pandium_tui.cli.output import AsJson, print_json, print_record, print_records
from pandium_tui.cli.revealing import refuse_off_terminal, reveal_on_terminal
from pandium_tui.hub import connector_changes as changes
from pandium_tui.hub import connectors as hub
from pandium_tui.hub import integrations
from pandium_tui.hub.connector_changes import ConnectorValues
from pandium_tui.hub.connector_offers import (
    catalogue_problems,
    keys_of_integration,
    offered,
    provisioning_fields,
    secret_keys,
)
from pandium_tui.hub.connectors import Connector
from pandium_tui.hub.filtering import passing
from pandium_tui.hub.revealing import SecretPlace

app = typer.Typer(
    help="Connectors of an integration: add, remove, list, keys, provision, reveal, scope, optional, offers.",
    no_args_is_help=True,
)

Integration = Annotated[str, typer.Argument(metavar="INTEGRATION", help="Its id or name.")]
Name = Annotated[str, typer.Argument(metavar="CONNECTOR", help="Its name in the integration.")]
Method = Annotated[str, typer.Option(help="Way to connect, by its id; see: connector offers.")]
Yes = Annotated[
    bool, typer.Option("--yes", help="Also when connections are lost; without it, who is affected is told.")
]


class Scope(Enum):
    """Whose a connection is."""

    tenant = "tenant"
    all = "global"


@app.command()
def offers(context: typer.Context, integration: Integration, as_json: AsJson = False) -> None:
    """List what can be added; first what PANDIUM.yaml of the newest release names."""
    with reported():
        store = of(context).store
        for problem in catalogue_problems(store):
            complain(problem)
        print_records(
            offered(store, integrations.integration(store, integration).id),
            (
                ("name", lambda one: one.name),
                ("from", lambda one: one.catalogue_id or "not in the catalogue"),
                ("label", lambda one: one.label),
                ("methods", lambda one: ", ".join(method.id for method in one.methods)),
                ("named by yaml", lambda one: one.from_manifest),
            ),
            as_json,
            empty="The catalogue is empty.",
        )


@app.command()
def add(
    context: typer.Context,
    integration: Integration,
    name: Annotated[str, typer.Argument(metavar="CONNECTOR", help="Its name; the variables are named after it.")],
    uses: Annotated[str, typer.Option(metavar="ID", help="Its id in the catalogue, when it has another name.")] = "",
    method: Method = "",
    scope: Annotated[Scope, typer.Option(help="One connection for each tenant, or one for all.")] = Scope.tenant,
    optional: Annotated[bool, typer.Option("--optional", help="Runs start without a connection of it, too.")] = False,
    field: Fields = None,
    as_json: AsJson = False,
) -> None:
    """Add a connector. Unless it is optional no run of the integration starts without a connection from then on."""
    with reported():
        here = of(context)
        parent = integrations.integration(here.store, integration)
        offer = next((one for one in offered(here.store, parent.id) if one.name == name and one.methods), None)
        if offer is not None and uses in ("", offer.catalogue_id):
            uses, method = offer.catalogue_id, method or offer.methods[0].id
        given = given_fields(field, provisioning_fields(here.store, uses or name, method))
        values = ConnectorValues(name, uses, method, scope.value, given, optional)
        _print(changes.add_connector(here.store, parent.id, values, here.actor), as_json)


@app.command()
def remove(
    context: typer.Context, integration: Integration, connector: Name, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Remove a connector with its provisioning and all its connections, for good."""
    with reported():
        here = of(context)
        one = _found(here, integration, connector)
        affected = changes.affected_by_removal(here.store, one.id)
        changes.remove_connector(here.store, one.id, here.actor, even_if_connected=yes)
        if as_json:
            print_json({"removed": one.name, "affected": affected})
        else:
            typer.echo("\n".join([f"Removed: {one.name}", *affected]))


@app.command("list")
def list_(
    context: typer.Context, integration: Integration, filter_text: FilterText = "", as_json: AsJson = False
) -> None:
    """List the connectors, and who is connected."""
    with reported():
        store = of(context).store
        wanted = matching(store, "connectors", filter_text)
        parent = integrations.integration(store, integration)
        print_records(
            passing(hub.connectors(store, parent.id), wanted),
            (
                ("connector", lambda one: one.name),
                ("uses", lambda one: f"{one.label}: {one.method_label}"),
                ("scope", lambda one: one.scope),
                ("needed", lambda one: "optional" if one.optional else "yes"),
                ("status", lambda one: one.status or f"{len(one.connected)} connected"),
                ("not connected", lambda one: ", ".join(one.not_connected)),
                ("missing", lambda one: one.problem),
            ),
            as_json,
            empty=empty_text(
                wanted, f"No connectors. See what can be added: pandium-tui connector offers {parent.name}"
            ),
        )


@app.command()
def show(context: typer.Context, integration: Integration, connector: Name, as_json: AsJson = False) -> None:
    """Show a connector; secret values never."""
    with reported():
        _print(_found(of(context), integration, connector), as_json)


@app.command()
def keys(
    context: typer.Context,
    integration: Integration,
    connector: Annotated[str | None, typer.Argument(metavar="CONNECTOR", help="Only this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show Secret Keys: the variables that the code will see, as an .env template. Names and formats, no values."""
    with reported():
        here = of(context)
        parent = integrations.integration(here.store, integration)
        if connector is None:
            found = keys_of_integration(here.store, parent.id)
        else:
            found = [secret_keys(here.store, _found(here, integration, connector))]
        if as_json:
            print_json(found)
        else:
            typer.echo("\n".join(one.template for one in found), nl=False)


@app.command()
def provision(
    context: typer.Context,
    integration: Integration,
    connector: Name,
    field: Fields = None,
    method: Method = "",
    reset: Annotated[bool, typer.Option("--reset", help="Take all provisioning values away first.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Change provisioning values. With another client id or method everybody must reconnect, which it asks for."""
    with reported():
        here = of(context)
        one = _found(here, integration, connector)
        given = changes.reset_values(one) if reset else {}
        given |= given_fields(field, provisioning_fields(here.store, one.catalogue_id, method or one.method))
        done = changes.provision(here.store, one.id, given, here.actor, method=method, even_if_connected=yes)
        for line in (*done.notices, *done.warnings, *done.must_reconnect):
            complain(line)
        if as_json:
            print_json(done)
        else:
            _print(done.connector, as_json)


@app.command()
def scope(
    context: typer.Context,
    integration: Integration,
    connector: Name,
    whose: Annotated[Scope, typer.Argument(metavar="tenant|global")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Make a connector global, or each tenant's own. Connections of before are deleted, never handed on."""
    with reported():
        here = of(context)
        one = _found(here, integration, connector)
        done = changes.change_scope(here.store, one.id, whose.value, here.actor, even_if_connected=yes)
        _print(done, as_json)


@app.command()
def optional(
    context: typer.Context,
    integration: Integration,
    connector: Name,
    no: Annotated[bool, typer.Option("--no", help="Every run needs it again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let runs start without a connection of it; they get none of its variables then."""
    with reported():
        here = of(context)
        _print(changes.set_optional(here.store, _found(here, integration, connector).id, not no, here.actor), as_json)


@app.command()
def reveal(
    context: typer.Context,
    integration: Integration,
    connector: Name,
    field: Annotated[str, typer.Argument(metavar="FIELD", help="Which secret value of its provisioning.")],
) -> None:
    """Show a secret provisioning value on the terminal, after a question. It is written into the activity."""
    with reported():
        here = of(context)
        refuse_off_terminal()
        one = _found(here, integration, connector)
        place = SecretPlace(one.id, None, field, provisioning=True)
        reveal_on_terminal(here, place, f"the provisioning of {one.name}, {one.integration_name},")


def _found(here: Context, integration: str, connector: str) -> Connector:
    return hub.connector(here.store, integrations.integration(here.store, integration).id, connector)


def _print(one: Connector, as_json: bool) -> None:
    print_record(one, as_json)
    if one.pasted_token and not as_json:
        complain("Its sign-in is not there yet: a token is pasted, and nothing renews it when it expires.")
