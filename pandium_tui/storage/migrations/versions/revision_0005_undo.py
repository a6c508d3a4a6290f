"""What can be undone; notifications about builds and tracking branches."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("activity", sa.Column("undo", sa.JSON(), nullable=True))
    op.create_index("ix_activity_undoable", "activity", ["actor", "id"], sqlite_where=sa.text("undo IS NOT NULL"))
    _widen_events()


def _widen_events() -> None:
    """Events need no run any more: SQLite changes a column only by a new table."""
    earlier = "notification_event_0004"
    op.rename_table("notification_event", earlier)
    for index in sa.inspect(op.get_bind()).get_indexes(earlier):
        op.drop_index(str(index["name"]), earlier)
    op.create_table(
        "notification_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("recovered", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.Column("ended_date", sa.String(27), nullable=True),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.CheckConstraint("about IN ('run', 'build', 'branch')", name=op.f("ck_notification_event_about")),
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
    kept = "id, notification_id, tenant_id, run_id, recovered, summary, created_date, ended_date, delivered"
    op.execute(f"INSERT INTO notification_event (about, {kept}) SELECT 'run', {kept} FROM {earlier}")  # noqa: S608 - words of this file
    op.drop_table(earlier)
