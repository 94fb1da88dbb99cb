"""A planner through random lives: changes, commits, undos; each repair is held against the audit and against CP-SAT."""

from __future__ import annotations

from math import comb
from typing import Any

import pytest
from changing import changes, programmes_with_all_rules
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from repairs import best_by_trying
from tiny import tiny_programme

from igfsched.audit import audit
from igfsched.engine import solve
from igfsched.engine.cpsat import Limits
from igfsched.engine.repair import RepairModel
from igfsched.errors import Infeasible, InputError
from igfsched.kernel.board import Board
from igfsched.lowering import lower
from igfsched.planner import Planner, Repair
from igfsched.planner.state import State
from igfsched.programme import Programme
from igfsched.schedule import Schedule

FEW = 3_000
"""Combinations of places up to which all are tried."""


class Life(RuleBasedStateMachine):
    """What may happen to a planner."""

    @initialize(data=st.data(), seed=st.integers(0, 400), rich=st.booleans())
    def begin(self, data: st.DataObject, seed: int, rich: bool) -> None:
        programme: Programme = data.draw(programmes_with_all_rules()) if rich else tiny_programme(seed)
        solved = solve(programme, seconds=2, workers=1)
        schedule = Schedule() if solved.schedule is None else solved.schedule
        self.planner = Planner(programme, schedule)
        self.repair: Repair | None = None
        self.past: list[tuple[Programme, Schedule]] = []
        self.future: list[tuple[Programme, Schedule]] = []

    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        """A change is repaired, or makes no sense."""
        planner = self.planner
        before = planner.programme, planner.schedule
        change = changes(data.draw, planner.programme)
        try:
            self.repair = planner.apply(change, seconds=5, workers=1)
        except InputError:
            self.repair = None
            return
        assert (planner.programme, planner.schedule) == before
        hold(self.repair, planner)
        numbers_are_right(planner.trial)

    @precondition(lambda self: self.repair is not None)
    @rule()
    def commit(self) -> None:
        """A repair becomes the planner's, unless it was refused."""
        repair, planner = self.repair, self.planner
        assert repair is not None
        self.repair = None
        before = planner.programme, planner.schedule
        try:
            found = planner.commit(repair)
        except Infeasible:
            assert repair.status in ("refused", "unknown")
            assert (planner.programme, planner.schedule) == before
            return
        self.past.append(before)
        self.future.clear()
        assert (planner.programme, planner.schedule) == (repair.programme, repair.schedule)
        assert found.score == audit(planner.programme, planner.schedule).score

    @rule()
    def undo(self) -> None:
        """What was committed last is undone, exactly."""
        self.repair = None
        now = self.planner.programme, self.planner.schedule
        assert self.planner.undo() == bool(self.past)
        if self.past:
            self.future.append(now)
            assert (self.planner.programme, self.planner.schedule) == self.past.pop()

    @rule()
    def redo(self) -> None:
        """What was undone last is done again, exactly."""
        self.repair = None
        now = self.planner.programme, self.planner.schedule
        assert self.planner.redo() == bool(self.future)
        if self.future:
            self.past.append(now)
            assert (self.planner.programme, self.planner.schedule) == self.future.pop()

    @rule()
    def publish(self) -> None:
        """The present schedule becomes the reference."""
        self.repair = None
        self.past.append((self.planner.programme, self.planner.schedule))
        self.future.clear()
        self.planner.publish()
        assert self.planner.reference == self.planner.schedule


def hold(repair: Repair, planner: Planner) -> None:
    """Assert that a repair is valid, as good as it says, and as good as CP-SAT finds where it says so."""
    state = planner.trial
    if repair.status == "unknown":
        assert not repair.proof.score
        return
    if repair.levels:
        found = audit(repair.programme, repair.schedule)
        kept = {state.facts.sessions[s].id for s in state.stakes.kept}  # type: ignore[union-attr]
        for finding in found.hard:
            assert finding.rule.startswith("placed") or set(finding.sessions) <= kept, finding
        told = [(one.tier, one.cost) for one in found.score_by_rule if one.rule not in state.lowered.silent]
        for tier, cost in repair.score.items():
            assert sum(own for of, own in told if of == tier) == cost
        assert found.unplaced == repair.unplaced
        assert repair.levels[2] == len(repair.rooms_changed)
    best = least(state)
    if best is None:
        return
    if not repair.levels:
        assert not best, (repair.status, best)
        return
    assert repair.levels >= best
    if repair.proof.moves:
        assert repair.levels[:2] == best[:2], (repair.levels, best, repair.proof)
    if repair.proof.score:
        assert repair.levels == best, (repair.levels, best, repair.proof)


def least(state: State) -> tuple[int, ...] | None:
    """Return the least levels of any repair, () if there is none; None if neither trying nor CP-SAT knows."""
    number = 1
    rooms = len(state.programme.rooms)
    for slot in state.facts.alive:
        value = state.facts.sessions[slot]
        assert value is not None
        number *= 1 + len(state.board.options(slot)) * (comb(rooms, value.room_count) if rooms else 1)
    if number <= FEW:
        return best_by_trying(state.lowered, state.stakes) or ()
    found = RepairModel(state.lowered, state.stakes).solve(limits=Limits(seconds=5, workers=1))
    return () if found.infeasible else found.levels if found.optimal else None


def numbers_are_right(state: State) -> None:
    """Assert that the state after a change has the numbers of one made from nothing."""
    board = Board(state.lowered, state.stakes.kept)
    board.begin(state.stakes.present, state.stakes.reference)
    assert (board.cost == state.board.cost).all()
    assert board.broken_links == state.board.broken_links
    assert board.accepted_links == state.board.accepted_links
    assert sorted(term.value for term in board.terms()) == sorted(term.value for term in state.board.terms())
    accepted, expected = (sorted((t.unit.sentence, t.accepted) for t in b.terms() if t.accepted)
                          for b in (state.board, board))
    assert accepted == expected
    assert sorted(p.numbers.sum() for p in board.pools) == sorted(p.numbers.sum() for p in state.board.pools)
    own, alive = state.board.rooms, list(state.facts.alive)
    assert (board.rooms.allowed[alive] == own.allowed[alive]).all()
    assert (board.rooms.inside[:, alive] == own.inside[:, alive]).all()
    assert board.rooms.changeover.tolist() == own.changeover.tolist()
    assert [board.rooms.told[s] for s in alive] == [own.told[s] for s in alive]
    assert board.absence[list(state.facts.alive)].tolist() == state.board.absence[list(state.facts.alive)].tolist()
    anew = lower(state.programme)
    places = anew.facts.places(state.facts.schedule(state.stakes.present))
    assert places is not None
    score = anew.score(places)
    for unit in state.lowered.units:  # what looks at rooms is left to the solver
        for primitive in unit.primitives:
            if id(primitive) in board.unknown and not unit.rule.hard:
                score[unit.rule.tier] -= unit.rule.weight * primitive.value(state.stakes.present)
    assert state.board.cost.tolist() == [score[tier] for tier in anew.tiers]


COMMON: dict[str, Any] = {
    "deadline": None, "suppress_health_check": list(HealthCheck), "phases": [Phase.generate], "stateful_step_count": 8,
}
# The same lives each time; others, at random, are for the long test.
Life.TestCase.settings = settings(max_examples=12, derandomize=True, database=None, **COMMON)
TestLife = Life.TestCase


@pytest.mark.long
def test_many_lives() -> None:
    """A thousand lives more."""
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Life, settings=settings(max_examples=1000, **COMMON))  # type: ignore[no-untyped-call]



