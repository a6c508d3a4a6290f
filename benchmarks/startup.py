"""Start-up of the app on a large store, beside bare Textual apps: python -m benchmarks.startup"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.make_store import DEFAULT_FOLDER, RUNS, cached_store, integration_name
from benchmarks.report import Budget, Line, arguments, show
from benchmarks.terminal import Start, measure_start

AWAITED = "the-text-that-is-awaited"

BARE_APP = f"""
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("{AWAITED}")

Bare().run()
"""

TABLE_APP = f"""
from textual.app import App
from textual.widgets import DataTable, Footer, Static

class Table(App):
    BINDINGS = [("q", "quit", "Leave"), ("slash", "filter", "Filter"), ("n", "new", "New")]

    def compose(self):
        yield Static("a line above")
        yield DataTable(cursor_type="row")
        yield Static("a line below")
        yield Footer()

    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns(*"abcdefgh")
        for number in range(50):
            table.add_row("{AWAITED}", *(str(number) for _ in range(7)))

Table().run()
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A program and the text that says its first screen can be used."""

    name: str
    command: Sequence[str]
    awaited: str


def main() -> None:
    parser = arguments(__doc__ or "", rounds=5)
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where the made store is kept")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs in the store")
    options = parser.parse_args()
    home = cached_store(options.folder, options.runs)
    bare = Target("bare Textual", (sys.executable, "-c", BARE_APP), AWAITED)
    table = Target("Textual, table of 50 and footer", (sys.executable, "-c", TABLE_APP), AWAITED)
    app = Target("pandium-tui", (sys.executable, "-m", "pandium_tui", "--home", str(home)), integration_name(1))
    starts = measure((bare, table, app), options.rounds)
    show("startup", list(_lines(starts, bare, app)), as_json=options.json)


def measure(targets: Sequence[Target], rounds: int) -> dict[Target, list[Start]]:
    """The starts of each target in interleaved rounds; one more round before them warms up."""
    starts: dict[Target, list[Start]] = {target: [] for target in targets}
    with TemporaryDirectory() as empty:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": empty,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
        for number in range(rounds + 1):
            for target in targets:
                start = measure_start(target.command, environment, target.awaited)
                if number:
                    starts[target].append(start)
    return starts


def _lines(starts: dict[Target, list[Start]], bare: Target, app: Target) -> list[Line]:
    """Each measure of each target, beside that of the bare app; the app has the budgets."""
    lines = []
    for measure_name, field, limit in (
        ("first paint", "first_paint", 1.3),
        ("usable", "usable", 2.0),
        ("CPU until usable", "processor", None),
    ):
        values = {target: [getattr(start, field) for start in found] for target, found in starts.items()}
        for target in starts:
            budget = Budget(limit, of_ratio=True) if target is app and limit else None
            baseline = () if target is bare else values[bare]
            lines.append(Line(f"{target.name}: {measure_name}", "ms", values[target], baseline, budget))
    return lines


if __name__ == "__main__":
    main()
