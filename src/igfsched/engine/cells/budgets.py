"""From the bound upwards: what groups cost at least, and a model solved within one budget after the other.

- `floors_of`: what each group costs if it is alone; their sum is a bound.
- `Budgets`: a model within budgets that grow from the bound. A budget that is too small is a better bound; the best
  within one that is not is the best of all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
from attrs import evolve

from igfsched.engine.cells.look import Cells
from igfsched.engine.cells.model import CellModel
from igfsched.engine.control import Control
from igfsched.engine.cpsat import Limits, Outcome, run
from igfsched.facts import Ints

SHARE = 0.1
"""Of the time left, what the floors of all groups may take."""
PATIENCE = 0.4
"""Of the time left, what one budget may take."""


def floors_of(cells: Cells, control: Control) -> Ints:
    """Return what each group costs at least, whatever the others do, shape `(groups,)`."""
    floors = np.zeros(len(cells.groups), dtype=np.int64)
    each = control.left * SHARE / max(1, len(floors))
    for g in range(len(floors)):
        if control.left <= 0:
            break
        model = CellModel(cells, cells.room_classes, groups=(g,))
        if model.spent:
            outcome = control.count(run(model.cp, control.limits(max(0.5, each), workers=1)))
            if outcome.status != "infeasible":
                floors[g] = max(0, _whole(outcome.bound))
    return floors


def _whole(bound: float) -> int:
    """Return the least whole number that is no less than a bound."""
    return int(np.ceil(bound - 1e-6)) if np.isfinite(bound) else 0


class Budgets:
    """Budgets for one model, one after the other.

    `bound`: what every schedule costs at least. `cost`: asked for the cost of the best values known, None without any.
    """

    def __init__(self, model: CellModel, control: Control, bound: int, cost: Callable[[], int | None]) -> None:
        self.model = model
        self.control = control
        self.bound = max(bound, int(model.floors.sum()))
        self.cost = cost
        self._above = 0

    @property
    def done(self) -> bool:
        """Whether the best values known are proven to be the best of all."""
        cost = self.cost()
        return cost is not None and cost <= self.bound

    def step(self, seconds: float, take: Callable[[Ints, int], None], over: threading.Event | None = None) -> None:
        """Solve the model within the next budget, until `over` at most; `take` gets values and their cost."""
        best = self.cost()
        budget = self.bound + self._above
        if best is not None:
            budget = min(budget, best - 1)
        limits = self._limits(seconds, over)
        outcome = self.control.count(run(
            self.model.within(budget, self.bound), limits,
            None if self.control.deterministic else lambda values, cost: take(np.array(values), cost),
            enough=self.bound))
        if outcome.values is not None:
            take(np.array(outcome.values), outcome.objective)
        self._learn(outcome, budget)

    def _limits(self, seconds: float, over: threading.Event | None) -> Limits:
        workers = 1 if self.control.deterministic else max(1, self.control.workers - 1)
        limits = evolve(self.control.limits(seconds, workers=workers), core=workers == 1)
        return limits if over is None else evolve(limits, cancel=over)

    def _learn(self, outcome: Outcome, budget: int) -> None:
        if outcome.status == "infeasible":
            self.bound = max(self.bound, budget + 1)
            self._above = max(1, 2 * self._above)
        elif outcome.status == "optimal":
            self.bound = max(self.bound, outcome.objective)
        else:
            # Costs beyond the budget were not looked at: within it nothing is cheaper than the bound found.
            self.bound = max(self.bound, min(_whole(outcome.bound), budget + 1))
            self._above = max(1, 2 * self._above)
