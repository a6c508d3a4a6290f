"""``--filter`` of the lists, and what a mistake in it looks like."""

import json

from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from tests.cli.command_line import CommandLine
from tests.screens.filling import fill


def test_lists_take_a_filter(settings: Settings, store: Store) -> None:
    fill(store)
    command_line = CommandLine(settings.home)
    assert [one["id"] for one in command_line.json("run", "list", "--filter", "-phase:succeeded")] == [3, 2]
    assert [one["id"] for one in command_line.json("run", "list", "--oldest-first", "--filter", "tenant:a*")] == [1, 3]
    longest = command_line.json("run", "list", "--sort", "took", "--descending", "--filter", "-run:7")
    assert [one["id"] for one in longest] == [2, 1, 3]  # each took a minute, and 3 goes on
    assert [one["name"] for one in command_line.json("tenant", "list", "--filter", "state:paused")] == ["globex"]
    assert [one["name"] for one in command_line.json("integration", "list", "--filter", "-type:external crm")] == [
        "crm-sync"
    ]
    assert [one["name"] for one in command_line.json("tenant", "list", "--filter", "name:glob*")] == ["globex"]
    assert [one["name"] for one in command_line.json("integration", "list", "--filter", "name:billing")] == ["billing"]
    for name in ("crm-sync", "contacts*"):  # it has a long name too
        assert [one["name"] for one in command_line.json("integration", "list", "--filter", f"name:{name}")] == [
            "crm-sync"
        ]
    assert [one["id"] for one in command_line.json("run", "list", "--filter", "status:fail id:2")] == [2]
    nothing = command_line.run("release", "list", "crm-sync", "--filter", "status:building")
    assert (nothing.returncode, nothing.stderr) == (0, "Nothing matches the filter.\n")


def test_a_mistake_in_a_filter_is_pointed_at(settings: Settings, store: Store) -> None:
    status, said = CommandLine(settings.home).refused("run", "list", "--filter", "acme phse:failed")
    assert status == 2
    first, *lines = said.splitlines()
    assert first.startswith("pandium-tui: filter: there is no field 'phse'. Did you mean phase? Fields: phase, tenant,")
    assert lines == ["acme phse:failed", "     ^^^^"]
    assert json.loads(CommandLine(settings.home).run("activity", "--filter", "nobody", "--json").stdout) == []
