"""The fewest moves from below: what is proven is true, and what is impossible has no repair."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from repairs import best_by_trying, tiny_stakes
from test_kernel_depth import full_hours, held, hour, movers, programme

from igfsched.changes import SessionDeclined
from igfsched.engine.evicting import Evicting
from igfsched.kernel.board import Board
from igfsched.kernel.links import Links, Standing, clashing
from igfsched.kernel.search import Search
from igfsched.kernel.tolls import NEVER, Tolls
from igfsched.lowering import Lowered, lower
from igfsched.planner import Planner
from igfsched.programme import Programme
from igfsched.rules import Placed
from igfsched.schedule import Placement, Schedule
from igfsched.stakes import Stakes


def searching(lowered: Lowered, stakes: Stakes) -> Search:
    """Return a search that has not begun, on a board at the reference."""
    board = Board(lowered, stakes.kept)
    board.begin(stakes.reference, stakes.reference)
    homeless = frozenset(s for s in board.facts.alive if board.standing.variant[s] < 0)
    return Search(board, stakes, homeless=homeless)


def from_below(lowered: Lowered, stakes: Stakes) -> Evicting:
    """Return what is found from below, with nothing found before."""
    evicting = Evicting(searching(lowered, stakes), workers=1)
    evicting.run(seconds=30)
    return evicting


@pytest.mark.parametrize("seed", range(60))
def test_moves_of_all_weights_are_the_fewest(seed):
    """With weights from 1 to 3, full hours and one session driven out, the fewest moves are found, or that none do."""
    cap, at, hours, weights = full_hours(seed)
    lowered = lower(programme(hours, cap=cap))
    evicting = from_below(lowered, held(lowered, at, weights))
    best = min((sum(weights[n] for n in those) for those in movers(hours, cap, at)), default=None)
    if best is None:
        assert evicting.impossible
        assert not evicting.moves
    else:
        assert evicting.moves
        assert evicting.score
        assert evicting.search.pool[0][0][1] == evicting.bound == best


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_what_is_told_of_tiny_programmes_is_true(first):
    """Programmes of all kinds, with who stays, bad references and rooms: what is proven equals the best of all."""
    told: Counter[str] = Counter()
    for seed in range(first, first + 20):
        lowered, stakes = tiny_stakes(seed)
        best = best_by_trying(lowered, stakes)
        evicting = from_below(lowered, stakes)
        search = evicting.search
        if search.board.unknown:
            continue
        least = int(search.absent[list(search.unplaceable)].sum())
        whole = best is not None and best[0] == least
        if evicting.impossible:
            assert not whole, seed
            told["impossible"] += 1
        if whole:
            assert best is not None
            assert evicting.bound <= best[1], seed
        if evicting.moves:
            assert best is not None
            assert search.pool[0][0][:2] == best[:2], seed
            told["moves"] += 1
        if evicting.score:
            assert search.pool[0][0] == best, seed
            told["score"] += 1
    assert told["impossible"] >= 2
    assert told["moves"] >= 5
    assert told["score"] >= 5


def test_what_clashes_is_what_links_measure():
    """For two linked sessions of tiny programmes, places clash where the links of one measure something beside one."""
    clashes = 0
    for seed in range(60):
        board = searching(*tiny_stakes(seed)).board
        for session in board.facts.alive:
            hard = [link for _, link in board.links[session] if link.tier < 0]
            for other in {link.other for link in hard}:
                both = [link for link in hard if link.other == other]
                own, theirs = board.options(session), board.options(other)
                found = clashing(both, own, theirs)
                nobody = np.empty(0, dtype=np.int64)
                standing = Standing.of(board.facts, nobody, nobody, nobody)
                for at in range(len(theirs)):
                    place = int(theirs.variant[at]), int(theirs.tick[at])
                    with standing.at(other, *place, int(theirs.start_minute[at]), int(theirs.end_minute[at])):
                        measures = Links(both).measures(own, standing)
                    assert (found[:, at] == (measures > 0).any(axis=0)).all()
                clashes += int(found.sum())
    assert clashes > 100


def test_no_limit_is_raised_when_there_is_no_time():
    """Whoever has to go finds every place held by a heavy session: without time nothing more is said, however often."""
    lowered = lower(programme([[1], [1, 2]]))
    evicting = Evicting(searching(lowered, held(lowered, [0, 1], [1, 50])), workers=1)
    for _ in range(3):
        evicting.run(seconds=0)
    assert evicting.bound == 1
    evicting.run(seconds=30)
    assert evicting.moves
    assert evicting.bound == 51


def test_a_toll_is_what_has_to_leave():
    """An hour with two sessions and a cap of two costs the lighter of them, a free one nothing."""
    lowered = lower(programme([[0, 1], [1], [1]], cap=2))
    search = searching(lowered, held(lowered, [0, 1, 1], [1, 5, 3]))
    tolls = Tolls(search.board, search.stakes.weights)
    assert tolls.of(0).tolist() == [0, 3]
    assert tolls.blockers(0, np.array([True, True])) == {1, 2}
    assert Tolls(search.board, np.array([1, NEVER, NEVER])).of(0).tolist() == [0, NEVER]


def test_an_impossible_change_is_refused_with_the_names_of_those_at_odds():
    """Three sessions have two hours between them after a change: the refusal is proven, and names all three."""
    four = programme([[1, 2, 3], [1, 2], [1, 2], [4]], cap=1)
    must = Programme(window=four.window, sessions=four.sessions, rules=[*four.rules, Placed(level="hard")])
    schedule = Schedule([Placement(session=f"s{n}", start=hour(h).start, duration=60)
                         for n, h in enumerate((3, 1, 2, 4))])
    repair = Planner(must, schedule).apply(SessionDeclined(session="s0", times=(hour(1), hour(2))))
    assert repair.status == "refused"
    assert repair.proof.bounds[0] is not None
    assert repair.proof.bounds[0] >= 1
    assert repair.reasons[0].sentence == "s0, s1 and s2 cannot all have places, whoever else moves"
