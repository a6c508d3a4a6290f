"""Engines and supervisors that are killed at every step keep every promise."""

import subprocess
import sys
from pathlib import Path

ROUNDS = 200


def test_whoever_is_killed_each_slot_runs_once_and_all_that_began_ends() -> None:
    chaos = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--rounds", str(ROUNDS)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert chaos.returncode == 0, chaos.stdout + chaos.stderr[-4000:]
