"""The tables of what an integration is set up with: source accounts, connectors, connections, the listing."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from pandium_tui.storage.tables import Moment, Table, one_of
from pandium_tui.storage.vocabulary import CONNECTOR_SCOPES, REVIEW_STATES, SOURCE_METHODS


class SourceAccountRow(Table, table=True):
    """How to reach the repositories of a host. Its token is a sealed value owned by ``uuid``, field ``token``."""

    __tablename__ = "source_account"
    __table_args__ = (UniqueConstraint("name"), one_of("method", SOURCE_METHODS), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    uuid: str
    name: str
    provider: str
    method: str
    username: str = ""
    key_file: str = ""
    created_date: datetime = Field(sa_type=Moment)
    modified_date: datetime = Field(sa_type=Moment)


class ConnectorRow(Table, table=True):
    """A connector of an integration. Secret provisioning values are sealed values owned by ``uuid``.

    ``name`` is what the integration calls it and names its variables; ``catalogue_id`` and ``method`` say what it is.
    """

    __tablename__ = "connector"
    __table_args__ = (
        UniqueConstraint("integration_id", "name"),
        ForeignKeyConstraint(["integration_id"], ["integration.id"]),
        one_of("scope", CONNECTOR_SCOPES),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    uuid: str
    integration_id: int
    name: str
    catalogue_id: str
    scope: str
    method: str
    provisioning: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    optional: bool = Field(default=False, sa_column_kwargs={"server_default": text("0")})
    created_date: datetime = Field(sa_type=Moment)
    modified_date: datetime = Field(sa_type=Moment)


class ConnectionRow(Table, table=True):
    """The credential of one tenant, or of the integration (then without tenant), for a connector.

    Secret values are sealed values owned by ``uuid``; ``plain`` has the others. ``reconnect_reason`` says why it
    cannot be used any more although it is there.
    """

    __tablename__ = "connection"
    __table_args__ = (
        UniqueConstraint("connector_id", "tenant_id"),
        Index("uq_connection_global", "connector_id", unique=True, sqlite_where=text("tenant_id IS NULL")),
        ForeignKeyConstraint(["connector_id"], ["connector.id"]),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    uuid: str
    connector_id: int
    tenant_id: int | None = None
    method: str
    plain: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    disabled: bool = False
    reconnect_reason: str | None = None
    expires_date: datetime | None = Field(default=None, sa_type=Moment)
    tested_date: datetime | None = Field(default=None, sa_type=Moment)
    test_status: str | None = None
    test_words: str | None = None
    proven_date: datetime | None = Field(default=None, sa_type=Moment)
    created_date: datetime = Field(sa_type=Moment)
    modified_date: datetime = Field(sa_type=Moment)


class ListingRow(Table, table=True):
    """The marketplace listing of an integration; ``content`` has its copy and media by field."""

    __tablename__ = "listing"
    __table_args__ = (
        ForeignKeyConstraint(["integration_id"], ["integration.id"]),
        one_of("review_state", REVIEW_STATES),
    )

    integration_id: int = Field(primary_key=True)
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    review_state: str = "Draft"
    published: bool = False
    published_date: datetime | None = Field(default=None, sa_type=Moment)
    modified_date: datetime = Field(sa_type=Moment)
