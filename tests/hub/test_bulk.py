"""One change to several tenants, through the hub and the command line."""

import json

import pytest

from pandium_tui.hub.bulk import change_tenants
from pandium_tui.hub.errors import NotFoundError
from pandium_tui.hub.tenants import tenant
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store
from tests.cli.test_cli import CommandLine
from tests.scenario import ACTOR
from tests.screens.filling import fill


def test_a_dry_run_tells_each_and_changes_nothing(store: Store) -> None:
    fill(store)
    acme, globex = change_tenants(store, [1, 2], "pause", ACTOR, dry_run=True)
    assert (acme.effect, acme.problem, acme.done) == ("its schedule 0 * * * * fires no more", "", False)
    assert (globex.effect, globex.problem) == ("", "is paused already")
    assert not tenant(store, 1).paused


def test_what_is_refused_does_not_stop_the_others(store: Store) -> None:
    fill(store)
    assert [one.done for one in change_tenants(store, [2, 1], "pause", ACTOR)] == [False, True]
    assert tenant(store, 1).paused
    assert change_tenants(store, [1], "archive", ACTOR)[0].done
    assert change_tenants(store, [1], "resume", ACTOR)[0].problem == "is archived: restore it first"
    assert change_tenants(store, [1, 2], "restore", ACTOR)[1].problem == "is not archived"
    assert not tenant(store, 1).archived


def test_an_unknown_tenant_changes_nothing(store: Store) -> None:
    fill(store)
    with pytest.raises(NotFoundError):
        change_tenants(store, [1, 99], "archive", ACTOR)
    assert not tenant(store, 1).archived


def test_the_command_line_takes_several(settings: Settings, store: Store) -> None:
    fill(store)
    command_line = CommandLine(settings.home)
    done = command_line.run("tenant", "pause", "crm-sync/acme", "crm-sync/globex", "--json")
    assert done.returncode == 1
    assert [one["done"] for one in json.loads(done.stdout)] == [True, False]
    shown = command_line.run("integration", "show", "crm-sync", "--json")
    details = json.loads(shown.stdout)
    assert (details["connectors"], details["review_state"], details["published"]) == ([], "Draft", False)
