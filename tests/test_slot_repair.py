"""Repairs on slot grids by prices of seats: what is called the best is what trying all finds."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest
from attrs import evolve
from repairs import best_by_trying, tiny_stakes
from test_slotted import slotted

from igfsched.engine import seat_prices
from igfsched.engine.seat_prices import best_columns, weights_of
from igfsched.engine.slot_columns import Columns, columns_of, may_be_slots
from igfsched.engine.slot_repair import repaired_in_slots
from igfsched.programme import Grid
from igfsched.rules.presets import default
from igfsched.stakes import excess, levels


def drawn(seed: int) -> Columns:
    """Return a few sessions with a few columns each, in rows that are nearly full, with costs of two levels."""
    random = np.random.default_rng(seed)
    session = np.sort(np.concatenate([np.arange(5), random.integers(0, 5, 9)]))
    cost = random.integers(0, 4, (2, len(session)))
    cost[0] = random.integers(0, 2, len(session))
    home = np.zeros(len(session), dtype=bool)
    for number in range(5):
        own = np.flatnonzero(session == number)
        if random.random() < 0.7:
            home[own[0]], cost[0, own[0]] = True, 0
    # Pairs of sessions that exclude each other in a row: the linear optimum is then seldom whole.
    rows = 8
    counted = random.random((len(session), rows)) < 0.3
    column, row = np.nonzero(counted)
    nothing = np.zeros(len(session), dtype=np.int64)
    return Columns(
        session=session, variant=nothing, tick=nothing, slot=nothing, room=nothing - 1, cost=cost, unit=(1, 1),
        home=home, column=column, row=row, amount=np.ones(len(row), dtype=np.int64), most=random.integers(1, 3, rows),
        all_hard=True, all_soft=True)


def by_trying(columns: Columns) -> tuple[int, ...] | None:
    """Return the least costs of one column for each session that exceed no row."""
    best = None
    for chosen in product(*(np.flatnonzero(columns.session == s).tolist() for s in np.unique(columns.session))):
        taken = np.zeros(len(columns), dtype=bool)
        taken[list(chosen)] = True
        if (columns.loads(taken) <= columns.most).all():
            found = tuple(columns.cost[:, list(chosen)].sum(axis=1).tolist())
            best = found if best is None or found < best else best
    return best


@pytest.mark.parametrize("limits", [{}, {"RAISES": 0}, {"MANY": 0, "ROUNDS": 3}, {"RAISES": 0, "MANY": 0, "ROUNDS": 2}])
def test_columns_that_are_proven_are_the_best(limits, monkeypatch):
    """Whatever the prices are and however few rounds there are, what is proven is the least of all, and most is."""
    for name, value in limits.items():
        monkeypatch.setattr(seat_prices, name, value)
    ways: Counter[str] = Counter()
    for seed in range(150):
        columns = drawn(seed)
        best, found = by_trying(columns), best_columns(columns, 10.0)
        if best is None:
            assert found is None
            continue
        ways["possible"] += 1
        if found is None:
            continue
        cost = tuple(columns.cost[:, found.chosen].sum(axis=1).tolist())
        taken = np.zeros(len(columns), dtype=bool)
        taken[found.chosen] = True
        assert (columns.loads(taken) <= columns.most).all()
        assert cost >= best
        ways["proven"] += found.proven
        assert not found.proven or cost == best
    assert ways["possible"] > 50
    assert ways["proven"] > 0.9 * ways["possible"]


def test_a_bound_holds_at_any_prices():
    """However wrong the prices of the linear solver are, no sum of columns is below the bound that they give."""
    for seed in range(60):
        columns = drawn(seed)
        best = by_trying(columns)
        if best is None:
            continue
        search = seat_prices._Search(columns, float("inf"))
        random = np.random.default_rng(seed)
        values = random.random(len(columns)).round()
        solved = seat_prices._Solved(values, random.integers(0, 3 * seat_prices.SCALE, len(columns.most)),
                                     random.integers(-9, 9, len(search.edges)) * seat_prices.SCALE, 0.0)
        search._priced(solved)
        worth = sum(weight * cost for weight, cost in zip(search.weights, best, strict=True))
        assert search.bound <= worth * seat_prices.SCALE


def test_levels_outweigh_all_later_ones():
    """One unit of a level is worth more than all that the later ones can differ by; what is too large is left out."""
    session = np.array([0, 0, 1, 1])
    cost = np.array([[0, 1, 0, 1], [3, 0, 5, 0], [7, 0, 0, 9]])
    first, second, third = weights_of(cost, session)
    assert third == 1
    assert second > 7 + 9
    assert first > second * (3 + 5) + 7 + 9
    assert len(weights_of(cost * 10**4, session)) == 2
    assert weights_of(cost * 2**40, session) == []


@pytest.mark.parametrize("all_rules", [True, False])
def test_repairs_in_slots_are_the_best_of_all(all_rules):
    """In small programmes, nearly full, what is proven of a repair is what trying all finds, and nearly all is.

    Where soft rules say more than what each place costs, the last tier is not proven, all before it are.
    """
    known: Counter[str] = Counter()
    for seed in range(150):
        programme = slotted(seed)
        if not all_rules:
            hard = [rule for rule in default() if rule.hard]
            programme = evolve(programme, preset="none", rules=[*programme.rules, *hard])
        lowered, stakes = tiny_stakes(seed, programme)
        found, best = repaired_in_slots(lowered, stakes), best_by_trying(lowered, stakes)
        known["possible"] += best is not None and not best[0]
        if found is None:
            continue
        assert best is not None
        assert not excess(lowered, stakes, found.places)
        assert found.levels == levels(lowered, stakes, found.places)
        assert found.levels >= best
        assert found.levels[:found.proven] == best[:found.proven]
        known["proven"] += found.proven >= len(best) - all_rules
        known["rooms"] += bool(lowered.programme.rooms)
    assert known["possible"] > 50
    assert known["rooms"] > 20
    assert known["proven"] > 0.9 * known["possible"]


def test_other_programmes_are_left_to_others():
    """Sessions that reach into each other, and rooms that rules tell apart, are no matter of slots."""
    assert not [seed for seed in range(40) if repaired_in_slots(*tiny_stakes(seed)) is not None]
    programme = slotted(1)
    closer = Grid(starts=[f"2020-11-09T{h:02}:{m}:00Z" for h in (8, 10, 12, 14) for m in ("00", "30")])
    lowered, stakes = tiny_stakes(1, evolve(programme, window=evolve(programme.window, grid=closer)))
    assert not may_be_slots(lowered.facts)
    assert columns_of(lowered, stakes) is None


def test_a_session_without_any_place_is_left_to_others():
    """Where a session cannot be anywhere, nothing is said of slots: leaving it out is another question."""
    lowered, stakes = tiny_stakes(1, slotted(1))
    assert columns_of(lowered, stakes) is not None
    assert columns_of(lowered, stakes, np.zeros_like(lowered.allowed)) is None
