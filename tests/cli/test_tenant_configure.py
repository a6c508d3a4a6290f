"""Connection Settings from the command line."""

import json
from pathlib import Path

import pytest

from pandium_tui.hub.sealed_configs import MASK
from pandium_tui.hub.settings_form import tenant_settings
from pandium_tui.hub.tenants import tenant as store_tenant
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import TenantRow
from tests.cli.command_line import CommandLine
from tests.manifest.form.test_alternatives import TARGET, WHOLE
from tests.manifest.form.test_example import CONFIGS
from tests.screens.test_settings_page import TOKEN, tenant_with

SECRET = """\
schema:
  required: [name]
  properties:
    name: {type: string, maxLength: 5}
    token: {type: string, format: password}
    notes: {type: string}
uischema:
  type: VerticalLayout
  elements:
    - {type: Control, scope: '#/properties/name', hintText: What it is called}
    - {type: Control, scope: '#/properties/token'}
    - {type: Control, scope: '#/properties/notes', options: {multi: true}}
"""


@pytest.fixture
def command_line(settings: Settings) -> CommandLine:
    return CommandLine(settings.home)


def test_field_by_field_through_a_pipe(command_line: CommandLine, store: Store) -> None:
    tenant_id = tenant_with(store, CONFIGS)
    answers = "DEBUG\n2\n1,late order\n\n501\n50.5\n500\nyes\nline one\nline two\n.\n"
    done = command_line.run("tenant", "configure", "crm-sync/acme", "--plain", stdin=answers)
    assert done.returncode == 0, done.stderr
    assert "2) Returns" in done.stderr
    assert "1 to 500" in done.stderr
    assert done.stderr.count("✗") == 2
    assert tenant_settings(store, tenant_id).values == {
        "log_level": "DEBUG",
        "queue_id": 9,
        "tag_names": ["vip", "late order"],
        "batch": 500,
        "push_notes": True,
        "template": "line one\nline two",
    }
    assert 'PAN_CFG_TAG_NAMES=["vip","late order"]' in done.stdout


def test_enter_keeps_a_point_empties_and_the_end_of_the_input_keeps_the_rest(
    command_line: CommandLine, store: Store
) -> None:
    tenant_id = tenant_with(store, CONFIGS, queue_id=7, since="2024-01-01", batch=3)
    done = command_line.run("tenant", "configure", str(tenant_id), "--plain", stdin="\n\n\n-\n")
    assert done.returncode == 0, done.stderr
    assert "[Billing]" in done.stderr
    assert tenant_settings(store, tenant_id).values == {"queue_id": 7, "batch": 3}


def test_a_secret_comes_by_a_pipe_and_is_never_shown(command_line: CommandLine, store: Store) -> None:
    tenant_id = tenant_with(store, SECRET)
    done = command_line.run("tenant", "configure", str(tenant_id), "--plain", stdin=f"a\n{TOKEN}\n")
    assert done.returncode == 0, done.stderr
    assert tenant_settings(store, tenant_id).values == {"name": "a", "token": TOKEN}
    shown = command_line.json("tenant", "configure", str(tenant_id))
    assert shown["configs"] == {"name": "a", "token": "********"}
    assert shown["environment"] == {"PAN_CFG_NAME": "a", "PAN_CFG_TOKEN": "********"}
    assert command_line.json("tenant", "show", str(tenant_id))["configs"]["token"] == "********"
    assert all("canary" not in json.dumps(one) for one in command_line.json("tenant", "list"))
    again = command_line.run("tenant", "configure", str(tenant_id), "--plain", stdin="\n")
    assert "canary" not in done.stdout + done.stderr + again.stdout + again.stderr
    assert "[********]" in again.stderr


def test_single_values_are_set_and_all_problems_told(command_line: CommandLine, store: Store) -> None:
    tenant_id = tenant_with(store, CONFIGS)
    found = command_line.json(
        "tenant",
        "configure",
        "crm-sync/acme",
        "--set",
        "queue_id=Billing",
        "--set",
        "tag_names=vip",
        "--set",
        "batch=9",
    )
    assert (found["configs"]["queue_id"], found["problems"]) == (7, [])
    assert found["environment"]["PAN_CFG_TAG_NAMES"] == '["vip"]'
    assert command_line.refused("tenant", "configure", "crm-sync/acme", "--set", "batch=501") == (
        2,
        "pandium-tui: batch: at most 500\n",
    )
    status, said = command_line.refused("tenant", "configure", "crm-sync/acme", "--set", "bacth=5")
    assert (status, "known are: log_level" in said) == (2, True)
    assert tenant_settings(store, tenant_id).values["batch"] == 9


def test_a_secret_is_refused_on_the_command_line(command_line: CommandLine, store: Store) -> None:
    tenant_id = tenant_with(store, SECRET)
    status, said = command_line.refused("tenant", "configure", str(tenant_id), "--set", f"token={TOKEN}")
    assert status == 2
    assert "--plain" in said
    assert "canary" not in said


def test_a_secret_is_refused_as_a_setting_of_create_and_edit(command_line: CommandLine, store: Store) -> None:
    tenant_id = tenant_with(store, SECRET, token=TOKEN)
    release = str(tenant_settings(store, tenant_id).tenant.release_id)
    for command in (("create", "crm-sync", "other"), ("edit", str(tenant_id))):
        given = ("--release", release, "--config", "name=b", "--config", "token=canary-2")
        status, said = command_line.refused("tenant", *command, *given)
        assert status == 2
        assert "tenant configure --plain or --file" in said
        assert "canary" not in said
    names = [one["name"] for one in command_line.json("tenant", "list")]
    assert "other" not in names
    values = json.dumps({"name": "a", "token": "canary-3"})
    made = command_line.run(
        "tenant", "create", "crm-sync", "other", "--release", release, "--configs-file", "-", stdin=values
    )
    assert made.returncode == 0, made.stderr
    assert "canary" not in made.stdout
    command_line.json("tenant", "edit", str(tenant_id), "--config", "name=c")
    assert tenant_settings(store, tenant_id).values == {"name": "c", "token": TOKEN}
    command_line.json("tenant", "edit", str(tenant_id), "--unset-config", "token")
    assert tenant_settings(store, tenant_id).form.state(tenant_settings(store, tenant_id).values).environment == {
        "PAN_CFG_NAME": "c"
    }


