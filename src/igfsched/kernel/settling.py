"""Places for sessions that are out of theirs, everybody else staying where they are, rooms included.

- `Settling`: the best places of one, two or a few sessions, exactly.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from attrs import define

from igfsched.facts import Bools, Ints, Places
from igfsched.kernel.board import Look
from igfsched.kernel.counts import Counter
from igfsched.kernel.giving import Giving, Undecided
from igfsched.kernel.housing import least_elsewhere, rehoused
from igfsched.kernel.options import Options
from igfsched.kernel.ranking import MOST_ROOMS, OutOfTime, Ranking, in_order, plus
from igfsched.kernel.rooms import Rooms

FEW_ROOMS = 2
"""Changes of rooms up to which they are looked for one by one; then by all ways in which rooms can be taken."""
IMPOSSIBLE = 2**62
"""The bound of a pair of places that cannot be."""
MOST_NODES = 4_000
"""Places tried one after the other for one set of sessions, beyond which it is for the solver."""


@define(eq=False)
class Settling(Ranking):
    """The search for places of those who are out."""

    nodes: int = 0
    for_rooms: bool = False
    """Whether places were given up for want of rooms."""

    def settle(self, out: Sequence[int]) -> bool:
        """Give all who are out the best places that are left. Say whether there are any (or none that is better)."""
        if not out:
            return self._housed(())
        order = self._order(out) if len(out) > 1 else out
        return order is not None and self._descend(order, (), self.nodes)

    def _order(self, out: Sequence[int]) -> list[int] | None:
        """Return who is out, the one with the fewest places first; None if somebody has none."""
        board = self.board
        sizes = []
        for session in out:
            number = int(board.may(session, board.options(session)).sum())
            if not number:
                return None
            sizes.append((number, session))
        return [session for _, session in sorted(sizes)]

    def _descend(self, order: Sequence[int], rooms_bound: tuple[int, ...], begun: int) -> bool:
        """Place the first of some sessions at each place that may be part of a better answer, then the others.

        `rooms_bound`: those placed before for whom rooms have to change, no two of them for the same reason.
        Say whether there is any answer, or none that is better than the best.
        """
        session, rest = order[0], order[1:]
        if rest and self.for_rooms and self._least_elsewhere() is None:
            return False
        look = self.board.look(session)
        if not len(look.options):
            return False
        if not rest:
            return self._last(session, look, len(self._apart(session, rooms_bound)))
        floors = [self._floor(other) for other in rest]
        if any(floor is None for floor in floors):
            return False
        ranked = self.ranked(session, look, len(self._apart(session, rooms_bound)))
        rooms = self.own_levels(session, look.options)[1]
        found = False
        for at, bound in in_order(ranked):
            if self.best is not None and plus(bound, *floors) >= self.best[1:]:  # type: ignore[arg-type]
                return True
            self.nodes += 1
            self.keep_time()
            if self.nodes - begun > MOST_NODES:
                raise OutOfTime
            more = (*self._apart(session, rooms_bound), session) if rooms[at] else rooms_bound
            self.board.put(session, int(look.options.variant[at]), int(look.options.tick[at]))
            try:
                found |= self._descend(rest, more, begun)
            finally:
                self.board.take(session)
        return found

    def _floor(self, session: int) -> tuple[int, ...] | None:
        """Return the least that a session adds to each level after the first; None if it has no place."""
        look = self.board.look(session)
        if not len(look.options):
            return None
        moves = self.moves_of(session, look.options.variant, look.options.tick)
        return (int(moves.min()), 0, *look.added.min(axis=1).tolist())

    def _last(self, session: int, look: Look, rooms_before: int) -> bool:
        """Give the last session the best place there is, rooms for all who are out included.

        The bound of a place says how many change rooms at the least. If so many are not enough, it is found out how
        many are, and the place comes again where it then belongs.
        """
        homeless = self._without_rooms(session)
        ranked = self.ranked(session, look, rooms_before, last=True)
        elsewhere = self._least_elsewhere()
        if elsewhere is None:
            self.for_rooms = True
            return False
        ranked[1] = np.maximum(ranked[1], elsewhere)
        first = in_order(ranked)
        again: list[tuple[tuple[int, ...], int, dict[int, Rooms] | None]] = []
        following = next(first, None)
        found = False
        while following is not None or again:
            given: dict[int, Rooms] | None = None
            known = following is None or bool(again and again[0][:2] < (following[1], following[0]))
            if known:
                bound, option, given = heapq.heappop(again)
            elif following is not None:
                option, bound = following
                following = next(first, None)
            if self.best is not None and bound >= self.best[1:]:
                return True
            self.keep_time()
            if self._place_last(session, look, option, homeless, bound, given):
                found = True
                if not self.board.rooms.priced and self.number == 1:
                    return True
                continue
            if known:
                continue
            self.for_rooms = True
            try:
                more = self._more_rooms(session, look.options, option, homeless)
            except Undecided:
                self._give_up(bound[0])
                continue
            if more is not None:
                heapq.heappush(again, ((bound[0], more[0], *bound[2:]), option, more[1]))
        return found

    def _least_elsewhere(self) -> int | None:
        """Return how many change rooms at the least, whoever is still to come; None if there are not enough rooms."""
        board = self.board
        homeless = self._without_rooms()
        seeking = {*homeless, *self._wrong(homeless)}
        if not seeking:
            return 0
        try:
            return least_elsewhere(board.rooms, board.standing, seeking, self.stakes.kept)
        except Undecided:
            return 0

    def _more_rooms(
        self, session: int, options: Options, option: int, homeless: Sequence[int],
    ) -> tuple[int, dict[int, Rooms]] | None:
        """Return how many change rooms if the last session takes an option, and which; None if there are none."""
        board = self.board
        variant, tick = int(options.variant[option]), int(options.tick[option])
        with board.standing.at(session, variant, tick, int(options.start_minute[option]),
                               int(options.end_minute[option])):
            seeking = {s for s in homeless if board.rooms.need[s]} | set(self._wrong(homeless))
            return rehoused(board.rooms, board.standing, seeking, self.stakes.kept)

    def _place_last(
        self, session: int, look: Look, option: int, homeless: Sequence[int], bound: tuple[int, ...],
        given: dict[int, Rooms] | None,
    ) -> bool:
        """Note the answer in which the last session takes an option, with as many changes of rooms as its bound says.

        Its levels are known beforehand, so that nothing needs to be counted; but for what rooms cost. The rooms that
        are `given` take so many. Say whether there are any.
        """
        board, variant, tick = self.board, int(look.options.variant[option]), int(look.options.tick[option])
        changes = max(0, bound[1] - len(board.rooms.strayed))
        if board.rooms.priced or (given is None and self._wrong(homeless)):
            board.put(session, variant, tick)
            try:
                return self._housed(homeless, changes, given)
            finally:
                board.take(session)
        with board.standing.at(session, variant, tick, int(look.options.start_minute[option]),
                               int(look.options.end_minute[option])):
            if given is None and board.rooms.n_rooms:
                seeking = [s for s in homeless if board.rooms.need[s]]
                given = self._given_rooms(seeking, changes, changes)
                if given is None:
                    return False
            absent = int(self.absent[board.standing.variant < 0].sum())
            places = board.places()
        if given:
            own = list(places.rooms)
            for other, now in given.items():
                own[other] = now
            places = Places(places.variant, places.start, tuple(own))
        self._offer((absent, *bound), places)
        return True

    def _without_rooms(self, *more: int) -> tuple[int, ...]:
        board = self.board
        placed = np.flatnonzero(board.standing.variant >= 0).tolist()
        return (*more, *(s for s in placed if board.rooms.need[s] and not board.rooms.rooms[s]
                         and s not in self.stakes.kept and s not in more))

    def _housed(
        self, homeless: Sequence[int], exactly: int | None = None, known: dict[int, Rooms] | None = None,
    ) -> bool:
        """Give rooms to those in time who have none (or wrong ones), and note the answer if it is better.

        With `exactly`, at the cost of so many changes; say whether that can be done. Rooms that do may be `known`, if
        not the cheapest ones.
        """
        board, kept = self.board, self.stakes.kept
        rooms = board.rooms
        if not rooms.n_rooms:
            self._offer(self.levels())
            return True
        wrong = self._wrong(homeless)
        leaving: dict[int, Rooms] = {s: rooms.leave(s) for s in wrong}
        seeking = [*(s for s in homeless if rooms.need[s]), *wrong]
        least, most = (0, MOST_ROOMS if rooms.priced else FEW_ROOMS) if exactly is None else (exactly, exactly)
        given = None
        try:
            given = self._given_rooms(seeking, most, least)
            if given is None and exactly is None:
                found = rehoused(rooms, board.standing, seeking, kept)
                known = None if found is None else found[1]
        except Undecided:
            self._give_up(self.levels()[1])
        finally:
            for session, own in leaving.items():
                rooms.take(session, own)
        if given is None:
            if known is None:
                return False
            if rooms.priced:
                self._give_up(self.levels()[1])
            given = known
        before = {s: rooms.rooms[s] for s in given}
        cost = board.cost.copy()
        self._move_rooms(given)
        self._offer(self.levels())
        self._move_rooms(before)
        board.cost[:] = cost
        return True

    def _given_rooms(self, seeking: Sequence[int], most: int, least: int) -> dict[int, Rooms] | None:
        """Return the cheapest rooms that cost so many changes; None if there are none, or none is found soon."""
        board = self.board
        try:
            found = Giving(board.rooms, board.standing, self.stakes.kept, len(board.tiers)).fewest(seeking, most, least)
        except Undecided:
            return None
        return None if found is None else found[1]

    def _move_rooms(self, to: dict[int, Rooms]) -> None:
        board = self.board
        for session, rooms in to.items():
            here = int(board.standing.variant[session]), int(board.standing.start[session])
            tiers = len(board.tiers)
            if board.rooms.priced:
                board.cost -= board.rooms.cost(session, board.rooms.rooms[session], *here, tiers)
                board.cost += board.rooms.cost(session, rooms, *here, tiers)
            board.rooms.leave(session)
            board.rooms.take(session, rooms)

    def settle_both(self, session: int, other: int, own: Ints, away: Ints) -> bool:
        """Give two sessions, both out, the best of some options each. Say whether there is (a better) answer at all."""
        board = self.board
        looks = []
        for one, chosen in ((session, own), (other, away)):
            options = board.options(one)
            mask = np.zeros(len(options), dtype=bool)
            mask[chosen] = True
            looks.append(board.look(one, options, mask))
        if not all(len(look.options) for look in looks):
            return False
        first, second = looks
        together = ~self._at_odds(first.options, second.options)
        if not together.any():
            return False
        bounds = [self.ranked(one, look) for one, look in zip((session, other), looks, strict=True)]
        now = np.array(self.levels()[1:], dtype=np.int64)
        base = now.copy()
        base[2:] -= self.board.slack
        # Levels of a pair are at least what both add; what is not simply added up counts at the larger of both.
        apart = bool(self._apart(session, (other,))) and not self.board.rooms.strayed
        parts = []
        for look, bound in zip(looks, bounds, strict=True):
            part = bound - base[:, None]
            part[2:] = look.added
            parts.append(part)
        total = base[:, None, None] + parts[0][:, :, None] + parts[1][:, None, :]
        if not apart:
            total[1] = base[1] + np.maximum(parts[0][1][:, None], parts[1][1][None, :])
        total[2:] += np.maximum(first.grown[:, :, None], second.grown[:, None, :])
        total[:, ~together] = IMPOSSIBLE
        return self._pairs(session, other, first, second, total)

    def _at_odds(self, first: Options, second: Options) -> Bools:
        """Return which options of two sessions, both possible alone, are one too many together.

        Of the shape `(options of the first, options of the second)`.
        """
        board, session, other = self.board, first.session, second.session
        found = np.zeros((len(first), len(second)), dtype=bool)
        for term in (*board.pools_of(session), *board.terms_of[session]):
            if not isinstance(term, Counter) or term.tier >= 0 or other not in term.members:
                continue
            full = term.full_sums(term.units(session) + term.units(other))
            if not full[-1]:
                continue
            (low, high), (others_low, others_high) = first.span(term.axis), second.span(term.axis)
            begin = np.maximum(low[:, None], others_low)
            end = np.maximum(np.minimum(high[:, None], others_high), begin)
            found |= full[end] > full[begin]
        return found

    def _pairs(self, session: int, other: int, first: Look, second: Look, total: Ints) -> bool:
        """Try pairs of places, best first. `total`: lower bounds of their levels, `(levels, first's, second's)`.

        A place of the first is tried once for all places of the second: these are then known exactly, rooms apart.
        """
        waiting: list[tuple[tuple[int, ...], int, int, list[tuple[tuple[int, ...], int]]]] = []
        least = total.min(axis=2)
        for a in self._promising(least).tolist():
            if least[0, a] == IMPOSSIBLE:
                continue
            rows = total[:, a, :]
            b = int(np.lexsort(rows[::-1])[0])
            waiting.append((tuple(rows[:, b].tolist()), a, -1, []))
        heapq.heapify(waiting)
        found = False
        while waiting:
            bound, a, b, rest = heapq.heappop(waiting)
            if self.best is not None and bound >= self.best[1:]:
                return True
            self.keep_time()
            self.board.put(session, int(first.options.variant[a]), int(first.options.tick[a]))
            try:
                if b < 0:
                    rest = self._exactly(other, second.options, total[1, a])
                else:
                    self.board.put(other, int(second.options.variant[b]), int(second.options.tick[b]))
                    try:
                        found |= self._housed(self._without_rooms(session, other))
                    finally:
                        self.board.take(other)
            finally:
                self.board.take(session)
            if rest:
                heapq.heappush(waiting, (rest[0][0], a, rest[0][1], rest[1:]))
        return found

    def _exactly(self, session: int, options: Options, rooms: Ints) -> list[tuple[tuple[int, ...], int]]:
        """Return the levels at each option that is possible, best first; `rooms` are lower bounds by option."""
        mask = self.board.may(session, options)
        chosen = np.flatnonzero(mask)
        look = self.board.look(session, options.taken(chosen))
        now = self.levels()
        moves = self.moves_of(session, look.options.variant, look.options.tick)
        ranked = np.vstack([now[1] + moves, rooms[chosen], np.array(now[3:], dtype=np.int64)[:, None] + look.deltas])
        order = np.lexsort(ranked[::-1])
        if self.best is not None:
            order = order[ranked[0, order] <= self.best[1]]
        return [(tuple(ranked[:, n].tolist()), int(chosen[n])) for n in order.tolist()]

    def _promising(self, bounds: Ints) -> Ints:
        """Return the columns that may be better than the best: whose first levels are not above it."""
        chosen = np.arange(bounds.shape[1])
        if self.best is None:
            return chosen
        for level, value in enumerate(self.best[1:]):
            row = bounds[level, chosen]
            chosen, row = chosen[row <= value], row[row <= value]
            if (row < value).any():
                break
        return chosen
