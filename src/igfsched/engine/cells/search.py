"""The way of a search over blocks and cells.

1. Rooms that nothing tells apart are one number: the model is small, and its optimum is a bound. Each solution gets
   rooms at once, the best in the end with the fewest changes.
2. If changes of rooms cost more than the bound allows, every room is told apart, from the best schedule on.
"""

from __future__ import annotations

import numpy as np

from igfsched.engine.cells.decode import best_rooms, placed, rooms_by_chance
from igfsched.engine.cells.look import Cells
from igfsched.engine.cells.model import CellModel
from igfsched.engine.control import Control, Incumbent
from igfsched.engine.cpsat import Outcome, run
from igfsched.lowering import HARD


class CellSearch:
    """One search of one programme of blocks and cells."""

    def __init__(self, cells: Cells, control: Control, incumbent: Incumbent) -> None:
        self.cells = cells
        self.control = control
        self.best = incumbent

    def run(self) -> bool:
        """Search until everything is proven or the time is over; say whether any schedule was found."""
        cells, tier = self.cells, self.cells.tier
        self.best.enter("cells", tier)
        self.best.prove(tier, 0.0)
        apart = tuple((room,) for room in range(cells.n_rooms))
        alike = cells.room_classes
        self._solve(CellModel(cells, alike), 1.0 if alike == apart else 0.6)
        if self.best.places is None:
            return False
        if self.best.score[HARD] == 0:
            self.best.prove(HARD, 0)
        if alike != apart and not self.best.done(tier) and self.control.left > 0:
            self.best.enter("cells: each room", tier)
            model = CellModel(cells, apart)
            model.hint(self.best.places)
            self._solve(model, 1.0)
        return True

    def _solve(self, model: CellModel, share: float) -> None:
        cells, tier = self.cells, self.cells.tier
        bound = self.best.bounds.get(tier, 0.0)
        if bound > 0:
            model.cp.add(sum(model.costs) + model.constant >= int(bound))
        last, best = -1.0, None

        def on_solution(values: list[int], objective: int) -> None:
            nonlocal last, best
            best = values
            if self.control.elapsed - last > 0.3:
                last = self.control.elapsed
                self._offer(model, values)

        limits = self.control.limits(self.control.left * share)
        outcome = self.control.count(run(
            model.cp, limits, None if self.control.deterministic else on_solution, enough=bound or None))
        self._prove(outcome)
        if outcome.values is not None:
            self._offer(model, outcome.values)
            numbers = model.rooms_of(np.array(outcome.values))
            held = best_rooms(cells, model.rooms, numbers, self.control.limits(min(5.0, self.control.left * 0.2)))
            if held is not None:
                self.best.offer(placed(cells, model.blocks_of(np.array(outcome.values)), held))

    def _prove(self, outcome: Outcome) -> None:
        tier = self.cells.tier
        if outcome.status == "optimal":
            self.best.prove(tier, outcome.objective)
        elif outcome.status == "feasible":
            self.best.prove(tier, float(np.ceil(outcome.bound - 1e-6)))

    def _offer(self, model: CellModel, solution: list[int]) -> None:
        values = np.array(solution)
        held = rooms_by_chance(model.rooms, model.rooms_of(values))
        self.best.offer(placed(self.cells, model.blocks_of(values), held))
