"""What it takes at the least to come to a place: how heavy those are that have to leave it.

- `Tolls`: lower bounds for all options of a session, and who is in the way there.

Everybody but those who are out stands at the reference. A session that moves later may come into the way as well, so
what is said of a place is never too much.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import define, field

from igfsched.facts import Bools, Ints
from igfsched.kernel.board import Board
from igfsched.kernel.counts import Counter
from igfsched.kernel.options import Options
from igfsched.primitives import Tally

NEVER = 1 << 40
"""The weight of who cannot leave."""


@define(eq=False)
class Tolls:
    """The least weights of who has to leave, by option. `prices`: what leaving costs each session, `NEVER` if it stays."""

    board: Board
    prices: Ints
    _lightest: dict[int, int] = field(factory=dict)

    def counters(self, session: int) -> Iterator[Counter]:
        """Yield the hard counts that a session is in, those of rooms included."""
        yield from self.board.pools_of(session)
        for term in self.board.terms_of[session]:
            if term.tier < 0 and isinstance(term, Counter) and isinstance(term.primitive, Tally):
                yield term

    def of(self, session: int) -> Ints:
        """Return the least weight of others that have to leave for a session to come to each of its options."""
        board, options = self.board, self.board.options(session)
        found = np.zeros(len(options), dtype=np.int64)
        others, blocked = self._links(session, options)
        if len(others):
            found += self.prices[others] @ blocked
        for counter in self.counters(session):
            low, high = options.span(counter.axis)
            over = self._over(counter, session)
            there = np.flatnonzero(high > low)
            if not over.any() or not len(there):
                continue
            edges = np.stack([low[there], high[there]], axis=1).ravel()
            most = np.maximum.reduceat(np.append(over, 0), edges)[::2]
            largest = 1 if counter.demand is None else int(counter.demand[list(counter.members)].max())
            found[there] = np.maximum(found[there], -(-most // largest) * self._least(counter))
        return np.minimum(found, NEVER)

    def _links(self, session: int, options: Options) -> tuple[Ints, Bools]:
        """Return who is linked by hard rules with a session, and at which options each is in the way."""
        links = self.board.linked(session)
        rows = np.flatnonzero(links.tier < 0) if len(links) else np.empty(0, dtype=np.int64)
        if not len(rows):
            return rows, np.zeros((0, len(options)), dtype=bool)
        measures = links.measures(options, self.board.standing)[rows] > 0
        others, number = np.unique(links.other[rows], return_inverse=True)
        blocked = np.zeros((len(others), len(options)), dtype=bool)
        np.logical_or.at(blocked, number, measures)
        return others, blocked

    def _over(self, counter: Counter, session: int) -> Ints:
        """Return, by class, by how much a count is too high if a session, which is nowhere else, comes there."""
        standing, units = self.board.standing, counter.units(session)
        over = counter.numbers + units - counter.cap_beyond(self.board.kept, standing)
        if standing.variant[session] >= 0:
            low, high = counter.classes(session, int(standing.variant[session]), int(standing.start[session]))
            over[low:high] -= units
        return np.maximum(over, 0)

    def _least(self, counter: Counter) -> int:
        """Return the weight of the lightest session that a count counts."""
        found = self._lightest.get(id(counter))
        if found is None:
            members = np.array(sorted(counter.members), dtype=np.int64)
            there = members[self.board.standing.variant[members] >= 0]
            found = self._lightest[id(counter)] = int(self.prices[there].min(initial=NEVER))
        return found

    def blockers(self, session: int, chosen: Bools) -> set[int]:
        """Return who may be in the way of a session at some of its options."""
        board, options = self.board, self.board.options(session)
        standing = board.standing
        others, blocked = self._links(session, options)
        found = set(others[blocked[:, chosen].any(axis=1)].tolist()) if len(others) else set()
        for counter in self.counters(session):
            low, high = options.span(counter.axis)
            over = self._over(counter, session) > 0
            if not over.any():
                continue
            steps = np.zeros(len(over) + 1, dtype=np.int64)
            np.add.at(steps, low[chosen], 1)
            np.add.at(steps, np.maximum(high, low)[chosen], -1)
            sums = np.zeros(len(over) + 1, dtype=np.int64)
            np.cumsum(over & (np.cumsum(steps)[:-1] > 0), out=sums[1:])
            members = np.array(sorted(counter.members - {session}), dtype=np.int64)
            there = members[standing.variant[members] >= 0]
            first, last = counter.spans(there, standing.variant[there], standing.start[there])
            found.update(there[sums[np.maximum(last, first)] > sums[first]].tolist())
        return found
