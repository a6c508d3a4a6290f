"""A store as large as the budgets ask for: python -m benchmarks.make_store [--folder DIR]

1,000 integrations with 3 releases and 10 tenants each, and 1,000,000 runs of the last 30 days with one trigger each.
Nothing in it is due, so that an engine that opens it stays idle.
"""

import argparse
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

from pandium_tui.settings import Settings
from pandium_tui.storage.database import SCHEMA_REVISION, open_store
from pandium_tui.storage.times import to_text, utc_now

INTEGRATIONS = 1000
TENANTS_EACH = 10
RELEASES_EACH = 3
RUNS = 1_000_000
HISTORY = timedelta(days=30)
KEPT_FOR = 12 * 3600
"""Seconds after which a cached store is made anew, so that some of its runs are of the last 24 hours."""
PHASES = (*["Succeeded"] * 95, *["Failed (Integration Issue)"] * 4, "Failed (Timeout)")
DEFAULT_FOLDER = Path(tempfile.gettempdir()) / "pandium-tui-benchmarks"

Row = tuple[object, ...]


def integration_name(number: int) -> str:
    """The name of an integration; names sort by number."""
    return f"integration-{number:04}"


def cached_store(folder: Path, runs: int = RUNS) -> Path:
    """The home folder of such a store, made when there is none or only an old one."""
    home = folder / f"home-{SCHEMA_REVISION}-{runs}"
    made = home / "made"
    if made.exists() and time.time() - made.stat().st_mtime < KEPT_FOR:
        return home
    shutil.rmtree(home, ignore_errors=True)
    make_store(home, runs)
    made.touch()
    return home


def make_store(home: Path, runs: int) -> None:
    """Make the store in a new home folder."""
    settings = Settings(home)
    open_store(settings).close()
    connection = sqlite3.connect(settings.store_file, isolation_level=None)
    # A crash may cost the file: it is only a benchmark's.
    for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -500000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    _insert(connection, "integration", INTEGRATION, _integrations())
    _insert(connection, "release", RELEASE, _releases())
    _insert(connection, "tenant", TENANT, _tenants())
    _insert(connection, "run", RUN, _runs(runs))
    connection.execute(
        "INSERT INTO run_trigger (tenant_id, source, mode, headers, scheduled_for, created_by, created_date, run_id)"
        " SELECT tenant_id, 'cron', mode, '{}', created_date, 'scheduler', created_date, id FROM run"
    )
    connection.execute(
        "UPDATE tenant SET last_run_id = (SELECT max(id) FROM run WHERE run.tenant_id = tenant.id),"
        " last_successful_run_id ="
        " (SELECT max(id) FROM run WHERE run.tenant_id = tenant.id AND run.phase = 'Succeeded')"
    )
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


INTEGRATION = (
    "id, name, long_name, type, repository_url, repository_tracking_branch, repository_path, default_release_id,"
    " paused_by_default, archived, polling_interval, created_date, modified_date"
)
RELEASE = (
    "id, integration_id, name, 'commit', branch, path, base, build_command, run_command, directory, path_entries,"
    " warnings, status, started_by, attempt, created_date, modified_date"
)
TENANT = (
    "id, name, integration_id, integration_release_channel, configs, paused, user_schedule, schedule, timezone,"
    " next_run, source, archived, metadata, created_date, modified_date"
)
RUN = (
    "id, tenant_id, integration_id, release_id, mode, phase, time_limit, configs, exit_code, state, warnings,"
    " log_bytes, attempt, created_date, started_date, completed_date"
)


def _insert(connection: sqlite3.Connection, table: str, columns: str, rows: Iterator[Row]) -> None:
    marks = ", ".join("?" * (columns.count(",") + 1))
    connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


def _integrations() -> Iterator[Row]:
    born = to_text(utc_now() - HISTORY)
    for number in range(1, INTEGRATIONS + 1):
        name = integration_name(number)
        url = f"https://git.example.com/{name}.git"
        default = RELEASES_EACH * number
        yield number, name, f"Integration {number}", "Internal", url, "main", "", default, False, False, 0, born, born


def _releases() -> Iterator[Row]:
    born = to_text(utc_now() - HISTORY)
    for number in range(1, INTEGRATIONS * RELEASES_EACH + 1):
        parent = (number - 1) // RELEASES_EACH + 1
        yield (
            number, parent, f"1.{number}", f"{number:040x}", "main", "", "python:3.11", "true", "true", "", "[]",
            "[]", "Ready", "cli", 1, born, born,
        )  # fmt: skip


def _tenants() -> Iterator[Row]:
    born, far = to_text(utc_now() - HISTORY), to_text(utc_now() + timedelta(days=3650))
    for number in range(1, INTEGRATIONS * TENANTS_EACH + 1):
        schedule = f"{number % 60} {number % 24} * * *"
        yield (
            number, f"tenant-{number:05}", (number - 1) // TENANTS_EACH + 1, "Latest", '{"batch": 50}', False,
            schedule, schedule, "UTC", far, "hub", False, "{}", born, born,
        )  # fmt: skip


def _runs(count: int) -> Iterator[Row]:
    tenants, now, chance = INTEGRATIONS * TENANTS_EACH, utc_now(), Random(1)
    for number in range(1, count + 1):
        tenant = (number - 1) % tenants + 1
        parent = (tenant - 1) // TENANTS_EACH + 1
        begun = to_text(now - HISTORY * (count - number) / count - timedelta(minutes=2))
        ended = to_text(now - HISTORY * (count - number) / count - timedelta(minutes=1))
        phase = chance.choice(PHASES)
        exit_code, state = (0, '{"cursor": 1}') if phase == "Succeeded" else (1, None)
        yield (
            number, tenant, parent, parent * RELEASES_EACH, "normal", phase, 600, '{"batch": 50}', exit_code, state,
            "[]", 4096, 1, begun, begun, ended,
        )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where made stores are kept")
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    print(cached_store(options.folder, options.runs))


if __name__ == "__main__":
    main()
