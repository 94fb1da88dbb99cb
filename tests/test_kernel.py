"""The bounded search finds the fewest moves and the best score that exhaustive search finds, or does not say so."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from repairs import best_by_trying, searched, tiny_stakes

from igfsched.kernel.board import Board
from igfsched.kernel.check import check
from igfsched.kernel.giving import Undecided
from igfsched.kernel.housing import rehoused
from igfsched.kernel.settling import Settling
from igfsched.stakes import excess, levels


def compare(seed: int) -> str:
    """Hold the search against trying all; return how much it proved."""
    lowered, stakes = tiny_stakes(seed)
    answer, board = searched(lowered, stakes)
    assert not board.unknown
    best = best_by_trying(lowered, stakes)
    if answer.places is None or answer.levels is None:
        return "nothing"
    assert best is not None
    assert answer.levels == levels(lowered, stakes, answer.places)
    assert not excess(lowered, stakes, answer.places)
    assert check(board, stakes, answer.places, answer.levels) == ""
    assert answer.levels >= best
    if answer.moves_proven:
        assert answer.levels[:2] == best[:2]
    if answer.score_proven:
        assert answer.levels == best
        return "all"
    return "some"


def test_what_is_proven_is_true():
    """On 30 tiny programmes whatever is proven is what trying all finds, and most of it is proven."""
    found = [compare(seed) for seed in range(30)]
    assert found.count("all") > len(found) / 2


@pytest.mark.long
@pytest.mark.parametrize("first", range(1000, 3000, 50))
def test_what_is_proven_is_true_on_many(first):
    """On 2,000 programmes more whatever is proven is what trying all finds."""
    for seed in range(first, first + 50):
        compare(seed)


@pytest.mark.parametrize("seed", range(20))
def test_numbers_follow_what_comes_and_goes(seed):
    """After sessions went and came again the board's numbers are those of a board made anew."""
    lowered, stakes = tiny_stakes(seed)
    board = Board(lowered, stakes.kept)
    board.begin(stakes.reference, stakes.reference)
    random = np.random.default_rng(seed)
    for _ in range(5):
        places = board.places()
        for session in random.permutation(lowered.facts.n).tolist():
            options = board.options(session)
            if board.standing.variant[session] >= 0:
                board.take(session)
            if len(options) and random.random() < 0.8:
                at = int(random.integers(len(options)))
                board.put(session, int(options.variant[at]), int(options.tick[at]), places.rooms[session])
        fresh = Board(lowered, stakes.kept)
        fresh.begin(board.places(), stakes.reference)
        assert (fresh.cost == board.cost).all()
        assert fresh.broken_links == board.broken_links
        assert [term.value for term in fresh.terms()] == [term.value for term in board.terms()]
        score = lowered.score(board.places())
        assert board.cost.tolist() == [score[tier] for tier in lowered.tiers]


def settling(seed: int) -> tuple[Board, Settling]:
    """Return a tiny board on which half of the sessions are somewhere, as told or elsewhere, and a search on it."""
    lowered, stakes = tiny_stakes(seed)
    board = Board(lowered, stakes.kept)
    board.begin(stakes.reference, stakes.reference)
    random = np.random.default_rng(seed)
    for session in set(range(lowered.facts.n)) - stakes.kept:
        if board.standing.variant[session] >= 0:
            board.take(session)
        options = board.options(session)
        if len(options) and random.random() < 0.5:
            at = int(random.integers(len(options)))
            board.put(session, int(options.variant[at]), int(options.tick[at]), stakes.reference.rooms[session])
    return board, Settling(board, stakes)


def test_places_that_are_struck_out_together_cannot_be_taken():
    """Two places are struck out only if the second is forbidden once the first is taken; most of such pairs are."""
    struck, forbidden = 0, 0
    for seed in range(60):
        board, search = settling(seed)
        nowhere = [s for s in range(board.facts.n) if board.standing.variant[s] < 0 and len(board.options(s))]
        for first, second in permutations(nowhere, 2):
            own, others = (board.options(s).taken(np.flatnonzero(board.may(s, board.options(s))))
                           for s in (first, second))
            found = search._at_odds(own, others)
            for at in range(len(own)):
                board.put(first, int(own.variant[at]), int(own.tick[at]))
                may = board.may(second, others)
                board.take(first)
                assert not (found[at] & may).any()
                struck, forbidden = struck + int(found[at].sum()), forbidden + int((~may).sum())
    assert struck > forbidden / 3 > 100


def test_who_changes_rooms_whoever_comes():
    """Wherever one more session comes, no fewer are elsewhere than was told before; sometimes some have to be."""
    seen = 0
    for seed in range(150):
        board, search = settling(seed)
        rooms, standing, kept = board.rooms, board.standing, search.stakes.kept
        least = search._least_elsewhere()
        nowhere = [s for s in range(board.facts.n) if standing.variant[s] < 0 and len(board.options(s))]
        for session in nowhere if rooms.n_rooms else ():
            options = board.options(session)
            for variant, tick in zip(options.variant.tolist(), options.tick.tolist(), strict=True):
                board.put(session, variant, tick)
                homeless = search._without_rooms(session)
                try:
                    found = rehoused(rooms, standing, {*homeless, *search._wrong(homeless)}, kept)
                except Undecided:
                    found = None
                board.take(session)
                if least is None:
                    assert found is None
                elif found is not None:
                    assert found[0] >= least
                    seen += least > 0
    assert seen > 100


@pytest.mark.parametrize("seed", range(20))
def test_a_look_tells_what_each_place_costs(seed):
    """What a look says of each place is what the primitives make of a schedule with the session there."""
    lowered, stakes = tiny_stakes(seed)
    board = Board(lowered, frozenset())
    board.begin(stakes.reference, stakes.reference)
    for session in range(lowered.facts.n):
        place = board.take(session) if board.standing.variant[session] >= 0 else None
        look = board.look(session)
        for at in range(len(look.options)):
            board.put(session, int(look.options.variant[at]), int(look.options.tick[at]))
            score = lowered.score(board.places())
            board.take(session)
            assert (board.cost + look.deltas[:, at]).tolist() == [score[tier] for tier in lowered.tiers]
        if place is not None:
            board.put(session, *place)


def test_a_wrong_answer_is_noticed():
    """Levels that are not true, and places that break a rule, do not pass the check."""
    wrong = 0
    for seed in range(30):
        lowered, stakes = tiny_stakes(seed)
        answer, board = searched(lowered, stakes)
        if answer.places is None or answer.levels is None:
            continue
        assert check(board, stakes, answer.places, (answer.levels[0], answer.levels[1] + 1, *answer.levels[2:]))
        places = board.places()
        if excess(lowered, stakes, places) and not board.unknown:
            wrong += 1
    assert wrong
