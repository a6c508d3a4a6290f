"""Rounds of chaos: a step is armed or the dice are thrown, a minute comes, everything settles, all is looked at."""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Container
from pathlib import Path

from tests.chaos.invariants import broken_invariants
from tests.chaos.steps import ENGINE_STEPS, RECOVERY_STEPS, SUPERVISOR_STEPS, arm, armed
from tests.chaos.world import World

BEFORE_RECOVERY = ["0 the process was started", "0 the supervisor is to be started"]
"""What leaves a run lost, and what leaves one never started: recovery meets both."""


def plans(dice: random.Random, reached: Container[str] = ()) -> list[list[str]]:
    """What is armed, round by round, for every step once; an empty plan is left to the dice.

    A step that was not reached yet is armed for its next passing: for a later one there may be no time in a round.
    """
    single = [[f"{dice.randrange(3) if step in reached else 0} {step}"] for step in ENGINE_STEPS | SUPERVISOR_STEPS]
    recovering = [[before, f"0 {step}"] for step in RECOVERY_STEPS for before in BEFORE_RECOVERY]
    found = single + recovering + [[]] * (len(single) // 2)
    dice.shuffle(found)
    return found


def shake(world: World) -> None:
    """Something at a moment that nobody chose."""
    time.sleep(world.dice.uniform(0, 0.2))
    world.dice.choice([world.kill_an_engine, world.kill_a_supervisor, world.lose_power, world.cancel_a_run])()


def round_of(world: World, plan: list[str]) -> None:
    """One round: time passes, runs are asked for, somebody dies, everything settles."""
    arm(str(world.folder), plan)
    world.keep_engines()
    world.clock.move(60 * world.dice.choice([1, 1, 1, 1, 1, 3]))
    if world.dice.random() < 0.5:
        world.ask_for_run()
    if not plan:
        shake(world)
    world.settle()


def say(text: str) -> None:
    """To whoever started it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def shake_up(world: World, rounds: int) -> Counter[str]:
    """All rounds; how often somebody was killed at which step.

    Raises:
        AssertionError: what did not hold, in which round.
    """
    reached: Counter[str] = Counter()
    looked_at, coming = 0, []
    for number in range(rounds):
        coming = coming or plans(world.dice, reached)
        plan = coming.pop()
        try:
            round_of(world, plan)
            if problems := broken_invariants(world, looked_at):
                raise AssertionError("\n  ".join(problems))
        except AssertionError as error:
            raise AssertionError(f"round {number}, armed {plan}:\n  {error}") from error
        reached.update(step.partition(" ")[2] for step in plan[: len(plan) - len(armed(str(world.folder)))])
        [(looked_at,)] = world.rows("SELECT max(id) FROM run")
    return reached


def main() -> int:
    """The exit status is 1 when something did not hold, or when a step was never reached in many rounds."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="to repeat what was seen; a new one without it")
    options = parser.parse_args()
    seed = random.randrange(2**32) if options.seed is None else options.seed
    say(f"{options.rounds} rounds, seed {seed}")
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        world = World(Path(folder), random.Random(seed))
        try:
            reached = shake_up(world, options.rounds)
        except AssertionError as error:
            say(str(error))
            return 1
        finally:
            world.end()
        [(count,)] = world.rows("SELECT count(*) FROM run")
    say(f"all held: {count} runs, {sum(reached.values())} kills at {len(reached)} steps")
    missed = [step for step in ENGINE_STEPS | RECOVERY_STEPS | SUPERVISOR_STEPS if step not in reached]
    if missed:
        say("\n  ".join(["never reached:", *missed]))
    return 1 if missed and options.rounds >= 2 * len(plans(world.dice)) else 0


if __name__ == "__main__":
    sys.exit(main())
