"""What is at stake when a schedule is repaired: the places that were published, and the price of leaving them.

- `Stakes`: reference places, what it costs a session to start at another time, and who stays whatever happens.
- `levels`: what a repair makes as small as possible, in this order.

The reference is what people were told, not what the schedule happens to be now: going back to it is free.
"""

from __future__ import annotations

from attrs import frozen

from igfsched.facts import Ints, Places
from igfsched.lowering import Lowered

UNPLACED, MOVES, ROOMS = range(3)
"""The levels that come before the tiers of the score."""


@frozen(eq=False, kw_only=True)
class Stakes:
    """Reference and prices of a repair, all by session index.

    - `reference`: the published places; -1 for a session that has none.
    - `weights`: what another start or length than the reference costs, shape `(sessions,)`; 0 without a reference.
    - `kept`: sessions that stay at their place of `present`, start, length and rooms, whatever rules say
      of it: moved by hand, running, over, or about to begin. What hard rules find in these sessions alone is
      accepted; the others must not add to it.
    """

    reference: Places
    weights: Ints
    kept: frozenset[int]
    present: Places

    def moved(self, places: Places, session: int) -> bool:
        """Whether a session that has a place begins or ends at another time than its reference."""
        if places.variant[session] < 0 or self.reference.variant[session] < 0:
            return False
        return bool(places.start[session] != self.reference.start[session]
                    or places.variant[session] != self.reference.variant[session])

    def changed(self, places: Places, session: int) -> bool:
        """Whether a session that has a place is in other rooms than its reference, if these are known."""
        told = self.reference.rooms[session]
        had = places.variant[session] >= 0 and self.reference.variant[session] >= 0
        return bool(had and told and places.rooms[session] != told)


def levels(lowered: Lowered, stakes: Stakes, places: Places) -> tuple[int, ...]:
    """Return what a repair minimises, level by level: priorities without a place, moves, rooms, then the score.

    - priorities of the sessions without a place, added up;
    - weights of the sessions whose start or length differs from the reference;
    - sessions whose rooms differ from the reference, moved or not;
    - the cost of each tier of soft rules, in their order.
    """
    sessions = range(lowered.facts.n)
    score = lowered.score(places)
    return (
        sum(int(lowered.absent[s]) for s in sessions if places.variant[s] < 0 and lowered.facts.variants[s]),
        sum(int(stakes.weights[s]) for s in sessions if stakes.moved(places, s)),
        sum(stakes.changed(places, s) for s in sessions),
        *(score[tier] for tier in lowered.tiers),
    )


def excess(lowered: Lowered, stakes: Stakes, places: Places) -> int:
    """Return by how much hard rules are violated beyond what the kept sessions alone violate; 0 if valid."""
    alone = only(places, stakes.kept)
    return sum(
        max(0, unit.value(places) - unit.value(alone)) for unit in lowered.units
        if unit.rule.hard and unit.rule.name != "placed"
    )


def only(places: Places, sessions: frozenset[int]) -> Places:
    """Return places of some sessions, the others having none."""
    variant, start = places.variant.copy(), places.start.copy()
    for session in range(len(variant)):
        if session not in sessions:
            variant[session] = start[session] = -1
    return Places(variant, start, tuple(r if s in sessions else () for s, r in enumerate(places.rooms)))


