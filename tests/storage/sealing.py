"""Small things the tests of the vault share."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import SealContext, Secret, Vault

OWNER = "6f1f1d5e-8c0e-4a53-9b0c-3c1f6c1c2a01"
OTHER_OWNER = "a3a0f7a4-52a8-4d0f-8d4e-6f2f4b7a9c02"
CONTEXT = SealContext("tenant", "7", OWNER, "token")


def vault_of(store: Store, **environment: str) -> Vault:
    """A vault that sees these variables only."""
    return Vault(store, environment)


def seal(store: Store, text: str, context: SealContext = CONTEXT, vault: Vault | None = None) -> None:
    """Seal a text in a transaction of its own."""
    with store.writing() as session:
        (vault or vault_of(store)).seal(session, context, Secret(text))


def rotate(store: Store, vault: Vault | None = None) -> None:
    """A whole rotation."""
    vault = vault or vault_of(store)
    with store.writing() as session:
        vault.rotate(session)
    with store.writing() as session:
        vault.put_key_in_place(session)


def change(store: Store, statement: str, *values: Any) -> list[Any]:
    """Change the store behind the program's back."""
    with closing(sqlite3.connect(store.file, isolation_level=None, timeout=5)) as connection:
        return connection.execute(statement, values).fetchall()


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file under a folder that is about keys, with its content."""
    return {str(file): file.read_bytes() for file in sorted(folder.rglob("*.key*")) if file.is_file()}
