"""The engine for blocks and cells: what it sees is so, its bound is a bound, and it proves the smallest instance."""

from __future__ import annotations

import random

import attrs
import numpy as np
import peer_files
import pytest
from generate import generate
from test_cosplib import every_weight, random_grids

from igfsched.engine.cells.look import cells_of
from igfsched.engine.cells.model import CellModel
from igfsched.engine.cells.neighbours import first_places
from igfsched.engine.cpsat import Limits, run
from igfsched.engine.solve import solve
from igfsched.io.cosplib import Faults, faults, grids_of, programme_of, read_instance, schedule_of, weighted_terms
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


@pytest.mark.parametrize("apart", [False, True])
def test_the_model_says_no_more_than_a_schedule_costs(n2or, apart):
    """With blocks and numbers of rooms as in a schedule at random, the model's cost is at most the schedule's."""
    instance = every_weight(n2or)
    stated = lower(programme_of(instance))
    cells = cells_of(stated)
    rooms = tuple((room,) for room in range(cells.n_rooms)) if apart else cells.room_classes
    kind = {room: c for c, own in enumerate(rooms) for room in own}
    draw, equal = random.Random(3), 0
    for _ in range(8):
        grids = random_grids(instance, draw)
        places = stated.facts.places(schedule_of(instance, grids))
        if (places.variant < 0).any():
            continue
        model = CellModel(cells, rooms)
        model.merging = False
        used: dict[tuple[int, int, int], set[int]] = {}
        for session, g in cells.group_of.items():
            b = int(cells.axis.of_tick[places.start[session]])
            model.cp.add(model.inside[session, b] == 1)
            (room,) = places.rooms[session]
            used.setdefault((g, b, kind[room]), set()).add(room)
        if any(len(own) > 1 and cell not in model.more for cell, own in used.items()) or any(
                sum(key[:2] == cell[:2] for key in used) > 1 and not any(cell[:2] == m[:2] for m in model.more)
                for cell in used):
            continue  # a group that fits into one room is in two: the model takes it for one
        for cell, literal in model.room.items():
            model.cp.add(literal == int(cell in used))
        for cell, number in model.more.items():
            model.cp.add(number == max(0, len(used.get(cell, ())) - 1))
        outcome = run(model.cp, Limits(seconds=20, workers=1))
        assert outcome.status == "optimal"
        score = stated.score(places)[cells.tier]
        assert outcome.objective <= score
        equal += outcome.objective == score
    assert equal or not apart or cells.seen.unseen


def test_the_first_schedule_is_valid(n2or):
    """The schedule that the search begins with keeps all hard rules."""
    stated = lower(programme_of(n2or))
    places = first_places(cells_of(stated))
    assert stated.score(places)[HARD] == 0


def test_the_smallest_instance_is_proven(n2or):
    """N2OR has a solution of 1 and none of 0; the solution has no fault and uses no loophole."""
    result = solve(programme_of(n2or), seconds=60, workers=2)
    assert result.status == "optimal"
    assert weighted_terms(result.audit)["consecutive_tracks"] == sum(weighted_terms(result.audit).values()) == 1
    assert faults(n2or, grids_of(n2or, result.schedule)) == Faults()


def test_deterministic_mode_gives_equal_schedules(n2or):
    """Two solves in deterministic mode give the same schedule."""
    programme = programme_of(attrs.evolve(n2or, weights={**n2or.weights, "tracks_sessions": 1}))
    first, second = (solve(programme, seconds=3, workers=1, deterministic=True).schedule for _ in range(2))
    assert first == second
    assert np.all([placement.rooms for placement in first])
