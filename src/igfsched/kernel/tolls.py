"""What it takes at the least to come to a place: how heavy those are that have to leave it.

- `Tolls`: lower bounds for all options of a session, and who is in the way there.
- `asked`: what sessions at some options ask of a count.
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
from igfsched.primitives import Tally, wanted

NEVER = 1 << 40
"""The weight of who cannot leave."""


@define(eq=False)
class Tolls:
    """The least weights of who has to leave, by option.

    `prices`: what leaving costs each session, `NEVER` if it stays.
    """

    board: Board
    prices: Ints
    _room: dict[int, Ints] = field(factory=dict)
    _linked: dict[int, tuple[Ints, Bools]] = field(factory=dict)
    _lightest: dict[int, Ints] = field(factory=dict)
    _known: dict[int, Ints] = field(factory=dict)

    def at(self, prices: Ints) -> Tolls:
        """Return the same at other prices."""
        return Tolls(self.board, prices, self._room, self._linked)

    def counters(self, session: int) -> Iterator[Counter]:
        """Yield the hard counts that a session is in, those of rooms included."""
        yield from self.board.pools_of(session)
        for term in self.board.terms_of[session]:
            if term.tier < 0 and isinstance(term, Counter) and isinstance(term.primitive, Tally):
                yield term

    def free(self, counter: Counter, sessions: Iterable[int]) -> Ints:
        """Return, by class, how many more a count may count if some sessions, all of them members, leave."""
        known = self._room.get(id(counter))
        if known is None:
            known = self._room[id(counter)] = counter.free(self.board.kept, self.board.standing)
        found: Ints = known.copy()
        for session in sessions:
            place = self.board.standing.place(session)
            if place[0] >= 0:
                low, high = counter.classes(session, *place)
                found[low:high] += counter.units(session)
        return found

    def of(self, session: int) -> Ints:
        """Return the least weight of others that have to leave for a session to come to each of its options."""
        known = self._known.get(session)
        if known is None:
            known = self._known[session] = self._of(session)
        return known

    def _of(self, session: int) -> Ints:
        options = self.board.options(session)
        others, blocked = self._links(session)
        found: Ints = self.prices[others] @ blocked
        for counter in self.counters(session):
            low, high = options.span(counter.axis)
            over = np.maximum(counter.units(session) - self.free(counter, [session]), 0)
            there = np.flatnonzero(high > low)
            if not over.any() or not len(there):
                continue
            largest = 1 if counter.demand is None else int(counter.demand[list(counter.members)].max())
            toll = np.minimum(-(-over // largest) * self._least(counter), NEVER)
            edges = np.stack([low[there], high[there]], axis=1).ravel()
            found[there] = np.maximum(found[there], np.maximum.reduceat(np.append(toll, 0), edges)[::2])
        return np.minimum(found, NEVER, out=found)

    def _links(self, session: int) -> tuple[Ints, Bools]:
        """Return who is linked by hard rules with a session, and at which of its options each is in the way."""
        known = self._linked.get(session)
        if known is None:
            links, options = self.board.linked(session), self.board.options(session)
            rows = np.flatnonzero(links.tier < 0)
            others, number = np.unique(links.other[rows], return_inverse=True)
            blocked = np.zeros((len(others), len(options)), dtype=bool)
            if len(rows):
                np.logical_or.at(blocked, number, links.measures(options, self.board.standing)[rows] > 0)
            known = self._linked[session] = others, blocked
        return known

    def _least(self, counter: Counter) -> Ints:
        """Return the weight of the lightest session that a count counts in each class."""
        found = self._lightest.get(id(counter))
        if found is None:
            there, low, high = counter.there(self.board.standing)
            found = self._lightest[id(counter)] = np.full(len(counter.numbers), NEVER, dtype=np.int64)
            for price, first, last in zip(self.prices[there].tolist(), low.tolist(), high.tolist(), strict=True):
                np.minimum(found[first:last], price, out=found[first:last])
        return found

    def blockers(self, session: int, chosen: Bools) -> set[int]:
        """Return who may be in the way of a session at some of its options."""
        return self.in_the_way({session: chosen})

    def in_the_way(self, chosen: Mapping[int, Bools]) -> set[int]:
        """Return who may be in the way of some sessions if each comes to one of some options, also together."""
        found, counters = set[int](), dict[int, Counter]()
        for session, mask in chosen.items():
            others, blocked = self._links(session)
            found.update(others[blocked[:, mask].any(axis=1)].tolist())
            counters.update({id(counter): counter for counter in self.counters(session)})
        for counter in counters.values():
            found |= self._crowding(counter, {s: mask for s, mask in chosen.items() if s in counter.members})
        return found - chosen.keys()

    def _crowding(self, counter: Counter, chosen: Mapping[int, Bools]) -> set[int]:
        """Return who is counted where some sessions, each at one of some options, may be too many together."""
        touched = {s: self.board.options(s).span(counter.axis) for s in chosen}
        spans, owner, units = asked(
            counter, {s: (low[chosen[s]], high[chosen[s]]) for s, (low, high) in touched.items()})
        most = wanted(*spans, owner, units, len(counter.numbers))
        sums = np.concatenate([[0], np.cumsum((most > 0) & (most > self.free(counter, chosen)))])
        there, low, high = counter.there(self.board.standing)
        return set(there[sums[np.maximum(high, low)] > sums[low]].tolist())


def asked(counter: Counter, spans: Mapping[int, tuple[Ints, Ints]]) -> tuple[tuple[Ints, Ints], Ints, Ints]:
    """Return what sessions ask of a count at some options, given the classes of each: spans, owners and units."""
    sizes = [len(low) for low, _ in spans.values()]
    low, high = (np.concatenate(edges) for edges in zip(*spans.values(), strict=True))
    units = np.array([counter.units(session) for session in spans], dtype=np.int64)
    return (low, high), np.repeat(np.array(list(spans), dtype=np.int64), sizes), np.repeat(units, sizes)


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
        return cls(tolls, core, spare, tolls.at(free), least)

    def mask(self, session: int) -> Bools:
        """Return which options of a session are in reach, its place on the board apart."""
        known = self._known.get(session)
        if known is None:
            weight = 0 if session in self.core else int(self.tolls.prices[session])
            # Who is in a need and goes does what the need asks for.
            weight = max(0, weight - self.least.get(session, 0))
            known = self._known[session] = self.free.of(session) <= self.spare - weight
            here = self.tolls.board.option_here(session)
            if here >= 0:
                known[here] = False
        return known

    def with_place(self, session: int) -> Bools:
        """Return which options of a session are in reach, or its place on the board."""
        found = self.mask(session).copy()
        here = self.tolls.board.option_here(session)
        if here >= 0:
            found[here] = True
        return found

    def may_leave(self, session: int) -> bool:
        """Whether a session that is on the board may have another place."""
        return bool(self.tolls.prices[session] < NEVER and self.mask(session).any())

    def must_be_opened(self, session: int) -> bool:
        """Whether somebody has to leave each of the options in reach before a session can come there."""
        return bool(self.tolls.of(session)[self.mask(session)].min(initial=NEVER) > 0)

    def blockers(self, session: int) -> set[int]:
        """Return who may be in the way at the options that are in reach."""
        known = self._blockers.get(session)
        if known is None:
            known = self._blockers[session] = self.tolls.blockers(session, self.mask(session))
        return known
