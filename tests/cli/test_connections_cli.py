"""``pandium-tui connector`` and ``connection``: real processes, secrets by file and stdin, never by argument."""

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from pandium_tui.hub.activity import activities
from pandium_tui.hub.integrations import IntegrationValues, create_integration
from pandium_tui.hub.tenants import TenantValues, create_tenant
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import ReleaseRow
from pandium_tui.storage.times import utc_now
from tests.cli.command_line import CommandLine
from tests.connecting import ACTOR, add, define_crm

CANARY = "canary-cli-5be0"


@pytest.fixture
def command_line(store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """With the integration sync, its tenants acme and globex, and the connector definition crm."""
    monkeypatch.delenv("PANDIUM_TUI_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    define_crm(store)
    made = create_integration(store, IntegrationValues("sync", repository_url="/srv/git/sync"), ACTOR).id
    for name in ("acme", "globex"):
        create_tenant(store, made, TenantValues(name, integration_release_channel="Latest"), ACTOR)
    return CommandLine(settings.home)


@pytest.fixture
def secret_file(tmp_path: Path) -> str:
    file = tmp_path / "token"
    file.write_text(CANARY + "\n")
    return f"@{file}"


def test_from_an_offer_to_a_removed_connector(command_line: CommandLine, secret_file: str) -> None:
    offers = command_line.json("connector", "offers", "sync")
    assert {"crm", "hubspot"} < {one["name"] for one in offers}
    added = command_line.json(
        "connector", "add", "sync", "crm", "--field", "client_id=one", "--field", f"client_secret={secret_file}"
    )
    assert (added["method"], added["scope"], added["problem"]) == ("token", "tenant", "")
    assert added["provisioning"][0]["value"] == "one"
    assert CANARY not in json.dumps(added)

    keys = command_line.json("connector", "keys", "sync")
    assert keys[0]["names"] == ["PAN_SEC_CRM_ACCOUNT", "PAN_SEC_CRM_ACCESS_TOKEN"]
    assert "PAN_SEC_CRM_ACCESS_TOKEN=\n" in command_line.run("connector", "keys", "sync", "crm").stdout

    saved = command_line.run(
        "connection", "set", "sync/acme", "crm", "--field", "account=a-1", "--field", f"access_token={secret_file}"
    )
    assert saved.returncode == 0, saved.stderr
    assert "line break at the end was removed" in saved.stderr
    assert CANARY not in saved.stdout + saved.stderr
    [listed] = command_line.json("connection", "list", "sync/acme")
    assert (listed["status"], listed["whose"]) == ("connected (never tested)", "sync/acme")
    assert command_line.json("connector", "list", "sync")[0]["connected"] == ["acme"]

    status, told = command_line.refused("connector", "provision", "sync", "crm", "--field", "client_id=two")
    assert (status, "tenant sync/acme must reconnect" in told) == (1, True)
    done = command_line.json("connector", "provision", "sync", "crm", "--field", "client_id=two", "--yes")
    assert done["must_reconnect"] == ["tenant sync/acme must reconnect"]
    assert command_line.json("connection", "list", "sync/acme")[0]["status"] == "reconnect needed"

    status, told = command_line.refused("connector", "remove", "sync", "crm")
    assert (status, "sync/acme" in told) == (1, True)
    removed = command_line.json("connector", "remove", "sync", "crm", "--yes")
    assert removed["affected"] == ["The connection of tenant sync/acme is deleted, with its secrets"]
    assert command_line.json("connector", "list", "sync") == []


def test_a_secret_is_never_an_argument(command_line: CommandLine) -> None:
    command_line.json("connector", "add", "sync", "crm", "--method", "key")
    for wrong in (f"api_key={CANARY}", f"unknown={CANARY}"):
        status, told = command_line.refused("connection", "set", "sync/acme", "crm", "--field", wrong)
        assert status == 2
        assert "arguments can be read by everybody" in told
        assert CANARY not in told
    assert command_line.refused("connection", "set", "sync/acme", "crm", "--field", "api_key")[0] == 2
    assert command_line.refused("connection", "set", "sync/acme", "crm", "--field", "api_key=@/nowhere")[0] == 2
    assert command_line.json("connection", "list", "sync/acme")[0]["status"] == "not connected"


def test_secrets_on_stdin(command_line: CommandLine) -> None:
    command_line.json("connector", "add", "sync", "crm", "--method", "key")
    one = command_line.run("connection", "set", "sync/acme", "crm", "--from-stdin", stdin=CANARY + "\n")
    assert one.returncode == 0, one.stderr
    command_line.json("connector", "add", "sync", "own", "--uses", "custom")
    several = json.dumps({"FIRST": CANARY, "SECOND": CANARY + "2"})
    assert command_line.run("connection", "set", "sync/acme", "own", "--from-stdin", stdin=several).returncode == 0
    assert [one["name"] for one in command_line.json("connection", "list", "sync/acme")[1]["values"]] == [
        "FIRST",
        "SECOND",
    ]
    wrong = command_line.run("connection", "set", "sync/acme", "own", "--from-stdin", stdin=CANARY)
    assert (wrong.returncode, "must be a JSON object" in wrong.stderr, CANARY in wrong.stderr) == (2, True, False)


def test_a_secret_is_shown_on_a_terminal_after_a_question_only(
    command_line: CommandLine, store: Store, secret_file: str
) -> None:
    command_line.json("connector", "add", "sync", "crm", "--method", "key", "--optional")
    command_line.json("connection", "set", "sync/acme", "crm", "--field", f"api_key={secret_file}")
    piped = command_line.run("connection", "reveal", "sync/acme", "crm", "api_key")
    assert piped.returncode == 1
    assert "on a terminal only" in piped.stderr
    command = [sys.executable, "-m", "pandium_tui", "connection", "reveal", "sync/acme", "crm", "api_key"]
    environment = {**os.environ, "PANDIUM_TUI_HOME": str(store.settings.home)}
    for answer, shown in (("n", False), ("y", True)):
        status, text = on_a_terminal(command, environment, f"{answer}\n")
        assert (CANARY in text, status == 0) == (shown, shown), text
    revealed = [one.detail for one in activities(store) if one.action == "reveal secret"]
    assert revealed == ["crm: api_key"]


def test_a_provisioning_secret_is_shown_in_the_same_way(
    command_line: CommandLine, store: Store, secret_file: str
) -> None:
    command_line.json("connector", "add", "sync", "crm", "--field", f"client_secret={secret_file}")
    words = ["connector", "reveal", "sync", "crm", "client_secret"]
    assert "on a terminal only" in command_line.refused(*words)[1]
    command = [sys.executable, "-m", "pandium_tui", *words]
    environment = {**os.environ, "PANDIUM_TUI_HOME": str(store.settings.home)}
    status, text = on_a_terminal(command, environment, "y\n")
    assert (CANARY in text, status) == (True, 0), text
    revealed = [one.detail for one in activities(store) if one.action == "reveal secret"]
    assert revealed == ["crm: client_secret of the provisioning"]
    forbidden = {**environment, "PANDIUM_TUI_REVEAL_SECRETS": "false"}
    status, text = on_a_terminal(command, forbidden, "y\n")
    assert (CANARY in text, "write-only here" in text, status) == (False, True, 1), text
    assert len([one for one in activities(store) if one.action == "reveal secret"]) == 1


def on_a_terminal(command: list[str], environment: dict[str, str], typed: str) -> tuple[int, str]:
    """The exit status and what stood on the terminal of a command that was answered there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        os.write(ours, typed.encode())
        text = b""
        with suppress(OSError):  # the other end is closed: the command has ended
            while chunk := os.read(ours, 4096):
                text += chunk
        os.close(ours)
    return process.returncode, text.decode()


def test_global_connections_are_those_of_the_integration(command_line: CommandLine, secret_file: str) -> None:
    command_line.json("connector", "add", "sync", "crm", "--method", "key", "--scope", "global")
    field = f"api_key={secret_file}"
    status, told = command_line.refused("connection", "set", "sync/acme", "crm", "--field", field)
    assert (status, "connected once for all tenants, as sync/" in told) == (1, True)
    saved = command_line.json("connection", "set", "sync/", "crm", "--field", field, "--expires", "2099-01-31")
    assert saved["connection"]["expires_date"] == "2099-01-31T00:00:00Z"
    assert [one["whose"] for one in command_line.json("connection", "list", "sync/")] == ["sync/"]
    assert command_line.json("connection", "disable", "sync/", "crm")["status"] == "disabled"
    assert command_line.json("connection", "enable", "sync/", "crm")["status"] == "connected (never tested)"
    tested = command_line.json("connection", "test", "sync/", "crm", status=1)
    assert (tested["status"], tested["words"]) == ("connected (never tested)", "It has no address of its own")
    assert command_line.json("connection", "remove", "sync/", "crm")["status"] == "not connected"
    status, told = command_line.refused("connection", "test", "sync/", "crm")
    assert (status, "not connected" in told) == (1, True)


def test_a_run_that_could_not_have_its_secrets_is_refused(command_line: CommandLine, store: Store) -> None:
    command_line.json("connector", "add", "sync", "crm")
    with store.writing() as session:
        now = utc_now()
        session.add(ReleaseRow(integration_id=1, name="r1", status="Ready", created_date=now, modified_date=now))
    status, told = command_line.refused("run", "start", "sync/acme")
    assert status == 1
    assert "Connector crm of tenant sync/acme: it is not connected; connect it first." in told


def test_an_init_run_is_offered_after_connecting(command_line: CommandLine, store: Store, secret_file: str) -> None:
    schema = {"properties": {"queue": {"$ref": "#/definitions/queues"}}, "definitions": {"queues": {"enum": ["none"]}}}
    now = utc_now()
    with store.writing() as session:
        release = ReleaseRow(integration_id=1, name="r1", status="Ready", created_date=now, modified_date=now)
        release.config_schema = schema
        session.add(release)
    add(store, 1, "crm", method="key")
    words = "the form's choices are not loaded yet"
    saved = command_line.json("connection", "set", "sync/acme", "crm", "--field", f"api_key={secret_file}")
    assert saved["init_run_offered"] == words
    told = command_line.run("tenant", "show", "sync/acme").stderr
    assert told == f"An init run is offered: {words}. pandium-tui run start sync/acme --mode init\n"
    assert command_line.json("tenant", "show", "sync/globex")["init_run_offered"] is None
