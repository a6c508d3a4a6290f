"""What a list is of: one tenant, the tenants of one integration, or all."""

from typing import Annotated

import typer

from pandium_tui.storage.database import Store

OnlyTenant = Annotated[str | None, typer.Option("--tenant", metavar="TENANT", help="Only of this tenant.")]
OnlyIntegration = Annotated[
    str | None, typer.Option("--integration", metavar="INTEGRATION", help="Only of tenants of this integration.")
]


def tenant_id(store: Store, reference: str | None) -> int | None:
    """The id of the tenant that was named, None when none was.

    Raises:
        NotFoundError: there is no such tenant.
    """
    from pandium_tui.hub.tenants import tenant

    return None if reference is None else tenant(store, reference).id


def integration_id(store: Store, reference: str | None) -> int | None:
    """The id of the integration that was named, None when none was.

    Raises:
        NotFoundError: there is no such integration.
    """
    from pandium_tui.hub.integrations import integration

    return None if reference is None else integration(store, reference).id
