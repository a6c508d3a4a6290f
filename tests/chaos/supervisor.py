"""A supervisor that can be killed at its steps. Its program is made anew for each harness, with its folder in it."""

import sys
from pathlib import Path

from tests.chaos.steps import SUPERVISOR_STEPS, lay_steps

PROGRAM = """
import sys
sys.path.append({root!r})
from tests.chaos.supervisor import main
sys.exit(main({folder!r}))
"""


def program(folder: Path) -> Path:
    """Write the program of a supervisor that looks into this folder for what is armed."""
    file = folder / "supervisor.py"
    file.write_text(PROGRAM.format(root=str(Path(__file__).parents[2]), folder=str(folder)), encoding="utf-8")
    return file


def main(folder: str) -> int:
    """Lay the steps and be a supervisor."""
    lay_steps(folder, SUPERVISOR_STEPS)
    from pandium_tui.engine import supervisor

    return supervisor.main()


if __name__ == "__main__":
    sys.exit("start it by the program that program() writes")
