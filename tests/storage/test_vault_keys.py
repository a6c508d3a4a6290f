"""Where the key lives, what may be wrong with it, and its backups."""

import base64
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pandium_tui.settings import Settings, SettingsError, load_settings
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.vault import BackupError, Secret, VaultError, VaultLockedError
from pandium_tui.storage.vault.key_backup import Argon2idCost, read_key_backup, write_key_backup
from pandium_tui.storage.vault.sealing import Key
from tests.storage.sealing import CONTEXT, change, files_of, rotate, seal, vault_of

CHEAP = Argon2idCost(iterations=1, lanes=1, memory_kib=8 * 1024)
PASSPHRASE = Secret("correct horse battery staple")


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def write_key(file: Path, text: str | None = None, mode: int = 0o600) -> None:
    file.write_text(text or new_key())
    file.chmod(mode)


def test_the_key_is_made_with_the_first_secret(store: Store, settings: Settings) -> None:
    file = settings.vault_key_file
    assert vault_of(store).status().state == "empty"
    assert not file.exists()
    seal(store, "one")
    assert not file.is_relative_to(settings.home)
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(base64.b64decode(file.read_text())) == 32
    assert list(files_of(settings.home.parent)) == [str(file)]
    status = vault_of(store).status()
    assert (status.state, status.source, status.values) == ("ok", f"key file {file}", 1)
    assert status.key_id == status.expected_key_id != status.data_key_id
    assert vault_of(store).open(CONTEXT).reveal() == "one"


def test_a_key_that_is_there_becomes_the_first(store: Store, settings: Settings) -> None:
    write_key(settings.vault_key_file)
    before = settings.vault_key_file.read_text()
    seal(store, "one")
    assert settings.vault_key_file.read_text() == before
    assert vault_of(store).open(CONTEXT).reveal() == "one"


def remove(file: Path) -> None:
    file.unlink()


def open_to_the_world(file: Path) -> None:
    file.chmod(0o644)


def open_to_the_group(file: Path) -> None:
    file.chmod(0o620)


def link(file: Path) -> None:
    file.symlink_to(file.rename(file.with_name("moved")))


def make_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def make_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)


def fill_with_junk(file: Path) -> None:
    file.write_text("not a key")


def cut(file: Path) -> None:
    file.write_text(base64.b64encode(b"short").decode())


def exchange(file: Path) -> None:
    write_key(file)


@pytest.mark.parametrize(
    ("harm", "state", "told"),
    [
        (remove, "locked", "is missing or unusable. Looked for were the key file"),
        (open_to_the_world, "locked", r"is open to others \(mode 0644\): chmod 600"),
        (open_to_the_group, "locked", r"mode 0620"),
        (link, "locked", "is a symbolic link"),
        (make_folder, "locked", "is not a regular file"),
        (make_pipe, "locked", "is not a regular file"),
        (fill_with_junk, "locked", "holds no key: a key is 32 bytes in Base64"),
        (cut, "locked", "holds no key"),
        (exchange, "mismatch", "holds key [0-9a-f]{8}, but this store needs key [0-9a-f]{8}"),
    ],
)
def test_a_key_that_is_wrong_locks_and_changes_nothing(
    store: Store, settings: Settings, harm: Callable[[Path], None], state: str, told: str
) -> None:
    seal(store, "first-value")
    good = vault_of(store).status()
    harm(settings.vault_key_file)
    vault = vault_of(store)
    names = sorted(settings.home.parent.iterdir())
    rows = change(store, "SELECT * FROM keyring, sealed_value")
    status = vault.status()
    assert (status.state, status.values, status.broken) == (state, 1, ())
    assert status.expected_key_id == good.key_id != status.key_id
    for attempt in (
        lambda: vault.open(CONTEXT),
        lambda: seal(store, "two"),
        lambda: rotate(store),
        lambda: vault.backup(settings.home.parent / "backup", PASSPHRASE),
    ):
        with pytest.raises(VaultLockedError, match=told) as caught:
            attempt()
        assert caught.value.state == state
        assert "first-value" not in str(caught.value)
    assert sorted(settings.home.parent.iterdir()) == names
    assert change(store, "SELECT * FROM keyring, sealed_value") == rows


