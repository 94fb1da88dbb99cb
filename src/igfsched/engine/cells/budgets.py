"""From the bound upwards: what groups cost at least, and a model solved within one budget after the other.

- `floors_of`: what each group costs if it is alone; their sum is a bound.
- `Budgets`: a model within budgets that grow from the bound. A budget that is too small is a better bound; the best
  within one that is not is the best of all.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from attrs import evolve

from igfsched.engine.cells.look import Cells
from igfsched.engine.cells.model import CellModel
from igfsched.engine.control import Control
from igfsched.engine.cpsat import Flag, Outcome, run
from igfsched.facts import Ints

SHARE = 0.1
"""Of the time left, what the floors of all groups may take."""
QUICK = 1.0
"""Seconds in which a budget is refuted on a free machine if the next one should be further from the bound."""
PATIENCE = 0.6
"""Of the time left, what one budget may take."""
QUIET = 3.0
"""Seconds for which the search without a budget goes on while the bound does not rise, on a free machine."""


def floors_of(cells: Cells, control: Control) -> Ints:
    """Return what each group costs at least, whatever the others do, shape `(groups,)`."""
    floors = np.zeros(len(cells.groups), dtype=np.int64)
    each = control.left * SHARE / max(1, len(floors))
    wall, own = time.perf_counter(), time.process_time()
    for g in range(len(floors)):
        if control.left <= 0:
            break
        model = CellModel(cells, cells.room_classes, groups=(g,))
        if model.spent:
            outcome = control.count(run(model.cp, control.limits(max(0.5, each), workers=1)))
            if outcome.status != "infeasible":
                floors[g] = max(0, _whole(outcome.bound))
    wall, own = time.perf_counter() - wall, time.process_time() - own
    if own > 0 and not control.deterministic:
        control.pace = min(6.0, max(control.pace, wall / own))
    return floors


def _whole(bound: float) -> int:
    """Return the least whole number that is no less than a bound."""
    return int(np.ceil(bound - 1e-6)) if np.isfinite(bound) else 0


class _Enough:
    """Set once a step should give way to the next one.

    That is after some seconds in which the bound has not risen, or, if the budget was the best known, once half of what
    lay between it and the bound is gone; or if something within a smaller budget is known by now.
    """

    def __init__(self, over: Flag, budgets: Budgets, budget: int | None, seconds: float) -> None:
        self._over = over
        self._budgets = budgets
        self._began = budgets.cost()
        self._open = budget is None or (self._began is not None and budget == self._began - 1)
        self._budget = budget
        self._seconds = seconds
        self._heard = time.perf_counter()
        self._bound = float(budgets.bound)

    def is_set(self) -> bool:
        return self._over.is_set() or self._closer() or time.perf_counter() - self._heard > self._seconds

    def _closer(self) -> bool:
        cost = self._budgets.cost()
        if cost is None or self._began is None or cost == self._began:
            return False
        if not self._open:
            return self._budget is not None and cost <= self._budget
        return cost - self._bound <= (self._began - self._bound) / 2

    def hear(self, bound: float) -> None:
        self._heard = time.perf_counter()
        self._bound = max(self._bound, bound)


class Budgets:
    """Budgets for one model, one after the other. The first is no budget, until the bound has not risen for a while.

    `bound`: what every schedule costs at least. `cost`: asked for the cost of the best values known, None without any.
    `empty`: whether the model has no solutions, whatever they cost.
    """

    def __init__(self, model: CellModel, control: Control, bound: int, cost: Callable[[], int | None]) -> None:
        self.model = model
        self.control = control
        self.bound = max(bound, int(model.floors.sum()))
        self.cost = cost
        self.empty = False
        self._above: int | None = None
        self._slow = False

    @property
    def done(self) -> bool:
        """Whether the best values known are proven to be the best of all, or there are none."""
        cost = self.cost()
        return self.empty or (cost is not None and cost <= self.bound)

    def step(self, seconds: float, take: Callable[[Ints, int], None], over: Flag | None = None) -> None:
        """Solve the model within the next budget, until `over` at most; `take` gets values and their cost."""
        best = self.cost()
        budgets = [best - 1] if best is not None else []
        if self._above is not None:
            budgets.append(min(self.bound + self._above, self.model.most))
        over = self.control.cancel if over is None else over
        budget = min(budgets, default=None)
        enough = _Enough(over, self, budget, QUIET * self.control.pace if self._above is None else seconds)
        workers = 1 if self.control.deterministic else max(1, self.control.workers - 1)
        limits = evolve(self.control.limits(seconds, workers=workers), core=workers == 1,
                        cancel=over if self.control.deterministic else enough)
        outcome = self.control.count(run(
            self.model.within(budget, self.bound), limits,
            None if self.control.deterministic else lambda values, cost: take(np.array(values), cost),
            enough=self.bound, on_bound=enough.hear))
        if outcome.values is not None:
            take(np.array(outcome.values), outcome.objective)
        self._learn(outcome, budget)

    def _learn(self, outcome: Outcome, budget: int | None) -> None:
        above, self._above = self._above, 0
        if outcome.status == "infeasible":
            if budget is None or budget >= self.model.most:
                self.empty = True
                return
            self.bound = max(self.bound, budget + 1)
            quick = outcome.seconds < QUICK * self.control.pace
            if above is not None and (quick or self._slow):
                self._above = max(1, 2 * above)
            elif above is not None:
                self._slow = True  # once: near the bound a small step is worth its time, many are not
            return
        # Costs beyond the budget were not looked at: within it nothing is cheaper than the bound found.
        bound = outcome.objective if outcome.status == "optimal" else _whole(outcome.bound)
        self.bound = max(self.bound, bound if budget is None else min(bound, budget + 1))
        if above is not None:
            self._above = max(1, 2 * above)
