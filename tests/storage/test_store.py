"""The store: its files, its migrations, and the promises its schema keeps."""

import multiprocessing
import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, update
from sqlalchemy.exc import IntegrityError

from pandium_tui.settings import Settings
from pandium_tui.storage import setup_tables, unattended_tables  # noqa: F401 - their tables are part of the metadata
from pandium_tui.storage.database import SCHEMA_REVISION, Store, open_store
from pandium_tui.storage.errors import StoreError, StoreLockedError, StoreTooNewError
from pandium_tui.storage.migrations import newest_revision
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow, RunRow, Table, TenantRow, TriggerRow
from pandium_tui.storage.times import utc_now


def integration(name: str = "crm") -> IntegrationRow:
    return IntegrationRow(name=name, created_date=utc_now(), modified_date=utc_now())


def tenant(integration_id: int | None, **values: object) -> TenantRow:
    assert integration_id is not None
    values.setdefault("integration_release_channel", "Latest")
    return TenantRow(
        name="acme", integration_id=integration_id, created_date=utc_now(), modified_date=utc_now(), **values
    )


def add_tenant(store: Store) -> tuple[int, int]:
    with store.writing() as session:
        parent = integration()
        session.add(parent)
        session.flush()
        child = tenant(parent.id)
        session.add(child)
        session.flush()
        assert parent.id is not None and child.id is not None
        return parent.id, child.id


def test_files_are_private(store: Store, settings: Settings) -> None:
    with store.writing() as session:
        session.add(integration())
        assert settings.home.stat().st_mode & 0o777 == 0o700
        for file in settings.home.glob("store.db*"):
            assert file.stat().st_mode & 0o777 == 0o600, file


def test_migrations_lead_to_the_tables(store: Store, settings: Settings) -> None:
    engine = create_engine(f"sqlite:///{settings.store_file}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
    engine.dispose()


def test_the_newest_revision_is_the_one_the_program_expects() -> None:
    assert newest_revision() == SCHEMA_REVISION


def test_a_newer_store_is_refused_and_left_alone(settings: Settings) -> None:
    open_store(settings).close()
    with sqlite3.connect(settings.store_file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreTooNewError, match=r"newer pandium-tui .*9999.*Nothing was changed"):
        open_store(settings)
    assert not settings.backups_folder.exists()


def test_an_older_store_is_copied_before_it_is_migrated(settings: Settings) -> None:
    settings.home.mkdir()
    with sqlite3.connect(settings.store_file) as connection:
        connection.execute("CREATE TABLE note (text)")
        connection.execute("INSERT INTO note VALUES ('kept')")
    connection.close()
    open_store(settings).close()
    [copy] = settings.backups_folder.iterdir()
    assert copy.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT text FROM note").fetchall() == [("kept",)]
    connection.close()


def test_what_is_no_store_is_told(settings: Settings) -> None:
    settings.home.mkdir()
    settings.store_file.write_bytes(b"this is not a database at all, not even a little" * 100)
    with pytest.raises(StoreError, match=r"store\.db.* damaged or is not a store"):
        open_store(settings)


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"home folder .* cannot be used.*--home"):
        open_store(Settings(home=tmp_path / "file" / "home"))


