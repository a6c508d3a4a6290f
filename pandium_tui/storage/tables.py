"""The tables of the store. Their constraints carry the promises that must hold whatever a process does.

- a cron tick fires once: unique (tenant, scheduled_for) on triggers;
- one active run per tenant: partial unique index on runs;
- a tenant has a release or a channel, never both, and only a release of its own integration;
- foreign keys are on (see ``database``).

Names of columns are the names of Pandium's API where it has them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from pandium_tui.storage.times import from_text, to_text
from pandium_tui.storage.vocabulary import (
    ACTIVE_PHASES,
    CHANNELS,
    INTEGRATION_TYPES,
    PHASES,
    RELEASE_STATUSES,
    RUN_MODES,
    TRIGGER_SOURCES,
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime kept as UTC text (see ``times``)."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """To the store."""
        return None if value is None else to_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """From the store."""
        return from_text(value)


NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """What all tables share: names for every constraint, without which migrations lose them on SQLite."""

    metadata = MetaData(naming_convention=NAMING)


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """A check that a column has one of these values."""
    return CheckConstraint(f"{column} IN {quoted(values)}", name=column)


def quoted(values: tuple[str, ...]) -> str:
    """The values as an SQL list; they are our own words and contain no quote."""
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


class IntegrationRow(Table, table=True):
    """An integration."""

    __tablename__ = "integration"
    __table_args__ = (
        UniqueConstraint("name"),
        one_of("type", INTEGRATION_TYPES),
        one_of("default_release_channel", CHANNELS),
        ForeignKeyConstraint(
            ["default_release_id", "id"],
            ["release.id", "release.integration_id"],
            name="fk_integration_default_release",
            use_alter=True,
        ),
        {"sqlite_autoincrement": True},
    )

    # Said in full: a column that is also part of a foreign key is not taken for an autoincrement one.
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    name: str
    long_name: str = ""
    type: str = "Internal"
    target_url: str | None = None
    repository_url: str | None = None
    repository_tracking_branch: str | None = None
    repository_path: str = ""
    default_release_id: int | None = None
    default_release_channel: str | None = None
    run_time_limit: int | None = None
    source_account_id: int | None = None
    schedule_options: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    custom_schedules: bool = Field(default=True, sa_column_kwargs={"server_default": text("1")})
    paused_by_default: bool = False
    paused: bool = Field(default=False, sa_column_kwargs={"server_default": text("0")})
    catch_up: bool = Field(default=True, sa_column_kwargs={"server_default": text("1")})
    catch_up_window: int = Field(default=86400, sa_column_kwargs={"server_default": text("86400")})
    runs_at_once: int | None = None
    retry_count: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    retry_backoff: int = Field(default=60, sa_column_kwargs={"server_default": text("60")})
    polling_interval: int | None = None
    polled_date: datetime | None = Field(default=None, sa_type=Moment)
    polled_commit: str | None = None
    source_problem: str | None = None
    archived: bool = False
    created_date: datetime = Field(sa_type=Moment)
    modified_date: datetime = Field(sa_type=Moment)


class ReleaseRow(Table, table=True):
    """A release: a commit, its PANDIUM.yaml and what came of building it."""

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("id", "integration_id"),
        ForeignKeyConstraint(["integration_id"], ["integration.id"]),
        one_of("status", RELEASE_STATUSES),
        Index(None, "integration_id", "status", "id"),
        Index(
            "ix_release_open",
            "id",
            sqlite_where=text("status IN ('Queued', 'Building')"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    integration_id: int
    name: str
    tag: str | None = None
    commit: str | None = None
    commit_subject: str | None = None
    branch: str | None = None
    path: str = ""
    base: str | None = None
    build_command: str | None = None
    run_command: str | None = None
    config_schema: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    config_uischema: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    config_version: str | None = None
    metadata_schema: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    manifest: str | None = None
    directory: str = ""
    toolchain: str | None = None
    path_entries: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    warnings: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    status: str = "Queued"
    reason: str | None = None
    started_by: str = ""
    isolation: str | None = None
    executor: str | None = None
    image: str | None = None
    retired_date: datetime | None = Field(default=None, sa_type=Moment)
    claimed_by: str | None = None
    attempt: int = 0
    cancel_requested_by: str | None = None
    started_date: datetime | None = Field(default=None, sa_type=Moment)
    completed_date: datetime | None = Field(default=None, sa_type=Moment)
    created_date: datetime = Field(sa_type=Moment)
    modified_date: datetime = Field(sa_type=Moment)


class TenantRow(Table, table=True):
    """A tenant. ``next_run`` is the next due slot of its schedule, None when nothing is planned."""

    __tablename__ = "tenant"
    __table_args__ = (
        UniqueConstraint("integration_id", "name"),
        ForeignKeyConstraint(["integration_id"], ["integration.id"]),
        ForeignKeyConstraint(
            ["integration_release_id", "integration_id"],
            ["release.id", "release.integration_id"],
            name="fk_tenant_release",
        ),
        ForeignKeyConstraint(["last_run_id"], ["run.id"], name="fk_tenant_last_run", use_alter=True),
        ForeignKeyConstraint(
            ["last_successful_run_id"], ["run.id"], name="fk_tenant_last_successful_run", use_alter=True
        ),
        CheckConstraint(
            "(integration_release_id IS NULL) <> (integration_release_channel IS NULL)", name="release_or_channel"
        ),
        one_of("integration_release_channel", CHANNELS),
        Index("ix_tenant_next_run", "next_run", sqlite_where=text("next_run IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    integration_id: int
    integration_release_id: int | None = None
    integration_release_channel: str | None = None
    configs: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    paused: bool = False
    user_schedule: str | None = None
    schedule: str | None = None
    timezone: str = "UTC"
    next_run: datetime | None = Field(default=None, sa_type=Moment)
    source: str = "hub"
    archived: bool = False
    dynamic_configs: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    dynamic_configs_run_id: int | None = None
    dynamic_configs_date: datetime | None = Field(default=None, sa_type=Moment)
    tenant_metadata: dict[str, Any] = Field(default_factory=dict, sa_column=Column("metadata", JSON, nullable=False))
    last_run_id: int | None = None
    last_successful_run_id: int | None = None
    created_date: datetime = Field(sa_type=Moment)
    modified_date: datetime = Field(sa_type=Moment)


IS_ACTIVE = text(f"run.phase IN {quoted(ACTIVE_PHASES)}")
"""Of a run that waits or goes on. Word for word as the indexes have it: with bound values SQLite reads every run."""


class RunRow(Table, table=True):
    """A run. ``configs`` is the snapshot it got; secrets never are."""

    __tablename__ = "run"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        ForeignKeyConstraint(["integration_id"], ["integration.id"]),
        ForeignKeyConstraint(["release_id"], ["release.id"]),
        one_of("mode", RUN_MODES),
        one_of("phase", PHASES),
        Index(
            "uq_run_active_tenant",
            "tenant_id",
            unique=True,
            sqlite_where=text(f"phase IN {quoted(ACTIVE_PHASES)}"),
        ),
        Index("ix_run_active", "integration_id", "phase", "id", sqlite_where=text(f"phase IN {quoted(ACTIVE_PHASES)}")),
        Index(
            "ix_run_failed",
            "integration_id",
            "completed_date",
            sqlite_where=text("phase LIKE 'Failed%'"),
        ),
        Index("ix_run_retry_of", "retry_of", sqlite_where=text("retry_of IS NOT NULL")),
        Index(None, "tenant_id", "id"),
        Index(None, "integration_id", "id"),
        Index("ix_run_unusual", "integration_id", "id", "phase", sqlite_where=text("phase <> 'Succeeded'")),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    integration_id: int
    release_id: int | None = None
    mode: str = "normal"
    phase: str = "Queued"
    time_limit: int | None = None
    configs: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    exit_code: int | None = None
    reason: str | None = None
    state: str | None = None
    warnings: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    log_bytes: int | None = None
    isolation: str | None = None
    rerun_of: int | None = None
    retry_of: int | None = None
    retries: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    counts_as_state: bool = Field(default=True, sa_column_kwargs={"server_default": text("1")})
    not_before: datetime | None = Field(default=None, sa_type=Moment)
    claimed_by: str | None = None
    attempt: int = 0
    cancel_requested_by: str | None = None
    created_date: datetime = Field(sa_type=Moment)
    started_date: datetime | None = Field(default=None, sa_type=Moment)
    completed_date: datetime | None = Field(default=None, sa_type=Moment)


class TriggerRow(Table, table=True):
    """Why a run happens. ``run_id`` is empty while it is held."""

    __tablename__ = "run_trigger"
    __table_args__ = (
        UniqueConstraint("tenant_id", "scheduled_for"),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        ForeignKeyConstraint(["run_id"], ["run.id"]),
        one_of("source", TRIGGER_SOURCES),
        one_of("mode", RUN_MODES),
        CheckConstraint("(source = 'cron') = (scheduled_for IS NOT NULL)", name="cron_has_slot"),
        Index("ix_run_trigger_held", "tenant_id", "id", sqlite_where=text("run_id IS NULL AND ended_date IS NULL")),
        Index(None, "run_id"),
        Index("ix_run_trigger_not_cron", "run_id", sqlite_where=text("source <> 'cron'")),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    source: str
    mode: str = "normal"
    payload: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    headers: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    scheduled_for: datetime | None = Field(default=None, sa_type=Moment)
    note: str | None = None
    rerun_of: int | None = None
    retry_of: int | None = None
    retries: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    given_configs: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    given_state: str | None = None
    given_release_id: int | None = None
    counts_as_state: bool = Field(default=True, sa_column_kwargs={"server_default": text("1")})
    not_before: datetime | None = Field(default=None, sa_type=Moment)
    created_by: str = ""
    created_date: datetime = Field(sa_type=Moment)
    run_id: int | None = None
    ended_date: datetime | None = Field(default=None, sa_type=Moment)
    ended_reason: str | None = None


class ActivityRow(Table, table=True):
    """The audit trail: who did what, when. Never a secret value. ``undo``: how it is taken back, see ``hub.undo``."""

    __tablename__ = "activity"
    __table_args__ = (
        Index(None, "integration_id", "id"),
        Index("ix_activity_undoable", "actor", "id", sqlite_where=text("undo IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    created_date: datetime = Field(sa_type=Moment)
    actor: str
    action: str
    integration_id: int | None = None
    tenant_id: int | None = None
    release_id: int | None = None
    run_id: int | None = None
    detail: str = ""
    undo: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class EngineRow(Table, table=True):
    """A process that runs an engine: its identity, so that a lease never rests on a name that can be reused."""

    __tablename__ = "engine"

    id: str = Field(primary_key=True)
    pid: int
    start_ticks: int
    boot_id: str
    kind: str
    schedules: bool
    started_date: datetime = Field(sa_type=Moment)


class KeyringRow(Table, table=True):
    """A data key of the vault, wrapped by the key outside the store. Exactly one is active once there is one."""

    __tablename__ = "keyring"
    __table_args__ = (Index("uq_keyring_active", "active", unique=True, sqlite_where=text("active")),)

    id: str = Field(primary_key=True)
    active: bool
    wrapped: bytes
    check_value: bytes
    backup_date: datetime | None = Field(default=None, sa_type=Moment)
    created_date: datetime = Field(sa_type=Moment)


class SealedValueRow(Table, table=True):
    """A sealed value of the vault. What its columns say about its place is bound into the blob."""

    __tablename__ = "sealed_value"
    __table_args__ = (
        UniqueConstraint("owner", "field"),
        one_of("scope", ("global", "tenant", "account")),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    scope: str
    tenant_id: str
    owner: str
    field: str
    revision: int
    blob: bytes
    fingerprint: str
    set_date: datetime = Field(sa_type=Moment)
