"""How alembic opens the store. Run by alembic only."""

from alembic import context
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

from pandium_tui.storage import setup_tables, unattended_tables  # noqa: F401 - their tables are part of the metadata
from pandium_tui.storage.tables import Table

store_file = context.config.attributes["store_file"]
engine = create_engine(f"sqlite:///{store_file}", poolclass=NullPool)


@event.listens_for(engine, "connect")
def _transactional(connection, _record):  # type: ignore[no-untyped-def]
    # The driver would commit before each CREATE: a migration is one transaction or none.
    connection.isolation_level = None


with engine.connect() as connection:
    # Batch mode rebuilds tables by dropping them; with foreign keys on, the drop would delete every child row.
    # The pragma does nothing inside a transaction, hence before BEGIN.
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("PRAGMA auto_vacuum = INCREMENTAL")
    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    connection.exec_driver_sql("BEGIN EXCLUSIVE")
    context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True)
    context.run_migrations()
    broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
    if broken:
        connection.exec_driver_sql("ROLLBACK")
        raise RuntimeError(f"the migration would leave {len(broken)} rows without what they belong to")
    connection.exec_driver_sql("COMMIT")
engine.dispose()