def test_what_a_channel_made_secret_is_masked_before_it_is_sealed(command_line: CommandLine, store: Store) -> None:
    """A channel moves a tenant to a release that declares a setting secret; it is sealed at the next edit or run."""
    tenant_id = tenant_with(store, SECRET)
    with store.writing() as session:
        session.get_one(TenantRow, tenant_id).configs = {"name": "a", "token": TOKEN}
    shown = command_line.json("tenant", "show", str(tenant_id))
    assert shown["configs"] == {"name": "a", "token": MASK}
    listed = command_line.run("tenant", "list", "--json")
    assert TOKEN not in listed.stdout + command_line.run("tenant", "show", str(tenant_id)).stdout


def test_values_go_out_to_a_file_and_come_back(command_line: CommandLine, store: Store, tmp_path: Path) -> None:
    tenant_id = tenant_with(store, SECRET)
    command_line.run("tenant", "configure", str(tenant_id), "--plain", stdin=f"a\n{TOKEN}\n1e3\n.\n")
    file = tmp_path / "settings.yaml"
    assert command_line.run("tenant", "configure", str(tenant_id), "--export", str(file)).returncode == 0
    assert "canary" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text(file.read_text().replace('"a"', '"b"').replace("name: a", "name: b"))
    assert command_line.run("tenant", "configure", str(tenant_id), "--file", str(file)).returncode == 0
    assert tenant_settings(store, tenant_id).values == {"name": "b", "token": TOKEN, "notes": "1e3"}
    status, said = command_line.refused("tenant", "configure", str(tenant_id), "--export", str(file))
    assert (status, "exists already" in said) == (2, True)
    file.write_text("name: [\n")
    status, said = command_line.refused("tenant", "configure", str(tenant_id), "--file", str(file))
    assert (status, "settings.yaml:" in said) == (2, True)


def test_an_alternative_is_chosen_and_filled_in(command_line: CommandLine, store: Store) -> None:
    tenant_id = tenant_with(store, TARGET)
    done = command_line.run("tenant", "configure", str(tenant_id), "--plain", stdin="1\nb\n-\nyes\nTimes\n3\n")
    assert done.returncode == 0, done.stderr
    assert "1) Amazon S3" in done.stderr
    assert tenant_settings(store, tenant_id).values == {
        "target": {"kind": "s3", "bucket": "b", "prefix": None, "public": True},
        "tries": 3,
    }
    command_line.json("tenant", "configure", str(tenant_id), "--set", "target=ftp", "--set", "target.host=h")
    assert tenant_settings(store, tenant_id).values["target"]["host"] == "h"
    shown = command_line.json(
        "tenant", "configure", str(tenant_id), "--set", 'target={"kind":"s3","bucket":"b","host":"no"}'
    )
    assert shown["environment"]["PAN_CFG_TARGET"] == '{"kind":"s3","bucket":"b","prefix":"out","public":false}'


def test_an_alternative_of_all_settings_is_chosen_and_filled_in(command_line: CommandLine, store: Store) -> None:
    tenant_id = tenant_with(store, WHOLE)
    done = command_line.run("tenant", "configure", str(tenant_id), "--plain", stdin="2\nhost.test\n\nyes\n")
    assert done.returncode == 0, done.stderr
    assert "2) FTP server" in done.stderr
    assert "Bucket" not in done.stderr
    assert tenant_settings(store, tenant_id).values == {
        "kind": "ftp", "host": "host.test", "prefix": "home", "verbose": True
    }  # fmt: skip
    set_there = command_line.json("tenant", "configure", str(tenant_id), "--set", "#=Amazon S3", "--set", "bucket=b")
    assert set_there["environment"] == {
        "PAN_CFG_KIND": "s3", "PAN_CFG_VERBOSE": "true", "PAN_CFG_BUCKET": "b", "PAN_CFG_PREFIX": "out"
    }  # fmt: skip
    refused = command_line.run("tenant", "configure", str(tenant_id), "--set", "#={}")
    assert refused.returncode != 0 and "must be one of the alternatives" in refused.stderr


def test_moving_tells_what_a_release_does_not_take(command_line: CommandLine, store: Store) -> None:
    tenant_id = tenant_with(store, SECRET, name="too long")
    release_id = store_tenant(store, tenant_id).release_id
    (planned,) = command_line.json("tenant", "move", str(tenant_id), "--to", str(release_id), "--dry-run")
    assert planned["refused"] == ["Name: at most 5 characters (8 now)"]
    assert not planned["moved"]
    done = command_line.run("tenant", "edit", str(tenant_id), "--channel", "Latest")
    assert done.returncode == 0, done.stderr
    moved = command_line.run("tenant", "move", str(tenant_id), "--to", str(release_id))
    assert (moved.returncode, store_tenant(store, tenant_id).integration_release_id) == (0, release_id)
    assert "needs attention: Name: at most 5 characters" in moved.stdout
    status, told = command_line.refused("tenant", "move", str(tenant_id), "--to", "newest")
    assert status == 2 and "Default or Latest" in told
