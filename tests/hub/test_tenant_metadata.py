"""Metadata by hand: what the metadata_schema refuses changes nothing, what it accepts the next run gets."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pandium_tui.hub import activity, tenants
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.tenant_metadata import metadata_from_text, metadata_problems, metadata_text, set_metadata
from pandium_tui.storage.records import Tenant
from pandium_tui.text import visible_block
from tests.cli.command_line import CommandLine
from tests.scenario import ACTOR, Scenario, manifest

SCHEMA = "\nmetadata_schema: {schema: {type: object, properties: {cursor: {type: integer}}, required: [cursor]}}\n"


@pytest.fixture
def acme(scenario: Scenario) -> Tenant:
    """A tenant whose runs print their metadata to the log, and add to it."""
    run = 'cat $PAN_CTX_TENANT_METADATA_FILE >&2; echo "{\\"cursor\\": 2}"'
    crm = scenario.integration({"PANDIUM.yaml": manifest(run) + SCHEMA})
    assert scenario.build(crm).status == "Ready"
    return scenario.tenant(crm)


def test_what_fits_the_schema_is_set_and_reaches_the_next_run(scenario: Scenario, acme: Tenant) -> None:
    store = scenario.store
    set_metadata(store, acme.id, {"cursor": 1, "region": "eu"}, ACTOR)
    newest = activity.activities(store)[0]
    assert (newest.action, newest.detail) == ("set metadata", "it has cursor, region")
    run = scenario.run(acme.id)
    assert {"cursor": 1, "region": "eu"} in map(json.loads, scenario.log(run.id))
    assert tenants.tenant(store, acme.id).metadata == {"cursor": 2, "region": "eu"}
    with pytest.raises(RefusedError, match="meanwhile"):
        set_metadata(store, acme.id, {"cursor": 9}, ACTOR, begun={"cursor": 1, "region": "eu"})
    assert set_metadata(store, acme.id, {"cursor": 9}, ACTOR, begun={"region": "eu", "cursor": 2}).metadata == {
        "cursor": 9
    }


def test_what_does_not_fit_is_refused_with_the_place(scenario: Scenario, acme: Tenant) -> None:
    with pytest.raises(InvalidError, match="cursor"):
        set_metadata(scenario.store, acme.id, {"cursor": "one"}, ACTOR)
    with pytest.raises(InvalidError, match="larger than"):
        set_metadata(scenario.store, acme.id, {"cursor": 1, "text": "x" * 300_000}, ACTOR)
    assert tenants.tenant(scenario.store, acme.id).metadata == {}


def test_without_a_schema_or_release_every_object_is_right(scenario: Scenario) -> None:
    tenant = scenario.tenant(scenario.integration({"PANDIUM.yaml": manifest()}))
    assert metadata_problems(scenario.store, tenant, {"anything": [1, None]}) == []
    assert set_metadata(scenario.store, tenant.id, {"anything": [1]}, ACTOR).metadata == {"anything": [1]}


json_texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
json_objects = st.dictionaries(
    json_texts, st.recursive(st.none() | st.booleans() | st.integers(-99, 99) | json_texts, st.lists, max_leaves=5)
)


@settings(max_examples=50)
@given(json_objects)
def test_what_is_shown_to_be_edited_reads_back_and_needs_no_change(value: dict[str, Any]) -> None:
    text = metadata_text(value)
    assert visible_block(text) == text
    assert metadata_from_text(text) == value


def test_the_command_line_shows_and_sets(scenario: Scenario, acme: Tenant, tmp_path: Path) -> None:
    line = CommandLine(scenario.store.settings.home)
    done = line.run("tenant", "metadata", "set", "crm/acme", stdin='{"cursor": 5}')
    assert json.loads(done.stdout) == {"cursor": 5}
    file = tmp_path / "metadata.yaml"
    file.write_text("cursor: often\n")
    status, told = line.refused("tenant", "metadata", "set", "crm/acme", "--file", str(file))
    assert status == 2 and "metadata: cursor" in told
    assert line.json("tenant", "metadata", "show", "crm/acme") == {"cursor": 5}
