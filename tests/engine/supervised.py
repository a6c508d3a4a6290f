"""Starting real supervisors in tests, and making sure that nothing of them is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pandium_tui.engine.logs import LogReader, LogRecord
from pandium_tui.engine.processes import Job, Result, end_leftovers, identity_of, read_result, start_supervisor

TOKEN = "claim"


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return as soon as the condition holds; fail when it does not in time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not reached within {seconds} s"
        time.sleep(0.005)


def alive(pid: int) -> bool:
    return identity_of(pid) is not None


def environment(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "TMPDIR": str(folder / "tmp"), "PYTHON": sys.executable, **(more or {})}


def job_for(folder: Path, commands: Sequence[Sequence[str]], /, **changes: Any) -> Job:
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "tmp").mkdir(exist_ok=True)
    job = Job(
        folder=folder,
        token=TOKEN,
        commands=commands,
        directory=folder,
        environment=environment(folder),
        time_limit=60,
        grace=5,
        log_limit=50 * 1024 * 1024,
        state_limit=64 * 1024,
    )
    return replace(job, **changes)


class Supervised:
    """A started job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.folder = job.folder
        self.process: subprocess.Popen[bytes] = start_supervisor(job)

    def result(self) -> Result:
        """Wait for the supervisor's end and read what it left."""
        assert self.process.wait(60) == 0
        result = read_result(self.folder)
        assert result is not None
        return result

    def cancel(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def records(self) -> list[LogRecord]:
        return all_records(LogReader(self.folder))

    def texts(self, stream: str) -> list[str]:
        return [record.text for record in self.records() if record.stream == stream]

    def pid_in(self, name: str) -> int:
        """The pid that a process of the job has written to a file."""
        file = self.folder / name
        wait_until(lambda: file.exists() and file.read_text().endswith("\n"))
        return int(file.read_text())

    def clean_up(self) -> int:
        """End what is left; how many processes there were."""
        self.process.kill()
        self.process.wait()
        return end_leftovers(Path(self.job.environment["TMPDIR"]))


def all_records(reader: LogReader, place: int = 0, limit: int = 64 * 1024) -> list[LogRecord]:
    records: list[LogRecord] = []
    while (page := reader.read(place, limit)).records:
        records += page.records
        assert page.end > place
        place = page.end
    return records
