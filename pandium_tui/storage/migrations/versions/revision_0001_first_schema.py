"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("release_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_activity_integration_id_id"), "activity", ["integration_id", "id"], unique=False)
    op.create_table(
        "engine",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("start_ticks", sa.Integer(), nullable=False),
        sa.Column("boot_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("schedules", sa.Boolean(), nullable=False),
        sa.Column("started_date", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engine")),
    )
    op.create_table(
        "integration",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("long_name", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("target_url", sa.String(), nullable=True),
        sa.Column("repository_url", sa.String(), nullable=True),
        sa.Column("repository_tracking_branch", sa.String(), nullable=True),
        sa.Column("repository_path", sa.String(), nullable=False),
        sa.Column("default_release_id", sa.Integer(), nullable=True),
        sa.Column("default_release_channel", sa.String(), nullable=True),
        sa.Column("run_time_limit", sa.Integer(), nullable=True),
        sa.Column("paused_by_default", sa.Boolean(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.Column("modified_date", sa.String(27), nullable=False),
        sa.CheckConstraint(
            "default_release_channel IN ('Default', 'Latest')", name=op.f("ck_integration_default_release_channel")
        ),
        sa.CheckConstraint("type IN ('Internal', 'External')", name=op.f("ck_integration_type")),
        sa.ForeignKeyConstraint(
            ["default_release_id", "id"],
            ["release.id", "release.integration_id"],
            name="fk_integration_default_release",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration")),
        sa.UniqueConstraint("name", name=op.f("uq_integration_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=True),
        sa.Column("commit", sa.String(), nullable=True),
        sa.Column("commit_subject", sa.String(), nullable=True),
        sa.Column("branch", sa.String(), nullable=True),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=True),
        sa.Column("build_command", sa.String(), nullable=True),
        sa.Column("run_command", sa.String(), nullable=True),
        sa.Column("config_schema", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("config_uischema", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("config_version", sa.String(), nullable=True),
        sa.Column("metadata_schema", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("manifest", sa.String(), nullable=True),
        sa.Column("directory", sa.String(), nullable=False),
        sa.Column("toolchain", sa.String(), nullable=True),
        sa.Column("path_entries", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("cancel_requested_by", sa.String(), nullable=True),
        sa.Column("started_date", sa.String(27), nullable=True),
        sa.Column("completed_date", sa.String(27), nullable=True),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.Column("modified_date", sa.String(27), nullable=False),
        sa.CheckConstraint("status IN ('Queued', 'Building', 'Ready', 'Failed')", name=op.f("ck_release_status")),
        sa.ForeignKeyConstraint(["integration_id"], ["integration.id"], name=op.f("fk_release_integration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("id", "integration_id", name=op.f("uq_release_id_integration_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_release_integration_id_status_id"), "release", ["integration_id", "status", "id"], unique=False
    )
    op.create_index(
        "ix_release_open", "release", ["id"], unique=False, sqlite_where=sa.text("status IN ('Queued', 'Building')")
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("integration_release_id", sa.Integer(), nullable=True),
        sa.Column("integration_release_channel", sa.String(), nullable=True),
        sa.Column("configs", sa.JSON(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("user_schedule", sa.String(), nullable=True),
        sa.Column("schedule", sa.String(), nullable=True),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("next_run", sa.String(27), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("dynamic_configs", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("dynamic_configs_run_id", sa.Integer(), nullable=True),
        sa.Column("dynamic_configs_date", sa.String(27), nullable=True),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("last_run_id", sa.Integer(), nullable=True),
        sa.Column("last_successful_run_id", sa.Integer(), nullable=True),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.Column("modified_date", sa.String(27), nullable=False),
        sa.CheckConstraint(
            "integration_release_channel IN ('Default', 'Latest')", name=op.f("ck_tenant_integration_release_channel")
        ),
        sa.CheckConstraint(
            "(integration_release_id IS NULL) <> (integration_release_channel IS NULL)",
            name=op.f("ck_tenant_release_or_channel"),
        ),
        sa.ForeignKeyConstraint(["integration_id"], ["integration.id"], name=op.f("fk_tenant_integration_id")),
        sa.ForeignKeyConstraint(
            ["integration_release_id", "integration_id"],
            ["release.id", "release.integration_id"],
            name="fk_tenant_release",
        ),
        sa.ForeignKeyConstraint(["last_run_id"], ["run.id"], name="fk_tenant_last_run"),
        sa.ForeignKeyConstraint(["last_successful_run_id"], ["run.id"], name="fk_tenant_last_successful_run"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("integration_id", "name", name=op.f("uq_tenant_integration_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_tenant_next_run", "tenant", ["next_run"], unique=False, sqlite_where=sa.text("next_run IS NOT NULL")
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=True),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("time_limit", sa.Integer(), nullable=True),
        sa.Column("configs", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("log_bytes", sa.Integer(), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("cancel_requested_by", sa.String(), nullable=True),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.Column("started_date", sa.String(27), nullable=True),
        sa.Column("completed_date", sa.String(27), nullable=True),
        sa.CheckConstraint("mode IN ('init', 'normal', 'webhook')", name=op.f("ck_run_mode")),
        sa.CheckConstraint(
            "phase IN ('Queued', 'Running', 'Succeeded', 'Failed (Integration Issue)', 'Failed (Refresh)', 'Failed (Timeout)', 'Failed (Platform Issue)', 'Failed (Metadata Validation)', 'Cancelled')",
            name=op.f("ck_run_phase"),
        ),
        sa.ForeignKeyConstraint(["integration_id"], ["integration.id"], name=op.f("fk_run_integration_id")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_run_release_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_run_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_run_active",
        "run",
        ["integration_id", "phase", "id"],
        unique=False,
        sqlite_where=sa.text("phase IN ('Queued', 'Running')"),
    )
    op.create_index(
        "ix_run_failed",
        "run",
        ["integration_id", "completed_date"],
        unique=False,
        sqlite_where=sa.text("phase LIKE 'Failed%'"),
    )
    op.create_index(op.f("ix_run_integration_id_id"), "run", ["integration_id", "id"], unique=False)
    op.create_index(op.f("ix_run_tenant_id_id"), "run", ["tenant_id", "id"], unique=False)
    op.create_index(
        "uq_run_active_tenant",
        "run",
        ["tenant_id"],
        unique=True,
        sqlite_where=sa.text("phase IN ('Queued', 'Running')"),
    )
    op.create_table(
        "run_trigger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("scheduled_for", sa.String(27), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("ended_date", sa.String(27), nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(source = 'cron') = (scheduled_for IS NOT NULL)", name=op.f("ck_run_trigger_cron_has_slot")
        ),
        sa.CheckConstraint("mode IN ('init', 'normal', 'webhook')", name=op.f("ck_run_trigger_mode")),
        sa.CheckConstraint("source IN ('cron', 'manual', 'api', 'webhook')", name=op.f("ck_run_trigger_source")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_trigger_run_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_run_trigger_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_trigger")),
        sa.UniqueConstraint("tenant_id", "scheduled_for", name=op.f("uq_run_trigger_tenant_id_scheduled_for")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_run_trigger_held",
        "run_trigger",
        ["tenant_id", "id"],
        unique=False,
        sqlite_where=sa.text("run_id IS NULL AND ended_date IS NULL"),
    )
    op.create_index(op.f("ix_run_trigger_run_id"), "run_trigger", ["run_id"], unique=False)
