"""The vault's rows: read through the standard driver, written through a session like the rest of the store."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pandium_tui.storage.database import leave_no_trace
from pandium_tui.storage.row_reading import moment
from pandium_tui.storage.times import from_text, utc_now
from pandium_tui.storage.vault.keyring import DataKey, KeyringEntry, SealedValue
from pandium_tui.storage.vault.records import SealContext, SealedField
from pandium_tui.storage.vault.sealing import Key, key_id_of

if TYPE_CHECKING:
    from sqlmodel import Session

    from pandium_tui.storage.tables import SealedValueRow


def keyring(reader: sqlite3.Connection) -> list[KeyringEntry]:
    """The keyring."""
    return [
        KeyringEntry(row["id"], bool(row["active"]), row["wrapped"], row["check_value"], from_text(row["backup_date"]))
        for row in reader.execute("SELECT id, active, wrapped, check_value, backup_date FROM keyring")
    ]


def values(reader: sqlite3.Connection, owners: Collection[str] | None = None) -> list[SealedValue]:
    """Every sealed value, or those of some owners."""
    if owners is None:
        found = reader.execute("SELECT scope, tenant_id, owner, field, revision, blob FROM sealed_value ORDER BY id")
    else:
        found = reader.execute(
            "SELECT scope, tenant_id, owner, field, revision, blob FROM sealed_value "
            "WHERE owner IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(sorted(owners)),),
        )
    return [_value(row) for row in found]


def count(reader: sqlite3.Connection) -> int:
    """How many values are sealed."""
    return int(reader.execute("SELECT count(*) FROM sealed_value").fetchone()[0])


def value(reader: sqlite3.Connection, context: SealContext) -> SealedValue | None:
    """The sealed value of a context's owner and field."""
    row = reader.execute(
        "SELECT scope, tenant_id, owner, field, revision, blob FROM sealed_value WHERE owner = ? AND field = ?",
        (context.owner, context.field),
    ).fetchone()
    return None if row is None else _value(row)


def fields(reader: sqlite3.Connection, owner: str) -> list[SealedField]:
    """What is sealed for an owner, by name."""
    found = reader.execute(
        "SELECT field, revision, set_date, fingerprint FROM sealed_value WHERE owner = ? ORDER BY field", (owner,)
    )
    return [SealedField(row["field"], row["revision"], moment(row["set_date"]), row["fingerprint"]) for row in found]


def keyring_entries(session: Session) -> list[KeyringEntry]:
    """The keyring as a write transaction sees it."""
    from sqlmodel import select

    from pandium_tui.storage.tables import KeyringRow

    return [
        KeyringEntry(row.id, row.active, row.wrapped, row.check_value, row.backup_date)
        for row in session.exec(select(KeyringRow))
    ]


def replace_keyring(
    session: Session, active: DataKey, older: Iterable[DataKey], outer: Key, backup_date: datetime | None
) -> None:
    """Make a keyring of these data keys, all wrapped by one outer key."""
    from sqlmodel import delete

    from pandium_tui.storage.tables import KeyringRow

    session.exec(delete(KeyringRow))
    for data_key in (active, *older):
        session.add(
            KeyringRow(
                id=data_key.sealing.id,
                active=data_key is active,
                wrapped=data_key.wrapped(outer),
                check_value=data_key.check_value(),
                backup_date=backup_date,
                created_date=utc_now(),
            )
        )
    session.flush()


def note_backup(session: Session, outer_key_id: str, moment: datetime) -> None:
    """Write down when the outer key was backed up, where it is the one in force."""
    from sqlmodel import select

    from pandium_tui.storage.tables import KeyringRow

    for row in session.exec(select(KeyringRow)):
        if key_id_of(row.wrapped) == outer_key_id:
            row.backup_date = moment


def value_rows(session: Session, owner: str | None = None) -> Sequence[SealedValueRow]:
    """The rows of sealed values, of one owner when given."""
    from sqlmodel import select

    from pandium_tui.storage.tables import SealedValueRow

    statement = select(SealedValueRow)
    return session.exec(statement if owner is None else statement.where(SealedValueRow.owner == owner)).all()


def value_row(session: Session, context: SealContext) -> SealedValueRow | None:
    """The row of a context's owner and field."""
    return next((row for row in value_rows(session, context.owner) if row.field == context.field), None)


def first_revision() -> int:
    """Where the revisions of a value begin: somewhere else each time.

    From 1 on, a value that was forgotten and is entered again would come to revisions it had before, and a blob kept
    from then would open in its place.
    """
    return secrets.randbelow(2**48) + 1


def has_values(session: Session) -> bool:
    """Whether any value is sealed."""
    from sqlmodel import select

    from pandium_tui.storage.tables import SealedValueRow

    return session.exec(select(SealedValueRow.id).limit(1)).first() is not None


def delete_all(session: Session) -> int:
    """Delete all values and the keyring; how many values it were."""
    from sqlmodel import delete

    from pandium_tui.storage.tables import KeyringRow, SealedValueRow

    leave_no_trace(session)
    session.exec(delete(KeyringRow))
    return int(session.exec(delete(SealedValueRow)).rowcount)


def value_of_row(row: SealedValueRow) -> SealedValue:
    """The value a row holds, in the context where it lies."""
    return SealedValue(SealContext(row.scope, row.tenant_id, row.owner, row.field), row.revision, row.blob)  # type: ignore[arg-type]


def _value(row: sqlite3.Row) -> SealedValue:
    context = SealContext(row["scope"], row["tenant_id"], row["owner"], row["field"])
    return SealedValue(context, row["revision"], row["blob"])
