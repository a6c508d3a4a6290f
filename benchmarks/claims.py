"""What due schedules cost: claiming them, starting their runs, a supervisor: python -m benchmarks.claims"""

import os
import subprocess
import sys
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from benchmarks.report import Budget, Line, arguments, show
from benchmarks.small_store import plain_connection, small_store
from pandium_tui.engine.dispatch import bundle_triggers
from pandium_tui.engine.engine import Engine
from pandium_tui.engine.processes import Job, read_result, start_supervisor
from pandium_tui.engine.schedule import claim_due
from pandium_tui.storage.database import Store
from pandium_tui.storage.times import from_text, to_text, utc_now

DUE = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
SHARED = "30 12 * * *"
YEARLY = "0 0 1 1 *"
"""A schedule that does not fire again while the benchmark goes on."""
BARE = (sys.executable, "-I", "-S", "-c", "pass")
PEAK = "while read name value _; do [ $name = VmHWM: ] && echo $value; done < /proc/$PPID/status"
"""What a run prints to tell the peak memory of its supervisor, in KiB."""


def main() -> None:
    parser = arguments(__doc__ or "", rounds=5)
    parser.add_argument("--tenants", type=int, default=1000, help="due in one second, only claimed")
    parser.add_argument("--runs", type=int, default=100, help="due in one second, claimed and run")
    parser.add_argument("--supervisors", type=int, default=15, help="started one by one in each round")
    options = parser.parse_args()
    lines = [
        *claim_lines(options.rounds, options.tenants),
        *start_lines(options.rounds, options.runs),
        *supervisor_lines(options.rounds * options.supervisors),
    ]
    show("claims", lines, as_json=options.json)


def claim_lines(rounds: int, tenants: int) -> list[Line]:
    """From the call to the commit; all triggers come into being in that one commit, so each waits as long."""
    chance = Random(1)
    plain: list[float] = []
    bundled: list[float] = []
    shared: tuple[list[float], list[float]] = ([], [])
    different: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        plain.append(_plain_insert(tenants))
        for schedules, (first, again) in (
            ([SHARED] * tenants, shared),
            (_different_schedules(tenants, chance), different),
        ):
            with small_store(schedules, DUE) as store:
                first.append(_claim(store, DUE, tenants))
                bundled.append(_bundle(store, tenants))
                later = DUE + timedelta(days=1)
                with plain_connection(store) as connection:
                    connection.execute("UPDATE tenant SET next_run = ?", (to_text(later),))
                again.append(_claim(store, later, tenants))
    budget = Budget(1000)
    return [
        Line(f"{tenants} rows, one plain sqlite3 transaction", "ms", plain),
        Line(f"{tenants} due, one expression: all claimed", "ms", shared[0], plain, budget),
        Line(f"{tenants} due, one expression: claimed the next day", "ms", shared[1], plain, budget),
        Line(f"{tenants} due, all expressions differ: all claimed", "ms", different[0], plain, budget),
        Line(f"{tenants} due, all expressions differ: claimed the next day", "ms", different[1], plain, budget),
        Line(f"{tenants} triggers: made into queued runs", "ms", bundled, plain),
    ]


def _different_schedules(count: int, chance: Random) -> list[str]:
    """So many expressions that all fire at ``DUE`` and a day later."""
    found: set[str] = set()
    while len(found) < count:
        minute, hour, month = chance.randrange(60), chance.randrange(24), chance.randrange(1, 13)
        found.add(f"{minute},30 {hour},12 * {month},6 *")
    return sorted(found)


def _claim(store: Store, due: datetime, expected: int) -> float:
    begun = time.perf_counter()
    made = claim_due(store, due + timedelta(milliseconds=10))
    elapsed = time.perf_counter() - begun
    if made != expected:
        raise RuntimeError(f"{made} of {expected} due tenants were claimed")
    return elapsed * 1000


def _bundle(store: Store, expected: int) -> float:
    begun = time.perf_counter()
    made = 0
    while more := bundle_triggers(store):
        made += more
    elapsed = time.perf_counter() - begun
    if made != expected:
        raise RuntimeError(f"{made} runs were made of {expected} triggers")
    return elapsed * 1000


def _plain_insert(count: int) -> float:
    with small_store([SHARED] * count, DUE) as store, plain_connection(store) as connection:
        rows = [(number, to_text(DUE), to_text(DUE)) for number in range(1, count + 1)]
        begun = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO run_trigger (tenant_id, source, mode, headers, scheduled_for, created_by, created_date)"
            " VALUES (?, 'cron', 'normal', '{}', ?, 'scheduler', ?)",
            rows,
        )
        connection.execute("COMMIT")
        return (time.perf_counter() - begun) * 1000


