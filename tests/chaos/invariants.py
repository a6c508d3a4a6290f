"""What must hold however often who was killed."""

from collections import Counter
from datetime import datetime, timedelta

from pandium_tui.engine.logs import LogReader
from tests.chaos.world import World

ENDED = ("Succeeded", "Failed (Platform Issue)", "Cancelled")
"""The phases a run of the harness can end in: its own code never fails."""

LEAVES_A_PROCESS = 2
"""Each run with an id that this divides leaves a process (``integration.sh``)."""


def broken_invariants(world: World, since_run: int) -> list[str]:
    """What does not hold, in words; empty when all is true. Runs up to ``since_run`` were looked at before.

    Nothing may be going on.
    """
    return [
        *_runs(world, since_run),
        *_slots(world),
        *_states(world),
        *_processes(world),
        *(world.ledger / "problems").read_text().splitlines(),
    ]


def _runs(world: World, since: int) -> list[str]:
    problems = []
    started = Counter(int(line.split()[0]) for line in (world.ledger / "started").read_text().splitlines())
    known = dict(world.rows("SELECT id, phase FROM run"))
    problems += [f"run {one} was started {count} times" for one, count in started.items() if count > 1]
    problems += [f"a process was started for run {one}, which is in no row" for one in started if one not in known]
    for run_id, phase, reason, state, completed in world.rows(
        "SELECT id, phase, reason, state, completed_date FROM run WHERE id > ?", since
    ):
        if phase not in ENDED or completed is None:
            problems.append(f"run {run_id} ended as {phase} ({reason}), completed {completed}")
        if phase == "Succeeded":
            problems += _log(world, run_id, state)
            if not started[run_id]:
                problems.append(f"run {run_id} succeeded and was never started")
        elif not reason:
            problems.append(f"run {run_id} ended as {phase} without a reason")
        if (world.settings.run_folder(run_id) / "tmp").exists() and phase == "Succeeded":
            problems.append(f"run {run_id} left its temporary folder")
    return problems


def _log(world: World, run_id: int, state: str | None) -> list[str]:
    printed = [record.text for record in LogReader(world.settings.run_folder(run_id)).read(0).records]
    if sorted(printed) != sorted(["line 1", "line 2", "line 3", str(state), *_notes(run_id)]):
        return [f"the log of run {run_id} is not whole: {printed}, state {state}"]
    return []


def _notes(run_id: int) -> list[str]:
    return [] if run_id % LEAVES_A_PROCESS else ["1 processes it left running were ended"]


def _slots(world: World) -> list[str]:
    """Each minute of each tenant fired once or is on record as skipped, never both."""
    problems = []
    for tenant_id in world.tenant_ids:
        slots = [
            datetime.fromisoformat(one)
            for (one,) in world.rows(
                "SELECT scheduled_for FROM run_trigger WHERE tenant_id = ? AND source = 'cron'", tenant_id
            )
        ]
        for first, count in world.rows("SELECT first_slot, slots FROM skipped_slots WHERE tenant_id = ?", tenant_id):
            slots += [datetime.fromisoformat(first) + timedelta(minutes=number) for number in range(count)]
        times = Counter(slots)
        problems += [
            f"slot {one} of tenant {tenant_id} is there {count} times" for one, count in times.items() if count > 1
        ]
        missing = (max(slots) - min(slots)) // timedelta(minutes=1) + 1 - len(times)
        if missing:
            problems.append(f"{missing} slots of tenant {tenant_id} are lost")
    return problems


def _states(world: World) -> list[str]:
    """The state of a tenant counts its runs that succeeded, one after another."""
    problems = []
    for tenant_id in world.tenant_ids:
        states = [
            one
            for (one,) in world.rows(
                "SELECT state FROM run WHERE tenant_id = ? AND phase = 'Succeeded' ORDER BY id", tenant_id
            )
        ]
        if states != [str(number + 1) for number in range(len(states))]:
            problems.append(f"the states of tenant {tenant_id} are {states[-10:]}, after {len(states)} successes")
    return problems


def _processes(world: World) -> list[str]:
    return [f"process {pid} of a run was left" for pid, _ in world.processes_of_runs()]
