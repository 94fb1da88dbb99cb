"""Rooms for all who meet in time, however many sessions have to change theirs.

- `house`: rooms for a crowd, as few of them as can be other than told.
- `can_be_housed`: whether there are any.

Exact, by the ways in which rooms can be taken from one start to the next.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

from igfsched.kernel.links import Standing
from igfsched.kernel.rooms import RoomBoard, Rooms, Undecided

MOST_STATES = 3_000
"""Ways in which rooms may be taken at one time beyond which nothing is said."""

Taken = tuple[tuple[int, int], ...]
"""Rooms that are taken, each with the tick from which it is free again."""


def house(
    rooms: RoomBoard, standing: Standing, crowd: Collection[int], kept: frozenset[int],
) -> dict[int, Rooms] | None:
    """Return rooms for sessions that meet nobody else, at their places in time; None if there are not enough.

    The kept ones stay in theirs. As few as possible change the rooms that were told. Raises Undecided if rooms can be
    taken in too many ways.
    """
    facts = rooms.facts
    order = [s for s in sorted(crowd, key=lambda s: (int(standing.start[s]), s))
             if standing.variant[s] >= 0 and rooms.need[s]]
    layers: list[dict[Taken, tuple[int, Taken, Rooms]]] = []
    states: dict[Taken, tuple[int, Taken, Rooms]] = {(): (0, (), ())}
    for session in order:
        variant, start = int(standing.variant[session]), int(standing.start[session])
        end = start + int(facts.variant_ticks[variant])
        choices = [(own, rooms.changes(session, own)) for own in _choices(rooms, session, variant, start, kept)]
        after: dict[Taken, tuple[int, Taken, Rooms]] = {}
        for state, (cost, _, _) in states.items():
            taken = tuple(pair for pair in state if pair[1] > start)
            busy = {room for room, _ in taken}
            for own, change in choices:
                if busy.isdisjoint(own):
                    added = ((room, end + int(rooms.changeover[room])) for room in own if rooms.changeover[room] >= 0)
                    now = tuple(sorted((*taken, *added)))
                    if now not in after or cost + change < after[now][0]:
                        after[now] = cost + change, state, own
        if not after:
            return None
        if len(after) > MOST_STATES:
            raise Undecided
        layers.append(after)
        states = after
    found: dict[int, Rooms] = {}
    state = min(states, key=lambda one: states[one][0])
    for session, layer in zip(reversed(order), reversed(layers), strict=True):
        _, state, found[session] = layer[state]
    return found


def can_be_housed(rooms: RoomBoard, standing: Standing, crowd: Collection[int], kept: frozenset[int]) -> bool | None:
    """Return whether sessions that meet nobody else can all have rooms; None if it is too hard to tell."""
    try:
        return house(rooms, standing, crowd, kept) is not None
    except Undecided:
        return None


def _choices(rooms: RoomBoard, session: int, variant: int, start: int, kept: frozenset[int]) -> list[Rooms]:
    if session in kept:
        return [rooms.rooms[session]]
    there = [room for room in range(rooms.n_rooms) if rooms.open_at(session, room, variant, start)]
    return [own for own in combinations(there, rooms.need[session]) if rooms.suits(session, own)]
