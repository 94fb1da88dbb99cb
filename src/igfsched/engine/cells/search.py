"""The way of a search over blocks and cells.

1. A schedule to begin with: group after group where it is cheapest.
2. Rooms that nothing tells apart are one number: the model is small, and its optimum is a bound. Beside it some
   groups at a time are freed and solved again. Each solution gets rooms at once, the best with the fewest changes.
3. If changes of rooms cost more than the bound allows, the same with every room told apart, from the best schedule on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from igfsched.engine.cells.decode import best_rooms, placed, rooms_by_chance
from igfsched.engine.cells.look import Cells
from igfsched.engine.cells.model import CellModel
from igfsched.engine.cells.neighbours import Nearby, first_places
from igfsched.engine.control import Control, Incumbent
from igfsched.engine.cpsat import Outcome, run
from igfsched.facts import Ints
from igfsched.lowering import HARD

IDLE = 3.0
"""Seconds without anything better from the whole model after which neighbourhoods are solved beside it."""


class CellSearch:
    """One search of one programme of blocks and cells."""

    def __init__(self, cells: Cells, control: Control, incumbent: Incumbent) -> None:
        self.cells = cells
        self.control = control
        self.best = incumbent
        self.found = 0.0
        """When the whole model found something better last."""

    def run(self) -> bool:
        """Search until everything is proven or the time is over; say whether any schedule was found."""
        cells, tier = self.cells, self.cells.tier
        self.best.enter("cells", tier)
        self.best.prove(tier, 0.0)
        self.best.offer(first_places(cells))
        apart = tuple((room,) for room in range(cells.n_rooms))
        alike = cells.room_classes
        self._solve(CellModel(cells, alike), 1.0 if alike == apart else 0.65)
        if self.best.places is None:
            return False
        if self.best.score[HARD] == 0:
            self.best.prove(HARD, 0)
        if alike != apart and not self.best.done(tier) and self.control.left > 0:
            self.best.enter("cells: each room", tier)
            self._solve(CellModel(cells, apart), 1.0)
        return True

    def _solve(self, model: CellModel, share: float) -> None:
        tier = self.cells.tier
        bound = self.best.bounds.get(tier, 0.0)
        if bound > 0:
            model.cp.add(sum(model.costs) + model.constant >= int(bound))
        until = self.control.left * (1 - share)
        nearby = Nearby(model, self.control, seed=int(bound) % 1000)
        if self.best.places is not None and self.best.score[HARD] == 0:
            nearby.start(self.best.places)
        over = threading.Event()
        shared = not self.control.deterministic and self.control.workers > 1
        with ThreadPoolExecutor(1) as pool:
            def stop() -> bool:
                return over.is_set() or self.control.left <= until or self.best.done(tier)

            beside = pool.submit(self._nearby, nearby, stop) if shared else None
            try:
                outcome = self._whole(model, nearby, self.control.left - until, bound, shared)
            finally:
                over.set()
            if beside is not None:
                beside.result()
        self._prove(outcome)
        if outcome.values is not None:
            nearby.take(np.array(outcome.values), outcome.objective)
        if nearby.values is not None:
            self._offer(model, nearby.values)
            self._settle(model, nearby.values)

    def _nearby(self, nearby: Nearby, stop: Callable[[], bool]) -> None:
        """Look nearby whenever the whole model has found nothing for a while."""
        wait, began = threading.Event(), self.control.elapsed
        while not stop():
            idle = self.control.elapsed - max(began, self.found)
            if nearby.values is None or idle < IDLE * self.control.pace:
                wait.wait(0.1)
            else:
                nearby.step(lambda values: self._offer(nearby.model, values))

    def _whole(self, model: CellModel, nearby: Nearby, seconds: float, bound: float, shared: bool) -> Outcome:
        """Solve the whole model: it finds and it proves."""
        last = -1.0

        def on_solution(values: list[int], objective: int) -> None:
            nonlocal last
            if nearby.take(np.array(values), objective):
                self.found = self.control.elapsed
            if self.control.elapsed - last > 0.3:
                last = self.control.elapsed
                self._offer(model, np.array(values))

        limits = self.control.limits(seconds)
        return self.control.count(run(
            model.cp, limits, None if self.control.deterministic else on_solution, enough=bound or None))

    def _prove(self, outcome: Outcome) -> None:
        tier = self.cells.tier
        if outcome.status == "optimal":
            self.best.prove(tier, outcome.objective)
        elif outcome.status in ("feasible", "unknown") and outcome.bound > 0:
            self.best.prove(tier, float(np.ceil(outcome.bound - 1e-6)))

    def _offer(self, model: CellModel, values: Ints) -> None:
        held = rooms_by_chance(model.rooms, model.rooms_of(values))
        self.best.offer(placed(self.cells, model.blocks_of(values), held))

    def _settle(self, model: CellModel, values: Ints) -> None:
        """Give a solution the rooms with the fewest changes."""
        limits = self.control.limits(min(5.0, max(0.5, self.control.left * 0.2)))
        held = best_rooms(self.cells, model.rooms, model.rooms_of(values), limits)
        if held is not None:
            self.best.offer(placed(self.cells, model.blocks_of(values), held))
