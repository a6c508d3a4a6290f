"""What is abused: a store with a real engine; and what is seen meanwhile, of the disk, of memory, of what is left."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pandium_tui.engine.cancellation import token_name
from pandium_tui.engine.engine import Engine
from pandium_tui.engine.leftovers import leftover_processes
from pandium_tui.engine.processes import ProcessIdentity, claimed_by
from pandium_tui.hub import runs
from pandium_tui.settings import Settings
from pandium_tui.storage.database import open_store
from pandium_tui.storage.records import Run
from pandium_tui.storage.vocabulary import ACTIVE_PHASES
from tests.scenario import Scenario, manifest

MEBIBYTE = 1024 * 1024
SLACK = MEBIBYTE
"""Of a run's folder beside its log: the job's small files and the room that is kept for the result."""

MOST_MEMORY = 32 * MEBIBYTE
"""Of a supervisor, whatever its run prints."""

LOOK_INTERVAL = 0.05


@dataclass
class Seen:
    """What was seen of a run: seconds from its start to its recorded end, bytes at most."""

    run: Run
    seconds: float
    memory: int
    folder: int
    problems: list[str] = field(default_factory=list)

    def expect(self, holds: bool, otherwise: str) -> None:
        """Keep what does not hold."""
        if not holds:
            self.problems.append(otherwise)

    def __str__(self) -> str:
        reason = f" ({self.run.reason})" if self.run.reason else ""
        warnings = "".join(f"; {one}" for one in self.run.warnings)
        memory, folder, log = (one / MEBIBYTE for one in (self.memory, self.folder, self.run.log_bytes or 0))
        return (
            f"{self.run.phase}{reason} after {self.seconds:.1f} s; supervisor {memory:.1f} MiB at most; "
            f"folder {folder:.1f} MiB at most, log {log:.1f} MiB{warnings}"
        )


@contextmanager
def world(folder: Path, name: str, **settings: object) -> Iterator[Scenario]:
    """A store of its own with an engine that fires schedules."""
    place = folder / name
    place.mkdir()
    store = open_store(Settings(home=place / "home", **settings))  # type: ignore[arg-type]
    with Engine(store, "serve") as engine:
        yield Scenario(store, engine, place)
    store.close()


def abuse(
    scenario: Scenario, command: str, *, time_limit: int = 1800, meanwhile: Callable[[Run], object] | None = None
) -> Seen:
    """Build and run this command, look at it until it has ended, and at what is left of it.

    Args:
        scenario: where.
        command: of the run.
        time_limit: seconds of the run.
        meanwhile: is called once, when its program has printed a line.
    """
    integration_id = scenario.integration({"PANDIUM.yaml": manifest(command)}, run_time_limit=time_limit)
    release = scenario.build(integration_id)
    if release.status != "Ready":
        raise AssertionError(f"the build failed: {release.reason}")
    begun = time.monotonic()
    run = scenario.start(scenario.tenant(integration_id).id)
    seen = Seen(run, 0, 0, 0)
    folder = scenario.store.settings.run_folder(run.id)
    while seen.run.phase in ACTIVE_PHASES:
        seen.memory = max(seen.memory, _peak_memory(folder, run))
        seen.folder = max(seen.folder, _size(folder))
        if meanwhile is not None and (folder / "log").exists() and scenario.log(run.id):
            meanwhile(run)
            meanwhile = None
        time.sleep(LOOK_INTERVAL)
        seen.run = runs.run(scenario.store, run.id)
    seen.seconds = time.monotonic() - begun
    limit = scenario.store.settings.log_limit
    # The parts of a log that was cut are copied into one at its end, and lie beside it until that is done.
    seen.expect(seen.folder <= 2 * limit + SLACK, f"its folder had {seen.folder} bytes, twice the limit is {2 * limit}")
    seen.expect((seen.run.log_bytes or 0) <= limit + SLACK, f"its log has {seen.run.log_bytes} bytes, limit {limit}")
    left = leftover_processes(scenario.store)
    seen.expect(not left, f"processes are left: {left}")
    seen.expect(
        seen.memory <= MOST_MEMORY, f"its supervisor had {seen.memory} bytes of memory, more than {MOST_MEMORY}"
    )
    return seen


def _peak_memory(folder: Path, run: Run) -> int:
    """Bytes of resident memory that its supervisor has had at most; 0 when there is none."""
    owner = claimed_by(folder, token_name(run.created_date, 1))
    if not isinstance(owner, ProcessIdentity):
        return 0
    try:
        lines = Path(f"/proc/{owner.pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def _size(folder: Path) -> int:
    """Bytes on disk; what is removed while it is looked at has none."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).lstat().st_blocks * 512
            except FileNotFoundError:
                continue
    return total
