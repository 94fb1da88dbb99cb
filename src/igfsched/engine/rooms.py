"""Rooms without symmetric copies: equal rooms form a pool, and a schedule's rooms are coloured afterwards.

- `Pools`: which rooms no rule can tell apart, and which pools each session may use.
- `assign_rooms`: give each session rooms of its pools, by exact interval colouring.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from attrs import frozen

from igfsched.engine.slots import everybody
from igfsched.facts import Bools, Facts, Ints
from igfsched.lowering import HARD, Lowered, Term
from igfsched.primitives import Tally, looks_at_rooms


def one_at_a_time(tally: Tally, facts: Facts) -> bool:
    """Say whether a tally asks that rooms hold one session at a time, whichever of all it is."""
    return (tally.count.kind == "pairs" and tally.axis.of_tick is None and tally.axis.room_class is not None
            and tally.demand is None and not tally.footprints and everybody(facts, tally.members))


@frozen(eq=False)
class Pools:
    """Rooms grouped so that no rule tells the rooms of one pool apart."""

    lowered: Lowered
    split: bool = False
    """Whether each room is a pool of its own, as it must be when single rooms are given."""

    @cached_property
    def rooms(self) -> tuple[tuple[int, ...], ...]:
        """The rooms of each pool."""
        found: dict[tuple[object, ...], list[int]] = {}
        for room in range(len(self.lowered.programme.rooms)):
            found.setdefault((room,) if self.split else self._signature(room), []).append(room)
        return tuple(tuple(rooms) for rooms in found.values())

    def _signature(self, room: int) -> tuple[object, ...]:
        lowered = self.lowered
        parts: list[object] = [lowered.room_allowed[:, room].tobytes()]
        parts += [price[:, room].tobytes() for price in lowered.room_prices.values()]
        parts += [(tier, weight, session, variant, cost.tobytes())
                  for tier, weight, session, other, variant, cost in lowered.room_times if other == room]
        for number, term in self._looking:
            primitive = term.primitive
            if term.tier == HARD and isinstance(primitive, Tally) and one_at_a_time(primitive, lowered.facts):
                classes = primitive.axis.room_class
                assert classes is not None
                alone = (classes == classes[room]).sum() == 1
                parts.append((number, classes[room] >= 0 if alone else room))
            else:
                parts.append((number, room))
        return tuple(parts)

    @cached_property
    def _looking(self) -> list[tuple[int, Term]]:
        """The terms that look at rooms, with their numbers."""
        return [(number, term) for number, term in enumerate(self.lowered.terms) if looks_at_rooms(term.primitive)]

    @cached_property
    def of_room(self) -> dict[int, int]:
        """The pool of each room."""
        return {room: pool for pool, rooms in enumerate(self.rooms) for room in rooms}

    @cached_property
    def allowed(self) -> Bools:
        """Which pools a session may use, shape `(sessions, pools)`."""
        firsts = [rooms[0] for rooms in self.rooms]
        return self.lowered.room_allowed[:, firsts]

    @cached_property
    def changeover(self) -> Ints:
        """Idle ticks after a session in each pool, -1 where rooms may be used twice at once, shape `(pools,)`."""
        found = np.full(len(self.rooms), -1, dtype=np.int64)
        for term in self.lowered.terms:
            tally = term.primitive
            if isinstance(tally, Tally) and tally.axis.room_class is not None and term.tier == HARD:
                for pool, rooms in enumerate(self.rooms):
                    if one_at_a_time(tally, self.lowered.facts) and tally.axis.room_class[rooms[0]] >= 0:
                        after = tally.axis.after
                        found[pool] = max(found[pool], after if isinstance(after, int) else int(after.max()))
        return found


def assign_rooms(
    pools: Pools, requests: Sequence[tuple[int, int, int, int]], keep: dict[int, tuple[int, ...]] | None = None,
) -> dict[int, tuple[int, ...]] | None:
    """Return rooms for each session, or None if a pool is too small.

    `requests`: one `(session, pool, start tick, end tick)` for each room that a session uses. Within a
    pool the changeover is added to each end. A session gets its room of `keep` where that is free.
    """
    found: dict[int, list[int]] = {}
    busy_until = {room: -1 for rooms in pools.rooms for room in rooms}
    for session, pool, start, end in sorted(requests, key=lambda request: (request[2], request[0])):
        changeover = int(pools.changeover[pool])
        taken = found.setdefault(session, [])
        free = [room for room in pools.rooms[pool]
                if (busy_until[room] <= start or changeover < 0) and room not in taken]
        if not free:
            return None
        wanted = [room for room in (keep or {}).get(session, ()) if room in free]
        room = wanted[0] if wanted else free[0]
        busy_until[room] = end + max(changeover, 0)
        taken.append(room)
    return {session: tuple(sorted(rooms)) for session, rooms in found.items()}
