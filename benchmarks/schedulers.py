"""The engine beside APScheduler 3 and huey, over SQLite each: python -m benchmarks.schedulers

Needs the extra ``bench`` (``pip install -e '.[bench]'``). Each has the settings that are best for it: a write-ahead log
that syncs at checkpoints, as many threads as the engine starts runs at once, jobs that missed their second still run.
What the others do not do costs them nothing here: they keep no run, no log, no result when their process is killed.
"""

import logging
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from huey import SqliteHuey
from sqlalchemy import create_engine, event

from benchmarks.claims import SHARED, YEARLY
from benchmarks.report import Line, arguments, show
from benchmarks.small_store import plain_connection, small_store
from pandium_tui.engine.engine import Engine
from pandium_tui.storage.database import WRITER_PRAGMAS, Store
from pandium_tui.storage.times import to_text

PATIENCE = 180.0
"""Seconds after which a scheduler is given up."""

Fired = list[float]
"""Seconds of the wall clock at which jobs ran, or ended when they start a process."""

fired: Fired = []
"""Of this process; APScheduler and huey name their jobs by module, so this cannot be an argument."""


def do_nothing() -> None:
    """The job of the first measure."""
    fired.append(time.time())


def start_process() -> None:
    """The job of the second: what a run is at the least."""
    subprocess.run(["bash", "-c", ":"], check=True)
    fired.append(time.time())


def main() -> None:
    parser = arguments(__doc__ or "", rounds=3)
    parser.add_argument("--schedules", type=int, default=10_000, help="loaded while nothing is due")
    parser.add_argument("--due", type=int, default=1000, help="due in one second, which do nothing")
    parser.add_argument("--processes", type=int, default=100, help="due in one second, which start a process each")
    parser.add_argument("--idle", type=float, default=10.0, help="seconds in which nothing is due")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    lines = [
        *due_lines("jobs that do nothing", options.rounds, options.due, do_nothing, engine_claims),
        *due_lines("jobs with a process each", options.rounds, options.processes, start_process, engine_runs),
        *idle_lines(options.rounds, options.schedules, options.idle),
    ]
    show("schedulers", lines, as_json=options.json)


def due_lines(
    what: str, rounds: int, count: int, job: Callable[[], None], engine: Callable[[int, datetime], Fired]
) -> list[Line]:
    """How long after the second the jobs were done: the middle one, all but one of a hundred, the last."""
    waits: dict[str, list[list[float]]] = {"APScheduler": [], "huey": [], "pandium-tui": []}
    for _ in range(rounds):
        for name, measure in (
            ("APScheduler", lambda due: _fired_by(apscheduler(job, [due] * count), count)),
            ("huey", lambda due: _fired_by(huey(job, [due] * count), count)),
            ("pandium-tui", lambda due: engine(count, due)),
        ):
            due = _coming_second(count)
            moments = measure(due)
            waits[name].append(sorted((moment - due.timestamp()) * 1000 for moment in moments))
    found = []
    for name, of_rounds in waits.items():
        for label, pick in (("p50", median), ("p99", _p99), ("last", max)):
            values = [pick(one) for one in of_rounds]
            baseline = [] if name == "APScheduler" else [pick(one) for one in waits["APScheduler"]]
            found.append(Line(f"{count} {what}, due in one second: {label}, {name}", "ms", values, baseline))
    return found


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]


def _coming_second(count: int) -> datetime:
    """A whole second that comes when so many jobs are surely loaded: each takes its store a millisecond or two."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=4 + count // 100)


def idle_lines(rounds: int, count: int, seconds: float) -> list[Line]:
    """Processor time while schedules are loaded and none is due."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    found: dict[str, list[float]] = {"APScheduler": [], "huey": [], "pandium-tui": []}
    for _ in range(rounds):
        with apscheduler(do_nothing, [tomorrow] * count):
            found["APScheduler"].append(_processor_share(seconds))
        with huey(do_nothing, [tomorrow] * count):
            found["huey"].append(_processor_share(seconds))
        with small_store([SHARED] * count, tomorrow) as store, Engine(store, "serve"):
            found["pandium-tui"].append(_processor_share(seconds))
    return [
        Line(
            f"{count} schedules, none due: one core, {name}",
            "%",
            values,
            [] if name == "APScheduler" else found["APScheduler"],
        )
        for name, values in found.items()
    ]


