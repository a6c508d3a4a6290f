"""Stores of every released version are used on: nothing in them is lost or changed by a migration."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from pandium_tui.settings import Settings
from pandium_tui.storage.database import SCHEMA_REVISION, open_store, schema_revision
from pandium_tui.storage.migrations import upgrade

WORDS = {
    "integration.type": "Internal",
    "release.status": "Ready",
    "tenant.integration_release_channel": "Latest",
    "run.mode": "normal",
    "run.phase": "Succeeded",
    "run_trigger.mode": "normal",
    "run_trigger.source": "manual",
    "sealed_value.scope": "tenant",
    "source_account.method": "none",
    "connector.scope": "tenant",
    "listing.review_state": "Draft",
    "notification.kind": "command",
}
"""What the checks of the schema want; any other column takes any value."""


def value_of(table: str, column: sqlite3.Row) -> Any:
    """A value for a column that needs one; what refers to another row refers to its first."""
    if word := WORDS.get(f"{table}.{column['name']}"):
        return word
    kind = column["type"].split("(")[0]
    return {"INTEGER": 1, "BOOLEAN": 1, "BLOB": b"\x00\xff", "JSON": '{"a": ["\u00fc"]}'}.get(
        kind, "2026-01-02T03:04:05.000006Z" if column["name"].endswith("_date") else f"some {column['name']} \u00fc"
    )


def fill(file: Path) -> dict[str, dict[str, Any]]:
    """One row in each table of an older store: what is in it, by table."""
    rows = {}
    with sqlite3.connect(file) as connection:
        connection.row_factory = sqlite3.Row
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('alembic_version', 'sqlite_sequence')"
        )
        for (table,) in tables.fetchall():
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            wanted = [one for one in columns if one["notnull"] or one["pk"] or f"{table}.{one['name']}" in WORDS]
            rows[table] = {one["name"]: value_of(table, one) for one in wanted}
            names, places = ", ".join(f'"{name}"' for name in rows[table]), ", ".join("?" for _ in wanted)
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", list(rows[table].values()))
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    return rows


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004"])
def test_a_store_of_an_earlier_version_is_used_on_with_all_that_is_in_it(settings: Settings, revision: str) -> None:
    settings.home.mkdir(mode=0o700)
    settings.store_file.touch(mode=0o600)
    upgrade(settings.store_file, revision)
    rows = fill(settings.store_file)
    store = open_store(settings)
    with store.reading() as reader:
        for table, row in rows.items():
            [kept] = reader.execute(f"SELECT * FROM {table}")
            assert {name: kept[name] for name in row} == row, table
        assert reader.execute("PRAGMA foreign_key_check").fetchall() == []
        assert [tuple(row) for row in reader.execute("PRAGMA integrity_check")] == [("ok",)]
    store.close()
    assert schema_revision(settings.store_file) == SCHEMA_REVISION
