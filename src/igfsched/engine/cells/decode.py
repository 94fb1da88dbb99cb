"""From the blocks of sessions and the numbers of rooms to places: which rooms, which slots.

- `rooms_by_chance`: rooms for groups in one pass; `best_rooms`: with the fewest changes, by CP-SAT.
- `placed`: the places, sessions in the order of their group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from igfsched.engine.cells.look import Cells
from igfsched.engine.cells.model import Rooms
from igfsched.engine.cpsat import Limits, run
from igfsched.facts import Places

Numbers = Mapping[tuple[int, int], Mapping[int, int]]
"""By group and block: how many rooms of each class."""
Held = dict[tuple[int, int], list[int]]
"""By group and block: its rooms."""


def rooms_by_chance(rooms: Rooms, numbers: Numbers) -> Held:
    """Return rooms for groups: those with the widest stretches of blocks first, each in one room where it can be."""
    wanted: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for (g, b), own in numbers.items():
        for c, number in own.items():
            wanted.setdefault((g, c), []).append((b, number))
    taken: set[tuple[int, int]] = set()
    held: Held = {}
    for (g, c), blocks in sorted(wanted.items(), key=lambda item: (min(item[1]), -len(item[1]))):
        free = {room: sum((b, room) not in taken for b, _ in blocks) for room in rooms[c]}
        order = sorted(rooms[c], key=lambda room: (-free[room], room))
        for b, number in sorted(blocks):
            chosen = [room for room in order if (b, room) not in taken][:number]
            taken.update((b, room) for room in chosen)
            held.setdefault((g, b), []).extend(chosen)
    return held


def best_rooms(cells: Cells, rooms: Rooms, numbers: Numbers, limits: Limits) -> Held | None:
    """Return rooms for groups with the fewest changes, by the weights of the groups; None if none are found."""
    cp: Any = cp_model.CpModel()
    weight = dict(cells.seen.rooms)
    literals: dict[tuple[int, int, int], Any] = {}
    ever: dict[tuple[int, int], Any] = {}
    costs = []
    for (g, b), own in numbers.items():
        for c, number in own.items():
            here = []
            for room in rooms[c]:
                literal = literals[g, b, room] = cp.new_bool_var("")
                if (g, room) not in ever:
                    ever[g, room] = cp.new_bool_var("")
                    costs.append(weight.get(g, 0) * ever[g, room])
                cp.add_implication(literal, ever[g, room])
                here.append(literal)
            cp.add(sum(here) == number)
    by_cell: dict[tuple[int, int], list[Any]] = {}
    for (_, b, room), literal in literals.items():
        by_cell.setdefault((b, room), []).append(literal)
    for others in by_cell.values():
        cp.add_at_most_one(others)
    cp.minimize(sum(costs))
    outcome = run(cp, limits)
    if outcome.values is None:
        return None
    held: Held = {}
    for (g, b, room), literal in literals.items():
        if outcome.values[literal.index]:
            held.setdefault((g, b), []).append(room)
    return held


def placed(cells: Cells, blocks: Mapping[int, int], held: Held) -> Places | None:
    """Return places for sessions whose blocks and rooms are known; None if they do not fit into the rooms."""
    n = cells.lowered.facts.n
    variant, start = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    rooms: list[tuple[int, ...]] = [()] * n
    wanted = {session: number for session, number, _ in cells.seen.orders}
    for g, sessions in enumerate(cells.groups):
        before = 0
        for b in sorted({blocks[session] for session in sessions}):
            here = [session for session in sessions if blocks[session] == b]
            line = _in_line(here, wanted, before)
            filled = _fill(cells, line, b, sorted(held.get((g, b), ())))
            if filled is None:
                return None
            for session, room, slot in filled:
                variant[session] = cells.lowered.facts.variants[session][0]
                start[session] = cells.starts[b][slot]
                rooms[session] = (room,)
            before += len(here)
    return Places(variant, start, tuple(rooms))


def _in_line(here: list[int], wanted: Mapping[int, int], before: int) -> list[int]:
    """Return sessions in order: those that want a place that is theirs to have are there, others in between."""
    line: list[int | None] = [None] * len(here)
    rest = []
    for session in here:
        place = wanted.get(session, -1) - before
        if 0 <= place < len(line) and line[place] is None:
            line[place] = session
        else:
            rest.append(session)
    rest.sort(key=lambda session: wanted.get(session, len(wanted)))
    return [rest.pop(0) if session is None else session for session in line]


def _fill(cells: Cells, line: list[int], b: int, rooms: list[int]) -> list[tuple[int, int, int]] | None:
    """Return (session, room, slot) for sessions one after the other, room by room; the longest first if need be."""
    slots = int(cells.slots[b])
    for order in (line, sorted(line, key=lambda session: -int(cells.need[session]))):
        free = dict.fromkeys(rooms, 0)
        found = []
        for session in order:
            need = int(cells.need[session])
            fitting = [room for room in rooms if free[room] + need <= slots]
            if not fitting:
                break
            # While the order counts a room that was left is not entered again.
            room = fitting[0] if order is not line else next(
                (room for room in fitting if not any(free[later] for later in rooms if later > room)), fitting[-1])
            found.append((session, room, free[room]))
            free[room] += need
        else:
            return found
    return None
