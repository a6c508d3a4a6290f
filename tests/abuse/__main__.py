"""Runs that behave as badly as they can, and a store that somebody keeps locked: what holds, and what it costs.

Takes some minutes. Needs 200 MiB of disk: what a run prints is cut at the limit of its log.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from pandium_tui.builds.containers import LABEL, installation_of
from pandium_tui.engine.isolation import choose_isolation
from pandium_tui.hub import runs
from pandium_tui.storage.times import to_text, utc_now
from pandium_tui.storage.vocabulary import CANCELLED, FAILED_INTEGRATION, FAILED_TIMEOUT, SUCCEEDED
from tests.abuse.cgroup import at_most
from tests.abuse.world import Seen, abuse, world
from tests.containers.podman import IMAGE, PodmanMissingError, find_way, podman
from tests.engine.test_locked_store import locked
from tests.scenario import ACTOR, lay_toolchain, manifest
from tests.waiting import wait_for

GRACE = 2
"""Seconds between SIGTERM and SIGKILL."""

PROMPTLY = 30.0
"""Seconds in which what is ended is gone, on a busy machine."""

PROCESSES = 400
"""As many a fork bomb may have here."""

BOMB = "echo begun >&2; bomb() { bomb | bomb & }; bomb; sleep 1000"

Outcome = tuple[str, list[str]]
"""What was observed, and what does not hold."""


class NotHereError(Exception):
    """It cannot be tried on this machine; the text says why."""


def ended(seen: Seen, *phases: str, within: float | None = None) -> Outcome:
    """What is expected of every run, and how this one ends."""
    seen.expect(seen.run.phase in phases, f"it is {seen.run.phase}, not {' or '.join(phases)}")
    if within is not None:
        seen.expect(seen.seconds <= within, f"it took longer than {within:g} s")
    return str(seen), seen.problems


def ten_gigabytes(folder: Path) -> Outcome:
    """Lines of 80 bytes on stderr, 10 GB of them; its state is kept all the same."""
    line = "0123456789" * 8
    with world(folder, "flood") as scenario:
        seen = abuse(scenario, f"yes {line[:79]} | head -c 10000000000 >&2; echo 42")
    seen.expect(seen.run.state == "42", f"its state is {seen.run.state!r}")
    return ended(seen, SUCCEEDED)


def no_newline(folder: Path) -> Outcome:
    """1 GB on stdout without a newline, which is a state too large to be kept."""
    with world(folder, "line") as scenario:
        seen = abuse(scenario, "head -c 1000000000 /dev/zero | tr '\\0' x")
    seen.expect(seen.run.state is None, "its state was kept")
    return ended(seen, FAILED_INTEGRATION)


def daemons(folder: Path) -> Outcome:
    """Two processes in sessions of their own, one of them deaf to SIGTERM, are left running; the run itself ends."""
    deaf = "setsid bash -c 'trap \"\" TERM; while :; do sleep 1000; done' > /dev/null 2>&1 &"
    with world(folder, "daemon") as scenario:
        seen = abuse(scenario, f"({deaf}); (setsid sleep 1000 &); sleep 0.5; echo 42")
    seen.expect(seen.run.state == "42", f"its state is {seen.run.state!r}")
    seen.expect(any("left running" in one for one in seen.run.warnings), "nothing is said of what it left running")
    return ended(seen, SUCCEEDED, within=PROMPTLY)


def deaf_to_sigterm(folder: Path) -> Outcome:
    """Ignores SIGTERM, as do its children, and is cancelled."""
    with world(folder, "deaf", kill_grace=GRACE) as scenario:
        seen = abuse(
            scenario,
            "trap '' TERM; (while :; do sleep 1000; done) & echo begun >&2; while :; do sleep 1000; done",
            meanwhile=lambda run: runs.cancel_run(scenario.store, run.id, ACTOR),
        )
    seen.expect(seen.seconds >= GRACE, "it had no time to stop by itself")
    return ended(seen, CANCELLED, within=GRACE + PROMPTLY)


def stopped(folder: Path) -> Outcome:
    """Stops itself (SIGSTOP), which no handler of its own ends: the time limit does."""
    with world(folder, "stopped", kill_grace=GRACE) as scenario:
        seen = abuse(scenario, "kill -STOP $$; sleep 1000", time_limit=3)
    return ended(seen, FAILED_TIMEOUT, within=3 + GRACE + PROMPTLY)


def closed_outputs(folder: Path) -> Outcome:
    """Closes its stdout and stderr and goes on: its end is that of the process, not of its output."""
    with world(folder, "closed") as scenario:
        seen = abuse(scenario, "echo 42; exec >&- 2>&-; sleep 3; exit 0")
    seen.expect(seen.seconds >= 3, "it was taken as ended when it closed its outputs")
    seen.expect(seen.run.state == "42", f"its state is {seen.run.state!r}")
    return ended(seen, SUCCEEDED, within=3 + PROMPTLY)


def fork_bomb(folder: Path) -> Outcome:
    """On this machine: under ``isolation_pids``; root, whom that does not hold, in a cgroup with a limit."""
    settings = {"kill_grace": GRACE, "isolation_pids": PROCESSES}
    with at_most(PROCESSES) as group:
        if os.geteuid() == 0 and group is None:
            raise NotHereError("nothing limits the processes of root here: no cgroup can be made")
        with world(folder, "bomb", **settings) as scenario:
            if group is None and choose_isolation(scenario.store.settings).bubblewrap is None:
                raise NotHereError("nothing limits processes here: bubblewrap does not work")
            words, problems = ended(abuse(scenario, BOMB, time_limit=5), FAILED_TIMEOUT, within=5 + GRACE + PROMPTLY)
            again = scenario.run(scenario.tenant(1, "globex").id)
    if again.phase != FAILED_TIMEOUT:
        problems.append(f"the next run is {again.phase}")
    limit = f"cgroup {group.parent}" if group else "isolation_pids"
    return f"{limit}, {PROCESSES} processes: {words}", problems


def fork_bomb_in_container(folder: Path) -> Outcome:
    """In a container of Podman under ``container_pids``."""
    try:
        way = find_way(folder)
    except (OSError, PodmanMissingError) as error:
        raise NotHereError(str(error)) from error
    home = folder / "contained" / "home"
    with world(
        folder, "contained", kill_grace=GRACE, executor="podman", container_pids=PROCESSES,
        engine_arguments=way[0], container_arguments=way[1],
    ) as scenario:  # fmt: skip
        (home / "base_images.toml").write_text(f'go = "{IMAGE}"\n')
        seen = abuse(scenario, BOMB, time_limit=5)
        mine = f"label={LABEL}.installation={installation_of(home)}"
        left = podman("ps", "-a", "--filter", mine, "--format", "{{.Names}}").stdout.split()
        podman(*way[0], "rmi", "-f", *podman("images", "-q", "--filter", mine).stdout.split())
    seen.expect(not left, f"containers are left: {left}")
    return ended(seen, FAILED_TIMEOUT, within=5 + GRACE + 2 * PROMPTLY)


def locked_store(folder: Path) -> Outcome:
    """Another process writes for a minute without an end, while a run ends and a slot comes."""
    with world(folder, "locked") as scenario:
        integration_id = scenario.integration({"PANDIUM.yaml": manifest("sleep 5; echo 42")})
        scenario.build(integration_id)
        tenant = scenario.tenant(integration_id, user_schedule="@yearly", paused=False)
        begun = scenario.start(tenant.id)
        wait_for(lambda: runs.run(scenario.store, begun.id).phase == "Running", "begin of the run")
        due = to_text(utc_now() + timedelta(seconds=10))
        with scenario.store.writing() as session:
            session.connection().exec_driver_sql("UPDATE tenant SET next_run = ?", (due,))
        with locked(scenario.store):
            wait_for(lambda: scenario.engine.trouble, "word of the trouble")
            trouble = scenario.engine.trouble
            time.sleep(60)  # a minute is what is tried
        free = time.monotonic()
        first = scenario.ended(begun.id)
        wait_for(lambda: len(runs.runs(scenario.store, tenant_id=tenant.id)) == 2, "run of the slot")
        seconds = time.monotonic() - free
        for run in runs.runs(scenario.store, tenant_id=tenant.id):
            scenario.ended(run.id)
        with scenario.store.reading() as reader:
            [(slots,)] = reader.execute("SELECT count(*) FROM run_trigger WHERE source = 'cron'").fetchall()
    problems = [] if (first.state, slots) == ("42", 1) else [f"state {first.state!r}, {slots} triggers of one slot"]
    told = f"said meanwhile: {trouble!r}"
    return f"all done once, {seconds:.1f} s after the lock was gone; {told}", problems


CASES: dict[str, Callable[[Path], Outcome]] = {
    one.__name__: one
    for one in (
        *(ten_gigabytes, no_newline, daemons, deaf_to_sigterm, stopped, closed_outputs),
        *(fork_bomb, fork_bomb_in_container, locked_store),
    )
}


def say(text: str) -> None:
    """To whoever started it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """The exit status is 1 when something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.abuse", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"one of {', '.join(CASES)}; all without")
    names = parser.parse_args().cases or list(CASES)
    if unknown := [name for name in names if name not in CASES]:
        parser.error(f"there is no {unknown[0]}")
    held = True
    with tempfile.TemporaryDirectory(prefix="abuse-") as place:
        os.environ["PATH"] = lay_toolchain(Path(place) / "toolchain")
        for name in names:
            try:
                observed, problems = CASES[name](Path(place))
            except NotHereError as error:
                say(f"- {name}: NOT TRIED HERE: {error}")
                continue
            held = held and not problems
            say("\n  DOES NOT HOLD: ".join([f"{'✗' if problems else '✓'} {name}: {observed}", *problems]))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
