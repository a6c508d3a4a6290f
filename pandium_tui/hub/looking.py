"""Who looks at a run or build records that it has ended, when no engine did."""

from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.vocabulary import RUNNING


def record_what_ended(store: Store) -> None:
    """Record the ends of runs and builds that are still noted as going on.

    Raises:
        StoreError: the store cannot be used.
    """
    with store.reading() as reader:
        going_on = any(run.phase == RUNNING for run in queries.active_runs(reader))
        going_on |= any(build.status == "Building" for build in queries.open_builds(reader))
    if going_on:
        from pandium_tui.engine.engine import Engine

        Engine(store, "cli", schedules=False).look()
