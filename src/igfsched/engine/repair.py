"""The best repair of a schedule, level by level, by one CP-SAT model that is built once.

- `RepairModel`: the model of a part of the sessions, the others standing still; solve it as often as needed.
- `Repaired`: the best places found, and what is proven of each level.

Levels are those of `igfsched.stakes.levels`. Each is minimised with the levels before it held; the model stays
the same, only limits of rows, objective and hint change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen

from igfsched.engine.control import UntrueScheduleError
from igfsched.engine.cpsat import Limits, Outcome, run
from igfsched.engine.encode import build_beside
from igfsched.engine.goals import Goal, completed, goals_of, least, placed_at, room_count, values_at
from igfsched.engine.ground import Ground, Part, of_rooms
from igfsched.engine.model import Model
from igfsched.engine.writing import HIGHEST, LOWEST
from igfsched.facts import Bools, Places
from igfsched.lowering import Lowered
from igfsched.primitives import sessions_of
from igfsched.stakes import MOVES, ROOMS, UNPLACED, Stakes, excess, levels, only

SHARE = 0.7
"""What of the time that is left one level may use, unless it is the last."""

LARGE = 5_000
"""Variables from which a light solve goes without presolve, unless all but a few are fixed at once."""

CALL = 0.2
"""What of the time that it took to build a model a call takes at least: it is copied, checked and made smaller."""

PER_TERM, PER_CANDIDATE = 5e-5, 1.5e-6
"""Seconds that it takes to state a term, and each candidate that it speaks of."""

PAUSE = 0.3
"""Seconds between two solutions that are decoded while the solver runs."""


@frozen(eq=False, kw_only=True)
class Repaired:
    """What a solve found.

    `levels`: of `places`, as `igfsched.stakes.levels` has them. `values`: what was minimised, in that order: the
    levels, or, with a price per move, unplaced, `price x moves + first tier`, rooms, later tiers. `bounds`: no
    places have less of a value, those before it being as they are (None: unknown). `proven`: how many leading
    values are the least. `infeasible`: there are no such places; two solves with different parameters say so.
    """

    places: Places | None
    levels: tuple[int, ...]
    values: tuple[int, ...]
    bounds: tuple[float | None, ...]
    proven: int
    infeasible: bool
    seconds: float

    @property
    def optimal(self) -> bool:
        """Whether every value is the least."""
        return self.places is not None and self.proven == len(self.values)


class RepairModel:
    """A model of all that a repair may choose from.

    `free`: the sessions that may change (None: all); what is not free, or kept, stays at its present place, but may
    have other rooms if it is not kept. `mask`: the starts for those that are free, shape `(variants, starts)` (None:
    all that are allowed). `partial`: free sessions may be left out. `ground`: to be shared by models of one schedule.
    """

    def __init__(
        self, lowered: Lowered, stakes: Stakes, *, free: Iterable[int] | None = None, mask: Bools | None = None,
        partial: bool = True, ground: Ground | None = None,
    ) -> None:
        began = time.perf_counter()
        self.lowered, self.stakes = lowered, stakes
        self.ground = ground or Ground(lowered, stakes)
        everybody = range(lowered.facts.n)
        self.part = Part.of(self.ground, everybody if free is None else free, mask)
        self.model: Model = build_beside(
            self.part.candidates, self.part.still, self.part.terms, self.part.limits, partial=partial)
        if self.part.contradicts:
            self.model.contradict()
        self.goals = goals_of(self.part, self.model)
        self._proto: Any = self.model.cp.proto
        self._first_row = len(self._proto.constraints)
        for goal in (*self.goals, Goal({}, 0)):  # the last row is for a mixture of two goals
            linear = self._proto.constraints.add().linear
            linear.vars.extend(goal.terms.keys())
            linear.coeffs.extend(goal.terms.values())
            linear.domain.extend((LOWEST, HIGHEST))
        self._completed: tuple[Places, list[int]] | None = None
        self.seconds = time.perf_counter() - began
        """What it took to build."""

    @staticmethod
    def build_seconds(lowered: Lowered, free: Iterable[int] | None = None) -> float:
        """Return roughly how long it takes to build a model in which some sessions are free (None: all).

        It goes with the candidates that each term speaks of, added up. On one core it is right within a factor of
        three from 40 sessions to 275.
        """
        facts = lowered.facts
        moving = np.zeros(facts.n, dtype=np.int64)
        for session in range(facts.n) if free is None else free:
            moving[session] = lowered.allowed[list(facts.variants[session])].sum()
        met = int(moving.sum())
        for term in lowered.terms:
            rooms = len(lowered.programme.rooms) if of_rooms(term) else 1
            met += rooms * int(moving[list(sessions_of(term.primitive))].sum())
        return PER_TERM * len(lowered.terms) + PER_CANDIDATE * met

    def solve(
        self, *, hint: Places | None = None, limits: Limits | None = None, most: Sequence[int | None] = (),
        trade: int | None = None, on_better: Callable[[Places], None] | None = None,
    ) -> Repaired:
        """Minimise level after level, and leave the model as it was.

        - `hint`: places to begin with; whatever of them the model does not know is left out.
        - `limits`: where too little time is left for another call of the solver, none is made. `light` is for small
          models and for complete hints: one worker, short presolve or none. (With two workers, or all of presolve,
          whole models of 100,000 variables took two to five times as long.)
        - `most`: limits of levels that are known beforehand (None: none), in the order of `stakes.levels`.
        - `trade`: what one unit of weighted moves may cost in the first tier: these two are then minimised
          together, before rooms and the later tiers.
        - `on_better`: gets each better places, on another thread.
        """
        return _Solve(self, limits or Limits(), most, trade, on_better).run(hint)

    def limit(self, number: int, value: int | None) -> None:
        """Let the value of a goal (by its number; one more: the mixture) be at most `value`; None: anything."""
        row = self._proto.constraints[self._first_row + number]
        row.linear.domain[1] = HIGHEST if value is None else value

    def mix(self, goal: Goal) -> None:
        """Make a goal the last row."""
        linear = self._proto.constraints[self._first_row + len(self.goals)].linear
        linear.vars.clear()
        linear.coeffs.clear()
        linear.vars.extend(goal.terms.keys())
        linear.coeffs.extend(goal.terms.values())

    def minimize(self, goal: Goal | None) -> None:
        """Make a goal the objective; None: nothing."""
        self.model.cp.clear_objective()
        if goal is not None:
            objective = self._proto.objective
            objective.vars.extend(goal.terms.keys())
            objective.coeffs.extend(goal.terms.values())
            objective.offset = float(goal.constant)
            objective.scaling_factor = 1.0

    def values_of(self, places: Places) -> list[int]:
        """Return the values of all variables at given places; those of the last places are known."""
        if self._completed is None or self._completed[0] is not places:
            self._completed = places, completed(self.part, self.model, places)
        return self._completed[1]

    def hint(self, places: Places | None) -> None:
        """Begin with the variables' values at given places, helping ones included; None: with nothing."""
        self.model.cp.clear_hints()
        if places is not None:
            hint = self._proto.solution_hint
            values = self.values_of(places)
            hint.vars.extend(range(len(values)))
            hint.values.extend(values)