def start_lines(rounds: int, runs: int) -> list[Line]:
    """A real engine and real processes, from the second they are due."""
    bare: list[float] = []
    middle: list[float] = []
    late: list[float] = []
    last: list[float] = []
    ended: list[float] = []
    processor: list[float] = []
    for _ in range(rounds):
        due = utc_now().replace(microsecond=0) + timedelta(seconds=3)
        with small_store([YEARLY] * runs, due) as store:
            bare.append(_bare_processes(runs, store.settings.runs_at_once))
            due = utc_now().replace(microsecond=0) + timedelta(seconds=2)
            with plain_connection(store) as connection:
                connection.execute("UPDATE tenant SET next_run = ?", (to_text(due),))
            begun = time.process_time()
            with Engine(store, "serve"):
                starts = _starts_of_all(store, runs)
                ended.append((utc_now() - due).total_seconds() * 1000)
            processor.append((time.process_time() - begun) / runs * 1000)
        waits = sorted((start - due).total_seconds() * 1000 for start in starts)
        middle.append(median(waits))
        late.append(quantiles(waits, n=100, method="inclusive")[98])
        last.append(waits[-1])
    return [
        Line(f"{runs} x python -I -S -c pass, as many at once: all ended", "ms", bare),
        Line(f"{runs} runs due in one second: p50 of start after due", "ms", middle, bare),
        Line(f"{runs} runs due in one second: p99 of start after due", "ms", late, bare),
        Line(f"{runs} runs due in one second: all have started", "ms", last, bare, Budget(5000)),
        Line(f"{runs} runs due in one second: all ended and recorded", "ms", ended, bare),
        Line("engine: CPU per run", "ms", processor),
    ]


def _bare_processes(count: int, at_once: int) -> float:
    begun = time.perf_counter()
    going: deque[subprocess.Popen[bytes]] = deque()
    for _ in range(count):
        if len(going) == at_once:
            going.popleft().wait()
        going.append(subprocess.Popen(BARE))
    for process in going:
        process.wait()
    return (time.perf_counter() - begun) * 1000


def _starts_of_all(store: Store, count: int) -> list[datetime]:
    """When each run started, by its supervisor's clock, once all have succeeded."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with store.reading() as reader:
            rows = reader.execute("SELECT phase, started_date FROM run WHERE completed_date IS NOT NULL").fetchall()
        if len(rows) == count:
            failed = [row["phase"] for row in rows if row["phase"] != "Succeeded"]
            if failed:
                raise RuntimeError(f"{len(failed)} runs failed: {failed[0]}")
            return [moment for row in rows if (moment := from_text(row["started_date"])) is not None]
        time.sleep(0.1)
    raise TimeoutError(f"{len(rows)} of {count} runs had ended after two minutes")


def supervisor_lines(count: int) -> list[Line]:
    """One supervisor after the other with a run that does nothing; its CPU time contains that of the run's bash."""
    costs: dict[str, list[float]] = {name: [] for name in ("bare", "bash", "supervisor", "bare wall", "wall")}
    peak: list[float] = []
    bare_peak: list[float] = []
    for _ in range(count):
        for name, command in (("bare", BARE), ("bash", ("bash", "-c", ":"))):
            begun = time.perf_counter()
            costs[name].append(_processor_time(subprocess.Popen(command)))
            if name == "bare":
                costs["bare wall"].append((time.perf_counter() - begun) * 1000)
        with TemporaryDirectory() as folder:
            begun = time.perf_counter()
            costs["supervisor"].append(_processor_time(start_supervisor(_job(Path(folder), ":"))))
            costs["wall"].append((time.perf_counter() - begun) * 1000)
        with TemporaryDirectory() as folder:
            start_supervisor(_job(Path(folder), PEAK)).wait()
            peak.append(_peak_of(Path(folder)))
        program = "for line in open('/proc/self/status'):\n if line[:6] == 'VmHWM:': print(line.split()[1])"
        bare_peak.append(int(subprocess.check_output([*BARE[:-1], program])) / 1024)
    return [
        Line("python -I -S -c pass: CPU", "ms", costs["bare"]),
        Line("bash -c ':': CPU", "ms", costs["bash"]),
        Line("supervisor of one such bash, both: CPU", "ms", costs["supervisor"], costs["bare"], Budget(40)),
        Line("python -I -S -c pass: start to end", "ms", costs["bare wall"]),
        Line("supervisor: start to end", "ms", costs["wall"], costs["bare wall"]),
        Line("python -I -S: peak memory", "MiB", bare_peak),
        Line("supervisor: peak memory", "MiB", peak, bare_peak, Budget(12)),
    ]


def _job(folder: Path, command: str) -> Job:
    return Job(
        folder=folder,
        token="claim",
        commands=(("bash", "-c", command),),
        directory=folder,
        environment={"PATH": os.defpath},
        time_limit=60,
        log_limit=1 << 20,
        state_limit=1 << 16,
    )


def _processor_time(process: subprocess.Popen[bytes]) -> float:
    """Milliseconds of CPU time of a process and of those it has waited for."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def _peak_of(folder: Path) -> float:
    result = read_result(folder)
    if result is None or not result.state:
        raise RuntimeError(f"the run left no result with a state: {result}")
    return int(result.state) / 1024


if __name__ == "__main__":
    main()
