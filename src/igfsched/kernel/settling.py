"""Places for sessions that are out of theirs, everybody else staying where they are, rooms included.

- `Settling`: the best places of one, two or a few sessions, exactly.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Sequence

import numpy as np
from attrs import define

from igfsched.facts import Ints, Places
from igfsched.kernel.board import Look
from igfsched.kernel.housing import can_be_housed
from igfsched.kernel.options import Options
from igfsched.kernel.ranking import MOST_ROOMS, OutOfTime, Ranking, in_order, plus
from igfsched.kernel.rooms import Rooms

MOST_HOUSED = 40
"""Places of a session for which it is found out whether there could be rooms at all."""
MOST_NODES = 4_000
"""Places tried one after the other for one set of sessions, beyond which it is for the solver."""


@define(eq=False)
class Settling(Ranking):
    """The search for places of those who are out."""

    nodes: int = 0

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
            if self.nodes - begun > MOST_NODES or time.perf_counter() > self.deadline:
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
        """Give the last session the best place there is, rooms for all who are out included."""
        homeless = self._without_rooms(session)
        ranked = self.ranked(session, look, rooms_before, last=True)
        moves, changes = ranked[0], ranked[1]
        found = False
        # Few changes of rooms are tried everywhere before many are tried anywhere.
        for weight in np.unique(moves).tolist():
            own = np.flatnonzero(moves == weight)
            already = self.levels()[2]
            for number in range(int(changes[own].min()), already + MOST_ROOMS + 1):
                if self.best is not None and (weight, number) > self.best[1:3]:
                    return True
                at = own[changes[own] <= number]
                for option in at[np.lexsort(ranked[2:, at][::-1])].tolist():
                    bound = (weight, number, *ranked[2:, option].tolist())
                    if self.best is not None and bound >= self.best[1:]:
                        return True
                    if time.perf_counter() > self.deadline:
                        raise OutOfTime
                    found |= self._place_last(session, look, option, homeless, bound, number - already)
                    if found and not self.board.rooms.priced and self.number == 1:
                        return True
                if not self.board.rooms.n_rooms:
                    break
            if not found and self.board.rooms.n_rooms and self._could_be_housed(session, look.options, own, homeless):
                self._give_up(self.levels()[1] + weight)
        return found

    def _could_be_housed(self, session: int, options: Options, chosen: Ints, homeless: Sequence[int]) -> bool:
        """Whether a session could have rooms at some of its options if as many changed as it takes (or may be)."""
        if len(chosen) > MOST_HOUSED:
            return True
        board = self.board
        for option in chosen.tolist():
            variant, tick = int(options.variant[option]), int(options.tick[option])
            with board.standing.at(session, variant, tick, int(options.start_minute[option]),
                                   int(options.end_minute[option])):
                if all(can_be_housed(board.rooms, board.standing, self._crowd(other), self.stakes.kept) is not False
                       for other in homeless):
                    return True
        return False

    def _crowd(self, session: int) -> set[int]:
        """Return the sessions that overlap with a session, or with one that does, and so on; changeovers included."""
        standing = self.board.standing
        placed = np.flatnonzero(standing.variant >= 0)
        order = placed[np.argsort(standing.start_minute[placed], kind="stable")]
        pause = self.board.facts.tick * int(self.board.rooms.changeover.max(initial=0))
        ends = np.maximum.accumulate(standing.end_minute[order] + pause)
        parts = np.cumsum(np.concatenate([[0], standing.start_minute[order][1:] >= ends[:-1]]))
        return set(order[parts == parts[order == session][0]].tolist())

    def _place_last(
        self, session: int, look: Look, option: int, homeless: Sequence[int], bound: tuple[int, ...], changes: int,
    ) -> bool:
        """Note the answer in which the last session takes an option, at the cost of so many changes of rooms, if any.

        Its levels are known beforehand, so that nothing needs to be counted; but for what rooms cost.
        """
        board, variant, tick = self.board, int(look.options.variant[option]), int(look.options.tick[option])
        if board.rooms.priced or self._wrong(homeless):
            board.put(session, variant, tick)
            try:
                return self._housed(homeless, changes)
            finally:
                board.take(session)
        with board.standing.at(session, variant, tick, int(look.options.start_minute[option]),
                               int(look.options.end_minute[option])):
            rooms: dict[int, Rooms] = {}
            if board.rooms.n_rooms:
                seeking = [s for s in homeless if board.rooms.need[s]]
                given = board.rooms.assign(seeking, board.standing, self.stakes.kept, changes, 0, changes)
                if given is None:
                    return False
                rooms = given[1]
            absent = int(self.absent[board.standing.variant < 0].sum())
            places = board.places()
        if rooms:
            own = list(places.rooms)
            for other, now in rooms.items():
                own[other] = now
            places = Places(places.variant, places.start, tuple(own))
        self._offer((absent, *bound), places)
        return True

    def _without_rooms(self, *more: int) -> tuple[int, ...]:
        board = self.board
        placed = np.flatnonzero(board.standing.variant >= 0).tolist()
        return (*more, *(s for s in placed if board.rooms.need[s] and not board.rooms.rooms[s]
                         and s not in self.stakes.kept and s not in more))

    def _housed(self, homeless: Sequence[int], exactly: int | None = None) -> bool:
        """Give rooms to those in time who have none (or wrong ones), and note the answer if it is better.

        With `exactly`, at the cost of so many changes; say whether that can be done.
        """
        board, kept = self.board, self.stakes.kept
        rooms = board.rooms
        if not rooms.n_rooms:
            self._offer(self.levels())
            return True
        wrong = self._wrong(homeless)
        leaving: dict[int, Rooms] = {s: rooms.leave(s) for s in wrong}
        seeking = [*(s for s in homeless if rooms.need[s]), *wrong]
        most = MOST_ROOMS if self.best is None else min(MOST_ROOMS, self.best[2])
        if exactly is not None:
            least = most = exactly
        else:
            least = 0
        try:
            given = rooms.assign(seeking, board.standing, kept, most, len(board.tiers), least)
        finally:
            for session, own in leaving.items():
                rooms.take(session, own)
        if given is None:
            if exactly is None and most == MOST_ROOMS and all(
                    can_be_housed(rooms, board.standing, self._crowd(s), kept) is not False for s in seeking):
                self._give_up(self.levels()[1])
            return False
        before = {s: rooms.rooms[s] for s in given[1]}
        cost = board.cost.copy()
        self._move_rooms(given[1])
        self._offer(self.levels())
        self._move_rooms(before)
        board.cost[:] = cost
        return True

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
        return self._pairs(session, other, first, second, total)

    def _pairs(self, session: int, other: int, first: Look, second: Look, total: Ints) -> bool:
        """Try pairs of places, best first. `total`: lower bounds of their levels, `(levels, first's, second's)`.

        A place of the first is tried once for all places of the second: these are then known exactly, rooms apart.
        """
        waiting: list[tuple[tuple[int, ...], int, int, list[tuple[tuple[int, ...], int]]]] = []
        for a in self._promising(total.min(axis=2)).tolist():
            rows = total[:, a, :]
            b = int(np.lexsort(rows[::-1])[0])
            waiting.append((tuple(rows[:, b].tolist()), a, -1, []))
        heapq.heapify(waiting)
        found = False
        while waiting:
            bound, a, b, rest = heapq.heappop(waiting)
            if self.best is not None and bound >= self.best[1:]:
                return True
            if time.perf_counter() > self.deadline:
                raise OutOfTime
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
