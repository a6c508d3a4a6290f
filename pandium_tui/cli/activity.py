"""``pandium-tui activity``: the audit trail."""

from typing import Annotated

import typer

from pandium_tui.cli.context import of, reported
from pandium_tui.cli.filtering import FilterText, empty_text, matching
from pandium_tui.cli.output import LARGEST_ID, AsJson, print_records
from pandium_tui.hub import integrations
from pandium_tui.hub.activity import activities


def activity(
    context: typer.Context,
    integration: Annotated[str | None, typer.Argument(metavar="INTEGRATION", help="Its id or name; all.")] = None,
    before: Annotated[
        int | None, typer.Option(metavar="ID", min=1, max=LARGEST_ID, help="Only rows older than this one.")
    ] = None,
    filter_text: FilterText = "",
    as_json: AsJson = False,
) -> None:
    """Say who did what, when, newest first, 200 rows at a time."""
    with reported():
        store = of(context).store
        wanted = matching(store, "activity", filter_text)
        integration_id = None if integration is None else integrations.integration(store, integration).id
        print_records(
            activities(store, integration_id, before_id=before, matching=wanted),
            (
                ("id", lambda one: one.id),
                ("when", lambda one: one.created_date),
                ("who", lambda one: one.actor),
                ("what", lambda one: one.action),
                ("integration", lambda one: one.integration_name),
                ("tenant", lambda one: one.tenant_name),
                ("release", lambda one: one.release_name),
                ("run", lambda one: one.run_id),
                ("detail", lambda one: one.detail),
            ),
            as_json,
            empty=empty_text(wanted, "Nobody has done anything yet."),
        )
