"""How many sessions may run at once for there to be a room for each.

- `room_counts`: counts of the sessions that share some rooms.
"""

from __future__ import annotations

import numpy as np

from igfsched.kernel.counts import Counter
from igfsched.kernel.links import Standing
from igfsched.kernel.register import HARD_TIER
from igfsched.kernel.rooms import RoomBoard
from igfsched.primitives import Axis, Count, Tally, Unit
from igfsched.rule import Rule

POOL = Unit(rule=Rule(), sentence="there is a room for each session", primitives=())


def room_counts(rooms: RoomBoard, standing: Standing, kept: frozenset[int]) -> list[Counter]:
    """Return counts of the sessions that share some rooms: as many at once as there are rooms, at the most.

    They say nothing that giving rooms would not find out, but they say it for all starts at once.
    """
    facts = rooms.facts
    if not rooms.n_rooms or (rooms.changeover < 0).any():
        return []
    groups: dict[bytes, list[int]] = {}
    for session in range(facts.n):
        if session in kept:
            own = np.isin(np.arange(rooms.n_rooms), rooms.rooms[session])
        else:
            own = rooms.allowed[session]
        if rooms.need[session] and (own.any() or session not in kept):
            groups.setdefault(own.tobytes(), []).append(session)
    found = []
    closed = rooms.surely_closed([s for own in groups.values() for s in own if s not in kept])
    demand, everyone = np.array(rooms.need, dtype=np.int64), np.flatnonzero(standing.variant >= 0)
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
            axis = Axis(facts=facts, name="pool", after=after, width=1)
            tally = Tally(members=tuple(members), axis=axis, count=Count(kind="over", cap=most),
                          demand=demand)
            counter = Counter(facts, POOL, tally, HARD_TIER)
            counter.begin(everyone, standing.variant[everyone], standing.start[everyone])
            found.append(counter)
    return found
