"""The tables of unattended work: slots that did not run, what the installation remembers, and who is told of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from pandium_tui.storage.tables import Moment, Table, one_of
from pandium_tui.storage.vocabulary import NOTIFICATION_KINDS, NOTIFIED_ABOUT


class SkippedSlotsRow(Table, table=True):
    """Slots of a tenant's schedule, one after the other, that did not run, and why."""

    __tablename__ = "skipped_slots"
    __table_args__ = (
        UniqueConstraint("tenant_id", "first_slot"),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    first_slot: datetime = Field(sa_type=Moment)
    last_slot: datetime = Field(sa_type=Moment)
    slots: int
    reason: str
    blocking_run_id: int | None = None
    created_date: datetime = Field(sa_type=Moment)


class InstallationRow(Table, table=True):
    """What the whole installation remembers, by name, for example that its engines are paused."""

    __tablename__ = "installation"

    name: str = Field(primary_key=True)
    value: Any = Field(sa_column=Column(JSON, nullable=False))


class NotificationRow(Table, table=True):
    """Whom an integration tells of failures and recoveries, and how. A webhook's secret is a sealed value of ``uuid``.

    ``claimed_by`` is of the delivery that is on its way: whoever takes it names itself, so that several engines send
    what is pending once. ``attempts`` counts those that failed one after the other.
    """

    __tablename__ = "notification"
    __table_args__ = (
        ForeignKeyConstraint(["integration_id"], ["integration.id"]),
        one_of("kind", NOTIFICATION_KINDS),
        Index(None, "integration_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    uuid: str
    integration_id: int
    kind: str
    target: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    interval: int
    attempts: int = 0
    not_before: datetime | None = Field(default=None, sa_type=Moment)
    claimed_by: str | None = None
    claimed_date: datetime | None = Field(default=None, sa_type=Moment)
    sent_date: datetime | None = Field(default=None, sa_type=Moment)
    problem: str | None = None
    problem_date: datetime | None = Field(default=None, sa_type=Moment)
    created_date: datetime = Field(sa_type=Moment)


class NotificationEventRow(Table, table=True):
    """A failure or recovery that is to be told, or was: of a tenant's runs, or of the integration's builds or branch.

    The newest of its kind, for runs of a tenant, says how it stands. ``run_id`` is no reference: what was told stays
    when the run goes.
    """

    __tablename__ = "notification_event"
    __table_args__ = (
        ForeignKeyConstraint(["notification_id"], ["notification.id"]),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        one_of("about", NOTIFIED_ABOUT),
        Index(None, "notification_id", "tenant_id", "id"),
        Index("ix_notification_event_pending", "notification_id", sqlite_where=text("ended_date IS NULL")),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    notification_id: int
    about: str = "run"
    tenant_id: int | None = None
    run_id: int | None = None
    recovered: bool
    summary: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_date: datetime = Field(sa_type=Moment)
    ended_date: datetime | None = Field(default=None, sa_type=Moment)
    delivered: bool = False