def test_a_key_file_of_another_user_is_refused(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal(store, "one")
    monkeypatch.setattr(os, "geteuid", lambda: settings.home.stat().st_uid + 1)
    with pytest.raises(VaultLockedError, match="belongs to another user"):
        vault_of(store).open(CONTEXT)


def test_no_first_key_is_made_beside_an_unusable_one(store: Store, settings: Settings) -> None:
    write_key(settings.vault_key_file, mode=0o644)
    assert "open to others" in vault_of(store).status().reason
    with pytest.raises(VaultLockedError, match=r"No first key is made.*open to others"):
        seal(store, "one")
    assert change(store, "SELECT count(*) FROM keyring") == [(0,)]


def test_a_key_file_that_cannot_be_written_is_told(store: Store, settings: Settings) -> None:
    broken = open_store(replace(settings, key_file=settings.store_file / "key"))
    with pytest.raises(VaultError, match=r"key file .* cannot be written: .*Check that its folder"):
        seal(broken, "one")
    assert change(store, "SELECT count(*) FROM keyring") == [(0,)]
    broken.close()


def test_a_credential_comes_first_and_the_variable_last(store: Store, settings: Settings, tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    write_key(credentials / "pandium-tui-key", mode=0o440)
    sources = {"CREDENTIALS_DIRECTORY": str(credentials), "PANDIUM_TUI_KEY": new_key()}
    vault = vault_of(store, **sources)
    seal(store, "one", vault=vault)
    assert vault.status().source == f"systemd credential {credentials / 'pandium-tui-key'}"
    assert not settings.vault_key_file.exists()
    assert vault_of(store, PANDIUM_TUI_KEY=sources["PANDIUM_TUI_KEY"]).status().state == "mismatch"
    (credentials / "pandium-tui-key").rename(settings.vault_key_file)
    settings.vault_key_file.chmod(0o600)
    assert vault_of(store, **sources).status().source == f"key file {settings.vault_key_file}"
    assert vault_of(store, **sources).open(CONTEXT).reveal() == "one"


def test_a_variable_works_and_is_named_weakest(store: Store, settings: Settings) -> None:
    variable = {"PANDIUM_TUI_KEY": new_key()}
    vault = vault_of(store, **variable)
    seal(store, "one", vault=vault)
    assert vault.open(CONTEXT).reveal() == "one"
    assert "weakest" in (vault.status().source or "")
    assert not settings.vault_key_file.exists()
    assert vault_of(store).status().state == "locked"
    assert variable["PANDIUM_TUI_KEY"] not in str(vault.status())
    for text in ("c2hvcnQ=", "not a \udcff key"):
        unusable = vault_of(store, PANDIUM_TUI_KEY=text).status()
        assert unusable.state == "locked"
        assert "The variable PANDIUM_TUI_KEY holds no key" in unusable.reason
        assert text not in str(unusable)


def test_the_right_key_is_found_behind_wrong_ones(store: Store, settings: Settings) -> None:
    seal(store, "one")
    right = settings.vault_key_file.read_text().strip()
    write_key(settings.vault_key_file)
    assert vault_of(store, PANDIUM_TUI_KEY=right).open(CONTEXT).reveal() == "one"


def test_a_backup_opens_verifies_and_restores(store: Store, settings: Settings, tmp_path: Path) -> None:
    seal(store, "one")
    vault, file = vault_of(store), tmp_path / "backup.json"
    written = vault.backup(file, PASSPHRASE)
    with store.writing() as session:
        vault.note_backup(session, written)
    assert file.stat().st_mode & 0o777 == 0o600
    key = settings.vault_key_file.read_text().strip()
    assert key not in file.read_text()
    assert PASSPHRASE.reveal() not in file.read_text()
    status = vault.status()
    assert (written.key_id, written.created_date) == (status.key_id, status.backup_date)
    settings.vault_key_file.unlink()
    verified = vault.verify(file, PASSPHRASE)
    assert (verified.values, verified.broken, verified.key_id) == (1, (), written.key_id)
    assert vault.status().state == "locked"
    restored = vault.restore(file, PASSPHRASE)
    assert not restored.was_open
    assert settings.vault_key_file.read_text().strip() == key
    assert settings.vault_key_file.stat().st_mode & 0o777 == 0o600
    assert vault.open(CONTEXT).reveal() == "one"
    assert vault.restore(file, PASSPHRASE).was_open
    assert list(files_of(tmp_path)) == [str(settings.vault_key_file)]


def test_a_restored_key_destroys_no_other_key(store: Store, settings: Settings, tmp_path: Path) -> None:
    seal(store, "one")
    vault, file = vault_of(store), tmp_path / "backup.json"
    vault.backup(file, PASSPHRASE)
    write_key(settings.vault_key_file, foreign := new_key())
    assert vault.status().state == "mismatch"
    vault.restore(file, PASSPHRASE)
    assert vault.open(CONTEXT).reveal() == "one"
    assert any(content.decode().strip() == foreign for content in files_of(tmp_path).values())
    assert len(vault.status().older_keys) == 1


@pytest.mark.parametrize("harm", [open_to_the_world, link, fill_with_junk, make_folder])
def test_a_key_is_restored_beside_an_unusable_file(
    store: Store, settings: Settings, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    seal(store, "one")
    vault, file = vault_of(store), tmp_path / "backup.json"
    vault.backup(file, PASSPHRASE)
    harm(settings.vault_key_file)
    vault.restore(file, PASSPHRASE)
    assert vault.open(CONTEXT).reveal() == "one"
    assert vault.status().state == "ok"


def test_a_backup_of_another_key_is_refused(store: Store, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.json"
    write_key_backup(file, Key.new(), PASSPHRASE, CHEAP)
    vault = vault_of(store)
    for attempt in (vault.verify, vault.restore):
        with pytest.raises(BackupError, match="No secret was sealed yet"):
            attempt(file, PASSPHRASE)
    seal(store, "one")
    key = settings.vault_key_file.read_text()
    for attempt in (vault.verify, vault.restore):
        with pytest.raises(BackupError, match=r"holds key [0-9a-f]{8}, but this store needs key"):
            attempt(file, PASSPHRASE)
    assert settings.vault_key_file.read_text() == key


def test_a_wrong_passphrase_is_told(tmp_path: Path) -> None:
    file = tmp_path / "backup.json"
    write_key_backup(file, Key.new(), PASSPHRASE, CHEAP)
    with pytest.raises(BackupError, match="does not open: the passphrase is another one") as caught:
        read_key_backup(file, Secret("wrong-passphrase"))
    assert "wrong-passphrase" not in str(caught.value)


def test_a_passphrase_may_be_composed_differently(tmp_path: Path) -> None:
    file = tmp_path / "backup.json"
    key = Key.new()
    write_key_backup(file, key, Secret("gr\u00fcne Wiese"), CHEAP)
    assert read_key_backup(file, Secret("gru\u0308ne Wiese")).key.material == key.material


def test_changed_bytes_of_a_backup_never_give_another_key(tmp_path: Path) -> None:
    file = tmp_path / "backup.json"
    key = Key.new()
    write_key_backup(file, key, PASSPHRASE, CHEAP)
    content = file.read_bytes()
    refused = 0
    for position in range(0, len(content), 2):
        changed = bytearray(content)
        changed[position] ^= 0x01
        file.write_bytes(bytes(changed))
        try:
            assert read_key_backup(file, PASSPHRASE).key.material == key.material
        except BackupError:
            refused += 1
    assert refused > len(content) // 4


@pytest.mark.parametrize(
    "parameters",
    [
        {"iterations": 10**9},
        {"iterations": 0},
        {"lanes": 0},
        {"lanes": 10**6},
        {"memory_kib": 2**31},
        {"memory_kib": 8},
        {"iterations": 1.5},
        {"iterations": True},
        {"salt": ""},
        {"salt": "QQ=="},
    ],
)
def test_parameters_out_of_bounds_are_not_tried(tmp_path: Path, parameters: dict[str, object]) -> None:
    file = tmp_path / "backup.json"
    write_key_backup(file, Key.new(), PASSPHRASE, CHEAP)
    document = json.loads(file.read_text())
    document["argon2id"] |= parameters
    file.write_text(json.dumps(document))
    with pytest.raises(BackupError, match=r"out of bounds\. Nothing was computed"):
        read_key_backup(file, PASSPHRASE)


@pytest.mark.parametrize("content", ["", "[]", "{}", "nonsense", "[" * 60_000, '{"format": 1, "version": 1}'])
def test_what_is_no_backup_is_told(tmp_path: Path, content: str) -> None:
    file = tmp_path / "backup.json"
    file.write_text(content)
    with pytest.raises(BackupError, match=r"not a key backup|of version"):
        read_key_backup(file, PASSPHRASE)


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "backup.json"
    file.write_text("precious")
    with pytest.raises(BackupError, match="exists and was left alone"):
        write_key_backup(file, Key.new(), PASSPHRASE, CHEAP)
    assert file.read_text() == "precious"
    with pytest.raises(BackupError, match="cannot be read"):
        read_key_backup(tmp_path / "none", PASSPHRASE)
    with pytest.raises(BackupError, match="cannot be written"):
        write_key_backup(tmp_path / "no" / "folder", Key.new(), PASSPHRASE, CHEAP)


def test_after_a_reset_new_secrets_can_be_entered(store: Store, settings: Settings) -> None:
    seal(store, "one")
    settings.vault_key_file.unlink()
    with store.writing() as session:
        assert vault_of(store).reset_credentials(session) == 1
    assert vault_of(store).status().state == "empty"
    seal(store, "two")
    assert vault_of(store).open(CONTEXT).reveal() == "two"


def test_the_key_file_lies_outside_of_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert load_settings(None, {}).vault_key_file == tmp_path / "config" / "pandium-tui" / "key"
    assert load_settings(tmp_path / "hub", {}).vault_key_file == tmp_path / "hub.key"
    named = {"PANDIUM_TUI_KEY_FILE": str(tmp_path / "elsewhere")}
    assert load_settings(tmp_path / "hub", named).vault_key_file == tmp_path / "elsewhere"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "data"))
    assert load_settings(None, {}).vault_key_file == tmp_path / "data" / "pandium-tui.key"
    for name, told in ((str(tmp_path / "hub" / "key"), "lies in the home folder"), ("key", "must be a full path")):
        with pytest.raises(SettingsError, match=told):
            load_settings(tmp_path / "hub", {"PANDIUM_TUI_KEY_FILE": name})
