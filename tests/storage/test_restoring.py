"""A copy takes the place of the store whole and alone, or not at all; a vacuum gives back what deleted rows took up."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import delete, insert

from pandium_tui.engine.engine import Engine
from pandium_tui.hub import activity, integrations, upkeep
from pandium_tui.hub.integrations import IntegrationValues
from pandium_tui.hub.tenants import TenantValues, create_tenant
from pandium_tui.settings import Settings
from pandium_tui.storage import migrations, vacuum
from pandium_tui.storage.database import SCHEMA_REVISION, Store, open_store
from pandium_tui.storage.errors import StoreError, StoreFullError, StoreTooNewError
from pandium_tui.storage.tables import ActivityRow, RunRow
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vault import SealContext, Secret, Vault
from tests.cli.command_line import CommandLine
from tests.scenario import ACTOR
from tests.waiting import wait_for

CONTEXT = SealContext("global", "", "owner", "token")


def add(store: Store, name: str) -> None:
    integrations.create_integration(store, IntegrationValues(name, repository_url=f"/srv/{name}"), ACTOR)


def names(settings: Settings) -> list[str]:
    opened = open_store(settings)
    try:
        return [one.name for one in integrations.integrations(opened)]
    finally:
        opened.close()


@pytest.fixture
def copy(store: Store, tmp_path: Path) -> Path:
    """A copy from when there was one integration and one secret; the store, now closed, has two."""
    add(store, "crm")
    with store.writing() as session:
        Vault(store).seal(session, CONTEXT, Secret("a token"))
    file = tmp_path / "copy.db"
    upkeep.back_up(store, file, ACTOR)
    add(store, "shop")
    store.close()
    return file


def files(settings: Settings) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in settings.home.glob("store*")}


def test_a_copy_takes_the_place_and_what_was_there_is_kept_beside_it(copy: Path, settings: Settings) -> None:
    done = upkeep.restore(settings, copy, ACTOR)
    assert (done.revision, done.vault, done.vault_reason) == (SCHEMA_REVISION, "ok", "")
    assert names(settings) == ["crm"]
    kept = Path(done.kept or "")
    assert kept.stat().st_mode & 0o777 == settings.store_file.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in settings.home.glob("store*")) == [kept.name, "store.db"]
    with closing(sqlite3.connect(settings.store_file)) as reader:
        assert reader.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    again = upkeep.restore(settings, kept, ACTOR)
    assert names(settings) == ["crm", "shop"]
    assert again.kept != done.kept
    opened = open_store(settings)
    assert activity.activities(opened)[0].action == "restore store"
    opened.close()


def test_no_run_gets_the_number_of_one_that_the_copy_does_not_know(copy: Path, settings: Settings) -> None:
    for number in ("9", "15", "notes"):
        (settings.home / "runs" / number).mkdir(parents=True)
    upkeep.restore(settings, copy, ACTOR)
    opened = open_store(settings)
    crm = integrations.integration(opened, "crm")
    tenant = create_tenant(opened, crm.id, TenantValues("acme", integration_release_channel="Latest"), ACTOR)
    with opened.writing() as session:
        run = RunRow(tenant_id=tenant.id, integration_id=crm.id, created_date=utc_now())
        session.add(run)
        session.flush()
        assert run.id == 16
    opened.close()


def test_a_copy_of_an_older_schema_is_brought_up_to_date_and_one_of_a_newer_refused(
    copy: Path, settings: Settings, tmp_path: Path
) -> None:
    before = files(settings)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreTooNewError, match="9999"):
        upkeep.restore(settings, copy, ACTOR)
    assert files(settings) == before
    old = tmp_path / "old.db"
    configuration = Config()
    configuration.set_main_option("script_location", str(migrations.FOLDER))
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["store_file"] = old
    command.upgrade(configuration, "0001")
    assert upkeep.restore(settings, old, ACTOR).revision == "0001"
    assert names(settings) == []


@pytest.mark.parametrize("damage", ["cut off", "overwritten", "a letter", "another database", "missing"])
def test_what_is_no_whole_store_changes_nothing(copy: Path, settings: Settings, damage: str) -> None:
    content = copy.read_bytes()
    match damage:
        case "cut off":
            copy.write_bytes(content[: len(content) // 2])
        case "overwritten":
            copy.write_bytes(content[:20000] + os.urandom(40000) + content[60000:])
        case "a letter":
            copy.write_text("dear store " * 1000)
        case "another database":
            copy.unlink()
            with closing(sqlite3.connect(copy)) as connection, connection:
                connection.execute("CREATE TABLE song (name TEXT)")
        case "missing":
            copy.unlink()
    before = files(settings)
    with pytest.raises(StoreError):
        upkeep.restore(settings, copy, ACTOR)
    assert files(settings) == before


@pytest.fixture
def user_of_the_store(store: Store) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that has the store open and does nothing."""
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        "c.execute('SELECT * FROM activity').fetchall(); print(flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, str(store.file)], stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_a_store_in_use_is_left_alone(
    copy: Path, settings: Settings, user_of_the_store: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(settings)
    with pytest.raises(StoreError, match=f"in use by process {user_of_the_store.pid} "):
        upkeep.restore(settings, copy, ACTOR)
    # Also when that process cannot be seen, as one of another user.
    monkeypatch.setattr("pandium_tui.storage.restoring._users", lambda _: [])
    with pytest.raises(StoreError, match="locked by another process"):
        upkeep.restore(settings, copy, ACTOR)
    assert files(settings) == before


