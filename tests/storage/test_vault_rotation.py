"""Rotation: whatever stops it, and whoever writes meanwhile, every secret opens afterwards."""

import multiprocessing
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from pandium_tui.settings import Settings
from pandium_tui.storage import vault as vault_package
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.errors import StoreLockedError
from pandium_tui.storage.vault import BackupError, Secret, VaultError
from tests.storage.sealing import CONTEXT, change, files_of, rotate, seal, vault_of

COUNT = 30
"""Values in the store while it is rotated."""

KILLS = 25


@pytest.fixture(scope="module")
def forks() -> ForkServerContext:
    """Processes that start at once, because a server has imported everything before."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sqlmodel", "pandium_tui.storage.tables", "tests.storage.test_vault_rotation"])
    return context


def texts() -> dict[str, str]:
    return {f"field-{number:02}": f"value {number}" for number in range(COUNT)}


def seal_all(store: Store) -> None:
    for field, text in texts().items():
        seal(store, text, replace(CONTEXT, field=field))


def assert_all_open(store: Store) -> None:
    vault = vault_of(store)
    status = vault.status()
    assert (status.state, status.reason, status.broken) == ("ok", "", ())
    for field, text in texts().items():
        assert vault.open(replace(CONTEXT, field=field)).reveal() == text


def test_a_rotation_renews_both_keys(store: Store, settings: Settings) -> None:
    seal_all(store)
    before = vault_of(store).status()
    blobs = change(store, "SELECT blob FROM sealed_value")
    old_key = settings.vault_key_file.read_text()
    with store.writing() as session:
        done = vault_of(store).rotate(session)
        # Nobody else sees anything of it before the commit.
        assert vault_of(store).status() == replace(before, older_keys=(f"{settings.vault_key_file}.{done.key_id}",))
    assert_all_open(store)
    with store.writing() as session:
        vault_of(store).put_key_in_place(session)
    assert_all_open(store)
    after = vault_of(store).status()
    assert (done.key_renewed, done.previous_key_id, done.values, done.broken) == (True, before.key_id, COUNT, ())
    assert (done.key_id, done.data_key_id) == (after.key_id, after.data_key_id)
    assert before.key_id != after.key_id and before.data_key_id != after.data_key_id
    assert not set(blobs) & set(change(store, "SELECT blob FROM sealed_value"))
    assert change(store, "SELECT count(*) FROM keyring") == [(1,)]
    assert settings.vault_key_file.read_text() != old_key
    assert after.older_keys == (f"{settings.vault_key_file}.{before.key_id}",)
    assert Path(after.older_keys[0]).read_text() == old_key


def test_the_old_key_opens_an_older_copy_of_the_store_only(store: Store, settings: Settings, tmp_path: Path) -> None:
    seal_all(store)
    copied = replace(settings, home=tmp_path / "copy", key_file=settings.vault_key_file)
    copied.home.mkdir()
    change(store, "VACUUM INTO ?", str(copied.store_file))
    rotate(store)
    older = open_store(copied)
    assert_all_open(older)
    [kept] = vault_of(store).status().older_keys
    Path(kept).unlink()
    assert vault_of(older).status().state == "mismatch"
    older.close()
    assert_all_open(store)


def test_stores_that_share_a_key_file_rotate_apart(store: Store, settings: Settings, tmp_path: Path) -> None:
    seal_all(store)
    other = open_store(Settings(home=tmp_path / "other", key_file=settings.vault_key_file))
    seal_all(other)
    for one in (store, other, other, store):
        rotate(one)
        assert_all_open(store)
        assert_all_open(other)
    other.close()


def test_a_key_from_outside_is_not_renewed(store: Store) -> None:
    variable = {"PANDIUM_TUI_KEY": "q" * 43 + "="}
    vault = vault_of(store, **variable)
    seal(store, "one", vault=vault)
    before = vault.status()
    with store.writing() as session:
        done = vault.rotate(session)
    assert not done.key_renewed
    assert done.key_id == done.previous_key_id == before.key_id
    assert vault.status().data_key_id == done.data_key_id != before.data_key_id
    assert vault.open(CONTEXT).reveal() == "one"


def test_a_broken_value_stops_no_rotation_and_keeps_its_data_key(store: Store) -> None:
    seal_all(store)
    change(store, "UPDATE sealed_value SET tenant_id = 'x' WHERE field = 'field-03'")
    for _ in range(2):
        with store.writing() as session:
            done = vault_of(store).rotate(session)
        with store.writing() as session:
            vault_of(store).put_key_in_place(session)
        assert (done.values, [one.field for one in done.broken]) == (COUNT - 1, ["field-03"])
    change(store, "UPDATE sealed_value SET tenant_id = '7' WHERE field = 'field-03'")
    assert_all_open(store)
    rotate(store)
    assert_all_open(store)
    assert change(store, "SELECT count(*) FROM keyring") == [(1,)]


def test_a_rotation_forgets_that_the_key_was_backed_up(store: Store, tmp_path: Path) -> None:
    seal(store, "one")
    vault, passphrase = vault_of(store), Secret("correct horse battery staple")
    backup = vault.backup(tmp_path / "backup.json", passphrase)
    rotate(store)
    with store.writing() as session:
        vault.note_backup(session, backup)
    assert vault.status().backup_date is None
    with pytest.raises(BackupError, match="but this store needs key"):
        vault.verify(tmp_path / "backup.json", passphrase)


def test_without_secrets_there_is_nothing_to_rotate(store: Store, tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="No secret was sealed yet"):
        rotate(store)
    assert files_of(tmp_path) == {}


class StoppedError(BaseException):
    """Stands for the end of the process."""


def stopping_at(line: int) -> Callable[[FrameType, str, Any], Any]:
    """A tracer that stops the program at the n-th line of the vault's own code that is run."""
    folder = str(Path(vault_package.__file__).parent)
    seen = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal seen
        if not frame.f_code.co_filename.startswith(folder):
            return None
        if event == "line":
            seen += 1
            if seen == line:
                raise StoppedError
        return trace

    return trace


