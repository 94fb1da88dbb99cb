"""The way of a search over blocks and cells.

1. A schedule to begin with: group after group where it is cheapest; where that fails, by patterns that fill cells.
   What each group costs alone is a bound.
2. Rooms that nothing tells apart are one number: the model is small, and its optimum is a bound. It is solved within
   budgets that grow from the bound. Beside it some groups at a time are freed and solved again, from the best schedule
   on. Each solution gets rooms at once, the best with the fewest changes.
3. If changes of rooms cost more than the bound allows, the same with every room told apart, from the best schedule on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from igfsched.engine.cells.arrange import Arrangement, slot_pairs
from igfsched.engine.cells.budgets import PATIENCE, Budgets, floors_of
from igfsched.engine.cells.decode import best_rooms, placed, rooms_by_chance
from igfsched.engine.cells.look import Cells
from igfsched.engine.cells.model import CellModel
from igfsched.engine.cells.neighbours import Nearby, first_places, in_cells
from igfsched.engine.cells.packing import packed_places, packing_of
from igfsched.engine.control import Control, Incumbent
from igfsched.engine.cpsat import run
from igfsched.engine.slots import name_of
from igfsched.errors import Reason
from igfsched.facts import Ints
from igfsched.lowering import HARD

SLICE = 0.1
"""Of the time left, what one budget may take where neighbourhoods have their turn after it."""

ARRANGING = 0.5
"""In deterministic mode: seconds of arranging slots."""

ROOMS = 1.0
"""Seconds that giving rooms to one solution may take on a free machine."""


class CellSearch:
    """One search of one programme of blocks and cells."""

    def __init__(self, cells: Cells, control: Control, incumbent: Incumbent) -> None:
        self.cells = cells
        self.control = control
        self.best = incumbent
        self.infeasible = False
        """Whether it is proven that not all sessions have a place: by counting, or by two solves that agree."""
        self.pairs = slot_pairs(cells)
        self.random = np.random.default_rng(control.seed)

    def run(self) -> bool:
        """Search until everything is proven or the time is over; say whether any schedule was found."""
        cells, tier = self.cells, self.cells.tier
        self.best.enter("cells", tier)
        self.best.prove(tier, 0.0)
        if sum(self._fewest().values()) > len(cells.slots) * cells.n_rooms:
            self.infeasible = True
            return False
        self.best.offer(first_places(cells))
        if self.best.places is None or self.best.score[HARD] > 0:
            self._pack()
        floors = floors_of(cells, self.control)
        self.best.prove(tier, float(floors.sum()))
        apart = tuple((room,) for room in range(cells.n_rooms))
        alike = cells.room_classes
        self._solve(CellModel(cells, alike, floors=floors), 1.0 if alike == apart else 0.65)
        if self.best.places is None or self.infeasible:
            return False
        if self.best.score[HARD] == 0:
            self.best.prove(HARD, 0)
        if alike != apart and not self.best.done(tier) and self.control.left > 0:
            self.best.enter("cells: each room", tier)
            self._solve(CellModel(cells, apart, floors=floors), 1.0)
        return True

    def _solve(self, model: CellModel, share: float) -> None:
        tier, until = self.cells.tier, self.control.left * (1 - share)
        nearby = Nearby(model, self.control, seed=len(model.rooms))
        budgets = Budgets(model, self.control, int(self.best.bounds.get(tier, 0.0)), lambda: nearby.cost)
        if self.best.places is not None and self.best.score[HARD] == 0:
            nearby.start(self.best.places)

        def stop() -> bool:
            if self.control.left <= 0 or self.best.done(tier) or budgets.done:
                return True
            # What is left is for a closer model, if this one leaves out what costs something.
            return self.control.left <= until and nearby.cost is not None and self.best.score[tier] > nearby.cost

        def take(values: Ints, cost: int) -> None:
            if nearby.take(values, cost):
                self._offer(model, values, cost)

        if self.control.deterministic or self.control.workers == 1:
            self._in_turns(nearby, budgets, stop, take)
        else:
            self._side_by_side(nearby, budgets, stop, take)
        if budgets.empty:
            limits = self.control.limits(max(1.0, self.control.left), workers=1, seed=7, light=True, linear=2)
            self.infeasible = self.control.count(run(model.cp, limits)).status == "infeasible"
            return
        self.best.prove(tier, float(budgets.bound))
        if nearby.values is not None and nearby.cost is not None:
            self._offer(model, nearby.values, nearby.cost)

    def _pack(self) -> None:
        """Begin with a schedule of cells that are filled by patterns: where hardly any slot is free."""
        packing = packing_of(self.cells, self.control)
        chosen = None if packing is None else packed_places(self.cells, packing)
        if chosen is not None:
            self.best.offer(in_cells(self.cells, chosen))

    def _fewest(self) -> dict[str, int]:
        """Return how many cells each track fills at least."""
        cells = self.cells
        return {cells.lowered.facts.session(group[0]).track: cells.fewest(int(cells.need[list(group)].sum()))
                for group in cells.groups}

    def reasons(self) -> tuple[Reason, ...]:
        """Return why not all sessions have a place, as far as it is known."""
        if not self.infeasible:
            return ()
        cells = self.cells
        there = len(cells.slots) * cells.n_rooms
        names = tuple(name_of(cells.lowered.facts, session) for group in cells.groups for session in group)
        rule = "in one block a room holds sessions of one track"
        needed = self._fewest()
        if sum(needed.values()) <= there:
            return (Reason(rule="cell_tracks", sessions=names, sentence=(
                f"{rule}: the sessions do not fit into the {there} blocks of rooms")),)
        most = ", ".join(f"{track}: {needed[track]}" for track in sorted(needed, key=lambda track: -needed[track])[:5])
        return (Reason(rule="cell_tracks", sessions=names, sentence=(
            f"{rule}: {len(needed)} tracks fill at least {sum(needed.values())} blocks of rooms "
            f"({most}{', ...' if len(needed) > 5 else ''}), and there are {there}")),)

    def _side_by_side(self, nearby: Nearby, budgets: Budgets, stop: Callable[[], bool],
                      take: Callable[[Ints, int], None]) -> None:
        """Budgets and neighbourhoods, each on a thread of its own; both end when there is nothing left to do."""
        over = threading.Event()

        def up() -> None:
            while not over.is_set() and not stop():
                budgets.step(max(1.0, self.control.left * PATIENCE), take, over)
                self.best.prove(self.cells.tier, float(budgets.bound))

        def beside() -> None:
            while not over.is_set() and not stop():
                if nearby.values is None:
                    over.wait(0.1)
                else:
                    nearby.step(lambda values, cost: self._offer(nearby.model, values, cost), over)

        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(up), pool.submit(beside)]
            try:
                while not stop() and not any(one.done() for one in both):
                    over.wait(0.05)
            finally:
                over.set()
            for one in both:
                one.result()

    def _in_turns(self, nearby: Nearby, budgets: Budgets, stop: Callable[[], bool],
                  take: Callable[[Ints, int], None]) -> None:
        """A budget and neighbourhoods by turns."""
        while not stop():
            before = self.control.left
            budgets.step(max(0.1, before * SLICE), take)
            self.best.prove(self.cells.tier, float(budgets.bound))
            until = self.control.left - (before - self.control.left)
            while nearby.values is not None and self.control.left > until and not stop():
                nearby.step(lambda values, cost: self._offer(nearby.model, values, cost))

    def _offer(self, model: CellModel, values: Ints, cost: int) -> None:
        """Offer a solution with rooms by chance, and with the fewest changes of rooms if those cost more than it.

        What slots cost beyond that is made less by exchanges within cells.
        """
        blocks, numbers = model.blocks_of(values), model.rooms_of(values)
        places = placed(self.cells, blocks, rooms_by_chance(model.rooms, numbers))
        self.best.offer(places)
        if self._dearer(cost):
            limits = self.control.limits(ROOMS * self.control.pace, workers=1)
            held = best_rooms(self.cells, model.rooms, numbers, limits)
            if held is not None:
                places = placed(self.cells, blocks, held) or places
                self.best.offer(places)
        if self.pairs and places is not None and self._dearer(cost):
            self.control.spend(ARRANGING)
            self.best.offer(Arrangement(self.cells, self.pairs, places).better(self.random))

    def _dearer(self, cost: int) -> bool:
        """Say whether the best schedule costs more than the model says."""
        return self.best.places is not None and (
            self.best.score[HARD] > 0 or self.best.score[self.cells.tier] > cost)
