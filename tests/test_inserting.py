"""Schedules by insertion, and stretches emptied and filled again."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest
from ortools.linear_solver.python.model_builder_helper import ModelSolverHelper, SolveStatus

from igfsched import Person, Programme, Room, Session, Window, solve
from igfsched.engine.control import Control, Incumbent
from igfsched.engine.hours import hour_problem
from igfsched.engine.inserting import Packing, choices_of, insert, packing_of
from igfsched.engine.refilling import refill
from igfsched.engine.relax import relax
from igfsched.engine.rooms import Pools
from igfsched.facts import Ints
from igfsched.lowering import HARD, Lowered, lower
from igfsched.rules import NightRest


def full() -> Lowered:
    """Return a programme that fills two rooms of three hours: six sessions, two of one person."""
    sessions = [Session(id=f"s{n}", duration=60, people=["ana"] if n < 2 else []) for n in range(6)]
    return lower(Programme(
        window=Window.daily("2020-11-09", "2020-11-09", "09:00", "12:00"), sessions=sessions,
        rooms=[Room(id="a"), Room(id="b")], people=[Person(id="ana")], changeover=0, cap=2,
    ))


def inserted(lowered: Lowered, prices: Ints) -> tuple[Packing, int]:
    packing = packing_of(lowered, Pools(lowered))
    assert packing is not None
    choices = choices_of(lowered, lowered.allowed, prices)
    return packing, insert(packing, choices, np.random.default_rng(0), lambda: False, 2_000)


def test_a_full_programme_is_placed_by_pushing_others_out():
    """Six sessions that fill all there is are placed, and no hard rule is broken."""
    lowered = full()
    packing, left = inserted(lowered, np.zeros(lowered.allowed.shape, dtype=np.int64))
    places = packing.places()
    assert left == 0
    assert places is not None
    assert lowered.score(places)[HARD] == 0


def test_refilling_breaks_nothing_and_costs_no_more():
    """What refilling tells is complete, breaks no hard rule, and costs no more than before at the end."""
    lowered = full()
    prices = np.random.default_rng(3).integers(0, 50, lowered.allowed.shape)
    packing, _ = inserted(lowered, prices)

    def cost() -> int:
        starts = np.searchsorted(lowered.facts.starts, packing.start)
        return int(prices[packing.variant, starts].sum())

    before, steps, told = cost(), iter(range(41)), []
    refill(packing, choices_of(lowered, lowered.allowed, prices), np.random.default_rng(1),
           lambda: next(steps) / 40, told.append)
    assert cost() <= before
    assert told
    assert all(places is not None and lowered.score(places)[HARD] == 0 for places in told)


def test_a_linear_programme_that_is_cut_off_gives_no_bound(monkeypatch):
    """A solution of the hour problem that is feasible, and not known to be the best, is no bound."""
    lowered = full()
    problem = hour_problem(lowered, Pools(lowered), lowered.tiers[0], lowered.allowed)
    assert relax(problem, lowered.allowed, 10.0).status == "optimal"

    class CutOff:
        """The linear solver, as if its time had been over before it was done."""

        def __init__(self, name: str) -> None:
            self.solver = ModelSolverHelper(name)

        def __getattr__(self, name: str) -> object:
            return getattr(self.solver, name)

        def status(self) -> object:
            return SolveStatus.FEASIBLE

    monkeypatch.setattr("igfsched.engine.relax.lp.ModelSolverHelper", CutOff)
    cut = relax(problem, lowered.allowed, 10.0)
    assert cut.status == "unknown"
    assert cut.bound < 0
    assert (cut.reduced[lowered.allowed] == 0).all()


def test_a_bound_above_the_score_is_dropped():
    """What a schedule refutes proves nothing, and is told."""
    lowered = full()
    packing, _ = inserted(lowered, np.zeros(lowered.allowed.shape, dtype=np.int64))
    incumbent = Incumbent(lowered, Control(seconds=1.0, workers=1, seed=0, deterministic=False, cancel=Event()))
    incumbent.offer(packing.places())
    tier = lowered.tiers[0]
    incumbent.prove(tier, incumbent.score[tier] + 1.0)
    assert incumbent.done(tier)
    with pytest.warns(RuntimeWarning, match="a defect of igfsched"):
        incumbent.doubt()
    assert not incumbent.done(tier)


def test_sessions_that_are_longer_after_marks_are_packed_so():
    """A person who needs ten hours after a session in the night is not put into another one before that."""
    window = Window.daily("2020-11-09", "2020-11-09", "00:00", "20:00")
    lowered = lower(Programme(
        window=window, sessions=[Session(id=f"s{n}", duration=60, people=["ana"]) for n in range(3)],
        people=[Person(id="ana", zone="UTC")], cap=1, rules=[NightRest(measure="minutes", level="hard")]))
    packing, left = inserted(lowered, np.zeros(lowered.allowed.shape, dtype=np.int64))
    places = packing.places()
    assert left == 0
    assert places is not None
    assert lowered.score(places)[HARD] == 0


@pytest.fixture
def week() -> Programme:
    """Forty sessions of people in three zones, in two rooms on five days: more than one model takes at once."""
    zones = ("Europe/Paris", "Asia/Tokyo", "America/Lima")
    return Programme(
        window=Window.daily("2020-11-09", "2020-11-13", "06:00", "16:00"), rooms=[Room(id="a"), Room(id="b")], cap=2,
        people=[Person(id=f"p{n}", zone=zones[n % 3]) for n in range(30)],
        sessions=[Session(id=f"s{n}", duration=60, people=[f"p{n % 30}", f"p{(7 * n + 1) % 30}"]) for n in range(40)])


@pytest.mark.parametrize("deterministic", [True, False])
def test_the_way_of_large_programmes_is_as_true_as_the_other(monkeypatch, week, deterministic):
    """What is inserted first is valid and no better than what the other way proves best; bounds are not above that."""
    best = solve(week, seconds=60, workers=1)
    assert best.status == "optimal"
    monkeypatch.setattr("igfsched.engine.search.LARGE", 0)
    found = [solve(week, seconds=4, workers=1 if deterministic else 2, deterministic=deterministic) for _ in range(2)]
    for result in found:
        assert result.audit is not None
        assert result.audit.valid
        for ours, true in zip(result.score, best.score, strict=True):
            assert ours.bound is None or ours.bound <= true.score
            if ours.score != true.score:
                assert ours.score > true.score
                break
    if deterministic:
        assert found[0].schedule == found[1].schedule
