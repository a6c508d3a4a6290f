"""``pandium-tui tenant configure``: Connection Settings without the full-screen app."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import AsJson, print_json
from pandium_tui.hub.errors import InvalidError
from pandium_tui.storage.database import Store

Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A value; empty empties it. May be given several times."),
]
ValuesFile = Annotated[
    Path | None, typer.Option(help="JSON or YAML file whose values replace all but secret ones; - for stdin.")
]
NewFile = Annotated[
    Path | None, typer.Option(help="Write the values, but for secret ones, to a new JSON or YAML file.")
]


def configure(
    context: typer.Context,
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="Its id, or integration/tenant.")],
    plain: Annotated[bool, typer.Option("--plain", help="Ask field by field; also reads a pipe.")] = False,
    assignments: Assignments = None,
    file: ValuesFile = None,
    export: NewFile = None,
    as_json: AsJson = False,
) -> None:
    """Show or fill in the Connection Settings of a tenant.

    Without an option that changes anything it shows the fields, what is wrong, and what a run receives. Secret values
    are entered with --plain or --file, never on the command line, where others could read them.
    """
    from pandium_tui.cli.plain_form import ask_all
    from pandium_tui.hub import settings_form, tenants
    from pandium_tui.hub.settings_files import read_settings, write_settings
    from pandium_tui.manifest.form.switches import Switches

    with reported():
        store = of(context).store
        tenant_id = tenants.tenant(store, tenant).id
        settings = settings_form.tenant_settings(store, tenant_id)
        values, switches = dict(settings.values), Switches()
        if file is not None:
            values = settings.with_secrets(read_settings(file), values)
        for assignment in assignments or []:
            values = _assigned(settings, values, switches, assignment)
        if plain:
            values = ask_all(settings, values, switches, quiet=as_json)
        if plain or file is not None or assignments:
            values = settings.form.values_to_save(values, switches.chosen)
            settings_form.save_settings(store, tenant_id, values, of(context).actor, switches.chosen)
        if export is not None:
            write_settings(settings.without_secrets(values), export)
        _show(store, tenant_id, as_json)


def _assigned(settings: Any, values: dict[str, Any], switches: Any, assignment: str) -> dict[str, Any]:
    from pandium_tui.cli.plain_form import field_named
    from pandium_tui.manifest.form.values import parse_input

    name, equals, text = assignment.partition("=")
    if not equals:
        raise InvalidError({"--set": f"{assignment!r} must be NAME=VALUE"})
    state = settings.form.state(values, chosen=switches.chosen)
    field = field_named(settings.form, name.strip(), state)
    if field.secret and field.kind != "alternatives":
        raise InvalidError({name.strip(): "is secret: enter it with --plain or --file, not on the command line"})
    parsed = parse_input(field, text, options=state.options.get(field.number))
    switching = field.kind == "alternatives"
    if switching and parsed.error is not None and not field.secret:
        whole = parse_input(replace(field, kind="json"), text)
        switching = whole.error is not None
        parsed = parsed if switching else whole
    if parsed.error is not None:
        raise InvalidError({name.strip(): parsed.error})
    change = switches.switch if switching else settings.form.with_value
    changed: dict[str, Any] = change(values, field, parsed.value)
    return changed


def _show(store: Store, tenant_id: int, as_json: bool) -> None:
    from pandium_tui.cli.plain_form import shown_value, value_of
    from pandium_tui.hub.sealed_configs import shown_configs
    from pandium_tui.hub.settings_form import shown_environment, tenant_settings
    from pandium_tui.text import visible

    settings = tenant_settings(store, tenant_id)
    state = settings.form.state(settings.values)
    problems = settings.problems(state)
    if as_json:
        masked = dict.fromkeys(settings.form.definition.secrets & settings.values.keys(), "********")
        print_json(
            {
                "tenant_id": tenant_id,
                "release_id": settings.tenant.release_id,
                "configs": {**shown_configs(settings.tenant), **masked},
                "problems": [
                    {"path": one.path, "label": one.label, "message": one.message, "blocks_runs": one.blocks_runs}
                    for one in problems
                ],
                "environment": shown_environment(state),
                "locked": settings.locked,
            }
        )
        return
    for field in settings.form.fields:
        if field.number in state.visible and not field.is_frame:
            text = shown_value(field, value_of(field, state), state.options.get(field.number))
            for number, line in enumerate(text.split("\n")):
                typer.echo(f"{'' if number else visible(field.label):<28}  {visible(line)}".rstrip())
    if not settings.form.fields:
        typer.echo("The release asks for no settings.")
    typer.echo("\nWhat a run receives:")
    for name, value in shown_environment(state).items():
        typer.echo(f"  {name}={visible(value)}")
    if problems or settings.locked:
        typer.echo("\nBefore a run:")
        for words in [*(one.text for one in problems), *(f"{name}: {why}" for name, why in settings.locked.items())]:
            typer.echo(f"- {visible(words)}")
    sys.stdout.flush()
