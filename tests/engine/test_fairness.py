"""Whose turn it is: cron ahead, limits kept, and nobody waits for ever whatever floods in."""

from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.engine.fairness import CRON_IN_A_ROW, Turns, Waiting, choose

waiting_runs = st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=30).map(
    lambda rows: [Waiting(number, *row) for number, row in enumerate(rows, start=1)]
)


@given(
    waiting_runs,
    st.integers(0, 12),
    st.dictionaries(st.integers(1, 4), st.integers(0, 3)),
    st.dictionaries(st.integers(1, 4), st.none() | st.integers(1, 4)),
)
def test_limits_hold_and_no_place_stays_empty(
    waiting: list[Waiting], free: int, running: dict[int, int], limits: dict[int, int | None]
) -> None:
    chosen = choose(waiting, free, Turns(), running, limits)
    by_id = {one.id: one for one in waiting}
    assert len(set(chosen)) == len(chosen) <= free
    going_on = dict(running)
    for run_id in chosen:
        parent = by_id[run_id].integration_id
        going_on[parent] = going_on.get(parent, 0) + 1
        limit = limits.get(parent)
        assert limit is None or going_on[parent] <= limit
    if len(chosen) < free:
        for left in set(by_id) - set(chosen):
            limit = limits.get(by_id[left].integration_id)
            assert limit is not None and going_on.get(by_id[left].integration_id, 0) >= limit


@given(waiting_runs, st.integers(1, 4), st.booleans(), st.booleans(), st.data())
def test_whatever_floods_in_everybody_starts_within_a_bound(
    waiting: list[Waiting], parent: int, is_cron: bool, flood_is_cron: bool, data: st.DataObject
) -> None:
    queue = list(waiting)
    mine = Waiting(len(queue) + 1, parent, is_cron)
    ahead = sum(one.integration_id == parent and one.is_cron == is_cron for one in queue)
    queue.append(mine)
    turns = Turns()
    bound = (CRON_IN_A_ROW + 1) * 5 * (ahead + 1)
    for start in range(bound):
        flood = data.draw(st.integers(1, 5), label="who floods") if start < 10 else 5
        queue += [Waiting(1000 + start * 2 + one, flood, flood_is_cron) for one in range(2)]
        [chosen] = choose(queue, 1, turns, {}, {})
        if chosen == mine.id:
            return
        queue = [one for one in queue if one.id != chosen]
    raise AssertionError(f"{mine} did not start within {bound} starts")


@given(waiting_runs)
def test_cron_goes_ahead_and_the_oldest_of_a_queue_first(waiting: list[Waiting]) -> None:
    chosen = [next(one for one in waiting if one.id == run_id) for run_id in choose(waiting, 99, Turns(), {}, {})]
    assert len(chosen) == len(waiting)
    cron = [one.is_cron for one in chosen[:CRON_IN_A_ROW]]
    assert sum(cron) == min(len(cron), sum(one.is_cron for one in waiting))
    for key in {(one.integration_id, one.is_cron) for one in waiting}:
        ids = [one.id for one in chosen if (one.integration_id, one.is_cron) == key]
        assert ids == sorted(ids)
