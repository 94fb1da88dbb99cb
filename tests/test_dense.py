"""The engine for few places and many pairs: all it says of moves and exchanges is what the score says."""

from __future__ import annotations

from itertools import permutations

import attrs
import numpy as np
import peer_files
import pytest
from generate import generate

from igfsched.engine.control import Control, Incumbent
from igfsched.engine.dense.bound import least
from igfsched.engine.dense.look import dense_of, many_pairs
from igfsched.engine.dense.search import DenseSearch, State
from igfsched.engine.solve import solve
from igfsched.io.optaplanner import programme_of, read_instance, score_of
from igfsched.lowering import lower

SMALLEST = "18talks-6timeslots-5rooms.xlsx"


@pytest.fixture(scope="module")
def stated():
    return lower(programme_of(read_instance(peer_files.optaplanner(SMALLEST))))


def cost_of(dense, at):
    """Return the cost of spots by the score of the places that they are."""
    score = dense.lowered.score(dense.places(at))
    return sum(dense.weights[tier] * score[tier] for tier in dense.lowered.tiers)


def test_which_programmes_are_dense(stated):
    """The instance is one of many pairs; the usual programme is not."""
    assert many_pairs(stated)
    assert dense_of(stated) is not None
    assert not many_pairs(lower(generate(20, 0.5)[0]))


@pytest.mark.parametrize("seed", range(3))
def test_moves_and_exchanges_change_what_the_score_says(stated, seed):
    """What a move or an exchange is said to change is the difference of two scores, and the total is the score."""
    dense, draw = dense_of(stated), np.random.default_rng(seed)
    state = State(dense)
    state.begin(None)
    for _ in range(25):
        before = cost_of(dense, state.at)
        assert state.total() == before
        session = int(draw.integers(state.n))
        spot = int(draw.choice(np.flatnonzero(dense.allowed[session])))
        costs = state.costs()
        change = costs[session, spot] - costs[session, state.at[session]]
        state.move(session, spot)
        assert cost_of(dense, state.at) == before + change
        one, other = draw.choice(state.n, size=2, replace=False).tolist()
        if dense.allowed[one, state.at[other]] and dense.allowed[other, state.at[one]]:
            before, change = cost_of(dense, state.at), state.exchanges(state.costs())[one, other]
            state.exchange(one, other)
            assert cost_of(dense, state.at) == before + change


def test_the_bound_is_below_what_is_found(stated):
    """No schedule that the search meets costs less than the bound."""
    dense, draw = dense_of(stated), np.random.default_rng(1)
    state = State(dense)
    state.begin(None)
    bound = least(dense, state.total())
    assert 0 < bound <= state.total()
    for session in range(state.n):
        state.move(session, int(draw.choice(np.flatnonzero(dense.allowed[session]))))
    assert bound <= cost_of(dense, state.at)


def test_the_smallest_instance_keeps_hard_and_medium():
    """A short solve has hard and medium score 0, and its audit agrees with the engine."""
    instance = read_instance(peer_files.optaplanner(SMALLEST))
    result = solve(programme_of(instance), seconds=4, workers=1)
    hard, medium, soft = score_of(instance, result.audit)
    assert (hard, medium) == (0, 0)
    assert soft < 0
    assert [tier.proven for tier in result.score[:3]] == [True, True, True]


@pytest.mark.parametrize("seed", range(12))
def test_what_is_proven_is_the_best_of_all(seed):
    """Of a few talks in a few rooms and slots the search proves what trying all finds, and no bound is above that."""
    draw = np.random.default_rng(seed)
    whole = read_instance(peer_files.optaplanner(SMALLEST))

    def some(values, number):
        return tuple(values[i] for i in sorted(draw.choice(len(values), number, replace=False).tolist()))

    slots, rooms = some(whole.timeslots, 3), some(whole.rooms, 3)
    talks = tuple(attrs.evolve(talk, published=(None, None), prerequisites=()) for talk in whole.talks
                  if any(talk.type in slot.types for slot in slots))
    small = attrs.evolve(whole, timeslots=slots, rooms=rooms, talks=some(talks, min(4, len(talks))))
    lowered = lower(programme_of(small))
    dense = dense_of(lowered)
    if dense is None:
        pytest.skip("this draw leaves a talk no place")
    n, spots = dense.allowed.shape
    costs = []
    for at in permutations(range(spots), n):
        if dense.allowed[range(n), at].all():
            score = lowered.score(dense.places(np.array(at)))
            costs.append(tuple(score[tier] for tier in (0, *lowered.tiers)))
    if not costs or min(costs)[0]:
        pytest.skip("this draw has no schedule without a fault")
    true = min(costs)
    control = Control(seconds=20.0, workers=1 + seed % 2, seed=seed)
    best = Incumbent(lowered, control)
    DenseSearch(dense, control, best).run()
    assert all(best.bounds.get(tier, 0) <= value for tier, value in zip((0, *lowered.tiers), true, strict=True))
    assert all(best.done(tier) for tier in (0, *lowered.tiers))
    assert tuple(best.score[tier] for tier in (0, *lowered.tiers)) == true
