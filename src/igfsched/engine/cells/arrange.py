"""The slots of sessions within their cells: those that should not run at the same time, in different rooms of a block.

A model of cells does not see slots. Where they cost something, blocks and rooms stay and slots are exchanged.

- `slot_pairs`: the pairs of sessions that pay for each slot that they share; `slot_stars`: the same by one session.
- `Arrangement`: exchanges slots within cells until no two pay, or for a number of steps.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np

from igfsched.engine.cells.look import Cells
from igfsched.facts import Ints, Places
from igfsched.lowering import Term
from igfsched.primitives import Tally

STEPS = 400
"""Cells that are arranged anew, one after the other, for one schedule."""


def slot_pairs(cells: Cells) -> dict[tuple[int, int], int]:
    """Return what pairs of sessions pay for each slot in which both run."""
    found: dict[tuple[int, int], int] = {}
    for term in (*cells.seen.unseen, *cells.seen.within):
        price = _price(cells, term)
        if price and isinstance(term.primitive, Tally):
            for pair in combinations(sorted(term.primitive.members), 2):
                found[pair] = found.get(pair, 0) + price
    return found


def slot_stars(cells: Cells) -> list[tuple[int, dict[int, int]]]:
    """Return the pairs of `slot_pairs` between groups: a session, and what it pays with which of another group.

    Each pair is in one of them, as many as can be with one session.
    """
    between: dict[tuple[int, int], dict[tuple[int, int], int]] = {}
    for pair, price in slot_pairs(cells).items():
        one, other = sorted(cells.group_of[session] for session in pair)
        if one != other:
            between.setdefault((one, other), {})[pair] = price
    found = []
    for left in between.values():
        while left:
            number = Counter(session for pair in left for session in pair)
            centre = min(number, key=lambda session: (-number[session], session))
            found.append((centre, {sum(pair) - centre: left.pop(pair) for pair in list(left) if centre in pair}))
    return found


def _price(cells: Cells, term: Term) -> int:
    """Return what two members of a term pay for a slot, 0 if it is not about pairs and slots."""
    tally = term.primitive
    if not isinstance(tally, Tally) or tally.footprints or tally.demand is not None or tally.axis.padded:
        return 0
    if tally.axis.of_tick is not None or tally.axis.room_class is not None:
        return 0
    if tally.count.kind != "pairs" and len(tally.members) > 2:
        return 0
    prices = {
        sum(tally.count.cost(2, int(tick) + n) - tally.count.cost(1, int(tick) + n) for n in range(cells.step))
        for ticks in cells.starts for tick in ticks
    }
    return term.weight * tally.axis.width * prices.pop() if len(prices) == 1 else 0


class Arrangement:
    """A schedule of cells, whose slots are exchanged."""

    def __init__(self, cells: Cells, pairs: dict[tuple[int, int], int], places: Places) -> None:
        block = cells.axis.of_tick
        assert block is not None
        self.cells = cells
        self.places = places
        self.block = {session: int(block[places.start[session]]) for session in cells.group_of}
        self.slot = {session: int(np.searchsorted(cells.starts[b], places.start[session]))
                     for session, b in self.block.items()}
        # A cell has sessions and, for each slot that is free, an empty place (-1).
        self.lines: dict[tuple[int, int], list[int]] = {}
        for session in sorted(self.block, key=lambda session: self.slot[session]):
            line = self.lines.setdefault((self.block[session], places.rooms[session][0]), [])
            filled = sum(self._length(other) for other in line)
            line += [-1] * (self.slot[session] - filled) + [session]
        for (b, _), line in self.lines.items():
            line += [-1] * (int(cells.slots[b]) - sum(self._length(other) for other in line))
        self.others: dict[int, list[tuple[int, int]]] = {}
        for (one, other), price in pairs.items():
            if self.block.get(one, -1) == self.block.get(other, -2):
                self.others.setdefault(one, []).append((other, price))
                self.others.setdefault(other, []).append((one, price))
        self.wanted: dict[int, tuple[int, int]] = {s: (place, weight) for s, place, weight in cells.seen.orders}

    def better(self, random: np.random.Generator, steps: int = STEPS) -> Places:
        """Return the best places found: the cell of a session that pays is put into the order that costs the least."""
        best, cost = dict(self.slot), 0
        found = 0
        for _ in range(steps):
            paying = [session for session in self.others if self._shared(session)]
            if not paying:
                break
            session = paying[int(random.integers(len(paying)))]
            cost += self._arrange((self.block[session], self.places.rooms[session][0]), random)
            if cost < found:
                best, found = dict(self.slot), cost
        start: Ints = self.places.start.copy()
        for session, slot in best.items():
            start[session] = self.cells.starts[self.block[session]][slot]
        return Places(self.places.variant, start, self.places.rooms)

    def _arrange(self, cell: tuple[int, int], random: np.random.Generator) -> int:
        """Make the exchange of two that costs the least, none being dearer; return by how much the cost changes."""
        line = self.lines[cell]
        before = self._costs(cell)
        options = []
        for x, y in combinations(range(len(line)), 2):
            if line[x] == line[y]:
                continue
            self._exchange(cell, x, y)
            options.append((self._costs(cell), x, y))
            self._exchange(cell, x, y)
        least = min((cost for cost, *_ in options), default=before + 1)
        if least > before:
            return 0
        same = [(x, y) for cost, x, y in options if cost == least]
        self._exchange(cell, *same[int(random.integers(len(same)))])
        return least - before

    def _exchange(self, cell: tuple[int, int], x: int, y: int) -> None:
        line = self.lines[cell]
        line[x], line[y] = line[y], line[x]
        slot = 0
        for session in line:
            if session >= 0:
                self.slot[session] = slot
            slot += self._length(session)

    def _costs(self, cell: tuple[int, int]) -> int:
        """Return what the slots of a cell cost, and the order of its group in the block."""
        members = [session for session in self.lines[cell] if session >= 0]
        found = sum(self._shared(session) for session in members)
        sessions = self.cells.groups[self.cells.group_of[members[0]]]
        if any(session in self.wanted for session in sessions):
            b = cell[0]
            place = sum(self.block[session] < b for session in sessions)
            here = sorted((s for s in sessions if self.block[s] == b),
                          key=lambda s: (self.places.rooms[s][0], self.slot[s]))
            for number, session in enumerate(here, start=place):
                wanted, weight = self.wanted.get(session, (number, 0))
                found += weight * (wanted != number)
        return found

    def _shared(self, session: int) -> int:
        """Return what a session pays for slots that it shares with others."""
        first, last = self.slot[session], self.slot[session] + self._length(session)
        return sum(
            price * max(0, min(last, self.slot[other] + self._length(other)) - max(first, self.slot[other]))
            for other, price in self.others.get(session, ()))

    def _length(self, session: int) -> int:
        return int(self.cells.need[session]) if session >= 0 else 1