def test_a_store_locked_for_long_is_told_and_nothing_is_kept(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pandium_tui.storage.database.WRITER_PRAGMAS", ("PRAGMA busy_timeout = 50",))
    other = sqlite3.connect(settings.store_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreLockedError, match="locked by another process"), store.writing() as session:
        session.add(integration())
    other.execute("ROLLBACK")
    other.close()
    with store.reading() as reader:
        assert reader.execute("SELECT count(*) FROM integration").fetchone()[0] == 0


def test_a_block_that_raises_keeps_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing() as session:
        session.add(integration())
        session.flush()
        raise ZeroDivisionError
    with store.reading() as reader:
        assert reader.execute("SELECT count(*) FROM integration").fetchone()[0] == 0


def count_up(settings: Settings, times: int) -> None:
    store = open_store(settings)
    for _ in range(times):
        with store.writing() as session:
            row = session.get_one(IntegrationRow, 1)
            row.run_time_limit = (row.run_time_limit or 0) + 1
    store.close()


def test_writers_of_several_processes_lose_no_update(store: Store, settings: Settings) -> None:
    with store.writing() as session:
        session.add(integration())
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=count_up, args=(settings, 25)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    with store.reading() as reader:
        assert reader.execute("SELECT run_time_limit FROM integration").fetchone()[0] == 75


def test_a_watch_sees_every_commit_once(store: Store) -> None:
    changed = store.watch()
    assert changed()
    assert not changed()
    with store.writing() as session:
        session.add(integration())
    assert changed()
    assert not changed()


def test_a_slot_has_one_trigger(store: Store) -> None:
    _, tenant_id = add_tenant(store)
    slot = utc_now()

    def trigger() -> TriggerRow:
        return TriggerRow(tenant_id=tenant_id, source="cron", scheduled_for=slot, created_date=utc_now())

    with store.writing() as session:
        session.add(trigger())
    with pytest.raises(IntegrityError), store.writing() as session:
        session.add(trigger())


def test_a_cron_trigger_has_a_slot_and_no_other_has(store: Store) -> None:
    _, tenant_id = add_tenant(store)
    for values in ({"source": "cron"}, {"source": "manual", "scheduled_for": utc_now()}):
        with pytest.raises(IntegrityError), store.writing() as session:
            session.add(TriggerRow(tenant_id=tenant_id, created_date=utc_now(), **values))


@pytest.mark.parametrize("phase", ["Queued", "Running"])
def test_a_tenant_has_one_active_run(store: Store, phase: str) -> None:
    parent_id, tenant_id = add_tenant(store)

    def run(phase: str) -> RunRow:
        return RunRow(tenant_id=tenant_id, integration_id=parent_id, phase=phase, created_date=utc_now())

    with store.writing() as session:
        session.add(run("Running"))
        session.add(run("Succeeded"))
    with pytest.raises(IntegrityError), store.writing() as session:
        session.add(run(phase))


@pytest.mark.parametrize(
    "values",
    [
        {"integration_release_id": None, "integration_release_channel": None},
        {"integration_release_id": 1, "integration_release_channel": "Latest"},
        {"integration_release_channel": "Newest"},
        {"integration_release_id": 2, "integration_release_channel": None},
        {"integration_release_id": 77, "integration_release_channel": None},
    ],
    ids=["neither", "both", "no channel", "a release of another integration", "no release"],
)
def test_a_tenant_has_a_release_of_its_integration_or_a_channel(store: Store, values: dict[str, object]) -> None:
    with store.writing() as session:
        for number in (1, 2):
            parent = integration(f"crm-{number}")
            session.add(parent)
            session.flush()
            assert parent.id is not None
            session.add(
                ReleaseRow(integration_id=parent.id, name=f"r{number}", created_date=utc_now(), modified_date=utc_now())
            )
    with pytest.raises(IntegrityError), store.writing() as session:
        session.add(tenant(1, **values))


def test_a_default_release_belongs_to_its_integration(store: Store) -> None:
    with store.writing() as session:
        first, second = integration("a"), integration("b")
        session.add_all([first, second])
        session.flush()
        assert second.id is not None
        release = ReleaseRow(integration_id=second.id, name="r", created_date=utc_now(), modified_date=utc_now())
        session.add(release)
        session.flush()
        first_id, release_id = first.id, release.id
    with pytest.raises(IntegrityError), store.writing() as session:
        session.connection().execute(
            update(IntegrationRow).where(IntegrationRow.id == first_id).values(default_release_id=release_id)  # type: ignore[arg-type]
        )


def test_errors_of_the_driver_do_not_carry_values(store: Store) -> None:
    with pytest.raises(IntegrityError) as caught, store.writing() as session:
        session.add_all([integration("a-secret-name"), integration("a-secret-name")])
    assert "a-secret-name" not in str(caught.value)


def test_a_store_can_be_copied_to_another_home(store: Store, settings: Settings, tmp_path: Path) -> None:
    with store.writing() as session:
        session.add(integration())
    store.close()
    shutil.copytree(settings.home, tmp_path / "other")
    other = open_store(Settings(home=tmp_path / "other"))
    with other.reading() as reader:
        assert reader.execute("SELECT name FROM integration").fetchone()[0] == "crm"
    other.close()


def test_a_store_that_was_removed_under_the_program_is_told(store: Store, settings: Settings) -> None:
    changed = store.watch()
    assert changed()
    settings.store_file.unlink()
    with pytest.raises(StoreError, match="removed or replaced while it was open"):
        changed()
    open_store(settings).close()
    with pytest.raises(StoreError, match="removed or replaced while it was open"):
        changed()
    with pytest.raises(StoreError, match="removed or replaced"), store.writing() as session:
        session.add(integration())
    with pytest.raises(StoreError, match="removed or replaced"), store.reading():
        pass
    store.reopen()
    with store.writing() as session:
        session.add(integration())
    assert store.watch()()
