"""What it takes at the least to come to a place: how heavy those are that have to leave it.

- `Tolls`: lower bounds for all options of a session, and who is in the way there.
- `Reach`: which options are left if no more than a limit may move.

Everybody but those who are out stands at the reference. A session that moves later may come into the way as well, so
what is said of a place is never too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

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
    """The least weights of who has to leave, by option.

    `prices`: what leaving costs each session, `NEVER` if it stays.
    """

    board: Board
    prices: Ints
    _least: dict[int, Ints] = field(factory=dict)
    _known: dict[int, Ints] = field(factory=dict)

    def counters(self, session: int) -> Iterator[Counter]:
        """Yield the hard counts that a session is in, those of rooms included."""
        yield from self.board.pools_of(session)
        for term in self.board.terms_of[session]:
            if term.tier < 0 and isinstance(term, Counter) and isinstance(term.primitive, Tally):
                yield term

    def of(self, session: int) -> Ints:
        """Return the least weight of others that have to leave for a session to come to each of its options."""
        known = self._known.get(session)
        if known is None:
            known = self._known[session] = self._of(session)
        return known

    def _of(self, session: int) -> Ints:
        options = self.board.options(session)
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
            largest = 1 if counter.demand is None else int(counter.demand[list(counter.members)].max())
            toll = np.minimum(-(-over // largest) * self._lightest(counter), NEVER)
            edges = np.stack([low[there], high[there]], axis=1).ravel()
            found[there] = np.maximum(found[there], np.maximum.reduceat(np.append(toll, 0), edges)[::2])
        least: Ints = np.minimum(found, NEVER)
        return least

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
        above: Ints = np.maximum(over, 0)
        return above

    def _lightest(self, counter: Counter) -> Ints:
        """Return the weight of the lightest session that a count counts in each class."""
        found = self._least.get(id(counter))
        if found is None:
            standing = self.board.standing
            members = np.array(sorted(counter.members), dtype=np.int64)
            there = members[standing.variant[members] >= 0]
            low, high = counter.spans(there, standing.variant[there], standing.start[there])
            found = self._least[id(counter)] = np.full(len(counter.numbers), NEVER, dtype=np.int64)
            for price, first, last in zip(self.prices[there].tolist(), low.tolist(), high.tolist(), strict=True):
                np.minimum(found[first:last], price, out=found[first:last])
        return found

    def blockers(self, session: int, chosen: Bools) -> set[int]:
        """Return who may be in the way of a session at some of its options."""
        return self.in_the_way({session: chosen})

    def in_the_way(self, chosen: Mapping[int, Bools]) -> set[int]:
        """Return who may be in the way of some sessions if each comes to one of some options, also together."""
        board, found, counters = self.board, set[int](), dict[int, Counter]()
        for session, mask in chosen.items():
            others, blocked = self._links(session, board.options(session))
            found.update(others[blocked[:, mask].any(axis=1)].tolist())
            counters.update({id(counter): counter for counter in self.counters(session)})
        for counter in counters.values():
            found |= self._crowding(counter, {s: mask for s, mask in chosen.items() if s in counter.members})
        return found - chosen.keys()

    def _crowding(self, counter: Counter, chosen: Mapping[int, Bools]) -> set[int]:
        """Return who is counted where some sessions, each at one of some options, may be too many together."""
        standing = self.board.standing
        most = counter.numbers.copy()
        come = np.zeros(len(most), dtype=bool)
        for session, mask in chosen.items():
            units = counter.units(session)
            if standing.variant[session] >= 0:
                first, last = counter.classes(session, int(standing.variant[session]), int(standing.start[session]))
                most[first:last] -= units
            low, high = (edge[mask] for edge in self.board.options(session).span(counter.axis))
            steps = np.zeros(len(most) + 1, dtype=np.int64)
            np.add.at(steps, low, 1)
            np.add.at(steps, np.maximum(high, low), -1)
            covered = np.cumsum(steps)[:-1] > 0
            come |= covered
            most += units * covered
        sums = np.zeros(len(most) + 1, dtype=np.int64)
        np.cumsum(come & (most > counter.cap_beyond(self.board.kept, standing)), out=sums[1:])
        members = np.array(sorted(counter.members), dtype=np.int64)
        there = members[standing.variant[members] >= 0]
        low, high = counter.spans(there, standing.variant[there], standing.start[there])
        return set(there[sums[np.maximum(high, low)] > sums[low]].tolist())


@define(eq=False)
class Reach:
    """Where sessions can be in a repair in which others than the core weigh no more than a limit.

    The core has to go in any case, and is on the board nowhere. `needs`: disjoint sets of sessions of which some have
    to go as well, each with the least weight of these.
    """

    tolls: Tolls
    core: frozenset[int]
    spare: int
    """What is left of the limit when all needs are met."""
    free: Tolls
    least: dict[int, int]
    """Of who is in a need, its least weight."""
    _known: dict[int, Bools] = field(factory=dict)
    _blockers: dict[int, set[int]] = field(factory=dict)

    @classmethod
    def of(cls, tolls: Tolls, core: frozenset[int], violations: list[frozenset[int]], limit: int) -> Reach:
        """Return what is in reach below a limit; of each of the violations one session has to go."""
        prices = tolls.prices
        needs = [(min(int(prices[s]) for s in those), those) for those in violations]
        for session in sorted(core):
            toll = tolls.of(session)
            mask = toll <= limit
            if mask.any() and toll.min() > 0:
                needs.append((int(toll[mask].min()), frozenset(tolls.blockers(session, mask))))
        least: dict[int, int] = {}
        spare = limit
        for weight, those in sorted(needs, key=lambda need: (-need[0], len(need[1]))):
            if not those & least.keys():
                least.update(dict.fromkeys(those, weight))
                spare -= weight
        free = prices.copy()
        free[list(least)] = 0
        return cls(tolls, core, spare, Tolls(tolls.board, free), least)

    def mask(self, session: int) -> Bools:
        """Return which options of a session are in reach, its place on the board apart."""
        known = self._known.get(session)
        if known is None:
            board = self.tolls.board
            weight = 0 if session in self.core else int(self.tolls.prices[session])
            # Who is in a need and goes does what the need asks for.
            weight = max(0, weight - self.least.get(session, 0))
            known = self._known[session] = self.free.of(session) <= self.spare - weight
            variant, start = int(board.standing.variant[session]), int(board.standing.start[session])
            here = board.options(session).index(variant, start) if variant >= 0 else -1
            if here >= 0:
                known[here] = False
        return known

    def may_leave(self, session: int) -> bool:
        """Whether a session that is on the board may have another place."""
        return bool(self.tolls.prices[session] < NEVER and self.mask(session).any())

    def must_be_opened(self, session: int) -> bool:
        """Whether somebody has to leave each of the options in reach before a session can come there."""
        return bool(self.tolls.of(session)[self.mask(session)].min(initial=NEVER) > 0)

    def in_the_way(self, seeking: Iterable[int]) -> set[int]:
        """Return who may be in the way of some sessions at the options that are in reach, and where they stay."""
        chosen = {}
        for session in seeking:
            mask = self.mask(session).copy()
            standing = self.tolls.board.standing
            if standing.variant[session] >= 0:
                here = self.tolls.board.options(session).index(
                    int(standing.variant[session]), int(standing.start[session]))
                mask[here] = True
            chosen[session] = mask
        return self.tolls.in_the_way(chosen)

    def blockers(self, session: int) -> set[int]:
        """Return who may be in the way at the options that are in reach."""
        known = self._blockers.get(session)
        if known is None:
            known = self._blockers[session] = self.tolls.blockers(session, self.mask(session))
        return known
