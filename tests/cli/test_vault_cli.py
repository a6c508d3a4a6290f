"""``pandium-tui vault``: real processes, exit statuses, JSON, passphrases on a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import SealContext, Secret, Vault
from tests.cli.command_line import CommandLine

CONTEXT = SealContext("tenant", "1", "0b2d6a52-9f07-4b0f-a8a2-7c9b1f1e2d03", "token")
CANARY = "canary-cli-31c9"
PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def command_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.delenv("PANDIUM_TUI_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return CommandLine(settings.home)


@pytest.fixture
def vault(store: Store) -> Vault:
    """A vault with one value."""
    opened = Vault(store, {})
    with store.writing() as session:
        opened.seal(session, CONTEXT, Secret(CANARY))
    return opened


@pytest.fixture
def passphrase_file(tmp_path: Path) -> str:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n")
    return str(file)


def test_from_status_over_a_loss_to_a_restored_key(
    command_line: CommandLine, settings: Settings, vault: Vault, tmp_path: Path, passphrase_file: str
) -> None:
    never = command_line.run("vault", "status")
    assert never.returncode == 0
    assert "never backed up" in never.stderr
    assert f"key file {settings.vault_key_file}" in never.stdout

    backup = str(tmp_path / "backup.json")
    written = command_line.json("vault", "backup", backup, "--passphrase-file", passphrase_file)
    assert (written["file"], written["values"], written["broken"]) == (backup, 1, [])
    status = command_line.json("vault", "status")
    assert (status["state"], status["key_id"], status["backup_date"]) == (
        "ok",
        written["key_id"],
        written["created_date"],
    )

    settings.vault_key_file.unlink()
    locked = command_line.json("vault", "status", status=1)
    assert (locked["state"], locked["expected_key_id"], locked["key_id"]) == ("locked", written["key_id"], None)
    assert "vault restore FILE" in locked["reason"]
    assert command_line.refused("vault", "rotate")[0] == 1
    assert command_line.run("integration", "list").returncode == 0

    piped = command_line.run("vault", "verify", backup, "--passphrase-file", "-", stdin=PASSPHRASE)
    assert piped.returncode == 0, piped.stderr
    wrong = command_line.run("vault", "verify", backup, "--passphrase-file", "-", stdin="passphrase-canary")
    assert wrong.returncode == 1
    assert "does not open" in wrong.stderr
    assert "passphrase-canary" not in wrong.stderr
    restored = command_line.json("vault", "restore", backup, "--passphrase-file", passphrase_file)
    assert restored["was_open"] is False
    assert vault.open(CONTEXT).reveal() == CANARY


def test_rotate_says_what_was_renewed(command_line: CommandLine, vault: Vault) -> None:
    before = vault.status()
    done = command_line.json("vault", "rotate")
    assert done["previous_key_id"] == before.key_id
    assert done["key_id"] == vault.status().key_id != before.key_id
    assert CANARY not in str(done)
    assert vault.open(CONTEXT).reveal() == CANARY


def test_a_mismatch_shows_both_keys(command_line: CommandLine, settings: Settings, vault: Vault) -> None:
    right = vault.status().key_id
    settings.vault_key_file.write_text("q" * 43 + "=\n")
    status = command_line.json("vault", "status", status=1)
    assert status["state"] == "mismatch"
    assert status["expected_key_id"] == right
    assert status["key_id"] not in (None, right)


def test_a_reset_wants_the_word(command_line: CommandLine, vault: Vault) -> None:
    for answer in ("", "\n", "yes\n"):
        done = command_line.run("vault", "reset-credentials", stdin=answer)
        assert done.returncode == 1
        assert vault.status().values == 1
    done = command_line.run("vault", "reset-credentials", stdin="reset\n")
    assert (done.returncode, done.stdout) == (0, "Deleted secrets: 1.\n")
    assert "Every secret of" in done.stderr
    assert command_line.json("vault", "status")["state"] == "empty"


def test_passphrases_that_cannot_be_had_are_told(command_line: CommandLine, vault: Vault, tmp_path: Path) -> None:
    backup = str(tmp_path / "backup.json")
    assert command_line.refused("vault", "backup", backup) == (
        2,
        "pandium-tui: passphrase: there is no terminal to ask on: give --passphrase-file\n",
    )
    (tmp_path / "latin").write_bytes(b"gr\xfcne Wiese")
    for name, told in (("none", "No such file"), ("latin", "is not UTF-8 text")):
        status, message = command_line.refused("vault", "backup", backup, "--passphrase-file", str(tmp_path / name))
        assert status == 2
        assert told in message
    (tmp_path / "short").write_text("short\n")
    status, message = command_line.refused("vault", "backup", backup, "--passphrase-file", str(tmp_path / "short"))
    assert (status, "at least 12 characters" in message) == (2, True)
    assert not Path(backup).exists()


@pytest.mark.parametrize(("second", "status"), [(PASSPHRASE, 0), ("something else", 1)])
def test_a_passphrase_is_asked_for_twice_and_not_shown(
    command_line: CommandLine, vault: Vault, tmp_path: Path, second: str, status: int
) -> None:
    backup = tmp_path / "backup.json"
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "pandium_tui", "--home", str(command_line.home), "vault", "backup", str(backup)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        assert process.stderr is not None and process.stdout is not None
        shown = b""
        for prompt, answer in ((b"backup: ", PASSPHRASE), (b"again: ", second)):
            while not shown.endswith(prompt):
                shown += (one := os.read(process.stderr.fileno(), 1))
                assert one, shown
            os.write(ours, answer.encode() + b"\n")
        shown += process.stderr.read() + process.stdout.read()
        assert process.wait(60) == status, shown
    os.close(ours)
    assert PASSPHRASE.encode() not in shown
    assert backup.exists() == (status == 0)
    if status:
        assert b"The two passphrases differ. Nothing was written." in shown
    else:
        assert vault.verify(backup, Secret(PASSPHRASE)).values == 1
