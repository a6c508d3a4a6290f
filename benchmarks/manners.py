"""Keys, idling and following in a terminal, beside other Textual programs: python -m benchmarks.manners"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from benchmarks.make_store import DEFAULT_FOLDER, RUNS, cached_store, integration_name
from benchmarks.report import Budget, Line, arguments, show
from benchmarks.small_store import plain_connection, small_store
from benchmarks.startup import AWAITED, BARE_APP, TABLE_APP
from benchmarks.terminal import Terminal
from pandium_tui.storage.times import utc_now

DOWN = b"\x1b[B"
F6 = b"\x1b[17~"
PAUSE = 0.2
"""Seconds between the answer to one key and the next key."""
SETTLED_AFTER = 6.0
"""Seconds after which a program has done what it puts off at its start."""
ONE_ROW = 500
"""Bytes that one changed row may take; a down key changes two."""
ROWS = 60
"""In the lists of the others; more than fit."""
FOLLOWED = "while :; do echo synchronised contact $((n = n + 1)) of a list that does not end; done"
"""A run that prints as fast as bash can."""

EVERY_PROGRAM = {"LANG": "C.UTF-8", "TERM": "xterm-256color", "COLORTERM": "truecolor"}


@dataclass(frozen=True, slots=True)
class Target:
    """A program, the text that says its first screen can be used, and the keys that bring the cursor into its list."""

    name: str
    command: Sequence[str]
    awaited: str
    to_list: Sequence[bytes] = ()
    has_list: bool = True
    environment: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(slots=True)
class Found:
    """What was measured of a program, one value per round; idling is scaled to a minute."""

    first_paint: list[float] = field(default_factory=list)
    usable: list[float] = field(default_factory=list)
    key_p50: list[float] = field(default_factory=list)
    key_p99: list[float] = field(default_factory=list)
    key_bytes: list[float] = field(default_factory=list)
    key_most_bytes: list[float] = field(default_factory=list)
    key_processor: list[float] = field(default_factory=list)
    idle_bytes: list[float] = field(default_factory=list)
    idle_processor: list[float] = field(default_factory=list)
    resident: list[float] = field(default_factory=list)


MEASURES = (
    ("first paint", "ms", "first_paint", Budget(1.3, of_ratio=True)),
    ("usable", "ms", "usable", Budget(2.0, of_ratio=True)),
    ("down key to paint, p50", "ms", "key_p50", None),
    ("down key to paint, p99", "ms", "key_p99", Budget(50)),
    ("CPU of a down key", "ms", "key_processor", None),
    ("bytes of a down key, p50", "B", "key_bytes", Budget(2 * ONE_ROW)),
    ("bytes of a down key, most", "B", "key_most_bytes", None),
    ("bytes of an idle minute", "B", "idle_bytes", Budget(0)),
    ("CPU of an idle minute", "ms", "idle_processor", Budget(600)),
    ("resident memory", "MiB", "resident", None),
)


def main() -> None:
    parser = arguments(__doc__ or "", rounds=2)
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where the made store is kept")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs in the store")
    parser.add_argument("--posting", metavar="PROGRAM", help="Posting, in an environment of its own")
    parser.add_argument("--harlequin", metavar="PROGRAM", help="Harlequin, in an environment of its own")
    parser.add_argument("--idle", type=float, default=20, help="seconds of idling and of following (default 20)")
    parser.add_argument("--keys", type=int, default=40, help="down keys per round (default 40)")
    options = parser.parse_args()
    home = cached_store(options.folder, options.runs)
    with TemporaryDirectory() as folder:
        targets = list(_targets(Path(folder), home, options.posting, options.harlequin))
        found = {target.name: Found() for target in targets}
        follows: list[tuple[float, float, float]] = []
        for _ in range(options.rounds):
            for target in targets:
                _measure(target, found[target.name], folder, options.keys, options.idle)
            follows.append(_follow(folder, options.idle))
    show("manners", [*_lines(found), *_follow_lines(follows)], as_json=options.json)


def _targets(folder: Path, home: Path, posting: str | None, harlequin: str | None) -> Iterator[Target]:
    """The programs, each with a list that does not fit its screen."""
    yield Target("bare Textual", (sys.executable, "-c", BARE_APP), AWAITED, has_list=False)
    yield Target("Textual, table of 50", (sys.executable, "-c", TABLE_APP), AWAITED)
    yield Target("pandium-tui", (sys.executable, "-m", "pandium_tui", "--home", str(home)), integration_name(1))
    if posting:
        collection = folder / "requests"
        collection.mkdir()
        for number in range(1, ROWS + 1):
            request = f"name: request-{number:04}\nmethod: GET\nurl: https://example.com/{number}\n"
            (collection / f"request-{number:04}.posting.yaml").write_text(request)
        command = (posting, "--collection", str(collection))
        # The cursor begins in the field of the address.
        startup = {"POSTING_FOCUS__ON_STARTUP": "collection"}
        yield Target("Posting", command, "request-0001", environment=startup)
    if harlequin:
        database = folder / "tables.db"
        with closing(sqlite3.connect(database)) as connection:
            for number in range(1, ROWS + 1):
                connection.execute(f"CREATE TABLE table_{number:04} (a, b)")
        # Its catalog begins folded, and the cursor in the query.
        yield Target("Harlequin", (harlequin, "-a", "sqlite", str(database)), "maindb", (F6, b" "))


def _measure(target: Target, found: Found, user_home: str, keys: int, idle: float) -> None:
    """One start of a program: what it takes to be usable, then when nobody does anything, then for each key."""
    with Terminal(target.command, _environment(user_home) | target.environment) as terminal:
        start = terminal.wait_for(target.awaited)
        found.first_paint.append(start.first_paint)
        found.usable.append(start.usable)
        terminal.watch(SETTLED_AFTER)
        for key in target.to_list:
            terminal.press(key)
            terminal.watch(1)
        quiet = terminal.watch(idle)
        found.idle_bytes.append(quiet.count * 60 / idle)
        found.idle_processor.append(quiet.processor * 60 / idle)
        found.resident.append(terminal.resident())
        if target.has_list:
            answers = []
            for _ in range(keys):
                answers.append(terminal.press(DOWN))
                terminal.watch(PAUSE)
            times = [answer.first for answer in answers]
            found.key_p50.append(median(times))
            found.key_p99.append(quantiles(times, n=100, method="inclusive")[98])
            found.key_bytes.append(median(answer.count for answer in answers))
            found.key_most_bytes.append(max(answer.count for answer in answers))
            found.key_processor.append(median(answer.processor for answer in answers))


def _follow(user_home: str, seconds: float) -> tuple[float, float, float]:
    """Bytes, paints and milliseconds of CPU time per second while a log that grows fast is followed."""
    with _growing_log(user_home) as home:
        command = (sys.executable, "-m", "pandium_tui", "--home", str(home))
        with Terminal(command, _environment(user_home)) as terminal:
            terminal.wait_for("follows")
            terminal.watch(3)
            output = terminal.watch(seconds)
    return output.count / seconds, output.paints / seconds, output.processor / seconds


@contextmanager
def _growing_log(user_home: str) -> Iterator[Path]:
    """A home folder in which a run prints without end; the app opens at it."""
    with small_store(["0 0 1 1 *"], utc_now() + timedelta(days=300)) as store:
        home = store.file.parent
        with plain_connection(store) as connection:
            connection.execute("UPDATE release SET run_command = ?", (FOLLOWED,))
        command = (sys.executable, "-m", "pandium_tui", "--home", str(home), "run")
        environment = _environment(user_home)
        started = subprocess.Popen(
            (*command, "start", "1"), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            until = time.monotonic() + 60
            while not (home / "runs" / "1" / "log").exists():
                if time.monotonic() > until or started.poll() is not None:
                    raise TimeoutError("the run that is to be followed did not start")
                time.sleep(0.1)
            (home / "view.json").write_text(json.dumps({"pages": [["run", 1]]}))
            yield home
        finally:
            subprocess.run((*command, "cancel", "1"), env=environment, check=True, stdout=subprocess.DEVNULL)
            started.wait()


def _environment(user_home: str) -> dict[str, str]:
    """As a login has it, in an empty home."""
    paths = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {**EVERY_PROGRAM, **paths, "HOME": user_home}


def _lines(found: dict[str, Found]) -> Iterator[Line]:
    """Each measure of each program, beside that of the first that has it; the app has the budgets."""
    for words, unit, name, budget in MEASURES:
        baseline: list[float] = []
        for program, measured in found.items():
            values: list[float] = getattr(measured, name)
            if values:
                comparable = baseline if baseline and median(baseline) else ()
                ours = budget if program == "pandium-tui" else None
                yield Line(f"{program}: {words}", unit, values, comparable, ours)
                baseline = baseline or values


def _follow_lines(follows: Sequence[tuple[float, float, float]]) -> Iterator[Line]:
    """What following a log costs in a second."""
    counts, paints, processor = (list(values) for values in zip(*follows, strict=True))
    yield Line("pandium-tui, following a fast log: bytes of a second", "B", counts)
    yield Line("pandium-tui, following a fast log: paints of a second", "paints", paints, budget=Budget(4))
    yield Line("pandium-tui, following a fast log: CPU of a second", "ms", processor)


if __name__ == "__main__":
    main()