def test_a_damaged_store_can_be_replaced_and_its_log_is_not_taken_over(copy: Path, settings: Settings) -> None:
    settings.store_file.write_bytes(b"rubbish" * 1000)
    log = settings.home / "store.db-wal"
    log.write_bytes(b"more rubbish")
    done = upkeep.restore(settings, copy, ACTOR)
    assert names(settings) == ["crm"]
    assert Path(done.kept or "").read_bytes().startswith(b"rubbish")
    assert Path(f"{done.kept}-wal").read_bytes() == b"more rubbish"


def test_without_a_store_the_copy_becomes_it_and_the_key_it_needs_is_named(
    copy: Path, tmp_path: Path, settings: Settings
) -> None:
    settings.vault_key_file.unlink()
    line = CommandLine(tmp_path / "elsewhere")
    done = line.run("store", "restore", str(copy), "--json")
    assert done.returncode == 0
    assert '"kept": null' in done.stdout and '"vault": "locked"' in done.stdout
    assert "vault restore FILE" in done.stderr


def fill(store: Store) -> None:
    rows = [{"created_date": utc_now(), "actor": "me", "action": "fill", "detail": "x" * 900}] * 3000
    with store.writing() as session:
        session.connection().execute(insert(ActivityRow), rows)
    store.truncate_log()


def test_a_vacuum_gives_space_back_while_an_engine_works(store: Store) -> None:
    fill(store)
    with store.writing() as session:
        session.connection().execute(delete(ActivityRow))
    with Engine(store, "serve"):
        wait_for(lambda: _engines(store), "engine at work")
        done = upkeep.vacuum(store, ACTOR)
    assert done.before > 2_000_000 > done.after
    assert activity.activities(store)[0].detail == f"{done.before} to {done.after} bytes"


def _engines(store: Store) -> bool:
    with store.reading() as reader:
        return bool(reader.execute("SELECT count(*) FROM engine").fetchone()[0])


def test_a_vacuum_that_takes_too_long_for_an_engine_or_has_no_room_changes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    size = store.file.stat().st_size
    monkeypatch.setattr(vacuum, "SHORT", 0.0)
    with pytest.raises(StoreError, match="Stop the engines"):
        vacuum.vacuum(store, shared=True)
    store.settings = replace(store.settings, disk_floor=2**53)
    with pytest.raises(StoreFullError, match="free space"):
        vacuum.vacuum(store, shared=False)
    assert store.file.stat().st_size == size
