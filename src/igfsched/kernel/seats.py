"""Who can make way for many that find no places, where sessions run at the same time or not at all: seats are counted.

- `Seats`: the slots of one hard count, with the seats that are left in each.
- `Seats.ways`: who may make way, and to which places, so that the count leaves a seat for everybody.

A session beside a count is like a guest at a table: each slot has so many seats, each session some slots. Whether all
have seats is a matter of augmenting paths. That is necessary and not enough, since it knows only one count; whoever it
rules out is impossible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import define, field

from igfsched.facts import Ints
from igfsched.kernel.board import Board
from igfsched.kernel.counts import Counter
from igfsched.kernel.links import Standing
from igfsched.kernel.options import OptionTable
from igfsched.primitives import Tally, slot_starts


@define(eq=False)
class Seats:
    """The slots of a count. `first`: the first class of each, ascending; `left`: how many more it lets in."""

    counter: Counter
    first: Ints
    left: Ints

    @classmethod
    def of(cls, board: Board, sessions: Ints, variants: Ints, ticks: Ints) -> Seats | None:
        """Return the slots of the hard count that leaves the fewest seats, of those that count all of some places.

        None if there is no count to which all places are equal or apart.
        """
        found = [seats for counter in (*board.wide, *board.pools)
                 if (seats := cls._of(counter, sessions, variants, ticks)) is not None]
        return min(found, key=lambda seats: int(seats.left.sum()), default=None)

    @classmethod
    def _of(cls, counter: Counter, sessions: Ints, variants: Ints, ticks: Ints) -> Seats | None:
        if not isinstance(counter.primitive, Tally) or not counter.is_member[sessions].all():
            return None
        if counter.demand is not None and (counter.demand[sessions] != 1).any():
            return None
        low, high = counter.spans(sessions, variants, ticks)
        free = counter.cap - counter.numbers
        first = slot_starts(low, high)
        if first is None or (high <= low).any() or (free < 0).any():
            return None
        left = [int(free[begin:end].min()) for begin, end in np.unique(np.stack([low, high], axis=1), axis=0).tolist()]
        return cls(counter, first, np.array(left, dtype=np.int64))

    def slots(self, sessions: Ints, variants: Ints, ticks: Ints) -> Ints:
        """Return the slot of each place."""
        return np.searchsorted(self.first, self.counter.spans(sessions, variants, ticks)[0])

    def ways(
        self, standing: Standing, table: OptionTable, free: Mapping[int, Ints],
        opened: Mapping[int, Mapping[int, Ints]], away: Ints,
    ) -> Ints:
        """Return the rows to which one other may go so that everybody has a seat.

        `free`: of each session that needs one, the rows where nobody is in the way. `opened`: of each other, the rows
        that these have beside them if it goes. `away`: rows to which others may go; they need not be possible.
        """

        def slots(rows: Ints) -> list[int]:
            return [int(at) for at in np.unique(self.slots(table.session[rows], table.variant[rows], table.tick[rows]))]

        own = {session: slots(rows) for session, rows in free.items()}
        chosen: list[int] = []
        edges = np.searchsorted(table.session[away], (others := np.unique(table.session[away])))
        placed = self.slots(others, standing.variant[others], standing.start[others])
        at = self.slots(table.session[away], table.variant[away], table.tick[away])
        for other, here, begin, end in zip(
                others.tolist(), placed.tolist(), edges.tolist(), [*edges[1:].tolist(), len(away)], strict=True):
            more = opened.get(other, {})
            seating = Seating(
                {s: [*those, *slots(more[s])] if s in more else those for s, those in own.items()}, self.left.copy())
            seating.left[here] += 1
            if seating.all_seated():
                fits = {slot: seating.also(other, slot) for slot in np.unique(at[begin:end]).tolist()}
                chosen += [row for row in range(begin, end) if fits[int(at[row])]]
        return away[np.array(chosen, dtype=np.int64)]


@define(eq=False)
class Seating:
    """Sessions (or anything else) with the slots that they may have, and who sits where."""

    choices: Mapping[int, Sequence[int]]
    left: Ints
    seated: dict[int, list[int]] = field(factory=dict)

    def all_seated(self) -> bool:
        """Give everybody a seat; say whether there are enough."""
        return all(self._seat(guest, self.choices[guest], set())
                   for guest in sorted(self.choices, key=lambda one: len(self.choices[one])))

    def also(self, guest: int, slot: int) -> bool:
        """Say whether one more could sit in a slot, once everybody has a seat."""
        found = self._seat(guest, (slot,), set())
        if found:
            self.seated[slot].remove(guest)
        return found

    def _seat(self, guest: int, slots: Sequence[int], tried: set[int]) -> bool:
        """Seat a guest in one of some slots, others moving on to other slots if need be."""
        for slot in slots:
            if slot in tried or self.left[slot] <= 0:
                continue
            tried.add(slot)
            there = self.seated.setdefault(slot, [])
            if len(there) < self.left[slot]:
                there.append(guest)
                return True
            for place, other in enumerate(there):
                if self._seat(other, self.choices[other], tried):
                    there[place] = guest
                    return True
        return False
