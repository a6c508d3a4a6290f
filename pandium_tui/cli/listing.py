"""``pandium-tui listing …``."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.output import AsJson, print_json
from pandium_tui.hub import integrations
from pandium_tui.hub import listings as hub
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.listing_checks import located
from pandium_tui.hub.listing_content import (
    FIELD_BY_NAME,
    ListingContent,
    changed_content,
    plain_values,
    text_of,
    value_from_text,
)
from pandium_tui.hub.listings import Listing
from pandium_tui.storage.database import Store
from pandium_tui.text import visible

app = typer.Typer(
    help="Marketplace listings: show, edit, submit, withdraw, publish, unpublish, export, import.",
    no_args_is_help=True,
)

Reference = Annotated[str, typer.Argument(metavar="INTEGRATION", help="Its id or name.")]
Assignment = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="A field; empty empties it. May be given several times, for lists also for the same field.",
    ),
]


@app.command()
def show(context: typer.Context, integration: Reference, as_json: AsJson = False) -> None:
    """Show a listing, and what speaks against publishing it."""
    with reported():
        _print(_found(context, integration), as_json)


@app.command()
def edit(
    context: typer.Context,
    integration: Reference,
    assignments: Assignment = None,
    file: Annotated[
        Path | None, typer.Option(help="YAML file with fields to change; - for stdin. --set goes before it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change fields of a listing; what is not given stays."""
    with reported():
        changes: dict[str, Any] = {}
        if file is not None:
            from pandium_tui.hub.listing_files import read_listing

            changes |= read_listing(file)
        changes |= _assigned(assignments or [])
        if not changes:
            raise typer.BadParameter("give --set FIELD=VALUE or --file", param_hint="--set")
        store, found = of(context).store, _found(context, integration)
        _print(hub.edit_listing(store, found.integration_id, changes, of(context).actor), as_json)


@app.command()
def submit(context: typer.Context, integration: Reference, as_json: AsJson = False) -> None:
    """Give a Draft to review."""
    _do(context, integration, hub.submit_listing, as_json)


@app.command()
def withdraw(context: typer.Context, integration: Reference, as_json: AsJson = False) -> None:
    """Take a listing back from review: it is a Draft again."""
    _do(context, integration, hub.withdraw_listing, as_json)


@app.command()
def publish(context: typer.Context, integration: Reference, as_json: AsJson = False) -> None:
    """Publish a reviewed listing; refused with all reasons that speak against it."""
    _do(context, integration, hub.publish_listing, as_json)


@app.command()
def unpublish(context: typer.Context, integration: Reference, as_json: AsJson = False) -> None:
    """Take a listing away from customers: it is a Draft again."""
    _do(context, integration, hub.unpublish_listing, as_json)


@app.command()
def export(
    context: typer.Context,
    integration: Reference,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A new file; stdout without one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a listing as YAML; with --json also print it as JSON."""
    from pandium_tui.hub.listing_files import listing_yaml, write_listing

    with reported():
        content = _found(context, integration).content
        if file is not None:
            write_listing(content, file)
        if as_json:
            print_json(plain_values(content))
        elif file is None:
            typer.echo(listing_yaml(content), nl=False)


@app.command("import")
def import_(
    context: typer.Context,
    integration: Reference,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML file; - for stdin.")],
    as_json: AsJson = False,
) -> None:
    """Replace the whole listing by a YAML file; fields the file does not give become empty."""
    from pandium_tui.hub.listing_files import read_listing

    with reported():
        content = changed_content(ListingContent(), read_listing(file))
        store, found = of(context).store, _found(context, integration)
        _print(hub.replace_listing(store, found.integration_id, content, of(context).actor), as_json)


def _do(context: typer.Context, reference: str, action: Callable[[Store, int, Actor], Listing], as_json: bool) -> None:
    with reported():
        found = _found(context, reference)
        _print(action(of(context).store, found.integration_id, of(context).actor), as_json)


def _found(context: typer.Context, reference: str) -> Listing:
    store = of(context).store
    return hub.listing(store, integrations.integration(store, reference).id)


def _print(found: Listing, as_json: bool) -> None:
    reasons = [] if found.published else hub.publish_reasons(found)
    if as_json:
        names = (name for name in Listing.__slots__ if name != "content")
        print_json({name: getattr(found, name) for name in names} | {"content": found.content, "reasons": reasons})
        return
    lines = [("Integration", found.integration_name), ("State", found.review_state)]
    lines += [(field.label, text_of(found.content, name) or "-") for name, field in FIELD_BY_NAME.items()]
    for label, text in lines:
        for number, line in enumerate(text.split("\n")):
            typer.echo(f"{'' if number else label:<20}  {visible(line)}".rstrip())
    if found.reviews:
        typer.echo("\nReviews:")
        for one in found.reviews:
            typer.echo(f"- {one.created_date:%Y-%m-%d %H:%M:%S} UTC: {one.detail}, by {visible(one.actor)}")
    if reasons:
        typer.echo("\nBefore it can be published:")
        for reason in reasons:
            typer.echo(f"- {visible(reason)}")


def _assigned(assignments: list[str]) -> dict[str, Any]:
    """The values that were set; image files are meant relative to the current folder."""
    texts: dict[str, list[str]] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise InvalidError({"--set": f"{assignment!r} must be FIELD=VALUE"})
        texts.setdefault(name.strip().replace("-", "_"), []).append(text)
    changed_content(ListingContent(), dict.fromkeys(texts, ""))
    changes = {}
    for name, given in texts.items():
        separator = {"images": "\n", "tags": ",", "categories": ","}.get(FIELD_BY_NAME[name].kind)
        if separator is None and len(given) > 1:
            raise InvalidError({name: "is set more than once"})
        changes[name] = value_from_text(name, (separator or "").join(given))
    content = located(changed_content(ListingContent(), changes), Path.cwd())
    return {name: getattr(content, name) for name in changes}
