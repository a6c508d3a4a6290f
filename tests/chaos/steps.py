# ruff: noqa: PTH108
"""The steps at which a process can be killed: between any two of them the truth lies elsewhere.

One step is armed for all processes together: a file says which. Who reaches it and takes the file away is killed, as
by ``kill -9``. Standard library only: supervisors load this too.
"""

import os
import signal
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

ENGINE_STEPS = {
    "slots are to be fired": ("pandium_tui.engine.engine.claim_due", "before"),
    "slots were fired": ("pandium_tui.engine.engine.claim_due", "after"),
    "triggers are to be bundled": ("pandium_tui.engine.engine.bundle_triggers", "before"),
    "triggers were bundled": ("pandium_tui.engine.engine.bundle_triggers", "after"),
    "runs are to be claimed": ("pandium_tui.engine.engine.claim_queued_runs", "before"),
    "runs were claimed": ("pandium_tui.engine.engine.claim_queued_runs", "after"),
    "the run's folder was cleared": ("pandium_tui.engine.starting.clear_folder", "after"),
    "the supervisor is to be started": ("pandium_tui.engine.starting.start_supervisor", "before"),
    "the supervisor was started": ("pandium_tui.engine.starting.start_supervisor", "after"),
    "the run was started": ("pandium_tui.engine.engine.start_run", "after"),
    "a result is to be recorded": ("pandium_tui.engine.engine.record_runs", "before"),
    "a result was recorded": ("pandium_tui.engine.engine.record_runs", "after"),
    "the run's folder was cleaned": ("pandium_tui.engine.engine.clean_run_folder", "after"),
    "a transaction is to be committed": ("sqlalchemy.orm.session.SessionTransaction.commit", "before"),
    "a transaction was committed": ("sqlalchemy.orm.session.SessionTransaction.commit", "after"),
}
"""In an engine, by name: the function and the side of it."""

RECOVERY_STEPS = {
    "a folder is to be abandoned": ("pandium_tui.engine.recovery.abandon", "before"),
    "a folder was abandoned": ("pandium_tui.engine.recovery.abandon", "after"),
    "a run is to be recovered": ("pandium_tui.engine.recovery.recover_run", "before"),
    "left-overs were ended": ("pandium_tui.engine.recovery.end_leftovers", "after"),
    "a run was recovered": ("pandium_tui.engine.recovery.recover_run", "after"),
}
"""In an engine that finds what a kill has left; each is reached only after one."""

SUPERVISOR_STEPS = {
    "the job was read": ("pandium_tui.engine.job.Job.__init__", "after"),
    "the folder is to be claimed": ("pandium_tui.engine.job.claim", "before"),
    "the folder was claimed": ("pandium_tui.engine.job.claim", "after"),
    "room for the result was reserved": ("pandium_tui.engine.supervision.Supervisor._prepare", "after"),
    "the process was started": ("pandium_tui.engine.supervision.Supervisor._start", "after"),
    "the process has ended": ("pandium_tui.engine.supervision.Supervisor._wait_for_child", "after"),
    "the result is to be written": ("pandium_tui.engine.supervision.store_result", "before"),
    "the result is to be renamed": ("os.rename", "before"),
    "the result was written": ("pandium_tui.engine.supervision.store_result", "after"),
}
"""In a supervisor."""


_rename = os.rename  # a step is laid on the one in os


def arm(folder: str, steps: list[str]) -> None:
    """Arm steps, to be reached one after another, each with how often it is passed before: ``"2 the job was read"``."""
    new = f"{folder}/armed.new"
    with open(new, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write("\n".join(steps))
    _rename(new, f"{folder}/armed")


def armed(folder: str) -> list[str]:
    """What is still armed."""
    try:
        with open(f"{folder}/armed", encoding="utf-8") as file:  # noqa: PTH123
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def reach(folder: str, step: str) -> None:
    """Die here if this is the next armed step."""
    steps = armed(folder)
    if not steps or steps[0].partition(" ")[2] != step:
        return
    taken = f"{folder}/armed.{os.getpid()}"
    try:
        _rename(f"{folder}/armed", taken)  # of several that reach it, one
    except FileNotFoundError:
        return
    os.unlink(taken)
    passes = int(steps[0].partition(" ")[0])
    if passes:
        arm(folder, [f"{passes - 1} {step}", *steps[1:]])
        return
    if steps[1:]:
        arm(folder, steps[1:])
    os.kill(os.getpid(), signal.SIGKILL)


def lay_steps(folder: str, steps: dict[str, tuple[str, str]]) -> None:
    """Make the functions of this process reach the steps.

    Raises:
        AttributeError: the program has no such function any more: the step needs another one.
    """
    for name, (path, side) in steps.items():
        owner, attribute = _owner_of(path)
        setattr(owner, attribute, _with_step(getattr(owner, attribute), folder, name, before=side == "before"))


def _with_step(function: Callable[..., Any], folder: str, step: str, *, before: bool) -> Callable[..., Any]:
    @wraps(function)
    def stepped(*args: Any, **kwargs: Any) -> Any:
        if before:
            reach(folder, step)
        result = function(*args, **kwargs)
        if not before:
            reach(folder, step)
        return result

    return stepped


def _owner_of(path: str) -> tuple[Any, str]:
    """The module or class that has the function, and the function's name in it."""
    owner_path, _, attribute = path.rpartition(".")
    module_path, _, name = owner_path.rpartition(".")
    if name[:1].isupper():
        return getattr(import_module(module_path), name), attribute
    return import_module(owner_path), attribute
