"""The service: a unit that systemd takes, for odd paths too, written only where it is ours, and nothing run."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from pandium_tui.hub import activity, service
from pandium_tui.hub.errors import RefusedError
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store, open_store
from pandium_tui.storage.vault import SealContext, Secret, Vault
from tests.cli.command_line import CommandLine
from tests.scenario import ACTOR


def unit(store: Store, *, system: bool = False) -> str:
    return service.plan_service(store.settings, system=system, given_home=True).unit


@pytest.mark.parametrize("system", [False, True])
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_unit_of_an_odd_home(tmp_path: Path, system: bool) -> None:
    store = open_store(Settings(home=tmp_path / 'a "home" $HOME 100% \\n'))
    with store.writing() as session:
        Vault(store).seal(session, SealContext("global", "", "owner", "token"), Secret("a token"))
    file = tmp_path / "pandium-tui-test.service"
    file.write_text(unit(store, system=system))
    store.close()
    checked = subprocess.run(["systemd-analyze", "verify", "--man=no", file], capture_output=True, text=True)
    # It also complains of whatever else is wrong on the machine.
    assert [line for line in checked.stderr.splitlines() if file.name in line] == []
    assert checked.returncode == 0


def test_the_unit_starts_this_program_and_lets_runs_go_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/opt/node/bin:relative:/usr/bin")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:password@proxy")
    monkeypatch.setenv("PANDIUM_TUI_RUNS_AT_ONCE", "3")
    lines = unit(store).splitlines()
    assert any(one.startswith("ExecStart=") and str(store.settings.home) in one for one in lines)
    assert 'Environment="PATH=/opt/node/bin:/usr/bin"' in lines
    assert {"KillMode=process", "Restart=on-failure", "WantedBy=default.target"} <= set(lines)
    planned = service.plan_service(store.settings, system=False, given_home=True)
    assert "password" not in str(planned)
    assert any("PANDIUM_TUI_RUNS_AT_ONCE" in note and "config.toml" in note for note in planned.notes)
    assert any("HTTPS_PROXY" in note for note in planned.notes)


def test_the_key_is_handed_over_once_there_is_one(store: Store) -> None:
    assert "LoadCredential" not in unit(store)
    with store.writing() as session:
        Vault(store).seal(session, SealContext("global", "", "owner", "token"), Secret("a token"))
    assert f'LoadCredential="pandium-tui-key:{store.settings.vault_key_file}"' in unit(store)
    elsewhere = replace(store.settings, key_file=store.settings.home.parent / "other-key")
    assert "LoadCredential" not in service.plan_service(elsewhere, system=False, given_home=True).unit


def test_a_system_unit_is_kept_from_the_system_and_works_as_the_owner(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = unit(store, system=True).splitlines()
    assert {"ProtectSystem=full", "WantedBy=multi-user.target"} <= set(lines)
    if os.geteuid() == 0:
        os.chown(store.settings.home, 65534, -1)
        assert "User=nobody" in unit(store, system=True)


def test_it_is_written_again_only_over_its_own(store: Store, tmp_path: Path) -> None:
    done = service.install_service(store, ACTOR, system=False, given_home=True)
    file = Path(done.file)
    assert done.written and file.read_text() == done.unit and file.is_relative_to(tmp_path / "config")
    assert done.commands[-1] == "loginctl enable-linger"
    service.install_service(store, ACTOR, system=False, given_home=True)
    file.write_text("[Service]\nExecStart=/bin/true\n")
    with pytest.raises(RefusedError, match="not touched"):
        service.install_service(store, ACTOR, system=False, given_home=True)
    with pytest.raises(RefusedError, match="not touched"):
        service.uninstall_service(store, ACTOR, system=False)
    assert activity.activities(store)[0].action == "install service"


def test_uninstalling_also_takes_away_what_enabled_it(store: Store) -> None:
    file = Path(service.install_service(store, ACTOR, system=False, given_home=True).file)
    wanted = file.parent / "default.target.wants" / file.name
    wanted.parent.mkdir()
    wanted.symlink_to(file)
    done = service.uninstall_service(store, ACTOR, system=False)
    assert done.written and not file.exists() and not wanted.is_symlink()
    assert done.commands[0] == f"systemctl --user stop {file.name}"
    with pytest.raises(RefusedError, match="no unit"):
        service.uninstall_service(store, ACTOR, system=False)


def test_where_it_must_not_write_it_says_how(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(service, "SYSTEM_FOLDER", tmp_path)
    monkeypatch.setattr(Path, "write_text", refuse)
    done = service.install_service(store, ACTOR, system=True, given_home=True)
    assert not done.written and list(tmp_path.glob("*.service")) == []
    home = store.settings.home
    assert done.commands[0] == f"pandium-tui --home {home} service install --system --print | sudo tee {done.file}"


def test_the_command_line_prints_writes_and_tells(store: Store) -> None:
    line = CommandLine(store.settings.home)
    done = line.json("service", "install")
    assert done["written"] and done["unit"] == unit(store)
    assert line.run("service", "install", "--print").stdout == done["unit"]
