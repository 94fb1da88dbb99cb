"""Rooms for all who meet in time, however many sessions have to change theirs.

- `crowd_of`: who meets a session, or somebody who does.
- `house`: rooms for a crowd, as few of them as can be other than told.
- `rehoused`: the same for the crowds of all who seek rooms; `least_elsewhere`: how many have to change there, whoever
  comes as well; `too_many`: who has no rooms together.

Exact, by the ways in which rooms can be taken from one start to the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from igfsched.kernel.giving import Undecided, choices, crowds
from igfsched.kernel.links import Standing
from igfsched.kernel.rooms import RoomBoard, Rooms

MOST_STATES = 3_000
"""Ways in which rooms may be taken at one time beyond which nothing is said."""

Taken = tuple[tuple[int, int], ...]
"""Rooms that are taken, each with the tick from which it is free again."""


def crowd_of(rooms: RoomBoard, standing: Standing, session: int) -> set[int]:
    """Return the sessions that overlap with a session, or with one that does, and so on; changeovers included."""
    order, crowd = crowds(rooms, standing)
    return set(order[crowd == crowd[order == session][0]].tolist())


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
        possible = [rooms.rooms[session]] if session in kept else choices(rooms, session, variant, start)
        priced = [(own, rooms.changes(session, own)) for own in possible]
        after: dict[Taken, tuple[int, Taken, Rooms]] = {}
        for state, (cost, _, _) in states.items():
            taken = tuple(pair for pair in state if pair[1] > start)
            busy = {room for room, _ in taken}
            for own, change in priced:
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


def rehoused(
    rooms: RoomBoard, standing: Standing, seeking: Collection[int], kept: frozenset[int],
) -> tuple[int, dict[int, Rooms]] | None:
    """Return how many sessions are elsewhere than told if all who seek rooms have some, and who gets which others.

    As few as possible; None if there are not rooms for all of them. Raises Undecided if that is too hard to tell.
    """
    found, strayed = dict[int, Rooms](), set(rooms.strayed)
    for crowd, given in _housed(rooms, standing, seeking, kept):
        if given is None:
            return None
        strayed = strayed - crowd | {session for session, own in given.items() if rooms.changes(session, own)}
        found.update({session: own for session, own in given.items() if own != rooms.rooms[session]})
    return len(strayed), found


def least_elsewhere(
    rooms: RoomBoard, standing: Standing, seeking: Collection[int], kept: frozenset[int],
) -> int | None:
    """Return how many at least are elsewhere than told if all who seek rooms have some, whoever else comes.

    None if there are not rooms for all of them. Who seeks none and meets nobody who does is not counted: it may go back
    where told. Raises Undecided if that is too hard to tell.
    """
    number = 0
    for _, given in _housed(rooms, standing, seeking, kept):
        if given is None:
            return None
        number += sum(rooms.changes(session, own) for session, own in given.items())
    return number


def too_many(
    rooms: RoomBoard, standing: Standing, seeking: Collection[int], kept: frozenset[int],
) -> list[set[int]]:
    """Return sets of sessions that have no rooms together where they are, none of which could be smaller.

    One for each crowd of those who seek rooms. Raises Undecided if that is too hard to tell.
    """
    found = []
    for crowd, given in _housed(rooms, standing, seeking, kept):
        if given is None:
            for session in sorted(crowd):
                if house(rooms, standing, crowd - {session}, kept) is None:
                    crowd.discard(session)
            found.append(crowd)
    return found


def _housed(
    rooms: RoomBoard, standing: Standing, seeking: Collection[int], kept: frozenset[int],
) -> Iterator[tuple[set[int], dict[int, Rooms] | None]]:
    """Yield the crowds of those who seek rooms, each with rooms for all of it, None if there are not enough.

    Raises Undecided if some who stay are in a room together: that is accepted, and more room than there is.
    """
    waiting = set(seeking)
    while waiting:
        crowd = crowd_of(rooms, standing, next(iter(waiting)))
        waiting -= crowd
        given = house(rooms, standing, crowd, kept)
        staying = crowd & kept
        if given is None and any(not staying.isdisjoint(rooms.met(session, standing)) for session in staying):
            raise Undecided
        yield crowd, given
