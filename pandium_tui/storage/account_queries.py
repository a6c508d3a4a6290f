"""Reading source control accounts with plain SQL."""

import sqlite3

from pandium_tui.storage.records import SourceAccount
from pandium_tui.storage.row_reading import moment

_ACCOUNTS = """
SELECT source_account.*,
    EXISTS (SELECT 1 FROM sealed_value WHERE owner = source_account.uuid AND field = 'token') AS has_token
FROM source_account
"""


def source_accounts(reader: sqlite3.Connection) -> list[SourceAccount]:
    """All accounts by name."""
    rows = reader.execute(_ACCOUNTS + " ORDER BY source_account.name").fetchall()
    return [_account_of(reader, row) for row in rows]


def source_account(reader: sqlite3.Connection, account_id: int) -> SourceAccount | None:
    """One account."""
    row = reader.execute(_ACCOUNTS + " WHERE source_account.id = ?", (account_id,)).fetchone()
    return None if row is None else _account_of(reader, row)


def _account_of(reader: sqlite3.Connection, row: sqlite3.Row) -> SourceAccount:
    users = reader.execute("SELECT name FROM integration WHERE source_account_id = ? ORDER BY name", (row["id"],))
    return SourceAccount(
        id=row["id"],
        uuid=row["uuid"],
        name=row["name"],
        provider=row["provider"],
        method=row["method"],
        username=row["username"],
        key_file=row["key_file"],
        has_token=bool(row["has_token"]),
        integrations=tuple(user["name"] for user in users),
        created_date=moment(row["created_date"]),
        modified_date=moment(row["modified_date"]),
    )
