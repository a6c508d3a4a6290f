"""The vault: wrapped data keys and sealed values."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "keyring",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("check_value", sa.LargeBinary(), nullable=False),
        sa.Column("backup_date", sa.String(27), nullable=True),
        sa.Column("created_date", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyring")),
    )
    op.create_index("uq_keyring_active", "keyring", ["active"], unique=True, sqlite_where=sa.text("active"))
    op.create_table(
        "sealed_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("set_date", sa.String(27), nullable=False),
        sa.CheckConstraint("scope IN ('global', 'tenant', 'account')", name=op.f("ck_sealed_value_scope")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_value")),
        sa.UniqueConstraint("owner", "field", name=op.f("uq_sealed_value_owner_field")),
        sqlite_autoincrement=True,
    )
