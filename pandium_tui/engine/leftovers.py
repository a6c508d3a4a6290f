"""Finding, without touching anything, what runs and builds left behind."""

import os
import re
from collections.abc import Iterator

from pandium_tui.engine import process_tree
from pandium_tui.engine.cancellation import token_name
from pandium_tui.engine.processes import ProcessIdentity, claimed_by, is_alive, read_result
from pandium_tui.engine.recovery import Engines
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.vocabulary import RUNNING


def leftover_processes(store: Store) -> list[tuple[int, str]]:
    """Processes of runs and builds that are over: pid, and of which run or release. They show by their ``TMPDIR``."""
    home = store.settings.home
    ours = re.compile(rb"TMPDIR=" + re.escape(os.fsencode(home)) + rb"/(runs|releases)/([0-9]+)/tmp\Z")
    found = list(_marked(ours))
    # Looked up afterwards: whatever was going on then and is not now has had its end recorded, processes and all.
    with store.reading() as reader:
        active = {("runs", run.id) for run in queries.active_runs(reader)}
        active |= {("releases", build.id) for build in queries.open_builds(reader)}
    words = {"runs": "run", "releases": "the build of release"}
    return [
        (pid, f"{words[kind]} {number}")
        for (pid, ticks), kind, number in found
        if (kind, number) not in active and process_tree.start_ticks(pid) == ticks
    ]


def _marked(variable: re.Pattern[bytes]) -> Iterator[tuple[process_tree.Process, str, int]]:
    for pid in process_tree.pids():
        ticks = process_tree.start_ticks(pid)
        try:
            environment = process_tree.read_small(f"/proc/{pid}/environ").split(b"\0")
        except process_tree.UNSEEN:
            continue
        match = next(filter(None, map(variable.match, environment)), None)
        if ticks is not None and match:
            yield (pid, ticks), match[1].decode(), int(match[2])


def lost_runs(store: Store) -> list[int]:
    """Runs that are said to be running, and that no supervisor and no engine works on: their end is not recorded."""
    with store.reading() as reader:
        running = [run for run in queries.active_runs(reader) if run.phase == RUNNING]
        engines = Engines.look(queries.engine_processes(reader))
    found = []
    for run in running:
        folder = store.settings.run_folder(run.id)
        owner = claimed_by(folder, token_name(run.created_date, run.attempt))
        works = is_alive(owner) if isinstance(owner, ProcessIdentity) else run.claimed_by in engines.alive
        # One that has just ended is recorded by a living engine in a moment.
        if not works and not (engines.alive and read_result(folder)):
            found.append(run.id)
    return found
