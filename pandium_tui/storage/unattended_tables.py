"""The tables of unattended work: slots that did not run, notifications, and what the installation remembers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from pandium_tui.storage.tables import Moment, Table, one_of
from pandium_tui.storage.vocabulary import NOTIFICATION_KINDS, NOTIFICATION_WAYS


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


class NotificationTargetRow(Table, table=True):
    """Who is told about an integration. The signing secret of a webhook is a sealed value owned by ``uuid``."""

    __tablename__ = "notification_target"
    __table_args__ = (
        ForeignKeyConstraint(["integration_id"], ["integration.id"]),
        one_of("kind", NOTIFICATION_WAYS),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    uuid: str
    integration_id: int
    kind: str
    address: str
    on_failure: bool = True
    on_recovery: bool = True
    sent_date: datetime | None = Field(default=None, sa_type=Moment)
    problem: str | None = None
    created_date: datetime = Field(sa_type=Moment)


class NotificationRow(Table, table=True):
    """Something a target is to be told; open until it was sent or given up."""

    __tablename__ = "notification"
    __table_args__ = (
        ForeignKeyConstraint(["target_id"], ["notification_target.id"]),
        one_of("kind", NOTIFICATION_KINDS),
        Index("ix_notification_open", "target_id", "id", sqlite_where=text("ended_date IS NULL")),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    target_id: int
    run_id: int | None = None
    kind: str
    claimed_by: str | None = None
    attempts: int = 0
    not_before: datetime | None = Field(default=None, sa_type=Moment)
    created_date: datetime = Field(sa_type=Moment)
    ended_date: datetime | None = Field(default=None, sa_type=Moment)
    problem: str | None = None


class InstallationRow(Table, table=True):
    """What the whole installation remembers, by name, for example that its engines are paused."""

    __tablename__ = "installation"

    name: str = Field(primary_key=True)
    value: Any = Field(sa_column=Column(JSON, nullable=False))
