"""What was deleted of the secrets is in no file any more: not in the store, not in its write-ahead log."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from pandium_tui.hub.connections import set_connection
from pandium_tui.hub.connector_changes import change_scope, provision, remove_connector
from pandium_tui.hub.integrations import IntegrationValues, create_integration
from pandium_tui.hub.settings_form import save_settings
from pandium_tui.hub.source_accounts import (
    SourceAccountValues,
    create_source_account,
    edit_source_account,
    remove_source_account,
)
from pandium_tui.hub.tenants import TenantValues, create_tenant
from pandium_tui.hub.vault import reset_credentials, rotate_vault
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow, TenantRow
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import Secret
from tests.connecting import ACTOR, add, connect, define_crm

PLAIN = "a-plain-value-that-became-secret"
OPEN_ACCOUNT = SourceAccountValues("github", method="none")


@pytest.fixture
def sealed(store: Store) -> Store:
    """A secret of each kind: of a connection, a provisioning, an account, a setting; all in the write-ahead log."""
    define_crm(store)
    crm = create_integration(store, IntegrationValues("crm", repository_url="/srv/git/crm"), ACTOR).id
    now = utc_now()
    schema = {"properties": {"token": {"type": "string", "format": "password"}}}
    with store.writing() as session:
        release = ReleaseRow(
            integration_id=crm, name="r1", status="Ready", config_schema=schema, created_date=now, modified_date=now
        )
        session.add(release)
        session.flush()
        session.get_one(IntegrationRow, crm).default_release_id = release.id
    tenant = create_tenant(store, crm, TenantValues("acme", integration_release_channel="Default"), ACTOR).id
    connector = add(store, crm, "crm", method="token", client_id="c1", client_secret="s1")
    connect(store, connector, tenant, {"account": "a", "access_token": "t1"})
    keys = add(store, crm, "custom", scope="global")
    connect(store, keys, None, {"ONE": "value-1", "TWO": "value-2"})
    for name in ("github", "gitlab"):
        create_source_account(store, SourceAccountValues(name, token=Secret("tok")), ACTOR)
    save_settings(store, tenant, {"token": "secret-setting"}, ACTOR)
    return store


def test_what_was_deleted_is_in_no_file(sealed: Store) -> None:
    deletions: list[tuple[str, Callable[[], object], int]] = [
        ("an emptied value", lambda: set_connection(sealed, 2, None, {"TWO": Secret("")}, ACTOR), 1),
        ("an emptied setting", lambda: save_settings(sealed, 1, {"token": ""}, ACTOR), 1),
        ("an emptied provisioning", lambda: provision(sealed, 1, {"client_secret": Secret("")}, ACTOR), 1),
        ("another scope", lambda: change_scope(sealed, 1, "global", ACTOR, even_if_connected=True), 1),
        ("another method", lambda: edit_source_account(sealed, 1, OPEN_ACCOUNT, ACTOR), 1),
        ("a removed account", lambda: remove_source_account(sealed, 2, ACTOR), 1),
        ("a removed connector", lambda: remove_connector(sealed, 2, ACTOR, even_if_connected=True), 1),
    ]
    for name, delete, expected in deletions:
        before = blobs(sealed)
        assert all(in_files(sealed, blob) for blob in before)
        delete()
        gone = before - blobs(sealed)
        assert len(gone) == expected, name
        assert not any(in_files(sealed, blob) for blob in gone), name


def test_after_a_reset_or_a_rotation_nothing_of_before_is_in_any_file(sealed: Store) -> None:
    before = blobs(sealed)
    rotate_vault(sealed, ACTOR)
    rotated = blobs(sealed)
    assert not before & rotated
    assert not any(in_files(sealed, blob) for blob in before)
    reset_credentials(sealed, ACTOR)
    assert not any(in_files(sealed, blob) for blob in rotated)


def test_a_plain_value_that_became_secret_is_in_no_file(sealed: Store) -> None:
    with sealed.writing() as session:
        session.get_one(TenantRow, 1).configs = {"token": PLAIN}
    assert in_files(sealed, PLAIN.encode())
    save_settings(sealed, 1, {"token": PLAIN}, ACTOR)
    assert not in_files(sealed, PLAIN.encode())


def blobs(store: Store) -> set[bytes]:
    with closing(sqlite3.connect(store.file)) as database:
        return {blob for (blob,) in database.execute("SELECT blob FROM sealed_value")}


def in_files(store: Store, content: bytes) -> bool:
    return any(content in file.read_bytes() for file in store.file.parent.glob(f"{store.file.name}*"))
