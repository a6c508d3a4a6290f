"""What each import on the way to the first screen and to a command costs: python -m benchmarks.imports"""

import subprocess
import sys

from benchmarks.report import Line, arguments, show

STEPS = {
    "the interpreter alone": "pass",
    "Textual": "import textual.app",
    "the app": "import pandium_tui.opening",
    "the command line": "import pandium_tui.cli.main",
    "SQLModel": "import sqlmodel",
    "the engine": "import pandium_tui.engine.engine",
}
MEASURED = """
import sys, time
{statement}
print(time.process_time() * 1000, len(sys.modules))
"""
SHOWN = 15
"""So many modules are named, those that cost most by themselves."""


def main() -> None:
    options = arguments(__doc__ or "", rounds=5).parse_args()
    costs: dict[str, list[float]] = {step: [] for step in STEPS}
    counts = {}
    for _ in range(options.rounds):
        for step, statement in STEPS.items():
            answer = subprocess.run(
                [sys.executable, "-c", MEASURED.format(statement=statement)], capture_output=True, text=True, check=True
            )
            milliseconds, counts[step] = answer.stdout.split()
            costs[step].append(float(milliseconds))
    alone = costs["the interpreter alone"]
    lines = [
        Line(f"{step} ({counts[step]} modules): CPU", "ms", values, () if values is alone else alone)
        for step, values in costs.items()
    ]
    show("imports", lines, as_json=options.json)
    if not options.json:
        print()
        for cost, module in _dearest(options.rounds)[:SHOWN]:
            print(f"{cost:8.1f} ms  {module}")


def _dearest(rounds: int) -> list[tuple[float, str]]:
    """The modules of the app and what each costs by itself: the least of the rounds."""
    least: dict[str, float] = {}
    for _ in range(rounds):
        answer = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", STEPS["the app"]], capture_output=True, text=True, check=True
        )
        for line in answer.stderr.splitlines()[1:]:
            own, _, module = line.removeprefix("import time:").split("|")
            cost = int(own) / 1000
            least[module.strip()] = min(cost, least.get(module.strip(), cost))
    return sorted(((cost, module) for module, cost in least.items()), reverse=True)


if __name__ == "__main__":
    main()
