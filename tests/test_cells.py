"""The engine for blocks and cells: what it sees is so, its bound is a bound, and it proves the smallest instance."""

from __future__ import annotations

import random
from itertools import combinations, combinations_with_replacement

import attrs
import numpy as np
import peer_files
import pytest
from cell_costs import cost_in_cells
from generate import generate
from test_cosplib import every_weight

from igfsched.engine.cells.budgets import Budgets, floors_of
from igfsched.engine.cells.look import cells_of
from igfsched.engine.cells.model import CellModel, shares
from igfsched.engine.cells.neighbours import first_places
from igfsched.engine.control import Control
from igfsched.engine.cpsat import Limits, run
from igfsched.engine.solve import solve
from igfsched.io.cosplib import (
    Faults,
    faults,
    grids_of,
    programme_of,
    read_grids,
    read_instance,
    schedule_of,
    weighted_terms,
)
from igfsched.lowering import HARD, lower


@pytest.fixture(scope="module")
def n2or():
    return read_instance(peer_files.cosplib("N2OR.xlsx"))


def test_which_programmes_have_cells(n2or):
    """An instance of CoSPLib has blocks and cells, also with all terms at work; the usual programme has not."""
    cells = cells_of(lower(programme_of(n2or)))
    assert cells is not None
    assert [len(ticks) for ticks in cells.starts] == [2, 2, 2, 3]
    assert sorted(map(len, cells.groups)) == sorted(
        sum(s.track == track for s in n2or.submissions) for track in n2or.tracks)
    assert not cells.seen.unseen
    every = cells_of(lower(programme_of(every_weight(n2or))))
    assert every is not None
    assert {term.unit.rule.label for term in every.seen.unseen} <= {"presenters_timeslot", "attendees_timeslot"}
    assert cells_of(lower(generate(20, 0.5)[0])) is None


def with_cells_exchanged(instance, grids, draw):
    """Return a solution in which some cells have changed places, the sessions being equally long."""
    tracks, rows = [list(row) for row in grids.tracks], [list(row) for row in grids.submissions]
    slots = instance.sessions[0].slots
    for _ in range(6):
        (s, r), (t, q) = ((draw.randrange(len(tracks)), draw.randrange(len(instance.rooms))) for _ in "ab")
        tracks[s][r], tracks[t][q] = tracks[t][q], tracks[s][r]
        for k in range(slots):
            a, b = s * slots + k, t * slots + k
            rows[a][r], rows[b][q] = rows[b][q], rows[a][r]
    return attrs.evolve(grids, tracks=tracks, submissions=rows)


@pytest.mark.parametrize("apart", [False, True])
def test_the_model_says_no_more_than_a_schedule_costs(apart):
    """With blocks and numbers of rooms as in some schedule, the model's cost is at most the schedule's."""
    instance = read_instance(peer_files.cosplib("GECCO20.xlsx"))
    grids = read_grids(peer_files.cosplib("GECCO20.published-exact.xlsx"), instance)
    instance = every_weight(instance)
    stated = lower(programme_of(instance))
    cells = cells_of(stated)
    rooms = tuple((room,) for room in range(cells.n_rooms)) if apart else cells.room_classes
    draw = random.Random(3)
    for _ in range(3):
        grids = with_cells_exchanged(instance, grids, draw)
        places = stated.facts.places(schedule_of(instance, grids))
        score = stated.score(places)[cells.tier]
        assert score / 2 <= cost_in_cells(cells, rooms, places) <= score


def test_the_first_schedule_is_valid():
    """The schedule that the search begins with keeps all hard rules."""
    stated = lower(programme_of(read_instance(peer_files.cosplib("GECCO20.xlsx"))))
    places = first_places(cells_of(stated))
    assert stated.score(places)[HARD] == 0


def with_random_weights(instance, seed):
    """Return an instance with other weights, and other prices of sessions and rooms for its submissions."""
    draw = random.Random(seed)
    return attrs.evolve(every_weight(instance), weights={
        name: draw.choice((0, 1, 2, 7)) for name in every_weight(instance).weights})