def stopped(work: Callable[[], None], line: int) -> bool:
    """Whether the work was stopped at a line; False when it has fewer."""
    before = sys.gettrace()
    sys.settrace(stopping_at(line))
    try:
        work()
    except StoppedError:
        return True
    finally:
        sys.settrace(before)
    return False


# A stop between two lines leaves open what the end of a process would close.
left_open = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


@left_open
def test_a_rotation_stopped_at_any_line_loses_nothing(store: Store, settings: Settings) -> None:
    seal(store, "one")
    line = 1
    while stopped(lambda: rotate(store), line):
        assert vault_of(store).open(CONTEXT).reveal() == "one", line
        line += 1
    assert line > 100
    assert vault_of(store).open(CONTEXT).reveal() == "one"
    assert vault_of(store).status().source == f"key file {settings.vault_key_file}"


@left_open
def test_a_first_secret_stopped_at_any_line_can_be_entered_again(store: Store) -> None:
    line = 1
    while stopped(lambda: seal(store, "one"), line):
        assert vault_of(store).status().state == "empty", line
        line += 1
    assert line > 50
    assert vault_of(store).open(CONTEXT).reveal() == "one"


def rotate_for_ever(settings: Settings, started: Connection) -> None:
    store = open_store(settings)
    rotate(store)
    started.send(True)
    while True:
        rotate(store)


def test_a_rotation_killed_at_any_moment_loses_nothing(
    store: Store, settings: Settings, forks: ForkServerContext
) -> None:
    seal_all(store)
    seen = set()
    for seed in range(KILLS):
        started, told = forks.Pipe(duplex=False)
        process = forks.Process(target=rotate_for_ever, args=(settings, told))
        process.start()
        told.close()
        assert started.recv()
        process.join(random.Random(seed).uniform(0, 0.08))
        process.kill()
        process.join()
        assert process.exitcode == -9
        assert_all_open(store)
        seen.add(vault_of(store).status().key_id)
        # A rotation after the kill works, and the key file holds the key in force again.
        rotate(store)
        assert vault_of(store).status().source == f"key file {settings.vault_key_file}"
        assert_all_open(store)
        for file in vault_of(store).status().older_keys[:-3]:
            Path(file).unlink()
    assert len(seen) == KILLS


def seal_many(settings: Settings, field: str, times: int) -> None:
    store = open_store(settings)
    vault = vault_of(store)
    for number in range(1, times + 1):
        patiently(partial(seal, store, f"{field} {number}", replace(CONTEXT, field=field), vault))
        assert vault.open(replace(CONTEXT, field=field)).reveal() == f"{field} {number}"
    store.close()


def rotate_many(settings: Settings, times: int) -> None:
    store = open_store(settings)
    for _ in range(times):
        patiently(partial(rotate, store))
    store.close()


def patiently(act: Callable[[], object]) -> None:
    """As a person would who is told that the store is locked: on a busy machine one of four may be out of luck."""
    while True:
        with suppress(StoreLockedError):
            act()
            return


@pytest.fixture
def processes() -> Iterator[list[multiprocessing.process.BaseProcess]]:
    started: list[multiprocessing.process.BaseProcess] = []
    yield started
    for process in started:
        process.kill()
        process.join()


def test_writers_and_rotations_in_several_processes(
    store: Store, settings: Settings, forks: ForkServerContext, processes: list[multiprocessing.process.BaseProcess]
) -> None:
    seal_all(store)
    seal(store, "a 0", replace(CONTEXT, field="a"), vault_of(store))
    ((first,),) = change(store, "SELECT revision FROM sealed_value WHERE field = 'a'")
    processes += [forks.Process(target=seal_many, args=(settings, name, 60)) for name in ("a", "b")]
    processes += [forks.Process(target=rotate_many, args=(settings, 30)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * 4
    assert_all_open(store)
    for name in ("a", "b"):
        assert vault_of(store).open(replace(CONTEXT, field=name)).reveal() == f"{name} 60"
    assert change(store, "SELECT revision FROM sealed_value WHERE field = 'a'") == [(first + 60,)]
    assert vault_of(store).status().source == f"key file {settings.vault_key_file}"


def test_first_secrets_of_several_processes_make_one_key(
    store: Store, settings: Settings, forks: ForkServerContext, processes: list[multiprocessing.process.BaseProcess]
) -> None:
    processes += [forks.Process(target=seal_many, args=(settings, name, 1)) for name in "abcd"]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * 4
    assert vault_of(store).status().values == 4
    assert vault_of(store).status().broken == ()
    assert list(files_of(settings.home.parent)) == [str(settings.vault_key_file)]
