"""The best repair on a slot grid by prices of seats, with proof: a linear programme, and whole numbers.

- `Priced`: the best columns found, and whether they are the best of all.
- `best_columns`: search for them.

Few columns matter: those of whoever has to go, and those to which others could go at once. A linear programme over
these alone is small, and mostly has whole solutions. Its prices of rows, and those that follow for rows that it does
not have, are rounded to multiples of 1 / `SCALE` and bound everything in exact arithmetic: whatever the prices are, no
repair costs less than the cheapest column of each session at these prices, less what all rows bring in. So the linear
solver only proposes. A column that makes this sum larger than the best answer is out of the question for good; what is
left is small enough to be solved whole.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import define, field, frozen
from ortools.linear_solver.python import model_builder_helper as lp

from igfsched.engine.cpsat import Flag, Limits, run
from igfsched.engine.hours import Floats
from igfsched.engine.slot_columns import Columns
from igfsched.engine.writing import Writer
from igfsched.facts import Bools, Ints

SCALE = 2**16
"""Prices are multiples of 1 / SCALE."""
LARGEST = 2**36
"""What all costs may add up to, so that they can be counted in such fractions."""
NEVER = 2**61
MANY = 4_000
"""Columns that are not out of the question up to which all of them are solved at once."""
ROUNDS, RAISES = 12, 30
"""Linear programmes at most, and times that prices are raised after each."""
WHOLE = 1e-6
"""What a whole value of a linear programme may be off by."""
FEW, BRIEF = 700, 0.3
"""Columns for a first whole solution, to begin with, and seconds for it; then there are twice as many."""


@frozen(eq=False)
class Priced:
    """`chosen`: a column for each session that has any, ascending. `proven`: whether no others cost less.

    `levels`: of the columns' costs, those that were looked at.
    """

    chosen: Ints
    proven: bool
    levels: int


def best_columns(columns: Columns, seconds: float, cancel: Flag | None = None) -> Priced | None:
    """Return the columns with the least costs, level by level, that exceed no row; None if none were found in time."""
    search = _Search(columns, time.perf_counter() + seconds, cancel)
    return search.run() if search.weights else None


def weights_of(cost: Ints, session: Ints) -> list[int]:
    """Return weights of the leading levels, so that one unit of a level is worth more than all of the later ones.

    `cost`: `(levels, columns)`. Levels that would make the sum of all too large are left out.
    """
    edges = np.flatnonzero(np.diff(session, prepend=-1))
    least, most = np.minimum.reduceat(cost, edges, axis=1), np.maximum.reduceat(cost, edges, axis=1)
    spread, total = (most - least).sum(axis=1).tolist(), most.sum(axis=1).tolist()
    for count in range(len(cost), 0, -1):
        weights = [1]
        for level in range(count - 1, 0, -1):
            weights.insert(0, weights[0] * (spread[level] + 1))
        if sum(weight * amount for weight, amount in zip(weights, total, strict=False)) < LARGEST:
            return weights
    return []


@frozen(eq=False)
class _Solved:
    """A linear optimum: `values` of all columns, prices of rows and sessions, how many sessions are left `without`."""

    values: Floats
    row_prices: Ints
    session_prices: Ints
    without: float

    @property
    def whole(self) -> bool:
        return self.without < WHOLE and bool((np.minimum(self.values, np.abs(1 - self.values)) < WHOLE).all())


@define(eq=False)
class _Search:
    """The search for the least sum of costs. Columns are ordered by session."""

    columns: Columns
    deadline: float
    cancel: Flag | None = None
    weights: list[int] = field(init=False)
    cost: Ints = field(init=False)
    edges: Ints = field(init=False)
    """Where the columns of each session begin."""
    owner: Ints = field(init=False)
    """Of each column, the number of its session among those that have any."""
    allowed: Bools = field(init=False)
    """Which columns are not out of the question."""
    leaving: Bools = field(init=False)
    """Which sessions, by that number, cannot all stay where they are."""
    best: Ints | None = None
    value: int = NEVER // SCALE
    bound: int = -NEVER
    """No sum, times `SCALE`, is below both this and the best one."""
    least_with: Ints | None = None
    """No sum with a column, times `SCALE`, is below this, by the last prices; struck out columns apart."""

    def __attrs_post_init__(self) -> None:
        columns = self.columns
        self.weights = weights_of(columns.cost, columns.session)
        self.cost = np.array(self.weights, dtype=np.int64) @ columns.cost[: len(self.weights)]
        self.edges = np.flatnonzero(np.diff(columns.session, prepend=-1))
        self.owner = np.searchsorted(columns.session[self.edges], columns.session)
        self.allowed = np.ones(len(columns), dtype=bool)

    def run(self) -> Priced | None:
        active = self._begin()
        for number in range(ROUNDS):
            if time.perf_counter() > self.deadline or (self.cancel is not None and self.cancel.is_set()):
                break
            solved = self._linear(active)
            if solved is None:
                break
            if solved.whole:
                self._offer(np.flatnonzero(solved.values > 0.5))
            everything = bool((active == self.allowed).all())
            at_prices, wanted = self._priced(solved)
            if self.best is None and solved.without < WHOLE and not everything:
                self._first(at_prices)
            self._strike_out()
            if self._proven:
                break
            if everything:
                if solved.without < WHOLE:
                    self._solve(self.allowed, self.deadline - time.perf_counter())
                break
            cheaper = self.allowed & (at_prices < wanted[self.owner])
            if not (cheaper & ~active).any() or number + 2 >= ROUNDS or (
                    self.best is not None and self.allowed.sum() <= MANY):
                active = self.allowed.copy()
            else:
                active = (active & self.allowed) | cheaper
        return None if self.best is None else Priced(self.best, self._proven, len(self.weights))

    @property
    def _proven(self) -> bool:
        return self.best is not None and self.bound > (self.value - 1) * SCALE

    def _begin(self) -> Bools:
        """Return the columns of those who have to go, and those that others could take at once."""
        columns = self.columns
        spare = columns.most - columns.loads(columns.home)
        full = np.zeros(len(columns), dtype=bool)
        full[columns.column[spare[columns.row] < columns.amount]] = True
        crowded = np.zeros(len(columns), dtype=bool)
        crowded[columns.column[spare[columns.row] < 0]] = True
        stays = np.zeros(len(self.edges), dtype=bool)
        stays[self.owner[columns.home & ~crowded]] = True
        self.leaving = ~stays
        found: Bools = ~full | self.leaving[self.owner] | (columns.cost[0] == 0)
        return found

    def _offer(self, chosen: Ints) -> None:
        """Take columns, one for each session, if they exceed no row and are better."""
        columns = self.columns
        taken = np.zeros(len(columns), dtype=bool)
        taken[chosen] = True
        value = int(self.cost[chosen].sum())
        if (value < self.value and np.array_equal(self.owner[chosen], np.arange(len(self.edges)))
                and (columns.loads(taken) <= columns.most).all()):
            self.best, self.value = chosen, value

    # -- in part: the linear programme ---------------------------------------------------------

    def _rows_that_matter(self, active: Bools) -> tuple[Ints, Ints, Ints, Ints]:
        """Return rows that active columns can exceed, and what is counted in them: `(column, number, amount)`."""
        columns = self.columns
        inside = active[columns.column]
        column, row, amount = columns.column[inside], columns.row[inside], columns.amount[inside]
        _, once = np.unique(columns.session[column] * len(columns.most) + row, return_index=True)
        rows = np.flatnonzero(np.bincount(row[once], weights=amount[once], minlength=len(columns.most)) > columns.most)
        number = np.full(len(columns.most), -1)
        number[rows] = np.arange(len(rows))
        inside = number[row] >= 0
        return rows, column[inside], number[row[inside]], amount[inside]

    def _linear(self, active: Bools) -> _Solved | None:
        """Solve the linear relaxation over some columns; those who have to go may be left out at a high price."""
        chosen = np.flatnonzero(active)
        rows, column, number, amount = self._rows_that_matter(active)
        leaving = np.flatnonzero(self.leaving)
        sessions, size = len(self.edges), len(chosen) + len(leaving)
        helper: Any = lp.ModelBuilderHelper()
        helper.add_var_array_with_bounds(np.zeros(size), np.full(size, np.inf), np.zeros(size, dtype=bool), "")
        cost = np.append(self.cost[chosen], np.full(len(leaving), 4 * int(self.cost.max()) + 4))
        for variable in np.flatnonzero(cost).tolist():
            helper.set_var_objective_coefficient(variable, float(cost[variable]))
        for _ in range(sessions):
            helper.set_constraint_lower_bound(line := helper.add_linear_constraint(), 1.0)
            helper.set_constraint_upper_bound(line, 1.0)
        for limit in self.columns.most[rows].tolist():
            helper.set_constraint_lower_bound(line := helper.add_linear_constraint(), -np.inf)
            helper.set_constraint_upper_bound(line, float(limit))
        for variable, session in enumerate([*self.owner[chosen].tolist(), *leaving.tolist()]):
            helper.add_term_to_constraint(session, variable, 1.0)
        for line, variable, units in zip((sessions + number).tolist(), np.searchsorted(chosen, column).tolist(),
                                         amount.tolist(), strict=True):
            helper.add_term_to_constraint(line, variable, units)
        solver = lp.ModelSolverHelper("glop")
        solver.set_time_limit_in_seconds(max(0.01, self.deadline - time.perf_counter()))
        solver.solve(helper)
        # What the time limit leaves half solved has values and prices, too.
        if not solver.has_solution() or str(solver.status()).rsplit(".", 1)[-1] != "OPTIMAL":
            return None
        values, prices = np.asarray(solver.variable_values()), np.asarray(solver.dual_values())
        every = np.zeros(len(active))
        every[chosen] = values[: len(chosen)]
        whole = np.clip(np.rint(prices * SCALE), -NEVER, NEVER).astype(np.int64)
        row_prices = np.zeros(len(self.columns.most), dtype=np.int64)
        row_prices[rows] = np.maximum(-whole[sessions:], 0)
        return _Solved(every, row_prices, whole[:sessions], float(values[len(chosen):].sum()))

    # -- prices --------------------------------------------------------------------------------

    def _priced(self, solved: _Solved) -> tuple[Ints, Ints]:
        """Bound all sums by prices, and those with each column.

        Returned are the costs of columns at the prices, and by session what it pays now.
        """
        columns = self.columns
        order = np.lexsort((-solved.values, self.owner))
        current = order[self.edges]
        sits = solved.values[current] > 0.5
        at_prices = self.cost * SCALE + columns.sums(solved.row_prices)
        wanted = np.where(sits, at_prices[current], solved.session_prices)
        raised, at_prices, wanted = self._raised(solved, current[sits], at_prices, wanted)
        prices = solved.row_prices + raised
        if float(prices.max(initial=0)) * float(columns.amount.sum() + columns.most.max(initial=0)) >= NEVER:
            return at_prices, wanted  # too large to be added up
        least = np.minimum.reduceat(np.where(self.allowed, at_prices, NEVER), self.edges)
        bound = int(least.sum()) - int((prices * np.where(prices > 0, columns.most, 0)).sum())
        self.bound, self.least_with = max(self.bound, bound), bound + at_prices - least[self.owner]
        return at_prices, wanted

    def _strike_out(self) -> None:
        """Forget the columns with which nothing can be as good as the best."""
        if self.best is not None and self.least_with is not None:
            self.allowed &= self.least_with <= self.value * SCALE

    def _raised(self, solved: _Solved, sitting: Ints, at_prices: Ints, wanted: Ints) -> tuple[Ints, Ints, Ints]:
        """Raise prices of full rows as long as those who are in them stay, until nothing else is cheaper for anybody.

        What a full row then costs more it brings in: a bound only grows. `sitting`: the columns of those who have one.
        Returned is by how much rows are raised, and `at_prices` and `wanted` then.
        """
        columns, size = self.columns, len(self.columns.most)
        raised = np.zeros(size, dtype=np.int64)
        load = np.bincount(columns.row, weights=solved.values[columns.column] * columns.amount, minlength=size)
        inside = (load > columns.most - WHOLE)[columns.row] & (columns.amount == 1)
        column, row = columns.column[inside], columns.row[inside]
        sits = np.zeros(len(columns), dtype=bool)
        sits[sitting] = True
        holding = sits[column]
        holder, held = self.owner[column[holding]], row[holding]
        # A row that somebody is in wherever he sits makes no place dearer than the one that he has.
        useful = ~np.isin(self.owner[column] * size + row, holder * size + held)
        for _ in range(RAISES):
            lacking = np.where(self.allowed, wanted[self.owner] - at_prices, 0)
            entries = np.flatnonzero(useful & (lacking[column] > 0))
            if not len(entries):
                break
            others = np.minimum.reduceat(np.where(self.allowed & ~sits, at_prices, NEVER), self.edges)
            spare = np.full(size, NEVER)
            np.minimum.at(spare, held, np.maximum(others - wanted, 0)[holder])
            entries = entries[spare[row[entries]] > 0]
            # Of each column that is too cheap, the row that can be raised most; of each holder's rows, one at a time.
            entries = entries[np.lexsort((-spare[row[entries]], column[entries]))]
            entries = entries[np.unique(column[entries], return_index=True)[1]]
            more = np.zeros(size, dtype=np.int64)
            np.maximum.at(more, row[entries], lacking[column[entries]])
            more = np.minimum(more, spare)
            order = np.lexsort((held, -more[held], holder))
            first = np.searchsorted(holder[order], holder)
            more[held[held != held[order][first]]] = 0
            if not more.any():
                break
            raised += more
            dearer = columns.sums(more)
            at_prices = at_prices + dearer
            wanted[self.owner[sitting]] += dearer[sitting]
        return raised, at_prices, wanted

    # -- whole numbers -------------------------------------------------------------------------

    def _first(self, at_prices: Ints) -> None:
        """Find a first whole solution among the columns that are cheapest at prices, few at first."""
        allowed = np.where(self.allowed, at_prices, NEVER)
        order = np.argsort(allowed - np.minimum.reduceat(allowed, self.edges)[self.owner], kind="stable")
        count = FEW
        while self.best is None and count < 2 * len(order) and time.perf_counter() < self.deadline:
            few = np.zeros(len(order), dtype=bool)
            few[order[:count]] = True
            self._solve(few & self.allowed, min(BRIEF, self.deadline - time.perf_counter()))
            count *= 2

    def _solve(self, active: Bools, seconds: float) -> None:
        """Solve some columns whole; if these are all that are allowed, what is found is the best."""
        model = Writer()
        proto: Any = model.cp.proto
        chosen = np.flatnonzero(active)
        model.booleans(len(chosen))
        begin = np.searchsorted(self.owner[chosen], np.arange(len(self.edges) + 1)).tolist()
        for first, last in pairwise(begin):
            model.exactly_one(range(first, last))
        rows, column, number, amount = self._rows_that_matter(active)
        order = np.argsort(number, kind="stable")
        variable, amount = np.searchsorted(chosen, column[order]), amount[order]
        ends = np.searchsorted(number[order], np.arange(len(rows) + 1))
        for line, limit in enumerate(self.columns.most[rows].tolist()):
            own = slice(ends[line], ends[line + 1])
            model.linear((variable[own].tolist(), amount[own].tolist()), high=limit)
        paid = np.flatnonzero(self.cost[chosen])
        proto.objective.vars.extend(paid.tolist())
        proto.objective.coeffs.extend(self.cost[chosen[paid]].tolist())
        proto.objective.scaling_factor = 1.0
        if self.best is not None:
            proto.solution_hint.vars.extend(range(len(chosen)))
            proto.solution_hint.values.extend(np.isin(chosen, self.best).astype(int).tolist())
        outcome = run(model.cp, Limits(seconds=max(0.01, seconds), workers=1, light=True, linear=2, cancel=self.cancel))
        if outcome.values is not None:
            self._offer(chosen[np.flatnonzero(np.array(outcome.values))])
        if outcome.status in ("optimal", "infeasible") and (active == self.allowed).all() and self.best is not None:
            self.bound = max(self.bound, self.value * SCALE)
