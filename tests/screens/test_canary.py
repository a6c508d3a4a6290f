"""A secret goes the whole way, from a paste to a run that prints it, and is afterwards nowhere to be read."""

import base64
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import events

from pandium_tui.app import PandiumApp
from pandium_tui.hub.connections import connection, disconnect
from pandium_tui.hub.connections import test_connection as try_connection
from pandium_tui.hub.connector_changes import remove_connector
from pandium_tui.hub.connectors import connector
from pandium_tui.hub.revealing import SecretPlace
from pandium_tui.hub.revealing import reveal as open_secret
from pandium_tui.screens.connection_form import ConnectionForm
from pandium_tui.screens.connections import ConnectionsPage
from pandium_tui.screens.reveal import RevealQuestion
from pandium_tui.screens.run import RunPage
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.widgets.rows import Rows
from pandium_tui.widgets.secret_input import SecretInput
from tests.cli.command_line import CommandLine
from tests.connecting import ACTOR, add, define_crm
from tests.scenario import Scenario, manifest
from tests.screens.log_files import open_page, wait_until
from tests.screens.test_widgets import screen_text

CANARY = "canary/whole+way=9c41"
PROGRAM = """
import base64, json, os, sys
value = os.environ["PAN_SEC_CRM_API_KEY"]
raw = value.encode()
print("plain", value, base64.b64encode(raw).decode(), raw.hex(), dict(os.environ), file=sys.stderr)
print(json.dumps({"token": value}))
"""


def traces() -> list[bytes]:
    raw = CANARY.encode()
    return [raw, raw.hex().encode(), base64.b64encode(raw)[:-4], b"canary/whole", b"canary%2Fwhole"]


def files_under(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "token").write_text(CANARY)
    return folder / "token"


async def test_a_secret_is_nowhere_to_be_read(
    scenario: Scenario, secret_file: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PANDIUM_TUI_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    store = scenario.store
    define_crm(store)
    files = {"PANDIUM.yaml": manifest(f"{sys.executable} main.py", build="env"), "main.py": PROGRAM}
    integration_id = scenario.integration(files)
    scenario.build(integration_id)
    tenant, other = scenario.tenant(integration_id), scenario.tenant(integration_id, "globex")
    crm = add(store, integration_id, "crm", method="key")
    told: list[str] = []

    app = PandiumApp(store.settings, store, embedded_engine=False)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await open_page(pilot, app, TenantPage(tenant.id))
        await pilot.press("c")
        await wait_until(
            pilot, lambda: isinstance(app.screen, ConnectionsPage) and app.screen.query_one(Rows).row_count == 1
        )
        await pilot.press("c")
        await wait_until(pilot, lambda: isinstance(app.screen, ConnectionForm) and app.screen.is_mounted)
        app.screen.query_one(SecretInput).post_message(events.Paste(CANARY))
        await wait_until(pilot, lambda: app.screen.query_one(SecretInput).value == CANARY)
        told.append(app.export_screenshot())
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: connection(store, crm, tenant.id).status == "connected (never tested)")
        await wait_until(pilot, lambda: "never tested" in screen_text(app))
        told.append(app.export_screenshot())
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, TenantPage))
        await pilot.press("r")
        await wait_until(pilot, lambda: isinstance(app.screen, RunPage), 60)
        await wait_until(pilot, lambda: "[redacted]" in screen_text(app) and "Succeeded" in screen_text(app), 60)
        told.append(app.export_screenshot())
        await pilot.press("escape", "c")
        await wait_until(
            pilot, lambda: isinstance(app.screen, ConnectionsPage) and app.screen.query_one(Rows).row_count == 1
        )
        await pilot.press("t")
        await wait_until(pilot, lambda: "no address of its own" in screen_text(app))
        told.append(app.export_screenshot())
        await pilot.press("w")
        await wait_until(pilot, lambda: isinstance(app.screen, RevealQuestion))
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: CANARY in screen_text(app))  # the one place where it may be read
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ConnectionsPage))
        told.append(app.export_screenshot())
        await pilot.press("c")
        await wait_until(pilot, lambda: isinstance(app.screen, ConnectionForm) and app.screen.is_mounted)
        told.append(app.export_screenshot())

    line = CommandLine(store.settings.home)
    for arguments in (
        ("connection", "set", "crm/globex", "crm", "--field", f"api_key=@{secret_file}"),
        ("connection", "set", "crm/globex", "crm", "--field", f"api_key={CANARY}x"),
        ("connection", "list", "crm/globex", "--json"),
        ("connection", "test", "crm/globex", "crm"),
        ("connector", "show", "crm", "crm", "--json"),
        ("connector", "keys", "crm"),
        ("run", "start", "crm/globex", "--wait"),
        ("run", "list", "--json"),
        ("vault", "rotate", "--json"),
        ("run", "start", "crm/globex", "--json"),
        ("release", "log", "1"),
        ("store", "backup", str(store.settings.home / "copy.db")),
        ("activity", "--json"),
    ):
        done = line.run(*arguments)
        assert "Traceback" not in done.stderr
        assert done.returncode == (2 if f"api_key={CANARY}x" in arguments else 1 if "test" in arguments else 0), done
        told += [done.stdout, done.stderr]
    try_connection(store, crm, other.id, ACTOR)
    assert open_secret(store, SecretPlace(crm, other.id, "api_key"), ACTOR).reveal() == CANARY
    told.append(repr(connection(store, crm, other.id)) + repr(connector(store, integration_id, "crm")))
    searched = files_with_traces(store.settings.home)
    disconnect(store, crm, tenant.id, ACTOR)
    remove_connector(store, crm, ACTOR, even_if_connected=True)
    captured = capfd.readouterr()
    told += [captured.out, captured.err]
    assert any("[redacted]" in text for text in told)
    for trace in traces():
        assert trace.decode() not in "\n".join(told)
    assert searched == files_with_traces(store.settings.home) == []


def files_with_traces(home: Path) -> list[Path]:
    content = {path: path.read_bytes() for path in files_under(home)}
    assert len(content) > 10
    return [path for path, found in content.items() if any(trace in found for trace in traces())]
