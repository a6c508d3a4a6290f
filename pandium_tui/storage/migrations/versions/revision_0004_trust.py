"""What the engine keeps for unattended work: catch-up, limits, retries, reruns, polling, retention."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _add_columns()
    # For lists that are filtered: what nearly all rows are not.
    op.create_index(
        "ix_run_unusual", "run", ["integration_id", "id", "phase"], sqlite_where=sa.text("phase <> 'Succeeded'")
    )
    op.create_index("ix_run_trigger_not_cron", "run_trigger", ["run_id"], sqlite_where=sa.text("source <> 'cron'"))
    op.create_table(
        "skipped_slots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("first_slot", sa.String(27), nullable=False),
        sa.Column("last_slot", sa.String(27), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("blocking_run_id", sa.Integer(), nullable=True),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_skipped_slots_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skipped_slots")),
        sa.UniqueConstraint("tenant_id", "first_slot", name=op.f("uq_skipped_slots_tenant_id_first_slot")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "installation",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation")),
    )
    _create_notifications()


def _create_notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.JSON(), nullable=False),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.String(27), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_date", sa.String(27), nullable=True),
        sa.Column("sent_date", sa.String(27), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("problem_date", sa.String(27), nullable=True),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.CheckConstraint("kind IN ('command', 'webhook', 'email')", name=op.f("ck_notification_kind")),
        sa.ForeignKeyConstraint(["integration_id"], ["integration.id"], name=op.f("fk_notification_integration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notification_integration_id"), "notification", ["integration_id"])
    op.create_table(
        "notification_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("recovered", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.Column("ended_date", sa.String(27), nullable=True),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_notification_event_notification_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_notification_event_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_notification_event_notification_id_tenant_id_id"),
        "notification_event",
        ["notification_id", "tenant_id", "id"],
    )
    op.create_index(
        "ix_notification_event_pending",
        "notification_event",
        ["notification_id"],
        sqlite_where=sa.text("ended_date IS NULL"),
    )


def _add_columns() -> None:
    column: sa.Column[Any]
    for column in (
        sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.Column("catch_up", sa.Boolean(), nullable=False, server_default=sa.text("1")),
        sa.Column("catch_up_window", sa.Integer(), nullable=False, server_default=sa.text("86400")),
        sa.Column("runs_at_once", sa.Integer(), nullable=True),
        sa.Column("retry_count", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("retry_backoff", sa.Integer(), nullable=False, server_default=sa.text("60")),
        sa.Column("polling_interval", sa.Integer(), nullable=True),
        sa.Column("polled_date", sa.String(27), nullable=True),
        sa.Column("polled_commit", sa.String(), nullable=True),
        sa.Column("source_problem", sa.String(), nullable=True),
    ):
        op.add_column("integration", column)
    for column in (
        sa.Column("isolation", sa.String(), nullable=True),
        sa.Column("executor", sa.String(), nullable=True),
        sa.Column("image", sa.String(), nullable=True),
        sa.Column("retired_date", sa.String(27), nullable=True),
    ):
        op.add_column("release", column)
    for column in (
        sa.Column("isolation", sa.String(), nullable=True),
        sa.Column("rerun_of", sa.Integer(), nullable=True),
        sa.Column("retry_of", sa.Integer(), nullable=True),
        sa.Column("retries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("counts_as_state", sa.Boolean(), nullable=False, server_default=sa.text("1")),
        sa.Column("not_before", sa.String(27), nullable=True),
    ):
        op.add_column("run", column)
    op.create_index("ix_run_retry_of", "run", ["retry_of"], unique=False, sqlite_where=sa.text("retry_of IS NOT NULL"))
    for column in (
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("rerun_of", sa.Integer(), nullable=True),
        sa.Column("retry_of", sa.Integer(), nullable=True),
        sa.Column("retries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("given_configs", sa.JSON(), nullable=True),
        sa.Column("given_state", sa.String(), nullable=True),
        sa.Column("given_release_id", sa.Integer(), nullable=True),
        sa.Column("counts_as_state", sa.Boolean(), nullable=False, server_default=sa.text("1")),
        sa.Column("not_before", sa.String(27), nullable=True),
    ):
        op.add_column("run_trigger", column)
    op.add_column("connector", sa.Column("optional", sa.Boolean(), nullable=False, server_default=sa.text("0")))
    op.add_column("connection", sa.Column("proven_date", sa.String(27), nullable=True))
