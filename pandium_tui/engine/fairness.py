"""Whose turn it is: cron goes ahead, yet nobody waits for ever.

Within a class (cron, the rest) integrations take turns, the least recently served first; within an integration the
oldest goes first. While others wait, at most ``CRON_IN_A_ROW`` cron runs start before one of the others. So among N
integrations the head of each queue starts within ``(CRON_IN_A_ROW + 1) * N`` starts, however many triggers flood in.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

CRON_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued run or build."""

    id: int
    integration_id: int
    is_cron: bool = False


@dataclass(slots=True)
class Turns:
    """Who was served when; kept in the store between claims."""

    served: dict[str, int] = field(default_factory=dict)
    """The number of the start that a class of an integration was served last, by class and integration."""
    started: int = 0
    cron_in_a_row: int = 0


def choose(
    waiting: Collection[Waiting],
    free: int,
    turns: Turns,
    running: Mapping[int, int],
    limits: Mapping[int, int | None],
) -> list[int]:
    """The ids of what starts now, in order; ``turns`` is moved on.

    Args:
        waiting: everything that is queued.
        free: how many may start.
        turns: who was served when.
        running: how many go on now, by integration.
        limits: how many may go on at once, by integration; None or missing: no limit of its own.
    """
    queues: dict[tuple[bool, int], list[Waiting]] = {}
    for one in sorted(waiting, key=lambda each: each.id, reverse=True):
        queues.setdefault((one.is_cron, one.integration_id), []).append(one)
    going_on = dict(running)
    chosen: list[int] = []
    while len(chosen) < free:
        ready = [key for key in queues if _has_room(key[1], going_on, limits)]
        if not ready:
            break
        others_wait = any(not is_cron for is_cron, _ in ready)
        cron_waits = any(is_cron for is_cron, _ in ready)
        cron_goes = cron_waits and not (others_wait and turns.cron_in_a_row >= CRON_IN_A_ROW)
        key = min(
            (one for one in ready if one[0] == cron_goes),
            key=lambda one: (turns.served.get(_name(one), 0), queues[one][-1].id),
        )
        chosen.append(queues[key].pop().id)
        if not queues[key]:
            del queues[key]
        going_on[key[1]] = going_on.get(key[1], 0) + 1
        turns.started += 1
        turns.served[_name(key)] = turns.started
        turns.cron_in_a_row = turns.cron_in_a_row + 1 if cron_goes and others_wait else 0
    return chosen


def _has_room(integration_id: int, going_on: Mapping[int, int], limits: Mapping[int, int | None]) -> bool:
    limit = limits.get(integration_id)
    return limit is None or going_on.get(integration_id, 0) < limit


def _name(key: tuple[bool, int]) -> str:
    return f"{'cron' if key[0] else 'other'} {key[1]}"
