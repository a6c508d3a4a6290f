"""How fast output goes through a supervisor into the log, beside cat > file: python -m benchmarks.log_pipeline"""

import os
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.report import Budget, Line, arguments, show
from pandium_tui.engine.processes import Job, read_result, start_supervisor

MIB = 1 << 20
LINE = b"x" * 79 + b"\n"
BUDGET = Budget(20, at_least=True)


def main() -> None:
    parser = arguments(__doc__ or "", rounds=5)
    parser.add_argument("--size", type=int, default=100, help="MiB of output per start (default 100)")
    options = parser.parse_args()
    size = options.size * MIB
    speeds: dict[str, list[float]] = {}
    with TemporaryDirectory() as folder:
        lines, unbroken = Path(folder) / "lines", Path(folder) / "unbroken"
        lines.write_bytes(LINE * (size // len(LINE)))
        unbroken.write_bytes(b"x" * size)
        for number in range(options.rounds + 1):
            for kind, file in (("lines", lines), ("unbroken", unbroken)):
                measured = {
                    f"cat {kind}": _speed_of_cat(file),
                    f"whole {kind}": _speed_of_supervisor(file, log_limit=100 * size),
                    f"cut {kind}": _speed_of_supervisor(file, log_limit=size // 2),
                }
                for name, speed in measured.items() if number else ():  # the first round only warms up
                    speeds.setdefault(name, []).append(speed)
    show(
        "log_pipeline",
        [
            Line("lines of 80 bytes, cat | cat > file", "MiB/s", speeds["cat lines"]),
            Line(
                "lines of 80 bytes, supervisor, all kept", "MiB/s", speeds["whole lines"], speeds["cat lines"], BUDGET
            ),
            Line(
                "lines of 80 bytes, supervisor, cut to half", "MiB/s", speeds["cut lines"], speeds["cat lines"], BUDGET
            ),
            Line("no newlines, cat | cat > file", "MiB/s", speeds["cat unbroken"]),
            Line(
                "no newlines, supervisor, all kept", "MiB/s", speeds["whole unbroken"], speeds["cat unbroken"], BUDGET
            ),
            Line(
                "no newlines, supervisor, cut to half", "MiB/s", speeds["cut unbroken"], speeds["cat unbroken"], BUDGET
            ),
        ],
        as_json=options.json,
    )


def _speed_of_cat(file: Path) -> float:
    with TemporaryDirectory(dir=file.parent) as folder:
        begun = time.perf_counter()
        subprocess.run(["bash", "-c", f"cat {file} | cat > {folder}/log"], check=True)
        return file.stat().st_size / MIB / (time.perf_counter() - begun)


def _speed_of_supervisor(file: Path, log_limit: int) -> float:
    """From the start of the supervisor to its end, so it contains what a start costs."""
    with TemporaryDirectory(dir=file.parent) as folder:
        job = Job(
            folder=Path(folder),
            token="claim",
            commands=(("cat", str(file)),),
            directory=Path(folder),
            environment={"PATH": os.defpath},
            time_limit=600,
            log_limit=log_limit,
            state_limit=1 << 16,
        )
        begun = time.perf_counter()
        start_supervisor(job).wait()
        elapsed = time.perf_counter() - begun
        result = read_result(Path(folder))
        if result is None or result.exit_code != 0:
            raise RuntimeError(f"the supervisor did not end well: {result}")
        return file.stat().st_size / MIB / elapsed


if __name__ == "__main__":
    main()
