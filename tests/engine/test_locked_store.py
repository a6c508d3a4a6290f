"""A store that another process keeps locked: the engine says so, loses nothing, and goes on by itself."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pandium_tui.engine.engine import Engine
from pandium_tui.hub import runs
from pandium_tui.storage import database
from pandium_tui.storage.database import Store
from pandium_tui.storage.times import to_text
from tests.scenario import Scenario
from tests.waiting import wait_for

LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Another process writes for as long as the block takes."""
    with subprocess.Popen(
        [sys.executable, "-c", LOCK, str(store.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"locked\n"
        yield
        other.stdin.close()


def test_what_comes_while_the_store_is_locked_is_done_once_after_it(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0.1)
    gate = tmp_path / "gate"
    tenant = scenario.ready_tenant(f"until test -e {gate}; do sleep 0.02; done; echo 42", user_schedule="@yearly")
    begun = scenario.start(tenant.id)
    wait_for(lambda: runs.run(scenario.store, begun.id).phase == "Running", "begin of the run")
    scenario.engine.stop()
    due = datetime.now(UTC)
    with scenario.store.writing() as session:
        session.connection().exec_driver_sql("UPDATE tenant SET next_run = ?", (to_text(due),))
    scenario.store.close()
    store = database.open_store(scenario.store.settings)
    engine = Engine(store, "serve")
    with locked(store):
        engine.start()
        wait_for(lambda: engine.trouble is not None and "locked" in engine.trouble, "word of the trouble")
        gate.touch()
        folder = store.settings.run_folder(begun.id)
        wait_for((folder / "result.json").exists, "end of the run")
        assert runs.run(store, begun.id).phase == "Running"
    wait_for(lambda: runs.run(store, begun.id).state == "42", "result of the run")
    wait_for(lambda: len(runs.runs(store, tenant_id=tenant.id)) == 2 and engine.trouble is None, "run of the slot")
    engine.stop()
    with store.reading() as reader:
        slots = reader.execute("SELECT scheduled_for FROM run_trigger WHERE source = 'cron'").fetchall()
    store.close()
    assert [tuple(slot) for slot in slots] == [(to_text(due),)]
