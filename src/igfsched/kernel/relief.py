"""One session finds no place: which other one has to go, and where do both go then.

- `Relief`: all pairs (place of the session, other session with its new place) at once, cheapest first.

Two sweeps over arrays leave few pairs: at which places a single other session is all that is in the way, and to
which places that other one could go. Lower bounds of the levels put the pairs in order; they are looked at
exactly until no bound is below the best answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import define, field

from igfsched.facts import Bools, Ints
from igfsched.kernel.counts import Counter
from igfsched.kernel.loads import Burden
from igfsched.kernel.options import Options, OptionTable

if TYPE_CHECKING:
    from igfsched.kernel.search import Search

ALL = 8
"""Sessions that may be in the way of a rule up to which each is tried."""


@define(eq=False)
class Relief:
    """The search for places of a session (which is out of its place) and of one other that makes way."""

    search: Search
    session: int
    options: Options = field(init=False)
    table: OptionTable = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.options = self.search.board.options(self.session)

    def run(self) -> bool:
        """Find the best pair. Say whether there is one, or one that could have been but for a better answer known."""
        search, board = self.search, self.search.board
        if not len(self.options):
            return False
        others, at = self.ways()
        if not len(others):
            return False
        order = np.argsort(others, kind="stable")
        others, at = others[order], at[order]
        candidates = np.unique(others)
        table = self.table = board.table(candidates.tolist())
        rows = self.refuges(candidates)
        both = np.intersect1d(others, table.session[rows])
        if not len(both):
            return False
        own = np.isin(others, both)
        others, at = others[own], at[own]
        rows = rows[np.isin(table.session[rows], both)]
        mine, theirs = np.searchsorted(others, both), np.searchsorted(table.session[rows], both)
        ranked = self._ranked(both, mine, theirs, at, rows)
        ranked.sort()
        found = False
        for bound, number in ranked:
            other = int(both[number])
            own_options = at[mine[number] : mine[number + 1] if number + 1 < len(both) else None]
            away = rows[theirs[number] : theirs[number + 1] if number + 1 < len(both) else None] - table.first[other]
            if search.best is not None and bound >= search.best[1:]:
                found = True
                break
            search.keep_time()
            with search.without((other,)):
                found |= search.settle_both(self.session, other, own_options, away)
        return found

    def links_of_chains(self) -> list[tuple[int, int]]:
        """Return others who could make way, each with the cheapest option that this opens, the cheapest first."""
        others, at = self.ways()
        best: dict[int, tuple[tuple[int, ...], int]] = {}
        for other, option in zip(others.tolist(), at.tolist(), strict=True):
            price = (*self.options.prices[:, option].tolist(), option)
            if other not in best or price < best[other][0]:
                best[other] = (price, option)
        return [(other, option) for other, (_, option) in sorted(best.items(), key=lambda one: one[1][0])]

    # -- who is in the way ---------------------------------------------------------------------

    def ways(self, rooms: bool = True) -> tuple[Ints, Ints]:
        """Return pairs (other session, option of this one) where nobody but the other is in the way.

        Pairs that are not returned are impossible; of those that are, some may be. `rooms`: where nobody is in the way
        in time, everybody may be in a room that is needed.
        """
        search, board, options = self.search, self.search.board, self.options
        n, size = board.facts.n, len(options)
        movable = np.zeros(n, dtype=bool)
        movable[search.movable] = True
        movable &= board.standing.variant >= 0
        blockers = np.zeros(size, dtype=np.int64)
        blocker = np.full(size, -1, dtype=np.int64)
        links = board.linked(self.session)
        if len(links):
            rows = np.flatnonzero(links.tier < 0)
            measures = links.measures(options, board.standing)[rows] > 0
            by_other: dict[int, Bools] = {}
            for row, other in enumerate(links.other[rows].tolist()):
                by_other[other] = by_other[other] | measures[row] if other in by_other else measures[row]
            for other, blocked in by_other.items():
                blockers += blocked
                blocker[blocked] = other
        open_to = [blockers == 0, blockers == 1]
        # In terms of the first thing that is in the way: pairs, then each other thing strikes some out.
        others, at = [blocker[open_to[1]]], [np.flatnonzero(open_to[1])]
        free = open_to[0].copy()
        terms: list[tuple[Bools, Bools, Ints, Ints, Ints, Ints]] = []
        hard = [term for term in board.terms_of[self.session] if term.tier < 0]
        for counter in (*board.pools_of(self.session), *hard):
            if isinstance(counter, Counter):
                terms.append(self.in_the_way(counter))
        for blocked, member, low, high, first, last in terms:
            now = np.flatnonzero(free & blocked)
            who = np.flatnonzero(member & movable)
            meets = (low[who][:, None] <= first[now]) & (high[who][:, None] > last[now])
            rows, columns = np.nonzero(meets)
            others.append(who[rows])
            at.append(now[columns])
            free &= ~blocked
        for burden in (term for term in hard if isinstance(term, Burden)):
            blocked = burden.delta(options) > 0
            who = np.array([s for s in burden.of_session if movable[s]], dtype=np.int64)
            now = np.flatnonzero(free & blocked)
            others.append(np.repeat(who, len(now)))
            at.append(np.tile(now, len(who)))
            free &= ~blocked
        # What is left is in nobody's way in time: rooms alone are the trouble there, and anybody may solve it.
        if rooms and free.any():
            everybody, now = np.flatnonzero(movable), np.flatnonzero(free)
            others.append(np.repeat(everybody, len(now)))
            at.append(np.tile(now, len(everybody)))
        found, where = np.concatenate(others), np.concatenate(at)
        own = movable[found] & (found != self.session)
        own &= (blockers[where] == 0) | (blocker[where] == found)
        for blocked, member, low, high, first, last in terms:
            own &= ~blocked[where] | (member[found] & (low[found] <= first[where]) & (high[found] > last[where]))
        return found[own], where[own]

    def in_the_way(self, counter: Counter, units: int | None = None) -> tuple[Bools, Bools, Ints, Ints, Ints, Ints]:
        """Return where a count is in the way, its members and their spans, and the first and last class that is full.

        An other session makes way only if it touches both. `units`: how many more come, those of the session if not
        given.
        """
        board, options = self.search.board, self.options
        low, high = options.span(counter.axis)
        full = counter.full(counter.units(self.session) if units is None else units)
        begin, end = np.searchsorted(full, low), np.searchsorted(full, high)
        blocked = end > begin
        padded = np.append(full, -1)
        first = np.where(blocked, padded[np.minimum(begin, len(full))], -1)
        last = np.where(blocked, padded[np.maximum(end, 1) - 1], -1)
        member = np.zeros(board.facts.n, dtype=bool)
        member[list(counter.members)] = True
        placed = np.flatnonzero(member & (board.standing.variant >= 0))
        theirs = np.zeros((2, board.facts.n), dtype=np.int64)
        theirs[:, placed] = counter.spans(placed, board.standing.variant[placed], board.standing.start[placed])
        return blocked, member, theirs[0], theirs[1], first, last

    # -- where the others could go -------------------------------------------------------------

    def refuges(self, others: Ints) -> Ints:
        """Return the rows of the table of options to which others could go if they were out; some may be impossible."""
        board = self.search.board
        table, standing = self.table, board.standing
        rows = table.rows(others)
        session = table.session[rows]
        rows = rows[(table.tick[rows] != standing.start[session]) | (table.variant[rows] != standing.variant[session])]
        # What most sessions are in leaves the fewest rows for the others.
        for counter in sorted((*board.wide, *board.pools), key=lambda one: -len(one.members)):
            session = table.session[rows]
            inside = np.ones(len(rows), dtype=bool)
            own = counter.is_member[session]
            inside[own] = self._fits(counter, rows[own])
            rows = rows[inside]
        found: Ints = rows
        return found

    def _fits(self, counter: Counter, rows: Ints) -> Bools:
        """Return where a count lets sessions go from their present places: they no longer count there."""
        table, standing = self.table, self.search.board.standing
        session = table.session[rows]
        low, high = counter.spans(session, table.variant[rows], table.tick[rows])
        first, last = counter.spans(session, standing.variant[session], standing.start[session])
        fits = np.ones(len(rows), dtype=bool)
        for units in (1,) if counter.demand is None else np.unique(counter.demand[session]).tolist():
            full = counter.full_sums(units)
            blocked = full[high] - full[low]
            near = np.flatnonzero((blocked > 0) & (low < last) & (high > first))
            begin, end = np.maximum(low[near], first[near]), np.minimum(high[near], last[near])
            blocked[near] -= full[end] - full[begin]
            chosen = blocked == 0
            fits = chosen if counter.demand is None else np.where(counter.demand[session] == units, chosen, fits)
        return fits

    # -- bounds --------------------------------------------------------------------------------

    def _ranked(self, both: Ints, mine: Ints, theirs: Ints, at: Ints, rows: Ints) -> list[tuple[tuple[int, ...], int]]:
        """Return lower bounds of the levels after the first for pairs of sessions, from tables alone, in order.

        `mine` and `theirs` say where the options of each pair begin in `at` and `rows`.
        """
        search, board = self.search, self.search.board
        now, slack, table = search.levels(), board.slack, self.table
        reference, session = search.stakes.reference, table.session[rows]
        moved = (table.tick[rows] != reference.start[session]) | (table.variant[rows] != reference.variant[session])
        moves = np.minimum.reduceat(
            search.moves_of(self.session, self.options.variant[at], self.options.tick[at]), mine,
        ) + np.minimum.reduceat(search.stakes.weights[session] * moved, theirs)
        tiers = np.minimum.reduceat(self.options.prices[:, at], mine, axis=1)
        tiers = tiers + np.minimum.reduceat(table.prices[:, rows], theirs, axis=1)
        tiers += (np.array(now[3:], dtype=np.int64) - slack)[:, None]
        tiers -= np.stack([search.contribution(other) for other in both.tolist()], axis=1)
        rooms = self._rooms(both, mine, theirs, at, rows)
        return sorted(
            ((int(moves[number]) + now[1], now[2] + int(rooms[number]), *tiers[:, number].tolist()), number)
            for number in range(len(both)))

    def _rooms(self, both: Ints, mine: Ints, theirs: Ints, at: Ints, rows: Ints) -> Ints:
        """Return lower bounds of the sessions that change rooms, for pairs of sessions.

        Where a third one is in the room that was told of one of the two, one of these changes. If the rooms of
        the two are different ones, they are different third ones.
        """
        board, table = self.search.board, self.table
        rooms = board.rooms
        none = np.zeros(len(both), dtype=np.int64)
        if rooms.strayed or not rooms.n_rooms:
            return none
        own, ends = rooms.told[self.session], self.options.end
        others = np.repeat(both, np.diff(np.append(mine, len(at))))
        blocked = np.zeros(len(at), dtype=bool)
        for room in own:
            blocked |= rooms.blocked(room, self.options.tick[at], ends[at], board.standing, others)
        first = np.minimum.reduceat(blocked.astype(np.int64), mine)
        session, variant, tick = table.session[rows], table.variant[rows], table.tick[rows]
        end = tick + board.facts.variant_ticks[variant]
        taken = np.zeros(len(rows), dtype=bool)
        told = np.zeros((rooms.n_rooms, board.facts.n), dtype=bool)
        for other in both.tolist():
            told[list(rooms.told[other]), other] = True
        for room in range(rooms.n_rooms):
            theirs_here = np.flatnonzero(told[room, session])
            taken[theirs_here] |= rooms.blocked(
                room, tick[theirs_here], end[theirs_here], board.standing, session[theirs_here])
        second = np.minimum.reduceat(taken.astype(np.int64), theirs)
        shared = told[list(own)][:, both].any(axis=0) if own else none > 0
        return np.where(shared, np.maximum(first, second), first + second)
