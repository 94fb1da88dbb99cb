"""Better cells nearby: some groups are free, all others stay in their blocks and classes of rooms.

- `first_places`: a schedule to begin with, group after group where it is cheapest. `First`: what is free on the way.
- `in_cells`: the places of sessions whose cells are known.
- `Nearby`: neighbourhoods of a model, one after the other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

import numpy as np
from attrs import evolve

from igfsched.engine.cells.decode import placed
from igfsched.engine.cells.look import Cells
from igfsched.engine.cells.model import CellModel
from igfsched.engine.control import Control
from igfsched.engine.cpsat import run
from igfsched.facts import Bools, Ints, Places

FIRST, MOST = 5, 24
"""Groups that are free in the first neighbourhood, and in the largest one."""
SECONDS = 2.0
"""How long one neighbourhood may take on a free machine."""
CRUMBS = 0.1
"""As a share of what a neighbourhood has gained: what it could still gain is left to the next ones if it is no more."""


def first_places(cells: Cells) -> Places | None:
    """Return a schedule made group by group, the largest first, in one room and neighbouring blocks if it can be.

    Each goes where it is cheapest beside those that have a place already.
    """
    first = First(cells)
    order = sorted(range(len(cells.groups)), key=lambda g: -int(cells.need[list(cells.groups[g])].sum()))
    found: dict[int, tuple[int, int]] = {}
    for g in order:
        chosen = first.place(g)
        if chosen is None:
            return None
        found |= chosen
    return in_cells(cells, found)


def in_cells(cells: Cells, chosen: Mapping[int, tuple[int, int]]) -> Places | None:
    """Return places for sessions whose cells (block and room) are known; None if they do not fit into them."""
    held: dict[tuple[int, int], list[int]] = {}
    for session, (b, room) in chosen.items():
        rooms = held.setdefault((cells.group_of[session], b), [])
        if room not in rooms:
            rooms.append(room)
    return placed(cells, {session: b for session, (b, _) in chosen.items()}, held)


class First:
    """The cells that are free, and what each group and each session would pay for each block.

    `table`: groups, shape `(groups, blocks, rooms)`. `own`: sessions, shape `(sessions, blocks)`, -1 where there is no
    place for one.
    """

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.free: Bools = np.ones((len(cells.slots), cells.n_rooms), dtype=bool)
        self.table: Ints = np.zeros((len(cells.groups), len(cells.slots), cells.n_rooms), dtype=np.int64)
        for group, table, weight in cells.seen.prices:
            self.table[slice(None) if group < 0 else group] += weight * table
        self.own: Ints = cells.price.copy()
        self.apart: dict[int, list[tuple[int, int]]] = {}
        for one, other, weight in cells.seen.apart:
            self.apart.setdefault(one, []).append((other, weight))
            self.apart.setdefault(other, []).append((one, weight))
        self.meetings: dict[int, list[tuple[int, int]]] = {}
        for one, other, weight in cells.seen.meetings:
            self.meetings.setdefault(one, []).append((other, weight))
            self.meetings.setdefault(other, []).append((one, weight))

    def place(self, g: int) -> dict[int, tuple[int, int]] | None:
        """Give the sessions of a group their cells, in one room if it can be; None if there are not enough."""
        chosen = self._in_one_room(g)
        if chosen is None:
            chosen = self._anywhere(g)
        for session, cell in ({} if chosen is None else chosen).items():
            self.take(g, session, cell)
        return chosen

    def take(self, g: int, session: int, cell: tuple[int, int]) -> None:
        """Note that a session of a group is in a cell: what others pay for the block from now on."""
        b, _ = cell
        if self.free[cell]:
            self.free[cell] = False
            for other, weight in self.meetings.get(g, ()):
                self.table[other, b] += weight
        for other, weight in self.apart.get(session, ()):
            if self.own[other, b] >= 0:
                self.own[other, b] += weight

    def _in_one_room(self, g: int) -> dict[int, tuple[int, int]] | None:
        cells, price = self.cells, self.table[g]
        best: tuple[int, dict[int, int], int] | None = None
        total = int(cells.need[list(cells.groups[g])].sum())
        reach = [0, *accumulate(cells.slots.tolist())]
        for first in range(len(cells.slots)):
            last = next((b for b in range(first, len(cells.slots)) if reach[b + 1] - reach[first] >= total), None)
            for end in () if last is None else range(last, min(last + 2, len(cells.slots))):
                span = list(range(first, end + 1))
                packed = self._packed(g, [(b, 0) for b in span])
                if packed is None:
                    continue
                inside = {session: b for session, (b, _) in packed.items()}
                own = sum(int(self.own[session, b]) for session, b in inside.items())
                for room in np.flatnonzero(self.free[span].all(axis=0)).tolist():
                    cost = own + int(price[span, room].sum())
                    if best is None or cost < best[0]:
                        best = cost, inside, room
                break
        return None if best is None else {session: (b, best[2]) for session, b in best[1].items()}

    def _anywhere(self, g: int) -> dict[int, tuple[int, int]] | None:
        open_cells = sorted(zip(*np.nonzero(self.free), strict=True), key=lambda cell: int(self.table[g][cell]))
        for number in range(1, len(open_cells) + 1):
            packed = self._packed(g, [(int(b), int(room)) for b, room in open_cells[:number]])
            if packed is not None:
                return packed
        return None

    def _packed(self, g: int, there: list[tuple[int, int]]) -> dict[int, tuple[int, int]] | None:
        """Return the cell of each session, the longest first where it is cheapest and fits; None if they do not fit."""
        left = [int(self.cells.slots[b]) for b, _ in there]
        found = {}
        for session in sorted(self.cells.groups[g], key=lambda session: -int(self.cells.need[session])):
            need = int(self.cells.need[session])
            fits = [n for n, (b, _) in enumerate(there) if left[n] >= need and self.own[session, b] >= 0]
            if not fits:
                return None
            n = min(fits, key=lambda n: (int(self.own[session, there[n][0]]), n))
            left[n] -= need
            found[session] = there[n]
        return found


class Nearby:
    """Neighbourhoods of one model, from one solution on."""

    def __init__(self, model: CellModel, control: Control, seed: int) -> None:
        self.model = model
        self.control = control
        self.random = np.random.default_rng(control.seed + seed)
        self.size = FIRST
        self._base = model.cp.clone()  # the model itself gets hints, and is solved beside
        self.values: Ints | None = None
        self.cost: int | None = None
        self._lock = threading.Lock()

    def start(self, places: Places) -> None:
        """Begin at given places: what the model's other variables are is completed."""
        self.model.hint(places)
        values: dict[int, int] = dict(zip(self.model.cp.proto.solution_hint.vars,
                                          self.model.cp.proto.solution_hint.values, strict=True))
        self._solve(self._fixed(values, frozenset()), 10.0)
        self.model.cp.clear_hints()

    def take(self, values: Ints, cost: int) -> bool:
        """Go on from another solution if it is better; say whether it is."""
        with self._lock:
            if self.cost is not None and cost >= self.cost:
                return False
            self.values, self.cost = values, cost
            return True

    def step(self, offer: Callable[[Ints, int], None], over: threading.Event | None = None) -> None:
        """Solve one neighbourhood of the solution, until `over` at most; what is better is offered."""
        if self.values is None:
            return
        keep = {index: int(self.values[index]) for index in self._owned()}
        before = self.cost
        status = self._solve(self._fixed(keep, self._some_groups()), SECONDS * self.control.pace, over)
        if self.cost is not None and self.cost != before:
            offer(self.values, self.cost)
        elif status in ("optimal", "infeasible"):
            self.size = min(self.size + 1, MOST, len(self.model.cells.groups))
        else:
            self.size = max(2, self.size - 1)

    def _some_groups(self) -> frozenset[int]:
        """Return some groups at random: those in a few blocks, or with some of those that pay the most, or any."""
        cells = self.model.cells
        groups = len(cells.groups)
        dear = np.sqrt(self._above_floors())
        if dear.any() and self.random.random() < 0.5:
            number = min(int((dear > 0).sum()), max(1, self.size // 3))
            some = self.random.choice(groups, size=number, replace=False, p=dear / dear.sum()).tolist()
            others = self.random.permutation([g for g in range(groups) if g not in some])
            return frozenset([*some, *others[: max(0, self.size - len(some))].tolist()])
        if self.random.random() < 0.5 and self.values is not None:
            chosen = self.random.choice(len(cells.slots), size=min(2, len(cells.slots)), replace=False)
            near = [g for g in range(groups) if any(self.values[self.model.used[g, int(b)].index] for b in chosen)]
            if len(near) > self.size:
                near = self.random.choice(near, size=self.size, replace=False).tolist()
            return frozenset(near)
        return frozenset(self.random.choice(groups, size=min(self.size, groups), replace=False).tolist())

    def _above_floors(self) -> Ints:
        """Return what each group pays above its least, with what it pays together with others, shape `(groups,)`."""
        model = self.model
        found = np.zeros(len(model.cells.groups), dtype=np.int64)
        assert self.values is not None
        for g, spent in model.spent.items():
            found[g] += max(0, int(self.values[spent.index]) - int(model.floors[g]))
        for weight, meet, both in model.between:
            found[list(both)] += weight * int(self.values[meet.index])
        return found

    def _owned(self) -> dict[int, int]:
        """Return the group of each variable that says where a group or a session is."""
        model, found = self.model, {}
        for (session, _), literal in model.inside.items():
            found[literal.index] = model.cells.group_of[session]
        for key, literal in [*model.used.items(), *model.room.items(), *model.more.items()]:
            found[literal.index] = key[0]
        return found

    def _fixed(self, values: dict[int, int], free: frozenset[int]) -> Any:
        """Return the model with the variables of all but some groups fixed."""
        copy = self._base.clone()
        proto = copy.proto
        owned = self._owned()
        hint = proto.solution_hint
        for index, value in values.items():
            if owned.get(index) in free:
                hint.vars.append(index)
                hint.values.append(value)
            elif index in owned:
                domain = proto.variables[index].domain
                domain.clear()
                domain.extend((value, value))
        if free and self.cost is not None:
            # Only what is better counts: so groups have little to spare, and most neighbourhoods are over at once.
            self.model.limit(proto, self.cost - 1)
            copy.add(self.model.total <= self.cost - 1)
        return copy

    def _solve(self, cp: Any, seconds: float, over: threading.Event | None = None) -> str:
        limits = self.control.limits(seconds, workers=1, seed=int(self.random.integers(1000)), light=True)
        limits = limits if over is None else evolve(limits, cancel=over)
        before = self.cost
        outcome = self.control.count(run(cp, limits, until=None if before is None else lambda cost, bound: (
            cost - bound <= CRUMBS * (before - cost))))
        if outcome.values is not None:
            self.take(np.array(outcome.values), outcome.objective)
        return outcome.status
