"""The tables of unattended work: slots that did not run, and what the installation remembers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from pandium_tui.storage.tables import Moment, Table


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
