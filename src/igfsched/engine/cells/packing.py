"""A first schedule where hardly any slot is free: how many cells of which size each group fills with what, then where.

- `Packing`: the patterns by which the sessions of groups fill cells, all of them chosen together.
- `packed_places`: a schedule made of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from attrs import frozen
from ortools.sat.python import cp_model

from igfsched.engine.cells.look import Cells
from igfsched.engine.cells.neighbours import First
from igfsched.engine.control import Control
from igfsched.engine.cpsat import run

Pattern = tuple[int, ...]
"""Lengths in slots of the sessions in a cell, the longest first."""

MOST_PATTERNS = 50_000
"""Patterns of all groups and sizes up to which they are listed."""


@frozen(eq=False)
class Packing:
    """What groups fill cells with: by group, (slots of a cell, pattern) of each of its cells."""

    cells: dict[int, list[tuple[int, Pattern]]]


def packing_of(cells: Cells, control: Control) -> Packing | None:
    """Return patterns for all groups, together in no more cells of a size than there are; None if none are found."""
    sizes = Counter({int(slots): 0 for slots in cells.slots})
    for slots in cells.slots.tolist():
        sizes[slots] += cells.n_rooms
    cp = cp_model.CpModel()
    numbers: dict[tuple[int, int, Pattern], cp_model.IntVar] = {}
    for g, sessions in enumerate(cells.groups):
        lengths = Counter(int(cells.need[session]) for session in sessions)
        for size, there in sizes.items():
            for pattern in patterns(size, tuple(sorted(lengths, reverse=True)), lengths):
                if len(numbers) >= MOST_PATTERNS:
                    return None
                numbers[g, size, pattern] = cp.new_int_var(0, min(there, len(sessions)), "")
        for length, count in lengths.items():
            own = [(pattern, number) for (h, _, pattern), number in numbers.items() if h == g]
            cp.add(sum(pattern.count(length) * number for pattern, number in own) >= count)
    for size, there in sizes.items():
        cp.add(sum(number for (_, slots, _), number in numbers.items() if slots == size) <= there)
    # Its linear optimum is nearly whole; by propagation alone it takes for ever.
    outcome = control.count(run(cp, control.limits(0.3 * control.left, workers=1, linear=2)))
    if outcome.values is None:
        return None
    found: dict[int, list[tuple[int, Pattern]]] = {}
    for (g, size, pattern), number in numbers.items():
        found.setdefault(g, []).extend([(size, pattern)] * outcome.values[number.index])
    return Packing(found)


def patterns(size: int, lengths: tuple[int, ...], left: Counter[int]) -> Iterator[Pattern]:
    """Yield what fits into a cell so that no further session does: lengths, each at most as often as it is `left`."""

    def extend(begun: Pattern, free: int, first: int) -> Iterator[Pattern]:
        fits = [n for n in range(len(lengths)) if lengths[n] <= free and begun.count(lengths[n]) < left[lengths[n]]]
        if not fits and begun:
            yield begun
        for n in fits:
            if n >= first:
                yield from extend((*begun, lengths[n]), free - lengths[n], n)

    yield from extend((), size, 0)


def packed_places(cells: Cells, packing: Packing) -> dict[int, tuple[int, int]] | None:
    """Return the cell of each session: group after group where it is cheapest, near to what it has; None if it fails.

    It does not fail where each session may be in each block.
    """
    first = First(cells)
    found: dict[int, tuple[int, int]] = {}
    for g in sorted(packing.cells, key=lambda g: -len(packing.cells[g])):
        waiting = sorted(cells.groups[g], key=lambda session: -int(cells.need[session]))
        held: list[tuple[int, int]] = []
        for size, pattern in packing.cells[g]:
            cell = _nearest(cells, first, g, size, held)
            if cell is None:
                return None
            held.append(cell)
            for length in pattern:
                own = [s for s in waiting if int(cells.need[s]) == length and first.own[s, cell[0]] >= 0]
                if own:  # patterns may hold more than there is
                    session = min(own, key=lambda s: (int(first.own[s, cell[0]]), s))
                    waiting.remove(session)
                    found[session] = cell
                    first.take(g, session, cell)
        if waiting:
            return None
    return found


def _nearest(cells: Cells, first: First, g: int, size: int, held: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Return a free cell of a size: in the group's room and in a block beside its own where it can be, else cheap."""
    free = [(int(b), int(room)) for b, room in np.argwhere(first.free) if cells.slots[b] == size]
    used, rooms = {b for b, _ in held}, {room for _, room in held}

    def cost(cell: tuple[int, int]) -> tuple[int, ...]:
        b, room = cell
        far = min((abs(b - other) for other in used), default=0)
        return int(b in used), int(bool(rooms) and room not in rooms), far, int(first.table[g, b, room]), b, room

    return min(free, key=cost, default=None)
