"""How fast output goes through a supervisor into the log, beside cat > file: python -m benchmarks.log_pipeline"""

import os
import subprocess
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.report import Budget, Line, arguments, show
from pandium_tui.engine.processes import Job, read_result, start_supervisor
from pandium_tui.engine.secret_forms import needles

MIB = 1 << 20
LINE = b"x" * 79 + b"\n"
BUDGET = Budget(20, at_least=True)
SECRETS = 50


def main() -> None:
    parser = arguments(__doc__ or "", rounds=5)
    parser.add_argument("--size", type=int, default=100, help="MiB of output per start (default 100)")
    options = parser.parse_args()
    size = options.size * MIB
    speeds: dict[str, list[float]] = {}
    with TemporaryDirectory() as folder:
        lines, unbroken, like_a_log = (Path(folder) / name for name in ("lines", "unbroken", "log-lines"))
        lines.write_bytes(LINE * (size // len(LINE)))
        unbroken.write_bytes(b"x" * size)
        secrets = _secrets(Random(1))
        like_a_log.write_bytes(_log_lines(secrets, Random(2)) * (size // MIB))
        for number in range(options.rounds + 1):
            for kind, file in (("lines", lines), ("unbroken", unbroken), ("log", like_a_log)):
                measured = {
                    f"cat {kind}": _speed_of_cat(file),
                    f"whole {kind}": _speed_of_supervisor(file, log_limit=100 * size),
                    f"cut {kind}": _speed_of_supervisor(file, log_limit=size // 2),
                }
                measured[f"secrets {kind}"] = _speed_of_supervisor(file, 100 * size, needles(secrets))
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
            Line("JSON log lines, cat | cat > file", "MiB/s", speeds["cat log"]),
            *(
                Line(
                    f"{words}, {SECRETS} secrets masked",
                    "MiB/s",
                    speeds[f"secrets {kind}"],
                    speeds[f"cat {kind}"],
                    BUDGET,
                )
                for kind, words in (
                    ("log", "JSON log lines"),
                    ("lines", "lines of 80 bytes"),
                    ("unbroken", "no newlines"),
                )
            ),
        ],
        as_json=options.json,
    )


def _speed_of_cat(file: Path) -> float:
    with TemporaryDirectory(dir=file.parent) as folder:
        begun = time.perf_counter()
        subprocess.run(["bash", "-c", f"cat {file} | cat > {folder}/log"], check=True)
        return file.stat().st_size / MIB / (time.perf_counter() - begun)


def _secrets(chance: Random) -> list[str]:
    """Tokens as vendors make them, of 20 to 60 characters."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+="
    return ["".join(chance.choices(letters, k=chance.randint(20, 60))) for _ in range(SECRETS)]


def _log_lines(secrets: list[str], chance: Random) -> bytes:
    """A MiB of log lines, one in a hundred with a secret; ids of 32 hex digits, as traces and requests have them."""
    lines: list[str] = []
    size = 0
    while size < MIB:
        word = chance.choice(secrets) if chance.random() < 0.01 else f"{chance.getrandbits(128):032x}"
        lines.append(f'{{"level": "info", "request": "{word}", "message": "synchronised contact {len(lines)}"}}\n')
        size += len(lines[-1])
    return "".join(lines).encode()[:MIB]


def _speed_of_supervisor(file: Path, log_limit: int, to_mask: frozenset[bytes] = frozenset()) -> float:
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
            needles=to_mask,
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
