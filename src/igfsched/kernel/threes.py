"""One session finds no place, and no single other one can make way as lightly as two: which two have to go then.

- `Threes`: all pairs of others that may make way together, the most promising first.
- `Obstacles`: who is in the way of one session, by option.

A pair is among them if the two together are all that is in the way of the session somewhere, or if one of them is
and the other is all that is in the way of this one. What is in the way is told by hard links and counts; each pair is
then looked at exactly, in the order of lower bounds of the levels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from attrs import define, field

from igfsched.facts import Bools, Ints
from igfsched.kernel.counts import Counter
from igfsched.kernel.register import Term
from igfsched.kernel.relief import Relief

if TYPE_CHECKING:
    from igfsched.kernel.search import Search

Pair = tuple[int, int]
NEVER = 1 << 50
"""The price of what is impossible."""


@define(eq=False)
class Threes:
    """The search for places of a session (which is out of its place) and of two others that make way."""

    search: Search
    session: int
    complete: bool = True
    """Whether all pairs that could do are among those that are found."""
    _partners: dict[int, list[int]] = field(factory=dict)
    _prices: dict[int, dict[int, Ints]] = field(factory=dict)

    def run(self) -> bool:
        """Look at all pairs that may be as good as the best answer. Say whether there are no others."""
        search = self.search
        pairs = self._pairs()
        for one, other in pairs:
            self._partners.setdefault(one, []).append(other)
            self._partners.setdefault(other, []).append(one)
        for bound, pair in sorted((self._bound(pair, options), pair) for pair, options in pairs.items()):
            if max(bound[2:], default=0) >= NEVER // 2:  # one of the two has no other place
                continue
            if search.best is not None and bound >= search.best[1:]:
                break
            self.search.keep_time()
            with search.without(pair):
                search.settle((self.session, *pair))
        return self.complete

    # -- who makes way ---------------------------------------------------------------------------

    def _pairs(self) -> dict[Pair, set[int]]:
        """Return pairs of others that may make way, with the options of the session that each opens (none: any)."""
        search, session = self.search, self.session
        found: dict[Pair, set[int]] = {}
        obstacles = Obstacles(search, session)
        if obstacles.free.any():  # in nobody's way in time: rooms are the trouble, and anybody may solve it
            self.complete = False
        opened: dict[int, set[int]] = {}
        for at, sets in obstacles.needs:
            for one, other in _hitting(sets):
                if other is None:
                    opened.setdefault(one, set()).add(at)
                else:
                    found.setdefault(_pair(one, other), set()).add(at)
        for one in sorted(opened):
            if not self._too_heavy(one):
                self.search.keep_time()
                with search.without((one,)):
                    followers = Obstacles(search, one).single((session,))
                for other in followers:
                    found.setdefault(_pair(one, other), set()).update(opened[one])
        return {pair: options for pair, options in found.items() if not self._too_heavy(*pair)}

    def _too_heavy(self, one: int, other: int | None = None) -> bool:
        """Whether a repair in which these move weighs more than the best."""
        search = self.search
        if search.best is None:
            return False
        weight = search.least(self.session) + search.least(one) + (0 if other is None else search.least(other))
        return weight > search.best[1]

    # -- bounds ----------------------------------------------------------------------------------

    def _bound(self, pair: Pair, options: set[int]) -> tuple[int, ...]:
        """Return a lower bound of the levels after the first if a pair makes way, from tables alone."""
        self.search.keep_time()
        search, board = self.search, self.search.board
        now = search.levels()
        own = board.options(self.session)
        chosen = np.array(sorted(options), dtype=np.int64)
        moves = now[1] + int(search.moves_of(self.session, own.variant[chosen], own.tick[chosen]).min())
        tiers = np.array(now[3:], dtype=np.int64) - board.slack + own.prices[:, chosen].min(axis=1)
        for one, other in (pair, pair[::-1]):
            moves += search.least(one)
            tiers += self._cheapest(one)[other] - search.contribution(one)
        return (moves, now[2], *tiers.tolist())

    def _cheapest(self, session: int) -> dict[int, Ints]:
        """Return the least prices of other places of a session, by the partner that leaves with it, by tier.

        A place is one of them if the partner is all that is in the way, by counts that most sessions are in.
        """
        known = self._prices.get(session)
        if known is None:
            known = self._prices[session] = self._cheapest_anew(session)
        return known

    def _cheapest_anew(self, session: int) -> dict[int, Ints]:
        search, board, partners = self.search, self.search.board, np.array(self._partners[session], dtype=np.int64)
        relief = Relief(search, session)
        options = relief.options
        standing = board.standing
        others = (options.tick != standing.start[session]) | (options.variant != standing.variant[session])
        possible = np.repeat(others[None, :], len(partners), axis=0)
        with search.without((session,)):
            for counter in (*board.wide, *board.pools):
                if session not in counter.members:
                    continue
                blocked, member, low, high, first, last = relief.in_the_way(counter)
                at = np.flatnonzero(blocked & others)
                possible[:, at] &= (member[partners][:, None] & (low[partners][:, None] <= first[at])
                                    & (high[partners][:, None] > last[at]))
        found = np.where(possible[None, :, :], options.prices[:, None, :], NEVER).min(axis=2, initial=NEVER)
        return dict(zip(partners.tolist(), found.T, strict=True))


@define(eq=False)
class Obstacles:
    """What is in the way of a session, which is nowhere: for each of its options, sets of others of which one must go.

    - `free`: options with nothing in the way, rooms apart, shape `(options,)`.
    - `needs`: of all other options, by number, the sets.
    """

    search: Search
    session: int
    free: Bools = field(init=False)
    needs: list[tuple[int, list[frozenset[int]]]] = field(init=False)
    _relief: Relief = field(init=False)
    _movable: Bools = field(init=False)

    def __attrs_post_init__(self) -> None:
        search, board = self.search, self.search.board
        self._relief = Relief(search, self.session)
        self._movable = np.zeros(board.facts.n, dtype=bool)
        self._movable[search.movable] = True
        self._movable &= board.standing.variant >= 0
        options = board.options(self.session)
        found: list[list[frozenset[int]]] = [[] for _ in range(len(options))]
        links = board.linked(self.session)
        if len(links):
            rows = np.flatnonzero(links.tier < 0)
            measures = links.measures(options, board.standing)[rows] > 0
            for row, at in np.argwhere(measures).tolist():
                found[at].append(self._those([int(links.other[rows[row]])]))
        for term in self._hard():
            if isinstance(term, Counter):
                blocked, members, low, high, first, last = self._relief.in_the_way(term)
                members = members & self._movable
                covering: dict[int, frozenset[int]] = {}
                for at in np.flatnonzero(blocked).tolist():
                    for class_ in {int(first[at]), int(last[at])}:
                        if class_ not in covering:
                            there = np.flatnonzero(members & (low <= class_) & (high > class_))
                            covering[class_] = frozenset(there.tolist())
                        found[at].append(covering[class_])
            else:
                those = self._those(term.sessions)
                for at in np.flatnonzero(term.delta(options) > 0).tolist():
                    found[at].append(those)
        self.free = np.array([not sets for sets in found], dtype=bool)
        self.needs = [(at, sets) for at, sets in enumerate(found) if sets]

    def _hard(self) -> Iterator[Term]:
        board = self.search.board
        yield from board.pools_of(self.session)
        yield from (term for term in board.terms_of[self.session] if term.tier < 0)

    def _those(self, sessions: Iterable[int]) -> frozenset[int]:
        return frozenset(s for s in sessions if self._movable[s])

    def single(self, coming: Collection[int]) -> set[int]:
        """Return who alone may be in the way somewhere, other sessions, which are nowhere too, having come before."""
        found: set[int] = set()
        for _, sets in self.needs:
            found |= frozenset.intersection(*sets)
        if not self.free.any():
            return found
        # With the others a count may be full where it is not now: then one of those who touch it has to go.
        for term in self._hard():
            others = [other for other in coming if other in term.sessions]
            if not others:
                continue
            if not isinstance(term, Counter):
                found |= self._those(term.sessions)
                continue
            units = term.units(self.session) + sum(map(term.units, others))
            blocked, members, low, high, first, last = self._relief.in_the_way(term, units)
            at = np.flatnonzero(blocked & self.free)
            those = np.flatnonzero(members & self._movable)
            meets = (low[those][:, None] <= last[at]) & (high[those][:, None] > first[at])
            found.update(those[meets.any(axis=1)].tolist())
        return found


def _hitting(needs: list[frozenset[int]]) -> Iterator[tuple[int, int | None]]:
    """Yield the sessions that are in all of some sets (with None), and the pairs of which one is in each."""
    fewest = min(needs, key=len)
    for one in fewest:
        rest = [those for those in needs if one not in those]
        if not rest:
            yield one, None
            continue
        for other in frozenset.intersection(*rest):
            yield one, other


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)
