"""How many sessions may run at once for there to be a room for each.

- `room_counts`: counts of the sessions that share some rooms.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from igfsched.facts import Ints
from igfsched.kernel.counts import Counter
from igfsched.kernel.links import Standing
from igfsched.kernel.register import HARD_TIER
from igfsched.kernel.rooms import RoomBoard
from igfsched.primitives import Axis, Count, Tally, Unit
from igfsched.rule import Rule

POOL = Unit(rule=Rule(), sentence="there is a room for each session", primitives=())


def room_counts(
    rooms: RoomBoard, standing: Standing, kept: frozenset[int], before: Sequence[Counter] = (),
) -> list[Counter]:
    """Return counts of the sessions that share some rooms: as many at once as there are rooms, at the most.

    They say nothing that giving rooms would not find out, but they say it for all starts at once. Those `before`
    may hold most of their numbers already.
    """
    facts = rooms.facts
    if not rooms.n_rooms or (rooms.changeover < 0).any():
        return []
    own = rooms.allowed[: facts.n].copy()
    for session in kept:
        own[session] = np.isin(np.arange(rooms.n_rooms), rooms.rooms[session])
    demand, everyone = np.array(rooms.need, dtype=np.int64), np.flatnonzero(standing.variant >= 0)
    somewhere = own.any(axis=1)
    somewhere |= ~np.isin(np.arange(facts.n), list(kept))
    # Who stays in a room that is closed, or that somebody else stays in, takes none that another could have.
    amiss = [s for s in kept if standing.variant[s] >= 0 and _is_amiss(rooms, standing, s, kept)]
    somewhere[amiss] = False
    seeking = np.flatnonzero((demand > 0) & somewhere)
    kinds, kind_of = np.unique(own[seeking], axis=0, return_inverse=True)
    groups = {kind.tobytes(): seeking[kind_of.ravel() == number].tolist() for number, kind in enumerate(kinds)}
    found = []
    known = {pool.axis.name: pool for pool in before}
    closed = rooms.surely_closed([s for s in seeking.tolist() if s not in kept])
    for pool in {*groups, np.ones(rooms.n_rooms, dtype=bool).tobytes()}:
        those = np.frombuffer(pool, dtype=bool)
        within = [key for key in groups if not (np.frombuffer(key, dtype=bool) & ~those).any()]
        members = [s for key in within for s in groups[key]]
        if not those.any() or (len(members) <= those.sum() and not rooms.closed):
            continue
        # Pauses count against all rooms, but not against those that are closed: nobody is in them then.
        pause, size = int(rooms.changeover[those].min()), int(those.sum())
        cap = size - closed[those].sum(axis=0)
        for after, most in ((pause, size), (0, cap)) if (cap < size).any() else ((pause, size),):
            name = f"pool {pool.hex()} {after}"
            older = known.get(name)
            if older is not None and _says_the_same(older, members, most, demand):
                found.append(older)
                continue
            axis = Axis(facts=facts, name=name, after=after, width=1)
            tally = Tally(members=tuple(members), axis=axis, count=Count(kind="over", cap=most),
                          demand=demand)
            counter = Counter(facts, POOL, tally, HARD_TIER)
            if older is None or counter.begin_from(older, standing) is None:
                counter.begin(everyone, standing.variant[everyone], standing.start[everyone])
            found.append(counter)
    return found


def _is_amiss(rooms: RoomBoard, standing: Standing, session: int, kept: frozenset[int]) -> bool:
    """Whether a session that stays is in a room that it could not be given beside the others who stay."""
    place = standing.place(session)
    return not all(rooms.open_at(session, room, *place) for room in rooms.rooms[session]) or not kept.isdisjoint(
        rooms.met(session, standing))


def _says_the_same(counter: Counter, members: list[int], most: int | Ints, demand: Ints) -> bool:
    """Whether a count is about the same sessions and as many rooms."""
    tally = counter.primitive
    assert isinstance(tally, Tally)
    assert tally.demand is not None
    return (tally.members == tuple(members) and np.array_equal(tally.count.cap, most)
            and np.array_equal(tally.demand[members], demand[members]))
