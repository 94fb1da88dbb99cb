"""Rooms for sessions that have none, by as few changes of others' rooms as can be, tried one by one.

- `Giving`: the search; quick where few change.
- `crowds`: who meets whom in time, or somebody who does.
- `choices`: the rooms that a session may have at a place.
- `Undecided`: it was too hard to tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from attrs import define, field

from igfsched.facts import Ints
from igfsched.kernel.links import Standing
from igfsched.kernel.rooms import RoomBoard, Rooms

MOST_STEPS = 800
"""Steps after which the search gives up: it then says that it does not know."""


class Undecided(Exception):
    """The search for rooms took too many steps."""


@define(eq=False)
class Giving:
    """A search for rooms at given places in time. The board of rooms is as before afterwards.

    `kept` sessions stay in their rooms; `tiers`: how many tiers the score has that tells equal changes apart.
    """

    rooms: RoomBoard
    standing: Standing
    kept: frozenset[int]
    tiers: int = 0
    _steps: int = 0
    _before: list[Rooms] = field(factory=list)

    def fewest(self, homeless: Sequence[int], most: int, least: int = 0) -> tuple[int, dict[int, Rooms]] | None:
        """Return the fewest changes and the new rooms that house some sessions, or None if `most` are not enough.

        That it takes `least` of them is known.

        Sessions have places in time and are in no room now; others may have to leave their rooms for them.
        Of equal changes the ones that cost least in the score are taken. Raises Undecided if that is too hard to tell.
        """
        self._before = list(self.rooms.rooms)
        groups = self._apart_in_time(homeless)
        total, found = 0, {}
        for group in groups:
            given = self._for_group(group, most - total, least if len(groups) == 1 else 0)
            if given is None:
                return None
            total += given[0]
            found.update(given[1])
        return max(total, least), found

    def _for_group(self, homeless: Sequence[int], most: int, least: int) -> tuple[int, dict[int, Rooms]] | None:
        """Do what `fewest` does for sessions that may be in the way of each other."""
        self._steps = 0
        rooms = self.rooms
        for budget in range(least, most + 1):
            best: list[tuple[tuple[int, ...], dict[int, Rooms]]] = []
            try:
                self._search(list(homeless), 0, {}, budget, best)
            except Undecided:
                for session, before in enumerate(self._before):
                    if rooms.rooms[session] != before:
                        rooms.leave(session)
                        rooms.take(session, before)
                raise
            if best:
                return budget, best[0][1]
        return None

    def _apart_in_time(self, sessions: Sequence[int]) -> list[list[int]]:
        """Return sessions in groups between which there is a time in which no session is in any room, or leaves one."""
        if len(sessions) < 2:
            return [list(sessions)]
        order, crowd = crowds(self.rooms, self.standing)
        crowd_of = dict(zip(order.tolist(), crowd.tolist(), strict=True))
        groups: dict[int, list[int]] = {}
        for session in sessions:
            groups.setdefault(crowd_of[session], []).append(session)
        return list(groups.values())

    def _search(
        self, waiting: list[int], owed: int, found: dict[int, Rooms], budget: int,
        best: list[tuple[tuple[int, ...], dict[int, Rooms]]],
    ) -> None:
        """Give rooms to those who wait, with changes up to a budget; the last `owed` of them surely change theirs."""
        board, standing = self.rooms, self.standing
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Undecided
        if best and not board.priced:
            return
        if not waiting:
            key = self._key(found)
            if not best or key < best[0][0]:
                best[:] = [(key, dict(found))]
            return
        session, rest = waiting[0], waiting[1:]
        due = min(owed, len(rest))
        variant, start = int(standing.variant[session]), int(standing.start[session])
        end = start + int(board.facts.variant_ticks[variant])
        for rooms in self._told_first(session, variant, start):
            left = budget - board.changes(session, rooms)
            if left < due:
                continue
            away: set[int] = set()
            for room in rooms:
                away.update(board.in_the_way(room, start, end, standing, session).tolist())
            if away & (self.kept | found.keys()):
                continue
            # Who is where told and has to go ends up elsewhere; who strays already may do so again for nothing.
            firm = {other for other in away if board.told[other] and board.rooms[other] == board.told[other]}
            left += sum(board.changes(other, board.rooms[other]) for other in away - firm)
            if left < due + len(firm):
                continue
            before = {other: board.leave(other) for other in away}
            board.take(session, rooms)
            found[session] = rooms
            self._search([*sorted(away - firm), *rest, *sorted(firm)], due + len(firm), found, left, best)
            del found[session]
            board.leave(session)
            for other, old in before.items():
                board.take(other, old)

    def _told_first(self, session: int, variant: int, start: int) -> Iterator[Rooms]:
        told, possible = self.rooms.told[session], choices(self.rooms, session, variant, start)
        yield from (own for own in possible if own == told)
        yield from (own for own in possible if own != told)

    def _key(self, found: dict[int, Rooms]) -> tuple[int, ...]:
        total = np.zeros(self.tiers, dtype=np.int64)
        for session, rooms in found.items():
            here = int(self.standing.variant[session]), int(self.standing.start[session])
            total += self.rooms.cost(session, rooms, *here, self.tiers)
            total -= self.rooms.cost(session, self._before[session], *here, self.tiers)
        return (*total.tolist(), *(room for s in sorted(found) for room in found[s]))


def crowds(rooms: RoomBoard, standing: Standing) -> tuple[Ints, Ints]:
    """Return all who have places in time, as they begin, and the number of the crowd of each.

    Between two crowds there is a time at which no session is in any room, nor has just left one.
    """
    placed = np.flatnonzero(standing.variant >= 0)
    order = placed[np.argsort(standing.start_minute[placed], kind="stable")]
    pause = rooms.facts.tick * int(rooms.changeover.max(initial=0))
    ends = np.maximum.accumulate(standing.end_minute[order] + pause)
    return order, np.cumsum(np.concatenate([[False], standing.start_minute[order][1:] >= ends[:-1]]))[: len(order)]


def choices(rooms: RoomBoard, session: int, variant: int, start: int) -> list[Rooms]:
    """Return the sets of rooms, as many as it needs, that a session may have at a place, whoever is in them."""
    there = [room for room in range(rooms.n_rooms) if rooms.open_at(session, room, variant, start)]
    return [own for own in combinations(there, rooms.need[session]) if rooms.suits(session, own)]
