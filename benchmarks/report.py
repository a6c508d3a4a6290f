"""What every benchmark prints: one line per measure, with the ratio to a baseline of the same run and the budget."""

import argparse
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median


@dataclass(frozen=True, slots=True)
class Budget:
    """What a measure should keep to: a value in its unit, or a ratio to the baseline (docs: what good looks like)."""

    limit: float
    of_ratio: bool = False
    at_least: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value keeps to it."""
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, slots=True)
class Line:
    """One measure.

    Attributes:
        measure: what was measured.
        unit: of the values.
        values: one per round.
        baseline: the values of what it is compared with, from the same run.
        budget: what it should keep to.
    """

    measure: str
    unit: str
    values: Sequence[float]
    baseline: Sequence[float] = ()
    budget: Budget | None = None

    @property
    def ratio(self) -> float | None:
        """Median to median of the baseline."""
        return median(self.values) / median(self.baseline) if self.baseline else None

    @property
    def ratio_of_best(self) -> float | None:
        """The same of the best rounds, which a busy machine disturbs least."""
        return self.best_of(self.values) / self.best_of(self.baseline) if self.baseline else None

    def best_of(self, values: Sequence[float]) -> float:
        """The best value: the highest of a rate, the lowest of anything else."""
        return max(values) if self.unit.endswith("/s") else min(values)

    @property
    def verdict(self) -> str:
        """The budget and whether it holds."""
        if self.budget is None:
            return ""
        value = self.ratio if self.budget.of_ratio else median(self.values)
        assert value is not None
        unit = "x" if self.budget.of_ratio else f" {self.unit}"
        side = "at least" if self.budget.at_least else "at most"
        return f"{side} {self.budget.limit:g}{unit}: {'holds' if self.budget.holds(value) else 'OVER BUDGET'}"


def arguments(description: str, *, rounds: int) -> argparse.ArgumentParser:
    """A parser with the options all benchmarks share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds, help=f"interleaved rounds (default {rounds})")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def show(benchmark: str, lines: Sequence[Line], *, as_json: bool) -> None:
    """Print the lines."""
    facts = {
        "benchmark": benchmark,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }
    if as_json:
        print(json.dumps({**facts, "lines": [_as_json(line) for line in lines]}, indent=2))
        return
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    header = ("measure", "unit", "median", "best", "rounds", "ratio", "of best", "budget")
    _print_aligned([header, *(_cells(line) for line in lines)])


def _cells(line: Line) -> tuple[str, ...]:
    numbers = [median(line.values), line.best_of(line.values)]
    ratios = [line.ratio, line.ratio_of_best]
    return (
        line.measure,
        line.unit,
        *(f"{number:.4g}" if number < 1000 else f"{number:,.0f}" for number in numbers),
        str(len(line.values)),
        *("" if ratio is None else f"{ratio:.2f}x" for ratio in ratios),
        line.verdict,
    )


def _print_aligned(rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if index in (0, 1, len(row) - 1) else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def _as_json(line: Line) -> dict[str, object]:
    return {
        **asdict(line),
        "median": median(line.values),
        "best": line.best_of(line.values),
        "ratio": line.ratio,
        "ratio_of_best": line.ratio_of_best,
        "verdict": line.verdict or None,
    }
