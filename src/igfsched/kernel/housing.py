"""Whether there are rooms for all who meet in time, however many sessions had to change theirs.

- `can_be_housed`: an exact answer, by the rooms that are taken from one start to the next.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

from igfsched.kernel.links import Standing
from igfsched.kernel.rooms import RoomBoard, Rooms

MOST_STATES = 3_000
"""Ways in which rooms may be taken at one time beyond which nothing is said."""


def can_be_housed(
    rooms: RoomBoard, standing: Standing, crowd: Collection[int], kept: frozenset[int],
) -> bool | None:
    """Return whether some sessions, at their places in time, can all have rooms; None if it is too hard to tell.

    The kept ones stay in theirs. Sessions of a crowd meet nobody else.
    """
    facts = rooms.facts
    states: set[tuple[tuple[int, int], ...]] = {()}
    for session in sorted(crowd, key=lambda s: (int(standing.start[s]), s)):
        variant, start = int(standing.variant[session]), int(standing.start[session])
        if variant < 0 or not rooms.need[session]:
            continue
        end = start + int(facts.variant_ticks[variant])
        if session in kept:
            choices: list[Rooms] = [rooms.rooms[session]]
        else:
            there = [room for room in range(rooms.n_rooms) if rooms.open_at(session, room, variant, start)]
            choices = [own for own in combinations(there, rooms.need[session]) if rooms.suits(session, own)]
        after: set[tuple[tuple[int, int], ...]] = set()
        for state in states:
            taken = tuple(pair for pair in state if pair[1] > start)
            busy = {room for room, _ in taken}
            for own in choices:
                if busy.isdisjoint(own):
                    added = ((room, end + int(rooms.changeover[room])) for room in own if rooms.changeover[room] >= 0)
                    after.add(tuple(sorted((*taken, *added))))
        if not after:
            return False
        if len(after) > MOST_STATES:
            return None
        states = after
    return True
