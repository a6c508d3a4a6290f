"""The command line, as a person or script meets it: a process for each command, exit statuses, JSON.

To start Python and import the program is most of what a command costs. So the processes are forked from one that has
imported it, and begin where ``python -m pandium_tui`` does. What a start from nothing is worth is seen where one is
asked for (``anew``).
"""

import io
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SECONDS = 120
"""In which a command has ended."""

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.cli.whole_program"])


class CommandLine:
    """Runs the program over one home folder.

    Args:
        home: the folder.
        anew: start Python for each command.
    """

    def __init__(self, home: Path, *, anew: bool = False) -> None:
        self.home = home
        self._run = start if anew else fork

    def run(self, *arguments: str, stdin: str = "", folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """The program, ended."""
        return self._run(["--home", str(self.home), *arguments], stdin, folder or Path.cwd())

    def json(self, *arguments: str, status: int = 0) -> Any:
        """What a command prints with --json."""
        done = self.run(*arguments, "--json")
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout)

    def refused(self, *arguments: str) -> tuple[int, str]:
        """Status and message of a command that does not do what it was asked."""
        done = self.run(*arguments)
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr


def start(arguments: Sequence[str], stdin: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The program in a Python of its own."""
    command = [sys.executable, "-m", "pandium_tui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, input=stdin, cwd=folder, timeout=SECONDS)


def fork(arguments: Sequence[str], stdin: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The program in a fork of a process that has imported it."""
    with tempfile.TemporaryDirectory(prefix="streams-") as streams:
        files = [Path(streams, name) for name in ("stdin", "stdout", "stderr")]
        files[0].write_text(stdin)
        process = _forks.Process(target=_be_the_program, args=(arguments, dict(os.environ), folder, files))
        process.start()
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
            raise AssertionError(f"{arguments} had not ended after {SECONDS} s: {files[2].read_text()}")
        return subprocess.CompletedProcess(
            arguments, process.exitcode, stdout=files[1].read_text(), stderr=files[2].read_text()
        )


def _be_the_program(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, files: Sequence[Path]
) -> None:
    """Become what was started with these arguments, this environment, in this folder, with files for its streams."""
    for number, file in enumerate(files):
        opened = os.open(file, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(os.fdopen(number, mode, closefd=False), encoding="utf-8", line_buffering=number == 2)
        for number, mode in enumerate(("rb", "wb", "wb"))
    )
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.argv = ["pandium-tui", *arguments]
    from pandium_tui.__main__ import main

    main()
