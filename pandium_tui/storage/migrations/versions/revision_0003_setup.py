"""Source accounts, connectors, connections, listings, schedule options."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("integration", sa.Column("source_account_id", sa.Integer(), nullable=True))
    op.add_column("integration", sa.Column("schedule_options", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(
        "integration", sa.Column("custom_schedules", sa.Boolean(), nullable=False, server_default=sa.text("1"))
    )
    op.create_table(
        "source_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("key_file", sa.String(), nullable=False),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.Column("modified_date", sa.String(27), nullable=False),
        sa.CheckConstraint("method IN ('none', 'https token', 'ssh key')", name=op.f("ck_source_account_method")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_account")),
        sa.UniqueConstraint("name", name=op.f("uq_source_account_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "connector",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("catalogue_id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("provisioning", sa.JSON(), nullable=False),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.Column("modified_date", sa.String(27), nullable=False),
        sa.CheckConstraint("scope IN ('global', 'tenant')", name=op.f("ck_connector_scope")),
        sa.ForeignKeyConstraint(["integration_id"], ["integration.id"], name=op.f("fk_connector_integration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connector")),
        sa.UniqueConstraint("integration_id", "name", name=op.f("uq_connector_integration_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(), nullable=False),
        sa.Column("connector_id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("plain", sa.JSON(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("reconnect_reason", sa.String(), nullable=True),
        sa.Column("expires_date", sa.String(27), nullable=True),
        sa.Column("tested_date", sa.String(27), nullable=True),
        sa.Column("test_status", sa.String(), nullable=True),
        sa.Column("test_words", sa.String(), nullable=True),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.Column("modified_date", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["connector_id"], ["connector.id"], name=op.f("fk_connection_connector_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_connection_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
        sa.UniqueConstraint("connector_id", "tenant_id", name=op.f("uq_connection_connector_id_tenant_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_connection_global",
        "connection",
        ["connector_id"],
        unique=True,
        sqlite_where=sa.text("tenant_id IS NULL"),
    )
    op.create_table(
        "listing",
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("review_state", sa.String(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("published_date", sa.String(27), nullable=True),
        sa.Column("modified_date", sa.String(27), nullable=False),
        sa.CheckConstraint("review_state IN ('Draft', 'In Review', 'Published')", name=op.f("ck_listing_review_state")),
        sa.ForeignKeyConstraint(["integration_id"], ["integration.id"], name=op.f("fk_listing_integration_id")),
        sa.PrimaryKeyConstraint("integration_id", name=op.f("pk_listing")),
    )
