"""The states that a repair keeps of primitives say what the primitives' own values say, for each kind, at random."""

from __future__ import annotations

import numpy as np
import pytest
from algebra import IN_TIME, WITH_ROOMS, drawn, stating
from attrs import evolve
from repairs import best_by_trying, searched, tiny_stakes

from igfsched.facts import Places
from igfsched.kernel.board import Board
from igfsched.kernel.check import check
from igfsched.kernel.following import follow
from igfsched.lowering import Lowered, lower
from igfsched.primitives import Pair, grows
from igfsched.programme import Session
from igfsched.relowering import relower
from igfsched.stakes import Stakes, excess, levels

every_kind = pytest.mark.parametrize("kind", IN_TIME)


def soft(kind: str, seed: int) -> tuple[Lowered, Stakes, Board]:
    """Return a programme in which a soft rule states a kind, and a board with everybody somewhere at random."""
    lowered, stakes = tiny_stakes(seed, stating(kind, seed, level="soft"))
    board = Board(lowered, frozenset())
    board.begin(stakes.reference, stakes.reference)
    assert not board.unknown
    return lowered, stakes, board


@every_kind
def test_numbers_follow_what_comes_and_goes(kind):
    """After sessions went and came again the score is that of the places, and so is a board made anew."""
    for seed in range(8):
        lowered, stakes, board = soft(kind, seed)
        random = np.random.default_rng(seed)
        for _ in range(6):
            for session in random.permutation(lowered.facts.n).tolist():
                options = board.options(session)
                if board.standing.variant[session] >= 0:
                    board.take(session)
                if len(options) and random.random() < 0.8:
                    at = int(random.integers(len(options)))
                    board.put(session, int(options.variant[at]), int(options.tick[at]), stakes.reference.rooms[session])
            score = lowered.score(board.places())
            assert board.cost.tolist() == [score[tier] for tier in lowered.tiers]
            fresh = Board(lowered, frozenset())
            fresh.begin(board.places(), stakes.reference)
            assert [term.value for term in fresh.terms()] == [term.value for term in board.terms()]
            assert (fresh.cost == board.cost).all()


@every_kind
def test_a_look_tells_what_each_place_costs(kind):
    """What a look says of each place is what the primitives make of a schedule with the session there."""
    for seed in range(8):
        lowered, _, board = soft(kind, seed)
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


@every_kind
def test_bounds_of_terms_hold(kind):
    """No set of sessions that leaves makes a term fall by more than their shares; two that come add what each does.

    At least what both add, if the term is convex, and the larger of both, if it only grows.
    """
    for seed in range(8):
        _, _, board = soft(kind, seed)
        everyone = np.flatnonzero(board.standing.variant >= 0).tolist()
        for term in board.terms():
            own = [session for session in everyone if session in term.sessions]
            at = {s: (int(board.standing.variant[s]), int(board.standing.start[s])) for s in own}
            full, shares = term.value, {s: term.share(s, *at[s]) for s in own}
            if term.growing:
                for number in range(2 ** len(own)):
                    gone = [s for bit, s in enumerate(own) if number >> bit & 1]
                    for session in gone:
                        term.shift(session, *at[session], -1)
                    assert full - term.value <= sum(shares[s] for s in gone)
                    for session in gone:
                        term.shift(session, *at[session], 1)
                    assert term.value == full
            for one, other in ((a, b) for a in own for b in own if a < b and term.growing):
                none = _without(term, at, (one, other))
                first, second, both = (_without(term, at, out) - none for out in ((other,), (one,), ()))
                assert both >= (first + second if term.convex else max(first, second))


def _without(term, at, out):
    for session in out:
        term.shift(session, *at[session], -1)
    value = term.value
    for session in out:
        term.shift(session, *at[session], 1)
    return value


@every_kind
def test_a_primitive_that_grows_grows(kind):
    """Of a primitive that is said to grow, sessions that leave never make more."""
    for seed in range(20):
        lowered = lower(stating(kind, seed))
        facts, random = lowered.facts, np.random.default_rng(seed)
        primitive = drawn(kind, facts, random)
        variant = np.array([own[0] for own in facts.variants])
        start = random.choice(facts.starts, facts.n)
        values = []
        for number in range(facts.n + 1):
            gone = np.arange(facts.n) >= number
            places = Places(np.where(gone, -1, variant), np.where(gone, -1, start), ((),) * facts.n)
            values.append(primitive.value(places))
        assert values == sorted(values) or not grows(primitive)
        assert not isinstance(primitive, Pair) or grows(primitive)


def compare(kind: str, seed: int) -> str:
    """Hold a search against trying all; return how much it proved."""
    lowered, stakes = tiny_stakes(seed, stating(kind, seed))
    answer, board = searched(lowered, stakes)
    if board.unknown:
        return "unknown"
    if answer.places is None or answer.levels is None:
        return "nothing"
    best = best_by_trying(lowered, stakes)
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


@every_kind
def test_what_is_proven_is_true(kind):
    """Whatever is proven is what trying all finds, and some of it is proven."""
    found = [compare(kind, seed) for seed in range(6)]
    assert "all" in found


@pytest.mark.long
@every_kind
@pytest.mark.parametrize("first", range(1000, 1200, 50))
def test_what_is_proven_is_true_on_many(kind, first):
    """On 200 programmes more whatever is proven is what trying all finds."""
    for seed in range(first, first + 50):
        compare(kind, seed)


@pytest.mark.parametrize("kind", WITH_ROOMS)
def test_what_looks_at_rooms_is_for_the_solver(kind):
    """A repair does not pretend to know primitives that look at rooms."""
    lowered, stakes = tiny_stakes(1, stating(kind, 1))
    assert Board(lowered, stakes.kept).unknown


@every_kind
def test_a_board_follows_a_change(kind):
    """After a session more, or one less, the board is one made anew, and the board before can be had again."""
    for seed in range(6):
        few = stating(kind, seed, level="soft")
        many = evolve(few, sessions=[*few.sessions, Session(id="more", duration=30)])
        lowered, stakes = tiny_stakes(seed, many if seed % 2 else few)
        board = Board(lowered, frozenset())
        board.begin(stakes.reference, stakes.reference)
        cost, values = board.cost.copy(), [term.value for term in board.terms()]
        now = relower(lowered, few if seed % 2 else many)
        if now.rebuilt:
            continue
        after, _, _ = follow(board, now.lowered, now.gone, now.new)
        fresh = Board(now.lowered, frozenset())
        fresh.begin(after.places(), after.places())
        assert after.cost.tolist() == fresh.cost.tolist()
        assert sorted(term.value for term in after.terms()) == sorted(term.value for term in fresh.terms())
        after.seal()
        after.discard()
        assert board.cost.tolist() == cost.tolist()
        assert [term.value for term in board.terms()] == values