class _Solve:
    """One solve of a model: the state between its levels."""

    def __init__(
        self, repair: RepairModel, limits: Limits, most: Sequence[int | None], trade: int | None,
        on_better: Callable[[Places], None] | None,
    ) -> None:
        self.repair, self.limits, self.trade, self.on_better = repair, limits, trade, on_better
        self.most = most
        self.began = time.perf_counter()
        self.counted = 0.0
        goals = repair.goals
        self.goals: list[tuple[Goal, int]] = list(zip(goals, range(len(goals)), strict=True))
        if trade is not None:
            priced = evolve(goals[MOVES], terms={v: trade * c for v, c in goals[MOVES].terms.items()},
                            constant=trade * goals[MOVES].constant)
            mixture = priced.plus(goals[ROOMS + 1]) if len(goals) > ROOMS + 1 else priced
            self.goals = [self.goals[UNPLACED], (mixture, len(goals)), self.goals[ROOMS], *self.goals[ROOMS + 2:]]
        self.everybody = least(repair.part, repair.model, goals[UNPLACED], complete=False)
        self.fewest = least(repair.part, repair.model, goals[MOVES], complete=True)
        self.best: Places | None = None
        self.values: tuple[int, ...] = ()
        self.slack = False
        self.levels: tuple[int, ...] = ()

    def run(self, hint: Places | None) -> Repaired:
        repair = self.repair
        bounds: list[float | None] = [None] * len(self.goals)
        infeasible = False
        if self.trade is not None:
            repair.mix(self.goals[1][0])
        for level, value in enumerate(self.most):
            repair.limit(level, None if value is None else value - repair.goals[level].constant)
        try:
            if hint is not None:
                self._offer(hint)
            known = self._fewest_moves(hint) if self.trade is None else {}
            for number, (goal, _) in enumerate(self.goals):
                floor = least(repair.part, repair.model, goal, complete=number > 0 and self._complete)
                if number == UNPLACED or self._complete:
                    floor = max(floor, known.get(number, floor))
                if (self.best is None or self.values[number] > floor) and not self._over:
                    repair.hint(hint if self.best is None else self.best)
                    repair.minimize(goal)
                    outcome = self._call(number)
                    if outcome.status == "infeasible":
                        if self.best is not None:
                            raise UntrueScheduleError("the solver calls a model infeasible that has a solution")
                        infeasible = self._confirmed()
                        break
                    if outcome.status == "optimal":
                        floor = max(floor, outcome.objective)
                    elif outcome.bound > -1e17:
                        floor = max(floor, int(np.ceil(outcome.bound - 1e-6)))
                if self.best is None:
                    bounds[number] = floor
                    break
                bounds[number] = min(floor, self.values[number])
                if self._over and floor < self.values[number]:
                    break  # without a call nothing but sums can be proven of later values
                self._hold(number)
                if number == MOVES and self.trade is None:
                    self.slack = not self._complete or self.values[MOVES] > self.fewest
        finally:
            for number in range(len(repair.goals) + 1):
                repair.limit(number, None)
            repair.minimize(None)
            repair.hint(None)
        return self._result(bounds, infeasible)

    def _fewest_moves(self, hint: Places | None) -> dict[int, int]:
        """Place everybody with fewer moves than the best, trying few first; return what that proves of two levels.

        With the moves limited to those that nobody can avoid, nearly all of a large model is fixed before the search
        begins. To place everybody with any number of moves is the harder problem by far.
        """
        repair = self.repair
        everybody, fewest, moves = self.everybody, self.fewest, repair.goals[MOVES]
        positive = [-price for price in moves.terms.values() if price < 0]
        given, allowed = (self.most[level] if len(self.most) > level else None for level in (MOVES, UNPLACED))
        top = moves.constant if given is None else given
        complete = self.best is not None and self.values[UNPLACED] <= everybody
        if complete:
            top = self.values[MOVES] - 1
        if top < fewest or not positive or (allowed is not None and allowed < everybody) or self._over:
            return {}
        step, slack, known = min(positive), 0, {MOVES: fewest}
        repair.limit(UNPLACED, everybody - repair.goals[UNPLACED].constant)
        repair.minimize(moves)
        while True:
            limit = min(fewest + slack, top)
            repair.limit(MOVES, limit - moves.constant)
            repair.hint(hint if self.best is None else self.best)
            self.slack = limit > fewest
            outcome = self._call(MOVES)
            if outcome.status == "infeasible":
                known[MOVES] = max(known[MOVES], limit + 1)
                if limit >= top and not complete:
                    known = {UNPLACED: everybody + 1}
            if outcome.status == "optimal":
                known[MOVES] = outcome.objective
            if outcome.status != "infeasible" or limit >= top or self._over:
                break
            slack = max(step, 2 * slack)
        for level in (UNPLACED, MOVES):
            value = self.most[level] if len(self.most) > level else None
            repair.limit(level, None if value is None else value - repair.goals[level].constant)
        return known

    def _result(self, bounds: list[float | None], infeasible: bool) -> Repaired:
        proven = 0
        while proven < len(self.values) and bounds[proven] == self.values[proven]:
            proven += 1
        return Repaired(
            places=self.best, levels=self.levels, values=self.values,
            bounds=tuple(bounds), proven=proven, infeasible=infeasible, seconds=time.perf_counter() - self.began,
        )

    @property
    def _complete(self) -> bool:
        """Whether the best leaves out nobody that could have a place."""
        return self.values[UNPLACED] <= self.everybody

    @property
    def _left(self) -> float:
        """Seconds that are left."""
        return self.limits.seconds - (time.perf_counter() - self.began)

    @property
    def _over(self) -> bool:
        """Whether nobody waits for another call, or too little time is left for one."""
        if self.limits.cancel is not None and self.limits.cancel.is_set():
            return True
        if self.limits.deterministic is not None:
            return self.counted >= self.limits.deterministic
        return self._left <= CALL * self.repair.seconds

    def _levels(self, places: Places) -> tuple[int, ...]:
        if self.best is not None and _equal(places, self.best):
            return self.levels
        return levels(self.repair.lowered, self.repair.stakes, places)

    def _hold(self, number: int) -> None:
        """Keep a value at what the best has; a limit that was given is no less strict."""
        goal, row = self.goals[number]
        self.repair.limit(row, self.values[number] - goal.constant)

    def _call(self, number: int) -> Outcome:
        """Minimise one value, and take what comes back if it is better."""
        last = 0 if number == len(self.goals) - 1 else 1
        limits = evolve(self.limits, seconds=max(0.01, self._left * (SHARE if last else 1.0)))
        if self.limits.deterministic is not None:
            left = self.limits.deterministic - self.counted
            limits = evolve(limits, deterministic=max(0.01, left * (SHARE if last else 1.0)))
        if limits.light:
            bare = self.slack and self.repair.model.n_variables > LARGE
            limits = evolve(limits, workers=1, presolve=not bare, linear=1 if bare else limits.linear)
        told = time.perf_counter()

        def on_solution(values: list[int], objective: int) -> None:
            nonlocal told
            if time.perf_counter() - told > PAUSE:
                told = time.perf_counter()
                self._offer(placed_at(self.repair.part, self.repair.model, values))

        outcome = run(self.repair.model.cp, limits, on_solution if self.on_better is not None else None)
        self.counted += outcome.deterministic
        if outcome.values is not None:
            places = placed_at(self.repair.part, self.repair.model, outcome.values)
            self._offer(places, trusted=True)
            value = values_at(self._levels(places), self.trade)[number]
            if value > outcome.objective or (outcome.status == "optimal" and value != outcome.objective):
                raise UntrueScheduleError(
                    f"the solver makes value {number} {outcome.objective}, the schedule has {value}")
            if self.best is None or (outcome.status == "optimal" and self.values[number] > outcome.objective):
                raise UntrueScheduleError("the solver gave up a value that was to be held")
        return outcome

    def _confirmed(self) -> bool:
        """Say whether a second solve with other parameters agrees that there is nothing."""
        if self._over:
            return False
        self.repair.minimize(None)
        self.repair.hint(None)
        limits = evolve(self.limits, light=not self.limits.light, seed=self.limits.seed + 7, workers=1, linear=2,
                        seconds=max(0.01, self._left))
        return run(self.repair.model.cp, limits).status == "infeasible"

    def _broken(self, places: Places) -> str:
        """Return what hard rules ask for and places do not give."""
        alone = only(places, self.repair.stakes.kept)
        return "; ".join(unit.sentence for unit in self.repair.lowered.units if unit.rule.hard
                         and unit.rule.name != "placed" and unit.value(places) > unit.value(alone))

    def _offer(self, places: Places, *, trusted: bool = False) -> bool:
        """Take places if they are better; say whether they were. `trusted`: the solver says that they are valid."""
        if self.best is not None and _equal(places, self.best):
            return False
        found = self._levels(places)
        wrong = excess(self.repair.lowered, self.repair.stakes, places) > 0
        if trusted and wrong:
            raise UntrueScheduleError(f"the solver's schedule breaks hard rules: {self._broken(places)}")
        if wrong or not (trusted or self._known(places)) or any(
                limit is not None and value > limit for value, limit in zip(found, self.most, strict=False)):
            return False
        values = values_at(found, self.trade)
        if self.best is not None and values >= self.values:
            return False
        self.best, self.values, self.levels = places, values, found
        if self.on_better is not None:
            self.on_better(places)
        return True

    def _known(self, places: Places) -> bool:
        """Whether places, if they keep to the hard rules, are among those that the model chooses from."""
        part, model = self.repair.part, self.repair.model
        choosing = {session for session, _ in model.requests}
        for session in [*part.free, *part.still.roaming]:
            if places.variant[session] < 0:
                if session in part.free and model.absent[session] is None:
                    return False
            elif self.repair.lowered.programme.rooms and (
                    session not in choosing or len(places.rooms[session]) != room_count(part, session)):
                return False  # no rule speaks of the number of rooms: the engine keeps to it
        return _equal(placed_at(part, model, self.repair.values_of(places)), places)


def _equal(one: Places, other: Places) -> bool:
    return bool((one.variant == other.variant).all() and (one.start == other.start).all() and one.rooms == other.rooms)
