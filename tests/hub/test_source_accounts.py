"""Source control accounts: their token gets git in, and is to be found nowhere else."""

import base64
import os
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pandium_tui.hub import activity, integrations, releases
from pandium_tui.hub import source_accounts as hub
from pandium_tui.hub.errors import InvalidError, NotFoundError, RefusedError
from pandium_tui.hub.integrations import IntegrationValues
from pandium_tui.hub.repository_check import check_repository
from pandium_tui.hub.source_accounts import SourceAccountValues
from pandium_tui.sources.accounts import credentials_of, token_context
from pandium_tui.sources.credentials import offered
from pandium_tui.sources.errors import SourceError
from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import MissingSecretError, Secret, Vault
from tests.git_server import GitHost, git_host
from tests.scenario import ACTOR, Scenario, commit, manifest

TOKEN = "ghp_canary5f2b91c7d8e3a6"
BASIC = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@pytest.fixture(autouse=True)
def own_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PANDIUM_TUI_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[GitHost]:
    """A host with one repository that has a PANDIUM.yaml on main."""
    with git_host(tmp_path / "host", token=TOKEN) as host:
        bare = host.repository("crm.git")
        commit(tmp_path / "work", {"PANDIUM.yaml": manifest("echo fine", build="echo building")})
        subprocess.run(["git", "-C", tmp_path / "work", "push", "--quiet", str(bare), "main"], check=True)
        yield host


def with_token(store: Store, token: str = TOKEN, **values: str) -> int:
    given = replace(SourceAccountValues("acme", token=Secret(token)), **values)  # type: ignore[arg-type]
    return hub.create_source_account(store, given, ACTOR).id


def over(host: GitHost, account_id: int | None) -> IntegrationValues:
    return IntegrationValues("crm", repository_url=f"{host.url}/crm.git", source_account_id=account_id)


