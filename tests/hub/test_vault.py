"""What the front doors do with the vault leaves a trail, and never a value."""

from dataclasses import replace
from pathlib import Path

import pytest

from pandium_tui.hub import activity
from pandium_tui.hub import vault as hub
from pandium_tui.hub.errors import InvalidError
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.vault import BackupError, SealContext, Secret, Vault, VaultError, VaultLockedError
from tests.hub.test_hub import make_integration
from tests.scenario import ACTOR

CONTEXT = SealContext("tenant", "1", "0b2d6a52-9f07-4b0f-a8a2-7c9b1f1e2d03", "token")
PASSPHRASE = Secret("correct horse battery staple")
CANARY = "canary-hub-77aa"


@pytest.fixture(autouse=True)
def no_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PANDIUM_TUI_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def sealed(store: Store) -> Vault:
    vault = Vault(store)
    with store.writing() as session:
        vault.seal(session, CONTEXT, Secret(CANARY))
    return vault


def trail(store: Store) -> list[tuple[str, str]]:
    return [(one.action, one.detail) for one in activity.activities(store)]


def test_a_rotation_is_noted_and_its_key_in_place(store: Store, settings: Settings, sealed: Vault) -> None:
    before = hub.vault_status(store)
    done = hub.rotate_vault(store, ACTOR)
    after = hub.vault_status(store)
    assert (after.state, after.key_id, after.source) == ("ok", done.key_id, f"key file {settings.vault_key_file}")
    [(action, detail)] = trail(store)
    assert action == "vault.rotate"
    assert detail == f"key {before.key_id} to {after.key_id}, data key {after.data_key_id}"
    assert sealed.open(CONTEXT).reveal() == CANARY


def test_only_the_data_key_of_a_key_from_outside_is_renewed(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANDIUM_TUI_KEY", "q" * 43 + "=")
    store = open_store(replace(settings, key_file=tmp_path / "no" / "folder" / "key"))
    with store.writing() as session:
        Vault(store).seal(session, CONTEXT, Secret(CANARY))
    done = hub.rotate_vault(store, ACTOR)
    assert not done.key_renewed
    assert trail(store) == [("vault.rotate", f"data key {done.data_key_id}")]
    assert Vault(store).open(CONTEXT).reveal() == CANARY
    assert not (tmp_path / "no").exists()
    store.close()


def test_what_is_refused_is_not_noted(store: Store, settings: Settings, tmp_path: Path, sealed: Vault) -> None:
    settings.vault_key_file.rename(tmp_path / "away")
    with pytest.raises(VaultLockedError):
        hub.rotate_vault(store, ACTOR)
    with pytest.raises(VaultLockedError):
        hub.back_up_key(store, tmp_path / "backup.json", PASSPHRASE, ACTOR)
    assert trail(store) == []
    assert not (tmp_path / "backup.json").exists()


def test_from_a_backup_over_a_loss_to_a_restored_key(
    store: Store, settings: Settings, tmp_path: Path, sealed: Vault
) -> None:
    file = tmp_path / "backup.json"
    with pytest.raises(InvalidError, match="at least 12 characters"):
        hub.back_up_key(store, file, Secret("too short"), ACTOR)
    assert hub.vault_status(store).backup_date is None
    written = hub.back_up_key(store, file, PASSPHRASE, ACTOR)
    assert hub.vault_status(store).backup_date == written.created_date
    settings.vault_key_file.unlink()
    assert hub.vault_status(store).state == "locked"
    assert hub.verify_key_backup(store, file, PASSPHRASE) == written
    with pytest.raises(BackupError):
        hub.restore_key(store, file, Secret("another passphrase"), ACTOR)
    assert hub.vault_status(store).state == "locked"
    hub.restore_key(store, file, PASSPHRASE, ACTOR)
    assert hub.restore_key(store, file, PASSPHRASE, ACTOR).was_open
    assert sealed.open(CONTEXT).reveal() == CANARY
    assert trail(store) == [
        ("vault.restore", f"key {written.key_id} from {file}"),
        ("vault.backup", f"key {written.key_id} to {file}"),
    ]


def test_a_reset_deletes_secrets_and_keeps_everything_else(store: Store, settings: Settings, sealed: Vault) -> None:
    make_integration(store, "kept")
    settings.vault_key_file.unlink()
    assert hub.reset_credentials(store, ACTOR) == 1
    assert hub.vault_status(store).state == "empty"
    assert make_integration(store, "another").name == "another"
    assert ("vault.reset-credentials", "1 sealed values deleted") in trail(store)
    with store.reading() as reader:
        assert [row["name"] for row in reader.execute("SELECT name FROM integration ORDER BY id")] == [
            "kept",
            "another",
        ]


def test_an_empty_vault_has_nothing_to_rotate_or_back_up(store: Store, tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="no key to rotate"):
        hub.rotate_vault(store, ACTOR)
    with pytest.raises(VaultError, match="no key to back up"):
        hub.back_up_key(store, tmp_path / "backup.json", PASSPHRASE, ACTOR)
    assert hub.vault_status(store).state == "empty"
