"""The branch and bound of dense programmes: never above the best of all schedules, and its end is a proof."""

from __future__ import annotations

from itertools import product

import numpy as np
import peer_files
import pytest

from igfsched.engine.dense.branch import Branching, Tree
from igfsched.engine.dense.look import Dense, dense_of
from igfsched.engine.dense.split import split
from igfsched.engine.solve import solve
from igfsched.io.optaplanner import programme_of, read_instance, score_of
from igfsched.lowering import lower

SMALLEST = "18talks-6timeslots-5rooms.xlsx"
FORBIDDEN = 10_000.0


@pytest.fixture(scope="module")
def stated():
    return lower(programme_of(read_instance(peer_files.optaplanner(SMALLEST))))


def tiny(lowered, seed):
    """Return a random programme of four sessions on spots in three rooms and three times, one of them of two days."""
    draw = np.random.default_rng(seed)
    spots = np.array([(30, time, room) for time in (0, 2, 4) for room in range(3)])
    spots = spots[np.sort(draw.choice(9, size=7, replace=False))]
    n, count = 4, len(spots)
    time, room = spots[:, 1], spots[:, 2]
    day = time >= 4
    by_room, by_time = draw.integers(0, 4, (3, 3)), draw.integers(0, 4, (5, 5))
    kernels = np.stack([
        by_room[room[:, None], room[None, :]],
        by_time[time[:, None], time[None, :]],
        (day[:, None] == day[None, :]) & (room[:, None] != room[None, :]),
        np.eye(count),
        (time[:, None] == time[None, :]) & (abs(room[:, None] - room[None, :]) == 1),
    ]).astype(float)
    pairs = draw.integers(0, 5, (5, n, n)) * np.triu(np.ones((n, n)), k=1) * draw.choice([1, 2], size=(5, 1, 1))
    pairs[3] = FORBIDDEN * np.triu(np.ones((n, n)), k=1) * (seed % 3 > 0)
    pairs[4] *= FORBIDDEN * (draw.random((n, n)) < 0.3)
    allowed = draw.random((n, count)) < 0.85
    allowed[:, 0] = True
    return Dense(lowered, tuple(range(n)), spots, allowed, draw.integers(0, 6, (n, count)).astype(float), kernels,
                 pairs.astype(float), (), {0: 1.0, 1: 1.0})


def every(dense):
    """Yield the cost of each schedule, from its definition."""
    rows = np.arange(len(dense.sessions))
    for at in product(*(np.flatnonzero(own).tolist() for own in dense.allowed)):
        spots = np.array(at)
        yield float(dense.prices[rows, spots].sum()
                    + (dense.pairs * dense.kernels[:, spots][:, :, spots]).sum())


def to_the_end(tree):
    """Take all steps; return the floors on the way."""
    floors = [tree.floor]
    while tree.open:
        tree.step()
        floors.append(tree.floor)
    return floors


@pytest.mark.parametrize("seed", range(30))
def test_the_tree_finds_the_best_of_all_and_is_never_above_it(stated, seed):
    """Layers alone add up to no more than the best of all schedules, floors rise to it, and the leaf has its cost."""
    dense = tiny(stated, seed)
    costs = sorted(every(dense))
    least, upper = costs[0], costs[len(costs) // 20] + 1
    parts = split(dense, upper)
    assert parts is not None
    branchings = Branching(parts.first, upper), Branching(parts.second, upper)
    floors = []
    for branching in branchings:
        seen = [upper]
        alone = Tree((branching,), parts.grain, lambda seen=seen: min(seen),
                     lambda _, cost, seen=seen: seen.append(float(cost.min())))
        floors.append(to_the_end(alone)[-1])
    assert sum(floors) <= least
    found = [(upper, None)]

    def leaf(at, cost):
        which = int(cost.argmin())
        if cost[which] < found[-1][0]:
            found.append((float(cost[which]), at[which]))

    tree = Tree(branchings, parts.grain, lambda: found[-1][0], leaf, parts=parts, above=floors[1])
    tree.together = 3
    on_the_way = to_the_end(tree)
    assert on_the_way == sorted(on_the_way)
    assert on_the_way[-1] == found[-1][0] == least
    at = parts.spot[found[-1][1][0], found[-1][1][1]]
    rows = np.arange(len(at))
    assert dense.prices[rows, at].sum() + (dense.pairs * dense.kernels[:, at][:, :, at]).sum() == least


def test_layers_and_the_rest_are_the_whole(stated):
    """What a schedule costs by rooms, by times, at its spots above both, and by what neither knows is what it costs."""
    dense, draw = dense_of(stated), np.random.default_rng(3)
    parts = split(dense, float(dense.weights[0]))
    assert parts is not None
    n = len(dense.sessions)
    rows = np.arange(n)
    for _ in range(20):
        at = np.array([draw.choice(np.flatnonzero(own)) for own in dense.allowed])
        first, second = parts.first.class_of[at], parts.second.class_of[at]
        assert (parts.spot[first, second] == at).all()
        cost = parts.first.cost(first) + parts.second.cost(second)
        cost += parts.alone[rows, at].sum() - parts.second.alone[rows, second].sum()
        for one in range(n):
            cost += parts.rest(one, rows[one + 1:], at[[one]], at[None, one + 1:, None]).sum()
        assert cost == dense.prices[rows, at].sum() + (dense.pairs * dense.kernels[:, at][:, :, at]).sum()


@pytest.mark.parametrize("options", [{"workers": 2}, {"workers": 1}, {"workers": 1, "deterministic": True}])
def test_the_smallest_instance_is_proven(options):
    """With one worker or two all tiers are proven, and the audit agrees."""
    instance = read_instance(peer_files.optaplanner(SMALLEST))
    result = solve(programme_of(instance), seconds=60, **options)
    assert all(tier.proven for tier in result.score)
    hard, medium, soft = score_of(instance, result.audit)
    assert (hard, medium) == (0, 0)
    assert soft < 0
