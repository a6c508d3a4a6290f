"""From nothing to a published integration with two connected tenants and succeeded runs: by the command line alone."""

import json
from pathlib import Path

import pytest

from tests.cli.command_line import CommandLine
from tests.scenario import Scenario, commit, manifest

RUN = """echo "$PAN_CFG_TEAM has $PAN_SEC_HUBSPOT_ACCESS_TOKEN" >&2; echo '{"row": 7}'"""
CONFIGS = "{schema: {type: object, required: [team], properties: {team: {type: string, title: Team}}}}"
COPY = """
display_name: CRM
tagline: It syncs.
short_description: Short.
long_description: Long.
logo: https://example.com/logo.png
categories: [{name: CRM}]
developer_name: Acme
support_email: help@example.com
"""


def test_from_nothing_to_published_by_the_command_line(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PANDIUM_TUI_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    scenario.engine.stop()
    line = CommandLine(scenario.store.settings.home)
    repository = tmp_path / "repository"
    commit(repository, {"PANDIUM.yaml": manifest(RUN, configs=CONFIGS) + "connectors: [hubspot]\n"})
    (tmp_path / "copy.yaml").write_text(COPY)
    (tmp_path / "client_secret").write_text("a-client-secret")

    line.json("integration", "create", "crm", "--repository", str(repository), "--branch", "main")
    built = line.run("release", "build", "crm", "--json")
    assert "release default crm 1" in built.stderr, "what is forgotten until an install fails"
    assert line.json("release", "default", "crm", "1")["default_release_name"] == "crm-1"
    client = ("--field", "client_id=id-1", "--field", f"client_secret=@{tmp_path}/client_secret")
    assert line.json("connector", "add", "crm", "hubspot", *client)["problem"] == ""
    for name in ("acme", "globex"):
        line.json("tenant", "create", "crm", name, "--schedule", "30 6 * * mon-fri", "--config", "team=north")
        token = f"token-of-{name}"
        done = line.run("connection", "set", f"crm/{name}", "hubspot", "--from-stdin", stdin=token)
        assert done.returncode == 0, done.stderr
        done = line.run("run", "start", f"crm/{name}", "--json")
        assert json.loads(done.stdout)["phase"] == "Succeeded"
        assert "north has [redacted]" in done.stderr
        assert token not in done.stdout + done.stderr

    line.json("listing", "import", "crm", str(tmp_path / "copy.yaml"))
    line.json("listing", "submit", "crm")
    assert line.json("listing", "publish", "crm")["published"]
    shown = line.json("integration", "show", "crm")
    [connector] = shown["connectors"]
    assert (shown["published"], shown["tenants"], connector["connected"]) == (True, 2, 2)
    line.json("marketplace", "export", str(tmp_path / "market"))
    assert [one["name"] for one in json.loads((tmp_path / "market/listing.json").read_text())["integrations"]] == [
        "crm"
    ]
