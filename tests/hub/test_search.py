"""Finding things by name or id."""

import pytest

from pandium_tui.hub.search import find
from pandium_tui.storage.database import Store
from tests.screens.filling import fill


def found(store: Store, text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.name) for one in find(store, text)]


def test_names_ids_and_kinds_are_found(store: Store) -> None:
    filled = fill(store)
    assert found(store, "integration crm") == [("integration", "crm-sync")]
    assert found(store, "crm")[0] == ("integration", "crm-sync")
    assert ("release", "crm-sync crm-sync-1") in found(store, "crm")
    assert found(store, "WAREHOUSE") == [("integration", "crm-sync")]
    assert ("tenant", "crm-sync/acme") in found(store, "acm")
    assert found(store, "crm-sync/ac") == [("tenant", "crm-sync/acme")]
    assert found(store, f"tenant {filled.tenant_id}") == [("tenant", "crm-sync/acme")]
    assert {kind for kind, _ in found(store, "1")} == {"integration", "tenant", "release", "run"}
    assert [(one.kind, one.id, one.detail) for one in find(store, "run 3")] == [("run", 3, "Running")]
    assert found(store, "run acme") == []


@pytest.mark.parametrize("text", ["", " ", "%", "_", "\\", "9" * 30, "runs", "'; DROP TABLE run; --"])
def test_no_text_is_too_odd(store: Store, text: str) -> None:
    fill(store)
    assert found(store, text) == []