def processes() -> str:
    """The arguments and variables of all processes of this user."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                found.append((folder / name).read_bytes())
            except OSError:
                continue
    return b"\0".join(found).decode("utf-8", "replace")


def files_with(folder: Path, needle: bytes) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and needle in file.read_bytes()]


def test_a_build_gets_in_with_the_token_and_leaves_no_trace_of_it(
    scenario: Scenario, host: GitHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    configuration = tmp_path / "gitconfig"
    stores = "".join(
        f"[credential{place}]\n\thelper = store --file={kept}{number}\n"
        for number, place in enumerate(("", f' "{host.url}"', f' "{host.url}/crm.git"'))
    )
    configuration.write_text(stores)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    seen: list[str] = []
    host.on_entered = lambda: seen.append(processes())
    store = scenario.store
    made = integrations.create_integration(store, over(host, with_token(store)), ACTOR)
    built = scenario.build(made.id)
    assert built.status == "Ready", built.reason
    assert f"Basic {BASIC}" in host.seen
    assert "git" in seen[0]
    assert not [one for one in seen if TOKEN in one or BASIC in one]
    for needle in (TOKEN.encode(), BASIC.encode()):
        assert files_with(store.settings.home, needle) == []
    assert list(tmp_path.glob("kept*")) == []
    log = b"".join(record.text.encode() for record in releases.build_log(store, built.id).read(0, 10**7).records)
    assert b"building" in log
    assert TOKEN.encode() not in log


@pytest.mark.parametrize("token", [None, "ghp_wrongcanary11"])
def test_without_or_with_a_wrong_token_the_build_says_what_to_do(
    scenario: Scenario, host: GitHost, token: str | None
) -> None:
    account_id = None if token is None else with_token(scenario.store, token)
    made = integrations.create_integration(scenario.store, over(host, account_id), ACTOR)
    built = scenario.build(made.id)
    assert built.status == "Failed"
    assert "wants credentials and got none or wrong ones" in (built.reason or "")
    assert "wrongcanary" not in (built.reason or "")


def test_a_check_uses_the_account_before_anything_is_saved(store: Store, host: GitHost) -> None:
    account_id = with_token(store)
    found = check_repository(store, over(host, account_id))
    assert (found.branch, found.file, found.problems) == ("main", "PANDIUM.yaml", ())
    with pytest.raises(RefusedError, match="wants credentials"):
        check_repository(store, over(host, None))


def test_the_token_never_goes_to_another_host(store: Store, host: GitHost, tmp_path: Path) -> None:
    account_id = with_token(store)
    with git_host(tmp_path / "other", token="other") as elsewhere:
        elsewhere.repository("crm.git")
        host.redirect_to = elsewhere.url
        with pytest.raises(RefusedError):
            check_repository(store, over(host, account_id))
        assert elsewhere.seen
        assert set(elsewhere.seen) == {None}


@pytest.mark.parametrize("provider, username", [("GitLab", "oauth2"), ("plain git", "git"), ("Azure", "pandium-tui")])
def test_each_provider_has_its_user_name(store: Store, provider: str, username: str) -> None:
    given = credentials_of(store, with_token(store, provider=provider))
    assert given is not None
    assert (given.username, given.token) == (username, Secret(TOKEN))
    own = hub.source_account(store, "acme")
    hub.edit_source_account(store, own.id, replace(hub.values_of(own), username="ada"), ACTOR)
    given = credentials_of(store, own.id)
    assert given is not None
    assert (given.username, given.token) == ("ada", Secret(TOKEN))  # the token that was sealed stays


def test_an_account_never_shows_its_token(store: Store) -> None:
    values = SourceAccountValues("acme", token=Secret(TOKEN))
    made = hub.create_source_account(store, values, ACTOR)
    assert made.has_token
    told = f"{values} {made} {activity.activities(store)} {credentials_of(store, made.id)}"
    assert TOKEN not in told
    assert files_with(store.settings.home, TOKEN.encode()) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "Bad Name"}, "name"),
        ({"name": "acme"}, "name"),
        ({"token": None}, "token"),
        ({"token": Secret("two\nlines")}, "token"),
        ({"token": Secret("a blank")}, "token"),
        ({"username": "a b"}, "username"),
        ({"provider": "Sourceforge"}, "provider"),
        ({"method": "password"}, "method"),
        ({"method": "ssh key"}, "key_file"),
        ({"method": "ssh key", "key_file": "relative"}, "key_file"),
        ({"method": "ssh key", "key_file": "/no/such/key"}, "key_file"),
    ],
)
def test_values_that_cannot_be_saved_are_told_by_field(store: Store, values: dict[str, object], field: str) -> None:
    with_token(store)
    given = SourceAccountValues("other", token=Secret(TOKEN))
    with pytest.raises(InvalidError) as caught:
        hub.create_source_account(store, replace(given, **values), ACTOR)  # type: ignore[arg-type]
    assert set(caught.value.problems) == {field}
    assert [one.name for one in hub.source_accounts(store)] == ["acme"]


def test_removing_one_in_use_names_who_uses_it_and_needs_a_yes(store: Store, host: GitHost) -> None:
    account_id = with_token(store)
    uuid = hub.source_account(store, account_id).uuid
    made = integrations.create_integration(store, over(host, account_id), ACTOR)
    with pytest.raises(RefusedError, match="is used by crm"):
        hub.remove_source_account(store, account_id, ACTOR)
    assert hub.source_account(store, "acme").integrations == ("crm",)
    hub.remove_source_account(store, account_id, ACTOR, even_if_used=True)
    assert integrations.integration(store, made.id).source_account_id is None
    with pytest.raises(NotFoundError):
        hub.source_account(store, "acme")
    with pytest.raises(MissingSecretError):
        Vault(store).open(token_context(uuid))


def test_another_method_forgets_the_token(store: Store) -> None:
    account_id = with_token(store)
    account = hub.source_account(store, account_id)
    hub.edit_source_account(store, account_id, replace(hub.values_of(account), method="none"), ACTOR)
    assert not hub.source_account(store, account_id).has_token
    with pytest.raises(InvalidError, match="token"):
        hub.edit_source_account(store, account_id, hub.values_of(account), ACTOR)


@pytest.mark.parametrize("url", ["http://git.example.com/x", "ssh://git@example.com/x", "git@example.com:x", "/srv/x"])
def test_a_token_goes_over_https_only(store: Store, url: str) -> None:
    account_id = with_token(store)
    with pytest.raises(InvalidError, match="https only") as caught:
        integrations.create_integration(
            store, IntegrationValues("crm", repository_url=url, source_account_id=account_id), ACTOR
        )
    assert set(caught.value.problems) == {"source_account_id"}


def test_a_locked_vault_fails_the_build_with_the_reason(scenario: Scenario, host: GitHost) -> None:
    store = scenario.store
    made = integrations.create_integration(store, over(host, with_token(store)), ACTOR)
    store.settings.vault_key_file.unlink()
    built = scenario.build(made.id)
    assert built.status == "Failed"
    assert "The token of the source control account acme cannot be used" in (built.reason or "")


def test_an_ssh_key_is_the_only_one_that_is_offered(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for ssh writes down how it is called."""
    key, told = tmp_path / "my key", tmp_path / "told"
    key.write_text("not looked at")
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "{told}"\necho "git@x: Permission denied (publickey)." >&2\nexit 255\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    given = SourceAccountValues("deploy", method="ssh key", key_file=str(key))
    account = hub.create_source_account(store, given, ACTOR)
    values = IntegrationValues("crm", repository_url="git@git.example.com:crm.git", source_account_id=account.id)
    with pytest.raises(RefusedError, match="wants credentials"):
        check_repository(store, values)
    arguments = told.read_text().splitlines()
    assert arguments[:2] == ["-i", str(key)]
    assert {"IdentitiesOnly=yes", "BatchMode=yes"} <= set(arguments)
    key.unlink()
    with pytest.raises(RefusedError, match="is not there or cannot be read"):
        check_repository(store, values)


def test_a_token_is_closed_with_the_block(store: Store) -> None:
    with offered(credentials_of(store, with_token(store)), "https://git.example.com/x") as offer:
        (descriptor,) = offer.descriptors
        assert TOKEN not in "".join(offer.configuration)
        assert os.pread(descriptor, 100, 0).decode() == TOKEN
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_an_account_that_is_gone_is_told(store: Store) -> None:
    with pytest.raises(SourceError, match="is gone"):
        credentials_of(store, 99)
