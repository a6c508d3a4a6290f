"""Everything that the Details section says about an integration, in one value for the page and for scripts."""

from dataclasses import dataclass, fields

from pandium_tui.hub.connectors import connectors
from pandium_tui.hub.integrations import integration
from pandium_tui.storage import account_queries, listing_queries, notification_queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration
from pandium_tui.storage.vocabulary import NOT_CONNECTED


@dataclass(frozen=True, slots=True)
class ConnectorSummary:
    """How a connector stands, in short.

    Attributes:
        scope: ``global`` or ``tenant``.
        status: of the global connection; None when each tenant connects its own.
        connected: how many tenants have a connection that can be used.
        tenants: how many there are.
        problem: what its provisioning lacks, empty when nothing.
    """

    name: str
    scope: str
    status: str | None
    connected: int
    tenants: int
    problem: str

    @property
    def ready(self) -> bool:
        """Whether nothing is left to connect."""
        if self.problem or self.status == NOT_CONNECTED:
            return False
        return self.connected == self.tenants


@dataclass(frozen=True, slots=True)
class IntegrationDetails(Integration):
    """An integration with what belongs to it.

    Attributes:
        source_account: the name of the account that git reaches its repository with.
        review_state: of its marketplace listing: Draft, In Review or Published.
        published: whether customers see it.
        connectors: how they stand, by name.
        notifications: how many are told of its failures.
        notification_problem: why one of them was not, the last time; None when all were.
    """

    source_account: str | None
    review_state: str
    published: bool
    connectors: tuple[ConnectorSummary, ...]
    notifications: int
    notification_problem: str | None


def integration_details(store: Store, reference: int | str) -> IntegrationDetails:
    """One integration by its id or name, with its account, connectors and listing.

    Raises:
        NotFoundError: there is none.
    """
    one = integration(store, reference)
    with store.reading() as reader:
        account = None
        if one.source_account_id is not None:
            account = account_queries.source_account(reader, one.source_account_id)
        listing = listing_queries.listing(reader, one.id)
        told = notification_queries.notifications(reader, one.id)
    return IntegrationDetails(
        **{field.name: getattr(one, field.name) for field in fields(Integration)},
        source_account=account.name if account else None,
        review_state=listing.review_state if listing else "Draft",
        published=bool(listing and listing.published),
        connectors=tuple(
            ConnectorSummary(
                found.name,
                found.scope,
                found.status,
                len(found.connected),
                len(found.connected) + len(found.not_connected),
                found.problem,
            )
            for found in connectors(store, one.id)
        ),
        notifications=len(told),
        notification_problem=next((f"{found.kind}: {found.problem}" for found in told if found.problem), None),
    )