@pytest.mark.parametrize("seed", range(4))
def test_floors_and_budgets_are_bounds(n2or, seed):
    """With random weights: floors add up to no more than the optimum, budgets below hold nothing, it is proven."""
    cells = cells_of(lower(programme_of(with_random_weights(n2or, seed))))
    rooms = cells.room_classes
    optimum = run(CellModel(cells, rooms).cp, Limits(seconds=30, workers=1))
    assert optimum.status == "optimal"
    floors = floors_of(cells, Control(seconds=30, workers=1, seed=0))
    assert 0 <= floors.sum() <= optimum.objective
    model = CellModel(cells, rooms, floors=floors)
    within = run(model.within(optimum.objective), Limits(seconds=30, workers=1, core=True))
    assert (within.status, within.objective) == ("optimal", optimum.objective)
    assert run(model.within(optimum.objective - 1), Limits(seconds=30, workers=1)).status == "infeasible"
    known: list[int] = []
    budgets = Budgets(model, Control(seconds=30, workers=1, seed=0), 0, lambda: min(known, default=None))
    for _ in range(60):
        if budgets.done:
            break
        budgets.step(5.0, lambda _, cost: known.append(cost))
        assert budgets.bound <= optimum.objective
    assert budgets.bound == min(known) == optimum.objective


@pytest.mark.parametrize("asked_first", [True, False])
def test_a_model_without_solutions_is_told_from_small_budgets(n2or, asked_first):
    """Where no budget is enough, that is found out soon, whether the model without a budget said so or not."""
    cells = cells_of(lower(programme_of(with_random_weights(n2or, 1))))
    model = CellModel(cells, cells.room_classes)
    model.cp.add_bool_or([])
    budgets = Budgets(model, Control(seconds=30, workers=1, seed=0), 0, lambda: None)
    if not asked_first:
        budgets._above = 0
    steps = 0
    while not budgets.done:
        budgets.step(5.0, lambda *_: None)
        steps += 1
        assert steps < 60
    assert budgets.empty
    assert budgets.bound <= model.most


def test_budgets_start_anew_from_the_model(n2or):
    """A copy within a small budget leaves the model, and the next copy, as they are."""
    cells = cells_of(lower(programme_of(with_random_weights(n2or, 1))))
    model = CellModel(cells, cells.room_classes)
    before = [list(variable.domain) for variable in model.cp.proto.variables]
    model.within(0)
    assert [list(variable.domain) for variable in model.cp.proto.variables] == before
    wide = model.within(10**6).proto.variables
    assert all(list(wide[spent.index].domain) == before[spent.index] for spent in model.spent.values())


@pytest.mark.parametrize("slots", range(1, 8))
def test_shares_say_what_fits_into_a_cell(slots):
    """Whatever fits into one cell keeps each row of shares."""
    rows = shares(slots, tuple(range(1, slots + 1)))
    for number in range(1, slots + 1):
        for needs in combinations_with_replacement(range(1, slots + 1), number):
            if sum(needs) <= slots:
                assert all(row[list(needs)].sum() <= slots for row in rows)


@pytest.mark.parametrize("slots", [2, 3, 4])
def test_shares_are_enough_for_small_cells(slots):
    """Up to four slots, whatever keeps all rows for two cells fits into two cells."""
    rows = shares(slots, tuple(range(1, slots + 1)))
    for number in range(1, 2 * slots + 1):
        for needs in combinations_with_replacement(range(1, slots + 1), number):
            if all(row[list(needs)].sum() <= 2 * slots for row in rows):
                assert any(sum(part) <= slots and sum(needs) - sum(part) <= slots
                           for size in range(number + 1) for part in combinations(needs, size))


def test_the_smallest_instance_is_proven(n2or):
    """N2OR has a solution of 1 and none of 0; the solution has no fault and uses no loophole."""
    result = solve(programme_of(n2or), seconds=60, workers=2)
    assert result.status == "optimal"
    assert sum(weighted_terms(result.audit).values()) == 1
    assert faults(n2or, grids_of(n2or, result.schedule)) == Faults()


def test_deterministic_mode_gives_equal_schedules(n2or):
    """Two solves in deterministic mode give the same schedule."""
    programme = programme_of(attrs.evolve(n2or, weights={**n2or.weights, "tracks_sessions": 1}))
    first, second = (solve(programme, seconds=3, workers=1, deterministic=True).schedule for _ in range(2))
    assert first == second
    assert np.all([placement.rooms for placement in first])