def _processor_share(seconds: float) -> float:
    time.sleep(1)  # what is done once at the start is not idling
    begun = time.process_time()
    time.sleep(seconds)
    return (time.process_time() - begun) / seconds * 100


@contextmanager
def apscheduler(job: Callable[[], None], due: list[datetime]) -> Iterator[None]:
    """APScheduler with jobs in SQLite, all loaded."""
    with TemporaryDirectory() as folder:
        database = create_engine(f"sqlite:///{folder}/jobs.db")
        event.listen(database, "connect", _set_pragmas)
        scheduler = BackgroundScheduler(
            jobstores={"default": SQLAlchemyJobStore(engine=database)},
            executors={"default": ThreadPoolExecutor(_at_once())},
            job_defaults={"misfire_grace_time": None, "coalesce": True},
            timezone=UTC,
        )
        for number, moment in enumerate(due):
            scheduler.add_job(job, "date", run_date=moment, id=str(number))
        scheduler.start()
        try:
            yield
        finally:
            scheduler.shutdown()
            database.dispose()


def _set_pragmas(connection: Any, _: object) -> None:
    for pragma in WRITER_PRAGMAS:
        connection.execute(pragma)


@contextmanager
def huey(job: Callable[[], None], due: list[datetime]) -> Iterator[None]:
    """Huey with tasks in SQLite, all loaded; it looks once a second, its shortest interval."""
    with TemporaryDirectory() as folder:
        queue = SqliteHuey(filename=str(Path(folder) / "tasks.db"), results=False, utc=True)
        task = queue.task()(job)
        for moment in due:
            queue.enqueue(task.s(eta=moment.replace(tzinfo=None)))
        consumer = queue.create_consumer(workers=_at_once(), scheduler_interval=1, initial_delay=0.01, max_delay=0.05)
        consumer.start()
        try:
            yield
        finally:
            consumer.stop(graceful=True)


def _at_once() -> int:
    with small_store([], datetime.now(UTC)) as store:
        return store.settings.runs_at_once


def _fired_by(scheduler: Any, count: int) -> Fired:
    fired.clear()
    with scheduler:
        _wait(lambda: len(fired) >= count)
    return list(fired)


def engine_claims(count: int, due: datetime) -> Fired:
    """An engine that claims: a job is done when its trigger is in the store. Nothing starts, as with the others."""
    with _engine_over(count, due) as store, plain_connection(store) as connection:
        _wait(lambda: connection.execute("SELECT count(*) FROM run_trigger").fetchone()[0] >= count)
        return [time.time()] * count  # all come in one commit


def engine_runs(count: int, due: datetime) -> Fired:
    """An engine that starts runs: each has its supervisor, its log and its result, and is done when it has ended."""
    with _engine_over(count, due) as store, plain_connection(store) as connection:
        query = "SELECT completed_date FROM run WHERE phase = 'Succeeded'"
        _wait(lambda: len(connection.execute(query).fetchall()) >= count)
        return [datetime.fromisoformat(one).timestamp() for (one,) in connection.execute(query)]


@contextmanager
def _engine_over(count: int, due: datetime) -> Iterator[Store]:
    with small_store([YEARLY] * count, due) as store:
        with plain_connection(store) as connection:
            connection.execute("UPDATE tenant SET next_run = ?", (to_text(due),))
        with Engine(store, "serve"):
            yield store


def _wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"not done after {PATIENCE} s")
        time.sleep(0.005)


if __name__ == "__main__":
    main()
